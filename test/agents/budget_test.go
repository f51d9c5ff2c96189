package agents_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/tidwall/gjson"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/server/agent"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// ask is one tool call that an agent may make.
type ask struct {
	tool      string
	arguments map[string]any
	// leaves means that the agent cancels the call at once.
	leaves bool
}

// questions have faults of the sandbox among them: what fails is repeated, which costs calls too.
var questions = []string{"手机壳", "蓝牙耳机", "袜子", "sandbox:throttle 袜子", "sandbox:500 手机壳", "sandbox:flaky 耳机", "sandbox:isp 保温杯"}

func drawAsk(t *rapid.T) ask {
	question := rapid.SampledFrom(questions).Draw(t, "question")
	a := ask{leaves: rapid.IntRange(0, 9).Draw(t, "leaves") == 0}
	switch rapid.IntRange(0, 6).Draw(t, "tool") {
	case 0, 1:
		a.tool, a.arguments = "search_products", map[string]any{"keyword": question, "page": rapid.IntRange(1, 3).Draw(t, "page")}
	case 2:
		a.tool, a.arguments = "get_product", map[string]any{"id": rapid.SampledFrom([]string{"793427664189", "625088763160", "1"}).Draw(t, "id")}
	case 3:
		a.tool, a.arguments = "compare_prices", map[string]any{"keyword": question, "quantity": 50}
	case 4:
		a.tool, a.arguments = "find_source", map[string]any{"keyword": question, "quantity": 50}
	case 5:
		a.tool, a.arguments = "expand_selection", map[string]any{"seeds": []string{question}}
	case 6:
		a.tool, a.arguments = "quota_left", map[string]any{}
		return a
	}
	if strategy := a.tool == "compare_prices" || a.tool == "find_source"; strategy && rapid.Bool().Draw(t, "freight") {
		a.arguments["freight_to"], a.arguments["freight_offers"] = "330108", rapid.IntRange(1, 4).Draw(t, "freight offers")
	}
	if n := rapid.IntRange(0, 9).Draw(t, "max_upstream_calls"); n > 1 {
		a.arguments["max_upstream_calls"] = n
	}
	return a
}

// TestBudgetHolds: whatever an agent asks, also at the same time, and whatever fails, the upstream gets no more calls than the
// session's budget. Nothing is answered from a cache here. The counts are those of the upstream.
func TestBudgetHolds(t *testing.T) {
	platform := process.Open(t)
	s := start(t, platform.Settings(t.TempDir(), map[string]string{"ZHAOHUO_NO_CACHE": "true", "ZHAOHUO_NO_LIKENESS": "true"}))
	conn, err := grpc.NewClient(s.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	budgets := 0
	rapid.Check(t, func(t *rapid.T) {
		budget := rapid.IntRange(0, 12).Draw(t, "budget")
		budgets += budget
		asks := rapid.SliceOfN(rapid.Custom(drawAsk), 1, 6).Draw(t, "asks")
		atOnce := rapid.IntRange(1, 3).Draw(t, "at once")
		session, end := inMemory(t, conn, budget)
		defer end()
		var spent, cancelled int
		var mu sync.Mutex
		var running sync.WaitGroup
		places := make(chan struct{}, atOnce)
		before := platform.Calls.Load()
		for _, a := range asks {
			places <- struct{}{}
			running.Go(func() {
				defer func() { <-places }()
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				if a.leaves {
					cancel()
				}
				result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: a.tool, Arguments: a.arguments})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					cancelled++
					return
				}
				spent += spentOf(result)
			})
		}
		running.Wait()
		if spent > budget {
			t.Fatalf("the answers say that %d of %d calls were spent", spent, budget)
		}
		// A call that was cancelled may be on its way. All sessions together stay within their budgets.
		if calls := platform.Calls.Load(); calls > int64(budgets) {
			t.Fatalf("the upstream got %d calls, the sessions had %d", calls, budgets)
		}
		if calls := platform.Calls.Load() - before; cancelled == 0 && calls > int64(spent) {
			t.Fatalf("the upstream got %d calls, the answers say %d", calls, spent)
		}
	})
	if calls := platform.Calls.Load(); calls < int64(budgets/4) {
		t.Errorf("the upstream got %d calls of %d: the test asks too little", calls, budgets)
	}
}

// spentOf is how many upstream calls an answer says it cost; 0 where it says nothing.
func spentOf(result *mcp.CallToolResult) int {
	content, _ := result.StructuredContent.(map[string]any)
	calls, _ := content["upstream_calls"].(map[string]any)
	spent, _ := calls["spent"].(float64)
	return int(spent)
}

