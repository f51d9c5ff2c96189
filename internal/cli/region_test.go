package cli

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// regionServer is a server that gives every image the same answer and records the question.
type regionServer struct {
	searchServer
	regions *zhaohuov1.ImageRegions
	options *zhaohuov1.ImageSearchOptions
	named   *zhaohuov1.ImageSearchRequest
	photo   []byte
}

func (l *regionServer) ImageSearch(_ context.Context, q *zhaohuov1.ImageSearchRequest) (*zhaohuov1.ImageSearchResponse, error) {
	l.named = q
	return &zhaohuov1.ImageSearchResponse{
		Page: 1, Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE}, Regions: l.regions,
	}, nil
}

func (l *regionServer) UploadImageSearch(stream grpc.ClientStreamingServer[zhaohuov1.UploadImageSearchRequest, zhaohuov1.UploadImageSearchResponse]) error {
	l.photo = nil
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if m.GetOptions() != nil {
			l.options = m.GetOptions()
		}
		l.photo = append(l.photo, m.GetChunk()...)
	}
	return stream.SendAndClose(&zhaohuov1.UploadImageSearchResponse{Response: &zhaohuov1.ImageSearchResponse{
		Page: 1, Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE}, Regions: l.regions,
		ImageId: "i-1", ExpireTime: timestamppb.New(time.Date(2026, 1, 2, 3, 4, 0, 0, time.Local)),
	}})
}

func TestRegionIsAsked(t *testing.T) {
	l := &regionServer{}
	addr := serveSearch(t, l)
	photo := photoFiles(t, 100<<10, "\xff.jpg")[0] // File names may be any bytes.
	want := &zhaohuov1.ImageRegion{Left: 0.1, Top: 0.2, Right: 0.6, Bottom: 0.9}
	for name, source := range map[string]string{"file": photo, "address": "--url=http://x/y.jpg", "id": "--id=i-1"} {
		t.Run(name, func(t *testing.T) {
			l.options, l.named = nil, nil
			if got := run(t, nil, "image", source, "--addr", addr, "--region", "0.1, 0.2,0.6,.9"); got.code != 0 {
				t.Fatalf("%+v", got)
			}
			asked := l.options.GetRegion()
			if name != "file" {
				asked = l.named.GetRegion()
			}
			if diff := gocmp.Diff(want, asked, protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if want := contents(t, photo); string(l.photo) != want {
		t.Errorf("%d bytes arrived of %d", len(l.photo), len(want))
	}
}

func TestRegionUsage(t *testing.T) {
	for _, region := range []string{
		"0.1,0.1,0.6", "0.1,0.1,0.6,0.9,1", "a,b,c,d", "0.6,0.1,0.1,0.9", "0.1,0.9,0.6,0.1", "0.1,0.1,0.1,0.9", "0.1,0.1,1.01,0.9", "-0.1,0,1,1",
		"NaN,0,1,1", "0,0,Inf,1", "10,10,60,90", ",,,", " ",
	} {
		want := `error: --region: "` + region + `" is not a region of an image: give LEFT,TOP,RIGHT,BOTTOM as fractions of it from 0 to 1, such as 0.1,0.1,0.6,0.9` + "\n"
		if got := run(t, nil, "image", "--id=i-1", "--addr=127.0.0.1:1", "--region="+region); got != (outcome{exitUsage, "", want}) {
			t.Errorf("%q: %+v", region, got)
		}
	}
}

// Detected regions are shown in a form to paste, unless the answer is JSON.
func TestRegionsAreShown(t *testing.T) {
	l := &regionServer{regions: &zhaohuov1.ImageRegions{
		Searched: &zhaohuov1.ImageRegion{Right: 1, Bottom: 1},
		Detected: []*zhaohuov1.DetectedGoods{{Region: &zhaohuov1.ImageRegion{Left: 0.1, Top: 0.2, Right: 0.55, Bottom: 0.9}}, {Region: &zhaohuov1.ImageRegion{Left: 0.123, Top: 0, Right: 0.128, Bottom: 1}}},
	}}
	addr := serveSearch(t, l)
	photo := photoFiles(t, 10, "a.jpg")[0]
	const seen = "zhaohuo: on the image: --region 0.10,0.20,0.55,0.90, --region 0.12,0.00,0.13,1.00\n"
	hint := "zhaohuo: search by this photo again with --id i-1, until 03:04\n"
	for _, test := range []struct {
		args []string
		want outcome
	}{
		{[]string{"--id=i-1"}, outcome{0, "page 1: 0 goods; source LIVE\n", seen}},
		{[]string{"--id=i-1", "-o", "csv"}, outcome{0, strings.Join(csvHeader, ",") + "\n", seen}},
		{[]string{photo}, outcome{0, "page 1: 0 goods; source LIVE\n", seen + hint}},
	} {
		if got := run(t, nil, append([]string{"image", "--addr", addr}, test.args...)...); got != test.want {
			t.Errorf("%v: %+v, want %+v", test.args, got, test.want)
		}
	}
	got := run(t, nil, "image", "--addr", addr, "--id=i-1", "-o", "json")
	var answer zhaohuov1.ImageSearchResponse
	if err := protojson.Unmarshal([]byte(got.stdout), &answer); err != nil || got.stderr != "" {
		t.Fatalf("%v: %+v", err, got)
	}
	if diff := gocmp.Diff(l.regions, answer.GetRegions(), protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	l.regions = &zhaohuov1.ImageRegions{Searched: l.regions.GetSearched()}
	if got := run(t, nil, "image", "--addr", addr, "--id=i-1"); got.stderr != "" {
		t.Errorf("nothing detected: %+v", got)
	}
}

// Every shown region can be used, contains the full product and little else.
func TestRegionTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := func(name string) (low, high float64) {
			low = rapid.Float64Range(0, 0.9999).Draw(t, name+" from")
			return low, min(1, low+rapid.Float64Range(0.00002, 1).Draw(t, name+" span"))
		}
		var r zhaohuov1.ImageRegion
		r.Left, r.Right = span("across")
		r.Top, r.Bottom = span("down")
		text := regionText(&r)
		back, err := regionOf(text)
		if err != nil {
			t.Fatalf("%v: %v", &r, err)
		}
		const little = 1e-7
		for _, edge := range [][2]float64{{back.Left, r.Left}, {back.Top, r.Top}, {r.Right, back.Right}, {r.Bottom, back.Bottom}} {
			if edge[0] > edge[1]+little || math.Abs(edge[0]-edge[1]) > 0.0101 {
				t.Fatalf("%v became %s", &r, text)
			}
		}
	})
}

func TestPhotoFromStandardInput(t *testing.T) {
	l := &regionServer{}
	addr := serveSearch(t, l)
	name := filepath.Join(t.TempDir(), "stdin")
	writePhoto(t, name, "a photo")
	stdin, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	var said strings.Builder
	code := Run(t.Context(), Process{Args: []string{"zhaohuo", "image", "-", "--addr", addr, "-ocsv"}, Stdin: stdin, Stdout: io.Discard, Stderr: &said})
	if code != 0 || string(l.photo) != "a photo" {
		t.Errorf("exit %d, sent %q: %s", code, l.photo, said.String())
	}
}
