package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/test/certificate"
)

const (
	// everythingShare is the promise: what is left of the rate when everything is on.
	everythingShare = 0.85
	// keysThere is how many API keys a service has that has any.
	keysThere = 20
	// tracedShare is the part of the requests that are traced.
	tracedShare = 0.01
)

// extra is what a service can do beside answering.
type extra uint

const (
	withTLS extra = 1 << iota
	withKeys
	withMetrics
	withTraces
	withLog
	withAll = withTLS | withKeys | withMetrics | withTraces | withLog
)

// extras are the services that are compared, in the order in which they take turns.
func extras() []struct {
	name string
	on   extra
} {
	return []struct {
		name string
		on   extra
	}{
		{"everything off", 0},
		{"TLS", withTLS},
		{fmt.Sprintf("%d API keys", keysThere), withKeys},
		{"metrics, read once a turn", withMetrics},
		{"traces at 1 %", withTraces},
		{"the access log", withLog},
		{"everything on", withAll},
	}
}

// everything measures what TLS, API keys, metrics, traces and the access log cost a kept KeywordSearch over gRPC. Client (h2load),
// services, the receiver of traces and the sandbox are processes of their own. The services take turns.
func everything(ctx context.Context, r *report) (err error) {
	g := &extraRig{}
	defer g.stop()
	if err := g.start(ctx); err != nil {
		return err
	}
	rounds, length := keptRounds+2, keptTime
	if r.brief {
		rounds, length = 1, time.Second
	}
	runs := map[string][]cost{}
	for round := range rounds {
		for i, e := range extras() {
			c, err := g.measure(ctx, g.services[i], length)
			if err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			if round > 0 || rounds == 1 { // The first one warms up.
				runs[e.name] = append(runs[e.name], c)
			}
		}
	}
	off := medianCost(runs[extras()[0].name])
	for _, e := range extras() {
		c := medianCost(runs[e.name])
		r.figure(e.name, "%.1f µs of processor time a request (%+.1f), %.0f requests a second (%.2f ×)", c.perRequest, c.perRequest-off.perRequest, c.rate,
			c.rate/off.rate)
	}
	spans, err := g.spans(ctx)
	if err != nil {
		return err
	}
	r.figure("spans that the receiver of traces got", "%d", spans)
	all := medianCost(runs["everything on"])
	left := off.perRequest / all.perRequest
	r.promise("everything on, against everything off", left >= everythingShare, fmt.Sprintf("≥ %.2f ×", everythingShare),
		"%.2f × by processor time, %.2f × by rate", left, all.rate/off.rate)
	return nil
}

// extraRig is the processes of everything.
type extraRig struct {
	platform  *platform
	collector *child
	services  []*extraService
	// authority is the certificate of the services with TLS, keys the file of API keys, and key one of them.
	certificate, privateKey, keys string
	pool                          *x509.CertPool
	key                           secret.Text
	frame                         string
}

// extraService is one service, and how it is asked.
type extraService struct {
	*child
	on     extra
	ops    string
	log    *os.File
	target target
}

func (g *extraRig) stop() {
	for _, s := range g.services {
		s.stop()
		if s.log != nil {
			_ = s.log.Close()
		}
	}
	if g.collector != nil {
		g.collector.stop()
	}
	if g.platform != nil {
		g.platform.stop()
	}
}

func (g *extraRig) start(ctx context.Context) (err error) {
	if g.platform, err = startSandbox(ctx); err != nil {
		return err
	}
	if g.collector, err = startChild(ctx, nil, collectorRole); err != nil {
		return err
	}
	if err := errors.Join(g.makeCertificate(), g.makeKeys()); err != nil {
		return err
	}
	question := &zhaohuov1.KeywordSearchRequest{Keyword: keptKeyword, PageSize: proto.Int32(20)}
	request, err := proto.Marshal(question)
	if err != nil {
		return err
	}
	g.frame = filepath.Join(os.TempDir(), "everything-frame")
	framed := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(request))), request...)
	if err := os.WriteFile(g.frame, framed, 0o600); err != nil {
		return err
	}
	for _, e := range extras() {
		if err := g.serve(ctx, e.on, question); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return nil
}

