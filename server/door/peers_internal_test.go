package door

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

// TestTheAddressWithTheMostGivesUp a connection when there are too many: one that waits for a request, and of those the one that has
// waited longest.
func TestTheAddressWithTheMostGivesUp(t *testing.T) {
	doors, err := New(Options{Max: 6, Bodies: share.NewPool(1 << 20)})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	enter := func(name, address string) (c, closed *Conn, ok bool) {
		began = began.Add(time.Second)
		c = &Conn{doors: doors, port: name, address: address, since: began}
		closed, ok = doors.enter(c)
		return c, closed, ok
	}
	want := func(what string, closed *Conn, want string) {
		t.Helper()
		name := ""
		if closed != nil {
			name = closed.port
		}
		if name != want {
			t.Errorf("%s: %q was closed, want %q", what, name, want)
		}
	}
	var few, many []*Conn
	for i := range 2 {
		c, _, _ := enter(fmt.Sprint("few ", i), "192.0.2.1")
		few = append(few, c)
	}
	for i := range 4 {
		c, closed, _ := enter(fmt.Sprint("many ", i), "192.0.2.2")
		want("while there is room", closed, "")
		many = append(many, c)
	}
	many[0].begin()
	_, closed, _ := enter("third", "192.0.2.3")
	want("the first of many is busy", closed, "many 1")
	many[0].end() // It waits since now, so less long than the others.
	_, closed, _ = enter("fourth", "192.0.2.4")
	want("the first of many was busy", closed, "many 2")
	if n := doors.Open(); n != 6 {
		t.Errorf("%d are open, want 6", n)
	}
	many[1].begin() // It was given up in the middle of a request.
	many[1].end()
	if n := len(doors.idle.byAddress); n != 4 {
		t.Errorf("%d addresses wait, want 4", n)
	}
	many[0].begin()
	many[3].begin()
	_, closed, _ = enter("fifth", "192.0.2.5")
	want("few have the most that wait", closed, "few 0")
	few[1].begin()
	for _, name := range []string{"third", "fourth", "fifth"} {
		c, closed, ok := enter("busy", "192.0.2.6")
		want("one of each waits", closed, name)
		if !ok {
			t.Error("a new connection was refused")
		}
		c.begin()
	}
	if _, closed, ok := enter("last", "192.0.2.7"); ok || closed != nil {
		t.Error("a connection was taken although all others are busy")
	}
}

// TestMisuseEndsConnectionsForAMoment: an address whose gRPC connection was closed for what it did opens no other one for a second.
func TestMisuseEndsConnectionsForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		doors, err := New(Options{Max: 100, Bodies: share.NewPool(1 << 20)})
		if err != nil {
			t.Fatal(err)
		}
		enters := func(port, address string) bool {
			_, ok := doors.enter(&Conn{doors: doors, port: port, address: address, since: time.Now()})
			return ok
		}
		bad := &Conn{doors: doors, port: portGRPC, address: "192.0.2.1"}
		doors.refuse(bad, whyMemory)
		if !enters(portGRPC, "192.0.2.1") {
			t.Error("a connection for which there was no memory ends the next one")
		}
		doors.refuse(bad, whyFrames)
		if enters(portGRPC, "192.0.2.1") {
			t.Error("the address opens another connection at once")
		}
		if !enters(portGRPC, "192.0.2.2") || !enters("rest", "192.0.2.1") {
			t.Error("others, or REST, suffer from it")
		}
		time.Sleep(misusePause)
		if !enters(portGRPC, "192.0.2.1") {
			t.Error("the address may never open a connection")
		}
		for i := range 2 * misusersMax {
			doors.refuse(&Conn{doors: doors, port: portGRPC, address: fmt.Sprint(i)}, whyResets)
			time.Sleep(misusePause)
		}
		if n := len(doors.misusers); n > misusersMax {
			t.Errorf("%d addresses are remembered", n)
		}
	})
}
