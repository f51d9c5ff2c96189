package baddays_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// imageSearches answers uploads and searches by picture at once. The sandbox would first make the fingerprints of all its
// pictures.
func imageSearches() *process.Mood {
	return &process.Mood{Answer: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body := `{"result":{"success":true,"code":"200","result":{"totalRecords":0,"totalPage":0,"pageSize":20,"currentPage":1,"data":[]}}}`
		if strings.Contains(r.URL.Path, "product.image.upload") {
			body = `{"result":{"success":true,"code":"200","result":"1234567890"}}`
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, body)
	}}
}

// silent does not answer until the caller disconnects.
func silent(arrived chan<- struct{}) *process.Mood {
	return &process.Mood{Answer: func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case arrived <- struct{}{}:
		default:
		}
		<-r.Context().Done()
	}}
}

// noise makes a JPEG of about 1.2 MB, too large to stay in memory. Each seed gives another one.
func noise(t *testing.T, seed uint64) []byte {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 2))
	m := image.NewGray(image.Rect(0, 0, 1000, 1200))
	for i := range m.Pix {
		m.Pix[i] = byte(dice.Uint32())
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const uploadPath = "/v1/products:uploadImageSearch"

// upload sends a picture. headers are pairs of name and value.
func (s *service) upload(t *testing.T, content io.Reader, headers ...string) (status int, reason string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+uploadPath, content)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "image/jpeg")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.HTTP.Do(request)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, gjson.GetBytes(body, "details.#(reason).reason").String()
}

