package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

const (
	few  = 10
	many = 100_000
	// answerBytes is about an answer of 20 products.
	answerBytes = 7_000
)

// kept measures the store on disk and the bound of the memory.
func kept(ctx context.Context, r *report) error {
	dir := scratch()
	defer func() { _ = os.RemoveAll(dir) }()
	early, late, err := fill(ctx, dir)
	if err != nil {
		return err
	}
	r.hold(fmt.Sprintf("put on disk: the last %d of %d against the first %d", few, many, few), late <= 3*early/2,
		"1.5 times", "%.2f times (%d µs, %d µs)", float64(late)/float64(early), late.Microseconds(), early.Microseconds())

	from := time.Now()
	store := disk.New(disk.Config{Dir: dir})
	value, err := store.Get(ctx, keyOf(many/2))
	took := time.Since(from)
	if err != nil || len(value) == 0 {
		return fmt.Errorf("an answer is gone after a restart: %w", err)
	}
	if err := store.Close(); err != nil {
		return err
	}
	r.hold(fmt.Sprintf("restart with %d answers on disk: the first answer", many), took <= time.Second, "1 s", "%d ms", took.Milliseconds())

	child, err := startChild(ctx, nil, storeRole)
	if err != nil {
		return err
	}
	defer child.stop()
	var hundredK, million int64
	if _, err := fmt.Sscan(child.said, &hundredK, &million); err != nil {
		return err
	}
	r.hold("resident memory after 1 M different questions against after 100 k", million*10 <= hundredK*11,
		"1.1 times", "%.2f times (%d MiB, %d MiB)", float64(million)/float64(hundredK), million>>20, hundredK>>20)
	return nil
}

// fill puts many answers one by one and gives the median time of the first few and of the last few.
func fill(ctx context.Context, dir string) (early, late time.Duration, err error) {
	store := disk.New(disk.Config{Dir: dir})
	var first, last []float64
	value := make([]byte, answerBytes)
	put := func(n int) (time.Duration, error) {
		binary.BigEndian.PutUint64(value, uint64(n))
		from := time.Now()
		err := store.Put(ctx, []cache.Item{{Key: keyOf(n), Value: value, Until: time.Now().Add(time.Hour)}})
		return time.Since(from), err
	}
	for n := range 2*few + 1 { // The very first makes the file.
		took, err := put(n)
		if err != nil {
			return 0, 0, err
		}
		if n > few {
			first = append(first, float64(took))
		}
	}
	for from := 2*few + 1; from < many-few; from += 500 {
		items := make([]cache.Item, 0, 500)
		for n := from; n < min(from+500, many-few); n++ {
			items = append(items, cache.Item{Key: keyOf(n), Value: value, Until: time.Now().Add(time.Hour)})
		}
		if err := store.Put(ctx, items); err != nil {
			return 0, 0, err
		}
	}
	for n := many - few; n < many; n++ {
		took, err := put(n)
		if err != nil {
			return 0, 0, err
		}
		last = append(last, float64(took))
	}
	return time.Duration(median(first)), time.Duration(median(last)), store.Close()
}

func keyOf(n int) (k cache.Key) {
	// Keys are hashes: neighbours in time are strangers in the index.
	binary.BigEndian.PutUint64(k[:], uint64(n)*0x9e3779b97f4a7c15)
	return k
}

// storeRole is a process that only stores answers.
const storeRole = "--as-store"

func runStore() error {
	ctx := context.Background()
	answers, err := cache.Wrap(&sameAnswer{products: someProducts()}, cache.Config{})
	if err != nil {
		return err
	}
	var sizes []string
	for n := range 1_000_000 {
		if _, err := answers.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "question " + strconv.Itoa(n)}); err != nil {
			return err
		}
		if n+1 == many || n+1 == 1_000_000 {
			size, err := residentBytes()
			if err != nil {
				return err
			}
			sizes = append(sizes, strconv.FormatInt(size, 10))
		}
	}
	fmt.Println(strings.Join(sizes, " "))
	return answers.Close(ctx)
}

// sameAnswer is an upstream that answers every search alike, at once.
type sameAnswer struct {
	upstream.Searcher
	upstream.Products
	products []*zhaohuov1.Product
}

// KeywordSearch implements [upstream.Searcher].
func (s *sameAnswer) KeywordSearch(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return &zhaohuov1.KeywordSearchResponse{
		Products: s.products, Page: 1, EffectivePageSize: 20,
		Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.Now(), UpstreamCalls: 1},
	}, nil
}

func someProducts() []*zhaohuov1.Product {
	products := make([]*zhaohuov1.Product, 20)
	for i := range products {
		products[i] = &zhaohuov1.Product{
			Id: strconv.Itoa(738122029258 + i), Title: strings.Repeat("无线蓝牙耳机", 5),
			ImageUrl: proto.String("https://cbu01.alicdn.com/img/ibank/O1CN01" + strconv.Itoa(i) + ".jpg"),
		}
	}
	return products
}

// residentBytes is this process's resident memory.
func residentBytes() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	var total, resident int64
	if _, err := fmt.Sscan(string(text), &total, &resident); err != nil {
		return 0, err
	}
	return resident * int64(os.Getpagesize()), nil
}
