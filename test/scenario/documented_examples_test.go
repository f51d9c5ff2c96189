package scenario_test

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// schemas check JSON against the served description.
type schemas struct{ compiler *jsonschema.Compiler }

const descriptionURL = "http://description/openapi.json"

func newSchemas(t *testing.T, text string) schemas {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.AssertContent()
	if err := compiler.AddResource(descriptionURL, document); err != nil {
		t.Fatal(err)
	}
	return schemas{compiler}
}

// check returns how JSON violates the schema at the pointer, such as "/components/schemas/Status".
func (s schemas) check(t *testing.T, pointer string, data []byte) {
	t.Helper()
	schema, err := s.compiler.Compile(descriptionURL + "#" + pointer)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v: %.300s", err, data)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%v: %.600s", err, data)
	}
}

// pointed writes the parts of a JSON pointer, in a URL.
func pointed(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		b.WriteString("/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(part)))
	}
	return b.String()
}

// TestDocumentedExamplesAreAnswered sends the example of every operation and checks the answer, or each line of it, with
// its schema.
func TestDocumentedExamplesAreAnswered(t *testing.T) {
	messages := make(chan string, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case messages <- r.Header.Get("webhook-id"):
		default: // Nobody waits for it, and the next one comes within seconds.
		}
	}))
	defer receiver.Close()
	s := start(t, map[string]string{
		"ZHAOHUO_DIALECT": "aop", "ZHAOHUO_SANDBOX_DRIFT": "1s", "ZHAOHUO_WEBHOOK_HOSTS": strings.TrimPrefix(receiver.URL, "http://"),
	})
	api, text := s.description(t)
	fits := newSchemas(t, text)
	if api.Info.Version != "test" || len(api.Servers) != 1 || api.Servers[0].URL != s.REST || api.Info.Title != "zhaohuo" {
		t.Errorf("%+v %+v", api.Info, api.Servers)
	}
	for path, methods := range api.Paths {
		for method, operation := range methods {
			t.Run(operation.OperationID, func(t *testing.T) {
				kind, answer := s.example(t, strings.ToUpper(method), path, operation, func(path string) string {
					return s.existing(t, path, receiver, messages)
				})
				content := operation.Responses["200"].Content
				delete(content, "text/event-stream") // Only who names it is sent that.
				if _, ok := content[kind]; !ok || len(content) != 1 {
					t.Fatalf("answers with %q, and the description says %v", kind, slices.Collect(maps.Keys(content)))
				}
				pointer := pointed("paths", path, method, "responses", "200", "content", kind, "schema")
				switch kind {
				case "application/json":
					fits.check(t, pointer, answer)
				case "application/x-ndjson":
					for line := range bytes.Lines(answer) {
						fits.check(t, pointer, line)
					}
				}
			})
		}
	}
}

