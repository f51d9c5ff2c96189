package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// tool describes a tool.
type tool struct {
	name, title, description string
	// calls are the upstream calls that it may spend; none for a tool that asks nothing of the upstream.
	calls spending
	// writes means that it changes something; repeatable, that calling it twice changes no more than once.
	writes, repeatable bool
	// shape completes the schema of the arguments with what a Go type cannot say.
	shape func(*jsonschema.Schema)
}

// spending is what one call of a tool may spend, in upstream calls.
type spending struct {
	// usual is the bound where the agent names none, most the largest that it may name, least what is needed to begin.
	usual, most, least int
}

// bounded is embedded by the arguments of tools that spend upstream calls.
type bounded struct {
	MaxUpstreamCalls int `json:"max_upstream_calls,omitempty" jsonschema:"Most upstream calls to spend."`
}

func (b bounded) wanted() int { return b.MaxUpstreamCalls }

// call is one call of a tool while it runs.
type call struct {
	*Server

	// budget is the session's; nil if there is none for this caller now. renews is when a new one begins; zero for never.
	budget *budget
	renews time.Time
	language
	// allowed is how many upstream calls it may spend.
	allowed int
	// paid is how many it spent, as the answers said. asked means that there was one.
	paid  int
	asked bool
	// sandbox means that some of the goods are made up.
	sandbox bool
}

// answer is what a tool answers with.
type answer struct {
	// lines are the short text, structure the same for programs.
	lines     []string
	structure header
	pictures  []mcp.Content
}

// header is what the structure of each answer has first.
type header interface{ head() *about }

type about struct {
	// Source is LIVE or SANDBOX.
	Source string `json:"source,omitempty"`
	Notice string `json:"notice,omitempty"`
	Calls  *costs `json:"upstream_calls,omitempty"`
}

func (h *about) head() *about { return h }

// costs are upstream calls.
type costs struct {
	Spent       int `json:"spent"`
	Allowed     int `json:"allowed"`
	SessionLeft int `json:"session_left"`
}

// meta is how an answer of an RPC came about.
type meta interface {
	GetSource() zhaohuov1.AnswerSource
	GetUpstreamCalls() int32
}

// answered notes what an answer says about itself.
func (c *call) answered(m meta) {
	c.asked = true
	c.paid += int(m.GetUpstreamCalls())
	c.sandbox = c.sandbox || m.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
}

// add adds a tool to the server. Its arguments are checked before it runs.
func add[In any](s *Server, t tool, run func(ctx context.Context, c *call, in In) (*answer, error)) error {
	schema, err := jsonschema.For[In](nil)
	if err != nil {
		return fmt.Errorf("agent: the arguments of %s: %w", t.name, err)
	}
	if t.calls.usual > 0 {
		p := schema.Properties["max_upstream_calls"]
		p.Minimum, p.Maximum = jsonschema.Ptr(float64(t.calls.least)), jsonschema.Ptr(float64(t.calls.most))
		p.Description += fmt.Sprintf(" %d unless set.", t.calls.usual)
	}
	if t.shape != nil {
		t.shape(schema)
	}
	checked, err := schema.Resolve(nil)
	if err != nil {
		return fmt.Errorf("agent: the arguments of %s: %w", t.name, err)
	}
	s.mcp.AddTool(&mcp.Tool{
		Name: t.name, Title: t.title, Description: t.description, InputSchema: s.brief(t.name, schema),
		Annotations: &mcp.ToolAnnotations{
			ReadOnlyHint: !t.writes, IdempotentHint: !t.writes || t.repeatable,
			DestructiveHint: jsonschema.Ptr(false), OpenWorldHint: jsonschema.Ptr(t.calls.usual > 0 || t.writes),
		},
	}, func(ctx context.Context, request *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		under, c, end := s.begin(ctx)
		defer end()
		in, err := arguments[In](checked, request.Params.Arguments)
		if err != nil {
			return c.refuse(advice{Reason: reasonArguments, Message: err.Error()}, nil), nil
		}
		wanted := t.calls.usual
		if b, ok := any(in).(interface{ wanted() int }); ok && b.wanted() > 0 {
			wanted = b.wanted()
		}
		return c.run(under, t, wanted, func(ctx context.Context) (*answer, error) { return run(ctx, c, in) }), nil
	})
	return nil
}

