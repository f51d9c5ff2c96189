package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMistakes: wrong input, each with the full error message. THERE stands for an existing file, DIR for an empty
// folder, ADDR for a server.
func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "there.csv")
	photo := photoFiles(t, 100, "p.jpg")[0]
	keywords := keywordsFile(t, "a")
	nothing := keywordsFile(t, " ", "")
	long := keywordsFile(t, "a", strings.Repeat("长", 101))
	binary := keywordsFile(t, "\xff")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := (&searchServer{}).serve(t)
	replacer := strings.NewReplacer("THERE", file, "DIR", dir, "PHOTO", photo, "KEYWORDS", keywords, "NOTHING", nothing, "LONG", long, "BINARY", binary, "ADDR", addr)
	for line, want := range map[string]string{
		// Commands, flags and their values.
		"source 耳机 --freight-offers=2":                  "--freight-offers needs --freight-to",
		"source 耳机 --freight-to=330108":                 "--freight-to needs --quantity: freight depends on it",
		"compare 耳机 --quantity=2 --freight-to=Hangzhou": "--freight-to must be the code of a district in China: 6 digits, such as 330108",
		"buy":                                "unexpected argument buy",
		"serch 耳机":                           "unexpected argument serch, did you mean one of \"serve\", \"search\"?",
		"search":                             "expected \"<words> ...\"",
		"search 耳机 --pgae=2":                 "unknown flag --pgae, did you mean \"--page\"?",
		"search 耳机 --page=two":               "--page: expected a valid 32 bit int but got \"two\"",
		"search 耳机 --page":                   "--page: expected int value but got \"EOL\" (<EOL>)",
		"search 耳机 --sort=cheap":             "--sort must be one of \"relevance\",\"price\",\"price-desc\",\"sales\",\"repurchase\" but got \"cheap\"",
		"search 耳机 -o pdf":                   "--output must be one of \"table\",\"json\",\"csv\" but got \"pdf\"",
		"search 耳机 --raw":                    "--raw needs -o json",
		"search 耳机 --max=2":                  "--max needs --all",
		"search 耳机 --all --page=2":           "--page and --all do not go together",
		"search 耳机 --timeout=soon":           "--timeout: expected duration but got \"soon\": time: invalid duration \"soon\"",
		"seller":                             "expected \"<seller-id>\"",
		"facets":                             "expected \"<words> ...\"",
		"top-keywords":                       "expected \"<category>\"",
		"completion":                         "expected \"<shell>\"",
		"completion powershell":              "<shell> must be one of \"bash\",\"zsh\",\"fish\" but got \"powershell\"",
		"keys":                               "expected \"new\"",
		"keys new":                           "missing flags: --name=NAME",
		"keys new --name=shop --weight=0":    "--weight: weight must be over 0 and at most 1000",
		"keys new --name=shop --expires=now": "--expires: must be a time such as 2027-01-31T00:00:00+08:00",
		"serve --app-secret=x":               "unknown flag --app-secret",
		"serve --page-size-max=51":           "--page-size-max: must be 1 to 50 but is 51",
		"serve --grpc-addr=127.0.0.1":        "--grpc-addr: must be HOST:PORT but is \"127.0.0.1\"",
		"sandbox --addr=8080":                "--addr: must be HOST:PORT but is \"8080\"",
		// Servers.
		"info --addr=http://localhost:8080": "--addr: http://localhost:8080 is a web address: give HOST:PORT of the server's gRPC port, without http://",
		"info --addr=localhost:0":           "--addr: port 0 means that the server chooses a free port: give that port with --addr",
		"info --addr=a:b:c":                 "--addr: a:b:c is not an address: give HOST:PORT, such as 127.0.0.1:9090",
		"info --addr=none --tls":            "--tls, --ca, --cert and --key need a server, but --addr is none",
		"info --addr=ADDR --ca=DIR/x.pem":   "--ca: stat DIR/x.pem: no such file or directory",
		"info --addr=ADDR --ca=KEYWORDS":    "--ca: KEYWORDS holds no certificate",
		"info --addr=ADDR --cert=KEYWORDS":  "--cert and --key belong together",
		"info --config=DIR/z.yaml":          "--config: open DIR/z.yaml: no such file or directory",
		// Pictures and links.
		"image":                             "give one image: a FILE, --url or --id",
		"image photo.jpg":                   "photo.jpg: there is no such file (no such file or directory)",
		"image DIR":                         "DIR is a folder",
		"image a.jpg b.jpg":                 "several photos need a file to write: -o NAME.csv, .xlsx, .json, .ndjson or .jsonl",
		"image PHOTO --region=0,0,2,1":      "--region: \"0,0,2,1\" is not a region of an image: give LEFT,TOP,RIGHT,BOTTOM as fractions of it from 0 to 1, such as 0.1,0.1,0.6,0.9",
		"image PHOTO -o out.bmp":            "-o out.bmp: give table, json or csv, or a file whose name ends in .csv, .xlsx, .json, .ndjson or .jsonl",
		"image PHOTO -o THERE":              "THERE exists already: name another file, or remove it",
		"source":                            "give words, an image (a file, an address, an image id or a link to its product), or both",
		"source photo.jpg":                  "photo.jpg: there is no such file (no such file or directory)",
		"source PHOTO https://x.example/1":  "https://x.example/1: there is an image already: give one",
		"compare 杯子 nowhere.PNG":            "nowhere.PNG: there is no such file (no such file or directory)",
		"compare PHOTO --image-id=img_x":    "give one image: as an argument, or by --image, --image-url or --image-id",
		"competitors":                       "give an image: a file, an address, an image id, or a link to a product on 1688",
		"competitors 杯子":                    "杯子: this is not an image: give a file, an address, an image id, or a link to a product on 1688",
		"product":                           "expected \"<id> ...\"",
		"product https://shop.example/9":    "https://shop.example/9: this is not a link to a product on 1688, such as https://detail.1688.com/offer/620201390233.html",
		"related https://m.1688.com/s/AbCd": "https://m.1688.com/s/AbCd: the link names no product: open it in a browser and copy the address of the product's page, such as https://detail.1688.com/offer/620201390233.html",
		"expand 杯子 -o DIR/x.pdf":            "-o DIR/x.pdf: give table, json, or a file whose name ends in .csv, .json or .xlsx",
		"compare 杯子 -o THERE":               "THERE exists already: name another file, or remove it",
		// Batches.
		"batch KEYWORDS":                      "missing flags: --output=FILE",
		"batch DIR/none.txt -o DIR/x.csv":     "open DIR/none.txt: no such file or directory",
		"batch KEYWORDS -o DIR/x.xls":         "-o DIR/x.xls: the name must end in .csv, .xlsx, .json, .ndjson or .jsonl",
		"batch KEYWORDS -o DIR/x.csv --raw":   "--raw needs a .json or .ndjson file",
		"batch NOTHING -o DIR/x.csv":          "NOTHING has no keywords",
		"batch LONG -o DIR/x.csv":             "LONG: line 2 is longer than 100 characters",
		"batch BINARY -o DIR/x.csv":           "BINARY: line 1 is not UTF-8",
		"batch KEYWORDS -o THERE --addr=ADDR": "THERE exists already: name another file, or remove it",
		"batch KEYWORDS -o DIR/x.csv --pages": "--pages: expected int value but got \"EOL\" (<EOL>)",
	} {
		t.Run(strings.ReplaceAll(line, "/", "|"), func(t *testing.T) {
			got := run(t, nil, strings.Fields(replacer.Replace(line))...)
			if want := (outcome{exitUsage, "", "error: " + replacer.Replace(want) + "\n"}); got != want {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
			local := run(t, []string{"LANG=zh_CN.UTF-8"}, strings.Fields(replacer.Replace(line))...)
			if local.code != exitUsage || local.stdout != "" || !chineseText(strings.TrimPrefix(local.stderr, "错误: ")) {
				t.Errorf("in Chinese: %+v", local)
			}
		})
	}
	if left, err := filepath.Glob(dir + "/*"); err != nil || len(left) != 0 {
		t.Errorf("files left: %v", left)
	}
	if contents(t, file) != "mine" {
		t.Error("the file was changed")
	}
}

// TestLinksToProducts: the product is found in every text that 1688's pages and apps share.
func TestLinksToProducts(t *testing.T) {
	for text, want := range map[string]string{
		"https://detail.1688.com/offer/620201390233.html":                           "620201390233",
		"http://detail.1688.com/offer/620201390233.html?spm=a26352.b28411319":       "620201390233",
		"detail.1688.com/offer/620201390233.html":                                   "620201390233",
		"https://m.1688.com/offer/620201390233.html#top":                            "620201390233",
		"https://detail.m.1688.com/page/index.html?offerId=620201390233&sortType=x": "620201390233",
		"【雨伞 新款】https://m.1688.com/offer/620201390233.html 点击链接，或复制打开1688":          "620201390233",
		"https://dj.1688.com/ci_bb?a=1&offerId=620201390233":                        "620201390233",
		"https://qr.1688.com/s/AbCd1234":                                            "",
		"https://detail.1688.com.evil.example/offer/620201390233.html":              "",
		"https://evil.example/?next=https://1688.example/offer/620201390233.html":   "",
		"https://notreally1688.com/offer/620201390233.html":                         "",
		"620201390233": "",
		"1688 雨伞":      "",
	} {
		if got, _ := offerIn(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