// inMemory begins a session with a budget of its own.
func inMemory(t *rapid.T, conn grpc.ClientConnInterface, budget int) (*mcp.ClientSession, func()) {
	door, err := agent.New(agent.Config{Conn: conn, Version: "test", SessionCalls: budget})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ours, theirs := mcp.NewInMemoryTransports()
	ended := make(chan error, 1)
	go func() { ended <- door.Run(ctx, theirs) }()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(ctx, ours, nil)
	if err != nil {
		t.Fatal(err)
	}
	return session, func() {
		_ = session.Close()
		cancel()
		<-ended //nolint:errcheck // It was ended here.
		_ = door.Close()
	}
}

// TestWatches: an agent watches prices within its budget, sees what was observed, and can stop the watch. It cannot delete it.
func TestWatches(t *testing.T) {
	s := start(t, nil)
	session := connect(t, overHTTP(t, s, nil))
	found := structure(t, call(t, session, "search_products", map[string]any{"keyword": "蓝牙耳机", "page_size": 1}))
	product := found.Get("products.0.id").String()
	left := found.Get("upstream_calls.session_left").Int()
	dear := call(t, session, "create_price_watch", map[string]any{"product_ids": []string{product}, "interval_minutes": 10})
	if got := structure(t, dear); !dear.IsError || got.Get("error.reason").String() != "SESSION_BUDGET_SPENT" {
		t.Errorf("a watch beyond the budget: %s", got)
	}
	made := structure(t, call(t, session, "create_price_watch", map[string]any{
		"name": "耳机", "product_ids": []string{product}, "reports": []string{"price_fell", "product_gone"}, "fell_percent": 5,
	}))
	id := made.Get("watch.id").String()
	if id == "" || made.Get("session_charged").Int() != 4 || made.Get("watch.upstream_calls_per_day").Int() != 4 || len(made.Get("watch.reports").Array()) != 2 {
		t.Fatalf("%s", made)
	}
	if now := structure(t, call(t, session, "quota_left", nil)).Get("session_left").Int(); now != left-4 {
		t.Errorf("%d calls are left of %d after a watch of 4", now, left)
	}
	// The first observation is due at once.
	var listed gjson.Result
	for deadline := time.Now().Add(time.Minute); ; {
		listed = structure(t, call(t, session, "list_price_watches", nil))
		if listed.Get("watches.0.last_observation.products").Int() == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nothing is observed: %s", listed)
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	if listed.Get("watches.0.id").String() != id || listed.Get("source").String() != "SANDBOX" {
		t.Errorf("%s", listed)
	}
	trend := structure(t, call(t, session, "price_trend", map[string]any{"id": id, "product_ids": []string{product}}))
	if len(trend.Get("points").Array()) != 1 || trend.Get("source").String() != "SANDBOX" || trend.Get("products.0.id").String() != product {
		t.Errorf("%s", trend)
	}
	// 1688 recorded prices of goods that the watch does not have.
	const other = "767500314824"
	recorded := structure(t, call(t, session, "price_trend", map[string]any{"id": id, "recorded_product_ids": []string{other}}))
	if days := recorded.Get("recorded_by_1688.0.points").Array(); len(days) < 20 || days[0].Get("price.amount").String() == "" ||
		recorded.Get("recorded_by_1688.0.id").String() != other || recorded.Get("upstream_calls.spent").Int() < 1 {
		t.Errorf("%s", recorded)
	}
	if trend.Get("upstream_calls").Exists() || trend.Get("recorded_by_1688").Exists() {
		t.Errorf("what nobody asked for: %s", trend)
	}
	if paused := structure(t, call(t, session, "pause_price_watch", map[string]any{"id": id})); paused.Get("watch.state").String() != "PAUSED" {
		t.Errorf("%s", paused)
	}
	tools, err := session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	writes := map[string]bool{"create_price_watch": true, "pause_price_watch": true}
	explainsEachArgument(t, tools.Tools)
	for _, tool := range tools.Tools {
		if tool.Annotations.ReadOnlyHint == writes[tool.Name] || *tool.Annotations.DestructiveHint {
			t.Errorf("%s: %+v", tool.Name, tool.Annotations)
		}
	}
}

// explainsEachArgument: the list of tools says of each argument what it is, where it stands or in the tool that is referred to.
func explainsEachArgument(t *testing.T, tools []*mcp.Tool) {
	t.Helper()
	text, err := json.Marshal(tools)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the list of %d tools has %d bytes", len(tools), len(text))
	explains := map[string]string{}
	for _, tool := range gjson.ParseBytes(text).Array() {
		for name, p := range tool.Get("inputSchema.properties").Map() {
			explains[tool.Get("name").String()+" "+name] = p.Get("description").String()
		}
	}
	for argument, is := range explains {
		_, name, _ := strings.Cut(argument, " ")
		if other, refers := strings.CutPrefix(is, "As in "); refers {
			is = explains[strings.TrimSuffix(other, ".")+" "+name]
		}
		if is == "" || strings.HasPrefix(is, "As in ") {
			t.Errorf("%s is not explained", argument)
		}
	}
}

// TestReading: documents, capabilities and prompts.
func TestReading(t *testing.T) {
	s := start(t, nil)
	session := connect(t, overHTTP(t, s, nil))
	resources, err := session.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, resource := range resources.Resources {
		read, err := session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: resource.URI})
		if err != nil || len(read.Contents) != 1 || len(read.Contents[0].Text) < 500 {
			t.Errorf("%s: %v", resource.URI, err)
			continue
		}
		if resource.URI == "zhaohuo://capabilities" && gjson.Get(read.Contents[0].Text, "mode").String() != "SERVER_MODE_SANDBOX" {
			t.Errorf("%s", read.Contents[0].Text)
		}
	}
	prompts, err := session.ListPrompts(t.Context(), nil)
	if err != nil || len(prompts.Prompts) != 4 {
		t.Fatalf("%v, %d prompts", err, len(prompts.Prompts))
	}
	if _, err := session.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "find_source"}); err == nil {
		t.Error("a prompt without its argument")
	}
	got, err := session.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "find_source", Arguments: map[string]string{"goods": "保温杯", "quantity": "200"}})
	if err != nil {
		t.Fatal(err)
	}
	content, ok := got.Messages[0].Content.(*mcp.TextContent)
	if !ok || !containsAll(content.Text, "保温杯", "200", "find_source") || containsAll(content.Text, "{image_url}") || containsAll(content.Text, "An image") {
		t.Errorf("%+v", got.Messages[0].Content)
	}
}

