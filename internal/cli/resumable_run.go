package cli

import (
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// failuresShown is how many failed questions are listed.
const failuresShown = 10

// resumableRun is one run of a command that writes a resumable file, with its outcome.
type resumableRun struct {
	*session
	into *resumableFile
	bar  *bar

	// done includes failed.
	done, total, failed, calls int32
	// first is the first failure of a question.
	first  *status.Status
	named  []string
	warned bool
}

func newResumableRun(s *session, into *resumableFile) resumableRun {
	return resumableRun{session: s, into: into, bar: newBar(s.Stderr, s.words)}
}

// open connects to the server and checks that its answers may go into the file.
func (r *resumableRun) open(t target) (*connection, error) {
	conn, err := t.open(r.session)
	if err != nil {
		return nil, err
	}
	from, err := r.originOf(conn, t)
	if err == nil {
		err = r.into.bind(from)
	}
	if err != nil {
		return nil, errors.Join(err, conn.close())
	}
	return conn, nil
}

// answered writes the answer to a question.
func (r *resumableRun) answered(one record) error {
	if err := r.into.bindSource(one.goods.meta); err != nil {
		return err
	}
	if !r.warned {
		r.bar.clear()
		r.warnOfSandbox(one.goods.meta)
		r.warned = true
	}
	return r.into.write(one)
}

// refused counts a failed question. It is not written to the file; a rerun of the command asks it again.
func (r *resumableRun) refused(question string, why *status.Status) {
	r.failed++
	if r.first == nil {
		r.first = why
	}
	if len(r.named) < failuresShown {
		r.named = append(r.named, fmt.Sprintf("%s: %s", plain(question), plain(why.Message())))
	}
}

// close ends the file, reports the progress, and returns the error of the run. complete means that nothing is left to
// ask; questions formats a number of questions.
func (r *resumableRun) close(complete bool, questions func(int32) string, err error) error {
	if closed := r.into.close(complete); closed != nil {
		return errors.Join(err, closed)
	}
	name := r.into.name
	if broken := r.into.broken; broken != nil { // The state counts the answers in the file, not those received.
		r.note("rerun the command to resume; the progress is in %s", name+resumeSuffix)
		if errors.Is(err, broken) {
			return err
		}
		return errors.Join(err, broken)
	}
	r.note("%s: %d of %s answered, %s", name, r.done-r.failed, questions(r.total), counted(r.words, r.calls, "upstream call", "upstream calls"))
	if complete {
		return err
	}
	for _, line := range r.named {
		r.note("failed: %s", line)
	}
	if more := int(r.failed) - len(r.named); more > 0 {
		r.note("failed: %d more", more)
	}
	r.note("rerun the command to resume; the progress is in %s", name+resumeSuffix)
	switch {
	case r.ctx.Err() != nil:
		return unfinished{trouble("stopped")}
	case err != nil:
		return err
	case r.first != nil:
		return callError{error: r.first.Err()}
	}
	return callError{error: status.Error(codes.Internal, "the batch ended early")}
}

// noteFinished reports that nothing is left to ask.
func (s *session) noteFinished(name string) {
	s.note("%s is complete: there is nothing left to ask", name)
}
