// Package config is every setting of the service, once: the struct [Settings] makes the flags, the environment
// variables, the keys of the YAML file, the defaults and the documentation.
//
// A setting has one name. `upstream-qps` is the flag `--upstream-qps`, the variable `ZHAOHUO_UPSTREAM_QPS` and the key
// `upstream_qps` of the file. A flag beats a variable, a variable beats the file, the file beats the default; an
// empty variable counts as not set. Secrets have no flag, since everybody on a machine can read another process's
// command line: they come from a variable, the file, or a file of their own (`…_FILE`).
//
// The package reads and checks; it opens no port, no connection and no store.
package config

import (
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Settings are all settings of the service. Each section is a heading of the documentation and of the help text.
type Settings struct {
	Config string `name:"config" placeholder:"FILE" help:"YAML file with settings."`

	Account  Account  `embed:"" section:"Account at 1688"`
	Tokens   Tokens   `embed:"" section:"Access tokens"`
	Upstream Upstream `embed:"" section:"Upstream"`
	Products Products `embed:"" section:"Upstream: products and sellers"`
	Quota    Quota    `embed:"" section:"Quota"`
	Cache    Cache    `embed:"" section:"Cache"`
	Photos   Photos   `embed:"" section:"Images"`
	Watches  Watches  `embed:"" section:"Price watches"`
	Pushes   Pushes   `embed:"" section:"Pushes of 1688"`
	Listen   Listen   `embed:"" section:"Serving"`
	Doors    Doors    `embed:"" section:"Connections and bodies"`
	Callers  Callers  `embed:"" section:"Callers"`
	Agents   Agents   `embed:"" section:"Agents"`
	Sandbox  Sandbox  `embed:"" section:"Sandbox"`
	Watching Watching `embed:"" section:"Logs and traces"`
}

// Account has the credentials for 1688. Without an App Key the service runs its sandbox.
type Account struct {
	AppKey      string      `name:"app-key" placeholder:"KEY" help:"App Key of the open platform. Unset: the service answers from its sandbox, with made-up goods."`
	AppSecret   secret.Text `kong:"-" name:"app-secret" help:"App Secret of the App Key."`
	AccessToken secret.Text `kong:"-" name:"access-token" help:"Access token that does not expire: a user's persistent one, or the fixed one of a self-use app."`
	Accounts    string      `name:"accounts" placeholder:"LIST" help:"Several App Keys in place of app-key: a list with name, app_key and app_secret_file for each, and where they differ access_token_file, token_mode, upstream_qps, upstream_daily, upstream_api_limits and apis (a list, or all). Each call goes through the account that may make it and can send it first. A list in the file; YAML in one line elsewhere. See OPERATIONS.md."`
}

// Upstream has the settings of the connection to 1688.
type Upstream struct {
	Dialect          string        `name:"dialect" default:"aop" enum:"aop,top" help:"Protocol of the upstream: aop (the gateway gw.open.1688.com) or top (router/rest)."`
	URL              string        `name:"upstream-url" placeholder:"URL" help:"Address of the upstream. aop: scheme and host, by default https://gw.open.1688.com; top: the whole address, by default https://api.1688.com/router/rest."`
	SignMethod       string        `name:"sign-method" default:"md5" enum:"md5,hmac,hmac-sha256,hmac-sha1" help:"How top signs. hmac-sha1 is the form that only some resellers know."`
	AOPKeywordAPI    string        `name:"aop-keyword-api" default:"com.alibaba.fenxiao.crossborder:product.search.keywordQuery-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for a search by words."`
	AOPUploadAPI     string        `name:"aop-upload-api" default:"com.alibaba.fenxiao.crossborder:product.image.upload-1" placeholder:"NS:NAME-VERSION" help:"API that aop sends a photo to before it searches by it."`
	AOPImageAPI      string        `name:"aop-image-api" default:"com.alibaba.fenxiao.crossborder:product.search.imageQuery-1" placeholder:"NS:NAME-VERSION" help:"API that aop asks for a search by photo."`
	AOPSkipTranslate bool          `name:"aop-skip-keyword-translation" help:"Have aop search for keywords as they are written (keywordTranslate=true). By default 1688 translates them first. zhaohuo doctor --compare-translate tells which finds more."`
	TOPKeywordMethod string        `name:"top-keyword-method" default:"com.alibaba.product.search" placeholder:"METHOD" help:"Method that top asks for a search by words."`
	TOPImageMethod   string        `name:"top-image-method" default:"alibaba.image.search" placeholder:"METHOD" help:"Method that top asks for a search by photo."`
	TOPKeywordForm   string        `name:"top-keyword-form" default:"flat" enum:"flat,wholesale-json" help:"How top writes a search by words: flat (a parameter a criterion) or wholesale-json (all in one JSON parameter)."`
	Timeout          time.Duration `name:"upstream-timeout" default:"10s" help:"Longest time for one attempt, from connecting to the answer's last byte."`
	Attempts         int           `name:"upstream-attempts" default:"3" placeholder:"N" help:"Most attempts for one question."`
	Backoff          time.Duration `name:"upstream-backoff" default:"200ms" help:"Wait before the second attempt; it doubles for each further one."`
	BackoffMax       time.Duration `name:"upstream-backoff-max" default:"5s" help:"Longest wait between two attempts."`
	Breaker          int           `name:"upstream-breaker" default:"5" placeholder:"N" help:"After how many failures in a row, without any answer in between, the upstream is not called for 1 to 4 seconds; then one call finds out. Repetitions are bounded, too. 0 never stops."`
	Proxy            string        `name:"upstream-proxy" default:"none" placeholder:"none|env|URL" help:"Proxy for upstream calls: none, env (HTTPS_PROXY and similar variables), or an address."`
	AnswerBytesMax   int64         `name:"answer-bytes-max" default:"8388608" placeholder:"BYTES" help:"Largest upstream answer that is read."`
	PageSizeMax      int32         `name:"page-size-max" default:"50" placeholder:"N" help:"Largest page the upstream serves, 1 to 50."`
	ResultWindow     int32         `name:"result-window" default:"2000" placeholder:"N" help:"How many goods of one search can be reached by pages at the upstream."`
	Codes            string        `name:"upstream-codes" placeholder:"MAP" help:"What the upstream means by undocumented codes and words: a map with success (codes that mean success), faults and phrases (what an error code, or words of a message, mean), scopes (what a limit holds for), ban_max (longest ban that is a rate limit) and token_codes. A map in the file; YAML in one line elsewhere. See OPERATIONS.md."`
}

// Quota has the limits of upstream calls.
type Quota struct {
	QPS       float64     `name:"upstream-qps" default:"4" placeholder:"N" help:"Most upstream calls in any second, retries included; 0 is no limit."`
	Daily     int64       `name:"upstream-daily" default:"0" placeholder:"N" help:"Most upstream calls in a calendar day of China; 0 is no limit. The count survives a restart."`
	PerAPI    string      `name:"upstream-api-limits" placeholder:"API=QPS[/DAILY],…" help:"Further limits of single APIs, for example com.alibaba.fenxiao.crossborder:product.search.imageQuery-1=2/5000."`
	Margin    float64     `name:"quota-margin" default:"0.01" placeholder:"PART" help:"Smallest part of the rate that is left unused, 0 to 0.45, because calls may arrive closer together than they left. When the upstream throttles, the part grows, up to 0.25; half of this growth is given up again in a day."`
	QueueMax  int         `name:"queue-max" default:"32768" placeholder:"N" help:"Most calls of each class (people, batches) that wait for their turn. One caller alone may fill half of it. Requests beyond it are refused at once as QUOTA_QUEUE_FULL, with the time to wait; parts of batches go on waiting."`
	RedisURL  secret.Text `kong:"-" name:"redis-url" help:"Redis that holds limits, answers and access tokens (encrypted) for all replicas, as redis://user:password@host:port/0 or rediss://. Unset: this process counts alone, and processes that share tokens by OAuth need one data-dir."`
	RedisLost string      `name:"redis-lost" default:"deny" enum:"deny,share" help:"What happens while Redis is lost: deny (calls fail as UNAVAILABLE) or share (each replica takes the limit divided by quota-replicas, which a partition may exceed)."`
	Replicas  int         `name:"quota-replicas" default:"1" placeholder:"N" help:"How many replicas share the limit, for redis-lost share."`
}

// Listen has the addresses of the service, and the timeouts of its start and stop.
type Listen struct {
	GRPCAddr         string        `name:"grpc-addr" default:"127.0.0.1:9090" placeholder:"HOST:PORT" help:"Where gRPC is served. Port 0 takes a free one."`
	HTTPAddr         string        `name:"http-addr" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where REST is served. Port 0 takes a free one."`
	OpsAddr          string        `name:"ops-addr" default:"127.0.0.1:9464" placeholder:"HOST:PORT" help:"Where operators find metrics, profiles and health, without a key and without TLS: callers should not reach it. If the default port is in use, a free one is chosen and logged."`
	NoHTTP           bool          `name:"no-http" help:"Serve gRPC alone."`
	Origins          string        `name:"cors-origins" placeholder:"ORIGIN,…" help:"Web origins whose pages may call REST from a browser, exact, such as https://shop.example. Unset: none."`
	TLSCert          string        `name:"tls-cert" placeholder:"FILE" help:"Certificate chain (PEM) of both ports."`
	TLSKey           string        `name:"tls-key" placeholder:"FILE" help:"Private key (PEM) of the certificate."`
	TLSClientCA      string        `name:"tls-client-ca" placeholder:"FILE" help:"Certificates (PEM) that sign callers' certificates. Set: a caller without one is refused."`
	InsecureListen   bool          `name:"insecure-listen" help:"Allow an address off loopback without TLS and authenticated callers: whoever reaches the port spends the quota."`
	RequestBytesMax  int           `name:"request-bytes-max" default:"4718592" placeholder:"BYTES" help:"Largest request, over gRPC and REST. The default has room for an image of 3 MiB as base64 in JSON. Uploads have bounds of their own."`
	DefaultTimeout   time.Duration `name:"default-timeout" default:"30s" help:"How long a request may take if its caller sets no deadline."`
	TimeoutMax       time.Duration `name:"timeout-max" default:"10m" help:"Longest time a request may take, whatever deadline its caller set."`
	StreamTimeout    time.Duration `name:"stream-timeout" default:"6h" help:"How long a batch, or a whole result that is streamed, may take when its caller set no deadline. 0 is as long as stream-timeout-max."`
	StreamTimeoutMax time.Duration `name:"stream-timeout-max" default:"24h" help:"Longest time a batch, or a whole result that is streamed, may take, whatever deadline its caller set. 0 is no limit."`
	LameDuck         time.Duration `name:"lame-duck" default:"1s" help:"How long the server still accepts requests after its health checks report that it stops."`
	DrainTimeout     time.Duration `name:"drain-timeout" default:"20s" help:"How long requests in progress may take to end after that, before they are cut off."`
	DataDir          string        `name:"data-dir" placeholder:"DIR" help:"Where files are kept that survive a restart. By default $$XDG_DATA_HOME/zhaohuo, else ~/.local/share/zhaohuo; it is made when something is first kept. Each replica keeps its copy of the access tokens here: give each its own if redis-url is set, and all on one machine the same if it is not."`
}

// Sandbox has the settings of the built-in upstream with made-up products.
type Sandbox struct {
	QPS     int           `name:"sandbox-qps" default:"10" placeholder:"N" help:"Calls a second that the sandbox accepts before it throttles; 0 is no limit."`
	Latency time.Duration `name:"sandbox-latency" default:"0s" help:"How long the sandbox waits before each answer."`
	Drift   time.Duration `name:"sandbox-drift" default:"0s" help:"How long each step of the sandbox's moving prices lasts: at every second step an offer costs something else, and some offers go away for a while. 0 has prices stand still, so that equal questions have equal answers."`
	Catalog string        `name:"sandbox-catalog" placeholder:"DIR" help:"Folder with goods of your own for the sandbox: offers.jsonl or offers.csv, and photos. Unset: made-up goods."`
}

// Watching has the settings of logs, metrics and traces.
type Watching struct {
	LogLevel     string  `name:"log-level" default:"info" enum:"debug,info,warn,error" help:"Lowest level that is logged: debug, info, warn or error."`
	LogFormat    string  `name:"log-format" default:"text" enum:"text,json" help:"Form of the log on standard error: text or json."`
	OTLPEndpoint string  `name:"otlp-endpoint" placeholder:"URL" help:"OTLP collector (gRPC) for traces, as http://host:4317 or https://host:4317. Unset: no traces."`
	AuditFile    string  `name:"audit-file" placeholder:"FILE" help:"File of one JSON object per request: who asked what, and what it cost; without photos and secrets. Unset: none."`
	AuditSize    int     `name:"audit-size" default:"100" placeholder:"MEGABYTES" help:"Size at which audit-file is set aside under a name with its time, and begun anew."`
	AuditFiles   int     `name:"audit-files" default:"10" placeholder:"N" help:"How many of those are kept; the oldest are removed first."`
	TraceShare   float64 `name:"trace-share" default:"1" placeholder:"PART" help:"Part of the requests that are traced, 0 to 1. A request that is part of its caller's trace is traced if that is."`
}

// OriginList is Origins, one by one.
func (l *Listen) OriginList() []string { return listOf(l.Origins) }

// Live reports whether answers come from 1688 and not from the sandbox.
func (s *Settings) Live() bool { return s.Account.AppKey != "" || s.Account.Accounts != "" }
