package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const example = "# Changelog\n\nWhat users notice.\n\n## [Unreleased]\n\n- Not yet.\n\n" +
	"## [1.2.3] - 2026-11-28\n\n### Added\n\n- New: [how](docs/NEW.md#use), [why](https://example.com/why).\n\n```\n## [1.2.2]\n```\n\n" +
	"## [1.2.3-rc.1] - 2026-11-20\n\n- A candidate.\n\n## [1.2.0]\n\n## [1.1.0]\n\n- One.\n\n## [1.1.0]\n\n- Two.\n"

func TestSection(t *testing.T) {
	for version, want := range map[string]struct{ notes, refusal string }{
		"1.2.3":      {notes: "### Added\n\n- New: [how](docs/NEW.md#use), [why](https://example.com/why).\n\n```\n## [1.2.2]\n```"},
		"1.2.3-rc.1": {notes: "- A candidate."},
		"1.2":        {refusal: `no section "## [1.2]"`},
		"1.2.2":      {refusal: `no section "## [1.2.2]"`},
		"1.2.0":      {refusal: `"## [1.2.0]" of CHANGELOG.md is empty`},
		"1.1.0":      {refusal: `2 sections "## [1.1.0]"`},
		"":           {refusal: "no section"},
	} {
		notes, err := section(example, version)
		switch {
		case want.refusal == "" && (err != nil || notes != want.notes):
			t.Errorf("%q: %q, %v, want %q", version, notes, err, want.notes)
		case want.refusal != "" && (err == nil || !strings.Contains(err.Error(), want.refusal)):
			t.Errorf("%q: %q, %v, want a refusal with %q", version, notes, err, want.refusal)
		}
	}
}

func TestWithLinks(t *testing.T) {
	const address = "https://example.com/zhaohuo/blob/v1.2.3/"
	for text, want := range map[string]string{
		"[how](docs/NEW.md#use)":             "[how](" + address + "docs/NEW.md#use)",
		"[why](https://example.org/why)":     "[why](https://example.org/why)",
		"[a](LICENSE) and [b](docs/B.md).":   "[a](" + address + "LICENSE) and [b](" + address + "docs/B.md).",
		"a call (of an API), `x[1](y z)`, 1": "a call (of an API), `x[1](y z)`, 1",
	} {
		if got, err := withLinks(text, address); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
}

// TestChangelog: each section of the real changelog becomes notes. Right after a release nothing may be unreleased.
func TestChangelog(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", changelog))
	if err != nil {
		t.Fatal(err)
	}
	sections := 0
	for line := range strings.Lines(string(content)) {
		version, ok := headingOf(line)
		if !ok {
			continue
		}
		sections++
		_, err := section(string(content), version)
		if empty := version == "Unreleased" && err != nil && strings.Contains(err.Error(), "is empty"); err != nil && !empty {
			t.Error(err)
		}
	}
	if sections == 0 {
		t.Error("the changelog has no sections")
	}
}
