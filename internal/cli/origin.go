package cli

import (
	"context"

	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// origin is whose answers a server gives. A resumable file holds answers of one origin, so that goods of 1688 never
// stand beside made-up ones, nor one account's beside another's.
type origin struct {
	Mode    string `json:"mode"`
	Dialect string `json:"dialect"`
	// Account is the server's fingerprint of it.
	Account string `json:"account"`
}

// originOf asks the server whose answers it gives.
func (s *session) originOf(conn *connection, t target) (origin, error) {
	ctx, cancel := context.WithTimeout(s.ctx, t.Timeout)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", s.acceptLanguage())
	about, err := zhaohuov1.NewInfoServiceClient(conn).GetServerInfo(ctx, &zhaohuov1.GetServerInfoRequest{})
	if err != nil {
		return origin{}, conn.failure(s.ctx, err, nil)
	}
	return origin{
		Mode: plainName(about.GetMode().String(), "SERVER_MODE_"), Dialect: plainName(about.GetDialect().String(), "UPSTREAM_DIALECT_"), Account: about.GetAccount(),
	}, nil
}

// String names an origin as a message to the user does.
func (o origin) String() string {
	if o.Mode == "sandbox" {
		return "the sandbox (" + o.Dialect + ")"
	}
	return "1688 live (" + o.Dialect + ")"
}

// differs says how the second origin differs from the first; empty for not at all.
func (o origin) differs(now origin) string {
	switch {
	case o == now:
		return ""
	case o.Mode == now.Mode && o.Dialect == now.Dialect:
		return "another account of " + now.String()
	}
	return now.String()
}

// bind makes sure that the file holds answers of this origin alone.
func (h *resumableFile) bind(from origin) error {
	if h.Origin == nil {
		h.Origin, h.changed = &from, true
		return h.checkpoint() // Before the first answer, so that none is ever without an origin.
	}
	if other := h.Origin.differs(from); other != "" {
		return usage("%s was begun with answers from %s, but the server answers from %s: ask the same server as before, or name another file",
			h.name, h.Origin, word(other))
	}
	return nil
}

// bindSource makes sure that the file holds real goods or made-up ones, and not both: behind one address, servers of
// both kinds may stand.
func (h *resumableFile) bindSource(meta *zhaohuov1.AnswerMeta) error {
	madeUp := meta.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
	if h.MadeUp == nil {
		h.MadeUp = &madeUp
	}
	if *h.MadeUp == madeUp {
		return nil
	}
	kinds := map[bool]word{true: "made-up goods", false: "goods of 1688"}
	return usage("%s holds %s, but the server answered with %s: ask the same server as before, or name another file",
		h.name, kinds[*h.MadeUp], kinds[madeUp])
}
