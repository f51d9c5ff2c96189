package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// However early the stream ends, received answers are kept, and a rerun of the command requests only the rest.
func TestPhotosStreamEndsEarly(t *testing.T) {
	after := func(n int, end func(imageStream, *imageAnswer) error) func(imageStream, *imageAnswer) error {
		return func(stream imageStream, answer *imageAnswer) error {
			if int(answer.GetIndex()) < n {
				return sendResult(stream, answer)
			}
			return end(stream, answer)
		}
	}
	ends := func(err error) func(imageStream, *imageAnswer) error {
		return func(imageStream, *imageAnswer) error { return err }
	}
	tells := func(change func(*imageAnswer)) func(imageStream, *imageAnswer) error {
		return after(2, func(stream imageStream, answer *imageAnswer) error {
			change(answer)
			_ = sendResult(stream, answer)
			<-stream.Context().Done()
			return stream.Context().Err()
		})
	}
	for name, test := range map[string]struct {
		imageServer *imageServer
		kept        int
		code        int
		said        string
	}{
		"an error":            {&imageServer{answers: after(2, ends(status.Error(codes.Unavailable, "broken")))}, 2, exitLater, "error: UNAVAILABLE: broken\n  request id r-1\n"},
		"refused at once":     {&imageServer{instead: func(imageStream) error { return status.Error(codes.InvalidArgument, "no") }}, 0, exitUsage, "error: INVALID_ARGUMENT: no\n  request id r-1\n"},
		"not offered":         {&imageServer{instead: func(imageStream) error { return status.Error(codes.Unimplemented, "not here") }}, 0, exitRefused, "error: UNIMPLEMENTED: not here\n  request id r-1\n"},
		"ended at once":       {&imageServer{instead: func(imageStream) error { return nil }}, 0, exitOther, "error: INTERNAL: the batch ended early\n"},
		"answers are missing": {&imageServer{answers: after(2, ends(nil))}, 2, exitOther, "error: INTERNAL: the batch ended early\n"},
		"a wrong number":      {&imageServer{answers: tells(func(a *imageAnswer) { a.Index = 77 })}, 2, exitOther, "error: INTERNAL: the server answered image 77, which it was not asked for\n"},
		"a negative number":   {&imageServer{answers: tells(func(a *imageAnswer) { a.Index = -1 })}, 2, exitOther, "error: INTERNAL: the server answered image -1, which it was not asked for\n"},
		"answered twice":      {&imageServer{answers: tells(func(a *imageAnswer) { a.Index = 0 })}, 2, exitOther, "error: INTERNAL: the server answered image 0, which it was not asked for\n"},
		"an empty answer":     {&imageServer{answers: after(2, func(s imageStream, a *imageAnswer) error { a.Outcome = nil; return sendResult(s, a) })}, 2, exitOther, "error: INTERNAL: the server gave neither goods nor a reason\n"},
		"silence":             {&imageServer{answers: held(2)}, 2, exitLater, "error: DEADLINE_EXCEEDED: the server said nothing for 500ms\n"},
	} {
		t.Run(name, func(t *testing.T) {
			// Large enough to stop the sender halfway.
			photos := photoFiles(t, 300<<10, manyNames(6)...)
			out := filepath.Join(t.TempDir(), "out.csv")
			got := intoFile(t, test.imageServer.serve(t), out, photos, "--timeout=500ms")
			if got.code != test.code || !strings.Contains(got.stderr, test.said) || !strings.Contains(got.stderr, "rerun the command to resume") {
				t.Errorf("%+v", got)
			}
			if diff := gocmp.Diff(imageResults(t, photos[:test.kept]...), sorted(t, out)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			sound := &imageServer{}
			if got := intoFile(t, sound.serve(t), out, photos); got.code != 0 {
				t.Errorf("%+v", got)
			}
			if diff := gocmp.Diff(imageResults(t, photos...), sorted(t, out)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if want := strings.Join(photos[test.kept:], " "); sound.asked() != want {
				t.Errorf("asked %s, want %s", sound.asked(), want)
			}
		})
	}
}

// A server that reports progress is not silent, however long the next answer takes.
func TestPhotosProgressIsNotSilence(t *testing.T) {
	server := &imageServer{answers: func(stream imageStream, answer *imageAnswer) error {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for range 6 {
			<-tick.C
			progress := &zhaohuov1.BatchImageSearchResponse_Progress{Progress: &zhaohuov1.BatchImageProgress{Received: 1}}
			if err := stream.Send(&zhaohuov1.BatchImageSearchResponse{Event: progress}); err != nil {
				return err
			}
		}
		return sendResult(stream, answer)
	}}
	photos := photoFiles(t, 10, "a.jpg")
	out := filepath.Join(t.TempDir(), "out.csv")
	if got := intoFile(t, server.serve(t), out, photos, "--timeout=1s"); got.code != 0 {
		t.Errorf("%+v", got)
	}
	if diff := gocmp.Diff(imageResults(t, photos...), sorted(t, out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPhotosServerGone(t *testing.T) {
	server := &imageServer{}
	addr, stop := openSearch(t, server)
	server.answers = func(stream imageStream, answer *imageAnswer) error {
		if answer.GetIndex() == 3 {
			go stop()
			<-stream.Context().Done()
		}
		return sendResult(stream, answer)
	}
	photos := photoFiles(t, 300<<10, manyNames(6)...)
	out := filepath.Join(t.TempDir(), "out.csv")
	if got := intoFile(t, addr, out, photos); got.code != exitLater || !strings.Contains(got.stderr, ": 3 of 6 photos answered") {
		t.Errorf("%+v", got)
	}
	if got := intoFile(t, addr, out, photos); got.code != exitLater || !strings.Contains(got.stderr, ": 3 of 6 photos answered, 0 upstream") {
		t.Errorf("no server: %+v", got)
	}
	second := &imageServer{}
	if got := intoFile(t, second.serve(t), out, photos); got.code != 0 || second.asked() != strings.Join(photos[3:], " ") {
		t.Errorf("asked %s: %+v", second.asked(), got)
	}
	if diff := gocmp.Diff(imageResults(t, photos...), sorted(t, out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A photo that cannot be opened when its turn comes ends the run, and those before it are answered. One that ends too
// early is not taken for a complete one.
func TestPhotosUnreadableMidway(t *testing.T) {
	t.Run("gone", func(t *testing.T) {
		photos := photoFiles(t, 1<<20, "a.jpg", "b.jpg", "c.jpg") // Each is more than fits in flight.
		first := make(chan struct{})
		var once atomic.Bool
		server := &imageServer{}
		server.instead = func(stream imageStream) error {
			if once.CompareAndSwap(false, true) {
				<-first // The first is not read yet, so the second is not opened.
			}
			return server.read(stream)
		}
		out := filepath.Join(t.TempDir(), "out.csv")
		d := launch(t, nil, slices.Concat([]string{"image", "--addr", server.serve(t), "-o", out}, photos)...)
		eventually(t, once.Load)
		if err := os.Rename(photos[1], photos[1]+".away"); err != nil {
			t.Fatal(err)
		}
		close(first)
		d.stderr.await(t, "error: open "+photos[1]+": no such file or directory: the answers before are kept\n")
		if code := d.stop(); code != exitOther {
			t.Errorf("exit %d: %s", code, d.stderr)
		}
		if diff := gocmp.Diff(imageResults(t, photos[0]), sorted(t, out)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := os.Rename(photos[1]+".away", photos[1]); err != nil {
			t.Fatal(err)
		}
		if got := intoFile(t, serveSearch(t, &imageServer{}), out, photos); got.code != 0 {
			t.Errorf("%+v", got)
		}
		if diff := gocmp.Diff(imageResults(t, photos...), sorted(t, out)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("broken", func(t *testing.T) {
		// The only file that anybody can open and nobody can read.
		photos := append(photoFiles(t, 10, "a.jpg"), "/proc/self/mem")
		out := filepath.Join(t.TempDir(), "out.csv")
		got := intoFile(t, serveSearch(t, &imageServer{}), out, photos)
		if got.code != exitOther || !strings.HasSuffix(got.stderr, "error: read /proc/self/mem: input/output error: the answers before are kept\n") {
			t.Errorf("%+v", got)
		}
		if diff := gocmp.Diff(imageResults(t, photos[0]), sorted(t, out)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("breaks off", func(t *testing.T) {
		server := &imageServer{answers: func(_ imageStream, answer *imageAnswer) error {
			t.Errorf("image %d was taken for a complete one", answer.GetIndex())
			return nil
		}}
		conn, err := target{}.dial(&session{ctx: t.Context()}, server.serve(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.close() //nolint:errcheck // Nothing is lost.
		err = exchange(&session{ctx: t.Context()}, conn, testTimeout, batchImageSearch, func(to outbound[zhaohuov1.BatchImageSearchRequest]) error {
			to.put(&zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Options{Options: &zhaohuov1.ImageSearchOptions{}}})
			from := io.MultiReader(strings.NewReader(strings.Repeat("x", 100<<10)), iotest.ErrReader(syscall.EIO))
			_, err := (&photoSender{}).bytes(to, "a.jpg", from, make([]byte, contract.UploadChunk))
			return err
		}, func(*zhaohuov1.BatchImageSearchResponse) error { return nil })
		if !errors.Is(err, syscall.EIO) || errors.As(err, new(callError)) {
			t.Errorf("%v", err)
		}
	})
}

func TestPhotosAreOneProcessAtATime(t *testing.T) {
	server := &imageServer{answers: held(1)}
	addr := server.serve(t)
	photos := photoFiles(t, 300<<10, manyNames(5)...)
	out := filepath.Join(t.TempDir(), "out.csv")
	d := launch(t, nil, slices.Concat([]string{"image", "--addr", addr, "-o", out}, photos)...)
	eventually(t, func() bool { return progressOf(out) == 1 })
	if got := intoFile(t, addr, out, photos); got.code != exitUsage || got.stderr != "error: "+out+" is being written by another process\n" {
		t.Errorf("%+v", got)
	}
	want := "zhaohuo: " + out + ": 1 of 5 photos answered, 2 upstream calls\n" +
		"zhaohuo: rerun the command to resume; the progress is in " + out + ".resume\nerror: stopped\n"
	if code := d.stop(); code != exitLater || d.stderr.String() != want {
		t.Errorf("exit %d: %s", code, d.stderr)
	}
	if got := intoFile(t, serveSearch(t, &imageServer{}), out, photos); got.code != 0 {
		t.Errorf("%+v", got)
	}
	if diff := gocmp.Diff(imageResults(t, photos...), sorted(t, out)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// process runs the command as a separate process.
func process(t *testing.T, args ...string) (child *exec.Cmd, said *bytes.Buffer, ended <-chan struct{}) {
	t.Helper()
	child = exec.CommandContext(t.Context(), os.Args[0], args...)
	child.Env = []string{asProcess + "=1"}
	said = &bytes.Buffer{}
	child.Stderr = said
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = child.Wait() // The exit code says how it ended.
		close(done)
	}()
	return child, said, done
}

// killed starts a command that writes out, and ends it once it has made progress, signal by signal.
func killed(t *testing.T, out string, args []string, signals ...os.Signal) {
	t.Helper()
	for _, signal := range signals {
		before := progressOf(out)
		child, said, ended := process(t, args...)
		eventually(t, func() bool { return progressOf(out) >= before+10 })
		if err := child.Process.Signal(signal); err != nil {
			t.Fatalf("it ended too early: %v: %s", err, said)
		}
		<-ended
		if code := child.ProcessState.ExitCode(); signal == os.Interrupt && (code != exitLater || !strings.Contains(said.String(), "error: stopped")) {
			t.Errorf("interrupted: exit %d: %s", code, said)
		}
	}
}

// TestPhotosSurviveKill kills the command's process repeatedly; the file then has each photo once.
func TestPhotosSurviveKill(t *testing.T) {
	server := &imageServer{answers: func(stream imageStream, answer *imageAnswer) error {
		pace := time.NewTicker(4 * time.Millisecond)
		defer pace.Stop()
		select {
		case <-pace.C:
			return sendResult(stream, answer)
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}}
	addr := server.serve(t)
	photos := photoFiles(t, 100, manyNames(400)...)
	for _, ending := range []string{".csv", ".json"} {
		t.Run(ending, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out"+ending)
			args := slices.Concat([]string{"image", "--addr", addr, "-o", out}, photos)
			killed(t, out, args, syscall.SIGKILL, syscall.SIGINT, syscall.SIGKILL)
			if got := run(t, nil, args...); got.code != 0 {
				t.Fatalf("%+v", got)
			}
			if ending == ".csv" {
				if diff := gocmp.Diff(imageResults(t, photos...), sorted(t, out)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				return
			}
			var list []struct{ Tag string }
			if err := json.Unmarshal([]byte(contents(t, out)), &list); err != nil {
				t.Fatal(err)
			}
			var tags []string
			for _, one := range list {
				tags = append(tags, one.Tag)
			}
			if diff := gocmp.Diff(photos, inOrder(tags)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A photo is never held completely: while one of 96 MiB is sent, the process needs no more memory than for one of 1
// KiB, give or take half the photo.
func TestPhotosTakeNoMemory(t *testing.T) {
	complete, weighed := make(chan struct{}), make(chan struct{})
	addr := (&imageServer{answers: func(stream imageStream, answer *imageAnswer) error {
		complete <- struct{}{}
		<-weighed
		return sendResult(stream, answer)
	}}).serve(t)
	most := func(size int64) int {
		name := filepath.Join(t.TempDir(), "a.jpg")
		writePhoto(t, name, "")
		if err := os.Truncate(name, size); err != nil {
			t.Fatal(err)
		}
		child, said, ended := process(t, "image", "--addr", addr, "-o", filepath.Join(t.TempDir(), "out.csv"), name)
		select {
		case <-complete:
		case <-ended:
			t.Fatalf("%s", said)
		}
		// The peak of this process only: rusage starts with that of the test's process.
		found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindStringSubmatch(contents(t, fmt.Sprintf("/proc/%d/status", child.Process.Pid)))
		kib, err := strconv.Atoi(found[1])
		if err != nil {
			t.Fatal(err)
		}
		weighed <- struct{}{}
		<-ended
		if !child.ProcessState.Success() {
			t.Fatalf("%s", said)
		}
		return kib << 10
	}
	if small, large := most(1<<10), most(96<<20); large-small > 48<<20 {
		t.Errorf("%d MiB for a small photo, %d MiB for one of 96 MiB", small>>20, large>>20)
	}
}