// begin sends a part of a picture and returns the open connection.
func (s *service) begin(t *testing.T, content []byte, sent int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", uploadPath, len(content))
	if _, err := conn.Write(append([]byte(head), content[:sent]...)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// spooled lists the files in dir that the process holds open after they were deleted.
func (s *service) spooled(t *testing.T, dir string) []string {
	t.Helper()
	open, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", s.Cmd.Process.Pid))
	if err != nil || len(open) == 0 {
		t.Fatalf("%v, %d files are open", err, len(open))
	}
	var all []string
	for _, fd := range open {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, dir) {
			all = append(all, to)
		}
	}
	return all
}

func named(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// TestUploadEndings: however an upload ends, its spool file, its goroutines and its memory are released.
func TestUploadEndings(t *testing.T) {
	p, photos := process.Open(t), t.TempDir()
	s := serve(t, p.Settings(t.TempDir(), map[string]string{
		"ZHAOHUO_PHOTO_DIR": photos, "ZHAOHUO_PHOTO_SHELF_TTL": "1s", "ZHAOHUO_PHOTO_MEMORY": "67108864", "ZHAOHUO_PHOTO_WAIT": "0s",
		"ZHAOHUO_PHOTO_BYTES_MAX": "2000000", "ZHAOHUO_UPLOAD_IDLE_TIMEOUT": "500ms", "ZHAOHUO_UPSTREAM_ATTEMPTS": "1", "ZHAOHUO_UPSTREAM_TIMEOUT": "1m",
	}))
	seed := uint64(0)
	fresh := func() []byte { seed++; return noise(t, seed) }
	success := func() {
		t.Helper()
		p.Mood.Store(imageSearches())
		if status, reason := s.upload(t, bytes.NewReader(fresh())); status != 200 {
			t.Errorf("%d %s", status, reason)
		}
	}
	refused := func(content io.Reader, status int, reason string, headers ...string) {
		t.Helper()
		if gotStatus, got := s.upload(t, content, headers...); gotStatus != status || got != reason {
			t.Errorf("%d %s, want %d %s", gotStatus, got, status, reason)
		}
	}
	success()
	success()
	process.Eventually(t, "the shelf is empty", func() bool { return len(s.spooled(t, photos)) == 0 })
	serving := s.Serving(t)

	arrived := make(chan struct{}, 1)
	for name, ending := range map[string]func(){
		"success":       success,
		"not a picture": func() { refused(bytes.NewReader(bytes.Repeat([]byte("x"), 1_000_000)), 415, "IMAGE_UNREADABLE") },
		"cut short":     func() { refused(bytes.NewReader(fresh()[:900_000]), 415, "IMAGE_UNREADABLE") },
		"too large": func() {
			refused(io.MultiReader(bytes.NewReader(fresh()), strings.NewReader(strings.Repeat("x", 4_000_000))), 413, "IMAGE_TOO_LARGE")
		},
		"bad option": func() { refused(bytes.NewReader(fresh()), 400, "INVALID_FIELD", "X-Zhaohuo-Class", "urgent") },
		"stalled": func() {
			answer, err := io.ReadAll(s.begin(t, fresh(), 900_000))
			if err != nil || !bytes.Contains(answer, []byte("UPLOAD_STALLED")) {
				t.Errorf("%.300s %v", answer, err)
			}
		},
		"its caller leaves while sending": func() {
			conn := s.begin(t, fresh(), 900_000)
			process.Eventually(t, "it is spooled", func() bool { return len(s.spooled(t, photos)) > 0 })
			_ = conn.Close()
		},
		"its caller leaves while the upstream is asked": func() {
			p.Mood.Store(silent(arrived))
			content := fresh()
			conn := s.begin(t, content, len(content))
			<-arrived
			_ = conn.Close()
		},
		"its deadline, while sending": func() {
			content := fresh()
			slow, sending := io.Pipe()
			go func() { _, _ = sending.Write(content[:600_000]) }() // It ends with the request.
			refused(slow, 504, "DEADLINE_EXCEEDED", "Grpc-Timeout", "100m")
			_ = slow.Close()
		},
		"its deadline, while the upstream is asked": func() {
			p.Mood.Store(silent(arrived))
			refused(bytes.NewReader(fresh()), 504, "DEADLINE_EXCEEDED", "Grpc-Timeout", "1S")
			<-arrived
		},
		"the upstream fails": func() {
			p.Mood.Store(says(500, "text/plain", "oops"))
			refused(bytes.NewReader(fresh()), 503, "UPSTREAM_UNAVAILABLE")
		},
	} {
		t.Run(name, func(t *testing.T) {
			p.Mood.Store(imageSearches())
			ending()
			s.HTTP.CloseIdleConnections()
			process.Eventually(t, "its file is closed", func() bool { return len(s.spooled(t, photos)) == 0 })
			process.Eventually(t, "its goroutines end", func() bool { return s.Serving(t) <= serving })
			if left := named(t, photos); len(left) != 0 {
				t.Errorf("files with names: %v", left)
			}
		})
	}
	// These uploads succeed only if the memory was released.
	for range 4 {
		success()
	}
}

// TestUploadsEndWithTheirProcess: a drain lets uploads finish in its time, a kill ends them at once, and neither leaves a
// file.
func TestUploadsEndWithTheirProcess(t *testing.T) {
	for name, how := range map[string]os.Signal{"drain": syscall.SIGTERM, "kill": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			p, photos := process.Open(t), t.TempDir()
			arrived := make(chan struct{}, 1)
			p.Mood.Store(silent(arrived))
			s := serve(t, p.Settings(t.TempDir(), map[string]string{"ZHAOHUO_PHOTO_DIR": photos, "ZHAOHUO_DRAIN_TIMEOUT": "300ms"}))
			content := noise(t, 1)
			sending, asking := s.begin(t, content, 900_000), s.begin(t, content, len(content))
			<-arrived
			process.Eventually(t, "both are spooled", func() bool { return len(s.spooled(t, photos)) > 1 })
			s.End(t, how)
			if code := s.Cmd.ProcessState.ExitCode(); how == syscall.SIGTERM && code != 0 {
				t.Errorf("exit %d", code)
			}
			for _, conn := range []net.Conn{sending, asking} {
				_, _ = io.Copy(io.Discard, conn) // It ends, with an answer or without.
			}
			if left := named(t, photos); len(left) != 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}
