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

// TestIdleConnectionsLeaveFiles: a process with a low limit of open files accepts only so many connections that files are
// left for other callers and for the upstream, and logs that.
func TestIdleConnectionsLeaveFiles(t *testing.T) {
	const files, connections = 128, 140
	for port, greeting := range map[string]string{"gRPC": http2.ClientPreface + settingsFrame, "REST": ""} {
		t.Run(port, func(t *testing.T) {
			t.Parallel() // it mostly waits
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
			// All have connected when that many are open or were closed for others.
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
