package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// The load of kept: so many callers over so many connections. REST has a connection for each caller.
const (
	keptCallers     = 64
	keptConnections = 4
	keptRounds      = 5
	keptTime        = 4 * time.Second
	keptKeyword     = "耳机"
)

// search measures KeywordSearch, with stored answers and with an upstream call each: client (h2load), service and reference are
// processes of their own, and the service has its default log level. They take turns. Beside the rates stands the processor time that
// the serving process takes for a request: compare it with that of the reference, because it grows too when the machine is busy.
func search(ctx context.Context, r *report) (err error) {
	k, err := startKept(ctx)
	if err != nil {
		return err
	}
	defer k.stop()
	rounds, length := keptRounds, keptTime
	if r.brief {
		rounds, length = 1, time.Second
	}
	runs := map[string][]cost{}
	targets := k.targets()
	for range rounds {
		for _, t := range targets {
			c, err := k.measure(ctx, t, length, 0)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			runs[t.name] = append(runs[t.name], c)
		}
	}
	for _, t := range targets {
		c := medianCost(runs[t.name])
		r.figure(t.name, "%.1f µs of processor time a request, %.0f requests a second", c.perRequest, c.rate)
	}
	against := func(service, reference string, promised float64) {
		own, other := medianCost(runs[service]), medianCost(runs[reference])
		ratio := other.perRequest / own.perRequest
		r.promise(service+" against "+reference, ratio >= promised, fmt.Sprintf("≥ %.2f ×", promised), "%.2f × by processor time, %.2f × by rate",
			ratio, own.rate/other.rate)
	}
	own, other := medianCost(runs[askedGRPC]), medianCost(runs[bareGRPC])
	r.figure(askedGRPC+" against "+bareGRPC, "%.3f × by processor time, without the sandbox's", other.perRequest/own.perRequest)
	against(overGRPC, bareGRPC, 0.9)
	against(overREST, bareGateway, 2)
	against(overREST, bareStatic, 0.35)
	return k.tail(ctx, r, medianCost(runs[overGRPC]).rate/2, length)
}

// The names of what is measured.
const (
	overGRPC    = "stored answers over gRPC"
	bareGRPC    = "a bare grpc-go handler"
	askedGRPC   = "an upstream call each, over gRPC"
	overREST    = "stored answers over REST"
	zippedREST  = "stored answers over REST, gzip"
	bareGateway = "plain grpc-gateway"
	bareStatic  = "static net/http"
)

// keptRig is the processes of kept.
type keptRig struct {
	platform           *platform
	service, reference *child
	// asking is a service without a cache.
	asking *child
	web    string
	// frame is a file with the request as a gRPC message.
	frame string
	// size is the length of the encoded answer, and text of its JSON.
	size, text int
}

func startKept(ctx context.Context) (_ *keptRig, err error) {
	k := &keptRig{}
	defer func() {
		if err != nil {
			k.stop()
		}
	}()
	if k.platform, err = startSandbox(ctx); err != nil {
		return nil, err
	}
	if k.web, err = freeAddr(ctx); err != nil {
		return nil, err
	}
	settings := map[string]string{
		"ZHAOHUO_HTTP_ADDR": k.web, "ZHAOHUO_OPS_ADDR": "127.0.0.1:0", "ZHAOHUO_DATA_DIR": scratch(),
		"ZHAOHUO_CACHE_FRESH": "KeywordSearch=24h", "ZHAOHUO_LOG_LEVEL": "info",
	}
	if addr := os.Getenv("BENCH_OPS_ADDR"); addr != "" { // To look at profiles while it runs.
		settings["ZHAOHUO_OPS_ADDR"] = addr
	}
	if k.service, err = startQuiet(ctx, against(k.platform.url, settings), serviceRole); err != nil {
		return nil, err
	}
	if k.asking, err = startQuiet(ctx, against(k.platform.url, map[string]string{
		"ZHAOHUO_OPS_ADDR": "127.0.0.1:0", "ZHAOHUO_DATA_DIR": scratch(), "ZHAOHUO_NO_CACHE": "true", "ZHAOHUO_LOG_LEVEL": "info",
	}), serviceRole); err != nil {
		return nil, err
	}
	answer, request, err := k.ask(ctx)
	if err != nil {
		return nil, err
	}
	k.size = len(answer)
	file := filepath.Join(os.TempDir(), "answer")
	k.frame = filepath.Join(os.TempDir(), "frame")
	framed := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(request))), request...)
	if err := errors.Join(os.WriteFile(file, answer, 0o600), os.WriteFile(k.frame, framed, 0o600)); err != nil {
		return nil, err
	}
	if k.reference, err = startQuiet(ctx, nil, referenceRole, file); err != nil {
		return nil, err
	}
	k.text, err = k.jsonSize(ctx)
	return k, err
}

