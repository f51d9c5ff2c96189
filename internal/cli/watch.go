package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// watchCommand is the price watches of a server. They need one that keeps running, so none of it is ever asked of this process.
type watchCommand struct {
	Add    watchAdd    `cmd:"" help:"Watch the prices of products (links or ids), of the goods on a photo, or of goods found by words."`
	List   watchList   `cmd:"" help:"List the price watches."`
	Show   watchShow   `cmd:"" help:"Show a price watch: its state, its trend and its last prices."`
	Pause  watchPause  `cmd:"" help:"Stop observing until the price watch is resumed."`
	Resume watchResume `cmd:"" help:"Observe again, at once and then as often as before."`
	Rm     watchRemove `cmd:"" help:"Delete a price watch with its history and its image."`
	Run    watchRun    `cmd:"" help:"Observe now, beside the schedule, and show the prices."`
	Tail   watchTail   `cmd:"" help:"Show events as they happen. Goes on after a lost connection without losing any."`
	Export watchExport `cmd:"" help:"Write the history of a price watch as CSV, Excel workbook or NDJSON."`

	Deliveries   watchDeliveries `cmd:"" help:"List what is sent to the webhooks of a price watch, or send it again."`
	RotateSecret watchRotate     `cmd:"" name:"rotate-secret" help:"Give a webhook of a price watch a new signing secret, which is shown only this once."`
}

// watchMethod is a method of the service of price watches.
type watchMethod[Q, A any] func(zhaohuov1.PriceWatchServiceClient, context.Context, Q, ...grpc.CallOption) (A, error)

// askWatches is ask for price watches.
func askWatches[Q, A any](s *session, t target, method watchMethod[Q, A], q Q) (A, error) {
	conn, err := t.openServer(s)
	if err != nil {
		var none A
		return none, err
	}
	return askOver(s, conn, t.Timeout, unary(zhaohuov1.NewPriceWatchServiceClient, method), q)
}

// watchPause pauses a watch.
type watchPause struct {
	ID string `arg:"" name:"id" help:"Id of the price watch."`

	Target target `embed:"" group:"Server"`
}

// Run asks and says what became of it.
func (c *watchPause) Run(s *session) error {
	answer, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.PausePriceWatch, &zhaohuov1.PausePriceWatchRequest{Id: c.ID})
	if err != nil {
		return err
	}
	return s.printEnd("%s is paused; zhaohuo watch resume %s\n", s.watchName(answer.GetPriceWatch()), plain(c.ID))
}

// watchResume resumes a watch.
type watchResume struct {
	ID string `arg:"" name:"id" help:"Id of the price watch."`

	Target target `embed:"" group:"Server"`
}

// Run asks and says what became of it.
func (c *watchResume) Run(s *session) error {
	answer, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.ResumePriceWatch, &zhaohuov1.ResumePriceWatchRequest{Id: c.ID})
	if err != nil {
		return err
	}
	w := answer.GetPriceWatch()
	return s.printEnd("%s observes every %s\n", s.watchName(w), spoken(w.GetInterval().AsDuration(), s.words))
}

// watchRemove deletes a watch.
type watchRemove struct {
	ID  string `arg:"" name:"id" help:"Id of the price watch."`
	Yes bool   `name:"yes" short:"y" help:"Do not ask whether to delete."`

	Target target `embed:"" group:"Server"`
}

// Run deletes it once the user has agreed.
func (c *watchRemove) Run(s *session) error {
	found, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.GetPriceWatch, &zhaohuov1.GetPriceWatchRequest{Id: c.ID})
	if err != nil {
		return err
	}
	name := s.watchName(found.GetPriceWatch())
	if !c.Yes && !s.agrees("delete %s with its history? [y/N] ", name) {
		return usage("nothing was deleted: answer y, or give --yes")
	}
	if _, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.DeletePriceWatch, &zhaohuov1.DeletePriceWatchRequest{Id: c.ID}); err != nil {
		return err
	}
	return s.printEnd("%s is deleted\n", name)
}

// agrees asks a question that the user answers with yes; anything else, and no answer, is no.
func (s *session) agrees(question, about string) bool {
	fmt.Fprint(s.Stderr, s.words.say(question, about))
	if s.Stdin == nil {
		return false
	}
	answer, _ := bufio.NewReader(s.Stdin).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "是":
		return true
	}
	return false
}

// watchRun observes now.
type watchRun struct {
	ID     string `arg:"" name:"id" help:"Id of the price watch."`
	All    bool   `name:"all" help:"Show all products, even if there are many."`
	Output string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run asks and writes what was observed.
func (c *watchRun) Run(s *session) error {
	answer, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.RunPriceWatch, &zhaohuov1.RunPriceWatchRequest{Id: c.ID})
	if err != nil {
		return err
	}
	o := answer.GetObservation()
	s.warnOfSandbox(&zhaohuov1.AnswerMeta{Source: o.GetSource()})
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	if err := s.writeObservation(o, c.All); err != nil {
		return err
	}
	return s.printEnd("%s\n", counted(s.words, o.GetUpstreamCalls(), "upstream call", "upstream calls"))
}

// watchName is what a watch is called: its name, or its id.
func (s *session) watchName(w *zhaohuov1.PriceWatch) string {
	if name := w.GetDisplayName(); name != "" {
		return plain(name) + " (" + plain(w.GetId()) + ")"
	}
	return plain(w.GetId())
}
