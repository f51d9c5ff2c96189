// Package cli holds the commands of the zhaohuo binary: the server, the sandbox, and the client commands.
//
// It reads command lines and writes for people, spreadsheets and programs. internal/app builds the service;
// internal/config has the settings.
//
// Exit codes: 0 for success; 2 if the command line, the configuration or the request is wrong; 3 if the request is
// refused; 4 if the same command may succeed later; 1 for the rest. The doctor has further codes: see doctorCommand.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/rivo/uniseg"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// Process is what a command uses of its process.
type Process struct {
	// Version is the binary's version.
	Version string
	// Build is what the binary was built from.
	Build Build
	// Args are the program's name and its arguments.
	Args []string
	// Environ is the environment in the form of os.Environ.
	Environ []string
	// Stdin is the user's input.
	Stdin io.Reader
	// Stdout receives answers; Stderr receives logs, notices and failures.
	Stdout, Stderr io.Writer

	// goods is the built-in catalogue that the sandboxes of many commands in one process share, in tests; nil in a process that
	// runs one command.
	goods *app.Goods
	// usualAddr replaces the default address in tests, which cannot know what listens there.
	usualAddr string
}

// Build is what a binary was built from; empty where that is not known.
type Build struct {
	// Commit is the full hash of the commit, Date its time in RFC 3339.
	Commit, Date string
}

// versionText is what --version shows: the version, and in brackets what is known of the build.
func (p Process) versionText() string {
	text := "zhaohuo " + p.Version
	var known []string
	for _, one := range []string{p.Build.Commit, p.Build.Date} {
		if one != "" {
			known = append(known, one)
		}
	}
	if len(known) > 0 {
		text += " (" + strings.Join(known, ", ") + ")"
	}
	return text
}

// serveGrammar is the part of the grammar that serve needs. To build the model of all commands takes a tenth of a live start.
type serveGrammar struct {
	Serve serveCommand `cmd:"" help:"Serve product search over gRPC and REST."`

	VersionFlag kong.VersionFlag `name:"version" help:"Show the version."`
}

// grammar has all commands.
type grammar struct {
	serveGrammar `embed:""`

	Sandbox     sandboxCommand     `cmd:"" help:"Serve the sandbox alone: an emulator of 1688 with made-up goods, for any client."`
	Search      searchCommand      `cmd:"" help:"Search goods by words."`
	Image       imageCommand       `cmd:"" help:"Search goods by an image: a file, an address or the id of one sent before. Or by many photos, into a file."`
	Product     productCommand     `cmd:"" help:"Show all details of products."`
	Seller      sellerCommand      `cmd:"" help:"List a seller's goods."`
	Facets      facetsCommand      `cmd:"" help:"List the facets of a search, with ids for search --facet."`
	TopKeywords topKeywordsCommand `cmd:"" name:"top-keywords" help:"List the top keywords of a category."`
	Category    categoryCommand    `cmd:"" help:"Find a category by its name, or show it by its id with those below it."`
	Top         topCommand         `cmd:"" help:"List the goods that lead a category."`
	Trends      trendsCommand      `cmd:"" help:"Show what 1688 recorded of a product by day: units sold, median price, repurchase."`
	Related     relatedCommand     `cmd:"" help:"List goods related to a product."`
	Freight     freightCommand     `cmd:"" help:"Say what it costs to send a product to a place in China."`
	Batch       batchCommand       `cmd:"" help:"Search many keywords into a file. Rerun the command to resume."`
	Source      sourceCommand      `cmd:"" help:"Find who sells the same goods, confirmed by images."`
	Expand      expandCommand      `cmd:"" help:"Find what else to sell, from words that sell."`
	Compare     compareCommand     `cmd:"" help:"Compare the prices of the goods on an image, and of goods found by words."`
	Competitors competitorsCommand `cmd:"" help:"Analyse who competes with the goods on an image, and their market."`
	Watch       watchCommand       `cmd:"" help:"Watch prices: add, list, show, pause, resume, rm, run, tail, export, deliveries, rotate-secret."`
	MCP         mcpCommand         `cmd:"" name:"mcp" help:"Serve an AI agent over standard input and output (Model Context Protocol)."`
	Call        callCommand        `cmd:"" help:"Call any API of 1688 by its name, through the server's signature, queue and limits."`
	Info        infoCommand        `cmd:"" help:"Show a server's version, limits and capabilities."`
	Status      statusCommand      `cmd:"" help:"Show what a server is doing: running requests, queues, calls left today, rate, bans."`
	Health      healthCommand      `cmd:"" help:"Say whether the server on this machine is ready: exit code 0 if it is, 1 if not."`
	Doctor      doctorCommand      `cmd:"" help:"Diagnose the connection to 1688, and how to repair it."`
	Auth        authCommand        `cmd:"" help:"Authorize the App Key by OAuth: login, status, refresh."`
	Keys        keysCommand        `cmd:"" help:"Make API keys for callers of a server."`
	Admin       adminCommand       `cmd:"" help:"Steer a running server on its operators' port: callers, accounts, pauses, pause, resume, watches, cache, purge, log-level, drain."`
	Version     versionCommand     `cmd:"" help:"Show the version."`
	Completion  completionCommand  `cmd:"" help:"Print a completion script for bash, zsh or fish."`
	Man         manCommand         `cmd:"" help:"Print the manual page, for man -l."`
}

