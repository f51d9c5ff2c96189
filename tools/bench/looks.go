package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

// distantRole is a platform whose pictures take long: a proxy before the sandbox that delays each picture. The argument is the
// sandbox's address.
const distantRole = "--as-distant"

const (
	// pictureDelay is how long a picture takes to arrive.
	pictureDelay = 300 * time.Millisecond
	// looksAlone and looksTogether are the promises: the time of one question, and of three at once.
	looksAlone    = 2 * time.Second
	looksTogether = 4 * time.Second
	together      = 3
)

// runDistant runs in the child process. It prints its address and serves until it is signalled.
func runDistant(sandbox string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	to, err := url.Parse(sandbox)
	if err != nil {
		return err
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		// The sandbox writes the addresses of its pictures with the host that it is asked at.
		r.Out.Host = r.In.Host
	}}
	port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/img/") {
			pause.For(r.Context(), pictureDelay)
		}
		proxy.ServeHTTP(w, r)
	})}
	fmt.Printf("http://%s\n", port.Addr())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(port) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

// looks measures questions whose pictures come from far away: FindSource with a picture, where every picture of the candidates is
// fetched and compared. Sandbox, proxy, service and caller are four processes. No picture is asked for twice.
func looks(ctx context.Context, r *report) (err error) {
	rounds := 5
	if r.brief {
		rounds = 2
	}
	sandbox, err := startSandbox(ctx)
	if err != nil {
		return err
	}
	defer sandbox.stop()
	distant, err := startChild(ctx, nil, distantRole, sandbox.url)
	if err != nil {
		return err
	}
	defer distant.stop()
	at, err := url.Parse(distant.said)
	if err != nil {
		return err
	}
	service, err := startChild(ctx, against(distant.said, map[string]string{"ZHAOHUO_IMAGE_HOSTS": at.Host, "ZHAOHUO_DATA_DIR": scratch()}), serviceRole)
	if err != nil {
		return err
	}
	defer service.stop()
	conn, err := grpc.NewClient(service.said, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	client, remote := zhaohuov1.NewComboServiceClient(conn), &platform{url: distant.said}
	questions := sourcesAsked(1)
	for i := range questions {
		questions[i].words, questions[i].picture = false, true
	}
	// The sandbox takes the fingerprints of its own pictures first.
	if err := warm(ctx, client, remote, questions[0]); err != nil {
		return err
	}
	before, err := service.spent()
	if err != nil {
		return err
	}
	alone, pictures, questions, err := longest(ctx, client, remote, questions[1:], rounds, 1)
	if err != nil {
		return err
	}
	between, err := service.spent()
	if err != nil {
		return err
	}
	crowd, _, _, err := longest(ctx, client, remote, questions, rounds, together)
	if err != nil {
		return err
	}
	after, err := service.spent()
	if err != nil {
		return err
	}
	what := fmt.Sprintf("FindSource by picture, each of %d pictures takes %v", pictures, pictureDelay)
	r.promise(what+": alone", alone <= looksAlone, looksAlone.String(), "%.2f s, the longest of %d", alone.Seconds(), rounds)
	r.promise(fmt.Sprintf("the same: %d at once, the last answer", together), crowd <= looksTogether, looksTogether.String(), "%.2f s, the longest of %d", crowd.Seconds(), rounds)
	r.figure("processor time of the service for a question, mean: alone", "%.2f s", (between-before).Seconds()/float64(rounds))
	r.figure(fmt.Sprintf("the same: %d at once", together), "%.2f s", (after-between).Seconds()/float64(rounds*together))
	return looksByWords(ctx, r, service, client, rounds)
}

// manyFound are words that find a full page of goods each. Nobody else asks for these goods before.
var manyFound = []string{"雨伞", "保温杯", "耳机", "手机壳", "连衣裙"}

// looksByWords measures questions by words, where there is no image to compare with: each image is compared with those that it looks
// most like. This takes the most fine comparisons.
func looksByWords(ctx context.Context, r *report, service *child, client zhaohuov1.ComboServiceClient, rounds int) error {
	before, err := service.spent()
	if err != nil {
		return err
	}
	asked := manyFound[:min(rounds, len(manyFound))]
	pictures, cut := 0, 0
	for _, words := range asked {
		answer, err := client.FindSource(ctx, &zhaohuov1.FindSourceRequest{Keyword: words})
		if err != nil {
			return err
		}
		pictures += int(answer.GetMeta().GetImagesFetched())
		for _, note := range answer.GetMeta().GetNotes() {
			if note.GetKind() == zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_PAIRS_BOUNDED {
				cut++
			}
		}
	}
	after, err := service.spent()
	if err != nil {
		return err
	}
	r.figure(fmt.Sprintf("processor time of the service for a question by words, mean, %d pictures", pictures/len(asked)), "%.2f s", (after-before).Seconds()/float64(len(asked)))
	r.figure("questions by words of which not all pairs were compared", "%d of %d", cut, len(asked))
	return nil
}

// longest asks some questions at once, some times, and gives the longest time until the last answer, the mean number of pictures
// for a question, and the questions that are left.
func longest(ctx context.Context, client zhaohuov1.ComboServiceClient, p *platform, questions []sourceQuestion, rounds, atOnce int) (time.Duration, int, []sourceQuestion, error) {
	var took []time.Duration
	pictures := 0
	for range rounds {
		var all sync.WaitGroup
		answers, failed := make([]*zhaohuov1.FindSourceResponse, atOnce), make([]error, atOnce)
		from := time.Now()
		for i, q := range questions[:atOnce] {
			all.Go(func() { answers[i], failed[i] = ask(ctx, client, p, q) })
		}
		all.Wait()
		took = append(took, time.Since(from))
		if err := errors.Join(failed...); err != nil {
			return 0, 0, nil, err
		}
		for _, a := range answers {
			pictures += int(a.GetMeta().GetImagesFetched())
		}
		questions = questions[atOnce:]
	}
	return slices.Max(took), pictures / (rounds * atOnce), questions, nil
}
