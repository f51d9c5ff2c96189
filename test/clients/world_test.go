package clients_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/test/certificate"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// The keys of the server with keys.
const (
	freeKey    = "free-key-of-the-tests"
	slowKey    = "slow-key-of-the-tests"
	stoppedKey = "stopped-key-of-the-tests"
)

// world starts the services that clients/BEHAVIOURS.md lists, and returns the environment for the tests of a package.
func world(t *testing.T) []string {
	t.Helper()
	still := start(t)
	moving := service.Start(t, service.Options{Environ: config.Environ{"ZHAOHUO_SANDBOX_DRIFT": "1s"}})
	cert, key, err := certificate.Write(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := certificate.Write(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed := service.Start(t, service.Options{Environ: config.Environ{
		"ZHAOHUO_TLS_CERT": cert, "ZHAOHUO_TLS_KEY": key,
		"ZHAOHUO_API_KEYS": "[" + entry(freeKey, "") + ", " + entry(slowKey, ", rate: 1") + ", " + entry(stoppedKey, ", rate: 0.01") + "]",
	}})
	cutter := newCutter(t)
	photo := filepath.Join(root(t), "test/scenario/photos/earphones.jpg")
	environ := []string{
		"ZHAOHUO_GRPC_ADDR=" + still.GRPC,
		"ZHAOHUO_TEST_CUT_ADDR=" + cutter.line(t, still.GRPC),
		"ZHAOHUO_TEST_TLS_ADDR=" + sealed.GRPC,
		"ZHAOHUO_TEST_CA=" + cert,
		"ZHAOHUO_TEST_OTHER_CA=" + other,
		"ZHAOHUO_TEST_KEY=" + freeKey,
		"ZHAOHUO_TEST_SLOW_KEY=" + slowKey,
		"ZHAOHUO_TEST_STOPPED_KEY=" + stoppedKey,
		"ZHAOHUO_TEST_MOVING_ADDR=" + moving.GRPC,
		"ZHAOHUO_TEST_MOVING_CUT_ADDR=" + cutter.line(t, moving.GRPC),
		"ZHAOHUO_TEST_CUT_URL=" + cutter.URL,
		"ZHAOHUO_TEST_PHOTO=" + photo,
		"ZHAOHUO_TEST_LARGE_PHOTO=" + largePhoto(t, photo),
		// Loopback is not behind a proxy.
		"NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1",
		// What gRPC notes of a handshake that must fail stands in the middle of what the tests print.
		"GRPC_VERBOSITY=NONE",
	}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "ZHAOHUO_") && !strings.HasPrefix(strings.ToLower(variable), "no_proxy=") {
			environ = append(environ, variable)
		}
	}
	return environ
}

// entry is the entry of a key in the list of API keys.
func entry(key, more string) string {
	hash := sha256.Sum256([]byte(key))
	return fmt.Sprintf("{name: %s, sha256: %q%s}", strings.SplitN(key, "-", 2)[0], hex.EncodeToString(hash[:]), more)
}

// largePhoto is the photo in a file of more than 3 MiB: with comments before its data.
func largePhoto(t *testing.T, photo string) string {
	t.Helper()
	content, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	const size = 1<<16 - 3
	comment := append([]byte{0xff, 0xfe, byte((size + 2) >> 8), byte((size + 2) & 0xff)}, bytes.Repeat([]byte{'.'}, size)...)
	large := append(append([]byte{}, content[:2]...), bytes.Repeat(comment, 50)...)
	path := filepath.Join(t.TempDir(), "large.jpg")
	if err := os.WriteFile(path, append(large, content[2:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// suite runs the tests of a package in a folder of the repository, and returns what they print.
func suite(t *testing.T, environ []string, folder, program string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir = filepath.Join(root(t), folder)
	command.Env = environ
	printed, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, printed)
	}
	return string(printed)
}
