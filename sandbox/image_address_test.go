package sandbox_test

import (
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
)

func TestImageIDsAreForgotten(t *testing.T) {
	clock := new(atomic.Int64)
	w := pictured(t, func(c *sandbox.Config) {
		c.ImagesKept, c.ImageLife = 2, time.Hour
		c.Clock = func() time.Time { return now.Add(time.Duration(clock.Load())) }
		c.Apps = append(c.Apps, sandbox.App{Key: "other", Secret: appSecret, SingleUser: true})
	})
	code := func(id string) string {
		body := w.look(t, map[string]any{"imageId": id})
		return text(dig(t, body, "result.success")) + " " + text(dig(t, body, "result.code"))
	}
	expect := func(what, id, want string) {
		t.Helper()
		if got := code(id); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	const unknown, good = "false IMAGE_NOT_EXIST", "true 200"
	photo := base(asJPEG(drawn(w.offers[0])))
	expect("never given", "1490507813791335080", unknown)
	expect("the failed upload", "0", unknown)
	first := w.upload(t, photo, nil)
	expect("fresh", first, good)

	path := "param2/1/" + imageQuery + "/other"
	params := map[string]string{"offerQueryParam": `{"imageId":"` + first + `","beginPage":1,"pageSize":20,"country":"en"}`}
	if r := w.post(t, "/openapi/"+path, aopSigned(path, appSecret, params)); !strings.Contains(r.body, "IMAGE_NOT_EXIST") {
		t.Errorf("another app's id: %s", r.body)
	}

	second := w.upload(t, photo, nil)
	expect("the first of two", first, good)
	third := w.upload(t, photo, nil)
	expect("the first of three", first, unknown)
	expect("the second of three", second, good)
	clock.Store(int64(time.Hour))
	expect("after its life", third, unknown)

	fourth := w.upload(t, photo, nil)
	body := w.look(t, map[string]any{"imageId": fourth, "keyword": "sandbox:image-forgotten"})
	if dig(t, body, "result.code") != "IMAGE_NOT_EXIST" || dig(t, body, "result.message") != "image not exist" {
		t.Errorf("forgotten by a word: %v", body)
	}
	expect("forgotten by a word", fourth, unknown)
	fifth := w.upload(t, photo, nil)
	body = w.look(t, map[string]any{"imageId": fifth, "keyword": "sandbox:image-forgotten"})
	if dig(t, body, "result.code") != "200" {
		t.Errorf("sent again after a word: %v", body)
	}
	w.ForgetImages()
	expect("all forgotten", fifth, unknown)

	w.RefuseImages(2)
	for _, want := range []bool{true, true, false} {
		if id := w.upload(t, photo, nil); (id == "0") != want {
			t.Errorf("id %s, refused should be %v", id, want)
		}
	}
	if id := w.upload(t, photo, map[string]any{"outMemberId": "sandbox:image-refused"}); id != "0" {
		t.Errorf("id %s in spite of the word", id)
	}
}

// listener counts connections to an address that the sandbox must never dial.
func listener(t *testing.T) (address string, dialled *atomic.Int64) {
	t.Helper()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dialled = new(atomic.Int64)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := port.Accept()
			if err != nil {
				return
			}
			dialled.Add(1)
			conn.Close()
		}
	}()
	t.Cleanup(func() { port.Close(); <-ended })
	return port.Addr().String(), dialled
}

func TestImageAddresses(t *testing.T) {
	w := pictured(t, func(c *sandbox.Config) { c.PublicURL = "https://sandbox.example" })
	o := w.offers[3]
	picture := "/img/" + strconv.FormatInt(o.ID, 10) + ".jpg"
	elsewhere, dialled := listener(t)
	for address, own := range map[string]bool{
		w.url + picture: true, "https://sandbox.example" + picture: true,
		w.url + "/img/1.jpg":                             false,
		w.url + picture + "?x=1":                         false,
		w.url + "/img/0" + picture[5:]:                   false,
		w.url + "/offer/" + picture[5:]:                  false,
		"http://sandbox.example" + picture:               false,
		"https://sandbox.example.evil.example" + picture: false,
		"http://" + elsewhere + picture:                  false,
		w.url + "@" + elsewhere + picture:                false,
		"https://cbu01.alicdn.com/img/ibank/1.jpg":       false,
		"file:///etc/passwd":                             false,
		picture:                                          false,
		"http://" + elsewhere + "/?" + w.url + picture:   false,
		" " + w.url + picture:                            false,
		"http://127.0.0.1:1" + picture:                   false,
	} {
		body := w.look(t, map[string]any{"imageAddress": address})
		top := w.top(t, imageSearch, map[string]string{"image_url": address}).decode(t)
		if !own {
			if dig(t, body, "result.success") != "false" || dig(t, body, "result.code") != "SYSTEM_ERROR" {
				t.Errorf("AOP %s: %.300v", address, body)
			}
			if e, _ := top["error_response"].(map[string]any); e["sub_code"] != "isv.invalid-parameter:image_url" {
				t.Errorf("TOP %s: %.300v", address, top)
			}
			continue
		}
		if found := w.groups(t, body, data, "offerId"); found[0] != o.Group {
			t.Errorf("AOP %s: %v", address, found)
		}
		if found := w.groups(t, top, "alibaba_image_search_response.result.items", "productId"); found[0] != o.Group {
			t.Errorf("TOP %s: %v", address, found)
		}
	}
	if n := dialled.Load(); n != 0 {
		t.Errorf("the sandbox dialled out %d times", n)
	}
	r := w.aop(t, imageQuery, wrapped("offerQueryParam", map[string]any{"beginPage": 1, "pageSize": 20, "country": "en"}))
	if body := r.decode(t); body["error_code"] != "gw.ParamMissing" || body["error_message"] != "Required argument imageId" {
		t.Errorf("no image named: %s", r.body)
	}
}
