package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
)

// keywordRunes is the contract's bound of a keyword.
const keywordRunes = 100

// earlierPart is the size of the parts of a file whose state names none: it was begun when the contract's bound was lower.
const earlierPart = 1000

// batchCommand searches many keywords into a file.
type batchCommand struct {
	Keywords string `arg:"" name:"keywords" placeholder:"FILE" help:"File with one keyword per line. - reads standard input."`
	Output   string `name:"output" short:"o" required:"" placeholder:"FILE" help:"File to write: .csv, .xlsx, .json, or .ndjson (one page of products per line)."`
	Pages    int32  `name:"pages" default:"1" placeholder:"N" help:"Pages of each keyword, 1 to 40."`
	Raw      bool   `name:"raw" help:"Add the upstream's own JSON of each product. Not for .csv."`

	narrowing    `embed:""`
	wordCriteria `embed:""`
	csvOptions   `embed:""`

	Target target `embed:"" group:"Server"`
}

// Run continues from the recorded progress until every question is answered. Rerun the command to resume after a stop, or
// to retry failures.
func (c *batchCommand) Run(s *session) error {
	form := formOf(c.Output, c.csvOptions, readKeywordResult, "keyword", "page")
	if form == nil {
		return usage("-o %s: the name must end in .csv, .xlsx, .json, .ndjson or .jsonl", c.Output)
	}
	if isTable(form) && c.Raw {
		return usage("--raw needs a .json or .ndjson file")
	}
	keywords, err := c.keywords(s)
	if err != nil {
		return err
	}
	part, err := partOf(c.Output)
	if err != nil {
		return err
	}
	requests, err := c.requests(keywords, part)
	if err != nil {
		return err
	}
	question, err := c.fingerprint(keywords)
	if err != nil {
		return err
	}
	into, err := openResumable(c.Output, filePlan{form: form, question: question, words: "keywords or flags", parts: len(requests), partSize: part})
	if err != nil {
		return err
	}
	if into.Finished {
		s.noteFinished(into.name)
		return nil
	}
	run := &batchRun{resumableRun: newResumableRun(s, into)}
	err = run.all(c.Target, requests)
	return run.close(into.partsDone(), func(n int32) string { return counted(s.words, n, "question", "questions") }, err)
}

// keywords reads the distinct keywords, in order.
func (c *batchCommand) keywords(s *session) ([]string, error) {
	from := s.Stdin
	if c.Keywords != "-" {
		file, err := os.Open(c.Keywords)
		if err != nil {
			return nil, usage("%v", err)
		}
		defer file.Close() //nolint:errcheck // The file was only read.
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

// partOf is how many keywords of a file are sent in one request: as many as before if the file was begun already, since a token
// holds for one request only.
func partOf(name string) (int, error) {
	state, begun, err := loadState(name)
	switch {
	case err != nil:
		return 0, err
	case !begun:
		return batch.KeywordsMax, nil
	case state.PartSize <= 0:
		return earlierPart, nil
	}
	return state.PartSize, nil
}

// requests are the batch in parts.
func (c *batchCommand) requests(keywords []string, size int) ([]*zhaohuov1.BatchKeywordSearchRequest, error) {
	filters, err := filtersOf(c.Filter)
	if err != nil {
		return nil, err
	}
	var all []*zhaohuov1.BatchKeywordSearchRequest
	for part := range slices.Chunk(keywords, size) {
		q := &zhaohuov1.BatchKeywordSearchRequest{
			Keywords: part, Pages: &c.Pages, PageSize: c.PageSize, PriceMin: c.MinPrice, PriceMax: c.MaxPrice, CategoryId: c.Category,
			Sort: sorts[c.Sort], Filters: filters, LanguageCode: c.Language, IncludeRaw: c.Raw,
		}
		if err := c.put(q); err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, nil
}

// fingerprint identifies the question: a file is resumed only with the same one.
func (c *batchCommand) fingerprint(keywords []string) (string, error) {
	return fingerprint(struct {
		Keywords []string
		Pages    int32
		Raw      bool
		narrowing
		csvOptions
		wordCriteria
	}{keywords, c.Pages, c.Raw, c.narrowing, c.csvOptions, c.wordCriteria})
}

// batchRun is one run of the command.
type batchRun struct {
	resumableRun
	// base is the totals of the parts before the current one.
	base struct{ done, total, calls int32 }
}

// all processes the parts that are not done.
func (b *batchRun) all(t target, requests []*zhaohuov1.BatchKeywordSearchRequest) error {
	if b.into.partsDone() {
		return nil
	}
	conn, err := b.resumableRun.open(t)
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
		if err == nil && b.failed == failed { // A part with failures stays open.
			b.into.partDone(i)
		}
		if err == nil {
			err = b.into.checkpoint()
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
		b.bar.show(b.done, b.total, p.GetFailed(), p.GetRemaining())
	}
	result := m.GetResult()
	if result != nil {
		b.done++ // The next progress report has the exact number.
	}
	if result.GetError() != nil {
		b.refused(fmt.Sprintf("%s, page %d", result.GetKeyword(), result.GetPage()), status.FromProto(result.GetError()))
	}
	if result.GetResponse() != nil {
		if err := b.answered(recordOf(result)); err != nil {
			return err
		}
	}
	b.into.token(part, m.GetResumeToken())
	return b.into.settle()
}

// readKeywordResult reads a result back from its line.
func readKeywordResult(line []byte) (record, error) {
	result := &zhaohuov1.BatchKeywordResult{}
	if err := protojson.Unmarshal(line, result); err != nil {
		return record{}, err
	}
	return recordOf(result), nil
}

// recordOf is a successful BatchKeywordResult as a record.
func recordOf(result *zhaohuov1.BatchKeywordResult) record {
	answer := result.GetResponse()
	return record{
		message: result,
		leading: []string{result.GetKeyword(), strconv.Itoa(int(result.GetPage()))},
		goods:   page{products: answer.GetProducts(), meta: answer.GetMeta()},
	}
}

func batchKeywordSearch(ctx context.Context, conn grpc.ClientConnInterface, q *zhaohuov1.BatchKeywordSearchRequest, o ...grpc.CallOption) (grpc.ServerStreamingClient[zhaohuov1.BatchKeywordSearchResponse], error) {
	return zhaohuov1.NewSearchServiceClient(conn).BatchKeywordSearch(ctx, q, o...)
}
