package engine_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
)

// TestBackup runs the commands of the operators' document on both stores: a backup is made while the engine observes, and after the
// restore everything of before the backup is there, nothing of after it, and observing goes on.
func TestBackup(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(text), "\n**Backup.** SQLite ")
	part, _, found := strings.Cut(part, "\n**[Upgrade](UPGRADING.md).**")
	blocks := strings.Split(part, "```sh\n")[1:]
	if !found || len(blocks) != 4 {
		t.Fatalf("the document has %d blocks of commands about backups", len(blocks))
	}
	for i, block := range blocks {
		blocks[i], _, _ = strings.Cut(block, "```")
	}
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		testBackup(t, filepath.Join(t.TempDir(), "pricewatch.db"), blocks[0], blocks[1])
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		testBackup(t, cluster.Database(t), blocks[2], blocks[3])
	})
}

func testBackup(t *testing.T, url, backup, restore string) {
	t.Helper()
	dir := t.TempDir()
	do := func(commands string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-euc", commands)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "DATA_DIR=" + filepath.Dir(url), "ZHAOHUO_STORE=" + url}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", commands, err, out)
		}
	}
	f := start(t, url, engine.Options{})
	f.watch(t, "a", time.Hour)
	observed := func(f *fixture, count int) {
		t.Helper()
		f.to(f.read(t, "a").NextDue.Add(time.Second))
		f.stored(t, "a", count)
		f.idle(t)
	}
	f.stored(t, "a", 1)
	observed(f, 2)
	observed(f, 3)
	history, events := f.history(t, "a"), f.events(t)
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	do(backup)
	observed(f, 4)
	f.watch(t, "b", time.Hour)
	f.stored(t, "b", 1)
	f.stop(t)
	if err := f.store.Close(); err != nil {
		t.Fatal(err)
	}
	do(restore)
	restored := open(t, url, engine.Options{Observer: f.observer})
	restored.clock.set(f.clock.now())
	if diff := cmp.Diff(history, restored.history(t, "a"), protocmp.Transform()); diff != "" {
		t.Errorf("the history (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(events, restored.events(t), protocmp.Transform()); diff != "" {
		t.Errorf("the events (-want +got):\n%s", diff)
	}
	if _, err := restored.store.FindWatch(t.Context(), "b"); err == nil {
		t.Error("a watch of after the backup is there")
	}
	restored.run(t) // The observation of after the backup is due again.
	restored.stored(t, "a", 4)
	if events := restored.events(t); len(events) != 3 || events[2].GetId() != "3" {
		t.Errorf("then the events are %v", events)
	}
}
