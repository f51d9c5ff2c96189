package filewatch_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filewatch"
)

// TestWatcher: a change is applied within one interval, an error is reported once and keeps the old content in force, and
// content that was broken is applied when it is good again, even if it is what was in force before.
func TestWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // Guards what the watcher reads and reports.
		content, readErr := "a", error(nil)
		var events []string
		set := func(newContent string, newErr error) {
			mu.Lock()
			defer mu.Unlock()
			content, readErr, events = newContent, newErr, nil
		}
		reported := func(event string) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, event)
		}
		w := filewatch.Start(filewatch.Config{
			Read: func() ([][]byte, error) {
				mu.Lock()
				defer mu.Unlock()
				return [][]byte{[]byte(content)}, readErr
			},
			Apply: func(files [][]byte) error {
				if string(files[0]) == "broken" {
					return errors.New("broken content")
				}
				return nil
			},
			Applied: func() { reported("applied " + content) },
			Failed:  func(err error) { reported(err.Error()) },
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
			set(step.content, step.readErr)
			time.Sleep(filewatch.Interval)
			synctest.Wait()
			if got := fmt.Sprint(events); got != step.want {
				t.Errorf("content %q, read error %v: events %s, want %s", step.content, step.readErr, got, step.want)
			}
		}
		w.Close()
		set("c", nil)
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