// serve starts a service with some of what there is, and has it store the answer.
func (g *extraRig) serve(ctx context.Context, on extra, question *zhaohuov1.KeywordSearchRequest) (err error) {
	s := &extraService{on: on}
	if s.ops, err = freeAddr(ctx); err != nil {
		return err
	}
	settings := map[string]string{
		"ZHAOHUO_OPS_ADDR": s.ops, "ZHAOHUO_NO_HTTP": "true", "ZHAOHUO_DATA_DIR": scratch(), "ZHAOHUO_CACHE_FRESH": "KeywordSearch=24h",
		"ZHAOHUO_LOG_LEVEL": "error",
	}
	scheme := "http://"
	if on&withTLS != 0 {
		settings["ZHAOHUO_TLS_CERT"], settings["ZHAOHUO_TLS_KEY"], scheme = g.certificate, g.privateKey, "https://"
	}
	if on&withKeys != 0 {
		settings["ZHAOHUO_API_KEYS_FILE"] = g.keys
		s.target.headers = append(s.target.headers, "authorization: Bearer "+g.key.Reveal())
	}
	if on&withMetrics == 0 {
		settings[withoutMetrics] = "true"
	}
	if on&withTraces != 0 {
		settings["ZHAOHUO_OTLP_ENDPOINT"] = "http://" + strings.Fields(g.collector.said)[0]
		settings["ZHAOHUO_TRACE_SHARE"] = strconv.FormatFloat(tracedShare, 'f', -1, 64)
	}
	if on&withLog != 0 { // To a file, as under a process manager.
		settings["ZHAOHUO_LOG_LEVEL"] = "info"
		if s.log, err = os.Create(filepath.Join(scratch(), "log")); err != nil {
			return err
		}
	}
	if s.child, err = startWithLog(ctx, s.log, against(g.platform.url, settings), serviceRole); err != nil {
		return err
	}
	g.services = append(g.services, s)
	size, err := g.ask(ctx, s, question)
	s.target.by, s.target.url, s.target.least = s.child, scheme+s.said+zhaohuov1.SearchService_KeywordSearch_FullMethodName, size*9/10
	return err
}

// ask asks the service twice: the second answer is stored. It returns the answer's size.
func (g *extraRig) ask(ctx context.Context, s *extraService, question *zhaohuov1.KeywordSearchRequest) (size int, err error) {
	security := insecure.NewCredentials()
	if s.on&withTLS != 0 {
		security = credentials.NewTLS(&tls.Config{RootCAs: g.pool, MinVersion: tls.VersionTLS12})
	}
	conn, err := grpc.NewClient(s.said, grpc.WithTransportCredentials(security))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if s.on&withKeys != 0 {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+g.key.Reveal())
	}
	var got *zhaohuov1.KeywordSearchResponse
	for range 2 {
		if got, err = zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(ctx, question); err != nil {
			return 0, err
		}
	}
	if from := got.GetMeta().GetServedFrom(); from != zhaohuov1.ServedFrom_SERVED_FROM_CACHE {
		return 0, fmt.Errorf("the second answer is %s", from)
	}
	return proto.Size(got), nil
}

// measure has h2load ask one service for a while. A service with metrics has them read meanwhile.
func (g *extraRig) measure(ctx context.Context, s *extraService, length time.Duration) (cost, error) {
	read := make(chan error, 1)
	go func() {
		if s.on&withMetrics == 0 {
			read <- nil
			return
		}
		_, err := fetchText(ctx, "http://"+s.ops+"/metrics")
		read <- err
	}()
	c, err := (&keptRig{frame: g.frame}).measure(ctx, s.target, length, 0)
	err = errors.Join(err, <-read)
	if s.log != nil { // It is written, and need not be kept.
		err = errors.Join(err, s.log.Truncate(0))
	}
	return c, err
}

// spans is how many spans the receiver of traces got.
func (g *extraRig) spans(ctx context.Context) (int, error) {
	text, err := fetchText(ctx, "http://"+strings.Fields(g.collector.said)[1])
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

func fetchText(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", response.Status, body)
	}
	return string(body), err
}

// makeKeys writes a file with API keys. The last one is used, which takes longest to find if it is searched for.
func (g *extraRig) makeKeys() error {
	var list strings.Builder
	for i := range keysThere {
		var entry callers.Entry
		g.key, entry = callers.Mint(callers.Entry{Name: fmt.Sprint("caller", i)})
		list.WriteString(entry.YAML())
	}
	g.keys = filepath.Join(os.TempDir(), "keys.yaml")
	return os.WriteFile(g.keys, []byte(list.String()), 0o600)
}

// makeCertificate writes a certificate for 127.0.0.1 and its key.
func (g *extraRig) makeCertificate() error {
	var err error
	if g.certificate, g.privateKey, err = certificate.Write(os.TempDir(), nil); err != nil {
		return err
	}
	text, err := os.ReadFile(g.certificate)
	if err != nil {
		return err
	}
	g.pool = x509.NewCertPool()
	g.pool.AppendCertsFromPEM(text)
	return nil
}
