package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The exit codes of every command.
const (
	exitOK = 0
	// exitOther: it failed in a way that no other code names.
	exitOther = 1
	// exitUsage: the command line, the configuration or the request is wrong.
	exitUsage = 2
	// exitRefused: the request is fine, but is refused as things stand: no permission, bad credentials, no such goods.
	exitRefused = 3
	// exitLater: the same again later may succeed.
	exitLater = 4
)

// usageError is a mistake in the command line or in the configuration.
type usageError struct{ error }

// mistake is a mistake that can be told in each language: its English format and what goes into it.
type mistake struct {
	format string
	args   []any
}

func (m mistake) Error() string { return m.plain().Error() }

func (m mistake) Unwrap() error { return errors.Unwrap(m.plain()) }

func (m mistake) plain() error { return fmt.Errorf(m.format, m.args...) }

// sentence is the mistake in the user's language; in English where that has no text for it.
func (m mistake) sentence(words phrases) string {
	if format := words.mistakes[m.format]; format != "" {
		args := slices.Clone(m.args)
		for i, arg := range args {
			switch arg := arg.(type) {
			case error:
				args[i] = words.read(arg.Error())
			case fmt.Stringer:
				args[i] = words.say(arg.String())
			}
		}
		return fmt.Sprintf(strings.ReplaceAll(format, "%w", "%v"), args...)
	}
	return words.read(m.Error())
}

func (u usageError) Unwrap() error { return u.error }

// trouble is what went wrong, other than by a mistake of the user's. Each is an error of its own, as errors.Is sees it.
func trouble(format string, args ...any) error { return &mistake{format, args} }

// worded is the mistake or failure whose text an error has; nil for an error of other words.
func worded(err error) *mistake {
	var own *mistake
	if errors.As(err, &own) && own.Error() == err.Error() {
		return own
	}
	if wrong := new(mistake); errors.As(err, wrong) && wrong.Error() == err.Error() {
		return wrong
	}
	return nil
}

func usage(format string, args ...any) error { return usageError{mistake{format, args}} }

// callError is a failed RPC with the request id it went by.
type callError struct {
	error
	requestID string
}

func (c callError) Unwrap() error { return c.error }

// unfinished is the error of an interrupted command that can be resumed by a rerun.
type unfinished struct{ error }

func (u unfinished) Unwrap() error { return u.error }

func exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	var found diagnosed
	if errors.As(err, &found) {
		return found.code
	}
	if errors.As(err, new(usageError)) || errors.As(err, new(*kong.ParseError)) {
		return exitUsage
	}
	if errors.As(err, new(unfinished)) {
		return exitLater
	}
	if missed := new(unreachable); errors.As(err, missed) {
		if missed.later() {
			return exitLater
		}
		return exitUsage
	}
	var called callError
	if !errors.As(err, &called) {
		return exitOther
	}
	st := status.Convert(called.error)
	if detail[*errdetails.RetryInfo](st) != nil {
		return exitLater
	}
	switch st.Code() {
	case codes.InvalidArgument, codes.OutOfRange:
		return exitUsage
	case codes.FailedPrecondition, codes.PermissionDenied, codes.Unauthenticated, codes.NotFound, codes.Unimplemented:
		return exitRefused
	case codes.Unavailable, codes.ResourceExhausted, codes.DeadlineExceeded, codes.Aborted:
		return exitLater
	default:
		return exitOther
	}
}

// phrases are the words around a failure.
type phrases struct {
	failed, retry, requestID string
	// reach says what is at an address in the place of a server that can be asked: ADDR is the address.
	reach map[what]string
	// unnamed is what else can be done where nobody named the address.
	unnamed string
	units   units
	// mistakes are the texts of mistakes, titles those of tables and help that of commands, by the English ones.
	mistakes, titles, help map[string]string
	// texts are notes, footers and the names of fields; parser are texts of the command line's and the settings' reader, all by
	// their English formats.
	texts  map[string]string
	parser []reading
	// working is what is shown while an answer is waited for.
	working string
}

// units are what follows a number of them.
type units struct{ millisecond, second, seconds, minutes, hours, shortMinutes, days string }

// tell prints a failure in the user's language: what it is, which fields, how long to wait, and the number to report.
func tell(w io.Writer, err error, words phrases) {
	if missed := new(unreachable); errors.As(err, missed) {
		fmt.Fprintf(w, "%s: %s\n", words.failed, plain(missed.sentence(words)))
		return
	}
	var called callError
	if !errors.As(err, &called) {
		for _, text := range sentences(err, words) {
			for line := range strings.SplitSeq(text, "\n") {
				fmt.Fprintf(w, "%s: %s\n", words.failed, plain(line))
			}
		}
		return
	}
	st := status.Convert(called.error)
	title := code.Code_name[int32(st.Code())]
	if info := detail[*errdetails.ErrorInfo](st); info != nil {
		title += " " + info.GetReason()
	}
	message := st.Message()
	if local := detail[*errdetails.LocalizedMessage](st); local != nil {
		message = local.GetMessage()
	}
	fmt.Fprintf(w, "%s: %s: %s\n", words.failed, title, plain(message))
	fields := detail[*errdetails.BadRequest](st).GetFieldViolations()
	if message != st.Message() && len(fields) == 0 {
		fmt.Fprintf(w, "  %s\n", plain(st.Message()))
	}
	for _, field := range fields {
		fmt.Fprintf(w, "  %s: %s\n", plain(field.GetField()), plain(field.GetDescription()))
	}
	if retry := detail[*errdetails.RetryInfo](st); retry != nil {
		fmt.Fprintf(w, words.retry, spoken(retry.GetRetryDelay().AsDuration(), words))
	}
	if called.requestID != "" {
		fmt.Fprintf(w, words.requestID, plain(called.requestID))
	}
}

// sentences are the texts of an error and of those it joins.
func sentences(err error, words phrases) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, one := range joined.Unwrap() {
			all = append(all, sentences(one, words)...)
		}
		return all
	}
	text := err.Error()
	if wrong := worded(err); wrong != nil {
		return []string{wrong.sentence(words)}
	}
	if inner := errors.Unwrap(err); inner != nil && inner.Error() == text {
		return sentences(inner, words)
	}
	return []string{words.read(text)}
}

// detail is the first detail of its type; nil for none.
func detail[D any](st *status.Status) D {
	for _, d := range st.Details() {
		if found, ok := d.(D); ok {
			return found
		}
	}
	var none D
	return none
}
