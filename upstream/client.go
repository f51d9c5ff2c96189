package upstream

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// Options are the parts of a [Client].
type Options struct {
	Dialect *Dialect
	// Accounts are the accounts that permits name. If there is none, AppKey, AppSecret and Tokens are the only account.
	Accounts  []Account
	AppKey    string
	AppSecret secret.Text
	Tokens    Tokens
	Quota     Quota
	// HTTP sends the requests. Its transport pools connections. Redirects are never followed, whatever its CheckRedirect:
	// a signature is valid for one address only.
	HTTP *http.Client
	// AttemptTimeout bounds one attempt, from connecting to the answer's last byte.
	AttemptTimeout time.Duration
	// AnswerBytesMax bounds an answer's body.
	AnswerBytesMax int64
	Backoff        Backoff
	// Breaker is after how many failures in a row the upstream is not called for a while; repetitions are then bounded to a part of
	// the successes, too. 0 bounds neither.
	Breaker int
	// UploadTTL is how long the id of an uploaded photo is used. How long the upstream knows it is not published; a photo
	// that it forgot earlier is uploaded again.
	UploadTTL time.Duration
	// PhotoIDs stores the ids of uploaded photos outside of this process; nil stores none.
	PhotoIDs PhotoIDs
	// Sandbox marks every answer as made up. Without it, an answer's own header decides.
	Sandbox bool
	Log     *slog.Logger
	// Now is the clock; time.Now unless a test sets it.
	Now func() time.Time
	// Observe is called after every attempt; nil for no observer.
	Observe func(Attempt)
}

// Client calls the upstream. It is safe for concurrent use.
type Client struct {
	Options
	// clockOffset is added to our clock in nanoseconds: the difference to the upstream's clock at its last clock fault.
	clockOffset atomic.Int64
	uploads     *uploads
	breaker     *breaker
	freight     freightRefusals
}

var _ Searcher = (*Client)(nil)

// New builds a Client.
func New(o Options) *Client {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Observe == nil {
		o.Observe = func(Attempt) {}
	}
	if len(o.Accounts) == 0 {
		o.Accounts = []Account{{AppKey: o.AppKey, AppSecret: o.AppSecret, Tokens: o.Tokens}}
	}
	direct := *o.HTTP
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o.HTTP = &direct
	if o.UploadTTL <= 0 {
		o.UploadTTL = defaultUploadTTL
	}
	if o.PhotoIDs == nil {
		o.PhotoIDs = noPhotoIDs{}
	}
	return &Client{Options: o, uploads: newUploads(o.UploadTTL, o.PhotoIDs, o.Now, o.Log), breaker: newBreaker(o.Breaker, o.Log)}
}

// Close ends the client's background work. The client must not be used afterwards.
func (c *Client) Close() { c.uploads.close() }

const defaultUploadTTL = time.Hour

// KeywordSearch implements [Searcher].
func (c *Client) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.KeywordSearch, q)
	if err != nil {
		return nil, err
	}
	answer.Meta = meta
	return answer, nil
}

// run makes one call of an operation, with its attempts, through any account.
func run[Q, A any](ctx context.Context, c *Client, op Operation[Q, A], q Q) (A, *zhaohuov1.AnswerMeta, error) {
	answer, meta, _, err := runBy(ctx, c, op, q, way{})
	return answer, meta, err
}

// runBy makes one call of an operation, with its attempts. It returns the name of the account that answered.
func runBy[Q, A any](ctx context.Context, c *Client, op Operation[Q, A], q Q, by way) (A, *zhaohuov1.AnswerMeta, string, error) {
	var none A
	if !op.Offered() {
		return none, nil, "", fault.New(fault.UnsupportedByDialect, "the upstream's dialect %s does not offer this", capability.Name(c.Dialect.ID))
	}
	call, err := op.Encode(q)
	if err != nil {
		return none, nil, "", err
	}
	got, err := c.call(ctx, call, by)
	if err != nil {
		return none, nil, "", err
	}
	answer, err := op.Decode(q, got.payload)
	if err != nil {
		return none, nil, "", c.annotate(err, call, got.attempts, Credential{})
	}
	source := zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE
	if c.Sandbox || got.sandbox {
		source = zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
	}
	return answer, &zhaohuov1.AnswerMeta{
		Source:        source,
		ServedFrom:    zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM,
		FetchTime:     timestamppb.New(got.at),
		UpstreamCalls: int32(got.attempts),
	}, got.account, nil
}
