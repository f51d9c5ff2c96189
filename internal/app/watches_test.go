package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

func watching(t *testing.T) (*running, zhaohuov1.PriceWatchServiceClient) {
	t.Helper()
	r := start(t, settings(t, nil, "--data-dir="+t.TempDir()), false)
	return r, zhaohuov1.NewPriceWatchServiceClient(outside(t, r.App))
}

func cups() *zhaohuov1.PriceWatch {
	return &zhaohuov1.PriceWatch{
		DisplayName: "杯", Interval: durationpb.New(time.Hour),
		Target: &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: "保温杯", Quantity: 100}},
	}
}

// create creates a watch.
func create(t *testing.T, client zhaohuov1.PriceWatchServiceClient, watch *zhaohuov1.PriceWatch) *zhaohuov1.PriceWatch {
	t.Helper()
	made, err := client.CreatePriceWatch(t.Context(), &zhaohuov1.CreatePriceWatchRequest{PriceWatch: watch})
	if err != nil {
		t.Fatal(err)
	}
	return made.GetPriceWatch()
}

// TestWatchIsObserved: a watch of each kind is observed through the whole service, and its history survives a restart.
func TestWatchIsObserved(t *testing.T) {
	dir := t.TempDir()
	r := start(t, settings(t, nil, "--data-dir="+dir), false)
	client := zhaohuov1.NewPriceWatchServiceClient(outside(t, r.App))
	photo, err := os.ReadFile("../../test/scenario/photos/earphones.jpg")
	if err != nil {
		t.Fatal(err)
	}
	byImage := cups()
	byImage.Target = &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{
		Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: photo}},
	}}
	words := create(t, client, cups())
	run := func(id string) *zhaohuov1.PriceObservation {
		t.Helper()
		got, err := client.RunPriceWatch(t.Context(), &zhaohuov1.RunPriceWatchRequest{Id: id})
		if err != nil {
			t.Fatal(err)
		}
		o := got.GetObservation()
		if o.GetError() != nil || o.GetProductCount() == 0 || o.GetStatistics().GetMedian() == nil || o.GetSource() != zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX ||
			o.GetFetchTime().AsTime().Before(o.GetDueTime().AsTime()) {
			t.Fatalf("the observation: %v", o)
		}
		return o
	}
	seen := run(words.GetId())
	ids := []string{seen.GetProducts()[0].GetProductId(), seen.GetProducts()[1].GetProductId()}
	byIDs := cups()
	byIDs.Target = &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: ids}}
	if o := run(create(t, client, byIDs).GetId()); len(o.GetProducts()) != 2 || o.GetUpstreamCalls() > 2 {
		t.Errorf("products: %v", o)
	}
	searchByImage(t, r, photo)
	compareByImage(t, r, photo)
	pictured := create(t, client, byImage)
	if pictured.GetImageSizeBytes() == 0 || pictured.GetComparison().GetImage() != nil {
		t.Errorf("the image: %d bytes, %v", pictured.GetImageSizeBytes(), pictured.GetComparison().GetImage())
	}
	if o := run(pictured.GetId()); !o.GetProducts()[0].GetImageCompared() {
		t.Errorf("nothing was compared by its image: %v", o)
	}
	got, err := client.GetPriceWatch(t.Context(), &zhaohuov1.GetPriceWatchRequest{Id: words.GetId()})
	if w := got.GetPriceWatch(); err != nil || w.GetState() != zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_ACTIVE || w.GetLastObservation() == nil ||
		len(w.GetLastObservation().GetProducts()) != 0 || w.GetUpstreamCallsToday() == 0 || w.GetEtag() == "" {
		t.Errorf("%v, %v", w, err)
	}
	if err := r.end(t); err != nil {
		t.Fatal(err)
	}
	r = start(t, settings(t, nil, "--data-dir="+dir), false)
	client = zhaohuov1.NewPriceWatchServiceClient(outside(t, r.App))
	history, err := client.ListPriceObservations(t.Context(), &zhaohuov1.ListPriceObservationsRequest{Id: words.GetId()})
	if err != nil || len(history.GetObservations()) == 0 || len(history.GetObservations()[0].GetProducts()) == 0 {
		t.Errorf("after a restart: %v, %v", history, err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

// searchByImage searches until the sandbox has read its images. That takes longer than an observation may.
func searchByImage(t *testing.T, r *running, photo []byte) {
	t.Helper()
	search := zhaohuov1.NewSearchServiceClient(outside(t, r.App))
	question := &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: photo}}}
	for {
		_, err := search.ImageSearch(t.Context(), question)
		if err == nil {
			return
		}
		if reason := status.Code(err); t.Context().Err() != nil || reason != codes.DeadlineExceeded && reason != codes.Unavailable {
			t.Fatal(err)
		}
	}
}

