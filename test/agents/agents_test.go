// Package agents_test runs AI agents against the complete service: the protocol's own client over both transports, and clients
// that share no code with it.
package agents_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/cli"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

var update = flag.Bool("update", false, "write the golden transcript anew")

// sessionCalls is the budget of sessions in tests.
const sessionCalls = "60"

func start(t *testing.T, more config.Environ) *service.Service {
	t.Helper()
	environ := config.Environ{"ZHAOHUO_MCP_SESSION_CALLS": sessionCalls}
	for name, value := range more {
		environ[name] = value
	}
	return service.Start(t, service.Options{Environ: environ})
}

// connect begins a session over a transport; it ends with the test.
func connect(t *testing.T, transport mcp.Transport) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// overHTTP is the transport to a server, with the header on each request.
func overHTTP(t *testing.T, s *service.Service, header http.Header) mcp.Transport {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &mcp.StreamableClientTransport{Endpoint: s.REST + "/mcp", HTTPClient: &http.Client{Transport: headed{transport, header}}}
}

type headed struct {
	http.RoundTripper
	header http.Header
}

func (h headed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, values := range h.header {
		r.Header[name] = values
	}
	return h.RoundTripper.RoundTrip(r)
}

// overStdio is the transport to `zhaohuo mcp` with these arguments, which runs in this process. The command must end well when
// its input does.
func overStdio(t *testing.T, environ []string, args ...string) mcp.Transport {
	t.Helper()
	in, question := io.Pipe()
	answer, out := io.Pipe()
	ended := make(chan int, 1)
	var complaints strings.Builder
	go func() {
		code := cli.Run(context.WithoutCancel(t.Context()), cli.Process{
			Version: "test", Args: append([]string{"zhaohuo", "mcp"}, args...), Environ: environ, Stdin: in, Stdout: out, Stderr: &complaints,
		})
		_ = out.Close()
		ended <- code
	}()
	t.Cleanup(func() {
		_ = question.Close()
		_ = answer.Close()
		if code := <-ended; code != 0 {
			t.Errorf("zhaohuo mcp ended with %d: %s", code, complaints.String())
		}
	})
	return &mcp.IOTransport{Reader: answer, Writer: question}
}

// call calls a tool, which must answer.
func call(t *testing.T, session *mcp.ClientSession, tool string, arguments map[string]any) *mcp.CallToolResult {
	t.Helper()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return result
}

// structure is a result's structured content as JSON.
func structure(t *testing.T, result *mcp.CallToolResult) gjson.Result {
	t.Helper()
	text, err := json.Marshal(result.StructuredContent)
	if err != nil {
		t.Fatal(err)
	}
	return gjson.ParseBytes(text)
}

func text(result *mcp.CallToolResult) string {
	if len(result.Content) == 0 {
		return ""
	}
	first, ok := result.Content[0].(*mcp.TextContent)
	if !ok {
		return ""
	}
	return first.Text
}

// photo is a photo of earphones in base64.
func photo(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../scenario/photos/earphones.jpg")
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(content)
}

// step is one tool call of the session, as the transcript has it.
type step struct {
	Tool      string         `json:"tool"`
	Arguments map[string]any `json:"arguments"`
	IsError   bool           `json:"isError"`
	Text      []string       `json:"text"`
	Structure any            `json:"structure"`
}

// What is different from run to run: ports, ids of images, and times.
var changing = map[*regexp.Regexp]string{
	regexp.MustCompile(`127\.0\.0\.1:\d+`):                   "HOST",
	regexp.MustCompile(`(image_id[" :]*)[A-Za-z0-9_-]{16,}`): "${1}IMAGE",
	regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`):    "TIME",
	regexp.MustCompile(`,?"session_renews":"TIME"`):          "",
	regexp.MustCompile(`,"A new budget begins at TIME\."`):   "",
	regexp.MustCompile(`"image_base64":"[A-Za-z0-9+/=]+"`):   `"image_base64":"PHOTO"`,
}

// steady is a text without what is different from run to run, and without what only one transport has.
func steady(text string) string {
	for _, first := range []bool{true, false} { // Times have to be replaced before what names them.
		for form, by := range changing {
			if strings.Contains(by, "TIME") == first {
				text = form.ReplaceAllString(text, by)
			}
		}
	}
	return text
}

// tenCalls is an agent's session of ten tool calls, as a transcript.
func tenCalls(t *testing.T, session *mcp.ClientSession) string {
	t.Helper()
	var steps []step
	run := func(tool string, arguments map[string]any) gjson.Result {
		t.Helper()
		result := call(t, session, tool, arguments)
		found := structure(t, result)
		steps = append(steps, step{tool, arguments, result.IsError, strings.Split(text(result), "\n"), result.StructuredContent})
		return found
	}
	words := run("search_products", map[string]any{"keyword": "蓝牙耳机", "page_size": 3, "sort": "sales_desc", "price_max": "80"})
	run("search_products", map[string]any{"keyword": "蓝牙耳机", "page_size": 2, "page": 2, "detail": "short", "language": "en"})
	first := words.Get("products.0.id").String()
	product := run("get_product", map[string]any{"id": first, "detail": "full"})
	run("list_seller_products", map[string]any{"seller_id": product.Get("product.supplier.id").String(), "page_size": 2})
	image := run("search_by_image", map[string]any{"image_base64": photo(t), "page_size": 2}).Get("image_id").String()
	run("find_source", map[string]any{"keyword": "蓝牙耳机", "quantity": 100, "offers": 2})
	run("compare_prices", map[string]any{"keyword": "蓝牙耳机", "image_id": image, "offers": 2, "detail": "short"})
	run("analyze_competitors", map[string]any{"image_id": image, "offers": 2, "detail": "short", "max_upstream_calls": 6})
	run("expand_selection", map[string]any{"seeds": []string{"耳机"}, "winners": 1, "offers": 2, "detail": "short"})
	run("quota_left", map[string]any{})
	var transcript strings.Builder
	for _, s := range steps {
		line, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var indented any
		if err := json.Unmarshal([]byte(steady(string(line))), &indented); err != nil {
			t.Fatal(err)
		}
		lines, err := json.MarshalIndent(indented, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		transcript.Write(append(lines, '\n'))
	}
	return transcript.String()
}

// TestSession runs a session of ten tool calls over both transports: both have the golden transcript.
func TestSession(t *testing.T) {
	golden := filepath.Join("testdata", "session.golden")
	for name, open := range map[string]func(*testing.T) mcp.Transport{
		"stdio": func(t *testing.T) mcp.Transport {
			t.Helper()
			return overStdio(t, nil, "--addr", start(t, nil).GRPC, "--session-calls", sessionCalls, "--timeout", "5m")
		},
		"http": func(t *testing.T) mcp.Transport {
			t.Helper()
			return overHTTP(t, start(t, nil), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			transcript := tenCalls(t, connect(t, open(t)))
			if *update {
				if err := os.WriteFile(golden, []byte(transcript), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			wanted, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(wanted), transcript); diff != "" {
				t.Errorf("the transcript differs (-golden +got):\n%s", diff)
			}
			if n := strings.Count(transcript, `"source": "SANDBOX"`); n != 10 {
				t.Errorf("%d of 10 answers are marked SANDBOX in their structure", n)
			}
			if n := strings.Count(transcript, `"SANDBOX: `); n != 10 {
				t.Errorf("%d of 10 answers are marked SANDBOX in their text", n)
			}
		})
	}
}
