package limiter

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
)

// How the ledger handles a slow or failing file.
const (
	// ledgerWait is how long a call waits for its count to be written. ledgerWaitDay applies where a daily limit
	// depends on the count, which other processes may share in the same file. After that the call goes on, and later
	// calls do not wait until the file answers again.
	ledgerWait    = 100 * time.Millisecond
	ledgerWaitDay = 3 * time.Second
	// ledgerRetry is the pause before a failed file is tried again, and the interval of lazy writes.
	ledgerRetry = time.Second
)

// Ledger counts the calls of each calendar day, for the App Key and for each API. It also stores the time of the last
// commit and the learned margin. With a file all of it survives a restart, and processes that share the file share the
// count. A failing file costs no call: the ledger reports it, counts in memory, and writes the count when the file
// works again.
type Ledger struct {
	file *ledgerFile // nil: in memory only
	// lazy ledgers are written once a second: nothing is limited, so nothing depends on the last second.
	lazy    bool
	onError func(error)

	mu     sync.Mutex
	counts map[account]int64
	// unwritten are the parts of the counts that the file does not have yet.
	unwritten map[account]int64
	// margin is the learned margin. last is the latest time at which a call may have been sent; lastKnown reports
	// whether it is set.
	margin    margin
	last      time.Time
	lastKnown bool
	// committed is the time of the last commit, open the number of counted calls that may still be sent.
	committed time.Time
	open      int
	// writing is closed when the present write ends; nil when there is none.
	writing chan struct{}
	retryAt time.Time
	written time.Time
	failing bool
}

// account is one row of the ledger. The API is empty for the App Key. Each day has its own row, so a clock that was
// wrong and is corrected finds the old count.
type account struct {
	api string
	day int64
}

// entry is the content of one write to the file.
type entry struct {
	// add is added to the rows, but no row ends below known. known has every row.
	add, known map[account]int64
	// limits are the most calls of the rows that must not be exceeded.
	limits map[account]int64
	// last is written where it is later than the stored time, or always with exactly.
	last    time.Time
	exactly bool
	margin  margin
}

// NewLedger returns a ledger in memory only.
func NewLedger() *Ledger {
	return &Ledger{counts: map[account]int64{}, unwritten: map[account]int64{}, onError: func(error) {}}
}

// marginOver is the learned margin on top of the least one.
func (l *Ledger) marginOver(least float64) margin {
	m := l.margin
	m.least = least
	return m
}

// learned stores a margin.
func (l *Ledger) learned(m margin) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.margin = m
	l.retryAt = time.Time{}
	l.write(time.Now(), nil, true)
}

// Last is the latest time at which a call may have been sent before the ledger was opened; known is false where there
// is no record of it.
func (l *Ledger) Last() (last time.Time, known bool) { return l.last, l.lastKnown }

// seed sets the count of a day from another source. The api is empty for the App Key.
func (l *Ledger) seed(now time.Time, api string, used int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[account{api, chinaday.Number(now)}] = used
}

// used returns the day's calls, of the App Key and of one API.
func (l *Ledger) used(now time.Time, api string) (app, one int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	app = l.counts[account{"", chinaday.Number(now)}]
	if api != "" {
		one = l.counts[account{api, chinaday.Number(now)}]
	}
	return app, one
}

// Used returns the day's calls of one API.
func (l *Ledger) Used(now time.Time, api string) int64 {
	_, one := l.used(now, api)
	return one
}

// reach is whose calls the ledger counts.
func (l *Ledger) reach() Reach {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return OneProcess
	}
	return OneFile
}

