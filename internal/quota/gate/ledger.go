package gate

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// How the ledger lives with a slow or failing file.
const (
	// ledgerWait is how long a call waits for its count to be written, and ledgerWaitDay how long where a limit a day
	// depends on it, which other processes may count on in the same file. After that it goes on, and later calls do not wait
	// until the file answers again.
	ledgerWait    = 100 * time.Millisecond
	ledgerWaitDay = 3 * time.Second
	// ledgerAgain is how often a file that failed is tried again, and one that is written lazily is written.
	ledgerAgain = time.Second
)

// Ledger counts the calls of each calendar day, for the App Key and for each API, and keeps the time of the last departure
// and the learned margin. With a file all that survives a restart, and processes that share the file share the count. A file
// that fails costs no call: counting goes on in memory, the failure is told, and the count is written when the file works
// again.
type Ledger struct {
	file *ledgerFile // nil: in memory only
	// lazy ledgers are written once a second: nothing is limited, so nothing depends on the last second.
	lazy bool
	tell func(error)

	mu     sync.Mutex
	counts map[account]int64
	// unwritten are the parts of the counts that the file does not have yet.
	unwritten map[account]int64
	// margin is what was learned, last the latest time at which a call may have left; known tells that last says something.
	margin margin
	last   time.Time
	known  bool
	// left is the last departure itself, open how many counted calls may leave still.
	left time.Time
	open int
	// writing is closed when the write under way is over; nil when there is none.
	writing chan struct{}
	again   time.Time
	written time.Time
	failing bool
}

// account is one line of the ledger. The API is empty for the App Key. Each day has a line of its own, so a clock that goes
// wrong and is put right finds the count it had.
type account struct {
	api string
	day int64
}

// entry is what one write brings to the file.
type entry struct {
	// add is added to its lines, but no line is less than known afterwards. The known ones are all there are.
	add, known map[account]int64
	// limits are the most calls of lines that must not be passed.
	limits map[account]int64
	// last is written where it is later than what is there, or exactly.
	last    time.Time
	exactly bool
	margin  margin
}

// NewLedger returns a ledger in memory only.
func NewLedger() *Ledger {
	return &Ledger{counts: map[account]int64{}, unwritten: map[account]int64{}, tell: func(error) {}}
}

// marginOver is what was learned, on top of the least.
func (l *Ledger) marginOver(least float64) margin {
	m := l.margin
	m.least = least
	return m
}

// learned keeps a margin.
func (l *Ledger) learned(m margin) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.margin = m
	l.again = time.Time{}
	l.write(time.Now(), nil, true)
}

// Last is the latest time at which a call may have left before the ledger was opened. Where that is not known, known is false.
func (l *Ledger) Last() (last time.Time, known bool) { return l.last, l.known }

// seed sets the count of a day, where it is known from elsewhere. The api is empty for the App Key.
func (l *Ledger) seed(now time.Time, api string, used int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[account{api, dayOf(now)}] = used
}

// used tells the day's calls, of the App Key and of one API.
func (l *Ledger) used(now time.Time, api string) (app, one int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	app = l.counts[account{"", dayOf(now)}]
	if api != "" {
		one = l.counts[account{api, dayOf(now)}]
	}
	return app, one
}

// full tells whether the day's calls were used up when last counted. The api is empty for the App Key.
func (l *Ledger) full(now time.Time, api string, perDay int64) bool {
	if perDay <= 0 {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[account{api, dayOf(now)}] >= perDay
}

// Add counts one call that leaves no later than last, or says whose day is full: then nothing was counted. A maximum of 0 is
// none.
func (l *Ledger) Add(now time.Time, api string, last time.Time, appMax, apiMax int64) (full Scope, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	day := dayOf(now)
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
	l.last, l.known = latest(l.last, last), true
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

// Remove takes back a call that did not leave.
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

// Left tells that a counted call left.
func (l *Ledger) Left(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left = latest(l.left, now)
	l.open--
}

// write brings the file up to date, if it is there, and waits a little for that. It gives the line whose limit is reached in
// the file, where there is one: then nothing was written.
func (l *Ledger) write(now time.Time, limits map[account]int64, soon bool) (over account, refused bool) {
	if l.file == nil || now.Before(l.again) || !soon && (l.writing != nil || now.Sub(l.written) < ledgerAgain) {
		return account{}, false
	}
	patience := ledgerWait
	if len(limits) > 0 {
		patience = ledgerWaitDay
	}
	enough := time.NewTimer(patience)
	defer enough.Stop()
	if l.writing != nil && (len(limits) == 0 || !l.await(l.writing, enough.C)) {
		return account{}, false
	}
	if l.writing != nil || l.file == nil {
		return account{}, false // Another call was quicker, or the ledger was closed.
	}
	w := &ledgerWrite{done: make(chan struct{}), waited: true, at: now, entry: entry{
		add: maps.Clone(l.unwritten), known: maps.Clone(l.counts), limits: limits, last: l.last, margin: l.margin,
	}}
	l.writing = w.done
	go l.carryOut(w)
	l.await(w.done, enough.C)
	w.waited = false
	return w.over, w.refused
}

// ledgerWrite is a write under way.
type ledgerWrite struct {
	entry
	at   time.Time
	done chan struct{}
	// waited: somebody waits for what comes of it still.
	waited  bool
	over    account
	refused bool
}

// await waits for a write to be over, with the lock given up, and tells whether it was in time. A file that fails is not
// waited for.
func (l *Ledger) await(done chan struct{}, enough <-chan time.Time) bool {
	if l.failing {
		return false
	}
	l.mu.Unlock()
	defer l.mu.Lock()
	select {
	case <-done:
		return true
	case <-enough:
		return false
	}
}

func (l *Ledger) carryOut(w *ledgerWrite) {
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

// wrote takes over what the file has now.
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

// failed tells of the first of a row of failures.
func (l *Ledger) failed(err error) {
	l.again = time.Now().Add(ledgerAgain)
	if !l.failing {
		l.tell(fmt.Errorf("%s: today's calls are counted in memory only: %w", l.file.path, err))
	}
	l.failing = true
}

// counted tells the calls that no file has: all of them since the start, where there is no file.
func (l *Ledger) counted(now time.Time) map[string]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := map[string]int64{}
	for line, added := range l.unwritten {
		if line.day == dayOf(now) {
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
	if l.open <= 0 && !l.left.IsZero() {
		e.last, e.exactly = l.left, true // Nothing may leave any more.
	}
	_, _, err := l.file.write(time.Now(), e)
	err = errors.Join(err, l.file.close())
	l.file = nil
	return err
}
