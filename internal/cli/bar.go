package cli

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
	"google.golang.org/protobuf/types/known/durationpb"
)

// bar shows the progress of a batch on a terminal.
type bar struct {
	on    *progressbar.ProgressBar
	words phrases
}

func newBar(w io.Writer, words phrases) *bar {
	screen, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(screen.Fd())) {
		return &bar{}
	}
	return &bar{progressbar.NewOptions(-1,
		progressbar.OptionSetWriter(screen), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetDescription(words.say("searching"))), words}
}

// show never fails a batch: errors of the display are ignored. left is nil if the remaining time is unknown.
func (b *bar) show(done, total, failed int32, rest *durationpb.Duration) {
	if b.on == nil {
		return
	}
	text := b.words.say("searching")
	if rest != nil {
		text = b.words.say("%s left", rest.AsDuration().Round(time.Second))
	}
	if failed > 0 {
		text += b.words.say(", %d failed", failed)
	}
	b.on.Describe(text)
	b.on.ChangeMax(int(max(total, 1)))
	_ = b.on.Set(int(done))
}

// clear removes the bar before a line of text.
func (b *bar) clear() {
	if b.on != nil {
		_ = b.on.Clear()
	}
}

func (b *bar) end() {
	if b.on != nil {
		_ = b.on.Clear()
		_ = b.on.Exit()
	}
}

// spinnerAfter is how long an answer may take before a spinner is shown.
const spinnerAfter = time.Second

// working shows a spinner on a terminal until the returned function is called.
func (s *session) working() (done func()) {
	screen, ok := s.Stderr.(*os.File)
	if !ok || !term.IsTerminal(int(screen.Fd())) {
		return func() {}
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-stop:
			return
		case <-time.After(spinnerAfter):
		}
		spinner := progressbar.NewOptions(-1, progressbar.OptionSetWriter(screen), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetDescription(s.words.working), progressbar.OptionSpinnerType(14), progressbar.OptionSetElapsedTime(true))
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			_ = spinner.Add(1) // Errors of the display are ignored.
			select {
			case <-stop:
				_ = spinner.Clear()
				_ = spinner.Exit()
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		close(stop)
		<-ended
	}
}