// compareByImage compares until the sandbox has drawn the images of all offers and the service has read them. Under the race
// detector that takes longer than an observation may.
func compareByImage(t *testing.T, r *running, photo []byte) {
	t.Helper()
	combos := zhaohuov1.NewComboServiceClient(outside(t, r.App))
	question := &zhaohuov1.ComparePricesRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: photo}}}
	for range 10 {
		answer, err := combos.ComparePrices(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.GetPartialFailures()) == 0 {
			return
		}
	}
}

// TestWatchesAreRefusedWhereNobodyStays: a process without ports ends before a watch is due, and one without a directory has
// no place to keep it. A default directory that cannot be made does not stop the start.
func TestWatchesAreRefusedWhereNobodyStays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*running{
		"no ports":    start(t, settings(t, nil, "--data-dir="+t.TempDir()), true),
		"no data-dir": start(t, settings(t, nil), false),
		"no default":  start(t, settings(t, config.Environ{"XDG_DATA_HOME": file}), false),
	} {
		client := zhaohuov1.NewPriceWatchServiceClient(r.Conn())
		_, err := client.ListPriceWatches(t.Context(), &zhaohuov1.ListPriceWatchesRequest{})
		if st := status.Convert(err); st.Code() != codes.Unimplemented || rpcerr.Reason(st) != "PRICE_WATCHES_NOT_SERVED" {
			t.Errorf("%s: %v", name, err)
		}
		stream, err := client.StreamPriceEvents(t.Context(), &zhaohuov1.StreamPriceEventsRequest{})
		if err == nil {
			_, err = stream.Recv()
		}
		if rpcerr.Reason(status.Convert(err)) != "PRICE_WATCHES_NOT_SERVED" {
			t.Errorf("%s, a stream: %v", name, err)
		}
		if err := r.end(t); err != nil {
			t.Error(err)
		}
	}
}

// TestStoreThatCannotBeOpenedStopsTheStart, with the name of the setting and of the file.
func TestStoreThatCannotBeOpenedStopsTheStart(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sandboxWatchFile), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := New(t.Context(), Options{Settings: settings(t, nil, "--data-dir="+dir), LogTo: &syncBuffer{}, Goods: sharedGoods(t)})
	if err == nil || !strings.Contains(err.Error(), "--data-dir") || !strings.Contains(err.Error(), sandboxWatchFile) {
		t.Errorf("a broken file: %v", err)
	}
	env := config.Environ{"ZHAOHUO_STORE": "postgres://u:hunter2@127.0.0.1:1/x"}
	_, err = New(t.Context(), Options{Settings: settings(t, env), LogTo: &syncBuffer{}, Goods: sharedGoods(t)})
	if err == nil || !strings.Contains(err.Error(), "ZHAOHUO_STORE") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("no database: %v", err)
	}
}

// TestStoreOfTheSandboxIsNotFor1688: a process that calls 1688 does not start with the watches of the sandbox, and says why.
func TestStoreOfTheSandboxIsNotFor1688(t *testing.T) {
	dir := t.TempDir()
	r := start(t, settings(t, nil, "--data-dir="+dir), false)
	if err := r.end(t); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, sandboxWatchFile), filepath.Join(dir, watchFile)); err != nil {
		t.Fatal(err)
	}
	env := config.Environ{"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_UPSTREAM_URL": "http://127.0.0.1:1"}
	_, err := New(t.Context(), Options{Settings: settings(t, env, "--data-dir="+dir), LogTo: &syncBuffer{}, Goods: sharedGoods(t)})
	if err == nil || !strings.Contains(err.Error(), watchFile) || !strings.Contains(err.Error(), "it holds price watches of the sandbox") {
		t.Errorf("%v", err)
	}
}

