package limiter

import (
	"context"
	_ "embed" // redis.lua
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

//go:embed redis.lua
var script string

// Redis keeps the limits of all processes that use one Redis server (or cluster: all keys of an App Key share a hash
// slot). One atomic script decides, on the server's own clock. [Redis.Join] connects.
type Redis struct {
	limits  Limits
	options rueidis.ClientOption
	script  *rueidis.Lua
	prefix  string
	settle  time.Duration
	clock   *clock
	wg      sync.WaitGroup // of background reports to the server

	mu     sync.Mutex
	client rueidis.Client
	last   lastReply
	bans   map[string]time.Time
}

var _ Limiter = (*Redis)(nil)

// lastReply is the server's last reply. A process that has to go on without the server starts from it.
type lastReply struct {
	at    time.Time
	day   int64
	state State
	used  map[string]int64
}

// NewRedis returns a limiter on the server that options name. It does not connect yet.
func NewRedis(limits Limits, options rueidis.ClientOption) *Redis {
	// A retried script would count twice, and the failover decides how long to wait for a lost server.
	options.DisableRetry = true
	options.DisableCache = true
	if options.Dialer.Timeout == 0 {
		options.Dialer.Timeout = time.Second
	}
	// One window after the last slot reserved before, which ends at most Ahead and Validity later. The margin may have
	// grown to its ceiling.
	window := limits.app().window
	for api := range limits.PerAPI {
		p, _ := limits.api(api)
		window = max(window, p.window)
	}
	return &Redis{
		limits: limits, options: options, script: rueidis.NewLuaScript(script), clock: newClock(),
		// Braces make the cluster keep all of an App Key's state in one slot.
		prefix: "zhaohuo:quota:{" + url.QueryEscape(limits.AppKey) + "}:",
		settle: Ahead + Validity + pace{calls: 1, window: max(window, time.Second)}.guard(max(limits.Margin, marginCeiling)),
		last:   lastReply{state: State{Rate: 1, Margin: limits.Margin}, used: map[string]int64{}},
		bans:   map[string]time.Time{},
	}
}

// Reserve implements [Limiter].
func (r *Redis) Reserve(ctx context.Context, api string) (Decision, error) {
	more := []string{micros(Ahead), micros(Validity), micros(apiDelayMax), micros(lagMax), micros(probeLease), decimal(tightness)}
	return r.run(ctx, "reserve", api, append(more, r.knownUsed(api)...)...)
}

// Commit implements [Limiter]. The time is the earliest possible one: a call that was in flight at a throttle must count
// as committed before it, even where Redis answers so slowly that its clock is known only within the time of an upstream
// call. The other error does no harm: during the ban no call is committed.
func (r *Redis) Commit(s Slot) (int64, bool) {
	now := time.Now()
	if now.Before(s.NotBefore) || now.After(s.NotAfter) || now.Before(r.banned(s.API)) {
		return 0, false
	}
	return r.clock.earliest(now), true
}

// Sent implements [Limiter]. The server is informed in the background: until then it counts the slot as used at its
// end.
func (r *Redis) Sent(s Slot) {
	r.runInBackground("sent", s.API, number(s.id), number(r.clock.latest(time.Now())))
}

// Cancel implements [Limiter]. The server is informed in the background.
func (r *Redis) Cancel(s Slot) {
	r.runInBackground("cancel", s.API, number(s.id), number(s.at), number(s.day))
}

// backgroundTimeout bounds a background report. A later one would be useless.
const backgroundTimeout = 2 * time.Second

func (r *Redis) runInBackground(op, api string, more ...string) {
	r.wg.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), backgroundTimeout)
		defer cancel()
		_, _ = r.run(ctx, op, api, more...) // A slot without a report counts as used at its end, which is safe.
	})
}

// banned is the end of the ban on calls to api, as far as this process knows.
func (r *Redis) banned(api string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return latest(r.bans[""], r.bans[api])
}

// Report implements [Limiter].
func (r *Redis) Report(ctx context.Context, o Outcome) error {
	var err error
	switch o.Result {
	case Throttled:
		after := o.After
		if after <= 0 {
			after = PauseDefault
		}
		r.ban(o, after)
		_, err = r.run(ctx, "throttled", o.API, number(int64(o.Scope)), micros(after), number(o.At), flag(o.Slot.Tight[o.Scope]),
			decimal(stepDown), decimal(rateFloor), decimal(marginGrowth), decimal(marginStep), decimal(marginCeiling))
	case UsedUp:
		_, err = r.run(ctx, "usedUp", o.API, number(int64(o.Scope)), micros(o.After))
	case Accepted:
		_, err = r.run(ctx, "accepted", o.API, flag(o.Slot.Probe), number(o.At), decimal(stepUp))
	}
	return err
}

// ban voids the slots that this process has already.
func (r *Redis) ban(o Outcome, after time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	about := o.API
	if o.Scope == App {
		about = ""
	}
	r.bans[about] = latest(r.bans[about], time.Now().Add(after))
}

// State implements [Limiter].
func (r *Redis) State(ctx context.Context, api string) (State, error) {
	v, err := r.run(ctx, "state", api)
	return v.State, err
}

// Join connects and reads the present state. It must be called before the limiter is used.
func (r *Redis) Join(ctx context.Context) error { return r.join(ctx, "join") }

