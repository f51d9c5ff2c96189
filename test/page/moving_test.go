package page_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// TestPageOfMovingPrices looks at price watches, which need prices that change.
func TestPageOfMovingPrices(t *testing.T) {
	s := service.Start(t, service.Options{Environ: config.Environ{"ZHAOHUO_SANDBOX_DRIFT": "2s"}})
	photo, err := filepath.Abs("../scenario/photos/earphones.jpg")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec", "moving/watches.test.mjs")
	command.Dir = "testdata/browser"
	command.Env = append(os.Environ(), "SERVICE="+s.REST, "PICTURES="+pictureOrigin(t, s.REST), "PHOTO="+photo)
	output, err := command.CombinedOutput()
	if t.Log(string(output)); err != nil {
		t.Error(err)
	}
}
