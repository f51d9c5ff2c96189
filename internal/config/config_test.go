package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, args []string, env Environ) *Loaded {
	t.Helper()
	got, err := Load(args, env)
	if err != nil {
		t.Fatalf("Load(%q, %v): %v", args, env, err)
	}
	return got
}

func TestDefaultsAreTheSandboxOnLoopback(t *testing.T) {
	got := load(t, nil, Environ{"HOME": "/home/x"})
	if got.Live() {
		t.Error("no App Key, yet live")
	}
	want := Settings{
		Tokens: Tokens{
			Mode: "auto", AuthorizeURL: "https://auth.1688.com/oauth/authorize", RedirectURL: "http://127.0.0.1:16880/callback",
		},
		Upstream: Upstream{
			Dialect: "aop", SignMethod: "md5",
			AOPKeywordAPI:    "com.alibaba.fenxiao.crossborder:product.search.keywordQuery-1",
			AOPUploadAPI:     "com.alibaba.fenxiao.crossborder:product.image.upload-1",
			AOPImageAPI:      "com.alibaba.fenxiao.crossborder:product.search.imageQuery-1",
			TOPKeywordMethod: "com.alibaba.product.search", TOPImageMethod: "alibaba.image.search", TOPKeywordForm: "flat",
			Timeout: 10 * time.Second, Attempts: 3, Backoff: 200 * time.Millisecond, BackoffMax: 5 * time.Second, Breaker: 5,
			Proxy: "none", AnswerBytesMax: 8 << 20, PageSizeMax: 50, ResultWindow: 2000,
		},
		Products: Products{
			AOPDetailAPI:          "com.alibaba.fenxiao.crossborder:product.search.queryProductDetail-1",
			AOPSellerAPI:          "com.alibaba.fenxiao.crossborder:product.search.querySellerOfferList-1",
			AOPFacetsAPI:          "com.alibaba.fenxiao.crossborder:product.search.keywordSNQuery-1",
			AOPTopKeywordsAPI:     "com.alibaba.fenxiao.crossborder:product.search.topKeyword-1",
			AOPRelatedAPI:         "com.alibaba.fenxiao.crossborder:product.related.recommend-1",
			AOPCategoriesAPI:      "com.alibaba.fenxiao.crossborder:category.translation.getByKeyword-1",
			AOPCategoryAPI:        "com.alibaba.fenxiao.crossborder:category.translation.getById-1",
			AOPFreightAPI:         "com.alibaba.fenxiao.crossborder:product.freight.estimate-1",
			AOPPreviewAPI:         "com.alibaba.trade:alibaba.createOrder.preview-1",
			AOPTopListAPI:         "com.alibaba.fenxiao.crossborder:product.topList.query-1",
			AOPSalesTrendAPI:      "com.alibaba.fenxiao.crossborder:product.analyze.getPerdaySellQuantityTrendNew-1",
			AOPPriceTrendAPI:      "com.alibaba.fenxiao.crossborder:product.analyze.getThirtyDayMedianPriceTrendNew-1",
			AOPRepurchaseTrendAPI: "com.alibaba.fenxiao.crossborder:product.analyze.getRepurchaseRateTrendNew-1",
			TOPDetailMethod:       "alibaba.product.get", TOPDetailIDParam: "productID",
			TOPSellerMethod: "alibaba.product.getSellerProductList", TOPSellerIDParam: "sellerOpenId",
		},
		Quota: Quota{QPS: 4, Margin: 0.01, QueueMax: 32768, RedisLost: "deny", Replicas: 1},
		Photos: Photos{
			BytesMax: 20 << 20, PixelsMax: 50_000_000, SendBytes: 3_000_000, Memory: 256 << 20, Wait: 25 * time.Second,
			ShelfBytes: 1 << 30, ShelfTTL: time.Hour, IdleTimeout: 15 * time.Second,
			Hosts:        "cbu01.alicdn.com,cbu02.alicdn.com,cbu03.alicdn.com,cbu04.alicdn.com,img.alicdn.com",
			VideoHosts:   "cloud.video.taobao.com",
			FetchTimeout: 10 * time.Second, FetchPorts: "80,443", LikenessBytesMax: 5 << 20,
		},
		Cache:   Cache{MemoryBytes: 64 << 20, Store: "auto", DiskBytes: 1 << 30},
		Watches: Watches{IntervalMin: time.Second, Retention: 9600 * time.Hour, DailyRetention: 87600 * time.Hour, StoreMax: 10 << 30, Limit: 10000, Workers: 8},
		Pushes:  Pushes{CatchUp: time.Hour},
		Listen: Listen{
			GRPCAddr: "127.0.0.1:9090", HTTPAddr: "127.0.0.1:8080", OpsAddr: "127.0.0.1:9464", RequestBytesMax: 9 << 19, DefaultTimeout: 30 * time.Second, StreamTimeout: 6 * time.Hour,
			TimeoutMax: 10 * time.Minute, StreamTimeoutMax: 24 * time.Hour,
			LameDuck: time.Second, DrainTimeout: 20 * time.Second, DataDir: "/home/x/.local/share/zhaohuo",
		},
		Doors: Doors{
			ConnectionsMax: 1024, ConnectionIdle: 2 * time.Minute, BodyMemory: 128 << 20, BodyTimeout: time.Minute, BodyRateMin: 1024,
		},
		Callers:  Callers{JWTAlgorithms: "RS256,ES256", JWTClaim: "sub"},
		Agents:   Agents{SessionCalls: 100},
		Sandbox:  Sandbox{QPS: 10},
		Watching: Watching{LogLevel: "info", LogFormat: "text", TraceShare: 1, AuditSize: 100, AuditFiles: 10},
	}
	if diff := cmp.Diff(want, got.Settings); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if len(got.Origins) != 0 || len(got.Warnings) != 0 {
		t.Errorf("origins %v, warnings %v; want none", got.Origins, got.Warnings)
	}
}

