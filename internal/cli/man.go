package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// manCommand prints the manual page.
type manCommand struct{}

// Run prints every command with its flags in the format of man pages.
func (manCommand) Run(s *session) error {
	var b strings.Builder
	app := s.parsed.Model
	fmt.Fprintf(&b, ".TH ZHAOHUO 1 \"\" %s\n.SH NAME\nzhaohuo \\- %s\n.SH SYNOPSIS\n.B zhaohuo\n.I command\n[\n.I flags\n]\n.SH COMMANDS\n",
		roff(fmt.Sprintf("%q", "zhaohuo "+s.Version)), roff(app.Help))
	for _, leaf := range app.Leaves(true) {
		fmt.Fprintf(&b, ".SS %s\n%s\n", roff(leaf.Path()), roff(leaf.Help))
		if leaf.Detail != "" {
			fmt.Fprintf(&b, ".PP\n%s\n", strings.ReplaceAll(roff(leaf.Detail), "\n\n", "\n.PP\n"))
		}
		for _, argument := range leaf.Positional {
			fmt.Fprintf(&b, ".TP\n.I %s\n%s\n", roff(argument.Summary()), roff(argument.Help))
		}
		for _, flag := range leaf.Flags {
			if !flag.Hidden {
				fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(flagName(flag)), roff(flag.Help))
			}
		}
	}
	b.WriteString(".SH EXIT STATUS\n0 success; 2 the command line, the configuration or the request is wrong; 3 refused as things stand; " +
		"4 the same again later may succeed; 1 the rest. The doctor has codes of its own.\n")
	_, err := s.Stdout.Write([]byte(b.String()))
	return err
}

func flagName(flag *kong.Flag) string {
	name := "--" + flag.Name
	if flag.Short != 0 {
		name = "-" + string(flag.Short) + ", " + name
	}
	if !flag.IsBool() {
		name += "=" + flag.FormatPlaceHolder()
	}
	return name
}

// roff escapes text so that no part of it is a roff request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
