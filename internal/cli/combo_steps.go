package cli

import (
	"errors"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// comboEvent is a message of a combo's stream: a step, or the answer A.
type comboEvent[A, M any] interface {
	*M
	GetStep() *zhaohuov1.ComboStep
	GetAnswer() A
}

// afterSteps reads a combo's stream, calls show with each step, and returns the answer.
func afterSteps[A comboAnswer, M any, E comboEvent[A, M]](stream grpc.ServerStreamingClient[M], show func(*zhaohuov1.ComboStep)) (A, error) {
	var answer A
	answered := false
	for {
		message, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && answered:
			return answer, nil
		case errors.Is(err, io.EOF):
			return answer, status.Error(codes.Internal, "the server sent no answer")
		case err != nil:
			return answer, err
		}
		if step := E(message).GetStep(); step != nil {
			show(step)
			continue
		}
		answer, answered = E(message).GetAnswer(), true
	}
}

// stepText says in one line what a combo does, and what it has spent.
func (s *session) stepText(step *zhaohuov1.ComboStep) string {
	spent, left := step.GetUpstreamCallsSpent(), step.GetUpstreamCallsLeft()
	return s.words.say("%s; %d of %s spent", s.stepName(step.GetStep()), spent, counted(s.words, spent+left, "upstream call", "upstream calls"))
}

// stepName says what a step does; a step that this program does not know is shown by its name.
func (s *session) stepName(step string) string {
	name, _, _ := strings.Cut(step, " of ")
	switch name {
	case "keyword_search":
		return s.words.say("searching by words")
	case "image_search":
		return s.words.say("searching by image")
	case "measure_likeness":
		return s.words.say("comparing images")
	case "get_product":
		return s.words.say("asking for details")
	case "related":
		return s.words.say("asking for related goods")
	case "top_keywords":
		return s.words.say("asking for words of buyers")
	case "estimate_freight":
		return s.words.say("asking for freight")
	}
	if text := trendStepName(name); text != "" {
		return s.words.say(text)
	}
	return plain(name)
}
