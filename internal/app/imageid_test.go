package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// imageSearcher uploads a photo and searches by its id, as one or several callers.
type imageSearcher struct {
	search zhaohuov1.SearchServiceClient
	photo  []byte
}

func as(ctx context.Context, key secret.Text) context.Context {
	if key.Empty() {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "x-api-key", key.Reveal())
}

func (a *imageSearcher) upload(ctx context.Context, t *testing.T) *zhaohuov1.ImageSearchResponse {
	t.Helper()
	stream, err := a.search.UploadImageSearch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*zhaohuov1.UploadImageSearchRequest{
		{Part: &zhaohuov1.UploadImageSearchRequest_Options{Options: &zhaohuov1.ImageSearchOptions{PageSize: proto.Int32(1)}}},
		{Part: &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: a.photo}},
	} {
		if err := stream.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetResponse()
}

func (a *imageSearcher) searchByID(ctx context.Context, id string) error {
	_, err := a.search.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: id}}, PageSize: proto.Int32(1)})
	return err
}

// TestAnImageIDTellsNothingOfOtherCallers: a caller who uploads a photo that another caller has uploaded gets its own
// id and expiry, and cannot use the other's id. Two keys with one name are one caller; without keys all callers are
// one. The upstream calls are still shared.
func TestAnImageIDTellsNothingOfOtherCallers(t *testing.T) {
	goods := sell(t)
	photo, err := os.ReadFile(filepath.Join(goods, "photos", "umbrella.png"))
	if err != nil {
		t.Fatal(err)
	}
	shop, shopEntry := callers.Mint(callers.Entry{Name: "shop"})
	next, nextEntry := callers.Mint(callers.Entry{Name: "shop"})
	cron, cronEntry := callers.Mint(callers.Entry{Name: "cron"})
	entries := strings.Join([]string{shopEntry.YAML(), nextEntry.YAML(), cronEntry.YAML()}, "")
	r := start(t, settings(t, nil, "--sandbox-catalog="+goods, "--api-keys="+entries, "--default-timeout=2m"), false)
	a := &imageSearcher{zhaohuov1.NewSearchServiceClient(outside(t, r.App)), photo}

	first := a.upload(as(t.Context(), shop), t)
	other := a.upload(as(t.Context(), cron), t)
	if other.GetImageId() == first.GetImageId() || !other.GetExpireTime().AsTime().After(first.GetExpireTime().AsTime()) {
		t.Errorf("another caller got %s until %v after %s until %v",
			other.GetImageId(), other.GetExpireTime().AsTime(), first.GetImageId(), first.GetExpireTime().AsTime())
	}
	if other.GetMeta().GetUpstreamCalls() != 0 {
		t.Errorf("the same photo was sent to the upstream again: %v", other.GetMeta())
	}
	same := a.upload(as(t.Context(), next), t)
	if same.GetImageId() != first.GetImageId() || !same.GetExpireTime().AsTime().Equal(first.GetExpireTime().AsTime()) {
		t.Errorf("the same caller got %s, then %s", first.GetImageId(), same.GetImageId())
	}
	for name, test := range map[string]struct {
		key  secret.Text
		id   string
		want codes.Code
	}{
		"its own":              {shop, first.GetImageId(), codes.OK},
		"its own, another key": {next, first.GetImageId(), codes.OK},
		"another's":            {cron, first.GetImageId(), codes.NotFound},
		"another's, again":     {shop, other.GetImageId(), codes.NotFound},
	} {
		if err := a.searchByID(as(t.Context(), test.key), test.id); status.Code(err) != test.want {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

func TestWithoutKeysAllCallersShareImageIDs(t *testing.T) {
	goods := sell(t)
	photo, err := os.ReadFile(filepath.Join(goods, "photos", "umbrella.png"))
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, settings(t, nil, "--sandbox-catalog="+goods, "--default-timeout=2m"), false)
	outer, inner := &imageSearcher{zhaohuov1.NewSearchServiceClient(outside(t, r.App)), photo}, &imageSearcher{zhaohuov1.NewSearchServiceClient(r.Conn()), photo}
	id := outer.upload(t.Context(), t).GetImageId()
	if err := inner.searchByID(t.Context(), id); err != nil {
		t.Error(err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
