package config

import (
	"strings"
	"testing"
)

func TestTheLongestTimesAreNoShorterThanTheDefaults(t *testing.T) {
	for _, args := range [][]string{
		{"--default-timeout=20m"}, {"--timeout-max=29s"}, {"--timeout-max=25h"}, {"--stream-timeout=30h"}, {"--stream-timeout-max=1h"}, {"--stream-timeout-max=-1s"},
	} {
		if _, err := Load(args, Environ{}); err == nil || !strings.Contains(err.Error(), "timeout-max") {
			t.Errorf("%q: %v", args, err)
		}
	}
	for _, args := range [][]string{
		{"--default-timeout=20m", "--timeout-max=20m"}, {"--stream-timeout=30h", "--stream-timeout-max=0"}, {"--stream-timeout=0"},
	} {
		load(t, args, Environ{})
	}
}