func TestWhoBeatsWhom(t *testing.T) {
	path := write(t, "z.yaml", "upstream_qps: 1\nupstream_attempts: 2\npage_size_max: 10\nno_http: true\n")
	got := load(t, []string{"--config", path, "--upstream-qps=3"}, Environ{
		"ZHAOHUO_UPSTREAM_QPS": "2", "ZHAOHUO_UPSTREAM_ATTEMPTS": "5", "ZHAOHUO_RESULT_WINDOW": "",
	})
	if got.Quota.QPS != 3 || got.Upstream.Attempts != 5 || got.Upstream.PageSizeMax != 10 || got.Upstream.ResultWindow != 2000 || !got.Listen.NoHTTP {
		t.Errorf("got %+v %+v", got.Upstream, got.Listen)
	}
	want := map[string]string{
		"config": "--config", "upstream-qps": "--upstream-qps", "upstream-attempts": "ZHAOHUO_UPSTREAM_ATTEMPTS",
		"page-size-max": "page_size_max in " + path + " line 3", "no-http": "no_http in " + path + " line 4",
	}
	if diff := cmp.Diff(want, got.Origins); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
}

func TestSecretsComeFromFourPlaces(t *testing.T) {
	secretFile := write(t, "secret", "s3cr3t-f\n")
	yamlDirect := write(t, "a.yaml", "app_key: k\napp_secret: s3cr3t-y\n")
	yamlFile := write(t, "b.yaml", "app_key: k\napp_secret_file: "+secretFile+"\n")
	for name, test := range map[string]struct {
		env          Environ
		want, origin string
	}{
		"variable":              {Environ{"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s3cr3t-v"}, "s3cr3t-v", "ZHAOHUO_APP_SECRET"},
		"file by variable":      {Environ{"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET_FILE": secretFile}, "s3cr3t-f", "ZHAOHUO_APP_SECRET_FILE"},
		"key":                   {Environ{"ZHAOHUO_CONFIG": yamlDirect}, "s3cr3t-y", "app_secret in " + yamlDirect + " line 2"},
		"file by key":           {Environ{"ZHAOHUO_CONFIG": yamlFile}, "s3cr3t-f", "app_secret_file in " + yamlFile + " line 2"},
		"variable beats key":    {Environ{"ZHAOHUO_CONFIG": yamlFile, "ZHAOHUO_APP_SECRET": "s3cr3t-v"}, "s3cr3t-v", "ZHAOHUO_APP_SECRET"},
		"file variable as well": {Environ{"ZHAOHUO_CONFIG": yamlDirect, "ZHAOHUO_APP_SECRET_FILE": secretFile}, "s3cr3t-f", "ZHAOHUO_APP_SECRET_FILE"},
	} {
		t.Run(name, func(t *testing.T) {
			got := load(t, nil, test.env)
			if got.Account.AppSecret.Reveal() != test.want || got.Origins["app-secret"] != test.origin {
				t.Errorf("secret %q from %q; want %q from %q", got.Account.AppSecret.Reveal(), got.Origins["app-secret"], test.want, test.origin)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	live := func(more ...string) Environ {
		env := Environ{"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "CANARY"}
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	empty := write(t, "empty", "\n")
	for name, test := range map[string]struct {
		args []string
		env  Environ
		file string
		want string
	}{
		"key without secret": {env: Environ{"ZHAOHUO_APP_KEY": "k"}, want: "ZHAOHUO_APP_KEY is set but no App Secret: set ZHAOHUO_APP_SECRET or ZHAOHUO_APP_SECRET_FILE"},
		"secret without key": {env: Environ{"ZHAOHUO_APP_SECRET": "CANARY"}, want: "ZHAOHUO_APP_SECRET is set but no App Key: set ZHAOHUO_APP_KEY to go live, or remove it to use the sandbox"},
		"token without key":  {file: "access_token: CANARY\n", want: "access_token in FILE line 1 is set but no App Key: set ZHAOHUO_APP_KEY to go live, or remove it to use the sandbox"},
		"address, no key":    {args: []string{"--upstream-url=https://x.cn"}, want: "--upstream-url is set but no App Key: set ZHAOHUO_APP_KEY to go live, or remove it to use the sandbox"},
		"secret as a flag":   {args: []string{"--app-secret=CANARY"}, want: "unknown flag --app-secret"},
		"secret twice":       {env: live("ZHAOHUO_APP_SECRET_FILE", empty), want: "ZHAOHUO_APP_SECRET and ZHAOHUO_APP_SECRET_FILE are both set: remove one"},
		"secret of nothing":  {env: Environ{"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET_FILE": empty}, want: "ZHAOHUO_APP_SECRET_FILE: " + empty + " is empty"},
		"secret with spaces": {env: live("ZHAOHUO_ACCESS_TOKEN", "CANARY CANARY"), want: "ZHAOHUO_ACCESS_TOKEN: holds white space or control characters"},
		"odd App Key":        {env: live("ZHAOHUO_APP_KEY", "a/b"), want: "ZHAOHUO_APP_KEY: is not an App Key: letters, digits and _.- only"},

		"number in a variable": {env: Environ{"ZHAOHUO_UPSTREAM_ATTEMPTS": "many"}, want: `ZHAOHUO_UPSTREAM_ATTEMPTS: expected a valid 64 bit int but got "many"`},
		"number in the file":   {file: "# x\nupstream_qps: fast\n", want: `upstream_qps in FILE line 2: expected a float but got "fast" (string)`},
		"choice in the file":   {file: "dialect: rest\n", want: `dialect in FILE line 1: must be one of aop, top but is "rest"`},
		"choice as a flag":     {args: []string{"--dialect=rest"}, want: `--dialect must be one of "aop","top" but got "rest"`},
		"unknown key":          {file: "grpc-addr: x\n", want: `FILE: line 1: "grpc-addr" is no setting: did you mean grpc_addr?`},
		"config in config":     {file: "config: x\n", want: `FILE: line 1: "config" is no setting`},
		"key twice":            {file: "dialect: aop\ndialect: top\n", want: "FILE: line 2: dialect is set twice"},
		"list":                 {file: "dialect: [aop]\n", want: "FILE: line 1: dialect must be a plain value"},
		"not a mapping":        {file: "- aop\n", want: "FILE: line 1: must be a mapping of settings to values"},
		"two documents":        {file: "dialect: aop\n---\ndialect: top\n", want: "FILE: holds more than one document"},
		"no YAML":              {file: "app_secret: *CANARY\n", want: "FILE: is not YAML"},
		"no file":              {args: []string{"--config=/nowhere/z.yaml"}, want: "--config: open /nowhere/z.yaml: no such file or directory"},

		"aop with a path":       {env: live("ZHAOHUO_UPSTREAM_URL", "https://x.cn/openapi"), want: "ZHAOHUO_UPSTREAM_URL: for dialect aop must be scheme and host only, without a path"},
		"top without a path":    {env: live("ZHAOHUO_UPSTREAM_URL", "https://x.cn", "ZHAOHUO_DIALECT", "top"), want: "ZHAOHUO_UPSTREAM_URL: for dialect top must be the whole address, such as https://api.1688.com/router/rest"},
		"address without host":  {env: live("ZHAOHUO_UPSTREAM_URL", "gw.open.1688.com"), want: "ZHAOHUO_UPSTREAM_URL: must be an address such as https://gw.open.1688.com"},
		"address with password": {env: live("ZHAOHUO_UPSTREAM_URL", "https://u:CANARY@x.cn"), want: "ZHAOHUO_UPSTREAM_URL: must not hold a user, a query or a fragment"},
		"proxy":                 {args: []string{"--upstream-proxy=ftp://u:CANARY@x"}, want: "--upstream-proxy: must be none, env, or an http, https or socks5 address"},
		"api":                   {args: []string{"--aop-keyword-api=x"}, want: `--aop-keyword-api: must be namespace:name-version but is "x"`},
		"upload api":            {args: []string{"--aop-upload-api=x:y"}, want: `--aop-upload-api: must be namespace:name-version but is "x:y"`},
		"image api":             {args: []string{"--aop-image-api="}, want: `--aop-image-api: must be namespace:name-version but is ""`},
		"image method":          {args: []string{"--top-image-method=a/b"}, want: `--top-image-method: must be a method name but is "a/b"`},
		"method":                {args: []string{"--top-keyword-method=a b"}, want: `--top-keyword-method: must be a method name but is "a b"`},

		"rate below 0":      {args: []string{"--upstream-qps=-1"}, want: "--upstream-qps: must be 0 (no limit) to 1000000 but is -1"},
		"rate NaN":          {file: "upstream_qps: nan\n", want: "upstream_qps in FILE line 1: must be 0 (no limit) to 1000000 but is NaN"},
		"queue of none":     {args: []string{"--queue-max=0"}, want: "--queue-max: must be 1 to 1048576 but is 0"},
		"page of 51":        {args: []string{"--page-size-max=51"}, want: "--page-size-max: must be 1 to 50 but is 51"},
		"no timeout":        {args: []string{"--upstream-timeout=0s"}, want: "--upstream-timeout: must be 1ms to 10m0s but is 0s"},
		"backoff upside":    {args: []string{"--upstream-backoff=6s"}, want: "--upstream-backoff-max (ZHAOHUO_UPSTREAM_BACKOFF_MAX): must be 6s to 10m0s but is 5s"},
		"two at a time":     {args: []string{"--page-size-max=0", "--upstream-attempts=0"}, want: "--upstream-attempts: must be 1 to 10 but is 0\n--page-size-max: must be 1 to 50 but is 0"},
		"certificate alone": {args: []string{"--tls-cert=x"}, want: "--tls-cert and --tls-key (ZHAOHUO_TLS_KEY) belong together: only one is set"},
		"CA alone":          {args: []string{"--tls-client-ca=x"}, want: "--tls-client-ca: needs --tls-cert (ZHAOHUO_TLS_CERT) too"},
		"no port":           {args: []string{"--grpc-addr=127.0.0.1"}, want: `--grpc-addr: must be HOST:PORT but is "127.0.0.1"`},
		"port too high":     {args: []string{"--http-addr=127.0.0.1:65536"}, want: `--http-addr: port must be 0 to 65535 but is "65536"`},
		"one address":       {args: []string{"--http-addr=127.0.0.1:9090"}, want: "--grpc-addr (ZHAOHUO_GRPC_ADDR) and --http-addr are the same address: gRPC and REST need one each"},
		"image of nothing":  {args: []string{"--photo-bytes-max=1"}, want: "--photo-bytes-max: must be 1024 to 268435456 but is 1"},
		"shelf for none":    {args: []string{"--photo-send-bytes=8000000", "--photo-shelf-bytes=9000000"}, want: "--photo-shelf-bytes: must be 32000000 to 17592186044416 but is 9000000"},
		"no idle time":      {args: []string{"--upload-idle-timeout=0s"}, want: "--upload-idle-timeout: must be 10ms to 10m0s but is 0s"},
		"origin with path":  {args: []string{"--cors-origins=https://a.example,https://b.example/"}, want: `--cors-origins: "https://b.example/" is not an origin: write scheme, host and, where it is not the scheme's own, port, such as https://shop.example`},
		"any origin":        {args: []string{"--cors-origins=*"}, want: `--cors-origins: "*" is not an origin: write scheme, host and, where it is not the scheme's own, port, such as https://shop.example`},
		"host as address":   {args: []string{"--image-hosts=img.cn, https://x.cn"}, want: `--image-hosts: "https://x.cn" is not a host: an exact name, with :port where it needs one`},
		"host of any name":  {args: []string{"--image-hosts=*.x.cn"}, want: `--image-hosts: "*.x.cn" is not a host: an exact name, with :port where it needs one`},
		"host, odd port":    {args: []string{"--image-hosts=x.cn:0"}, want: `--image-hosts: "x.cn:0" is not a host: an exact name, with :port where it needs one`},
		"odd port":          {args: []string{"--image-fetch-ports=80,http"}, want: `--image-fetch-ports: "http" is not a port from 1 to 65535`},
		"ports of nothing":  {args: []string{"--image-fetch-ports=,"}, want: "--image-fetch-ports: names no port: to fetch nothing set ZHAOHUO_NO_IMAGE_FETCH"},
		"audit size":        {args: []string{"--audit-size=0"}, want: "--audit-size: must be 1 to 100000 but is 0"},
		"trace share":       {args: []string{"--trace-share=1.5"}, want: "--trace-share: must be 0 to 1 but is 1.5"},
		"otlp":              {args: []string{"--otlp-endpoint=localhost:4317"}, want: "--otlp-endpoint: must be an address such as http://localhost:4317"},
	} {
		t.Run(name, func(t *testing.T) {
			want := test.want
			if test.file != "" {
				path := write(t, "z.yaml", test.file)
				test.args, want = append(test.args, "--config="+path), strings.ReplaceAll(want, "FILE", path)
			}
			got, err := Load(test.args, test.env)
			if err == nil {
				t.Fatalf("accepted: %+v", got.Settings)
			}
			if err.Error() != want {
				t.Errorf("got:  %s\nwant: %s", err, want)
			}
			if strings.Contains(err.Error(), "CANARY") {
				t.Error("the message holds a secret")
			}
		})
	}
}

func TestWhoMayBeReached(t *testing.T) {
	sealed := []string{"--tls-cert=c", "--tls-key=k"}
	for addr, loopback := range map[string]bool{
		"127.0.0.1:1": true, "localhost:1": true, "[::1]:1": true, "127.8.8.8:1": true, "[::ffff:127.0.0.1]:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false, "example.com:1": false,
	} {
		for _, test := range []struct {
			name string
			args []string
			ok   bool
		}{
			{"bare", nil, loopback},
			{"tls", sealed, loopback},
			{"tls and callers known", append(sealed, "--tls-client-ca=a"), true},
			{"meant", []string{"--insecure-listen"}, true},
		} {
			for _, flag := range []string{"--grpc-addr=", "--http-addr="} {
				_, err := Load(append(test.args[:len(test.args):len(test.args)], flag+addr), nil)
				if (err == nil) != test.ok {
					t.Errorf("%s%s, %s: %v; want ok %v", flag, addr, test.name, err, test.ok)
				}
			}
			if _, err := Load(append(test.args[:len(test.args):len(test.args)], "--no-http", "--http-addr="+addr), nil); err != nil {
				t.Errorf("--no-http %s: %v", addr, err)
			}
		}
	}
}

func TestWarnings(t *testing.T) {
	got := load(t, []string{"--insecure-listen"}, Environ{
		"ZHAOHUO_APPKEY": "x", "ZHAOHUO_SERVICE_HOST": "x", "ZHAOHUO_PORT_9090_TCP": "x", "ZHAOHUO_LOG_LEVEL_FILE": "x",
		"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_UPSTREAM_URL": "http://x.cn",
	})
	want := []string{
		"ZHAOHUO_APPKEY is set but is no setting",
		"ZHAOHUO_LOG_LEVEL_FILE is set but is no setting",
		"ZHAOHUO_UPSTREAM_URL is http: the access token travels in clear",
		"--insecure-listen is on: whoever reaches the ports spends the quota",
	}
	if diff := cmp.Diff(want, got.Warnings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What --print-config shows is a configuration of its own: read back, it means the same, but for the secrets.
func TestPrintedConfigurationReadsBack(t *testing.T) {
	args := []string{"--upstream-proxy=http://u:CANARY@proxy:1", "--dialect=top", "--upstream-qps=2.5", "--no-http"}
	first := load(t, args, Environ{"ZHAOHUO_APP_KEY": "12345", "ZHAOHUO_APP_SECRET": "CANARY", "ZHAOHUO_ACCESS_TOKEN": "CANARY"})
	var printed bytes.Buffer
	if err := first.Print(&printed); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(printed.String(), "CANARY") {
		t.Fatalf("a secret is shown:\n%s", printed.String())
	}
	for _, line := range []string{`app_secret: '[redacted]'`, `upstream_qps: 2.5`, `app_key: "12345"`} {
		if !strings.Contains(printed.String(), "\n"+line+" ") {
			t.Errorf("no line %q in\n%s", line, printed.String())
		}
	}
	second := load(t, []string{"--config", write(t, "z.yaml", printed.String())}, nil)
	want := first.Settings
	second.Config = ""
	want.Account.AppSecret, want.Account.AccessToken = "[redacted]", "[redacted]"
	want.Upstream.Proxy = "http://%5Bredacted%5D@proxy:1"
	if diff := cmp.Diff(want, second.Settings); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	var page bytes.Buffer
	if err := Markdown(&page); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range Table() {
		if row.Name == "" || row.Help == "" || !strings.HasSuffix(row.Help, ".") || seen[row.Name] {
			t.Errorf("setting %+v lacks a name, a sentence of help, or is twice there", row)
		}
		seen[row.Name] = true
		if !strings.Contains(page.String(), "| `"+row.Env()+"`") {
			t.Errorf("%s is not in the page", row.Env())
		}
	}
	for _, line := range []string{
		"| none | `ZHAOHUO_APP_SECRET` or `ZHAOHUO_APP_SECRET_FILE` | `app_secret` or `app_secret_file` |  | App Secret of the App Key. |",
		"| `--upstream-qps` | `ZHAOHUO_UPSTREAM_QPS` | `upstream_qps` | `4` | Most upstream calls in any second, retries included; 0 is no limit. |",
		"| `--config` | `ZHAOHUO_CONFIG` |  |  | YAML file with settings. |",
	} {
		if !strings.Contains(page.String(), line+"\n") {
			t.Errorf("no line %s in\n%s", line, page.String())
		}
	}
}

// FuzzFile: whatever the file holds, reading it ends in known keys or in an error, and what is read loads or is
// refused; a file that cannot be read is never loaded.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"", "dialect: top\n", "app_key: 1\napp_secret: x\n", "a: &a b\nc: *a\n", "{}", "---\n...\n", "no_http: yes\n", "? [x]\n: y\n",
		"dialect: !!binary aGk=\n", "dialect: |\n  top\n", "upstream_qps: 0x10\n", "\xff", "<<: {dialect: top}\n", "dialect:\n",
	} {
		f.Add([]byte(seed))
	}
	known := fileKeys()
	f.Fuzz(func(t *testing.T, text []byte) {
		values, unread := parseFile(text)
		if unread != nil && values != nil {
			t.Fatal("values beside an error")
		}
		for key := range values {
			if !known[key] {
				t.Fatalf("unknown key %q passed", key)
			}
		}
		loaded, err := Load([]string{"--config", write(t, "z.yaml", string(text))}, nil)
		if (unread != nil && err == nil) || (err == nil) == (loaded == nil) {
			t.Fatalf("read: %v, loaded: %v with %v", unread, loaded, err)
		}
	})
}

// TestNoFalseWarnings: no variable of a setting is called none, whichever setting it is; a mistyped one is.
func TestNoFalseWarnings(t *testing.T) {
	for _, row := range Table() {
		names := []string{row.Env()}
		if row.Secret {
			names = append(names, row.Env()+"_FILE")
		}
		for _, name := range names {
			if got := unknownVariables(Environ{name: "x"}); len(got) != 0 {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
	for _, name := range []string{"ZHAOHUO_API_KEY", "ZHAOHUO_TLS", "ZHAOHUO_CA", "ZHAOHUO_CERT", "ZHAOHUO_CERT_KEY"} { // Those of clients.
		if got := unknownVariables(Environ{name: "x"}); len(got) != 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := unknownVariables(Environ{"ZHAOHUO_API_KEYS_FILES": "x"}); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// TestSecretOfAnEditor: a byte order mark and the line's end are no part of a secret.
func TestSecretOfAnEditor(t *testing.T) {
	got := load(t, nil, Environ{"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET_FILE": write(t, "secret", "\ufeffCANARY\r\n")})
	if got.Account.AppSecret.Reveal() != "CANARY" {
		t.Error("the secret is another")
	}
}
