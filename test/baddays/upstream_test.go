package baddays_test

import (
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// says is a mood that always gives one answer.
func says(status int, kind, body string) *process.Mood {
	return &process.Mood{Answer: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}}
}

// breaks is a mood that closes the connection in the middle of an answer.
func breaks(said string, reset bool) *process.Mood {
	return &process.Mood{Answer: func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = buffered.WriteString(said)
		_ = buffered.Flush()
		if tcp, ok := conn.(*net.TCPConn); ok && reset {
			_ = tcp.SetLinger(0)
		}
	}}
}

// TestBadUpstream: while the upstream fails in one way, new questions are refused with the matching reason, and stored
// answers are still served, also after a kill. When the upstream recovers, so does the service.
func TestBadUpstream(t *testing.T) {
	const asJSON = "application/json"
	for name, day := range map[string]struct {
		mood   *process.Mood
		status int
		reason string
		// lasts marks a failure that continues after the upstream recovers, until the operator acts or the day ends.
		lasts bool
	}{
		"HTTP 500":       {says(500, "text/plain", "oops"), 503, "UPSTREAM_UNAVAILABLE", false},
		"reset":          {breaks("", true), 503, "UPSTREAM_UNAVAILABLE", false},
		"truncated JSON": {breaks("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{\"result\":{\"succ", false), 503, "UPSTREAM_UNAVAILABLE", false},
		"JSON cut short": {says(200, asJSON, `{"result":{"success":"tr`), 503, "UPSTREAM_UNAVAILABLE", false},
		"HTML with 200":  {says(200, "text/html", "<html><body>维护中</body></html>"), 503, "UPSTREAM_UNAVAILABLE", false},
		"silence": {&process.Mood{Answer: func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}}, 503, "UPSTREAM_TIMEOUT", false},
		"throttle storm":       {says(400, asJSON, `{"error_code":"gw.QosAppFrequencyLimit","error_message":"App call exceeds limited frequency"}`), 429, "UPSTREAM_THROTTLED", false},
		"the day is used up":   {says(400, asJSON, `{"error_code":"gw.NoUsageLeftError","error_message":"SLA bill has no usage left"}`), 429, "UPSTREAM_QUOTA_EXHAUSTED", true},
		"the token is expired": {says(401, asJSON, `{"error_code":"401","error_message":"Request need user authorized"}`), 500, "UPSTREAM_TOKEN_INVALID", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // Most of its time is waiting.
			p, dir := process.Open(t), t.TempDir()
			settings := p.Settings(dir, map[string]string{"ZHAOHUO_UPSTREAM_ATTEMPTS": "2", "ZHAOHUO_UPSTREAM_TIMEOUT": "500ms"})
			const known = 10
			s := serve(t, settings)
			s.answers(t, 0, known)
			stored(t, dir, known)

			p.Mood.Store(day.mood)
			if got := s.ask(t, known); got.status != day.status || got.reason != day.reason {
				t.Errorf("%+v, want %d %s", got, day.status, day.reason)
			}
			for range 2 {
				calls := p.Calls.Load()
				s.knows(t, 0, known)
				if spent := p.Calls.Load() - calls; spent != 0 {
					t.Errorf("%d upstream calls for what was stored", spent)
				}
				s.End(t, syscall.SIGKILL)
				s = serve(t, settings)
			}
			p.Mood.Store(nil)
			if day.lasts {
				return
			}
			s.answers(t, known, known+3)
		})
	}
}
