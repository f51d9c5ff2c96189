package cli

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

func TestSearchAll(t *testing.T) {
	live := &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE}
	one := &zhaohuov1.StreamKeywordSearchResponse{Products: []*zhaohuov1.Product{{Id: "1", Title: "a"}}, Page: 1, Meta: live}
	two := &zhaohuov1.StreamKeywordSearchResponse{Products: []*zhaohuov1.Product{{Id: "2", Title: "b"}}, Page: 2, Meta: live}
	end := func(why zhaohuov1.StreamEndReason) *zhaohuov1.StreamKeywordSearchResponse {
		return &zhaohuov1.StreamKeywordSearchResponse{Page: 2, EndReason: why, Meta: live}
	}
	table := "ID  TITLE  PRICE  MOQ  SOLD  REPURCHASE  SUPPLIER  BADGES\n1   a          -    -     -           -  -         -\n2   b          -    -     -           -  -         -\n"
	row := func(id, title string) string { return id + "," + title + ",,,,,,,,,,false,,,,,,,,,,,,LIVE\n" }
	type messages = []*zhaohuov1.StreamKeywordSearchResponse
	for name, test := range map[string]struct {
		messages messages
		err      error
		args     []string
		want     outcome
	}{
		"table": {
			messages{one, two, end(zhaohuov1.StreamEndReason_STREAM_END_REASON_TOTAL)},
			nil, nil,
			outcome{0, table + "2 goods: these are all; source LIVE\n", ""},
		},
		"cut off": {
			messages{one, two, end(zhaohuov1.StreamEndReason_STREAM_END_REASON_MAX_RESULTS)},
			nil,
			[]string{"--max=2"},
			outcome{0, table + "2 goods: there are more: --max cut them off; source LIVE\n", ""},
		},
		"csv": {
			messages{one, two, end(zhaohuov1.StreamEndReason_STREAM_END_REASON_WINDOW)},
			nil,
			[]string{"-o", "csv"},
			outcome{0, strings.Join(csvHeader, ",") + "\n" + row("1", "a") + row("2", "b"), "zhaohuo: there may be more than can be paged to\n"},
		},
		"nothing": {
			messages{end(zhaohuov1.StreamEndReason_STREAM_END_REASON_EMPTY_PAGE)}, nil, nil, outcome{0, "0 goods: these are all; source LIVE\n", ""},
		},
		"fails halfway": {
			messages{one, two},
			status.Error(codes.Unavailable, "broken"), nil,
			outcome{exitLater, table + "2 goods: incomplete; source LIVE\n", "error: UNAVAILABLE: broken\n  request id r-1\n"},
		},
		"fails at once": {nil, status.Error(codes.InvalidArgument, "no"), nil, outcome{exitUsage, "", "error: INVALID_ARGUMENT: no\n  request id r-1\n"}},
		"a page":        {nil, nil, []string{"--page=2"}, outcome{exitUsage, "", "error: --page and --all do not go together\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &streamServer{messages: test.messages, searchServer: searchServer{err: test.err}}
			got := run(t, nil, append([]string{"search", "x", "--all", "--addr", serveSearch(t, w)}, test.args...)...)
			if diff := gocmp.Diff(test.want, got, gocmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := run(t, nil, "search", "x", "--max=2"); got != (outcome{exitUsage, "", "error: --max needs --all\n"}) {
		t.Errorf("%+v", got)
	}
	w := &streamServer{silent: true}
	got := run(t, nil, "search", "x", "--all", "--timeout=50ms", "--addr", serveSearch(t, w))
	if got.code != exitLater || !strings.HasPrefix(got.stderr, "error: DEADLINE_EXCEEDED: the server said nothing for 50ms\n") {
		t.Errorf("%+v", got)
	}
}
