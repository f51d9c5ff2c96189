package cli

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

// TestOperatorsPortThatIsNotThere: whoever names the port, that port is asked and no other, and the error says what is there and which flag
// corrects it.
func TestOperatorsPortThatIsNotThere(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	webAddr, cert := strings.TrimPrefix(web.URL, "http://"), sealedAddr(t)
	redis, foreign := redistest.Start(t).Addr, (&searchServer{}).serve(t, "")
	for addr, want := range map[string]outcome{
		nobody:  {exitLater, "", "no server answers at 127.0.0.1:1: start it with `zhaohuo serve`, or name another with --ops-addr"},
		"1":     {exitLater, "", "no server answers at 127.0.0.1:1: start it with `zhaohuo serve`, or name another with --ops-addr"},
		webAddr: {exitUsage, "", webAddr + " is not the operators' port of a server, or of an older version: name that port with --ops-addr (9464 by default)"},
		redis:   {exitUsage, "", redis + " is the port of another program, which is no gRPC server: name the server with --ops-addr"},
		cert:    {exitUsage, "", cert + " speaks TLS: add --tls, and --ca FILE if the certificate is signed by an authority of your own"},
		foreign: {exitUsage, "", foreign + " is a gRPC server, but not one of zhaohuo, or of an older version: name the server with --ops-addr"},
	} {
		want.stderr = "error: " + want.stderr + "\n"
		settings := filepath.Join(t.TempDir(), "z.yaml")
		if err := os.WriteFile(settings, []byte("ops_addr: "+addr+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, way := range []struct{ env, flags []string }{
			{nil, []string{"--ops-addr=" + addr}},
			{nil, []string{"--addr", addr}},
			{[]string{"ZHAOHUO_OPS_ADDR=" + addr}, nil},
			{nil, []string{"--config=" + settings}},
			{[]string{"ZHAOHUO_CONFIG=" + settings}, nil},
		} {
			if addr != nobody && (way.flags == nil || way.flags[0] != "--ops-addr="+addr) {
				continue // What is there does not depend on who named it, and it takes seconds to find out.
			}
			if got := run(t, way.env, append([]string{"admin", "pauses"}, way.flags...)...); got != want {
				t.Errorf("%q %q: %+v, want %+v", way.env, way.flags, got, want)
			}
		}
	}
	for addr, want := range map[string]string{
		"http://127.0.0.1:9464": "--ops-addr: http://127.0.0.1:9464 is a web address: give HOST:PORT of the server's operators' port, without http://",
		"127.0.0.1:0":           "--ops-addr: port 0 means that the server chooses a free port: give that port with --ops-addr",
		"a:b:c":                 "--ops-addr: a:b:c is not an address: give HOST:PORT, such as 127.0.0.1:9464",
		"none":                  "--ops-addr: give HOST:PORT of a running server's operators' port",
	} {
		if got := run(t, nil, "admin", "pauses", "--ops-addr", addr); got != (outcome{exitUsage, "", "error: " + want + "\n"}) {
			t.Errorf("%s: %+v", addr, got)
		}
	}
}

// sealedAddr is the address of a gRPC server that speaks TLS.
func sealedAddr(t *testing.T) string {
	t.Helper()
	cert, key := selfSigned(t, nil)
	return sealed(t, cert, key, nil)
}
