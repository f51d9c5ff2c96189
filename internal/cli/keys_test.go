package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

func TestKeysNew(t *testing.T) {
	got := run(t, nil, "keys", "new", "--name=shop", "--weight=2.5", "--expires=2099-01-31T00:00:00+08:00", "--rate=5", "--concurrent=3", "--daily=100", "--agent-class=interactive", "--admin", "-o", "json")
	var made struct{ Key, Entry string }
	if err := json.Unmarshal([]byte(got.stdout), &made); err != nil || got.code != 0 || got.stderr != "" {
		t.Fatalf("%+v: %v", got, err)
	}
	entries, err := callers.Parse([]byte(made.Entry))
	want := []callers.Entry{{
		Name: "shop", Hash: callers.HashOf(secret.Text(made.Key)), Weight: 2.5, Rate: 5, Concurrent: 3, Daily: 100, AgentClass: "interactive", Admin: true,
		Expires: time.Date(2099, 1, 31, 0, 0, 0, 0, time.FixedZone("", 8*3600)),
	}}
	if diff := cmp.Diff(want, entries); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if paused := run(t, nil, "keys", "new", "--name=shop", "--rate=0"); !strings.HasSuffix(paused.stdout, "\n  rate: 0\n") {
		t.Errorf("a paused caller's entry: %+v", paused)
	}
	text := run(t, nil, "keys", "new", "--name=shop")
	form := regexp.MustCompile(`^API key of shop, shown only once; give it only to the caller:\n\n(zhk_[A-Z2-7]{26})\n\n` +
		`Entry for the file of ZHAOHUO_API_KEYS_FILE, which holds no secret:\n\n- name: shop\n  sha256: "[0-9a-f]{64}"\n$`)
	found := form.FindStringSubmatch(text.stdout)
	if found == nil || text.code != 0 || found[1] == made.Key {
		t.Errorf("%+v", text)
	}
}

func TestKeysNewRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no name":    {nil, "error: missing flags: --name=NAME\n"},
		"an address": {[]string{"--name=10.0.0.1"}, "error: --name: name must be a letter, then up to 62 letters, digits, _ and -\n"},
		"weight":     {[]string{"--name=a", "--weight=0"}, "error: --weight: weight must be over 0 and at most 1000\n"},
		"rate":       {[]string{"--name=a", "--rate=-1"}, "error: --rate: rate must be over 0 and at most 1e+06 requests a second, or 0 to pause the caller\n"},
		"no request": {[]string{"--name=a", "--concurrent=0"}, "error: --concurrent: concurrent must be a number of requests at the same time from 1 to 1000000\n"},
		"no call":    {[]string{"--name=a", "--daily=0"}, "error: --daily: daily must be a number of upstream calls a day from 1 to 1000000000\n"},
		"a date":     {[]string{"--name=a", "--expires=2099-01-31"}, "error: --expires: must be a time such as 2027-01-31T00:00:00+08:00\n"},
		"the past":   {[]string{"--name=a", "--expires=2001-01-31T00:00:00Z"}, "error: --expires: 2001-01-31T00:00:00Z is in the past\n"},
	} {
		if got := run(t, nil, append([]string{"keys", "new"}, test.args...)...); got != (outcome{exitUsage, "", test.want}) {
			t.Errorf("%s: %+v, want %q", name, got, test.want)
		}
	}
}