// full reports whether the day's calls were used up at the last count. The api is empty for the App Key.
func (l *Ledger) full(now time.Time, api string, perDay int64) bool {
	if perDay <= 0 {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[account{api, chinaday.Number(now)}] >= perDay
}

// Add counts one call that is sent no later than last, or returns whose daily limit is reached: then it counted
// nothing. A maximum of 0 is no limit.
func (l *Ledger) Add(now time.Time, api string, last time.Time, appMax, apiMax int64) (full Scope, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	day := chinaday.Number(now)
	lines := []account{{"", day}, {api, day}}
	limits := map[account]int64{}
	for i, limit := range []int64{appMax, apiMax} {
		if limit <= 0 {
			continue
		}
		if l.counts[lines[i]] >= limit {
			return Scope(i), false
		}
		limits[lines[i]] = limit
	}
	for _, line := range lines {
		l.counts[line]++
		l.unwritten[line]++
	}
	l.last, l.lastKnown = latest(l.last, last), true
	l.open++
	over, refused := l.write(now, limits, !l.lazy)
	if !refused {
		return App, true
	}
	l.open--
	for _, line := range lines {
		l.counts[line]--
		l.unwritten[line]--
	}
	l.counts[over] = max(l.counts[over], limits[over])
	if over == lines[0] {
		return App, false
	}
	return API, false
}

// Remove takes back a call that was not sent.
func (l *Ledger) Remove(day int64, api string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range []account{{"", day}, {api, day}} {
		l.counts[line]--
		l.unwritten[line]--
	}
	l.open--
	l.write(time.Now(), nil, false)
}

// Committed records that a counted call was sent.
func (l *Ledger) Committed(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.committed = latest(l.committed, now)
	l.open--
}

// write updates the file, if there is one, and waits a short time for it. It returns the row whose limit is reached in
// the file, if any: then it wrote nothing.
func (l *Ledger) write(now time.Time, limits map[account]int64, soon bool) (over account, refused bool) {
	if l.file == nil || now.Before(l.retryAt) || !soon && (l.writing != nil || now.Sub(l.written) < ledgerRetry) {
		return account{}, false
	}
	wait := ledgerWait
	if len(limits) > 0 {
		wait = ledgerWaitDay
	}
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	if l.writing != nil && (len(limits) == 0 || !l.await(l.writing, timeout.C)) {
		return account{}, false
	}
	if l.writing != nil || l.file == nil {
		return account{}, false // Another call wrote first, or the ledger was closed.
	}
	w := &ledgerWrite{done: make(chan struct{}), waited: true, at: now, entry: entry{
		add: maps.Clone(l.unwritten), known: maps.Clone(l.counts), limits: limits, last: l.last, margin: l.margin,
	}}
	l.writing = w.done
	go l.runWrite(w)
	l.await(w.done, timeout.C)
	w.waited = false
	return w.over, w.refused
}

// ledgerWrite is a write in progress.
type ledgerWrite struct {
	entry
	at   time.Time
	done chan struct{}
	// waited: a call still waits for the result.
	waited  bool
	over    account
	refused bool
}

// await waits for a write to end, with the lock released, and reports whether it ended in time. It does not wait for a
// failing file.
func (l *Ledger) await(done chan struct{}, timeout <-chan time.Time) bool {
	if l.failing {
		return false
	}
	l.mu.Unlock()
	defer l.mu.Lock()
	select {
	case <-done:
		return true
	case <-timeout:
		return false
	}
}

func (l *Ledger) runWrite(w *ledgerWrite) {
	got, full, err := l.file.write(w.at, w.entry)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		l.failed(err)
	case full != nil:
		w.over, w.refused = *full, w.waited
	default:
		l.written = w.at
		l.wrote(w.entry, got)
	}
	l.writing = nil
	close(w.done)
}

// wrote takes over the counts that the file has now.
func (l *Ledger) wrote(e entry, got map[account]int64) {
	l.failing = false
	for line, n := range got {
		l.unwritten[line] -= e.add[line]
		l.counts[line] = n + l.unwritten[line]
		if l.unwritten[line] == 0 {
			delete(l.unwritten, line)
		}
	}
}

// failed reports the first of several failures in a row.
func (l *Ledger) failed(err error) {
	l.retryAt = time.Now().Add(ledgerRetry)
	if !l.failing {
		l.onError(fmt.Errorf("%s: today's calls are counted in memory only: %w", l.file.path, err))
	}
	l.failing = true
}

// unwrittenOn returns the day's calls that no file has: all of them since the start, where there is no file.
func (l *Ledger) unwrittenOn(now time.Time) map[string]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := map[string]int64{}
	for line, added := range l.unwritten {
		if line.day == chinaday.Number(now) {
			n[line.api] = added
		}
	}
	return n
}

// Close writes what is not written yet.
func (l *Ledger) Close() error {
	l.mu.Lock()
	writing := l.writing
	l.mu.Unlock()
	if writing != nil {
		<-writing
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	e := entry{add: maps.Clone(l.unwritten), known: l.counts, last: l.last, margin: l.margin}
	if l.open <= 0 && !l.committed.IsZero() {
		e.last, e.exactly = l.committed, true // No call can be sent after this.
	}
	_, _, err := l.file.write(time.Now(), e)
	err = errors.Join(err, l.file.close())
	l.file = nil
	return err
}
