package attacks_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// asAttacker is set in the environment of programs that [launchApart] started. Its value is an [order] in JSON.
const asAttacker = "ZHAOHUO_TEST_AS_ATTACKER"

// order says what an attacker in a process of its own does.
type order struct {
	Attack          string
	GRPC, REST, Key string
	Share           float64
}

// report is what it prints, as one JSON object a line: first when it has begun, and then when it has ended.
type report struct {
	Acts int64
	// Seconds is how long it has attacked.
	Seconds float64
}

// attackApart is the main of an attacker's process. It attacks until its input ends.
func attackApart() int {
	var o order
	if err := json.Unmarshal([]byte(os.Getenv(asAttacker)), &o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	a := &attacker{grpc: o.GRPC, rest: o.REST, key: o.Key, share: o.Share}
	ctx, cancel := context.WithCancel(context.Background())
	var attacking sync.WaitGroup
	began := time.Now()
	for _, one := range append(attacks(), floods()...) {
		if one.name == o.Attack {
			attacking.Go(func() { one.run(ctx, a) })
		}
	}
	tell := func() {
		_ = json.NewEncoder(os.Stdout).Encode(report{a.acts.Load(), time.Since(began).Seconds()}) // The test sees that nothing came.
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for a.acts.Load() == 0 && time.Since(began) < process.Timeout {
		<-look.C
	}
	tell()
	_, _ = io.Copy(io.Discard, os.Stdin) // It ends when the test wants it, or has ended.
	tell()
	cancel()
	attacking.Wait()
	return 0
}

// launchApart starts an attack in a process of its own, so that the callers whose waits are measured share no goroutines and no garbage
// collection with it, and returns once it has done something. stop ends it and returns what it has done.
func launchApart(t *testing.T, attack attack, a *attacker) (stop func() report) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(order{Attack: attack.name, GRPC: a.grpc, REST: a.rest, Key: a.key, Share: a.share})
	if err != nil {
		t.Fatal(err)
	}
	// It ends in the cleanup, and not before.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program)
	cmd.Env = append(os.Environ(), asAttacker+"="+string(text))
	said := &strings.Builder{}
	cmd.Stderr = said
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	next := func() (r report) {
		if !lines.Scan() {
			t.Errorf("the attacker says nothing: %v", lines.Err())
			return r
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Errorf("the attacker says %q", lines.Text())
		}
		return r
	}
	stop = sync.OnceValue(func() report {
		_ = input.Close()
		done := next()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the attacker: %v: %s", err, said)
		}
		return done
	})
	t.Cleanup(func() { stop() })
	if first := next(); first.Acts == 0 {
		t.Fatal("the attack does not begin")
	}
	return stop
}
