package app

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	seriesForm = regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})? \S+$`)
	labelForm  = regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\.)*)"`)
	matchForm  = regexp.MustCompile(`([a-z_]+)(=~|!=|=)"([^"]*)"`)
)

// scrape holds what /metrics gives: the labels of each series, by the name of its metric.
type scrape map[string][]map[string]string

func scrapeOf(t *testing.T, a *App) scrape {
	t.Helper()
	code, body := getOps(t, a, "/metrics")
	if code != 200 {
		t.Fatalf("HTTP %d:\n%s", code, body)
	}
	all := scrape{}
	for line := range strings.Lines(body) {
		series := seriesForm.FindStringSubmatch(strings.TrimSpace(line))
		if series == nil {
			continue // A comment.
		}
		labels := map[string]string{}
		for _, label := range labelForm.FindAllStringSubmatch(series[2], -1) {
			labels[label[1]] = label[2]
		}
		all[series[1]] = append(all[series[1]], labels)
	}
	return all
}

// selection is a metric in an expression, with one matcher for each of some labels.
type selection struct {
	metric   string
	matchers map[string]*regexp.Regexp
}

// selections are those of an expression. A matcher with alternatives makes several: each of them must match something. What Prometheus
// itself adds, and "is not", are left out.
func selections(expr string) []selection {
	var all []selection
	for _, match := range metricName.FindAllStringSubmatch(expr, -1) {
		some := []selection{{match[1], map[string]*regexp.Regexp{}}}
		for _, matcher := range matchForm.FindAllStringSubmatch(match[2], -1) {
			label, kind, value := matcher[1], matcher[2], matcher[3]
			if kind == "!=" || label == "job" || label == "instance" {
				continue
			}
			values := []string{regexp.QuoteMeta(value)}
			if kind == "=~" {
				values = strings.Split(value, "|")
			}
			var more []selection
			for _, one := range some {
				for _, value := range values {
					matchers := map[string]*regexp.Regexp{label: regexp.MustCompile("^(?:" + value + ")$")}
					for other, pattern := range one.matchers {
						matchers[other] = pattern
					}
					more = append(more, selection{one.metric, matchers})
				}
			}
			some = more
		}
		all = append(all, some...)
	}
	return all
}

// check refuses a metric of an expression that the scrape does not have. Those in but must be absent: the reason for which they are there
// holds no longer otherwise.
func (s scrape) check(t *testing.T, what, expr string, but map[string]string) {
	t.Helper()
	for _, want := range selections(expr) {
		_, excepted := but[want.metric]
		has := slices.ContainsFunc(s[want.metric], func(labels map[string]string) bool {
			for label, pattern := range want.matchers {
				if !pattern.MatchString(labels[label]) {
					return false
				}
			}
			return true
		})
		if has == excepted {
			t.Errorf("%s: %s %v is in /metrics: %v (it needs: %q)", what, want.metric, want.matchers, has, but[want.metric])
		}
	}
}
