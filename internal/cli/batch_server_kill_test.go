package cli

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestBatchSurvivesKillOfTheServer kills the server process twice during a batch. Its client resumes as if it had lost
// every message but the first. Stored answers are not requested again, although they expire after a millisecond
// otherwise: only what was in flight at the kill is requested twice.
func TestBatchSurvivesKillOfTheServer(t *testing.T) {
	platform := launch(t, nil, "sandbox", "--addr=127.0.0.1:0", "--app-key=4711", "--app-secret=s", "--qps=0").
		stdout.await(t, `aop         (\S+)\n`)[0]
	env := []string{
		"ZHAOHUO_APP_KEY=4711", "ZHAOHUO_APP_SECRET=s", "ZHAOHUO_UPSTREAM_URL=" + platform, "ZHAOHUO_UPSTREAM_QPS=100",
		"ZHAOHUO_CACHE_FRESH=KeywordSearch=1ms", "ZHAOHUO_DATA_DIR=" + t.TempDir(),
	}
	// Few keywords with many pages keep few questions in flight: even a busy machine reads the store in time.
	const underWay = 12 // The keywords' pages, and some that are not stored yet.
	q := &zhaohuov1.BatchKeywordSearchRequest{Keywords: []string{"耳机", "手机", "雨伞", "包"}, Pages: proto.Int32(30), PageSize: proto.Int32(1)}
	for range 2 {
		client, kill := served(t, env)
		first, _ := batchUntil(t, client, q, 50)
		kill()
		if q.ResumeToken == "" {
			q.ResumeToken = first
		}
	}
	client, kill := served(t, env)
	defer kill()
	_, questions := batchUntil(t, client, q, -1)
	if asked := arrivals(t, platform); questions < 100 || asked < questions || asked > questions+2*underWay {
		t.Errorf("%d questions, asked %d times", questions, asked)
	}
}

// served starts a server and returns a client of it and a function that kills it.
func served(t *testing.T, env []string) (client zhaohuov1.SearchServiceClient, kill func()) {
	t.Helper()
	said := newPrinted()
	child := exec.CommandContext(t.Context(), os.Args[0], "serve", "--grpc-addr=127.0.0.1:0", "--no-http")
	child.Env, child.Stdout, child.Stderr = append([]string{asProcess + "=1"}, env...), said, os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(said.await(t, `gRPC     (\S+)\n`)[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	return zhaohuov1.NewSearchServiceClient(conn), func() {
		_ = child.Process.Kill()
		_ = child.Wait() // It was killed.
		_ = conn.Close() // The server is gone.
	}
}

// batchUntil reads a batch up to that many results, or to its end, and returns its first token and its number of
// questions.
func batchUntil(t *testing.T, client zhaohuov1.SearchServiceClient, q *zhaohuov1.BatchKeywordSearchRequest, results int) (token string, questions int64) {
	t.Helper()
	stream, err := client.BatchKeywordSearch(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for results != 0 {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) && results < 0 {
			break
		}
		if err != nil || message.GetResult().GetError() != nil {
			t.Fatal(err, message)
		}
		if token == "" {
			token = message.GetResumeToken()
		}
		if message.GetResult() != nil {
			results--
		}
		if done := message.GetProgress(); done != nil {
			questions = int64(done.GetTotal())
		}
	}
	return token, questions
}

// arrivals is how many calls reached the sandbox.
func arrivals(t *testing.T, platform string) int64 {
	t.Helper()
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(platform + "/sandbox/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var stats struct{ Arrivals int64 }
	if err := json.NewDecoder(response.Body).Decode(&stats); err != nil {
		t.Fatal(err)
	}
	return stats.Arrivals
}
