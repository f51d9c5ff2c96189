package combo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// upstreamFaults are the possible failures of the upstream.
var upstreamFaults = []fault.Kind{
	fault.UpstreamUnavailable, fault.UpstreamTimeout, fault.UpstreamThrottled, fault.UpstreamQuotaExhausted,
	fault.UpstreamTokenInvalid, fault.UpstreamPermissionDenied, fault.UpstreamIPNotAllowed, fault.UpstreamCredentialsInvalid,
	fault.UpstreamAPIUnknown, fault.UpstreamClockSkew, fault.UpstreamAnswerUnreadable, fault.UpstreamAnswerTooLarge,
	fault.UpstreamArgumentRefused, fault.UpstreamRefused, fault.UpstreamImageRefused, fault.UpstreamImageForgotten,
	fault.QuotaWaitTooLong, fault.QuotaQueueFull, fault.QuotaStoreUnavailable, fault.BudgetExhausted, fault.DeadlineExceeded,
}

func TestFindSourceKeepsWhatWasFound(t *testing.T) {
	for _, kind := range upstreamFaults {
		for name, row := range map[string]struct {
			fails       []string
			failures    []string // %s is the reason
			groups      [][]string
			unconfirmed []string
		}{
			"one image": {
				fails: []string{"pic:21"}, failures: []string{"image_search of 21: %s"},
				groups: [][]string{{"12", "11", "13"}}, unconfirmed: []string{"21"},
			},
			"the image that leads on": {
				fails: []string{"pic:11"}, failures: []string{"image_search of 11: %s"},
				groups: [][]string{{"11", "13"}}, unconfirmed: []string{"21"},
			},
			"all images": {
				fails: []string{"pic:11", "pic:21"}, failures: []string{"image_search of 11: %s", "image_search of 21: %s"},
				unconfirmed: []string{"11", "21"},
			},
			"one look": {
				fails: []string{"look pic:12"}, failures: []string{"measure_likeness of 12: %s"},
				groups: [][]string{{"11", "13"}}, unconfirmed: []string{"21", "12"},
			},
			"two looks": {
				fails: []string{"look pic:12", "look pic:11"}, failures: []string{"measure_likeness of 11, 12: %s"},
				unconfirmed: []string{"11", "21", "12", "13"},
			},
		} {
			t.Run(kind.String()+"/"+name, func(t *testing.T) {
				w := mugs()
				for _, what := range row.fails {
					w.fails[what] = fault.New(kind, "made to fail")
				}
				answer := find(t, w, &zhaohuov1.FindSourceRequest{Keyword: "mug"})
				var want []string
				for _, f := range row.failures {
					want = append(want, fmt.Sprintf(f, kind))
				}
				if diff := cmp.Diff(want, failed(answer.GetPartialFailures())); diff != "" {
					t.Errorf("failures: %s", diff)
				}
				groups, unconfirmed := groupsOf(answer)
				if diff := cmp.Diff(row.groups, groups); diff != "" {
					t.Errorf("groups: %s", diff)
				}
				if diff := cmp.Diff(row.unconfirmed, unconfirmed); diff != "" {
					t.Errorf("unconfirmed: %s", diff)
				}
				if got := int(answer.GetMeta().GetUpstreamCalls()); got != w.calls {
					t.Errorf("%d calls reported, %d made", got, w.calls)
				}
			})
		}
		t.Run(kind.String()+"/everything", func(t *testing.T) {
			w := mugs()
			w.show("mug", "own")
			w.fails["mug"] = fault.New(kind, "made to fail first")
			w.fails["own"] = fault.New(fault.UpstreamRefused, "made to fail second")
			_, err := FindSource(t.Context(), w.ports(), &zhaohuov1.FindSourceRequest{Keyword: "mug"})
			f, ok := fault.As(err)
			if !ok || f.Kind != kind || f.Detail != "made to fail first" || fault.CallsOf(f) != 3 {
				t.Errorf("got %+v", f)
			}
		})
		t.Run(kind.String()+"/the words, not the image", func(t *testing.T) {
			w := mugs()
			w.show("mug", "own")
			w.byPicture["own"] = w.byPicture["pic:11"]
			w.fails["mug"] = fault.New(kind, "made to fail")
			answer := find(t, w, &zhaohuov1.FindSourceRequest{Keyword: "mug"})
			if diff := cmp.Diff([]string{"keyword_search: " + kind.String()}, failed(answer.GetPartialFailures())); diff != "" {
				t.Error(diff)
			}
			groups, _ := groupsOf(answer)
			if diff := cmp.Diff([][]string{{"12", "11", "13"}}, groups); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFindSourceObeysItsBudget(t *testing.T) {
	for budget, want := range map[int32]struct {
		failures []string
		asked    []string
	}{
		2: {[]string{"image_search: BUDGET_EXHAUSTED", "image_search of 21: BUDGET_EXHAUSTED"}, []string{"mug", "pic:11"}},
		3: {[]string{"image_search of 11: BUDGET_EXHAUSTED"}, []string{"mug", "own"}},
		4: {nil, []string{"mug", "own", "pic:11"}},
	} {
		w := mugs()
		w.show("mug", "own")
		w.byPicture["own"] = []*zhaohuov1.Product{offer("11", "Anhe", 12)}
		if budget == 2 {
			// The caller's image could not be compared: the words decide.
			w.fails["look own"] = fault.New(fault.ImageExpired, "gone")
			want.failures = append(want.failures, "measure_likeness of caller: IMAGE_EXPIRED")
		}
		answer := find(t, w, &zhaohuov1.FindSourceRequest{Keyword: "mug", MaxUpstreamCalls: &budget, VerifyImages: proto.Int32(2)})
		if diff := cmp.Diff(want.failures, failed(answer.GetPartialFailures())); diff != "" {
			t.Errorf("budget %d: %s", budget, diff)
		}
		slices.Sort(w.asked)
		if diff := cmp.Diff(want.asked, w.asked); diff != "" {
			t.Errorf("budget %d: asked: %s", budget, diff)
		}
		allowed := 0
		for _, n := range w.least {
			allowed += n
		}
		if allowed > int(budget) || answer.GetMeta().GetUpstreamCalls() > budget {
			t.Errorf("budget %d: %d allowed, %d made", budget, allowed, answer.GetMeta().GetUpstreamCalls())
		}
	}
}

// TestTimingDoesNotMatter repeats the request with different delays of every question and image.
func TestTimingDoesNotMatter(t *testing.T) {
	ask := func(t *testing.T, seed uint64) *zhaohuov1.FindSourceResponse {
		w := mugs()
		w.show("mug", "own")
		w.byPicture["own"] = []*zhaohuov1.Product{offer("13", "Deda", 0), offer("12", "Cheng", 9)}
		w.fails["pic:13"] = fault.New(fault.UpstreamTimeout, "made to fail")
		w.shuffle = rand.New(rand.NewPCG(seed, 1))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		answer, err := FindSource(ctx, w.ports(), &zhaohuov1.FindSourceRequest{Keyword: "mug"})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	synctest.Test(t, func(t *testing.T) {
		first := ask(t, 0)
		for seed := range uint64(200) {
			if diff := cmp.Diff(first, ask(t, seed+1), protocmp.Transform(), protocmp.IgnoreFields(first, "meta")); diff != "" {
				t.Fatalf("seed %d: %s", seed+1, diff)
			}
		}
	})
}

// TestPicturesThatHangLeaveTimeToAnswer: if no image arrives, the answer comes before the deadline and says so.
func TestPicturesThatHangLeaveTimeToAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mugs().ports()
		p.Pictures = hanging{}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		answer, err := FindSource(ctx, p, &zhaohuov1.FindSourceRequest{Keyword: "mug"})
		if err != nil || ctx.Err() != nil {
			t.Fatalf("got %v, %v", err, ctx.Err())
		}
		want := []string{"measure_likeness of 11, 21, 12, 13: DEADLINE_EXCEEDED"}
		if diff := cmp.Diff(want, failed(answer.GetPartialFailures())); diff != "" {
			t.Error(diff)
		}
	})
}

type hanging struct{}

func (hanging) Look(ctx context.Context, _ Picture) (Look, error) {
	<-ctx.Done()
	return Look{}, fault.New(fault.DeadlineExceeded, "the deadline ended")
}

func (hanging) Print(ctx context.Context, _ Picture) (Print, error) {
	<-ctx.Done()
	return nil, fault.New(fault.DeadlineExceeded, "the deadline ended")
}
