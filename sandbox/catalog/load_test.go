package catalog

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// folder makes a folder of files: name to content.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func photoJPEG(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4)), nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func photoPNG(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const ownTable = "\ufeffid,Title,title_en,price,price_max,dropship_price,supplier,province,city,category_id,category,min_order,month_sold,repurchase,weight_g,filters,image,group\n" +
	`77,红木筷子,Rosewood chopsticks,¥12.5,15.00,18,老李木器,浙江,丽水市,15,餐具,10,800+,30%,120,shipIn24Hours; jxhy,photos/a.jpg,chopsticks` + "\n" +
	`,"竹筷子, 十双",,面议,,,老李木器,浙江,丽水市,,,,,,,,b.png,` + "\n" +
	`100000000001,竹筷子,,0.08,,,老李木器,福建,,,,,0,0,,,,` + "\n"

const ownLines = `{"id":77,"title":"红木筷子","title_en":"Rosewood chopsticks","price":"12.50","price_max":15,"dropship_price":18.0,"supplier":"老李木器","province":"浙江","city":"丽水市","category_id":15,"category":"餐具","min_order":10,"month_sold":"800+","repurchase":30,"weight_g":120,"filters":["shipIn24Hours","jxhy"],"image":"photos/a.jpg","group":"chopsticks"}

{"title":"竹筷子, 十双","supplier":"老李木器","province":"浙江","city":"丽水市","price":null,"image":"b.png"}
{"id":"100000000001","title":"竹筷子","price":0.08,"supplier":"老李木器","province":"福建","month_sold":0,"repurchase":0}
`

