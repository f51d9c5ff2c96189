package attacks_test

import (
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// TestIdleConnectionsLeaveFiles: a process that may have few files open takes no more connections than leave files for others
// and for the upstream, and says so.
func TestIdleConnectionsLeaveFiles(t *testing.T) {
	const files, connections = 128, 140
	for port, greeting := range map[string]string{"gRPC": http2.ClientPreface + settingsFrame, "REST": ""} {
		t.Run(port, func(t *testing.T) {
			t.Parallel() // Most of it is waiting.
			s := process.Start(t, process.Open(t).Settings(t.TempDir(), nil), files)
			address := map[string]string{"gRPC": s.GRPC, "REST": strings.TrimPrefix(s.URL, "http://")}[port]
			for range connections {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if _, err := io.WriteString(conn, greeting); err != nil {
					t.Fatal(err)
				}
			}
			// All of them are in when as many as that are open or were closed for others.
			process.Eventually(t, "all connections were taken", func() bool {
				return s.Metric(t, "zhaohuo_connections")+s.Metric(t, "zhaohuo_connections_closed_total") >= connections
			})
			others := newProber(t, s, "")
			for range 5 {
				for _, q := range others.questions() {
					if err := others.answered(t.Context(), q); err != nil {
						t.Error(err)
					}
				}
			}
			if open := s.Metric(t, "zhaohuo_connections"); open > files/2 {
				t.Errorf("%v connections are open, of %d files", open, files)
			}
			entries, err := os.ReadDir("/proc/" + strconv.Itoa(s.Cmd.Process.Pid) + "/fd")
			if err != nil || len(entries) >= files {
				t.Errorf("%d files are open, of %d: %v", len(entries), files, err)
			}
			for _, line := range []string{"connections-max is lowered", "connections are closed for want of room"} {
				if !strings.Contains(s.Stderr.String(), line) {
					t.Errorf("the log does not say that %s", line)
				}
			}
		})
	}
}
