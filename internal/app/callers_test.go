package app

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// TestKeysAreReplacedWhileServing: the old key, then the new one, over gRPC and REST, with no key in the log.
func TestKeysAreReplacedWhileServing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.yaml")
	before, beforeEntry := callers.Mint(callers.Entry{Name: "shop"})
	after, afterEntry := callers.Mint(callers.Entry{Name: "shop", Daily: 1})
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(beforeEntry.YAML())
	r := start(t, settings(t, nil, "--api-keys-file="+path), false)
	conn := outside(t, r.App)
	search := func(key secret.Text) codes.Code {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-api-key", key.Reveal())
		_, err := zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(ctx, headphones())
		return status.Code(err)
	}
	if got := [3]codes.Code{search(before), search(after), search("")}; got != [3]codes.Code{codes.OK, codes.Unauthenticated, codes.Unauthenticated} {
		t.Errorf("at first: %v", got)
	}
	write(afterEntry.YAML())
	late := time.Now().Add(testTimeout)
	for search(after) != codes.OK {
		if time.Now().After(late) {
			t.Fatalf("the new key is never accepted; log:\n%s", r.log)
		}
	}
	if got := search(before); got != codes.Unauthenticated {
		t.Errorf("the old key: %v", got)
	}
	// The key that is in force now allows one call a day. What the old one spent is not counted, since it had no bound.
	for i, keyword := range []string{"充电宝", "充电宝", "数据线"} {
		q := headphones()
		q.Keyword = keyword
		_, err := zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(metadata.AppendToOutgoingContext(t.Context(), "x-api-key", after.Reveal()), q)
		if got, want := reason(err), [...]string{"", "", "CALLER_CALLS_USED_UP RETRY"}[i]; got != want {
			t.Errorf("request %d of the day: %q, want %q; %v", i, got, want, err)
		}
	}
	if code, body, err := get(r.App, "/v1/products:keywordSearch?keyword=x"); err != nil || code != http.StatusUnauthorized {
		t.Errorf("REST without a key: %d %s %v", code, body, err)
	}
	if code, _, err := get(r.App, "/readyz"); err != nil || code != http.StatusOK {
		t.Errorf("readiness: %d %v", code, err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	for _, key := range []secret.Text{before, after} {
		if strings.Contains(r.log.String(), key.Reveal()) {
			t.Errorf("the log contains a key:\n%s", r.log)
		}
	}
	if !strings.Contains(r.log.String(), "caller=shop") {
		t.Errorf("the log does not name the caller:\n%s", r.log)
	}
}

func TestTheProcessItselfNeedsNoKey(t *testing.T) {
	_, entry := callers.Mint(callers.Entry{Name: "shop"})
	r := start(t, settings(t, nil, "--api-keys="+entry.YAML(), "--caller-rate=0.001"), true)
	for range 2 {
		if _, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), headphones()); err != nil {
			t.Error(err)
		}
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

func TestBadKeysAreRefusedAtStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(path, []byte("# ours\n- name: shop\n  sha256: CANARY\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string]string{
		"--api-keys-file=" + path:         "--api-keys-file: " + path + ": line 3: sha256 must be the key's SHA-256 in 64 hexadecimal digits",
		"--api-keys-file=/nowhere/k.yaml": "--api-keys-file: open /nowhere/k.yaml: no such file or directory",
		"--api-keys=CANARY":               "--api-keys: line 1: must be a list of keys, each with name and sha256",
	} {
		a, err := New(t.Context(), Options{Settings: settings(t, nil, flag), LogTo: &syncBuffer{}, Goods: sharedGoods(t)})
		if err == nil {
			_ = a.Close()
			t.Fatalf("%s: accepted", flag)
		}
		if err.Error() != want {
			t.Errorf("%s: %q, want %q", flag, err, want)
		}
	}
}
