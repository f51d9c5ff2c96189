// Package pusher pushes changes of the sandbox's goods to an address, as 1688 pushes those of goods that an account follows: signed,
// now and then twice, and in no order. It sends each message once more only in this way: what is not confirmed is handed to
// [Options.Undelivered].
package pusher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/aopwire"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/drift"
)

// Options configure a [Pusher]. All but Undelivered, Clock and Log must be set.
type Options struct {
	// URL is where messages are sent.
	URL string
	// AppKey and AppSecret are the app's that subscribed.
	AppKey, AppSecret string
	// Products are the goods that its account follows.
	Products []int64
	// Drift is how long a step of [drift.Of] lasts.
	Drift time.Duration
	// Undelivered receives the texts that were not confirmed; nil discards them.
	Undelivered func(text string)
	// Clock returns the time; nil is time.Now. Run waits in real time.
	Clock func() time.Time
	// Log receives what was not confirmed; nil discards it.
	Log *slog.Logger
}

// Pusher sends messages.
type Pusher struct {
	options Options
	client  *http.Client
}

// sendTimeout bounds the sending of one message.
const sendTimeout = 5 * time.Second

// New checks the options.
func New(o Options) (*Pusher, error) {
	to, err := url.Parse(o.URL)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Host == "" {
		return nil, errors.New("pusher: the address must be as http://HOST:PORT/PATH")
	}
	if len(o.Products) == 0 || o.Drift <= 0 {
		return nil, errors.New("pusher: it needs products, and prices that move")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Undelivered == nil {
		o.Undelivered = func(string) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Pusher{options: o, client: &http.Client{
		Timeout:       sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// message is one message of the platform.
type message struct {
	ID     int64  `json:"msgId"`
	Type   string `json:"type"`
	User   string `json:"userInfo"`
	Data   any    `json:"data"`
	Born   int64  `json:"gmtBorn"`
	AppKey string `json:"appKey"`
}

// Messages are the texts of the messages about what changed from one step to another, in the order in which they are sent: the youngest
// first, and every second one twice.
func (p *Pusher) Messages(from, to int64) ([]string, error) {
	var texts []string
	for i, id := range p.options.Products {
		before, after := drift.Of(id, from), drift.Of(id, to)
		if before == after {
			continue
		}
		text, err := json.Marshal(p.message(to, i, before, after))
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	slices.Reverse(texts)
	for i, n := 0, len(texts); i < n; i += 2 {
		texts = append(texts, texts[i])
	}
	return texts, nil
}

// message is about the product at an index, which changed in a step. Its id follows from both, so that it is the same each time.
func (p *Pusher) message(step int64, index int, before, after drift.State) message {
	product := strconv.FormatInt(p.options.Products[index], 10)
	born := time.Unix(0, step*int64(p.options.Drift)).Add(time.Duration(index) * time.Millisecond)
	at := born.In(time.FixedZone("CST", 8*60*60)).Format(time.DateTime)
	m := message{ID: step*1000 + int64(index), User: "b2b-sandbox", Born: born.UnixMilli(), AppKey: p.options.AppKey}
	relation := func(status string) {
		m.Type = "PRODUCT_" + status
		m.Data = map[string]string{"productIds": product, "memberId": m.User, "status": status, "msgSendTime": at}
	}
	switch {
	case after.Away:
		relation("RELATION_VIEW_PRODUCT_EXPIRE")
	case before.Away:
		relation("RELATION_VIEW_PRODUCT_REPOST")
	default:
		m.Type = "FENXIAO_PRICE_CHANGE"
		m.Data = map[string]string{"productId": product, "memberId": m.User, "msgSendTime": at}
	}
	if index%2 == 1 { // Clients of the platform type the data as text.
		text, err := json.Marshal(m.Data)
		if err == nil {
			m.Data = string(text)
		}
	}
	return m
}

// Changes pushes what changed from one step to another, and returns how many messages were confirmed. The error is that of the first one
// that was not; the others are sent all the same.
func (p *Pusher) Changes(ctx context.Context, from, to int64) (confirmed int, err error) {
	texts, err := p.Messages(from, to)
	if err != nil {
		return 0, err
	}
	for _, text := range texts {
		if failed := p.send(ctx, text); failed != nil {
			err = errors.Join(err, failed)
			p.options.Undelivered(text)
		} else {
			confirmed++
		}
	}
	return confirmed, err
}

func (p *Pusher) send(ctx context.Context, text string) error {
	form := url.Values{
		"message":        {text},
		"_aop_signature": {aopwire.Sign(p.options.AppSecret, "", map[string]string{"message": text})},
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, p.options.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	answer, err := p.client.Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("a push was answered with %s", answer.Status)
	}
	return nil
}

// Run pushes at each step until ctx ends.
func (p *Pusher) Run(ctx context.Context) {
	last := drift.Step(p.options.Clock(), p.options.Drift)
	for {
		next := time.Unix(0, (last+1)*int64(p.options.Drift))
		timer := time.NewTimer(next.Sub(p.options.Clock()))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		step := drift.Step(p.options.Clock(), p.options.Drift)
		if step <= last {
			continue
		}
		if _, err := p.Changes(ctx, last, step); err != nil && ctx.Err() == nil {
			p.options.Log.Warn("changes of goods could not be pushed", "error", err)
		}
		last = step
	}
}