func TestLoadReadsBothForms(t *testing.T) {
	for name, list := range map[string]string{"offers.csv": ownTable, "offers.jsonl": ownLines} {
		dir := folder(t, map[string]string{name: list, "photos/a.jpg": photoJPEG(t), "b.png": photoPNG(t)})
		got, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		lishui := &Supplier{Name: "老李木器", Province: "浙江", City: "丽水市"}
		want := []*Offer{
			{
				ID: 77, Kind: "own", Group: "chopsticks", Title: "红木筷子", TitleEN: "Rosewood chopsticks",
				PriceFen: ptr(int64(1250)), PriceMaxFen: ptr(int64(1500)), DropshipFen: ptr(int64(1800)),
				Supplier: lishui, ThirdCategory: 15, CategoryName: "餐具", MinOrder: 10, MonthSold: ptr(800), SoldAtLeast: true,
				CategoryPath:      []Category{{ID: 15, Name: "餐具", NameEN: "餐具", Level: 1, Leaf: true}},
				RepurchasePercent: ptr(30), WeightGrams: 120, Filters: []string{"shipIn24Hours", "jxhy"},
				PhotoPath: filepath.Join(dir, "photos", "a.jpg"), Status: "published",
			},
			{
				ID: 100000000002, Kind: "own", Group: "own-100000000002", Title: "竹筷子, 十双", Supplier: lishui, MinOrder: 1,
				PhotoPath: filepath.Join(dir, "b.png"), Status: "published",
			},
			{
				ID: 100000000001, Kind: "own", Group: "own-100000000001", Title: "竹筷子", PriceFen: ptr(int64(8)),
				Supplier: &Supplier{Name: "老李木器", Province: "福建"}, MinOrder: 1, MonthSold: ptr(0), RepurchasePercent: ptr(0), Status: "published",
			},
		}
		noSeeds := gocmp.FilterPath(func(p gocmp.Path) bool {
			last := p.Last().String()
			return last == ".Look" || last == ".MemberID" || last == ".OpenID"
		}, gocmp.Ignore())
		if diff := gocmp.Diff(want, got, noSeeds); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got[0].Supplier != got[1].Supplier || got[0].Supplier.OpenID == got[2].Supplier.OpenID {
			t.Errorf("%s: suppliers %+v, %+v, %+v", name, got[0].Supplier, got[1].Supplier, got[2].Supplier)
		}
		if got[0].Look == got[1].Look || got[0].Look.Kind != "own" {
			t.Errorf("%s: looks %+v, %+v", name, got[0].Look, got[1].Look)
		}
		c := open(t, got)
		if p, err := c.Search(t.Context(), Query{Words: "筷子", Sort: SortPrice}); err != nil || !gocmp.Equal(ids(p.Offers), []int64{100000000001, 77, 100000000002}) {
			t.Errorf("%s: search finds %v, %v", name, ids(p.Offers), err)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	const head = "title,supplier,price,image\n"
	columns := "id, title, title_en, price, price_max, dropship_price, supplier, province, city, category_id, category, min_order, month_sold, repurchase, weight_g, filters, image, group"
	for name, tc := range map[string]struct {
		file, list string
		want       string
	}{
		"empty table":       {"offers.csv", "", "offers.csv: no offers in it"},
		"header only":       {"offers.csv", head, "offers.csv: no offers in it"},
		"unknown column":    {"offers.csv", "title,prize\n", `offers.csv:1: unknown column "prize"; there are ` + columns},
		"column twice":      {"offers.csv", "title,Title\n", `offers.csv:1: column "Title" twice`},
		"short row":         {"offers.csv", head + "杯子,甲厂\n", "offers.csv:2: 2 columns, the header has 4"},
		"broken quote":      {"offers.csv", head + "杯子,甲厂,1,\n\"杯\"子,甲厂,1,\n", `offers.csv:3: extraneous or missing " in quoted-field`},
		"no title":          {"offers.csv", head + " ,甲厂,1,\n", "offers.csv:2: title: must not be empty"},
		"no supplier":       {"offers.csv", head + "杯子,,1,\n", "offers.csv:2: supplier: must not be empty"},
		"bad prices":        {"offers.csv", head + "杯子,甲厂,1.234,\n杯子,甲厂,-1,\n杯子,甲厂,1,\n杯子,甲厂,0,\n", "offers.csv:2: price: \"1.234\" is not a price in yuan such as 12.50\noffers.csv:3: price: \"-1\" is not a price in yuan such as 12.50\noffers.csv:5: price: \"0\" is not a price in yuan such as 12.50"},
		"after a newline":   {"offers.csv", head + "\"杯\n子\",甲厂,1,\n杯子,甲厂,abc,\n", "offers.csv:4: price: \"abc\" is not a price in yuan such as 12.50"},
		"range upside down": {"offers.jsonl", `{"title":"杯子","supplier":"甲厂","price":3,"price_max":2}`, "offers.jsonl:1: price_max: is below price, or there is no price"},
		"same id":           {"offers.jsonl", `{"id":5,"title":"杯子","supplier":"甲厂"}` + "\n" + `{"id":"05","title":"杯子","supplier":"甲厂"}`, "offers.jsonl:2: id: 5 is already on line 1"},
		"id not a number":   {"offers.jsonl", `{"id":"A5","title":"杯子","supplier":"甲厂"}`, `offers.jsonl:1: id: "A5" is not a positive number`},
		"id with an e":      {"offers.jsonl", `{"id":1e3,"title":"杯子","supplier":"甲厂"}`, `offers.jsonl:1: id: "1e3" is not a positive number`},
		"half a piece":      {"offers.jsonl", `{"title":"杯子","supplier":"甲厂","min_order":1.5}`, `offers.jsonl:1: min_order: "1.5" is not a whole number from 1 to 1000000000`},
		"over a hundred":    {"offers.jsonl", `{"title":"杯子","supplier":"甲厂","repurchase":"101%"}`, `offers.jsonl:1: repurchase: "101" is not a whole number from 0 to 100`},
		"not an object":     {"offers.jsonl", "[1]", "offers.jsonl:1: not a JSON object"},
		"null":              {"offers.jsonl", "null", "offers.jsonl:1: not a JSON object"},
		"two objects":       {"offers.jsonl", "{} {}", "offers.jsonl:1: more than one JSON object"},
		"unknown field":     {"offers.jsonl", `{"Title":"杯子"}`, `offers.jsonl:1: unknown column "Title"; there are ` + columns},
		"object in field":   {"offers.jsonl", `{"title":{"zh":"杯子"}}`, "offers.jsonl:1: title: must be a text or a number"},
		"numbers in list":   {"offers.jsonl", `{"filters":[7]}`, "offers.jsonl:1: filters: a list must hold texts"},
		"truth":             {"offers.jsonl", `{"title":true}`, "offers.jsonl:1: title: must be a text or a number"},
		"blank lines only":  {"offers.jsonl", "\n \n", "offers.jsonl: no offers in it"},
		"long line":         {"offers.jsonl", "{}" + strings.Repeat(" ", maxOwnLine), "offers.jsonl:1: longer than 1048576 bytes"},
		"photo missing":     {"offers.csv", head + "杯子,甲厂,1,no.jpg\n", "offers.csv:2: image: no.jpg: no such file or directory"},
		"photo above":       {"offers.csv", head + "杯子,甲厂,1,../secret.jpg\n", "offers.csv:2: image: ../secret.jpg: leads out of the folder"},
		"photo absolute":    {"offers.csv", head + "杯子,甲厂,1,/etc/hostname\n", "offers.csv:2: image: /etc/hostname: leads out of the folder"},
		"photo by a link":   {"offers.csv", head + "杯子,甲厂,1,link.jpg\n", "offers.csv:2: image: link.jpg: path escapes from parent"},
		"photo a folder":    {"offers.csv", head + "杯子,甲厂,1,photos\n", "offers.csv:2: image: photos: is not a file"},
		"photo a text":      {"offers.csv", head + "杯子,甲厂,1,note.jpg\n", "offers.csv:2: image: note.jpg: is not a JPEG, PNG, WebP or GIF image"},
		"photo empty":       {"offers.csv", head + "杯子,甲厂,1,empty.jpg\n", "offers.csv:2: image: empty.jpg: is not a JPEG, PNG, WebP or GIF image"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{
				"own/" + tc.file: tc.list, "own/photos/a.jpg": photoJPEG(t), "own/note.jpg": "<html>", "own/empty.jpg": "", "secret.jpg": photoJPEG(t),
			})
			if err := os.Symlink(filepath.Join(dir, "secret.jpg"), filepath.Join(dir, "own", "link.jpg")); err != nil {
				t.Fatal(err)
			}
			_, err := Load(filepath.Join(dir, "own"))
			if err == nil || err.Error() != tc.want {
				t.Errorf("got:\n%v\nwant:\n%s", err, tc.want)
			}
		})
	}
}

