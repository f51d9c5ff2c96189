package doctor_test

import (
	"context"
	"net/http"
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// A server that answers every call alike proves nothing, whatever it answers: apart from the network and the clock in its
// header, no check may be OK.
func TestWhoeverAnswersAllCallsAlikeProvesNothing(t *testing.T) {
	for name, body := range map[string]string{
		"a code of its own":          `{"error_code":"400","error_message":"Invalid signature","success":false}`,
		"another spelling":           `{"errorCode":"E1","errorMessage":"no","success":false}`,
		"words about arguments":      `{"error_code":"400","error_message":"参数 sign 错误","success":false}`,
		"words about goods":          `{"success":false,"message":"应用已下架"}`,
		"words about images":         `{"success":false,"code":"SYSTEM_ERROR","message":"handle image error"}`,
		"a refusal beside a result":  `{"success":false,"message":"no","result":{"total":0,"result":[]}}`,
		"an error with a number":     `{"code":500,"message":"no"}`,
		"an undocumented isv code":   `{"error_response":{"code":"isv.nobody-knows-this"}}`,
		"a code of a gateway":        `{"error_code":"gw.Nobody"}`,
		"a friendly object":          `{"ok":true}`,
		"an empty object":            `{}`,
		"a friendly word":            `"OK"`,
		"a number":                   `42`,
		"a success without anything": `{"success":true}`,
		"a success with null":        `{"result":{"success":true,"code":"200","result":null}}`,
		"a success with a word":      `{"result":{"success":true,"code":"200","result":"fine"}}`,
	} {
		for _, dialect := range []string{"aop", "top"} {
			t.Run(dialect+"/"+name, func(t *testing.T) {
				b := newBed(dialect)
				b.outside = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write([]byte(body))
				})
				got, err := b.examine(context.Background(), t)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range got.GetFindings() {
					switch f.GetCheck() {
					case zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_NETWORK, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK:
						continue
					}
					if f.GetVerdict() == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_OK {
						t.Errorf("%s of %q is OK: %s", f.GetCheck(), f.GetSubject(), f.GetDiagnosis())
					}
				}
			})
		}
	}
}
