package agents_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// ping is a request that any server of the protocol answers.
const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}`

// post sends a message to /mcp and gives status and body.
func post(t *testing.T, s *service.Service, message string, header map[string]string) (int, gjson.Result) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.REST+"/mcp", strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	for name, value := range header {
		request.Header.Set(name, value)
		if name == "Host" {
			request.Host = value
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, gjson.ParseBytes(body)
}

// reasonOf is the reason of an HTTP error.
func reasonOf(body gjson.Result) string { return body.Get("details.#.reason").Array()[0].String() }

// TestOrigins: pages of other sites may not ask, whatever name they have made the server's address be.
func TestOrigins(t *testing.T) {
	s := start(t, config.Environ{"ZHAOHUO_CORS_ORIGINS": "https://shop.example"})
	own := strings.TrimPrefix(s.REST, "http://")
	port := own[strings.LastIndex(own, ":"):]
	for name, test := range map[string]struct {
		header map[string]string
		status int
	}{
		"no page":               {nil, http.StatusOK},
		"allowed":               {map[string]string{"Origin": "https://shop.example"}, http.StatusOK},
		"own address":           {map[string]string{"Origin": s.REST}, http.StatusOK},
		"localhost":             {map[string]string{"Origin": "http://localhost" + port, "Host": "localhost" + port}, http.StatusOK},
		"other site":            {map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		"no origin":             {map[string]string{"Origin": "null"}, http.StatusForbidden},
		"other port":            {map[string]string{"Origin": "http://127.0.0.1:1"}, http.StatusForbidden},
		"rebound name":          {map[string]string{"Origin": "http://evil.example" + port, "Host": "evil.example" + port}, http.StatusForbidden},
		"rebound, no origin":    {map[string]string{"Host": "evil.example" + port}, http.StatusForbidden},
		"proxied, allowed name": {map[string]string{"Host": "shop.example"}, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := post(t, s, ping, test.header)
			if status != test.status {
				t.Fatalf("HTTP %d, wanted %d: %s", status, test.status, body)
			}
			if status != http.StatusOK && reasonOf(body) != "CALLER_NOT_ALLOWED" {
				t.Errorf("%s", body)
			}
		})
	}
}

// TestKeys: the keys are those of REST, and each has a session's budget of its own.
func TestKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.yaml")
	ours, entry := callers.Mint(callers.Entry{Name: "ours", Weight: 1})
	theirs, other := callers.Mint(callers.Entry{Name: "theirs", Weight: 1})
	if err := os.WriteFile(file, []byte(entry.YAML()+other.YAML()), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, config.Environ{"ZHAOHUO_API_KEYS_FILE": file, "ZHAOHUO_MCP_SESSION_CALLS": "1"})
	for name, header := range map[string]map[string]string{"none": nil, "wrong": {"Authorization": "Bearer zhk_wrong"}} {
		if status, body := post(t, s, ping, header); status != http.StatusUnauthorized || reasonOf(body) != "CALLER_UNAUTHENTICATED" {
			t.Errorf("key %s: HTTP %d: %s", name, status, body)
		}
	}
	with := func(key string) *mcp.ClientSession {
		return connect(t, overHTTP(t, s, http.Header{"Authorization": {"Bearer " + key}}))
	}
	if result := call(t, with(ours.Reveal()), "search_products", map[string]any{"keyword": "手机壳", "max_upstream_calls": 1}); result.IsError {
		t.Error(text(result))
	}
	// The same caller gets no new budget by connecting anew.
	spent := call(t, with(ours.Reveal()), "search_products", map[string]any{"keyword": "袜子"})
	if found := structure(t, spent); !spent.IsError || found.Get("error.reason").String() != "SESSION_BUDGET_SPENT" ||
		found.Get("error.wait_seconds").Int() < 3500 || found.Get("upstream_calls.spent").Int() != 0 {
		t.Errorf("%v %s", spent.IsError, found)
	}
	if result := call(t, with(theirs.Reveal()), "search_products", map[string]any{"keyword": "袜子"}); result.IsError {
		t.Error(text(result))
	}
}

// TestHTTPMistakes: what is no message of the protocol is refused as REST refuses it.
func TestHTTPMistakes(t *testing.T) {
	s := start(t, config.Environ{"ZHAOHUO_REQUEST_BYTES_MAX": "2048"})
	if status, body := post(t, s, `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"`+strings.Repeat("x", 4096)+`"}}`, nil); status != http.StatusRequestEntityTooLarge || reasonOf(body) != "REQUEST_TOO_LARGE" {
		t.Errorf("HTTP %d: %s", status, body)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.REST+"/mcp", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != http.MethodPost {
		t.Errorf("HTTP %d, Allow %q", response.StatusCode, response.Header.Get("Allow"))
	}
	off := start(t, config.Environ{"ZHAOHUO_NO_MCP": "true"})
	if status, body := post(t, off, ping, nil); status != http.StatusNotFound || reasonOf(body) != "ROUTE_NOT_FOUND" {
		t.Errorf("HTTP %d: %s", status, body)
	}
}

// TestMistakes: what an agent does wrong is explained to it, and costs nothing.
func TestMistakes(t *testing.T) {
	s := start(t, nil)
	session := connect(t, overHTTP(t, s, nil))
	for name, test := range map[string]struct {
		tool      string
		arguments map[string]any
		reason    string
		message   string
	}{
		"unknown argument": {"search_products", map[string]any{"keyword": "x", "colour": "red"}, "INVALID_ARGUMENTS", "colour"},
		"missing":          {"get_product", map[string]any{}, "INVALID_ARGUMENTS", "id"},
		"wrong type":       {"search_products", map[string]any{"keyword": 7}, "INVALID_ARGUMENTS", "string"},
		"wrong filter":     {"search_products", map[string]any{"keyword": "x", "filters": []string{"cheap"}}, "INVALID_ARGUMENTS", "certified_factory"},
		"over the ceiling": {"find_source", map[string]any{"keyword": "x", "max_upstream_calls": 41}, "INVALID_ARGUMENTS", "41"},
		"a path over HTTP": {"search_by_image", map[string]any{"image_path": "/etc/passwd"}, "INVALID_ARGUMENTS", "image_path"},
		"two images":       {"search_by_image", map[string]any{"image_url": "https://a.example/b.jpg", "image_id": "x"}, "IMAGE_NOT_USABLE", "exactly one"},
		"no base64":        {"search_by_image", map[string]any{"image_base64": "***"}, "IMAGE_NOT_USABLE", "base64"},
		"no price":         {"search_products", map[string]any{"keyword": "x", "price_min": "cheap"}, "INVALID_FIELD", "price_min"},
		"no such product":  {"get_product", map[string]any{"id": "1"}, "PRODUCT_NOT_FOUND", ""},
		"no such watch":    {"price_trend", map[string]any{"id": "none"}, "PRICE_WATCH_NOT_FOUND", ""},
	} {
		t.Run(name, func(t *testing.T) {
			result := call(t, session, test.tool, test.arguments)
			found := structure(t, result)
			if !result.IsError || found.Get("error.reason").String() != test.reason || !strings.Contains(text(result), test.message) {
				t.Errorf("error %v: %s\n%s", result.IsError, found, text(result))
			}
			if strings.Contains(text(result), "rpc error") {
				t.Errorf("the text of a transport: %s", text(result))
			}
		})
	}
	if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "buy_everything"}); err == nil || !strings.Contains(err.Error(), "unknown tool") {
		t.Errorf("unknown tool: %v", err)
	}
	chinese := connect(t, overHTTP(t, s, http.Header{"Accept-Language": {"zh-CN"}}))
	if result := call(t, chinese, "get_product", map[string]any{"id": "1"}); !strings.Contains(text(result), "商品") {
		t.Errorf("not Chinese: %s", text(result))
	}
	for tool, want := range map[string][]string{
		"search_products": {"2 个商品", "已售", "上游调用"}, "quota_left": {"本会话还剩", "服务器今天已用"},
	} {
		arguments := map[string]any{}
		if tool == "search_products" {
			arguments = map[string]any{"keyword": "蓝牙耳机", "page_size": 2}
		}
		if result := call(t, chinese, tool, arguments); !containsAll(text(result), want...) {
			t.Errorf("%s is not Chinese: %s", tool, text(result))
		}
	}
}

// TestFiles: an agent reads images of the folder that it was given, and nothing else.
func TestFiles(t *testing.T) {
	s := start(t, nil)
	folder, outside := t.TempDir(), t.TempDir()
	content, err := os.ReadFile("../scenario/photos/earphones.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(folder, "a.jpg"), filepath.Join(outside, "b.jpg")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink(filepath.Join(outside, "b.jpg"), filepath.Join(folder, "link.jpg")), os.Symlink(outside, filepath.Join(folder, "folder")),
		os.WriteFile(filepath.Join(folder, "large.jpg"), bytes.Repeat([]byte{1}, 3<<20+1), 0o600)); err != nil {
		t.Fatal(err)
	}
	session := connect(t, overStdio(t, nil, "--addr", s.GRPC, "--root", folder, "--timeout", "5m"))
	for _, path := range []string{"a.jpg", filepath.Join(folder, "a.jpg")} {
		if result := call(t, session, "search_by_image", map[string]any{"image_path": path, "page_size": 1}); result.IsError {
			t.Errorf("%s: %s", path, text(result))
		}
	}
	for _, path := range []string{
		filepath.Join(outside, "b.jpg"), "../" + filepath.Base(outside) + "/b.jpg", "link.jpg", "folder/b.jpg", "large.jpg", "none.jpg", ".", "",
	} {
		result := call(t, session, "search_by_image", map[string]any{"image_path": path})
		if found := structure(t, result); !result.IsError || found.Get("error.reason").String() != "IMAGE_NOT_USABLE" {
			t.Errorf("%q: error %v, %s", path, result.IsError, text(result))
		}
	}
}

// TestCancel: when an agent cancels a tool call, the upstream call under way is cancelled.
func TestCancel(t *testing.T) {
	for name, open := range map[string]func(*testing.T, *service.Service) mcp.Transport{
		"stdio": func(t *testing.T, s *service.Service) mcp.Transport {
			t.Helper()
			return overStdio(t, nil, "--addr", s.GRPC, "--timeout", "5m")
		},
		"http": func(t *testing.T, s *service.Service) mcp.Transport {
			t.Helper()
			return overHTTP(t, s, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			platform := process.Open(t)
			s := start(t, platform.Settings(t.TempDir(), nil))
			arrived, left := make(chan struct{}, 9), make(chan struct{}, 9)
			platform.Mood.Store(&process.Mood{Answer: func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // Only then does the server notice that its caller leaves.
				arrived <- struct{}{}
				<-r.Context().Done()
				left <- struct{}{}
			}})
			session := connect(t, open(t, s))
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "search_products", Arguments: map[string]any{"keyword": "手机壳"}})
				ended <- err
			}()
			<-arrived
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("the call ended with %v", err)
			}
			<-left
		})
	}
}