func TestLoadNeedsExactlyOneList(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "nowhere"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	for _, tc := range []struct {
		files map[string]string
		want  string
	}{
		{nil, "neither offers.jsonl nor offers.csv"},
		{map[string]string{"offers.csv": "a", "offers.jsonl": "b"}, "both offers.jsonl and offers.csv: keep one"},
		{map[string]string{"offers.csv": "title\n\xb1\xad\xd7\xd3\n"}, `offers.csv:2: not UTF-8 (in a spreadsheet, save as "CSV UTF-8")`},
	} {
		dir := folder(t, tc.files)
		_, err := Load(dir)
		if want := "catalogue in " + dir + ": " + tc.want; err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestLoadReportsTenErrorsAtOnce(t *testing.T) {
	dir := folder(t, map[string]string{"offers.jsonl": strings.Repeat("{}\n", 30)})
	_, err := Load(dir)
	if err == nil || strings.Count(err.Error(), "\n") != 9 || !strings.HasSuffix(err.Error(), "offers.jsonl:10: title: must not be empty") {
		t.Errorf("%v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(ownTable, true)
	f.Add(ownLines, false)
	f.Add("title,supplier\n\"", true)
	f.Fuzz(func(t *testing.T, list string, table bool) {
		name := "offers.jsonl"
		if table {
			name = "offers.csv"
		}
		offers, err := Load(folder(t, map[string]string{name: list}))
		if err != nil {
			return
		}
		// New accepts everything that Load accepts.
		c, err := New(offers)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzParseFen(f *testing.F) {
	for _, s := range []string{"12.50", "¥1", "0.01", "999999999.99", "1e3", ".5", "5.", "-1", "１２"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		fen, err := parseFen(s)
		if err != nil {
			return
		}
		exact, ok := new(big.Rat).SetString(strings.TrimLeft(s, "¥￥"))
		if !ok || exact.Mul(exact, big.NewRat(100, 1)).Cmp(new(big.Rat).SetInt64(fen)) != 0 {
			t.Errorf("%q is %s fen", s, strconv.FormatInt(fen, 10))
		}
	})
}

func TestColumnErrorsNameTheColumn(t *testing.T) {
	required := ""
	for _, c := range Columns() {
		if c.Meaning == "" {
			t.Errorf("column %s has no meaning", c.Name)
		}
		if c.Required {
			required += c.Name + " "
		}
	}
	if required != "title supplier " {
		t.Errorf("required: %s", required)
	}
}
