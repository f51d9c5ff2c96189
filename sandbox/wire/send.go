package wire

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
)

// gatewayPage is the page of a proxy in front of the platform when no backend answers.
const gatewayPage = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n" +
	"<body><center><h1>502 Bad Gateway</h1></center><hr><center>zhaohuo sandbox</center></body></html>\n"

// Send writes the answer, as the transport fault words of the call ask for.
func (x *Exchange) Send(b Body) {
	if !x.delay(x.Faults.Duration(faultword.Slow)) {
		return
	}
	for _, name := range x.Faults.Of(faultword.Transport) {
		if spoil, ok := transportFaults[name]; ok {
			if spoil(x, b) {
				return
			}
		}
	}
	x.write(b)
}

// transportFaults maps each transport fault word to what it does instead of sending the correct answer. A function that
// returns false leaves the answer to the next one.
var transportFaults = map[string]func(*Exchange, Body) bool{
	faultword.Drip:      (*Exchange).drip,
	faultword.Hang:      (*Exchange).hang,
	faultword.Reset:     (*Exchange).reset,
	faultword.Truncated: (*Exchange).truncate,
	faultword.Huge:      (*Exchange).flood,
	faultword.Flaky:     (*Exchange).flake,
	faultword.Server500: instead(http.StatusInternalServerError, "text/plain; charset=utf-8", "Internal Server Error\n"),
	faultword.HTML502:   instead(http.StatusBadGateway, "text/html; charset=utf-8", gatewayPage),
	faultword.HTML200:   instead(http.StatusOK, "text/html; charset=utf-8", gatewayPage),
	faultword.NotJSON:   instead(http.StatusOK, "application/json;charset=UTF-8", "{\"result\": oops"),
	faultword.EmptyBody: instead(http.StatusOK, "application/json;charset=UTF-8", ""),
	faultword.Status: func(x *Exchange, _ Body) bool {
		x.writeInstead(Body{Status: validStatus(x.Faults.Int(faultword.Status)), ContentType: "text/plain; charset=utf-8"})
		return true
	},
}

func instead(status int, contentType, text string) func(*Exchange, Body) bool {
	return func(x *Exchange, _ Body) bool {
		x.writeInstead(Body{Status: status, ContentType: contentType, Bytes: []byte(text)})
		return true
	}
}

func validStatus(n int) int {
	if n < 200 || n > 599 {
		return http.StatusServiceUnavailable
	}
	return n
}

func (x *Exchange) writeInstead(b Body) {
	x.Code = "http " + strconv.Itoa(b.Status)
	x.write(b)
}

func (x *Exchange) write(b Body) {
	x.headers(b)
	_, _ = x.W.Write(b.Bytes) // when the caller has disconnected, the context has ended
}

func (x *Exchange) headers(b Body) {
	x.W.Header().Set("Content-Type", b.ContentType)
	x.W.Header().Set("Content-Length", strconv.Itoa(len(b.Bytes)))
	x.W.WriteHeader(b.Status)
}

// delay waits. It returns false when the caller disconnects. When the sandbox closes, the connection ends without an
// answer.
func (x *Exchange) delay(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.R.Context().Done():
	case <-x.Closing:
		abort()
	}
	return false
}

// abort ends the connection without an answer, as net/http provides for it.
func abort() { panic(http.ErrAbortHandler) }

// Pause waits for the sandbox's own latency. It returns false when the caller disconnects meanwhile.
func (x *Exchange) Pause(d time.Duration) bool { return x.delay(d) }

func (x *Exchange) drip(b Body) bool {
	const pieces = 16
	x.headers(b)
	flusher := http.NewResponseController(x.W)
	for i := range pieces {
		from, to := len(b.Bytes)*i/pieces, len(b.Bytes)*(i+1)/pieces
		if _, err := x.W.Write(b.Bytes[from:to]); err != nil {
			return true
		}
		if err := flusher.Flush(); err != nil || !x.delay(x.Faults.Duration(faultword.Drip)) {
			return true
		}
	}
	return true
}

func (x *Exchange) hang(Body) bool {
	x.Code = faultword.Hang
	select {
	case <-x.R.Context().Done():
	case <-x.Closing:
		abort()
	}
	return true
}

func (x *Exchange) reset(Body) bool {
	x.Code = faultword.Reset
	conn, _, err := http.NewResponseController(x.W).Hijack()
	if err != nil {
		abort() // an HTTP/2 connection cannot be hijacked; this resets the stream
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
	return true
}

// truncate announces the full length and sends half. The server then closes the connection.
func (x *Exchange) truncate(b Body) bool {
	x.Code = faultword.Truncated
	x.headers(b)
	_, _ = x.W.Write(b.Bytes[:len(b.Bytes)/2])
	return true
}

// flood writes rows until the caller disconnects.
func (x *Exchange) flood(Body) bool {
	x.Code = faultword.Huge
	x.W.Header().Set("Content-Type", "application/json;charset=UTF-8")
	if _, err := fmt.Fprint(x.W, `{"result":{"success":true,"code":"200","result":{"data":[`); err != nil {
		return true
	}
	row := []byte(`{"offerId":1,"subject":"` + string(make1K()) + `"},`)
	for {
		select {
		case <-x.R.Context().Done():
			return true
		case <-x.Closing:
			abort()
		default:
		}
		if _, err := x.W.Write(row); err != nil {
			return true
		}
	}
}

func make1K() []byte {
	b := make([]byte, 1024)
	for i := range b {
		b[i] = 'x'
	}
	return b
}

func (x *Exchange) flake(Body) bool {
	if !x.Acts(faultword.Flaky) {
		return false
	}
	x.writeInstead(Body{Status: http.StatusServiceUnavailable, ContentType: "text/plain; charset=utf-8", Bytes: []byte("try again\n")})
	return true
}

// Acts reports whether a fault word that acts a limited number of times for a question acts this time, and counts it.
func (x *Exchange) Acts(word string) bool {
	return x.Faults.Has(word) && x.Flaky.fails(x.App+" "+x.API+" "+word+" "+x.FaultText, x.Faults.Int(word))
}

// Flaky counts the failures of flaky questions. The zero value is ready.
type Flaky struct {
	mu     sync.Mutex
	failed map[string]int
}

// maxFlaky bounds the memory of a long-running sandbox. When it is reached, all counts start again.
const maxFlaky = 10_000

func (f *Flaky) fails(question string, times int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed[question] >= times {
		return false
	}
	if f.failed == nil || len(f.failed) >= maxFlaky {
		f.failed = make(map[string]int)
	}
	f.failed[question]++
	return true
}

// Forget makes every flaky question fail again from the start.
func (f *Flaky) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = nil
}
