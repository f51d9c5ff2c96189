package agent

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// The reasons of this door itself. All others are those of the RPCs.
const (
	// reasonArguments: the arguments do not fit the tool.
	reasonArguments = "INVALID_ARGUMENTS"
	// reasonSession: the session's budget of upstream calls does not suffice.
	reasonSession = "SESSION_BUDGET_SPENT"
	// reasonCallers: too many callers have a session.
	reasonCallers = "TOO_MANY_SESSIONS"
	// reasonImage: the image of the arguments cannot be used.
	reasonImage = "IMAGE_NOT_USABLE"
)

// advice is a failure as a model can use it: what happened, what to do, and how long to wait.
type advice struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
	// Fields are the arguments that are wrong, each with what is wrong with it.
	Fields map[string]string `json:"fields,omitempty"`
	// WaitSeconds is how long to wait before the same call may succeed. Absent: waiting does not help, or is not known to.
	WaitSeconds int64 `json:"wait_seconds,omitempty"`

	// until is when the same call may succeed; zero for unknown.
	until time.Time
}

// Error implements error.
func (a advice) Error() string { return a.Message }

// failure is the structure of a failed call.
type failure struct {
	Error advice `json:"error"`
	Calls *costs `json:"upstream_calls,omitempty"`
}

// refuse is the result of a tool call that failed.
func (c *call) refuse(a advice, cost *costs) *mcp.CallToolResult {
	if !a.until.IsZero() {
		a.WaitSeconds = max(int64(math.Ceil(a.until.Sub(c.config.now()).Seconds())), 1)
	}
	lines := []string{a.Reason + ": " + a.Message}
	for _, name := range sortedKeys(a.Fields) {
		lines = append(lines, name+": "+a.Fields[name])
	}
	if a.WaitSeconds > 0 {
		lines = append(lines, c.say(waitLine, a.WaitSeconds))
	}
	if cost != nil {
		lines = append(lines, c.say(costLine, cost.Spent, cost.SessionLeft))
	}
	return &mcp.CallToolResult{
		IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: strings.Join(lines, "\n")}}, StructuredContent: failure{a, cost},
	}
}

// adviceOf is the advice for an error of an RPC or of a tool. The text of a transport never reaches the agent.
func (c *call) adviceOf(err error) advice {
	if a, ok := errors.AsType[advice](err); ok {
		return a
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		err = status.FromContextError(err).Err()
	}
	st := rpcerr.Status(err, c.tag())
	if !fromServer(status.Convert(err)) && st.Code() == codes.Unavailable { // The connection's own words, not the server's.
		return advice{Reason: rpcerr.Reason(st), Message: c.say(serverGone)}
	}
	a := advice{Reason: rpcerr.Reason(st), Message: st.Message()}
	for _, detail := range st.Details() {
		switch d := detail.(type) {
		case *errdetails.LocalizedMessage:
			if a.Message = d.GetMessage(); fromServer(status.Convert(err)) && len(st.Message()) > 0 && !strings.Contains(a.Message, st.Message()) {
				a.Message += " (" + st.Message() + ")"
			}
		case *errdetails.BadRequest:
			a.Fields = map[string]string{}
			for _, v := range d.GetFieldViolations() {
				a.Fields[v.GetField()] = v.GetDescription()
				if local := v.GetLocalizedMessage().GetMessage(); local != "" {
					a.Fields[v.GetField()] = local
				}
			}
		}
	}
	if wait, ok := rpcerr.RetryAfter(st); ok {
		a.WaitSeconds = max(int64(math.Ceil(wait.Seconds())), 1)
	}
	return a
}

// fromServer reports whether a status has the details of this server: otherwise the connection made it.
func fromServer(st *status.Status) bool { return errorInfoOf(st) != nil }

func errorInfoOf(st *status.Status) *errdetails.ErrorInfo {
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetDomain() == rpcerr.Domain {
			return info
		}
	}
	return nil
}

// callsOf is how many upstream calls a failure cost; false if that is not known.
func callsOf(err error) (calls int, known bool) {
	if _, ok := errors.AsType[advice](err); ok {
		return 0, true
	}
	st := status.Convert(err)
	info := errorInfoOf(st)
	if info == nil {
		return 0, false
	}
	if text, ok := info.GetMetadata()[rpcerr.MetaCalls]; ok {
		n, err := strconv.Atoi(text)
		return n, err == nil
	}
	switch st.Code() {
	// The request was refused before anything was asked.
	case codes.InvalidArgument, codes.Unauthenticated, codes.PermissionDenied, codes.Unimplemented:
		return 0, true
	}
	return 0, false
}
