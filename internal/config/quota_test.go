package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

func TestAPILimits(t *testing.T) {
	for _, c := range []struct {
		given string
		want  map[string]config.APILimit
		wrong string
	}{
		{"", map[string]config.APILimit{}, ""},
		{"a:b-1=2, c=0.5/5000", map[string]config.APILimit{"a:b-1": {PerSecond: 2}, "c": {PerSecond: 0.5, PerDay: 5000}}, ""},
		{"a", nil, `"a" is not of the form API=QPS[/DAILY]`},
		{"=1", nil, `"=1" is not of the form API=QPS[/DAILY]`},
		{"a=x", nil, `"a=x": "x" is not a number of calls a second`},
		{"a=-1", nil, `"a=-1": "-1" is not a number of calls a second`},
		{"a=NaN", nil, `"a=NaN": "NaN" is not a number of calls a second`},
		{"a=1/1.5", nil, `"a=1/1.5": "1.5" is not a number of calls a day`},
		{"a=1,a=2", nil, "a occurs twice"},
	} {
		got, err := config.Quota{PerAPI: c.given}.APILimits()
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.given, diff)
		}
		if (err == nil) != (c.wrong == "") || (err != nil && err.Error() != c.wrong) {
			t.Errorf("%q: %v, want %s", c.given, err, c.wrong)
		}
	}
}
