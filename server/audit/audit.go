// Package audit writes who asked what, and what it cost, as one JSON object a line into a file that is rotated. It never writes photos,
// parameters' values or what could be a secret. It never makes a caller wait: what the file cannot take in time is lost, and counted.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/DeRuina/timberjack"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/backlog"
)

// Entry is one request that has ended.
type Entry struct {
	// Time is when the request began, Took how long it lasted.
	Time time.Time
	Took time.Duration
	// RequestID is that of the answer and of the log; TraceID is empty without a trace.
	RequestID, TraceID string
	// Caller is the name of the API key; empty without one. Address is the sender's IP address.
	Caller, Address string
	// Method is the RPC's full name, Code the name of its gRPC code, Reason that of its error; empty for success.
	Method, Code, Reason string
	// UpstreamCalls is what the request cost. Waited is how long it waited for the first of them; 0 without one.
	UpstreamCalls int
	Waited        time.Duration
	// AnsweredBy is what answered its questions, Question the hash of its only question; both may be empty.
	AnsweredBy, Question string
	// Request is the request's first message; nil if none was read.
	Request proto.Message
}

// line is an Entry in the file.
type line struct {
	Time          string          `json:"time"`
	Took          float64         `json:"took"`
	RequestID     string          `json:"request_id"`
	TraceID       string          `json:"trace_id,omitempty"`
	Caller        string          `json:"caller,omitempty"`
	Address       string          `json:"address,omitempty"`
	Method        string          `json:"method"`
	Code          string          `json:"code"`
	Reason        string          `json:"reason,omitempty"`
	UpstreamCalls int             `json:"upstream_calls"`
	Waited        float64         `json:"waited,omitempty"`
	AnsweredBy    string          `json:"answered_by,omitempty"`
	Question      string          `json:"question,omitempty"`
	Request       json.RawMessage `json:"request,omitempty"`
}

// queueMax is how many entries wait for the file at most.
const queueMax = 4096

// Options configure a [Log].
type Options struct {
	// Path is the file. It is appended to, and made if it is not there; only its owner may read it.
	Path string
	// Megabytes is the size at which a file is set aside under a name with its time. Files is how many of those are kept.
	Megabytes, Files int
	// Log receives what an operator should know; nil for none.
	Log *slog.Logger
	// Metrics gets the counters; nil for none.
	Metrics prometheus.Registerer
}

// Log is an open file. It is safe for concurrent use.
type Log struct {
	file    *timberjack.Logger
	log     *slog.Logger
	written prometheus.Counter
	lost    *prometheus.CounterVec
	failing bool
	queue   *backlog.Queue[Entry]
}

// Why an entry was lost, in metrics.
const (
	lostFull  = "queue_full"
	lostWrite = "write"
)

// Open opens the file, to find out at start that it cannot be written.
func Open(o Options) (*Log, error) {
	file, err := os.OpenFile(o.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	l := &Log{
		file:    &timberjack.Logger{Filename: o.Path, MaxSize: o.Megabytes, MaxBackups: o.Files, FileMode: 0o600},
		log:     o.Log,
		written: prometheus.NewCounter(prometheus.CounterOpts{Name: "zhaohuo_audit_entries_total", Help: "Requests that were written to audit-file."}),
		lost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "zhaohuo_audit_lost_total", Help: "Requests that are missing in audit-file, by why: queue_full (the file is too slow) or write (it cannot be written).",
		}, []string{"why"}),
	}
	for _, why := range []string{lostFull, lostWrite} {
		l.lost.WithLabelValues(why) // It is 0 from the beginning, so that its first growth is seen.
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics != nil {
		for _, c := range []prometheus.Collector{l.written, l.lost} {
			if err := o.Metrics.Register(c); err != nil {
				return nil, fmt.Errorf("audit: registering metrics: %w", err)
			}
		}
	}
	l.queue = backlog.New(backlog.Options[Entry]{Max: queueMax, Take: func(entries []Entry, _ int) {
		for _, e := range entries {
			l.write(e)
		}
	}})
	return l, nil
}

// Add has an entry written. It never waits. The request may be changed afterwards.
func (l *Log) Add(e Entry) {
	e.Request = stripped(e.Request)
	if !l.queue.Add(e) {
		l.lost.WithLabelValues(lostFull).Inc()
	}
}

// Close writes what waits, as far as ctx allows, and closes the file.
func (l *Log) Close(ctx context.Context) error {
	if err := l.queue.Close(ctx); err != nil {
		return err // The file is stuck. The process ends anyway.
	}
	return l.file.Close()
}

// write reports a file that cannot be written once, until it can be written.
func (l *Log) write(e Entry) {
	text, err := json.Marshal(lineOf(e))
	if err == nil {
		_, err = l.file.Write(append(text, '\n'))
	}
	if err != nil {
		l.lost.WithLabelValues(lostWrite).Inc()
		if !l.failing {
			l.log.Error("audit-file cannot be written; requests are missing in it", "error", err)
		}
	} else {
		l.written.Inc()
		if l.failing {
			l.log.Info("audit-file can be written")
		}
	}
	l.failing = err != nil
}

func lineOf(e Entry) line {
	return line{
		Time: e.Time.UTC().Format(time.RFC3339Nano), Took: e.Took.Seconds(), RequestID: e.RequestID, TraceID: e.TraceID, Caller: e.Caller, Address: e.Address,
		Method: e.Method, Code: e.Code, Reason: e.Reason, UpstreamCalls: e.UpstreamCalls, Waited: e.Waited.Seconds(), AnsweredBy: e.AnsweredBy,
		Question: e.Question, Request: requestOf(e.Request),
	}
}
