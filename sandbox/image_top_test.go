package sandbox_test

import (
	"bytes"
	"encoding/json"
	"image/jpeg"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
)

func TestTOPImageSearch(t *testing.T) {
	o := pictured(t, nil).offers[5]
	photo := base(asJPEG(picture.Draw(o.Look, 150)))
	for shape, tc := range map[sandbox.Shape]struct{ list, id string }{
		sandbox.Wrapped:        {"alibaba_image_search_response.result.items", "productId"},
		sandbox.Bare:           {"result.items", "productId"},
		sandbox.SearchResponse: {"imageSearchResponse.items", "offerId"},
		sandbox.Products:       {"items", "offerId"},
	} {
		w := pictured(t, func(c *sandbox.Config) { c.TOPShape = shape })
		body := w.top(t, imageSearch, map[string]string{"image_content": photo}).decode(t)
		found := w.groups(t, body, tc.list, tc.id)
		if found[0] != o.Group || len(found) != 20 {
			t.Errorf("%s: %d items, %v", shape, len(found), found)
		}
		last := 100.0
		for i, item := range dig(t, body, tc.list).([]any) {
			item := item.(map[string]any)
			like, err := item["similarity"].(json.Number).Float64()
			if err != nil || like < 0 || like > last {
				t.Errorf("%s: similarity %v after %v", shape, item["similarity"], last)
			}
			if last = like; i == 0 && like < 80 {
				t.Errorf("%s: the same image is alike by %v", shape, like)
			}
			if location, _ := item["location"].(string); location == "" {
				t.Errorf("%s: item %d has no location", shape, i)
			}
			if i == 0 && item["saleCount"] == nil {
				t.Errorf("%s: the first item has no sales", shape)
			}
		}
	}
}

func TestTOPImageSearchArguments(t *testing.T) {
	w := pictured(t, nil)
	o := w.offers[0]
	photo := base(asJPEG(drawn(o)))
	for name, tc := range map[string]struct {
		params    map[string]string
		code, sub string
	}{
		"none":             {nil, "40", "isv.missing-parameter:image_url"},
		"both":             {map[string]string{"image_url": w.url + "/img/1.jpg", "image_content": photo}, "15", "isv.invalid-parameter:image_content"},
		"data: prefix":     {map[string]string{"image_content": "data:image/jpeg;base64," + photo}, "3", "null"},
		"no image":         {map[string]string{"image_content": base([]byte("<html>"))}, "3", "null"},
		"no such offer":    {map[string]string{"image_url": w.url + "/img/1.jpg"}, "15", "isv.invalid-parameter:image_url"},
		"category":         {map[string]string{"image_content": photo, "category_id": "x"}, "15", "isv.invalid-parameter:category_id"},
		"a word":           {map[string]string{"image_content": photo, "keyword": "sandbox:throttle"}, "7", "isp.call-limited"},
		"refused by word":  {map[string]string{"image_content": photo, "keyword": "sandbox:image-refused"}, "3", "null"},
		"throttled by url": {map[string]string{"image_url": w.url + "/img/1.jpg", "keyword": "sandbox:isp"}, "15", "isp.remote-service-error"},
	} {
		e, _ := w.top(t, imageSearch, tc.params).decode(t)["error_response"].(map[string]any)
		if text(e["code"]) != tc.code || text(e["sub_code"]) != tc.sub {
			t.Errorf("%s: %v, want %s %s", name, e, tc.code, tc.sub)
		}
	}
	const list = "alibaba_image_search_response.result.items"
	for name, params := range map[string]map[string]string{
		"category": {"category_id": strconv.FormatInt(o.ThirdCategory, 10)},
		"words":    {"keyword": map[string]string{"earphones": "耳机", "umbrellas": "伞"}[o.Kind]},
	} {
		params["image_content"] = photo
		found := w.groups(t, w.top(t, imageSearch, params).decode(t), list, "productId")
		if len(found) == 0 || found[0] != o.Group {
			t.Errorf("%s: %v", name, found)
		}
		for _, group := range found {
			if !strings.HasPrefix(group, o.Kind) {
				t.Errorf("%s: %s is of another kind", name, group)
			}
		}
	}
	body := w.top(t, imageSearch, map[string]string{"image_content": photo, "keyword": "sandbox:empty"}).decode(t)
	if rows := dig(t, body, list).([]any); len(rows) != 0 {
		t.Errorf("sandbox:empty: %d items", len(rows))
	}
	body = w.top(t, imageSearch, map[string]string{"image_content": photo, "keyword": "sandbox:duplicates"}).decode(t)
	if rows := dig(t, body, list).([]any); len(rows) != 21 || text(rows[0].(map[string]any)["productId"]) != text(rows[20].(map[string]any)["productId"]) {
		t.Errorf("sandbox:duplicates: %d items", len(rows))
	}
}

// Without pictures there is no search by picture.
func TestImageSearchWithoutPictures(t *testing.T) {
	p := serve(t, config())
	for _, r := range []reply{
		p.aop(t, imageQuery, wrapped("offerQueryParam", map[string]any{"beginPage": 1, "pageSize": 20, "country": "en", "imageId": "1"})),
		p.aop(t, imageUpload, wrapped("uploadImageParam", map[string]any{"imageBase64": "AA=="})),
	} {
		if r.decode(t)["error_code"] != "gw.APIUnsupported" {
			t.Errorf("AOP: %s", r.body)
		}
	}
	r := p.top(t, imageSearch, map[string]string{"image_url": "x"})
	if code := dig(t, r.decode(t), "error_response.code"); text(code) != "22" {
		t.Errorf("TOP: %s", r.body)
	}
}

func TestPicturesAreServed(t *testing.T) {
	w := pictured(t, nil)
	get := func(method, path, known string) reply {
		req, err := http.NewRequestWithContext(t.Context(), method, w.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if known != "" {
			req.Header.Set("If-None-Match", known)
		}
		r, err := do(req)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	path := func(o *catalog.Offer) string { return "/img/" + strconv.FormatInt(o.ID, 10) + ".jpg" }
	r := get(http.MethodGet, path(w.offers[0]), "")
	img, err := jpeg.Decode(bytes.NewReader([]byte(r.body)))
	if err != nil || img.Bounds().Dx() != picture.Side || r.status != 200 || r.header.Get("Content-Type") != "image/jpeg" {
		t.Fatalf("HTTP %d %v: %v", r.status, r.header, err)
	}
	tag := r.header.Get("ETag")
	if second := get(http.MethodGet, path(w.offers[0]), tag); second.status != http.StatusNotModified || second.body != "" {
		t.Errorf("known already: HTTP %d, %d bytes", second.status, len(second.body))
	}
	if other := get(http.MethodGet, path(w.offers[1]), tag); other.status != 200 || other.header.Get("ETag") == tag {
		t.Errorf("another image: HTTP %d, ETag %s", other.status, other.header.Get("ETag"))
	}
	if head := get(http.MethodHead, path(w.offers[0]), ""); head.status != 200 || head.header.Get("Content-Length") != strconv.Itoa(len(r.body)) {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
	if post := get(http.MethodPost, path(w.offers[0]), ""); post.status != http.StatusMethodNotAllowed {
		t.Errorf("POST: HTTP %d", post.status)
	}
	for _, wrong := range []string{"/img/1.jpg", "/img/", "/img/x.jpg", "/img/0" + path(w.offers[0])[5:], path(w.offers[0]) + "x"} {
		if r := get(http.MethodGet, wrong, ""); r.status != 404 {
			t.Errorf("%s: HTTP %d", wrong, r.status)
		}
	}
}
