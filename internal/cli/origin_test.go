package cli

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// shop is a batchServer with an origin.
type shop struct {
	*batchServer
	zhaohuov1.UnimplementedInfoServiceServer
	about *zhaohuov1.GetServerInfoResponse
}

func (s shop) GetServerInfo(context.Context, *zhaohuov1.GetServerInfoRequest) (*zhaohuov1.GetServerInfoResponse, error) {
	return s.about, nil
}

// TestFileIsOfOneOrigin: a file that was started with answers of one mode, dialect and account accepts no others from
// any server. It stays unchanged, and can be resumed with a server of its own kind.
func TestFileIsOfOneOrigin(t *testing.T) {
	about := func(mode zhaohuov1.ServerMode, dialect zhaohuov1.UpstreamDialect, account string) *zhaohuov1.GetServerInfoResponse {
		return &zhaohuov1.GetServerInfoResponse{Mode: mode, Dialect: dialect, Account: account}
	}
	const live, sandbox, aop, top = zhaohuov1.ServerMode_SERVER_MODE_LIVE, zhaohuov1.ServerMode_SERVER_MODE_SANDBOX, zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP, zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_TOP
	first := &batchServer{}
	addr := serveSearch(t, shop{batchServer: first, about: about(live, aop, "a1")})
	keywords, out := keywordsFile(t, "a", "b", "c"), filepath.Join(t.TempDir(), "out.ndjson")
	first.fail("b", status.New(codes.Unavailable, "not now"))
	if got := run(t, nil, "batch", keywords, "-o", out, "--addr", addr); got.code != exitLater {
		t.Fatalf("%+v", got)
	}
	file, state := contents(t, out), contents(t, out+resumeSuffix)
	for name, test := range map[string]struct {
		about *zhaohuov1.GetServerInfoResponse
		other string
	}{
		"made up":         {about(sandbox, aop, "a2"), "the sandbox (aop)"},
		"another dialect": {about(live, top, "a1"), "1688 live (top)"},
		"another account": {about(live, aop, "a2"), "another account of 1688 live (aop)"},
	} {
		server := &batchServer{}
		got := run(t, nil, "batch", keywords, "-o", out, "--addr", serveSearch(t, shop{batchServer: server, about: test.about}))
		want := "error: " + out + " was begun with answers from 1688 live (aop), but the server answers from " + test.other +
			": ask the same server as before, or name another file\n"
		if got.code != exitUsage || !strings.HasSuffix(got.stderr, want) || server.asked() != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	// Nor does the sandbox in the command accept it, when its server is down.
	got := runBeside(t, nobody, nil, "batch", keywords, "-o", out)
	if got.code != exitUsage || !strings.Contains(got.stderr, "but the server answers from the sandbox (aop): ") {
		t.Errorf("in the command: %+v", got)
	}
	if got := run(t, []string{"ZHAOHUO_GRPC_ADDR=" + nobody}, "batch", keywords, "-o", out); got.code != exitLater || !strings.Contains(got.stderr, "no server answers at "+nobody) {
		t.Errorf("server down: %+v", got)
	}
	if contents(t, out) != file || contents(t, out+resumeSuffix) != state {
		t.Errorf("changed:\n%s\n%s", contents(t, out), contents(t, out+resumeSuffix))
	}
	first.fail("", nil)
	if got := run(t, nil, "batch", keywords, "-o", out, "--addr", addr); got.code != 0 || len(sorted(t, out)) != 3 {
		t.Errorf("%+v", got)
	}
}

// TestPhotosAreOfOneOrigin is the same for photos, and for servers of both kinds behind one address.
func TestPhotosAreOfOneOrigin(t *testing.T) {
	first := &imageServer{refused: map[string]*status.Status{}}
	photos := photoFiles(t, 10, "a.jpg", "b.jpg")
	first.refused[photos[1]] = status.New(codes.Unavailable, "not now")
	out := filepath.Join(t.TempDir(), "out.csv")
	if got := intoFile(t, first.serve(t), out, photos); got.code != exitLater {
		t.Fatalf("%+v", got)
	}
	file := contents(t, out)
	got := intoFile(t, "none", out, photos)
	if got.code != exitUsage || !strings.Contains(got.stderr, "was begun with answers from 1688 live (aop), but the server answers from the sandbox (aop): ") {
		t.Errorf("%+v", got)
	}
	behind := &imageServer{answers: func(stream imageStream, answer *imageAnswer) error {
		answer.GetResponse().Meta = &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX}
		return sendResult(stream, answer)
	}}
	got = intoFile(t, behind.serve(t), out, photos)
	want := "error: " + out + " holds goods of 1688, but the server answered with made-up goods: ask the same server as before, or name another file\n"
	if got.code != exitUsage || !strings.HasSuffix(got.stderr, want) {
		t.Errorf("%+v", got)
	}
	if contents(t, out) != file {
		t.Errorf("changed: %s", contents(t, out))
	}
}
