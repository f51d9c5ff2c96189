package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zhaohuo-dev/zhaohuo/batch"
	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// The contract's bounds of a batch. A longer list is asked in parts.
const (
	keywordsMax  = 1000
	keywordRunes = 100
)

// failuresShown is how many failed questions are named.
const failuresShown = 10

// batchCommand searches many keywords into a file.
type batchCommand struct {
	Keywords string `arg:"" name:"keywords" placeholder:"FILE" help:"File with one keyword a line. - reads standard input."`
	Output   string `name:"output" short:"o" required:"" placeholder:"FILE" help:"File to write: .csv, .json, or .ndjson (one page of goods a line)."`
	Pages    int32  `name:"pages" default:"1" placeholder:"N" help:"Pages of each keyword, 1 to 40."`
	Raw      bool   `name:"raw" help:"Add the upstream's own JSON of each product. Not for .csv."`

	narrowing `embed:""`

	Target target `embed:"" group:"Server"`
}

// Run goes on where the file stands, until every question is answered. What is stopped halfway, or has failures, goes on
// by the same command.
func (c *batchCommand) Run(s *session) error {
	form, err := formOf(c.Output)
	if err != nil {
		return err
	}
	if _, isCSV := form.(csvForm); isCSV && c.Raw {
		return usage("--raw needs a .json or .ndjson file")
	}
	keywords, err := c.keywords(s)
	if err != nil {
		return err
	}
	requests, err := c.requests(keywords)
	if err != nil {
		return err
	}
	question, err := c.fingerprint(keywords)
	if err != nil {
		return err
	}
	into, err := openHarvest(c.Output, form, question, len(requests))
	if err != nil {
		return err
	}
	run := &batchRun{session: s, into: into, bar: newBar(s.Stderr), parts: len(requests)}
	err = run.all(c.Target, requests)
	if closed := into.close(err == nil && run.failed == 0); closed != nil {
		return errors.Join(err, closed)
	}
	return run.verdict(c.Output, err)
}

// keywords reads the different keywords, in their order.
func (c *batchCommand) keywords(s *session) ([]string, error) {
	from := s.Stdin
	if c.Keywords != "-" {
		file, err := os.Open(c.Keywords)
		if err != nil {
			return nil, usage("%v", err)
		}
		defer file.Close() //nolint:errcheck // It was only read.
		from = file
	}
	var all []string
	seen := map[string]bool{}
	lines := bufio.NewScanner(from)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff"))
		if !utf8.Valid(line) {
			return nil, usage("%s: line %d is not UTF-8", c.Keywords, n)
		}
		keyword := batch.Canonical(string(line))
		if utf8.RuneCountInString(keyword) > keywordRunes {
			return nil, usage("%s: line %d is longer than %d characters", c.Keywords, n, keywordRunes)
		}
		if keyword != "" && !seen[keyword] {
			seen[keyword] = true
			all = append(all, keyword)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, usage("%s: %v", c.Keywords, err)
	}
	if len(all) == 0 {
		return nil, usage("%s has no keywords", c.Keywords)
	}
	return all, nil
}

// requests are the batch in parts of the contract's size.
func (c *batchCommand) requests(keywords []string) ([]*zhaohuov1.BatchKeywordSearchRequest, error) {
	filters, err := filtersOf(c.Filter)
	if err != nil {
		return nil, err
	}
	var all []*zhaohuov1.BatchKeywordSearchRequest
	for part := range slices.Chunk(keywords, keywordsMax) {
		all = append(all, &zhaohuov1.BatchKeywordSearchRequest{
			Keywords: part, Pages: &c.Pages, PageSize: c.PageSize, PriceMin: c.MinPrice, PriceMax: c.MaxPrice, CategoryId: c.Category,
			Sort: sorts[c.Sort], Filters: filters, Language: c.Language, IncludeRaw: c.Raw,
		})
	}
	return all, nil
}