// Rejoin is Join for a process that went on alone: no process sends a call until the calls it sent cannot count any
// more.
func (r *Redis) Rejoin(ctx context.Context) error { return r.join(ctx, "rejoin") }

func (r *Redis) join(ctx context.Context, op string) error {
	if err := r.connect(); err != nil {
		return err
	}
	k := r.lastReply()
	excess, learnedAt := 0.0, int64(0)
	if more := k.state.Margin - r.limits.Margin; more > 1e-6 {
		excess, learnedAt = more, r.clock.latest(k.at)
	}
	_, err := r.run(ctx, op, "", decimal(excess), number(learnedAt))
	return err
}

// add counts calls the server has not counted. The api is empty for the App Key.
func (r *Redis) add(ctx context.Context, api string, n int64) error {
	_, err := r.run(ctx, "add", api, append([]string{number(n)}, r.knownUsed(api)...)...)
	return err
}

// knownUsed are the counts the server should have at least: a server that lost its data gets them back from its
// clients.
func (r *Redis) knownUsed(api string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return []string{number(r.last.day), number(r.last.used[""]), number(r.last.used[api])}
}

// Close implements [Limiter].
func (r *Redis) Close() error {
	r.wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client != nil {
		r.client.Close()
		r.client = nil
	}
	return nil
}

var errNotConnected = errors.New("not connected yet")

func (r *Redis) connect() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client != nil {
		return nil
	}
	client, err := rueidis.NewClient(r.options)
	if err != nil {
		return fmt.Errorf("connect to Redis: %w", err)
	}
	r.client = client
	return nil
}

// lastReply is the server's last reply.
func (r *Redis) lastReply() lastReply {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.last
	k.used = map[string]int64{}
	for api, n := range r.last.used {
		k.used[api] = n
	}
	return k
}

func (r *Redis) run(ctx context.Context, op, api string, more ...string) (Decision, error) {
	r.mu.Lock()
	client := r.client
	r.mu.Unlock()
	if client == nil {
		return Decision{}, errNotConnected
	}
	keys := []string{
		r.prefix + "key", r.prefix + "slots", r.prefix + "key:" + api, r.prefix + "slots:" + api, r.prefix + "days", r.prefix + "run",
	}
	args := append([]string{op, api, micros(r.settle)}, paceArgs(r.limits.app())...)
	own := false
	if api == "" {
		args = append(args, paceArgs(pace{})...)
	} else {
		var p pace
		p, own = r.limits.api(api)
		args = append(args, paceArgs(p)...)
	}
	args = append(append(args, flag(own), decimal(r.limits.Margin)), more...)
	asked := time.Now()
	reply, err := r.script.Exec(ctx, client, keys, args).AsIntSlice()
	came := time.Now()
	if err != nil {
		return Decision{}, fmt.Errorf("ask Redis: %w", err)
	}
	if len(reply) != replyLen {
		return Decision{}, fmt.Errorf("ask Redis: the script answered %d numbers instead of %d", len(reply), replyLen)
	}
	r.clock.observe(asked, came, reply[replyNow])
	v := r.decisionOf(api, reply)
	r.record(api, reply[replyDay], v)
	return v, nil
}

func (r *Redis) record(api string, day int64, v Decision) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if day != r.last.day {
		r.last.day, r.last.used = day, map[string]int64{}
	}
	r.last.at, r.last.state = time.Now(), v.State
	r.last.used[""] = max(r.last.used[""], v.State.DayUsed)
	if api != "" {
		r.last.used[api] = max(r.last.used[api], v.State.DayUsedAPI)
	}
}

// replyLen is the number of integers in the script's reply; replyNow and replyDay are the positions of the server's
// time and day.
const (
	replyLen = 22
	replyNow = 7
	replyDay = 21
)

func (r *Redis) decisionOf(api string, n []int64) Decision {
	v := Decision{
		Granted: n[0] == 1, Wait: micro(n[1]), Cause: Cause(n[2]), Scope: Scope(n[3]),
		Interval: micro(n[4]), IntervalAPI: micro(n[5]), Degraded: n[6] == 1,
		State: State{
			Rate: float64(n[8]) / 1e6, Ban: micro(n[9]), Exhausted: micro(n[10]), Margin: float64(n[11]) / 1e6,
			DayUsed: n[12], DayUsedAPI: n[13], DayLimit: r.limits.App.PerDay, Reach: OneStore,
		},
	}
	if n[14] > 0 {
		v.Slot = Slot{
			API: api, Probe: n[18] == 1, Tight: [2]bool{n[19] == 1, n[20] == 1},
			id: n[14], at: n[15], day: n[21], owner: r,
		}
		v.Slot.Due, _ = r.clock.span(n[15], n[15])
		v.Slot.NotBefore, v.Slot.NotAfter = r.clock.span(n[16], n[17])
	}
	return v
}

func paceArgs(p pace) []string {
	return []string{strconv.Itoa(p.calls), micros(p.window), number(p.perDay)}
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func micros(d time.Duration) string { return number(d.Microseconds()) }

func micro(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// timedOut reports a missing answer, as opposed to a broken connection.
func timedOut(err error) bool {
	var coded net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &coded) && coded.Timeout()
}
