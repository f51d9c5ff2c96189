package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCommand prints a completion script for a shell.
type completionCommand struct {
	Shell string `arg:"" name:"shell" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is shown by --help.
func (*completionCommand) Help() string {
	return "bash: source <(zhaohuo completion bash)\n\nzsh: source <(zhaohuo completion zsh)\n\nfish: zhaohuo completion fish | source"
}

// Run prints the script for the commands, flags and choices of this version.
func (c *completionCommand) Run(s *session) error {
	commands := completions(s.parsed.Model)
	script := bashCompletion
	switch c.Shell {
	case "zsh":
		script = zshCompletion
	case "fish":
		script = fishCompletion
	}
	_, err := fmt.Fprint(s.Stdout, script(commands))
	return err
}

// completed is a command with what a shell can complete.
type completed struct {
	// words are the command and its parents, such as "auth login".
	words string
	help  string
	// next are the names of its subcommands.
	next  []string
	flags []*kong.Flag
}

// completions lists every command, the program itself first, with no words.
func completions(app *kong.Application) []completed {
	var all []completed
	var walk func(node *kong.Node, words string)
	walk = func(node *kong.Node, words string) {
		one := completed{words: words, help: node.Help}
		for n := node; n != nil; n = n.Parent { // Subcommands accept their parents' flags.
			for _, flag := range n.Flags {
				if !flag.Hidden {
					one.flags = append(one.flags, flag)
				}
			}
		}
		for _, child := range node.Children {
			one.next = append(one.next, child.Name)
		}
		all = append(all, one)
		for _, child := range node.Children {
			walk(child, strings.TrimSpace(words+" "+child.Name))
		}
	}
	walk(app.Node, "")
	return all
}

// choices are the allowed values of a flag; none if any value is allowed.
func choices(flag *kong.Flag) []string {
	if flag.Enum == "" {
		return nil
	}
	return strings.Split(flag.Enum, ",")
}

// bashCompletion is a function that finds the command in the line, then offers its subcommands and flags, or files.
func bashCompletion(commands []completed) string {
	var b strings.Builder
	b.WriteString("_zhaohuo() {\n  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= word offers=\n" +
		"  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$command $word\" in\n")
	for _, c := range commands[1:] {
		parent, name := "", c.words
		if i := strings.LastIndex(c.words, " "); i >= 0 {
			parent, name = c.words[:i], c.words[i+1:]
		}
		fmt.Fprintf(&b, "      %q) command=%q ;;\n", parent+" "+name, c.words)
	}
	b.WriteString("    esac\n  done\n  case \"$command $previous\" in\n")
	for _, c := range commands {
		for _, flag := range c.flags {
			if values := choices(flag); values != nil {
				fmt.Fprintf(&b, "    %q) COMPREPLY=($(compgen -W %q -- \"$current\")); return ;;\n", c.words+" --"+flag.Name, strings.Join(values, " "))
			}
		}
	}
	b.WriteString("  esac\n  case \"$command\" in\n")
	for _, c := range commands {
		offers := append([]string{}, c.next...)
		for _, flag := range c.flags {
			offers = append(offers, "--"+flag.Name)
		}
		fmt.Fprintf(&b, "    %q) offers=%q ;;\n", c.words, strings.Join(offers, " "))
	}
	b.WriteString("  esac\n  COMPREPLY=($(compgen -W \"$offers\" -- \"$current\"))\n}\ncomplete -o default -F _zhaohuo zhaohuo\n")
	return b.String()
}

// zshCompletion makes zsh run the script for bash.
func zshCompletion(commands []completed) string {
	return "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" + bashCompletion(commands)
}

// fishCompletion is a line for each command and each flag.
func fishCompletion(commands []completed) string {
	var b strings.Builder
	for _, c := range commands {
		condition := "__fish_use_subcommand"
		if c.words != "" {
			condition = "__fish_seen_subcommand_from " + strings.ReplaceAll(c.words, " ", "; and __fish_seen_subcommand_from ")
		}
		for _, next := range c.next {
			fmt.Fprintf(&b, "complete -c zhaohuo -f -n %s -a %s -d %s\n", fishQuoted(condition), next, fishQuoted(helpOf(commands, strings.TrimSpace(c.words+" "+next))))
		}
		for _, flag := range c.flags {
			fmt.Fprintf(&b, "complete -c zhaohuo -n %s -l %s -d %s", fishQuoted(condition), flag.Name, fishQuoted(firstSentence(flag.Help)))
			if flag.Short != 0 {
				fmt.Fprintf(&b, " -s %c", flag.Short)
			}
			if !flag.IsBool() {
				b.WriteString(" -r")
			}
			if values := choices(flag); values != nil {
				fmt.Fprintf(&b, " -f -a %s", fishQuoted(strings.Join(values, " ")))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func helpOf(commands []completed, words string) string {
	for _, c := range commands {
		if c.words == words {
			return firstSentence(c.help)
		}
	}
	return ""
}

func firstSentence(text string) string {
	first, _, _ := strings.Cut(text, ". ")
	return strings.TrimSuffix(first, ".")
}

func fishQuoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
