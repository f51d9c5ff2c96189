package cli

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// intoFile searches by photos into a file, and resumes it.
//
// Name and content identify a photo. Photos that are not done are searched, whether new or failed before; so photos can be
// added, and bad ones replaced, until the file is complete. A photo that was replaced after it was answered is refused: the
// file would hold products of two pictures under one name.
func (c *imageCommand) intoFile(s *session, options *zhaohuov1.ImageSearchOptions) error {
	form := formOf(c.Output, c.csvOptions, readPhotoResult, "photo")
	if form == nil {
		return usage("-o %s: give table, json or csv, or a file whose name ends in .csv, .xlsx, .json, .ndjson or .jsonl", c.Output)
	}
	if isTable(form) && c.Raw {
		return usage("--raw needs a .json or .ndjson file")
	}
	if c.URL != "" || c.ID != "" || len(c.Photos) == 0 {
		return usage("-o %s: only FILE arguments can be written to a file; use -o table, json or csv with --url or --id", c.Output)
	}
	names, err := photoNames(c.Photos)
	if err != nil {
		return err
	}
	question, err := c.fingerprint(options)
	if err != nil {
		return err
	}
	into, err := openResumable(c.Output, filePlan{form: form, question: question, words: "flags"})
	if err != nil {
		return err
	}
	run := &photoRun{resumableRun: newResumableRun(s, into), names: names}
	run.total = int32(len(names))
	if into.Finished {
		return run.finished()
	}
	if err := run.findOpen(); err != nil {
		return errors.Join(err, into.close(false))
	}
	err = run.all(c.Target, options)
	return run.close(run.complete(), func(n int32) string { return counted(s.words, n, "photo", "photos") }, err)
}

