package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// fullPipe is a pipe that takes nothing more until it is read. Its writing end blocks, as a shell's do.
func fullPipe(t *testing.T) (read, write *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = read.Close() })
	fd := int(write.Fd())
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = syscall.Write(fd, []byte("\n")) // Not one byte is left.
	}
	if !errors.Is(err, syscall.EAGAIN) {
		t.Fatal(err)
	}
	if err := syscall.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
	return read, write
}

// TestCallersDoNotWaitForTheReaderOfTheLog: a service whose log nobody reads starts and answers. Once somebody reads it, it has every line, up
// to the last one.
func TestCallersDoNotWaitForTheReaderOfTheLog(t *testing.T) {
	read, write := fullPipe(t)
	said := newPrinted()
	child := exec.CommandContext(t.Context(), os.Args[0], "serve", "--grpc-addr=127.0.0.1:0", "--no-http", "--lame-duck=0s")
	child.Env, child.Stdout, child.Stderr = []string{asProcess + "=1", "ZHAOHUO_DATA_DIR=" + t.TempDir()}, said, write
	if err := errors.Join(child.Start(), write.Close()); err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(said.await(t, `gRPC     (\S+)\n`)[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	if _, err := zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "雨伞"}); err != nil {
		t.Errorf("the caller waited for the reader of the log: %v", err)
	}
	text := make(chan string, 1)
	go func() {
		all, err := io.ReadAll(read)
		if err != nil {
			t.Error(err)
		}
		text <- strings.TrimLeft(string(all), "\n")
	}()
	if err := child.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	all := <-text
	for _, line := range []string{"msg=serving", "method=/zhaohuo.v1.SearchService/KeywordSearch code=OK", "msg=stopping"} {
		if !strings.Contains(all, line) {
			t.Errorf("the log has no %s:\n%s", line, all)
		}
	}
}
