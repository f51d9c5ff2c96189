// Package fault names what went wrong, in terms a caller or an operator can act on.
//
// A [Fault] says the kind, which field or subject it is about, how long to wait and what the upstream
// itself called it. It knows nothing of gRPC, HTTP or languages: internal/base/rpcerr turns it into a status.
package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"
)

// Field is one request field that was refused.
type Field struct {
	// Path is the field's path in the contract, for example "page_size" or "filters[1]".
	Path string
	// Rule names the broken rule in a stable way, for example "int32.gte" or "UNSUPPORTED_BY_DIALECT".
	Rule string
	// Why says in English what would be accepted.
	Why string
}

// FieldsMax is how many refused fields a fault names. An answer has room for about as many, and a request must not be able
// to cost more by breaking more rules.
const FieldsMax = 32

// Fault is a typed failure. Build it with [New] and the With methods; each With returns a copy.
type Fault struct {
	// Kind decides the status code, the reason and whether a retry helps.
	Kind Kind
	// Detail is one English sentence for the caller. It must never carry a secret, an upstream body or a panic.
	Detail string
	// RetryAfter is how long to wait before trying again; zero means "not known".
	RetryAfter time.Duration
	// Calls is how many upstream calls the failure cost; nil where nobody counted. Set it with [Fault.WithCalls].
	Calls *int
	// FromResult tells a refusal that stood inside a result: the service behind the gateway gave it, so the call passed all
	// that comes before.
	FromResult bool
	// Scope is what the limit holds for, where the failure is about a limit of the upstream.
	Scope Scope
	// Subject is what the fault is about: a product id, an API name, a quota's name.
	Subject string
	// Fields are the refused request fields, if the request was at fault: at most [FieldsMax].
	Fields []Field
	// Meta is machine-readable context, for example the upstream's own code.
	Meta map[string]string

	cause error
}

// The keys of [Fault.Meta] that several rooms write.
const (
	MetaUpstreamCode      = "upstream_code"
	MetaUpstreamSubCode   = "upstream_sub_code"
	MetaUpstreamMessage   = "upstream_message"
	MetaUpstreamRequestID = "upstream_request_id"
	MetaUpstreamAPI       = "upstream_api"
)

// New returns a fault of the kind with one English sentence of detail.
func New(kind Kind, format string, args ...any) *Fault {
	return &Fault{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

// Invalid returns an [InvalidField] fault about one request field.
func Invalid(path, rule, format string, args ...any) *Fault {
	why := fmt.Sprintf(format, args...)
	return New(InvalidField, "%s: %s", path, why).WithField(path, rule, why)
}

// Error renders kind and detail; the cause is left out because it may quote what a caller must not see.
func (f *Fault) Error() string {
	if f.Detail == "" {
		return f.Kind.String()
	}
	return f.Kind.String() + ": " + f.Detail
}

// Unwrap gives the cause to errors.Is and errors.As.
func (f *Fault) Unwrap() error { return f.cause }

// Cause is the error underneath, for logs only.
func (f *Fault) Cause() error { return f.cause }

// WithCause keeps the error underneath for logs.
func (f *Fault) WithCause(err error) *Fault {
	c := f.clone()
	c.cause = err
	return c
}

// WithRetryAfter says how long to wait; a negative wait counts as unknown.
func (f *Fault) WithRetryAfter(d time.Duration) *Fault {
	c := f.clone()
	c.RetryAfter = max(d, 0)
	return c
}

// WithScope says what the limit holds for.
func (f *Fault) WithScope(s Scope) *Fault {
	c := f.clone()
	c.Scope = s
	return c
}

// WithCalls says how many upstream calls the failure cost.
func (f *Fault) WithCalls(n int) *Fault {
	c := f.clone()
	c.Calls = &n
	return c
}

// WithFromResult says whether the refusal stood inside a result.
func (f *Fault) WithFromResult(inside bool) *Fault {
	c := f.clone()
	c.FromResult = inside
	return c
}

// WithSubject names what the fault is about.
func (f *Fault) WithSubject(s string) *Fault {
	c := f.clone()
	c.Subject = s
	return c
}

// WithField adds a refused request field. A fault that names [FieldsMax] fields already stays as it is.
func (f *Fault) WithField(path, rule, why string) *Fault {
	if len(f.Fields) >= FieldsMax {
		return f
	}
	c := f.clone()
	c.Fields = append(c.Fields[:len(c.Fields):len(c.Fields)], Field{Path: path, Rule: rule, Why: why})
	return c
}

// WithMeta adds machine-readable context; an empty value is left out.
func (f *Fault) WithMeta(key, value string) *Fault {
	if value == "" {
		return f
	}
	c := f.clone()
	c.Meta = maps.Clone(f.Meta)
	if c.Meta == nil {
		c.Meta = map[string]string{}
	}
	c.Meta[key] = value
	return c
}

func (f *Fault) clone() *Fault {
	c := *f
	return &c
}

// Ended is the fault of a context that has ended: the fault it was ended with, as a server that stops does, or else the
// deadline, or the caller who left. When says in what it was cut short: "while the image was read".
func Ended(ctx context.Context, when string) *Fault {
	why := context.Cause(ctx)
	if f, ok := As(why); ok {
		return f
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return New(DeadlineExceeded, "the deadline ended %s", when).WithCause(why)
	}
	return New(CallerGone, "the caller left %s", when).WithCause(why)
}

// As finds the first Fault in err's chain.
func As(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// KindOf is the kind of the first Fault in err's chain; [Internal] for any other error.
func KindOf(err error) Kind {
	if f, ok := As(err); ok {
		return f.Kind
	}
	return Internal
}

// CallsOf is how many upstream calls err says it cost; 0 where it does not say.
func CallsOf(err error) int {
	f, ok := As(err)
	if !ok || f.Calls == nil {
		return 0
	}
	return *f.Calls
}