// session is one run of one command.
type session struct {
	Process
	ctx    context.Context
	env    config.Environ
	parsed *kong.Context
	loader *config.Loader
	words  phrases
}

// Run runs the command in p.Args until it is done or ctx ends, and returns the exit code.
func Run(ctx context.Context, p Process) int {
	s := &session{Process: p, ctx: ctx, env: config.ParseEnviron(p.Environ)}
	s.words = english
	if s.chinese() {
		s.words = chinese()
	}
	err := s.run()
	if err != nil && !errors.As(err, new(diagnosed)) {
		printFailure(p.Stderr, err, s.words)
	}
	return exitCode(err)
}

func (s *session) run() error {
	args := s.Args[1:]
	var g grammar
	var commands any = &g
	if len(args) > 0 && args[0] == "serve" {
		commands = &g.serveGrammar
	}
	s.loader = config.NewLoader(&g.Serve.Settings, s.env)
	helped, helps := false, config.HelpTexts()
	parser, err := kong.New(commands,
		kong.Name("zhaohuo"),
		kong.Description("Product search on 1688 through one signed, quota-safe door."),
		kong.Writers(s.Stdout, s.Stderr),
		kong.Exit(func(int) { helped = true }),
		kong.Resolvers(s.loader),
		kong.Help(s.printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 120}),
		kong.ValueFormatter(helps),
		kong.AutoGroup(config.HelpGroups()),
		kong.Vars{"version": s.versionText(), "languages": "zh, en, ja, ru, vi, ko, fr, pt, es, th, id or ar"},
	)
	if err != nil {
		return err
	}
	s.translate(parser.Model, helps)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	s.parsed, err = parser.Parse(args)
	if helped {
		return nil
	}
	if err != nil {
		return err
	}
	return s.parsed.Run(s)
}

// chinese reports whether the user reads Chinese, by the rules of POSIX locales.
func (s *session) chinese() bool {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := s.env[name]; locale != "" {
			return strings.HasPrefix(strings.ToLower(locale), "zh")
		}
	}
	return false
}

// acceptLanguage is the language requested from the server.
func (s *session) acceptLanguage() string {
	if s.chinese() {
		return "zh-CN"
	}
	return "en"
}

// note writes a message beside the answer.
func (s *session) note(format string, args ...any) {
	fmt.Fprintf(s.Stderr, "zhaohuo: %s\n", s.words.say(format, args...))
}

// print writes a part of an answer in the user's language. An error shows when the last part is written.
func (s *session) print(format string, args ...any) {
	fmt.Fprint(s.Stdout, s.words.say(format, args...))
}

// printEnd is print for the last part of an answer.
func (s *session) printEnd(format string, args ...any) error {
	_, err := fmt.Fprint(s.Stdout, s.words.say(format, args...))
	return err
}

// printFields writes lines of a name and a value; width is that of the names, in cells.
func (s *session) printFields(width int, lines [][2]string) error {
	for _, line := range lines {
		name := s.words.say(line[0])
		if _, err := fmt.Fprintf(s.Stdout, "%s%s %s\n", name, strings.Repeat(" ", max(width-uniseg.StringWidth(name), 0)), line[1]); err != nil {
			return err
		}
	}
	return nil
}

type versionCommand struct{}

func (versionCommand) Run(s *session) error {
	_, err := fmt.Fprintln(s.Stdout, s.versionText())
	return err
}
