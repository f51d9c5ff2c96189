package cli

import (
	"crypto/md5"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// With --tutorial, a keyword search as the tutorial's client writes it finds goods: stamped by a clock of another zone,
// and with the list right under result.
func TestSandboxForTheTutorial(t *testing.T) {
	d := launch(t, nil, "sandbox", "--addr=127.0.0.1:0", "--app-key=4711", "--app-secret=s", "--qps=0", "--tutorial")
	address := d.stdout.await(t, `top         (\S+)\n`)[0]
	for _, keyword := range []string{"T恤批发", "手机壳", "数据线", "保温杯", "无线蓝牙耳机 降噪"} {
		params := map[string]string{
			"method": "com.alibaba.product.search", "app_key": "4711", "format": "json", "v": "2.0", "sign_method": "md5",
			"timestamp": time.Now().In(time.FixedZone("", -7*60*60)).Format(time.DateTime), "q": keyword, "page": "1", "pageSize": "20",
		}
		text := "s"
		for _, name := range slices.Sorted(maps.Keys(params)) {
			text += name + params[name]
		}
		digest := md5.Sum([]byte(text + "s"))
		form := url.Values{"sign": {strings.ToUpper(hex.EncodeToString(digest[:]))}}
		for name, value := range params {
			form.Set(name, value)
		}
		answer, err := http.PostForm(address, form)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if n := gjson.GetBytes(body, "result.result.#").Int(); n != 20 {
			t.Errorf("%s: %d goods: %.200s", keyword, n, body)
		}
	}
}
