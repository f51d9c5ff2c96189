package server_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// waiting is an upstream that answers no search until the caller has left.
type waiting struct {
	demanding

	ended chan error
}

func (w *waiting) KeywordSearch(ctx context.Context, _ *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	<-ctx.Done()
	w.ended <- ctx.Err()
	return nil, ctx.Err()
}

// TestLeavingAStreamOfStepsCancelsItsCalls that run.
func TestLeavingAStreamOfStepsCancelsItsCalls(t *testing.T) {
	w := &waiting{ended: make(chan error, 1)}
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	stream, err := zhaohuov1.NewComboServiceClient(serve(t, w)).StreamComparePrices(ctx, &zhaohuov1.ComparePricesRequest{Keyword: "a"})
	if err != nil {
		t.Fatal(err)
	}
	message, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if got := message.GetStep(); got.GetStep() != "keyword_search" || got.GetState() != zhaohuov1.ComboStepState_COMBO_STEP_STATE_STARTED ||
		got.GetUpstreamCallsLeft() != 6 {
		t.Errorf("the first step is %v", got)
	}
	leave()
	if err := <-w.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the call ended with %v", err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
		t.Errorf("the stream ended with %v", err)
	}
}

// TestStreamsOfStepsEndWithTheAnswer: each strategy has its stream.
func TestStreamsOfStepsEndWithTheAnswer(t *testing.T) {
	combos := zhaohuov1.NewComboServiceClient(serve(t, &demanding{}))
	image := &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: picture(t)}}
	type event interface{ GetStep() *zhaohuov1.ComboStep }
	for name, receive := range map[string]func() (func() (event, bool, error), error){
		"FindSource": func() (func() (event, bool, error), error) {
			stream, err := combos.StreamFindSource(t.Context(), &zhaohuov1.FindSourceRequest{Keyword: "a"})
			return func() (event, bool, error) {
				m, err := stream.Recv()
				return m, m.GetAnswer() != nil, err
			}, err
		},
		"ComparePrices": func() (func() (event, bool, error), error) {
			stream, err := combos.StreamComparePrices(t.Context(), &zhaohuov1.ComparePricesRequest{Keyword: "a"})
			return func() (event, bool, error) {
				m, err := stream.Recv()
				return m, m.GetAnswer() != nil, err
			}, err
		},
		"AnalyzeCompetitors": func() (func() (event, bool, error), error) {
			stream, err := combos.StreamAnalyzeCompetitors(t.Context(), &zhaohuov1.AnalyzeCompetitorsRequest{Image: image})
			return func() (event, bool, error) {
				m, err := stream.Recv()
				return m, m.GetAnswer() != nil, err
			}, err
		},
		"ExpandSelection": func() (func() (event, bool, error), error) {
			stream, err := combos.StreamExpandSelection(t.Context(), &zhaohuov1.ExpandSelectionRequest{Seeds: []string{"a"}})
			return func() (event, bool, error) {
				m, err := stream.Recv()
				return m, m.GetAnswer() != nil, err
			}, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			next, err := receive()
			if err != nil {
				t.Fatal(err)
			}
			steps, answered := 0, false
			for {
				message, isAnswer, err := next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil || answered || isAnswer == (message.GetStep() != nil) {
					t.Fatalf("after %d steps: %v, %v", steps, message, err)
				}
				answered = isAnswer
				steps++
			}
			if !answered || steps < 3 {
				t.Errorf("%d messages, answered: %v", steps, answered)
			}
		})
	}
}
