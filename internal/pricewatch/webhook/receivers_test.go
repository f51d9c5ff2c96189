//go:build unix

package webhook_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
)

// receiver is code of the documentation that verifies messages.
type receiver struct {
	program, file, code string
}

// What runs a receiver's code: it reads a message from standard input, and fails if the message is not good.
const (
	pythonMain = `
import json, sys
q = json.load(sys.stdin)
verify(q["secret"], q["headers"], q["body"].encode())
`
	nodeMain = `
import { readFileSync } from "node:fs";
const q = JSON.parse(readFileSync(0));
verify(q.secret, q.headers, Buffer.from(q.body));
`
)

func receivers(t *testing.T) []receiver {
	t.Helper()
	text, err := os.ReadFile("../../../docs/PRICE_WATCHES.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(language string) string {
		_, rest, _ := strings.Cut(string(text), "```"+language+"\n")
		code, _, found := strings.Cut(rest, "```")
		if !found {
			t.Fatalf("the documentation has no code in %s", language)
		}
		return code
	}
	return []receiver{
		{"/usr/bin/python3", "verify.py", block("python") + pythonMain},
		{"node", "verify.mjs", block("js") + nodeMain},
	}
}

// good reports whether the receiver takes a message.
func (r receiver) good(t *testing.T, dir string, m message, key secret.Text) bool {
	t.Helper()
	path := filepath.Join(dir, r.file)
	if err := os.WriteFile(path, []byte(r.code), 0o600); err != nil {
		t.Fatal(err)
	}
	headers := map[string]string{}
	for name := range m.header {
		headers[strings.ToLower(name)] = m.header.Get(name)
	}
	question, err := json.Marshal(map[string]any{"secret": key.Reveal(), "headers": headers, "body": string(m.body)})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), r.program, path)
	command.Stdin = bytes.NewReader(question)
	out, err := command.CombinedOutput()
	if err != nil && !strings.Contains(string(out), "the signature is not good") && !strings.Contains(string(out), "the message is too old") {
		t.Errorf("%s: %v\n%s", r.file, err, out)
	}
	return err == nil
}

// TestReceiversOfTheDocumentation: the code that people are shown takes what is sent, during a rotation too, and nothing else.
func TestReceiversOfTheDocumentation(t *testing.T) {
	to := startTarget(t, nil)
	r := newRig(t, filepath.Join(t.TempDir(), "pricewatch.db"), webhook.Options{Hosts: []string{to.host()}})
	hook := r.watch(t, "w", to.URL).Webhooks[0]
	r.events(t, "w", 1)
	r.send(t, hook.ID)
	plain, sealed := r.Secrets.New(hook.ID)
	if _, err := r.Store.RotateWebhookSecret(t.Context(), "shop", "w", hook.ID, sealed, r.clock.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	r.events(t, "w", 1)
	r.send(t, hook.ID)
	got := to.got()
	if len(got) != 2 {
		t.Fatalf("%d messages", len(got))
	}
	changed, late := got[0], got[0]
	changed.body = bytes.Replace(got[0].body, []byte("fell"), []byte("rose"), 1)
	late.header = got[0].header.Clone()
	late.header.Set("webhook-timestamp", strconv.FormatInt(r.clock.Add(-time.Hour).Unix(), 10))
	dir := t.TempDir()
	for _, program := range receivers(t) {
		for name, test := range map[string]struct {
			m    message
			key  secret.Text
			want bool
		}{
			"as it came":              {got[0], hook.Plain, true},
			"rotated, the old secret": {got[1], hook.Plain, true},
			"rotated, the new secret": {got[1], plain, true},
			"before the rotation":     {got[0], plain, false},
			"another body":            {changed, hook.Plain, false},
			"late":                    {late, hook.Plain, false},
		} {
			if program.good(t, dir, test.m, test.key) != test.want {
				t.Errorf("%s, %s: taken is not %v", program.file, name, test.want)
			}
		}
	}
}
