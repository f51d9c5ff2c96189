package cli

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// translate translates the help.
func (s *session) translate(app *kong.Application, helps func(*kong.Value) string) {
	languages := strings.NewReplacer("Language of the names: ", "名称的语言：", "Language of the texts: ", "文字的语言：",
		"Language of the titles: ", "标题的语言：", "Language of the translations: ", "译文的语言：")
	if s.words.help == nil {
		return
	}
	text := func(english string) string {
		if local := s.words.help[strings.ReplaceAll(english, "$$", "$")]; local != "" {
			return local
		}
		return languages.Replace(english)
	}
	var walk func(*kong.Node)
	walk = func(node *kong.Node) {
		node.Help, node.Detail = text(node.Help), text(node.Detail)
		for _, flag := range node.Flags {
			flag.Help = flagHelp(flag, text(flag.Help), helps(flag.Value))
			if flag.Group != nil {
				flag.Group.Title = s.words.say(flag.Group.Title)
			}
		}
		for _, argument := range node.Positional {
			argument.Help = text(argument.Help)
		}
		for _, child := range node.Children {
			walk(child)
		}
	}
	walk(app.Node)
}

// flagHelp is the translated help of a flag; a setting's help ends with the name of its variable. local is the translation, and
// setting the untranslated help with that name.
func flagHelp(flag *kong.Flag, local, setting string) string {
	if variable := strings.TrimPrefix(setting, strings.TrimSuffix(flag.Help, ".")); setting != flag.Help {
		return strings.TrimSuffix(local, "。") + "（" + strings.Trim(variable, " ().") + "）。"
	}
	return local
}

// frameForm are the lines that the parser puts around the help.
var frameForm = regexp.MustCompile(`^(Usage: )(.+)$|^(Run ")(.+)(" for more information(?: on a command)?\.)$|^(?:Arguments|Flags|Commands):$`)

// printHelp prints the translated help of a command.
func (s *session) printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if s.words.help == nil {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	out := ctx.Stdout
	var text bytes.Buffer
	ctx.Stdout = &text
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	lines := strings.Split(text.String(), "\n")
	for i, line := range lines {
		found := frameForm.FindStringSubmatch(line)
		switch {
		case found == nil:
		case found[1] != "":
			lines[i] = s.words.say("Usage: %s", found[2])
		case found[3] != "":
			lines[i] = s.words.say(found[3]+"%s"+found[5], found[4])
		default:
			lines[i] = s.words.say(line)
		}
	}
	_, err = out.Write([]byte(strings.Join(lines, "\n")))
	return err
}
