package aopwire

// crossborder is the namespace of the goods APIs.
const crossborder = "com.alibaba.fenxiao.crossborder"

// api is one row of the registry.
type api struct {
	namespace, name, version string
	// free APIs need neither token nor permission; open ones no token; unsigned ones no signature, token or permission.
	free, open, unsigned bool
	// wrapper is the form field that holds all arguments as JSON; empty for flat arguments.
	wrapper  string
	required []string
	// texts and ids are the arguments that fault words are heard in.
	texts, ids []string
	envelope   shape
	answer     func(*call) (result, error)
}

func (a api) id() string { return a.namespace + ":" + a.name }

// result is what an API answers: a payload, or a refusal of the business behind the gateway.
type result struct {
	payload any
	refused *business
	// page is set when payload is a list with pages, for envelopes that take its parts.
	page *listPage
}

// business is a refusal inside the envelope, with HTTP 200.
type business struct{ code, message string }

func refusedBy(code, message string) result {
	return result{refused: &business{code, message}}
}

// registry is every API the sandbox serves.
func registry() []api {
	return []api{
		{namespace: "system", name: "currentTime", version: "1", free: true, envelope: bare, answer: currentTime},
		{namespace: "system", name: "currentTimeMillis", version: "1", free: true, envelope: bare, answer: currentTimeMillis},
		{
			namespace: crossborder, name: "product.search.keywordQuery", version: "1", envelope: e1,
			wrapper: "offerQueryParam", required: []string{"keyword", "beginPage", "pageSize", "country"},
			texts: []string{"keyword"}, answer: keywordQuery,
		},
	}
}
