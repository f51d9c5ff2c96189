package cli

import (
	"context"

	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// origin is whose answers a server gives. A resumable file has answers of one origin, so that real products are never
// mixed with made-up ones, nor the answers of two accounts.
type origin struct {
	Mode    string `json:"mode"`
	Dialect string `json:"dialect"`
	// Account is the server's fingerprint of the account.
	Account string `json:"account"`
}

// originOf asks the server for its origin.
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

// String names an origin in messages.
func (o origin) String() string {
	if o.Mode == "sandbox" {
		return "the sandbox (" + o.Dialect + ")"
	}
	return "1688 live (" + o.Dialect + ")"
}

// differs says how the second origin differs from the first; empty if it does not.
func (o origin) differs(now origin) string {
	switch {
	case o == now:
		return ""
	case o.Mode == now.Mode && o.Dialect == now.Dialect:
		return "another account of " + now.String()
	}
	return now.String()
}

// bind makes sure that the file has answers of this origin only.
func (h *resumableFile) bind(from origin) error {
	if h.Origin == nil {
		h.Origin, h.changed = &from, true
		return h.checkpoint() // Before the first answer, so that every answer has an origin.
	}
	if other := h.Origin.differs(from); other != "" {
		return usage("%s was begun with answers from %s, but the server answers from %s: ask the same server as before, or name another file",
			h.name, h.Origin, word(other))
	}
	return nil
}

// bindSource makes sure that the file has either real or made-up products: servers of both kinds may be behind one
// address.
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
