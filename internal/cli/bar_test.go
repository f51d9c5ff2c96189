package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// screen is a terminal, and its content once all writers are closed.
func screen(t *testing.T) (terminal *os.File, shown func() string) {
	t.Helper()
	return watchedScreen(t, func(string) {})
}

// watchedScreen is a screen. It calls watch with its content each time that something was written.
func watchedScreen(t *testing.T, watch func(content string)) (terminal *os.File, shown func() string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := make(chan string, 1)
	go func() {
		var text []byte
		part := make([]byte, 4096)
		for {
			n, err := master.Read(part)
			text = append(text, part[:n]...)
			watch(string(text))
			if err != nil { // Always ends with an error, because the other end is closed.
				break
			}
		}
		all <- string(text)
	}()
	return terminal, func() string {
		terminal.Close()
		return <-all
	}
}

// On a terminal, a bar shows how many photos are done and how many failed, and disappears at the end.
func TestBarOfPhotos(t *testing.T) {
	photos := photoFiles(t, 10, manyNames(4)...)
	server := &imageServer{refused: map[string]*status.Status{photos[0]: status.New(codes.Unavailable, "not now")}}
	out := filepath.Join(t.TempDir(), "out.csv")
	terminal, shown := screen(t)
	args := slices.Concat([]string{"zhaohuo", "image", "--addr", server.serve(t), "-o", out}, photos)
	if code := Run(t.Context(), Process{Args: args, Stdout: io.Discard, Stderr: terminal}); code != exitLater {
		t.Errorf("exit %d", code)
	}
	text := shown()
	if !regexp.MustCompile(`searching, 1 failed +\d+% \S* *\S* \(3/4\)`).MatchString(text) {
		t.Errorf("no bar in %q", text)
	}
	if after := text[strings.LastIndex(text, "/4)")+3:]; !strings.Contains(after, "zhaohuo: "+out+": 3 of 4 photos answered, 6 upstream calls\r\n") {
		t.Errorf("the bar stays: %q", after)
	}
}