// explained is which tool explains an argument, and how.
type explained struct{ tool, text string }

// brief is a schema for the list of tools, which every session of a model pays for. An argument that an earlier tool explains in the
// same words refers to that tool. What is checked stays the whole schema.
func (s *Server) brief(tool string, full *jsonschema.Schema) *jsonschema.Schema {
	schema := full.CloneSchemas()
	for name, p := range schema.Properties {
		first, known := s.explained[name]
		if !known {
			s.explained[name] = explained{tool, p.Description}
			continue
		}
		if short := "As in " + first.tool + "."; p.Description == first.text && len(short) < len(p.Description) {
			p.Description = short
			if p.Items != nil {
				p.Items.Enum = nil
			}
		}
	}
	return schema
}

// arguments reads and checks a tool's arguments.
func arguments[In any](schema *jsonschema.Resolved, text json.RawMessage) (in In, err error) {
	if text = bytes.TrimSpace(text); len(text) == 0 || string(text) == "null" { // A tool without arguments.
		text = []byte("{}")
	}
	var loose any
	if err := json.Unmarshal(text, &loose); err != nil {
		return in, fmt.Errorf("the arguments are not JSON")
	}
	if err := schema.Validate(loose); err != nil {
		return in, fmt.Errorf("the arguments do not fit the tool's schema: %s", plainSchemaError(err))
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return in, fmt.Errorf("the arguments do not fit the tool's schema")
	}
	return in, nil
}

// plainSchemaError is the innermost part of an error of a schema: what is wrong, without the path through the schema.
func plainSchemaError(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "validating "); i >= 0 {
		text = text[i+len("validating "):]
	}
	return strings.TrimPrefix(text, "root: ")
}

// run runs a tool within its budget and that of the session.
func (c *call) run(ctx context.Context, t tool, wanted int, run func(context.Context) (*answer, error)) *mcp.CallToolResult {
	if wanted == 0 {
		found, err := run(ctx)
		if err != nil {
			return c.refuse(c.adviceOf(err), nil)
		}
		return c.result(found, nil)
	}
	if c.budget == nil {
		return c.refuse(advice{Reason: reasonCallers, Message: c.say(tooManyCallers), until: c.renews}, nil)
	}
	taken, left := c.budget.reserve(wanted, t.calls.least)
	if taken == 0 {
		return c.refuse(advice{
			Reason: reasonSession, Message: c.say(sessionSpent, t.calls.least, left), until: c.renews,
		}, &costs{SessionLeft: left})
	}
	c.allowed = taken
	found, err := run(metadata.AppendToOutgoingContext(ctx, interceptor.MaxCallsHeader, strconv.Itoa(taken)))
	spent := c.spent(err)
	cost := &costs{Spent: spent, Allowed: taken, SessionLeft: c.budget.give(taken - spent)}
	if err != nil {
		return c.refuse(c.adviceOf(err), cost)
	}
	return c.result(found, cost)
}

// spent is how many of the allowed calls were spent. What is not known counts as spent.
func (c *call) spent(err error) int {
	if err != nil {
		calls, known := callsOf(err)
		if !known {
			return c.allowed
		}
		return min(c.paid+calls, c.allowed)
	}
	if !c.asked {
		return c.allowed
	}
	return min(c.paid, c.allowed)
}

// result is a tool's answer in the protocol's form.
func (c *call) result(found *answer, cost *costs) *mcp.CallToolResult {
	h := found.structure.head()
	h.Calls = cost
	lines := found.lines
	if c.sandbox {
		h.Source, h.Notice = "SANDBOX", c.say(sandboxNotice)
		lines = append([]string{"SANDBOX: " + h.Notice}, lines...)
	} else if c.asked {
		h.Source = "LIVE"
	}
	if cost != nil {
		lines = append(lines, c.say(costLine, cost.Spent, cost.SessionLeft))
	}
	return &mcp.CallToolResult{
		Content:           append([]mcp.Content{&mcp.TextContent{Text: strings.Join(lines, "\n")}}, found.pictures...),
		StructuredContent: found.structure,
	}
}
