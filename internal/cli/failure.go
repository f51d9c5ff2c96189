package cli

import (
	"cmp"
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

	"github.com/zhaohuo-dev/zhaohuo/internal/base/localtext"
)

// The exit codes of every command.
const (
	exitOK = 0
	// exitOther: a failure without a code of its own.
	exitOther = 1
	// exitUsage: the command line, the configuration or the request is wrong.
	exitUsage = 2
	// exitRefused: the request is valid, but refused: no permission, bad credentials, product not found.
	exitRefused = 3
	// exitLater: the same command may succeed later.
	exitLater = 4
)

// usageError is a mistake in the command line or in the configuration.
type usageError struct{ error }

// mistake is a translatable error: its English format and arguments.
type mistake struct {
	format string
	args   []any
}

func (m mistake) Error() string { return m.plain().Error() }

func (m mistake) Unwrap() error { return errors.Unwrap(m.plain()) }

func (m mistake) plain() error { return fmt.Errorf(m.format, m.args...) }

// sentence is the error in the user's language; English without a translation.
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

// trouble is an error other than a mistake of the user. errors.Is treats each one as distinct.
func trouble(format string, args ...any) error { return &mistake{format, args} }

// worded is the translatable error in err; nil if there is none.
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

// callError is a failed RPC with its request id.
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
	// reach says what is at an address instead of a usable server; ADDR is the address.
	reach map[what]string
	// unnamed says what else to do if the user named no address.
	unnamed string
	units   units
	// mistakes are the translations of errors, titles those of tables and help those of commands, by the English text.
	mistakes, titles, help map[string]string
	// texts are notes, footers and names of fields; parser are texts of the command line and settings parser, all by
	// their English formats.
	texts  map[string]string
	parser localtext.Texts
	// working is shown while waiting for an answer.
	working string
}

// units are the words after numbers.
type units struct{ millisecond, second, seconds, minutes, hours, shortMinutes, days string }

// printFailure prints a failure in the user's language: the error, the fields, how long to wait, and the request id.
func printFailure(w io.Writer, err error, words phrases) {
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
		why := cmp.Or(field.GetLocalizedMessage().GetMessage(), field.GetDescription())
		fmt.Fprintf(w, "  %s: %s\n", plain(field.GetField()), plain(why))
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
