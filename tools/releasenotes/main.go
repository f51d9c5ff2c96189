// Command releasenotes prints the section of CHANGELOG.md that belongs to a version, as the notes of its release.
//
//	go run ./tools/releasenotes v1.2.3 https://github.com/OWNER/NAME/blob/v1.2.3/
//
// A section begins with "## [1.2.3]" and ends before the next one. Its heading is left out: a release has its version as title. Links to
// files of the repository begin with the address, which may be left out; without it they stay as they are. The command fails if there is
// no such section, several of them, or nothing in it.
package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
)

const changelog = "CHANGELOG.md"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "releasenotes:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errors.New("usage: releasenotes VERSION [ADDRESS OF THE FILES]")
	}
	content, err := os.ReadFile(changelog)
	if err != nil {
		return err
	}
	notes, err := section(string(content), strings.TrimPrefix(args[0], "v"))
	if err != nil {
		return err
	}
	if len(args) == 2 {
		if notes, err = withLinks(notes, args[1]); err != nil {
			return err
		}
	}
	_, err = fmt.Println(notes)
	return err
}

// section is what a changelog says about a version, without the heading.
func section(text, version string) (string, error) {
	var all []string
	ours, fenced := false, false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if name, heading := headingOf(line); heading && !fenced {
			if ours = name == version; ours {
				all = append(all, "")
			}
			continue
		}
		if ours {
			all[len(all)-1] += line
		}
	}
	switch {
	case len(all) == 0:
		return "", fmt.Errorf(`%s has no section "## [%s]": give the entries under "Unreleased" the version and the date (see RELEASING.md)`, changelog, version)
	case len(all) > 1:
		return "", fmt.Errorf(`%s has %d sections "## [%s]"`, changelog, len(all), version)
	case strings.TrimSpace(all[0]) == "":
		return "", fmt.Errorf(`the section "## [%s]" of %s is empty`, version, changelog)
	}
	return strings.TrimSpace(all[0]), nil
}

// headingOf is the version that a heading of a section names.
func headingOf(line string) (version string, ok bool) {
	rest, ok := strings.CutPrefix(line, "## ")
	if !ok {
		return "", false
	}
	version, _, _ = strings.Cut(strings.TrimPrefix(rest, "["), "]")
	return strings.TrimSpace(version), true
}

// withLinks has links to files begin with an address.
func withLinks(text, address string) (string, error) {
	base, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	link := regexp.MustCompile(`\]\(([^()\s]+)\)`)
	return link.ReplaceAllStringFunc(text, func(found string) string {
		to, err := url.Parse(link.FindStringSubmatch(found)[1])
		if err != nil { // A test of the documents refuses links that lead nowhere.
			return found
		}
		return "](" + base.ResolveReference(to).String() + ")"
	}), nil
}