// TestStoreThatGoesAwayIsReported: what is asked then is UNAVAILABLE, and the rest of the service goes on.
func TestStoreThatGoesAwayIsReported(t *testing.T) {
	dir := t.TempDir()
	r := start(t, settings(t, nil, "--data-dir="+dir), false)
	client := zhaohuov1.NewPriceWatchServiceClient(outside(t, r.App))
	w := create(t, client, cups())
	if err := os.Rename(filepath.Join(dir, sandboxWatchFile), filepath.Join(dir, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	_, err := client.GetPriceWatch(t.Context(), &zhaohuov1.GetPriceWatchRequest{Id: w.GetId()})
	_, failed := client.CreatePriceWatch(t.Context(), &zhaohuov1.CreatePriceWatchRequest{PriceWatch: cups()})
	for _, err := range []error{err, failed} {
		if st := status.Convert(err); st.Code() != codes.Unavailable || rpcerr.Reason(st) != "PRICE_STORE_UNAVAILABLE" {
			t.Errorf("%v", err)
		}
	}
	if _, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), headphones()); err != nil {
		t.Error(err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

// TestStreamsOfEventsEndAtOnceWhenTheServerStops: they would hold it for the whole drain otherwise, and can go on elsewhere.
func TestStreamsOfEventsEndAtOnceWhenTheServerStops(t *testing.T) {
	r, client := watching(t)
	stream, err := client.StreamPriceEvents(t.Context(), &zhaohuov1.StreamPriceEventsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if first, err := stream.Recv(); err != nil || first.GetHeartbeatAfterEventId() != "0" {
		t.Fatalf("%v, %v", first, err)
	}
	r.stop()
	for err == nil {
		_, err = stream.Recv()
	}
	if st := status.Convert(err); st.Code() != codes.Unavailable || rpcerr.Reason(st) != "SERVER_DRAINING" {
		t.Errorf("the stream ended with %v", err)
	}
	if err := r.wait(t); err != nil || strings.Contains(r.log.String(), "cut off") {
		t.Errorf("%v\n%s", err, r.log)
	}
}

// TestWatchBelongsToTheKeyThatMadeIt: to others it is not there.
func TestWatchBelongsToTheKeyThatMadeIt(t *testing.T) {
	mine, mineEntry := callers.Mint(callers.Entry{Name: "mine"})
	other, otherEntry := callers.Mint(callers.Entry{Name: "other"})
	path := filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(path, []byte(mineEntry.YAML()+otherEntry.YAML()), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, settings(t, nil, "--data-dir="+t.TempDir(), "--api-keys-file="+path), false)
	client := zhaohuov1.NewPriceWatchServiceClient(outside(t, r.App))
	as := func(key secret.Text) context.Context {
		return metadata.AppendToOutgoingContext(t.Context(), "x-api-key", key.Reveal())
	}
	made, err := client.CreatePriceWatch(as(mine), &zhaohuov1.CreatePriceWatchRequest{PriceWatch: cups()})
	if err != nil {
		t.Fatal(err)
	}
	id := made.GetPriceWatch().GetId()
	for name, ask := range map[string]func(context.Context) error{
		"get": func(ctx context.Context) error {
			_, err := client.GetPriceWatch(ctx, &zhaohuov1.GetPriceWatchRequest{Id: id})
			return err
		},
		"update": func(ctx context.Context) error {
			_, err := client.UpdatePriceWatch(ctx, &zhaohuov1.UpdatePriceWatchRequest{
				Id: id, PriceWatch: &zhaohuov1.PriceWatch{DisplayName: "x"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"display_name"}},
			})
			return err
		},
		"pause": func(ctx context.Context) error {
			_, err := client.PausePriceWatch(ctx, &zhaohuov1.PausePriceWatchRequest{Id: id})
			return err
		},
		"run": func(ctx context.Context) error {
			_, err := client.RunPriceWatch(ctx, &zhaohuov1.RunPriceWatchRequest{Id: id})
			return err
		},
		"observations": func(ctx context.Context) error {
			_, err := client.ListPriceObservations(ctx, &zhaohuov1.ListPriceObservationsRequest{Id: id})
			return err
		},
		"trend": func(ctx context.Context) error {
			_, err := client.QueryPriceTrend(ctx, &zhaohuov1.QueryPriceTrendRequest{Id: id})
			return err
		},
		"events": func(ctx context.Context) error {
			_, err := client.ListPriceEvents(ctx, &zhaohuov1.ListPriceEventsRequest{WatchId: id})
			return err
		},
		"delete": func(ctx context.Context) error {
			_, err := client.DeletePriceWatch(ctx, &zhaohuov1.DeletePriceWatchRequest{Id: id})
			return err
		},
	} {
		if st := status.Convert(ask(as(other))); st.Code() != codes.NotFound || rpcerr.Reason(st) != "PRICE_WATCH_NOT_FOUND" {
			t.Errorf("%s: %v", name, st)
		}
	}
	for key, want := range map[secret.Text]int{mine: 1, other: 0} {
		if list, err := client.ListPriceWatches(as(key), &zhaohuov1.ListPriceWatchesRequest{}); err != nil || len(list.GetPriceWatches()) != want {
			t.Errorf("the list of %d: %v, %v", want, list, err)
		}
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
