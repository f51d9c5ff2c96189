package gateway

import (
	"net/url"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestDurationsInQueries are accepted as JSON writes them, by both names of the field; nothing else is.
func TestDurationsInQueries(t *testing.T) {
	for text, want := range map[string]*durationpb.Duration{
		"60s": {Seconds: 60}, "1.5s": {Seconds: 1, Nanos: 5e8}, "0s": {}, "-1s": {Seconds: -1}, // The contract's rules check the sign.
	} {
		for _, name := range []string{"maxStaleness", "max_staleness"} {
			got := &zhaohuov1.KeywordSearchRequest{}
			if err := readQuery(got, url.Values{name: {text}}, nil); err != nil || !proto.Equal(got.GetMaxStaleness(), want) {
				t.Errorf("%s=%s: %v, %v; want %v", name, text, got.GetMaxStaleness(), err, want)
			}
		}
	}
	for _, text := range []string{"", "60", "1m", "s", "60 s", `"60s"`, "null", "1e3s", "300000000000s", "NaN", "\xff"} {
		got := &zhaohuov1.KeywordSearchRequest{}
		if err := readQuery(got, url.Values{"maxStaleness": {text}}, nil); err == nil {
			t.Errorf("%q is read as %v", text, got.GetMaxStaleness())
		}
	}
	if err := readQuery(&zhaohuov1.KeywordSearchRequest{}, url.Values{"maxStaleness.seconds": {"60"}}, nil); err == nil {
		t.Error("a part of a duration is accepted")
	}
}
