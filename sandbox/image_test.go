package sandbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
)

const (
	imageUpload = crossborder + "/product.image.upload"
	imageQuery  = crossborder + "/product.search.imageQuery"
	imageSearch = "alibaba.image.search"
)

// window is a few goods of two kinds with several suppliers each, and their pictures.
type window struct {
	platform
	offers []*catalog.Offer
}

func pictured(t testing.TB, change func(*sandbox.Config)) window {
	t.Helper()
	var offers []*catalog.Offer
	for _, o := range catalog.Embedded() {
		if (o.Kind == "earphones" || o.Kind == "umbrellas") && o.Look.Goods&0xffff < 16 && o.Status == catalog.StatusPublished {
			offers = append(offers, o)
		}
	}
	goods, err := catalog.New(offers)
	if err != nil {
		t.Fatal(err)
	}
	pictures := gallery.New(offers, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		for _, err := range []error{pictures.Close(), goods.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	c := config()
	c.Catalogue, c.Pictures = goods, pictures
	if change != nil {
		change(&c)
	}
	return window{serve(t, c), offers}
}

func drawn(o *catalog.Offer) image.Image { return picture.Draw(o.Look, 300) }

func asJPEG(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asPNG(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asGIF(img image.Image) []byte {
	var b bytes.Buffer
	if err := gif.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func base(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

// bomb is a small PNG whose header says a billion pixels.
func bomb() []byte {
	b := asPNG(image.NewGray(image.Rect(0, 0, 1, 1)))
	binary.BigEndian.PutUint32(b[16:], 20_000)
	binary.BigEndian.PutUint32(b[20:], 20_000)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// upload sends a picture over AOP and returns its id.
func (w window) upload(t testing.TB, text string, more map[string]any) string {
	t.Helper()
	args := map[string]any{"imageBase64": text}
	for name, value := range more {
		args[name] = value
	}
	r := w.aop(t, imageUpload, wrapped("uploadImageParam", args))
	body := r.decode(t)
	id, isText := dig(t, body, "result.result").(string)
	if r.status != 200 || dig(t, body, "result.success") != "true" || !isText {
		t.Fatalf("HTTP %d %s", r.status, r.body)
	}
	return id
}

// look searches over AOP.
func (w window) look(t testing.TB, args map[string]any) map[string]any {
	t.Helper()
	all := map[string]any{"beginPage": 1, "pageSize": 20, "country": "en"}
	for name, value := range args {
		all[name] = value
	}
	return w.aop(t, imageQuery, wrapped("offerQueryParam", all)).decode(t)
}

// groups lists the goods groups of a list.
func (w window) groups(t testing.TB, body map[string]any, path, name string) []string {
	t.Helper()
	rows, ok := dig(t, body, path).([]any)
	if !ok {
		t.Fatalf("no list at %s: %.500v", path, body)
	}
	var list []string
	for _, row := range rows {
		id := text(row.(map[string]any)[name])
		at := slices.IndexFunc(w.offers, func(o *catalog.Offer) bool { return strconv.FormatInt(o.ID, 10) == id })
		if at < 0 {
			t.Fatalf("offer %s is not on sale", id)
		}
		list = append(list, w.offers[at].Group)
	}
	return list
}

func TestImageUpload(t *testing.T) {
	w := pictured(t, func(c *sandbox.Config) { c.ImageBytes = 30_000 })
	img := drawn(w.offers[0])
	noise := image.NewGray(image.Rect(0, 0, 200, 200))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(i * i >> 3 * 7)
	}
	known := regexp.MustCompile(`^[1-9][0-9]{18}$`)
	ids := map[string]bool{}
	for name, text := range map[string]string{"JPEG": base(asJPEG(img)), "PNG": base(asPNG(img)), "again": base(asJPEG(img))} {
		id := w.upload(t, text, nil)
		if !known.MatchString(id) || ids[id] {
			t.Errorf("%s: id %q, before %v", name, id, ids)
		}
		ids[id] = true
	}
	for name, text := range map[string]string{
		"data: prefix":  "data:image/jpeg;base64," + base(asJPEG(img)),
		"unencoded +":   strings.ReplaceAll(base(asJPEG(img)), "+", " "),
		"not base64":    "not an image",
		"text":          base([]byte("not an image")),
		"cut short":     base(asJPEG(img)[:1000]),
		"GIF":           base(asGIF(img)),
		"bomb":          base(bomb()),
		"over 30 000 B": base(append(asJPEG(img), make([]byte, 30_000)...)),
	} {
		if id := w.upload(t, text, nil); id != "0" {
			t.Errorf("%s: id %q, want 0", name, id)
		}
	}
	r := w.aop(t, imageUpload, wrapped("uploadImageParam", map[string]any{"imageBase64": ""}))
	if code := r.decode(t)["error_code"]; code != "gw.ParamMissing" {
		t.Errorf("no image: %s", r.body)
	}
}

func TestImageQuery(t *testing.T) {
	w := pictured(t, nil)
	for i, o := range w.offers {
		if i%7 != 0 {
			continue
		}
		small := asJPEG(picture.Draw(o.Look, 120))
		body := w.look(t, map[string]any{"imageId": w.upload(t, base(small), nil)})
		if found := w.groups(t, body, data, "offerId"); found[0] != o.Group || len(found) != 20 {
			t.Errorf("group %s: found %v", o.Group, found)
		}
	}
	id := w.upload(t, base(asJPEG(drawn(w.offers[0]))), nil)
	body := w.look(t, map[string]any{"imageId": id, "pageSize": 10})
	total := strconv.Itoa(len(w.offers))
	got := map[string]string{}
	for _, path := range []string{"success", "code", "result.totalRecords", "result.pageSize", "result.currentPage"} {
		got[path] = text(dig(t, body, "result."+path))
	}
	want := map[string]string{"success": "true", "code": "200", "result.totalRecords": total, "result.pageSize": "10", "result.currentPage": "1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("envelope (-want +got):\n%s", diff)
	}
	if _, isText := dig(t, body, "result.success").(string); !isText {
		t.Error("success is not text")
	}
	row := dig(t, body, data+".0").(map[string]any)
	for _, name := range []string{"similarity", "whiteImage", "aigcImageUrl"} {
		if v, ok := row[name]; ok {
			t.Errorf("%s is %v, want it absent", name, v)
		}
	}
	if row["companyName"] == nil || row["companyAddress"] == nil || dig(t, row, "offerDataInfo.offerApplauseRate") == nil {
		t.Errorf("no supplier in %v", row)
	}
	for _, part := range strings.Split(text(dig(t, body, "result.result.picRegionInfo.yoloCropRegion")), ";") {
		var n [4]int
		for i, side := range strings.Split(part, ",") {
			n[i], _ = strconv.Atoi(side)
		}
		if n[0] < 0 || n[0] >= n[1] || n[1] > 300 || n[2] < 0 || n[2] >= n[3] || n[3] > 300 {
			t.Errorf("region %q is not x0,x1,y0,y1 of 300 × 300", part)
		}
	}

	// Over all pages every offer comes exactly once, whatever it looks like. Further pages are empty.
	seen := map[string]int{}
	for page := 1; page <= len(w.offers)/10+2; page++ {
		for _, id := range ids(t, w.look(t, map[string]any{"imageId": id, "pageSize": 10, "beginPage": page}), data) {
			seen[id]++
		}
	}
	if len(seen) != len(w.offers) {
		t.Errorf("%d offers over all pages, want %d", len(seen), len(w.offers))
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s comes %d times", id, times)
		}
	}
}

func TestImageQueryRestrictions(t *testing.T) {
	w := pictured(t, nil)
	o := w.offers[0]
	other := "雨伞"
	if o.Kind == "umbrellas" {
		other = "耳机"
	}
	id := w.upload(t, base(asJPEG(drawn(o))), nil)
	for name, args := range map[string]map[string]any{
		"words":    {"keyword": other},
		"category": {"categoryId": w.offers[slices.IndexFunc(w.offers, func(p *catalog.Offer) bool { return p.Kind != o.Kind })].ThirdCategory},
	} {
		args["imageId"], args["pageSize"] = id, 50
		body := w.look(t, args)
		found := w.groups(t, body, data, "offerId")
		if len(found) == 0 || text(dig(t, body, "result.result.totalRecords")) == strconv.Itoa(len(w.offers)) {
			t.Errorf("%s: %d rows of %v", name, len(found), dig(t, body, "result.result.totalRecords"))
		}
		for _, group := range found {
			if strings.HasPrefix(group, o.Kind) {
				t.Errorf("%s: %s", name, group)
			}
		}
	}
	plain := ids(t, w.look(t, map[string]any{"imageId": id, "pageSize": 10}), data)
	body := w.look(t, map[string]any{"imageId": id, "pageSize": 10, "sort": `{"monthSold":"desc"}`})
	sorted := ids(t, body, data)
	var last int64 = 1 << 60
	for _, row := range dig(t, body, data).([]any) {
		sold, err := strconv.ParseInt(strings.TrimSuffix(text(row.(map[string]any)["monthSold"]), "+"), 10, 64)
		if err != nil {
			sold = -1 // unknown comes last
		}
		if sold > last {
			t.Errorf("sold %d after %d", sold, last)
		}
		last = sold
	}
	slices.Sort(plain)
	slices.Sort(sorted)
	if diff := cmp.Diff(plain, sorted); diff != "" {
		t.Errorf("an order holds within the page only; offers (-unordered +ordered):\n%s", diff)
	}
	for name, args := range map[string]map[string]any{
		"dear":  {"priceStart": "100000"},
		"shelf": {"productCollectionId": "1"},
	} {
		args["imageId"] = id
		if found := ids(t, w.look(t, args), data); len(found) != 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// A region restricts the search to a part of the photo: it decides which of two goods side by side is found.
func TestImageQueryRegion(t *testing.T) {
	w := pictured(t, nil)
	left := w.offers[0]
	right := w.offers[slices.IndexFunc(w.offers, func(o *catalog.Offer) bool { return o.Kind != left.Kind })]
	both := image.NewRGBA(image.Rect(0, 0, 600, 300))
	for i, o := range []*catalog.Offer{left, right} {
		img := drawn(o)
		for y := range 300 {
			for x := range 300 {
				both.Set(300*i+x, y, img.At(x, y))
			}
		}
	}
	id := w.upload(t, base(asJPEG(both)), nil)
	for region, want := range map[string]string{"0,300,0,300": left.Group, "300,600,0,300": right.Group} {
		body := w.look(t, map[string]any{"imageId": id, "region": region})
		if found := w.groups(t, body, data, "offerId"); found[0] != want {
			t.Errorf("region %s: %s first, want %s", region, found[0], want)
		}
		if got := text(dig(t, body, "result.result.picRegionInfo.currentRegion")); got != region {
			t.Errorf("current region %s, want %s", got, region)
		}
	}
	for _, region := range []string{"1,2,3", "300,0,0,300", "700,800,0,300", "a,b,c,d", "-1,2,3,4"} {
		if body := w.look(t, map[string]any{"imageId": id, "region": region}); dig(t, body, "result.success") != "false" {
			t.Errorf("region %s: %.300v", region, body)
		}
	}
}
