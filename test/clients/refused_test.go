package clients_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// refused is a request that is refused long before its body is sent.
type refused struct {
	Target string `json:"target"`
	Kind   string `json:"kind"`
	// File is the body: a head, and then more bytes than socket buffers hold.
	File string `json:"file"`
	// Way is how the body is sent: with its length, or in chunks.
	Way string `json:"way"`

	head   string
	size   int
	status int
	reason string
}

const (
	uploadPath = "/v1/products:uploadImageSearch"
	searchPath = "/v1/products:keywordSearch"
	jpegHead   = "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
	jpegKind   = "image/jpeg"
	jsonKind   = "application/json"
	formKind   = "multipart/form-data; boundary=b"

	// overBytes is over every limit. underBytes is below the limit of a picture.
	overBytes, underBytes = 30 << 20, 15 << 20
)

func refusals() []refused {
	field := func(name string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n"
	}
	return []refused{
		{Target: uploadPath, Kind: jpegKind, head: jpegHead, size: overBytes, status: 413, reason: "IMAGE_TOO_LARGE"},
		{Target: uploadPath, Kind: jpegKind, head: "<!DOCTYPE html>", size: underBytes, status: 415, reason: "IMAGE_UNREADABLE"},
		{Target: uploadPath, Kind: "text/html", size: overBytes, status: 415, reason: "UNSUPPORTED_MEDIA_TYPE"},
		{Target: uploadPath + "?pageSize=-1", Kind: jpegKind, head: jpegHead, size: underBytes, status: 400, reason: "INVALID_FIELD"},
		{Target: uploadPath + "?x=1", Kind: jpegKind, head: jpegHead, size: overBytes, status: 400, reason: "UNKNOWN_FIELD"},
		{Target: uploadPath, Kind: formKind, head: field("image") + jpegHead, size: overBytes, status: 413, reason: "IMAGE_TOO_LARGE"},
		{Target: uploadPath, Kind: formKind, head: field("keyword"), size: underBytes, status: 413, reason: "REQUEST_TOO_LARGE"},
		{Target: uploadPath, Kind: formKind, head: "--b\r\nbroken\r\n\r\n", size: underBytes, status: 400, reason: "MALFORMED_REQUEST"},
		{Target: searchPath, Kind: jsonKind, head: `{"keyword":"`, size: overBytes, status: 413, reason: "REQUEST_TOO_LARGE"},
		{Target: searchPath + "?page=1", Kind: jsonKind, head: `{"keyword":"`, size: overBytes, status: 400, reason: "UNKNOWN_FIELD"},
		{Target: "/v1/nothing", Kind: jsonKind, head: "{", size: overBytes, status: 404, reason: "ROUTE_NOT_FOUND"},
		{Target: "/v1/info", Kind: jsonKind, head: "{", size: overBytes, status: 405, reason: "METHOD_NOT_ALLOWED"},
	}
}