// TestClientCommandsSendTheirKey: with the key of the environment, for unary calls and streams; without it they are
// refused.
func TestClientCommandsSendTheirKey(t *testing.T) {
	key, entry := callers.Mint(callers.Entry{Name: "shop"})
	boss, bossEntry := callers.Mint(callers.Entry{Name: "boss", Admin: true, Daily: 7})
	path := filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(path, []byte(entry.YAML()+bossEntry.YAML()), 0o600); err != nil {
		t.Fatal(err)
	}
	d := launch(t, nil, "serve", "--grpc-addr=127.0.0.1:0", "--ops-addr=127.0.0.1:0", "--no-http", "--lame-duck=0s", "--upstream-qps=0", "--sandbox-qps=0", "--api-keys-file="+path)
	ops := d.stdout.await(t, `  metrics  http://(\S+)/metrics\n`)[0]
	at := d.stdout.await(t, `  export ZHAOHUO_API_KEY=…  # a key of yours\n  grpcurl -plaintext -H "x-api-key: \$ZHAOHUO_API_KEY" -d(?s:.*)--addr (\S+)\n`)[0]
	for _, args := range [][]string{{"search", "蓝牙耳机"}, {"search", "蓝牙耳机", "--all", "--max-price=20"}, {"info"}} {
		args = append(args, "--addr", at)
		if got := run(t, []string{"ZHAOHUO_API_KEY=" + key.Reveal()}, args...); got.code != 0 {
			t.Errorf("%q: %+v", args, got)
		}
		for name, env := range map[string][]string{"no key": nil, "wrong key": {"ZHAOHUO_API_KEY=zhk_CANARY"}} {
			got := run(t, env, args...)
			if got.code != exitRefused || !strings.HasPrefix(got.stderr, "error: UNAUTHENTICATED CALLER_UNAUTHENTICATED: ") || strings.Contains(got.stderr, "CANARY") {
				t.Errorf("%q, %s: %+v", args, name, got)
			}
		}
	}
	// The local server is found by its health check, which needs no key.
	if got := run(t, []string{"ZHAOHUO_GRPC_ADDR=" + at, "ZHAOHUO_API_KEY=" + key.Reveal()}, "info"); got.code != 0 {
		t.Errorf("%+v", got)
	}
	steer(t, ops, key, boss)
	// Each port says which other one was meant.
	want := at + " is not the operators' port of a server, or of an older version: name that port with --ops-addr (9464 by default)"
	if got := run(t, []string{"ZHAOHUO_API_KEY=" + boss.Reveal()}, "admin", "pauses", "--ops-addr", at); got != (outcome{exitUsage, "", "error: " + want + "\n"}) {
		t.Errorf("%+v", got)
	}
	want = ops + " is not the gRPC port for callers, or the server's version is older: name that port with --addr (9090 by default)"
	if got := run(t, []string{"ZHAOHUO_API_KEY=" + boss.Reveal()}, "status", "--addr", ops); got != (outcome{exitUsage, "", "error: " + want + "\n"}) {
		t.Errorf("%+v", got)
	}
	if code := d.stop(); code != 0 || strings.Contains(d.stderr.String(), key.Reveal()) || strings.Contains(d.stderr.String(), "CANARY") {
		t.Errorf("exit %d; stderr:\n%s", code, d.stderr)
	}
}

