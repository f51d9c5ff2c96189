package filewatch_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filewatch"
)

// TestWatcher: a change is applied within one interval, an error is reported once and keeps the old content in force, and
// content that was broken is applied when it is good again, even if it is what was in force before.
func TestWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		content, readErr := "a", error(nil)
		var events []string
		w := filewatch.Start(filewatch.Config{
			Read: func() ([][]byte, error) { return [][]byte{[]byte(content)}, readErr },
			Apply: func(files [][]byte) error {
				if string(files[0]) == "broken" {
					return errors.New("broken content")
				}
				return nil
			},
			Applied: func() { events = append(events, "applied "+content) },
			Failed:  func(err error) { events = append(events, err.Error()) },
		}, [][]byte{[]byte("a")})
		for _, step := range []struct {
			content string
			readErr error
			want    string
		}{
			{"a", nil, "[]"},
			{"b", nil, "[applied b]"},
			{"b", nil, "[]"},
			{"broken", nil, "[broken content]"},
			{"broken", nil, "[]"},
			{"", errors.New("unreadable"), "[unreadable]"},
			{"b", nil, "[applied b]"},
		} {
			content, readErr, events = step.content, step.readErr, nil
			time.Sleep(filewatch.Interval)
			synctest.Wait()
			if got := fmt.Sprint(events); got != step.want {
				t.Errorf("content %q, read error %v: events %s, want %s", step.content, step.readErr, got, step.want)
			}
		}
		w.Close()
		content, events = "c", nil
		time.Sleep(2 * filewatch.Interval)
		if len(events) != 0 {
			t.Errorf("closed, but %v", events)
		}
		w.Reload()
		if got := fmt.Sprint(events); got != "[applied c]" {
			t.Errorf("reload: events %s", got)
		}
	})
}