// example sends the example of an operation and returns the answer, which must be a success. It replaces the ids in
// the path by existing ones.
func (s *runningService) example(
	t *testing.T, method, path string, operation documented, existing func(path string) string,
) (kind string, answer []byte) {
	t.Helper()
	ask := asking{path: path, query: url.Values{}, header: http.Header{}}
	for _, p := range operation.Parameters {
		if p.Required || p.Example != nil {
			ask = ask.with(p)
		}
	}
	var body io.Reader
	if content, ok := operation.RequestBody.Content["application/json"]; ok {
		body = bytes.NewReader(content.Examples["example"].Value)
		ask.header.Set("Content-Type", "application/json")
	} else if len(operation.RequestBody.Content) > 0 {
		body = bytes.NewReader(photo(t, "earphones.jpg"))
		ask.header.Set("Content-Type", "image/jpeg")
	}
	ask.path = existing(ask.path)
	request, err := http.NewRequestWithContext(t.Context(), method, s.REST+ask.path+"?"+ask.query.Encode(), body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = ask.header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err = readAnswer(path, response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %s %v", method, request.URL, response.StatusCode, answer, err)
	}
	kind, _, _ = strings.Cut(response.Header.Get("Content-Type"), ";")
	return kind, answer
}

// readAnswer reads an answer, or the first line of one that never ends: a heartbeat.
func readAnswer(path string, body io.Reader) ([]byte, error) {
	if path == "/v1/priceEvents:stream" {
		return bufio.NewReader(body).ReadBytes('\n')
	}
	return io.ReadAll(body)
}

// Ids in the examples, which no server has.
const (
	exampleWatch    = "pw_3k7q2m5x4wzjt6ab"
	exampleWebhook  = "wh_6b2zq4m7x5wjt3ka"
	exampleDelivery = "msg_4711_" + exampleWebhook
)

// existing replaces the ids of the example in a path by those of a new watch.
func (s *runningService) existing(t *testing.T, path string, receiver *httptest.Server, messages <-chan string) string {
	t.Helper()
	if !strings.Contains(path, exampleWatch) && !strings.Contains(path, exampleDelivery) {
		return path
	}
	made, err := zhaohuov1.NewPriceWatchServiceClient(s.conn).CreatePriceWatch(t.Context(), &zhaohuov1.CreatePriceWatchRequest{
		PriceWatch: &zhaohuov1.PriceWatch{
			Target:   &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: "保温杯"}},
			Interval: durationpb.New(time.Second),
			Conditions: []*zhaohuov1.PriceCondition{
				{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL}, {Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE},
			},
			Webhooks: []*zhaohuov1.PriceWebhook{{Url: receiver.URL}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	watch, webhook := made.GetPriceWatch().GetId(), made.GetPriceWatch().GetWebhooks()[0].GetId()
	if strings.Contains(path, exampleDelivery) {
		path = strings.ReplaceAll(path, exampleDelivery, messageOf(t, webhook, messages))
	}
	return strings.NewReplacer(exampleWatch, watch, exampleWebhook, webhook).Replace(path)
}

// messageOf waits for a message to the webhook, and gives its id. Messages of other watches, which may be deleted, do not count.
func messageOf(t *testing.T, webhook string, messages <-chan string) string {
	t.Helper()
	for late := time.After(time.Minute); ; {
		select {
		case id := <-messages:
			if strings.HasSuffix(id, "_"+webhook) {
				return id
			}
		case <-late:
			t.Fatal("no message came to the webhook")
		}
	}
}

// TestDocumentedFailures: every reason of the contract is listed under its HTTP status, its example fits the schema, and
// real errors fit it too.
func TestDocumentedFailures(t *testing.T) {
	s := start(t, map[string]string{"ZHAOHUO_DIALECT": "aop"})
	api, text := s.description(t)
	fits := newSchemas(t, text)
	documented := map[string]bool{}
	for name, response := range api.Components.Responses {
		for reason, example := range response.Content["application/json"].Examples {
			documented[reason] = true
			fits.check(t, "/components/schemas/Status", example.Value)
			if !strings.Contains(response.Description, "`"+reason+"`") {
				t.Errorf("%s does not describe %s", name, reason)
			}
		}
	}
	for _, name := range zhaohuov1.ErrorReason_name {
		if reason := strings.TrimPrefix(name, "ERROR_REASON_"); reason != "UNSPECIFIED" && !documented[reason] {
			t.Errorf("%s is listed under no status", reason)
		}
	}
	for target, status := range map[string]int{
		"/v1/products:keywordSearch?keyword=": 400, "/v1/products:keywordSearch?keywords=a": 400, "/v1/nothing": 404,
		"/v1/products/999999999999999": 404, "/v1/products:keywordSearch?keyword=" + url.QueryEscape("耳机 sandbox:package-used-up"): 429,
	} {
		response, err := http.Get(s.REST + target)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != status {
			t.Errorf("%s: %d, want %d: %s %v", target, response.StatusCode, status, body, err)
		}
		fits.check(t, "/components/schemas/Status", body)
		if _, ok := api.Components.Responses["Error"+strconv.Itoa(response.StatusCode)]; !ok {
			t.Errorf("%d is not described", response.StatusCode)
		}
	}
}