func (k *keptRig) stop() {
	for _, c := range []*child{k.service, k.asking, k.reference} {
		if c != nil {
			c.stop()
		}
	}
	if k.platform != nil {
		k.platform.stop()
	}
}

// ask gets the answer from the service twice: the second one is stored. Both messages are encoded.
func (k *keptRig) ask(ctx context.Context) (answer, request []byte, err error) {
	conn, err := dialText(k.service.said)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	question := &zhaohuov1.KeywordSearchRequest{Keyword: keptKeyword, PageSize: proto.Int32(20)}
	var got *zhaohuov1.KeywordSearchResponse
	for range 2 {
		if got, err = zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(ctx, question); err != nil {
			return nil, nil, err
		}
	}
	if from := got.GetMeta().GetServedFrom(); from != zhaohuov1.ServedFrom_SERVED_FROM_CACHE || len(got.GetProducts()) != 20 {
		return nil, nil, fmt.Errorf("%d products, %s", len(got.GetProducts()), from)
	}
	if answer, err = proto.Marshal(got); err != nil {
		return nil, nil, err
	}
	request, err = proto.Marshal(question)
	return answer, request, err
}

const keptPath = "/v1/products:keywordSearch"

func keptQuery() string {
	return keptPath + "?" + url.Values{"keyword": {keptKeyword}, "page_size": {"20"}}.Encode()
}

// jsonSize is the length of the service's answer over REST.
func (k *keptRig) jsonSize(ctx context.Context) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+k.web+keptQuery(), nil)
	if err != nil {
		return 0, err
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", response.Status, body)
	}
	return len(body), err
}

// target is one server to ask.
type target struct {
	name    string
	by      *child
	url     string
	rest    bool
	headers []string
	// least is how many bytes an answer has at least, on average: the last ones are cut off.
	least int
}

func (k *keptRig) targets() []target {
	at := strings.Fields(k.reference.said)
	rpc := "/zhaohuo.v1.SearchService/KeywordSearch"
	return []target{
		{name: overGRPC, by: k.service, url: "http://" + k.service.said + rpc, least: k.size * 9 / 10},
		{name: bareGRPC, by: k.reference, url: "http://" + at[0] + rpc, least: k.size * 9 / 10},
		{name: askedGRPC, by: k.asking, url: "http://" + k.asking.said + rpc, least: k.size / 2},
		{name: overREST, by: k.service, url: "http://" + k.web + keptQuery(), rest: true, least: k.text * 9 / 10},
		{name: zippedREST, by: k.service, url: "http://" + k.web + keptQuery(), rest: true, headers: []string{"accept-encoding: gzip"}, least: k.text / 20},
		{name: bareGateway, by: k.reference, url: "http://" + at[1] + keptQuery(), rest: true, least: k.text * 9 / 10},
		{name: bareStatic, by: k.reference, url: "http://" + at[2] + keptQuery(), rest: true, least: k.text * 9 / 10},
	}
}

// cost is what a request takes.
type cost struct {
	// perRequest is the processor time of the serving process in microseconds.
	perRequest float64
	// rate is requests a second.
	rate float64
}

func medianCost(all []cost) cost {
	var times, rates []float64
	for _, c := range all {
		times, rates = append(times, c.perRequest), append(rates, c.rate)
	}
	return cost{median(times), median(rates)}
}

