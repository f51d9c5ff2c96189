package aop_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// A list answer is decoded in every envelope.
func TestEveryEnvelope(t *testing.T) {
	const rows = `[{"offerId":"7"}]`
	const all = `{"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":1,"data":` + rows + `}`
	total := proto.Int64(172)
	d := aop.New(aop.Config{})
	for name, c := range map[string]struct {
		body  string
		total *int64
	}{
		"E1":               {`{"result":{"success":true,"code":"200","message":"成功","result":` + all + `}}`, total},
		"E2":               {`{"result":{"success":"true","code":"S0000","message":"成功","result":` + all + `}}`, total},
		"E3":               {`{"result":{"success":true,"retCode":"S000","retMsg":"","result":` + rows + `}}`, nil},
		"E4":               {`{"result":{"success":true,"msg":"","traceId":"t","model":` + all + `}}`, total},
		"E5":               {`{"result":{"success":"true","code":"200","msg":"","traceId":"t","model":` + all + `}}`, total},
		"E6":               {`{"result":{"success":true,"msg":"","data":` + all + `}}`, total},
		"E6 top level":     {`{"success":true,"msg":"","data":` + all + `}`, total},
		"E7":               {`{"productInfo":` + all + `,"success":true,"errorCode":null,"errorMsg":null}`, total},
		"E8":               {`{"productList":` + rows + `,"success":true,"message":""}`, nil},
		"E9":               {`{"resultList":` + rows + `,"success":"true","errorCode":"","errorMsg":""}`, nil},
		"E10":              {`{"succes":"true","categoryInfo":` + all + `,"errorCode":null,"errorMsg":null}`, total},
		"E12":              {`{"result":{"success":true,"errorCode":null,"errorMessage":null,"returnValue":` + all + `}}`, total},
		"E13":              {`{"success":true,"result":{"total":172,"page":1,"pageSize":20,"result":` + rows + `}}`, total},
		"E14":              {`{"success":true,"code":"200","message":"","result":` + rows + `,"pageInfo":{"currentPage":1,"pageSize":20,"totalPage":9,"totalRecords":172}}`, total},
		"E15":              {`{"result":` + all + `,"success":"true","code":"200","message":""}`, total},
		"E16, no envelope": {all, total},
		"E17":              {`{"success":true,"code":"S0000","message":"","data":` + all + `,"result":true}`, total},
	} {
		payload, err := d.Wire.Open(upstream.Call{API: keywordAPI}, 200, []byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		answer, err := d.KeywordSearch.Decode(&zhaohuov1.KeywordSearchRequest{}, payload)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(answer.GetProducts()) != 1 || answer.GetProducts()[0].GetId() != "7" || !cmp.Equal(answer.Total, c.total) {
			t.Errorf("%s: got %v", name, answer)
		}
	}
}

// errorMark reports whether a body reports failure at one of its two envelope levels.
func errorMark(body gjson.Result, depth int) bool {
	marked := false
	body.ForEach(func(key, value gjson.Result) bool {
		text := strings.TrimSpace(value.String())
		switch key.Str {
		case "error_code", "errorCode", "errorMessage", "errorMsg", "error_message":
			marked = marked || text != ""
		case "success", "succes":
			marked = marked || strings.EqualFold(text, "false")
		case "code", "retCode":
			marked = marked || strings.HasPrefix(text, "gw.")
		case "result":
			marked = marked || (depth == 0 && value.IsObject() && value.Get("success").Exists() && errorMark(value, 1))
		}
		return true
	})
	return marked
}

func FuzzAnswer(f *testing.F) {
	all := `{"result":{"success":true,"code":"200","message":"成功","result":` + page(onePage, fullOffer) + `}}`
	for _, body := range []string{
		all, gateway("gw.APIACLDecline", "m"), `{"result":null}`, `{"success":false,"result":{"total":0,"data":[]}}`,
		`{"errorMessage":"m","success":true,"result":{"data":[],"totalRecords":0}}`, `[]`, `"x"`, `1`, `{`, all[:200],
		`{"result":{"result":{"data":[{"offerId":1e2}],"totalRecords":-1,"pageSize":9999999999}}}`,
		`{"result":{"success":"true","result":{"data":[]}}}`,
	} {
		f.Add(200, []byte(body), int32(1), int32(20))
		f.Add(400, []byte(body), int32(41), int32(50))
	}
	d := aop.New(aop.Config{})
	f.Fuzz(func(t *testing.T, status int, body []byte, number, size int32) {
		payload, err := d.Wire.Open(upstream.Call{API: keywordAPI}, status, body)
		if _, typed := fault.As(err); (err != nil) != typed {
			t.Fatalf("an untyped error: %v", err)
		}
		if err != nil {
			return
		}
		number, size = max(number, 1), max(min(size, 50), 1)
		q := &zhaohuov1.KeywordSearchRequest{Page: &number, PageSize: &size, IncludeRaw: true, LanguageCode: "en"}
		answer, err := d.KeywordSearch.Decode(q, payload)
		if err != nil {
			if fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
				t.Fatalf("got %v", err)
			}
			return
		}
		if len(answer.GetProducts()) == 0 && (errorMark(gjson.ParseBytes(body), 0) || status/100 != 2) {
			t.Errorf("an error was decoded as an empty page: %d %s", status, body)
		}
		if answer.GetPage() < 1 || answer.GetEffectivePageSize() < 1 || answer.GetNextPage() < 0 || answer.GetTotal() < 0 {
			t.Errorf("inconsistent paging: %v", answer)
		}
		if _, err := proto.Marshal(answer); err != nil {
			t.Errorf("cannot be sent: %v", err)
		}
	})
}