// write writes the bodies to files and returns each request in both ways.
func write(t *testing.T, all []refused) []refused {
	t.Helper()
	dir := t.TempDir()
	var both []refused
	for i, r := range all {
		r.File = filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(r.File, append([]byte(r.head), bytes.Repeat([]byte{'x'}, r.size-len(r.head))...), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, r.Way = range []string{"chunked", "announced"} {
			both = append(both, r)
		}
	}
	return both
}

const byPython = `
import http.client, json, sys
for case in json.loads(sys.argv[2]):
    body = open(case["file"], "rb").read()
    headers = {"Content-Type": case["kind"]}
    chunked = case["way"] == "chunked"
    if chunked:
        body = (lambda whole: (whole[i:i+65536] for i in range(0, len(whole), 65536)))(body)
    try:
        c = http.client.HTTPConnection(sys.argv[1])
        c.request("POST", case["target"], body, headers, encode_chunked=chunked)
        r = c.getresponse()
        print(json.dumps([r.status, r.read().decode()]))
    except OSError as e:
        print(json.dumps([0, repr(e)]))
`

const byNode = `
import { readFileSync } from "node:fs";
const [host, cases] = process.argv.slice(1);
for (const { target, kind, file, way } of JSON.parse(cases)) {
  const content = readFileSync(file);
  let body = content, more = {};
  if (way === "chunked") {
    let at = 0;
    body = new ReadableStream({ pull(c) {
      if (at >= content.length) { c.close(); return; }
      c.enqueue(content.subarray(at, at + 65536)); at += 65536;
    } });
    more = { duplex: "half" };
  }
  try {
    const r = await fetch("http://" + host + target, { method: "POST", headers: { "content-type": kind }, body, ...more });
    console.log(JSON.stringify([r.status, await r.text()]));
  } catch (e) {
    console.log(JSON.stringify([0, String(e.cause ?? e)]));
  }
}
`

// script sends all requests with one process and returns its output for each.
func script(t *testing.T, host string, all []refused, program ...string) []string {
	t.Helper()
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := run(t, program[0], append(program[1:], host, string(text))...)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != 0 || len(lines) != len(all) {
		t.Fatalf("exit %d, %d answers to %d requests: %s", code, len(lines), len(all), stderr)
	}
	return lines
}

// curl sends each request with a process of its own.
func curl(t *testing.T, host string, all []refused, more ...string) []string {
	t.Helper()
	var lines []string
	for _, r := range all {
		args := append([]string{
			"-sS", "-X", "POST", "-H", "Content-Type: " + r.Kind, "http://" + host + r.Target, "-w", `%{stderr}%{http_code}`,
		}, more...)
		if r.Way == "chunked" {
			args = append(args, "-H", "Transfer-Encoding: chunked", "-T", r.File)
		} else {
			args = append(args, "--data-binary", "@"+r.File)
		}
		stdout, stderr, code := run(t, "curl", args...)
		if code != 0 {
			stdout, stderr = stderr, "0"
		}
		line, err := json.Marshal([]any{json.Number(stderr), stdout})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	return lines
}

// byGo sends with net/http.
func byGo(t *testing.T, host string, all []refused) []string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var lines []string
	for _, r := range all {
		status, text := 0, []byte(nil)
		response, err := r.post(t, client, host)
		if err == nil {
			status = response.StatusCode
			text, err = io.ReadAll(response.Body)
			_ = response.Body.Close()
		}
		if err != nil {
			status, text = 0, []byte(err.Error())
		}
		line, err := json.Marshal([]any{status, string(text)})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	return lines
}

func (r refused) post(t *testing.T, client *http.Client, host string) (*http.Response, error) {
	t.Helper()
	body, err := os.Open(r.File)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	// A file of which net/http cannot see the type.
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host+r.Target, io.MultiReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if r.Way == "announced" {
		request.ContentLength = int64(r.size)
	}
	request.Header.Set("Content-Type", r.Kind)
	return client.Do(request)
}

// clients are all senders. Each returns [status, body] in JSON for each request.
func clients() map[string]func(t *testing.T, host string, all []refused) []string {
	return map[string]func(t *testing.T, host string, all []refused) []string{
		"Go": byGo,
		"python": func(t *testing.T, host string, all []refused) []string {
			t.Helper()
			return script(t, host, all, "python3", "-c", byPython)
		},
		"node": func(t *testing.T, host string, all []refused) []string {
			t.Helper()
			return script(t, host, all, "node", "--input-type=module", "-e", byNode)
		},
		"curl": func(t *testing.T, host string, all []refused) []string {
			t.Helper()
			return curl(t, host, all, "-H", "Expect:")
		},
		"curl that asks first": func(t *testing.T, host string, all []refused) []string {
			t.Helper()
			return curl(t, host, all)
		},
	}
}

// check checks what a client read.
func (r refused) check(t *testing.T, line string) {
	t.Helper()
	got := gjson.Parse(line)
	reason := got.Get("1").String()
	if found := gjson.Get(reason, `details.#(reason).reason`); found.Exists() {
		reason = found.String()
	}
	if got.Get("0").Int() != int64(r.status) || reason != r.reason {
		t.Errorf("%s as %s, %s: read %v %.300s, want %d %s", r.Target, r.Kind, r.Way, got.Get("0"), reason, r.status, r.reason)
	}
}

// TestRefusedWhileSending: whatever a request is refused for, its caller reads the reason although it is still sending.
func TestRefusedWhileSending(t *testing.T) {
	s := service.Start(t, service.Options{})
	search(t, s) // the first call starts goroutines of gRPC
	all := write(t, refusals())
	before := serving()
	for name, send := range clients() {
		t.Run(name, func(t *testing.T) {
			for i, line := range send(t, strings.TrimPrefix(s.REST, "http://"), all) {
				all[i].check(t, line)
			}
		})
	}
	settled(t, before)
}

// TestThrottledWhileSending: a throttled caller reads the reason too.
func TestThrottledWhileSending(t *testing.T) {
	s := service.Start(t, service.Options{Environ: config.Environ{"ZHAOHUO_CALLER_RATE": "0.001"}})
	search(t, s) // uses up the rate
	all := write(t, []refused{
		{Target: uploadPath, Kind: jpegKind, head: jpegHead, size: underBytes, status: 429, reason: "CALLER_RATE_LIMITED"},
	})
	for name, send := range clients() {
		t.Run(name, func(t *testing.T) {
			for i, line := range send(t, strings.TrimPrefix(s.REST, "http://"), all) {
				all[i].check(t, line)
			}
		})
	}
}

// search asks once by words, on a connection of its own.
func search(t *testing.T, s *service.Service) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.REST+searchPath+"?keyword=a", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("HTTP %d", response.StatusCode)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
}

// settled waits until no more goroutines serve requests than before.
func settled(t *testing.T, before int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for serving() > before {
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("%d goroutines serve requests, %d before", serving(), before)
		}
	}
}

// serving counts the goroutines that serve requests.
func serving() int {
	stacks := make([]byte, 4<<20)
	return process.ServingIn(string(stacks[:runtime.Stack(stacks, true)]))
}
