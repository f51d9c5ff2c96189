package audit_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/audit"
)

// A request is one line.
func Example() {
	dir, err := os.MkdirTemp("", "audit")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "audit.jsonl")
	log, err := audit.Open(audit.Options{Path: path, Megabytes: 100, Files: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	log.Add(audit.Entry{
		Time: time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC), Took: 250 * time.Millisecond, RequestID: "id-1", Caller: "shop",
		Method: "/zhaohuo.v1.SearchService/KeywordSearch", Code: "OK", UpstreamCalls: 1, AnsweredBy: "upstream",
		Request: &zhaohuov1.KeywordSearchRequest{Keyword: "耳机"},
	})
	fmt.Println(log.Close(context.Background()))
	text, err := os.ReadFile(path)
	fmt.Print(string(text), err, "\n")
	// Output:
	// <nil>
	// {"time":"2026-11-28T08:00:00Z","took":0.25,"request_id":"id-1","caller":"shop","method":"/zhaohuo.v1.SearchService/KeywordSearch","code":"OK","upstream_calls":1,"answered_by":"upstream","request":{"keyword":"耳机"}}
	// <nil>
}
