package app

import (
	"bytes"
	"encoding/json"
	"net"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/logwriter"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// TestJSONLogIsForPrograms: durations are seconds and addresses are text, also inside groups.
func TestJSONLogIsForPrograms(t *testing.T) {
	var out bytes.Buffer
	settings := &config.Loaded{}
	settings.Watching.LogLevel, settings.Watching.LogFormat = "info", "json"
	log := newLog(Options{Settings: settings}, newLogLevel(Options{Settings: settings}), logwriter.New(&out, 0))
	var address net.Addr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9090}
	log.WithGroup("g").Info("serving", "took", 1500*time.Millisecond, "grpc", address, "n", 3)
	var line struct {
		G struct {
			Took any
			GRPC any
			N    any
		}
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.G.Took != 1.5 || line.G.GRPC != "127.0.0.1:9090" || line.G.N != 3.0 {
		t.Errorf("%s", out.Bytes())
	}
}