// photoNames are the distinct files, in order, if all can be read.
func photoNames(given []fileName) ([]string, error) {
	var names []string
	seen := map[string]bool{}
	for _, file := range given {
		name := string(file)
		if seen[name] {
			continue
		}
		seen[name] = true
		if name == "-" {
			return nil, usage("standard input can only be searched alone and without an output file, since it could not be resumed")
		}
		if !utf8.ValidString(name) {
			return nil, usage("%s: the name is not UTF-8, so it cannot be written into the results", strconv.Quote(name))
		}
		if err := readable(name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// readable checks a file before any is sent.
func readable(name string) error {
	info, err := os.Stat(name) // Before opening: opening a pipe waits for a writer.
	if err != nil {
		return usage("%v", err)
	}
	if info.IsDir() {
		return usage("%s is a folder", name)
	}
	if !info.Mode().IsRegular() {
		return usage("%s is not a regular file, so the search could not be resumed", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return usage("%v", err)
	}
	return file.Close()
}

// fingerprint identifies the flags: a file is resumed only with the same ones.
func (c *imageCommand) fingerprint(options *zhaohuov1.ImageSearchOptions) (string, error) {
	r := options.GetRegion()
	return fingerprint(struct {
		Keyword string
		Region  []float64
		Page    *int32
		Raw     bool
		narrowing
		csvOptions
		imageHints
	}{c.Keyword, []float64{r.GetLeft(), r.GetTop(), r.GetRight(), r.GetBottom()}, c.Page, c.Raw, c.narrowing, c.csvOptions, c.imageHints})
}

// photoRun is one run of the command into a file.
type photoRun struct {
	resumableRun
	names []string
	// open are the positions of the names requested in this run, which are the images of the stream.
	open []int
	// settled are the open ones that have an answer or a failure.
	settled []bool
	sender  *photoSender

	// mu guards the fields that answers and the delayed save change.
	mu    sync.Mutex
	later *time.Timer
	ended bool
}

// finished reports that the file is complete. It fails if a photo is given that is not in it.
func (r *photoRun) finished() error {
	if err := r.findOpen(); err != nil {
		return err
	}
	if len(r.open) > 0 {
		return usage("%s is complete, and %s is not in it: name another file for more photos", r.into.name, r.names[r.open[0]])
	}
	r.noteFinished(r.into.name)
	return nil
}

// findOpen lists the photos that are not done.
func (r *photoRun) findOpen() error {
	for i, name := range r.names {
		before, done := r.into.Photos[name]
		if !done {
			r.open = append(r.open, i)
			continue
		}
		if r.ctx.Err() != nil {
			return unfinished{trouble("stopped")}
		}
		now, err := photoSum(name)
		if err != nil {
			return err
		}
		if now != before {
			return usage("%s is not the photo whose results are in %s: give it another name, or name another file to write", name, r.into.name)
		}
		r.done++
	}
	r.settled = make([]bool, len(r.open))
	return nil
}

// all searches with the photos that are not done, on one stream.
func (r *photoRun) all(t target, options *zhaohuov1.ImageSearchOptions) error {
	if len(r.open) == 0 {
		return nil
	}
	conn, err := r.resumableRun.open(t)
	if err != nil {
		return err
	}
	defer r.bar.end()
	r.sender = &photoSender{options: options}
	for _, i := range r.open {
		r.sender.names = append(r.sender.names, r.names[i])
	}
	r.show()
	err = exchange(r.session, conn, t.Timeout, batchImageSearch, r.sender.all, r.take)
	if err == nil {
		err = r.sender.missed
	}
	r.noLater()
	return errors.Join(err, conn.close())
}

// complete reports whether every photo is answered.
func (r *photoRun) complete() bool {
	for _, name := range r.names {
		if _, done := r.into.Photos[name]; !done {
			return false
		}
	}
	return true
}

func (r *photoRun) show() { r.bar.show(r.done, r.total, r.failed, nil) }

// take records the result of one photo. The file has its full name and its position in the list of photos; the position
// in the stream differs once the command is resumed.
func (r *photoRun) take(message *zhaohuov1.BatchImageSearchResponse) error {
	m := message.GetResult()
	if m == nil {
		return nil // A progress message only shows that the server is alive; this side counts itself.
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	index := int(m.GetIndex())
	begun, sum := r.sender.sum(index)
	if !begun || r.settled[index] || m.GetResponse() != nil && sum == "" {
		return callError{error: status.Errorf(codes.Internal, "the server answered image %d, which it was not asked for", index)}
	}
	r.settled[index] = true
	name := r.names[r.open[index]]
	if answer := m.GetResponse(); answer != nil {
		r.calls += answer.GetMeta().GetUpstreamCalls()
		m.Index, m.Tag = int32(r.open[index]), name
		one := record{message: m, leading: []string{name}, goods: page{products: answer.GetProducts(), meta: answer.GetMeta()}}
		if err := r.answered(one); err != nil {
			return err
		}
		r.into.photoDone(name, sum)
	} else {
		why := status.FromProto(m.GetError())
		if m.GetError() == nil {
			why = status.New(codes.Internal, "the server gave neither goods nor a reason")
		}
		r.calls += callsOf(why)
		r.refused(name, why)
	}
	r.done++
	r.show()
	if err := r.into.settle(); err != nil {
		return err
	}
	if r.into.changed && r.later == nil {
		r.later = time.AfterFunc(saveEvery, r.saveLate)
	}
	return nil
}

// saveLate makes a checkpoint during a pause, when no further answer triggers one.
func (r *photoRun) saveLate() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.later = nil
	if !r.ended {
		_ = r.into.checkpoint() // The next answer or close reports an error.
	}
}

// readPhotoResult reads a result back from its line.
func readPhotoResult(line []byte) (record, error) {
	m := &zhaohuov1.BatchImageResult{}
	if err := protojson.Unmarshal(line, m); err != nil {
		return record{}, err
	}
	return record{message: m, leading: []string{m.GetTag()}, goods: page{products: m.GetResponse().GetProducts(), meta: m.GetResponse().GetMeta()}}, nil
}

// noLater cancels the delayed save, because the file is about to be closed.
func (r *photoRun) noLater() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	if r.later != nil {
		r.later.Stop()
	}
}

// callsOf is how many upstream calls a failure used.
func callsOf(why *status.Status) int32 {
	text := detail[*errdetails.ErrorInfo](why).GetMetadata()[rpcerr.MetaCalls]
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0 // None, or unknown.
	}
	return int32(n)
}

func batchImageSearch(ctx context.Context, conn grpc.ClientConnInterface, o ...grpc.CallOption) (grpc.BidiStreamingClient[zhaohuov1.BatchImageSearchRequest, zhaohuov1.BatchImageSearchResponse], error) {
	return zhaohuov1.NewSearchServiceClient(conn).BatchImageSearch(ctx, o...)
}
