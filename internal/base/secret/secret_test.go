package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

func TestNoWayOfPrintingShowsIt(t *testing.T) {
	s := secret.Text("canary")
	holder := struct{ S secret.Text }{s}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "holder", holder)
	inJSON, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, holder, holder, s, s), string(inJSON), log.String(),
	} {
		if strings.Contains(shown, "canary") {
			t.Errorf("shown: %s", shown)
		}
	}
	if s.Reveal() != "canary" {
		t.Errorf("Reveal = %q", s.Reveal())
	}
}