// steer pauses a caller at a server's operators' port, in both languages. boss is the key of an operator.
func steer(t *testing.T, ops string, key, boss secret.Text) {
	t.Helper()
	for _, step := range []struct {
		key    secret.Text
		locale string
		args   string
		code   int
		want   string
	}{
		{boss, "en_US", "callers", 0, `(?s)^CALLER  REQUESTS  RUNNING  CALLS TODAY  PAUSED\nboss +1 +1 +0 of 7\nshop +\d+ +0 +-\n$`},
		{boss, "en_US", "pauses", 0, `^nothing is paused\n$`},
		{boss, "en_US", "pause --caller=shop --for=1h", 0, `^127\.0\.0\.1:\d+: paused until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, only in the server that answered; a restart of it ends the pause\n$`},
		{boss, "zh_CN", "pause --class=batch", 0, `^127\.0\.0\.1:\d+: 已暂停，直到恢复；仅对应答的服务器有效，该服务器重启后失效\n$`},
		{boss, "zh_CN", "callers", 0, `shop +\d+ +0 +- +直到 \d{4}-`},
		{boss, "zh_CN", "pauses", 0, `(?s)^种类 .*调用方 +shop +.*类别 +batch +.*直到恢复\n$`},
		{boss, "en_US", "accounts", 0, `(?s)^ACCOUNT .*\ndefault +all calls +calls are sent `},
		{boss, "en_US", "pause --account=default --for=1h", 0, `^127\.0\.0\.1:\d+: paused until `},
		{boss, "zh_CN", "accounts", 0, `(?s)^账号 .*\ndefault .*已暂停，直到 \d{4}-`},
		{boss, "en_US", "accounts -o json", 0, `"pauseUntilTime"`},
		{boss, "en_US", "resume --account=default", 0, `^127\.0\.0\.1:\d+: resumed\n$`},
		{key, "en_US", "pauses", exitRefused, `^$`}, // It is no operator's, paused or not.
		{boss, "en_US", "resume --caller=shop", 0, `^127\.0\.0\.1:\d+: resumed\n$`},
		{key, "en_US", "pauses", exitRefused, `^$`},
		{boss, "en_US", "resume --caller=shop", 0, `^127\.0\.0\.1:\d+: it was not paused\n$`},
		{boss, "en_US", "resume --class=batch -o json", 0, `"wasPaused": *true`},
		{boss, "en_US", "cache", 0, `(?s)^answers in memory +\d+, \d+ KiB\nwaiting to be written +0 KiB\ndisk or Redis +is used, if there is one\nquestions under way +0\nANSWERED BY +QUESTIONS\n.*1688 +\d+\n`},
		{boss, "zh_CN", "cache", 0, `(?s)^内存中的答案 .*回答来源 +问题数\n`},
		{boss, "en_US", "purge --keyword=red", 0, `^127\.0\.0\.1:\d+: purged on this server until it ends; disk or Redis does not know of it: `},
		{boss, "zh_CN", "purge --product=7 --product=8", 0, `^127\.0\.0\.1:\d+: 已在本服务器清除，有效至其结束；`},
		{boss, "en_US", "purge --all -o json", 0, `"reach": *"PURGE_REACH_PROCESS"`},
		{boss, "en_US", "purge", exitUsage, `^$`},
		{boss, "en_US", "purge --all --keyword=red", exitUsage, `^$`},
		{boss, "en_US", "purge --product=x", exitUsage, `^$`},
		{key, "en_US", "purge --all", exitRefused, `^$`},
		{boss, "en_US", "log-level debug --for=10m", 0, `^127\.0\.0\.1:\d+: logged from debug, until \d{4}-.*; before from info\n$`},
		{boss, "zh_CN", "log-level info", 0, `^127\.0\.0\.1:\d+: 日志级别设为 info，此前为 debug\n$`},
		{boss, "en_US", "log-level loud", exitUsage, `^$`},
		{boss, "en_US", "pause", exitUsage, `^$`},
		{boss, "en_US", "pause --caller=shop --class=batch", exitUsage, `^$`},
		{boss, "en_US", "pause --caller=nobody", exitUsage, `^$`},
		{boss, "en_US", "pause --class=batch --for=0s", exitUsage, `^$`},
		{boss, "en_US", "pause --caller=boss", 0, `: paused until it is resumed`},
		{boss, "en_US", "resume --caller=boss", 0, `: resumed\n$`},
	} {
		args := append(append([]string{"admin"}, strings.Fields(step.args)...), "--ops-addr", ops)
		got := run(t, []string{"LANG=" + step.locale + ".UTF-8", "ZHAOHUO_TLS=true", "ZHAOHUO_API_KEY=" + step.key.Reveal()}, args...)
		if got.code != step.code || !regexp.MustCompile(step.want).MatchString(got.stdout) {
			t.Errorf("%s: %+v, want %d and %s", step.args, got, step.code, step.want)
		}
	}
}

func TestInvalidAPIKey(t *testing.T) {
	want := outcome{exitUsage, "", "error: ZHAOHUO_API_KEY: contains characters that an API key never has: white space, control or non-ASCII characters\n"}
	for _, key := range []string{"CANARY\n", "CAN ARY", "CANARYé"} {
		if got := run(t, []string{"ZHAOHUO_API_KEY=" + key}, "info", "--addr=127.0.0.1:1"); got != want {
			t.Errorf("%+v", got)
		}
	}
}

func TestUnencryptedKeysCauseAWarning(t *testing.T) {
	for addr, want := range map[string]bool{"127.0.0.1:1": false, "localhost:1": false, "[::1]:1": false, "10.0.0.1:1": true, "example.com:1": true, "dns:///example.com": true} {
		if got := inClear(addr); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}

func TestHealthChecksCarryNoKey(t *testing.T) {
	key := apiKey{"zhk_CANARY"}
	for uri, want := range map[string]map[string]string{
		"http://127.0.0.1:9090/grpc.health.v1.Health":    nil,
		"http://127.0.0.1:9090/zhaohuo.v1.SearchService": {"authorization": "Bearer zhk_CANARY"},
	} {
		got, err := key.GetRequestMetadata(t.Context(), uri)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", uri, err, diff)
		}
	}
}
