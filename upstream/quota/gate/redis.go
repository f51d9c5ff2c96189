package gate

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

// Redis keeps the limits of all processes that use one Redis server (or cluster: all keys of an App Key share a slot),
// by one atomic script on the server's own clock. It connects when it is asked to [Redis.Join].
type Redis struct {
	limits  Limits
	options rueidis.ClientOption
	script  *rueidis.Lua
	prefix  string
	settle  time.Duration

	mu     sync.Mutex
	client rueidis.Client
	known  known
}

var _ Gate = (*Redis)(nil)

// known is what the server last said. It is what a process starts from when it has to go on alone.
type known struct {
	at    time.Time
	day   int64
	state State
	used  map[string]int64
}

// NewRedis returns a gate on the server that options name. It does not connect yet.
func NewRedis(limits Limits, options rueidis.ClientOption) *Redis {
	// A retried script would count twice, and waiting for a server that is gone is the failover's to decide.
	options.DisableRetry = true
	options.DisableCache = true
	if options.Dialer.Timeout == 0 {
		options.Dialer.Timeout = time.Second
	}
	settle := 2 * time.Second
	for _, l := range limits.PerAPI {
		settle = max(settle, 2*paceOf(l, limits.Margin).window)
	}
	return &Redis{
		limits: limits, options: options, script: rueidis.NewLuaScript(script),
		// Braces make the cluster keep all of an App Key's state in one slot.
		prefix: "zhaohuo:quota:{" + url.QueryEscape(limits.AppKey) + "}:",
		settle: max(settle, 2*limits.app().window),
		known:  known{state: State{Rate: 1}, used: map[string]int64{}},
	}
}

// Reserve implements [Gate].
func (r *Redis) Reserve(ctx context.Context) (Verdict, error) { return r.run(ctx, "reserve", "") }

// Take implements [Gate].
func (r *Redis) Take(ctx context.Context, api string, paid bool) (Verdict, error) {
	return r.run(ctx, "take", api, flag(paid), micros(probeLease))
}

// Depart implements [Gate].
func (r *Redis) Depart(ctx context.Context, api string, probe bool) (Verdict, error) {
	return r.run(ctx, "depart", api, append([]string{flag(probe)}, r.knownUsed(api)...)...)
}

// Report implements [Gate].
func (r *Redis) Report(ctx context.Context, o Outcome) error {
	var err error
	switch o.Result {
	case Throttled:
		after := o.After
		if after <= 0 {
			after = PauseDefault
		}
		_, err = r.run(ctx, "throttled", o.API, number(int64(o.Scope)), micros(after), number(o.At), decimal(stepDown), decimal(rateFloor))
	case UsedUp:
		_, err = r.run(ctx, "usedup", o.API, number(int64(o.Scope)), micros(o.After))
	case Accepted:
		_, err = r.run(ctx, "accepted", o.API, "0", flag(o.Probe), number(o.At), decimal(stepUp))
	}
	return err
}

// State implements [Gate].
func (r *Redis) State(ctx context.Context, api string) (State, error) {
	v, err := r.run(ctx, "state", api)
	return v.State, err
}

// Join connects and learns how things stand. It is called before the gate is used.
func (r *Redis) Join(ctx context.Context) error {
	if err := r.connect(); err != nil {
		return err
	}
	_, err := r.State(ctx, "")
	return err
}

// Rejoin is Join for a process that went on alone: nothing leaves anywhere until what it let go cannot matter any more.
func (r *Redis) Rejoin(ctx context.Context) error {
	if err := r.connect(); err != nil {
		return err
	}
	_, err := r.run(ctx, "rejoin", "")
	return err
}

// add counts departures the server does not know of. The api is empty for the App Key.
func (r *Redis) add(ctx context.Context, api string, n int64) error {
	_, err := r.run(ctx, "add", api, append([]string{number(n)}, r.knownUsed(api)...)...)
	return err
}

// knownUsed are the counts the server should have at least: one that lost its data is helped by those who asked it.
func (r *Redis) knownUsed(api string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return []string{number(r.known.day), number(r.known.used[""]), number(r.known.used[api])}
}

// Close implements [Gate].
func (r *Redis) Close() error {
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

// lastKnown is what the server last said.
func (r *Redis) lastKnown() known {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.known
	k.used = map[string]int64{}
	for api, n := range r.known.used {
		k.used[api] = n
	}
	return k
}

func (r *Redis) run(ctx context.Context, op, api string, more ...string) (Verdict, error) {
	r.mu.Lock()
	client := r.client
	r.mu.Unlock()
	if client == nil {
		return Verdict{}, errNotConnected
	}
	keys := []string{
		r.prefix + "app", r.prefix + "ring", r.prefix + "api:" + api, r.prefix + "ring:" + api, r.prefix + "day", r.prefix + "run",
	}
	args := append([]string{op, api, micros(r.settle)}, words(r.limits.app())...)
	own := false
	if api == "" {
		args = append(args, words(pace{})...)
	} else {
		var p pace
		p, own = r.limits.api(api)
		args = append(args, words(p)...)
	}
	args = append(append(args, flag(own)), more...)
	reply, err := r.script.Exec(ctx, client, keys, args).AsIntSlice()
	if err != nil {
		return Verdict{}, fmt.Errorf("ask Redis: %w", err)
	}
	if len(reply) != replyLen {
		return Verdict{}, fmt.Errorf("ask Redis: the script answered %d numbers instead of %d", len(reply), replyLen)
	}
	v := verdictOf(reply)
	r.learn(api, v)
	return v, nil
}

func (r *Redis) learn(api string, v Verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	day := dayOf(time.UnixMicro(v.At))
	if day > r.known.day {
		r.known.day, r.known.used = day, map[string]int64{}
	}
	if day < r.known.day {
		return
	}
	r.known.at, r.known.state = time.Now(), v.State
	r.known.used[""] = max(r.known.used[""], v.State.DayUsed)
	if api != "" {
		r.known.used[api] = max(r.known.used[api], v.State.DayUsedAPI)
	}
}

// replyLen is how many numbers the script answers.
const replyLen = 14

func verdictOf(n []int64) Verdict {
	v := Verdict{
		Granted: n[0] == 1, Wait: micro(n[1]), Cause: Cause(n[2]), Scope: Scope(n[3]), Probe: n[4] == 1,
		Every: micro(n[5]), EveryAPI: micro(n[6]), Strained: n[7] == 1, At: n[8],
		State: State{Rate: float64(n[9]) / 1e6, Ban: micro(n[10]), Shut: micro(n[11]), DayUsed: n[12], DayUsedAPI: n[13]},
	}
	return v
}

func words(p pace) []string {
	return []string{strconv.Itoa(p.calls), micros(p.window), micros(p.every), number(p.perDay)}
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

// timedOut tells an answer that did not come from a connection that broke.
func timedOut(err error) bool {
	var told net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &told) && told.Timeout()
}
