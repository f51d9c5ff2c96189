package server_test

import (
	"context"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// comboShop answers a keyword search with two offers, one with an image on the upstream's host and one elsewhere, and
// records the addresses of image searches.
type comboShop struct {
	upstream.Searcher

	addresses []string
}

func (*comboShop) KeywordSearch(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	own, elsewhere := "https://own.example/1.jpg", "http://169.254.169.254/2.jpg"
	return &zhaohuov1.KeywordSearchResponse{Products: []*zhaohuov1.Product{{Id: "1", ImageUrl: &own}, {Id: "2", ImageUrl: &elsewhere}}}, nil
}

func (s *comboShop) ImageSearch(_ context.Context, _ *zhaohuov1.ImageSearchRequest, p upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	s.addresses = append(s.addresses, p.URL)
	return &zhaohuov1.ImageSearchResponse{}, nil
}

// ownHost passes on the addresses of one host and fetches nothing.
type ownHost struct{}

func (ownHost) Passed(address string) (bool, error) {
	return address[:20] == "https://own.example/", nil
}

func (ownHost) Fetch(context.Context, string, io.Writer) error {
	return fault.New(fault.ImageFetchRefused, "fetches nothing")
}

type noLooks struct{}

func (noLooks) Look(context.Context, combo.Picture) (combo.Look, error) {
	return combo.Look{}, fault.New(fault.ImageFetchFailed, "nothing there")
}

func (noLooks) Print(context.Context, combo.Picture) (combo.Print, error) {
	return nil, fault.New(fault.ImageFetchFailed, "nothing there")
}

// TestAnOffersPictureElsewhereIsNotSearchedBy: an upstream answer cannot make anybody fetch an arbitrary address.
func TestAnOffersPictureElsewhereIsNotSearchedBy(t *testing.T) {
	s := &comboShop{}
	service := server.NewCombo(server.ComboParts{
		Searcher: s, Offered: aopOffers(), Photos: server.Photos{Addresses: ownHost{}}, Looks: noLooks{},
	})
	answer, err := service.FindSource(t.Context(), &zhaohuov1.FindSourceRequest{Keyword: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"https://own.example/1.jpg"}, s.addresses); diff != "" {
		t.Error(diff)
	}
	reasons := map[string]string{}
	for _, f := range answer.GetPartialFailures() {
		for _, d := range status.FromProto(f.GetStatus()).Details() {
			if info, ok := d.(*errdetails.ErrorInfo); ok {
				reasons[f.GetStep()] = info.GetReason()
			}
		}
	}
	want := map[string]string{"image_search of 2": "IMAGE_FETCH_REFUSED", "measure_likeness of 1, 2": "IMAGE_FETCH_FAILED"}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Error(diff)
	}
}
