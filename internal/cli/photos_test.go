package cli

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// intoFile runs image with photos and an output file.
func intoFile(t *testing.T, addr, out string, photos []string, flags ...string) outcome {
	t.Helper()
	return run(t, nil, slices.Concat([]string{"image", "--addr", addr, "-o", out}, flags, photos)...)
}

// Photos of every size around the chunk size arrive unchanged, in chunks, under their names; also a single photo.
func TestPhotosArriveUnchanged(t *testing.T) {
	server := &imageServer{}
	addr := server.serve(t)
	long := strings.Repeat("长", 80) + ".jpg" // Longer than a tag, together with its folder.
	photos := slices.Concat(photoFiles(t, 1, "one.jpg"), photoFiles(t, contract.UploadChunk-1, "below.jpg"), photoFiles(t, contract.UploadChunk, "chunk.png"),
		photoFiles(t, contract.UploadChunk+1, "above.webp"), photoFiles(t, 3*contract.UploadChunk, "three.gif"), photoFiles(t, 100, long, "a,b \"c\".jpg"))
	out := filepath.Join(t.TempDir(), "out.csv")
	got := intoFile(t, addr, out, append(photos, photos[0]))
	if want := (outcome{0, "", "zhaohuo: " + out + ": 7 of 7 photos answered, 14 upstream calls\n"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	quoted := imageResults(t, photos...)
	for i := range quoted { // The last name has characters that CSV quotes.
		quoted[i] = strings.ReplaceAll(quoted[i], photos[6], `"`+strings.ReplaceAll(photos[6], `"`, `""`)+`"`)
	}
	if diff := gocmp.Diff(inOrder(quoted), sorted(t, out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if server.chunk != contract.UploadChunk {
		t.Errorf("the largest chunk has %d bytes", server.chunk)
	}
	if state := contents(t, out+resumeSuffix); !strings.Contains(state, `"finished":true`) {
		t.Errorf("not finished: %s", state)
	}
	one := filepath.Join(t.TempDir(), "out.csv")
	if got := intoFile(t, addr, one, photos[:1]); got.code != 0 {
		t.Errorf("%+v", got)
	}
	if diff := gocmp.Diff(imageResults(t, photos[0]), sorted(t, one)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The JSON formats have the contract's message, with the given name and the photo's position.
func TestPhotosAsJSON(t *testing.T) {
	addr := (&imageServer{}).serve(t)
	photos := photoFiles(t, 10, "a.jpg", strings.Repeat("长", 80)+".jpg")
	for _, ending := range []string{".json", ".ndjson", ".jsonl"} {
		out := filepath.Join(t.TempDir(), "out"+ending)
		if got := intoFile(t, addr, out, photos, "--raw"); got.code != 0 {
			t.Fatalf("%+v", got)
		}
		lines := slices.Collect(strings.Lines(contents(t, out)))
		if ending == ".json" {
			var list []json.RawMessage
			if err := json.Unmarshal([]byte(contents(t, out)), &list); err != nil || len(list) != 2 {
				t.Fatalf("%v: %s", err, contents(t, out))
			}
			lines = []string{string(list[0]), string(list[1])}
		}
		for i, line := range lines {
			var one zhaohuov1.BatchImageResult
			if err := protojson.Unmarshal([]byte(line), &one); err != nil {
				t.Fatalf("%s: %v", ending, err)
			}
			if one.GetTag() != photos[i] || int(one.GetIndex()) != i || len(one.GetResponse().GetProducts()) != 1 {
				t.Errorf("%s, line %d: %v", ending, i, &one)
			}
		}
	}
}

func TestPhotosQuestion(t *testing.T) {
	server := &imageServer{}
	addr := server.serve(t)
	photos := photoFiles(t, 10, "a.jpg")
	for name, test := range map[string]struct {
		flags []string
		want  *zhaohuov1.ImageSearchOptions
	}{
		"nothing": {nil, &zhaohuov1.ImageSearchOptions{}},
		"all": {
			[]string{
				"--keyword=x", "--min-price=1", "--max-price=99.90", "--sort=price", "--category=70", "--filter=ships-in-24h", "--page=2", "--page-size=5",
				"--language=en", "--raw", "--region=0.1,0,1,0.75",
			},
			&zhaohuov1.ImageSearchOptions{
				Keyword: "x", PriceMin: "1", PriceMax: "99.90", Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC, CategoryId: "70",
				Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_SHIPS_IN_24H}, Page: proto.Int32(2), PageSize: proto.Int32(5), LanguageCode: "en",
				IncludeRaw: true, Region: &zhaohuov1.ImageRegion{Left: 0.1, Right: 1, Bottom: 0.75},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := intoFile(t, addr, filepath.Join(t.TempDir(), "out.ndjson"), photos, test.flags...); got.code != 0 {
				t.Fatalf("%+v", got)
			}
			if diff := gocmp.Diff(test.want, server.options, protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Errors are reported before anything is requested or written.
func TestPhotosUsage(t *testing.T) {
	server := &imageServer{}
	addr := server.serve(t)
	photos := photoFiles(t, 10, "a.jpg", "b.jpg")
	dir := t.TempDir()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	const needed = "a file whose name ends in .csv, .xlsx, .json, .ndjson or .jsonl"
	for name, test := range map[string]struct {
		args   []string
		stderr string
	}{
		"several without a file": {photos, "several photos need a file to write: -o NAME.csv, .xlsx, .json, .ndjson or .jsonl"},
		"several as a form":      {append([]string{"-ojson"}, photos...), "several photos need a file to write: -o NAME.csv, .xlsx, .json, .ndjson or .jsonl"},
		"several and more":       {append([]string{"--url=http://x"}, photos...), "give one image: a FILE, --url or --id"},
		"none":                   {nil, "give one image: a FILE, --url or --id"},
		"unknown form":           {append([]string{"-o", dir + "/x.xls"}, photos...), "-o " + dir + "/x.xls: give table, json or csv, or " + needed},
		"unknown word":           {[]string{"-o", "xml", photos[0]}, "-o xml: give table, json or csv, or " + needed},
		"raw in csv":             {append([]string{"--raw", "-o", dir + "/x.csv"}, photos...), "--raw needs a .json or .ndjson file"},
		"raw in a table":         {[]string{"--raw", photos[0]}, "--raw needs -o json, or a file other than .csv"},
		"address into a file":    {[]string{"--url=http://x", "-o", dir + "/x.csv"}, "-o " + dir + "/x.csv: only FILE arguments can be written to a file; use -o table, json or csv with --url or --id"},
		"id and files":           {append([]string{"--id=x", "-o", dir + "/x.csv"}, photos...), "-o " + dir + "/x.csv: only FILE arguments can be written to a file; use -o table, json or csv with --url or --id"},
		"standard input":         {[]string{"-", photos[0], "-o", dir + "/x.csv"}, "standard input can only be searched alone and without an output file, since it could not be resumed"},
		"missing":                {append([]string{"-o", dir + "/x.csv", dir + "/none.jpg"}, photos...), "stat " + dir + "/none.jpg: no such file or directory"},
		"a folder":               {append(photos, dir, "-o", dir+"/x.csv"), dir + " is a folder"},
		"a pipe":                 {append(photos, pipe, "-o", dir+"/x.csv"), pipe + " is not a regular file, so the search could not be resumed"},
		"not UTF-8":              {append(photos, dir+"/\xff.jpg", "-o", dir+"/x.csv"), `"` + dir + `/\xff.jpg": the name is not UTF-8, so it cannot be written into the results`},
		"region":                 {append(photos, "--region=1,2", "-o", dir+"/x.csv"), `--region: "1,2" is not a region of an image: give LEFT,TOP,RIGHT,BOTTOM as fractions of it from 0 to 1, such as 0.1,0.1,0.6,0.9`},
		"filter":                 {append(photos, "--filter=x", "-o", dir+"/x.csv"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, nil, append([]string{"image", "--addr", addr}, test.args...)...)
			if got.code != exitUsage || test.stderr != "" && got.stderr != "error: "+test.stderr+"\n" {
				t.Errorf("%+v", got)
			}
		})
	}
	if left, _ := filepath.Glob(dir + "/*"); len(left) != 0 || server.asked() != "" {
		t.Errorf("files left: %v; asked: %s", left, server.asked())
	}
}

// TestPhotosRetryFailed: a bad photo affects no other. It is named, has no line in the file, and is the only one asked
// again, also after it was replaced, and together with new photos.
func TestPhotosRetryFailed(t *testing.T) {
	bad, _ := status.New(codes.InvalidArgument, "no image").WithDetails(&errdetails.ErrorInfo{Reason: "IMAGE_UNREADABLE", Metadata: map[string]string{"upstream_calls": "1"}})
	server := &imageServer{}
	addr := server.serve(t)
	photos := photoFiles(t, 10, "a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
	server.refused = map[string]*status.Status{photos[1]: bad}
	out := filepath.Join(t.TempDir(), "out.csv")
	got := intoFile(t, addr, out, photos[:3])
	want := "zhaohuo: " + out + ": 2 of 3 photos answered, 5 upstream calls\nzhaohuo: failed: " + photos[1] + ": no image\n" +
		"zhaohuo: rerun the command to resume; the progress is in " + out + ".resume\nerror: INVALID_ARGUMENT IMAGE_UNREADABLE: no image\n"
	if got != (outcome{exitUsage, "", want}) {
		t.Errorf("%+v", got)
	}
	if diff := gocmp.Diff(imageResults(t, photos[0], photos[2]), sorted(t, out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	server.change(func() { server.refused = nil })
	writePhoto(t, photos[1], "a better one")
	got = intoFile(t, addr, out, photos)
	if got != (outcome{0, "", "zhaohuo: " + out + ": 5 of 5 photos answered, 6 upstream calls\n"}) {
		t.Errorf("%+v", got)
	}
	if diff := gocmp.Diff(imageResults(t, photos...), sorted(t, out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	asked := strings.Join(photos[:3], " ") + " | " + photos[1] + " " + photos[3] + " " + photos[4]
	if got := server.asked(); got != asked {
		t.Errorf("asked %s, want %s", got, asked)
	}
	// A complete file is never changed again.
	before := contents(t, out)
	got = intoFile(t, addr, out, photos)
	if got != (outcome{0, "", "zhaohuo: " + out + " is complete: there is nothing left to ask\n"}) || contents(t, out) != before {
		t.Errorf("%+v", got)
	}
}

func TestPhotosNameTenFailures(t *testing.T) {
	server := &imageServer{refused: map[string]*status.Status{}}
	photos := photoFiles(t, 10, manyNames(13)...)
	for _, name := range photos[1:] {
		server.refused[name] = status.New(codes.Unavailable, "not now")
	}
	out := filepath.Join(t.TempDir(), "out.json")
	got := intoFile(t, server.serve(t), out, photos)
	if got.code != exitLater || strings.Count(got.stderr, ": not now\n") != 10+1 || !strings.Contains(got.stderr, "zhaohuo: failed: 2 more\n") ||
		!strings.Contains(got.stderr, ": 1 of 13 photos answered, 2 upstream calls\n") {
		t.Errorf("%+v", got)
	}
	var list []any
	if err := json.Unmarshal([]byte(contents(t, out)), &list); err != nil || len(list) != 1 {
		t.Errorf("%v: %s", err, contents(t, out))
	}
}

// TestPhotosFileIsGuarded: an incomplete line is cut off, and another file is not changed.
func TestPhotosFileIsGuarded(t *testing.T) {
	server := &imageServer{}
	addr := server.serve(t)
	photos := photoFiles(t, 10, "a.jpg", "b.jpg")
	server.refused = map[string]*status.Status{photos[1]: status.New(codes.Unavailable, "")}
	out := filepath.Join(t.TempDir(), "out.ndjson")
	intoFile(t, addr, out, photos)
	complete := contents(t, out)
	writePhoto(t, out, complete+`{"index":1,"ta`)
	for _, other := range []string{"--page=2", "--min-price=1", "--raw", "--language=en", "--keyword=x", "--region=0,0,1,0.5"} {
		if got := intoFile(t, addr, out, photos, other); got.code != exitUsage || !strings.Contains(got.stderr, out+" was begun with other flags: ") {
			t.Errorf("%v: %+v", other, got)
		}
	}
	if got := run(t, nil, "batch", keywordsFile(t, "a"), "-o", out, "--addr", addr); got.code != exitUsage || !strings.Contains(got.stderr, "was begun with other keywords or flags") {
		t.Errorf("%+v", got)
	}
	server.change(func() { server.refused = nil })
	old := contents(t, photos[0])
	writePhoto(t, photos[0], "another one")
	want := "error: " + photos[0] + " is not the photo whose results are in " + out + ": give it another name, or name another file to write\n"
	if got := intoFile(t, addr, out, photos); got != (outcome{exitUsage, "", want}) || contents(t, out) != complete {
		t.Errorf("%+v", got)
	}
	writePhoto(t, photos[0], old)
	if got := intoFile(t, addr, out, photos); got.code != 0 || len(sorted(t, out)) != 2 || !strings.HasPrefix(contents(t, out), complete) {
		t.Errorf("%+v: %q", got, contents(t, out))
	}
}

// Answers are matched by the image's index, in any order.
func TestPhotosOutOfOrder(t *testing.T) {
	var kept []*imageAnswer
	server := &imageServer{
		answers: func(_ imageStream, answer *imageAnswer) error {
			kept = append(kept, answer)
			return nil
		},
		ended: func(stream imageStream) error {
			slices.Reverse(kept)
			for _, answer := range kept {
				if err := sendResult(stream, answer); err != nil {
					return err
				}
			}
			return nil
		},
	}
	photos := photoFiles(t, 10, manyNames(5)...)
	out := filepath.Join(t.TempDir(), "out.csv")
	if got := intoFile(t, server.serve(t), out, photos); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	lines := slices.Collect(strings.Lines(contents(t, out)))
	if !strings.HasPrefix(lines[1], photos[4]) {
		t.Errorf("not in order of arrival: %q", lines)
	}
	if diff := gocmp.Diff(imageResults(t, photos...), sorted(t, out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The server stops reading while nobody reads its answers, which are too large here for the buffers.
func TestPhotosAreReadWhileSent(t *testing.T) {
	server := &imageServer{answers: func(stream imageStream, answer *imageAnswer) error {
		answer.GetResponse().GetProducts()[0].Title = strings.Repeat("x", 200<<10)
		return sendResult(stream, answer)
	}}
	photos := photoFiles(t, 200<<10, manyNames(20)...)
	if got := intoFile(t, server.serve(t), filepath.Join(t.TempDir(), "out.csv"), photos); got.code != 0 {
		t.Errorf("%+v", got)
	}
}
