package doctor_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// answers counts answers whose status was made HTTP 200.
type answers struct{ written atomic.Int64 }

// all serves what h serves, with the status HTTP 200.
func (a *answers) all(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(&greenWriter{w, a, false}, r) })
}

type greenWriter struct {
	http.ResponseWriter
	answers *answers
	wrote   bool
}

func (w *greenWriter) WriteHeader(int) {
	if !w.wrote {
		w.wrote = true
		w.answers.written.Add(1)
		w.ResponseWriter.WriteHeader(http.StatusOK)
	}
}

func (w *greenWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

// Unwrap allows hijacking of connections.
func (w *greenWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// withoutAnswer are the diagnoses of failures without an HTTP answer. A check that looks only at the status cannot take them
// for success.
func withoutAnswer() []zhaohuov1.DiagnosisCode {
	return []zhaohuov1.DiagnosisCode{
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NAME_NOT_RESOLVED, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CONNECTION_REFUSED,
		// The certificate, the tunnel of a proxy, the wait in our own queue and the store of limits come before any answer.
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TLS_FAILED, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PROXY_FAILED, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_QUEUE_TOO_LONG,
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_LIMITS_STORE_LOST, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_OWN_DAY_USED_UP,
		// The server of tokens is a Redis, which has separate cases.
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKENS_EVICTABLE, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_EVICTION_UNKNOWN,
		// What is known of pushes costs no call.
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_ARRIVE, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_AWAITED,
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_REFUSED, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_NOT_CAUGHT_UP,
		// This one is recognized by the status alone.
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_UPSTREAM_DOWN,
	}
}

// greenPatients answer HTTP 200 although something is wrong. No sandbox gives these answers.
func greenPatients() []patient {
	network := func(diagnosis, reason string) []string {
		return []string{
			"NETWORK FAILED " + diagnosis + " " + reason, "CLOCK SKIPPED", "APP_KEY SKIPPED", "SIGNATURE SKIPPED", "TOKEN SKIPPED",
			"PERMISSION SKIPPED", "LIMITS SKIPPED",
		}
	}
	silent := network("TIMED_OUT", "UPSTREAM_TIMEOUT")
	broken := network("CONNECTION_BROKEN", "UPSTREAM_UNAVAILABLE")
	portal := network("NOT_THE_UPSTREAM", "UPSTREAM_UNAVAILABLE")
	return []patient{
		{
			name: "success, and the rest of it never comes", aop: silent, top: silent, calls: [2]int32{1, 1},
			sick: func(_ *testing.T, b *bed) {
				b.timeout = 100 * time.Millisecond
				b.outside = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_ = r.ParseForm() // Only then does net/http notice that the caller leaves.
					w.Header().Set("Content-Type", "application/json")
					_, _ = io.WriteString(w, `{"success":true,"result":`)
					_ = http.NewResponseController(w).Flush()
					<-r.Context().Done()
				})
			},
		},
		{
			name: "success, cut off", aop: broken, top: broken, calls: [2]int32{1, 1},
			sick: func(_ *testing.T, b *bed) {
				b.outside = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Length", "100")
					_, _ = io.WriteString(w, `{"success":true,`)
				})
			},
		},
		{
			name: "success of a login page", aop: portal, top: portal, calls: [2]int32{1, 1},
			sick: func(_ *testing.T, b *bed) { b.outside = page(http.StatusOK, "") },
		},
	}
}

// TestHTTP200ProvesNothing: every case of a sandbox gets the same findings when all its answers have HTTP 200. So for each
// diagnosis that an answer can lead to, there is a case that a check of the status alone would miss.
func TestHTTP200ProvesNothing(t *testing.T) {
	found := map[zhaohuov1.DiagnosisCode]bool{}
	for _, p := range slices.Concat(patients(), greenPatients()) {
		for i, dialect := range []string{"aop", "top"} {
			if p.dialect != "" && p.dialect != dialect {
				continue
			}
			b := newBed(dialect)
			b.green = new(answers)
			if greened := diagnosedGreen(t, p, b, [][]string{p.aop, p.top}[i]); greened != nil {
				for _, f := range greened.GetFindings() {
					found[f.GetDiagnosis()] = true
				}
			}
		}
	}
	for number, name := range zhaohuov1.DiagnosisCode_name {
		d := zhaohuov1.DiagnosisCode(number)
		if d != zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_UNSPECIFIED && !found[d] && !slices.Contains(withoutAnswer(), d) {
			t.Errorf("%s: no case in which HTTP 200 would be taken for right", name)
		}
	}
}

// diagnosedGreen examines a case behind HTTP 200. It returns nil if the case is not about answers.
func diagnosedGreen(t *testing.T, p patient, b *bed, want []string) *zhaohuov1.DiagnoseResponse {
	t.Helper()
	var got *zhaohuov1.DiagnoseResponse
	t.Run(b.dialect+"/"+strings.ReplaceAll(p.name, " ", "-"), func(t *testing.T) {
		p.sick(t, b)
		own := b.outside == nil && b.url == "" && b.transport.Proxy == nil
		green := slices.ContainsFunc(greenPatients(), func(g patient) bool { return g.name == p.name })
		if !own && !green {
			return // Recognized by the status, or before there is one: TestFindings has it.
		}
		answer, err := b.examine(t.Context(), t)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, lines(answer)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if b.green.written.Load() > 0 {
			got = answer
		}
	})
	return got
}