// fingerprint tells whether a file was begun with the same question.
func (c *batchCommand) fingerprint(keywords []string) (string, error) {
	text, err := json.Marshal(struct {
		Keywords []string
		Pages    int32
		Raw      bool
		narrowing
	}{keywords, c.Pages, c.Raw, c.narrowing})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// batchRun is one run of the command.
type batchRun struct {
	*session
	into  *harvest
	bar   *bar
	parts int

	warned bool
	// done, total and calls are of the parts so far and the present one; base is what the parts before it make up.
	done, total, calls, failed int32
	base                       struct{ done, total, calls int32 }
	// first is the first failure of a question.
	first *status.Status
	named []string
}

// all works off the parts that are not done.
func (b *batchRun) all(t target, requests []*zhaohuov1.BatchKeywordSearchRequest) error {
	if !b.into.open() {
		return nil
	}
	conn, err := t.open(b.session)
	if err != nil {
		return err
	}
	defer b.bar.end()
	for i, q := range requests {
		if b.into.Parts[i].Done {
			continue
		}
		q.ResumeToken = b.into.Parts[i].Token
		failed := b.failed
		b.base.done, b.base.total, b.base.calls = b.done, b.total, b.calls
		err = receive(b.session, conn, t.Timeout, batchKeywordSearch, q, func(m *zhaohuov1.BatchKeywordSearchResponse) error {
			return b.take(i, m)
		})
		if err == nil {
			err = b.into.partDone(i, b.failed == failed)
		}
		if err != nil {
			break
		}
	}
	return errors.Join(err, conn.close())
}

func (b *batchRun) take(part int, m *zhaohuov1.BatchKeywordSearchResponse) error {
	if p := m.GetProgress(); p != nil {
		b.done, b.total, b.calls = b.base.done+p.GetDone(), b.base.total+p.GetTotal(), b.base.calls+p.GetUpstreamCalls()
		b.bar.show(b.done, b.total, p)
	}
	result := m.GetResult()
	if result != nil {
		b.done++ // Until the next report of progress says so.
	}
	if result.GetError() != nil {
		b.keep(result)
	}
	if response := result.GetResponse(); response != nil && !b.warned {
		b.bar.clear()
		b.warnOfSandbox(response.GetMeta())
		b.warned = true
	}
	return b.into.take(part, result, m.GetResumeToken())
}

// keep keeps a failed question. It does not go into the file: the same command asks it again.
func (b *batchRun) keep(result *zhaohuov1.BatchKeywordResult) {
	st := status.FromProto(result.GetError())
	b.failed++
	if b.first == nil {
		b.first = st
	}
	if len(b.named) < failuresShown {
		b.named = append(b.named, fmt.Sprintf("%s, page %d: %s", plain(result.GetKeyword()), result.GetPage(), plain(st.Message())))
	}
}

// verdict tells how far the batch is, and makes the error.
func (b *batchRun) verdict(name string, err error) error {
	b.note("%s: %d of %d questions answered, %d upstream calls", name, b.done-b.failed, b.total, b.calls)
	if b.into.whole() {
		return err
	}
	for _, line := range b.named {
		b.note("failed: %s", line)
	}
	if more := int(b.failed) - len(b.named); more > 0 {
		b.note("failed: %d more", more)
	}
	b.note("the same command goes on from here; it is remembered in %s", name+resumeSuffix)
	switch {
	case b.ctx.Err() != nil:
		return unfinished{errors.New("stopped")}
	case err != nil:
		return err
	case b.first != nil:
		return callError{error: b.first.Err()}
	}
	return callError{error: status.Error(codes.Internal, "the batch ended early")}
}

func batchKeywordSearch(ctx context.Context, conn grpc.ClientConnInterface, q *zhaohuov1.BatchKeywordSearchRequest, o ...grpc.CallOption) (grpc.ServerStreamingClient[zhaohuov1.BatchKeywordSearchResponse], error) {
	return zhaohuov1.NewSearchServiceClient(conn).BatchKeywordSearch(ctx, q, o...)
}

// formOf is the form a file's name asks for.
func formOf(name string) (harvestForm, error) {
	switch {
	case strings.HasSuffix(name, ".csv"):
		return csvForm{}, nil
	case strings.HasSuffix(name, ".ndjson"), strings.HasSuffix(name, ".jsonl"):
		return lineForm{}, nil
	case strings.HasSuffix(name, ".json"):
		return arrayForm{}, nil
	}
	return nil, usage("-o %s: the name must end in .csv, .json, .ndjson or .jsonl", name)
}
