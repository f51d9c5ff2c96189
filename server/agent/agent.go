// Package agent is the door for AI agents: the Model Context Protocol, over standard input and output and over streamable HTTP.
//
// It offers tools, documents and prompts to a model, and answers with the fields that a model needs. It knows the RPCs only as
// a connection: what is found, and who may ask, is decided behind it. It keeps every tool call and every session within a
// budget of upstream calls.
package agent

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Config is what the door needs.
type Config struct {
	// Conn reaches the RPCs. The caller closes it.
	Conn grpc.ClientConnInterface
	// Version is the server's version.
	Version string
	// Chinese has people's texts in Chinese: the advice of errors. Names of tools and fields stay English. Over HTTP a caller
	// chooses by Accept-Language.
	Chinese bool
	// SessionCalls is the most upstream calls of a session; 0 for none. Over HTTP a session is what one caller asks within an
	// hour, over standard input and output it is the life of the process.
	SessionCalls int
	// Class is the priority of the upstream calls, "batch" or "interactive"; empty for batch. Over HTTP a caller names its own.
	Class string
	// ClassOf is the class of a caller over HTTP who names none, by the caller's name; empty for batch. Nil: all are batch.
	ClassOf func(caller string) string
	// Timeout is how long a tool may take; 0 leaves it to the server.
	Timeout time.Duration
	// Roots are folders whose images the tools may read by their path. None for HTTP: the folders would be the server's.
	Roots []string
	// Pictures fetches pictures of goods for small copies of them; nil for no such copies.
	Pictures PictureFetcher
	// Documents are offered for reading.
	Documents []Document
	// Log receives what the protocol has to report; nil for nothing.
	Log *slog.Logger

	// now is the time, for tests; nil for the clock.
	now func() time.Time
}

// PictureFetcher fetches a picture of goods.
type PictureFetcher interface {
	// Fetch writes the picture at the address into the writer.
	Fetch(ctx context.Context, address string, into io.Writer) error
}

// Document is a text in Markdown.
type Document struct {
	// Name is its name in addresses, such as "errors". Title is for people.
	Name, Title string
	Text        string
}

// Server serves agents.
type Server struct {
	config  Config
	mcp     *mcp.Server
	roots   *roots
	single  *budget
	windows *windows
	// decoding has a place for each picture that is decoded at a time.
	decoding chan struct{}
	// explained are the arguments of the tools so far, by name. It is used while tools are added.
	explained map[string]explained

	search     zhaohuov1.SearchServiceClient
	products   zhaohuov1.ProductServiceClient
	categories zhaohuov1.CategoryServiceClient
	combos     zhaohuov1.ComboServiceClient
	watches    zhaohuov1.PriceWatchServiceClient
	info       zhaohuov1.InfoServiceClient
}

// instructions is what a model reads before it uses the tools.
const instructions = `zhaohuo searches the goods of 1688, the Chinese wholesale market.
Search with Chinese words: they find most. Prices are in yuan (CNY) unless a currency is named. A field that is absent is not known; it is not zero.
Every tool may spend upstream calls, which are scarce. Answers say how many were spent and how many the session has left; what max_upstream_calls allows and is not spent stays there. Equal questions are often answered from the cache, at no cost.
If an answer is marked SANDBOX, its goods are made up and not for sale: say so whenever you show them.
When a tool fails, its answer says why, what to do, and how long to wait.`

// New makes the door. Close frees what it holds.
func New(c Config) (*Server, error) {
	if c.Conn == nil {
		return nil, errors.New("agent: no connection")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	folders, err := openRoots(c.Roots)
	if err != nil {
		return nil, err
	}
	s := &Server{
		config: c, roots: folders,
		single:     newBudget(c.SessionCalls),
		windows:    newWindows(c.SessionCalls, c.now),
		decoding:   make(chan struct{}, 2),
		explained:  map[string]explained{},
		search:     zhaohuov1.NewSearchServiceClient(c.Conn),
		products:   zhaohuov1.NewProductServiceClient(c.Conn),
		categories: zhaohuov1.NewCategoryServiceClient(c.Conn),
		combos:     zhaohuov1.NewComboServiceClient(c.Conn),
		watches:    zhaohuov1.NewPriceWatchServiceClient(c.Conn),
		info:       zhaohuov1.NewInfoServiceClient(c.Conn),
	}
	s.mcp = mcp.NewServer(&mcp.Implementation{Name: "zhaohuo", Title: "找货 · product search on 1688", Version: c.Version}, &mcp.ServerOptions{
		Instructions: instructions,
		// Nothing changes while the server runs, and its log is the operator's.
		Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{}, Prompts: &mcp.PromptCapabilities{}, Resources: &mcp.ResourceCapabilities{}},
	})
	if err := errors.Join(s.addSearches(), s.addProducts(), s.addCategories(), s.addStrategies(), s.addWatches(), s.addQuota()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.addPrompts()
	s.addResources()
	return s, nil
}

// Close frees the folders of images.
func (s *Server) Close() error { return s.roots.close() }

// Serve talks with one agent over a pair of streams, a message a line, until the input ends or ctx does. What is written to out
// belongs to the protocol.
func (s *Server) Serve(ctx context.Context, in io.ReadCloser, out io.WriteCloser) error {
	return s.Run(ctx, &mcp.IOTransport{Reader: in, Writer: out})
}

// Run is [Server.Serve] for any transport of the protocol.
func (s *Server) Run(ctx context.Context, transport mcp.Transport) error {
	return s.mcp.Run(ctx, transport)
}
