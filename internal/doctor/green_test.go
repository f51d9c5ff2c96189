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

// all serves what h serves, with the status of success.
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

// Unwrap lets connections be taken over.
func (w *greenWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// withoutAnswer are the diagnoses of what never answers, or answers nothing over HTTP that could look well: a check by the
// status has nothing to be green about.
func withoutAnswer() []zhaohuov1.DiagnosisCode {
	return []zhaohuov1.DiagnosisCode{
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NAME_NOT_RESOLVED, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CONNECTION_REFUSED,
		// The certificate, the tunnel of a proxy, the turn in our own queue and the store of limits come before any answer.
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TLS_FAILED, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PROXY_FAILED, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_QUEUE_TOO_LONG,
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_LIMITS_STORE_LOST, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_OWN_DAY_USED_UP,
		// The server of tokens is a Redis; its cases are of its own.
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKENS_EVICTABLE, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_EVICTION_UNKNOWN,
		// This one is told by the status alone.
		zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_UPSTREAM_DOWN,
	}
}

// greenPatients answer HTTP 200, and are not well all the same: for what no sandbox answers.
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

// TestHTTP200ProvesNothing: every case of a sandbox, with HTTP 200 on all its answers, is found to be what it is. So of each
// diagnosis that an answer can lead to there is one where a check that goes by the status would call all well.
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

// diagnosedGreen examines a case behind HTTP 200; nil where it is not about answers at all.
func diagnosedGreen(t *testing.T, p patient, b *bed, want []string) *zhaohuov1.DiagnoseResponse {
	t.Helper()
	var got *zhaohuov1.DiagnoseResponse
	t.Run(b.dialect+"/"+strings.ReplaceAll(p.name, " ", "-"), func(t *testing.T) {
		p.sick(t, b)
		own := b.outside == nil && b.url == "" && b.transport.Proxy == nil
		green := slices.ContainsFunc(greenPatients(), func(g patient) bool { return g.name == p.name })
		if !own && !green {
			return // Told by the status, or before there is one: TestFindings has it.
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