// TestPictures: small pictures come on request, as many as were asked for and no larger than they may be.
func TestPictures(t *testing.T) {
	t.Run("http", func(t *testing.T) { picturesOf(t, connect(t, overHTTP(t, start(t, nil), nil))) })
	t.Run("stdio", func(t *testing.T) { picturesOf(t, connect(t, overStdio(t, nil, "--addr", "none"))) })
}

func picturesOf(t *testing.T, session *mcp.ClientSession) {
	t.Helper()
	if without := call(t, session, "search_products", map[string]any{"keyword": "蓝牙耳机", "page_size": 3}); len(without.Content) != 1 {
		t.Errorf("%d parts without pictures", len(without.Content))
	}
	with := call(t, session, "search_products", map[string]any{"keyword": "蓝牙耳机", "page_size": 3, "pictures": 2})
	if len(with.Content) != 5 {
		t.Fatalf("%d parts with two pictures", len(with.Content))
	}
	for _, i := range []int{2, 4} {
		picture, ok := with.Content[i].(*mcp.ImageContent)
		if !ok || picture.MIMEType != "image/jpeg" || len(picture.Data) > 64<<10 {
			t.Fatalf("%T", with.Content[i])
		}
		if size := sizeOf(t, picture.Data); max(size.Width, size.Height) != 256 {
			t.Errorf("%d x %d", size.Width, size.Height)
		}
	}
	if five := call(t, session, "search_products", map[string]any{"keyword": "蓝牙耳机", "pictures": 5}); !five.IsError {
		t.Error("five pictures")
	}
}

// TestMaxCallsHeader: any caller of REST can bound the upstream calls of a request.
func TestMaxCallsHeader(t *testing.T) {
	s := start(t, nil)
	ask := func(calls string) (int, gjson.Result) {
		return get(t, s, "/v1/products:keywordSearch?keyword=%E8%A2%9C%E5%AD%90", http.Header{"X-Zhaohuo-Max-Calls": {calls}})
	}
	if status, body := ask("0"); status != http.StatusTooManyRequests || reasonOf(body) != "BUDGET_EXHAUSTED" {
		t.Errorf("0 calls: HTTP %d: %s", status, body)
	}
	if status, body := ask("1"); status != http.StatusOK {
		t.Errorf("1 call: HTTP %d: %s", status, body)
	}
	if status, body := ask("0"); status != http.StatusOK || body.Get("meta.servedFrom").String() != "SERVED_FROM_CACHE" {
		t.Errorf("a stored answer: HTTP %d: %s", status, body)
	}
	if status, body := ask("many"); status != http.StatusBadRequest || reasonOf(body) != "INVALID_FIELD" {
		t.Errorf("no number: HTTP %d: %s", status, body)
	}
}

// get reads a path of REST.
func get(t *testing.T, s *service.Service, path string, header http.Header) (int, gjson.Result) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.REST+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
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

func sizeOf(t *testing.T, picture []byte) image.Config {
	t.Helper()
	size, err := jpeg.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	return size
}

func containsAll(text string, parts ...string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}
