package app

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/test/hostile"
)

// cost is what the process used.
type cost struct {
	processor time.Duration
	allocated uint64
}

func spent(t *testing.T, do func()) cost {
	t.Helper()
	before, memory := processor(t), allocated()
	do()
	return cost{processor(t) - before, allocated() - memory}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func processor(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// largestGood is a valid request as large as the malicious ones. It costs no upstream call, because its resume token
// belongs to no batch.
func largestGood() *zhaohuov1.BatchKeywordSearchRequest {
	q := &zhaohuov1.BatchKeywordSearchRequest{ResumeToken: "none of ours"}
	for i := range 1000 {
		q.Keywords = append(q.Keywords, strings.Repeat("词", 95)+strconv.Itoa(i))
	}
	return q
}

// TestHostileRequestsCostNoMoreThanGoodOnes: every field of every RPC is grown far over its bound, with a broken rule
// in each item. Its refusal costs about as much as a valid request of that size. Nothing depends on the clock.
func TestHostileRequestsCostNoMoreThanGoodOnes(t *testing.T) {
	r := start(t, settings(t, nil, "--data-dir="+t.TempDir()), false) // Price watches are kept there.
	conn, base := outside(t, r.App), "http://"+r.HTTPAddr().String()
	ctx, cancel := context.WithTimeout(t.Context(), 10*testTimeout)
	defer cancel()

	batch := zhaohuov1.File_zhaohuo_v1_search_service_proto.Services().ByName("SearchService").Methods().ByName("BatchKeywordSearch")
	good, err := protojson.Marshal(largestGood())
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	measure := func() cost {
		runtime.GC() // Collects earlier garbage before the measurement.
		return spent(t, func() {
			if err := hostile.Invoke(ctx, conn, batch, largestGood()); status.Code(err) != codes.InvalidArgument {
				t.Fatal(err)
			}
			if code, err := hostile.Post(ctx, client, base+"/v1/products:batchKeywordSearch", nil, good); err != nil || code != http.StatusBadRequest {
				t.Fatal(code, err)
			}
		})
	}
	measure() // One-time setup is not measured.
	yardstick := measure()
	most := cost{10*yardstick.processor + time.Second/2, 10*yardstick.allocated + 8<<20}
	check := func(what string, got cost) {
		t.Helper()
		if got.processor > most.processor || got.allocated > most.allocated {
			t.Errorf("%s: %v and %d KiB; a good request costs %v and %d KiB", what,
				got.processor, got.allocated>>10, yardstick.processor, yardstick.allocated>>10)
		}
	}
	all, err := hostile.Requests()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		runtime.GC() // Once for each request, because it takes longer than most of what is measured.
		if q.Method != nil {
			check(q.String()+" over gRPC", spent(t, func() {
				err := hostile.Invoke(ctx, conn, q.Method, q.Message)
				if code := status.Code(err); q.List && code != codes.InvalidArgument {
					t.Errorf("%v: %v", q, err)
				}
			}))
		}
		bodies, err := q.Bodies()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range q.Paths {
			for _, body := range bodies {
				check("POST "+path+" "+string(body[:60]), spent(t, func() {
					if code, err := hostile.Post(ctx, client, base+path, nil, body); err != nil || q.List && code != http.StatusBadRequest {
						t.Errorf("POST %s: %d %v", path, code, err)
					}
				}))
			}
		}
		if ctx.Err() != nil {
			t.Fatalf("%v: it does not end", q)
		}
	}
	runtime.GC()
	for what, query := range hostile.Queries() {
		check("GET "+what, spent(t, func() {
			if code, err := hostile.Get(ctx, client, base+"/v1/products:keywordSearch?"+query, nil); err != nil || code != http.StatusBadRequest {
				t.Errorf("GET %s: %d %v", what, code, err)
			}
		}))
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
