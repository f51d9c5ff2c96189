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
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetDescription(words.say("searching")),
		// It is drawn by our calls. A goroutine of its own would read its state without a lock.
		progressbar.OptionSetSpinnerChangeInterval(0)), words}
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

// spinner shows on a terminal that a command waits, in one line. Without a terminal it shows nothing.
type spinner struct {
	screen *os.File
	// says is the latest text.
	says        chan string
	stop, ended chan struct{}
}

// working shows a spinner until its end is called.
func (s *session) working() *spinner {
	screen, ok := s.Stderr.(*os.File)
	if !ok || !term.IsTerminal(int(screen.Fd())) {
		return &spinner{}
	}
	w := &spinner{screen: screen, says: make(chan string), stop: make(chan struct{}), ended: make(chan struct{})}
	go w.turn(s.words.working)
	return w
}

func (w *spinner) turn(text string) {
	defer close(w.ended)
	wait := time.NewTimer(spinnerAfter)
	defer wait.Stop()
	for waiting := true; waiting; {
		select {
		case <-w.stop:
			return
		case text = <-w.says:
		case <-wait.C:
			waiting = false
		}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(w.screen), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetDescription(text), progressbar.OptionSpinnerType(14), progressbar.OptionSetElapsedTime(true),
		progressbar.OptionSetSpinnerChangeInterval(0)) // It turns by our ticks. With its own it would go on after its end.
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		_ = bar.Add(1) // Errors of the display are ignored.
		select {
		case <-w.stop:
			_ = bar.Clear()
			_ = bar.Exit()
			return
		case text = <-w.says:
			_ = bar.Clear() // The next text may be shorter.
			bar.Describe(text)
		case <-tick.C:
		}
	}
}

// say replaces the text.
func (w *spinner) say(text string) {
	if w.screen == nil {
		return
	}
	select {
	case w.says <- text:
	case <-w.ended:
	}
}

// end removes the spinner.
func (w *spinner) end() {
	if w.screen != nil {
		close(w.stop)
		<-w.ended
	}
}