// measure asks for a while, as fast as the server answers, or at a rate. It fails if an answer fails or is too small.
func (k *keptRig) measure(ctx context.Context, t target, length time.Duration, perSecond float64, more ...string) (cost, error) {
	args := []string{"-t", "1", "-D", strconv.Itoa(int(length.Seconds()))}
	if t.rest {
		args = append(args, "--h1", "-c", strconv.Itoa(keptCallers))
	} else {
		args = append(args, "-c", strconv.Itoa(keptConnections), "-m", strconv.Itoa(keptCallers/keptConnections),
			"-d", k.frame, "-H", "content-type: application/grpc", "-H", "te: trailers")
		if perSecond > 0 {
			args = append(args, "--rps", strconv.Itoa(max(int(perSecond/keptConnections), 1)))
		}
	}
	for _, header := range t.headers {
		args = append(args, "-H", header)
	}
	before, err := t.by.spent()
	if err != nil {
		return cost{}, err
	}
	out, err := exec.CommandContext(ctx, "h2load", append(append(args, more...), t.url)...).CombinedOutput() //nolint:gosec // The arguments are ours.
	if err != nil {
		return cost{}, fmt.Errorf("h2load: %w: %.500s", err, out)
	}
	after, err := t.by.spent()
	if err != nil {
		return cost{}, err
	}
	done, rate, size, err := readLoad(string(out))
	if err != nil {
		return cost{}, err
	}
	if size < float64(t.least) {
		return cost{}, fmt.Errorf("an answer has %.0f bytes, and should have %d", size, t.least)
	}
	return cost{(after - before).Seconds() * 1e6 / done, rate}, nil
}

// readLoad reads h2load's report: the requests that were answered, their rate, and the bytes of an answer.
func readLoad(out string) (done, rate, size float64, err error) {
	number := func(pattern string) float64 {
		found := regexp.MustCompile(pattern).FindStringSubmatch(out)
		if found == nil {
			err = errors.Join(err, fmt.Errorf("h2load's report has no %s: %.1000s", pattern, out))
			return 0
		}
		value, wrong := strconv.ParseFloat(found[1], 64)
		err = errors.Join(err, wrong)
		return value
	}
	done = number(`status codes: (\d+) 2xx`)
	rate = number(`finished in [^,]+, ([\d.]+) req/s`)
	refused := number(`2xx, (\d+) 3xx`) + number(`3xx, (\d+) 4xx`) + number(`4xx, (\d+) 5xx`) + number(`(\d+) errored`)
	data := number(`\((\d+)\) data`)
	if err == nil && (done == 0 || refused > 0) {
		err = fmt.Errorf("%.0f requests were answered, %.0f were refused or failed", done, refused)
	}
	return done, rate, data / max(done, 1), err
}

// tail compares the slowest answers of service and bare handler, at half the service's greatest rate.
func (k *keptRig) tail(ctx context.Context, r *report, perSecond float64, length time.Duration) error {
	p99 := map[string][]float64{}
	rounds := keptRounds
	if r.brief {
		rounds = 1
	}
	for range rounds {
		for _, t := range k.targets()[:2] {
			file := filepath.Join(os.TempDir(), "times")
			if _, err := k.measure(ctx, t, length, perSecond, "--log-file", file); err != nil {
				return err
			}
			v, err := percentile(file)
			if err := errors.Join(err, os.Remove(file)); err != nil {
				return err
			}
			p99[t.name] = append(p99[t.name], v)
		}
	}
	own, other := median(p99[overGRPC]), median(p99[bareGRPC])
	r.promise(fmt.Sprintf("p99 at %.0f requests a second, against the bare handler's", perSecond), own <= 1.5*other, "≤ 1.50 ×",
		"%.2f × (%.2f ms against %.2f ms)", own/other, own/1000, other/1000)
	return nil
}

// percentile is the 99th percentile of the third column of a file, in microseconds.
func percentile(path string) (float64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	var times []float64
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		v, err := strconv.ParseFloat(fields[2], 64)
		if err != nil {
			return 0, err
		}
		times = append(times, v)
	}
	if len(times) == 0 {
		return 0, errors.New("no request was answered")
	}
	slices.Sort(times)
	return times[len(times)*99/100], nil
}
