package server

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// ComboParts are the parts of the service.
type ComboParts struct {
	Searcher upstream.Searcher
	Products upstream.Products
	// Offered is what the dialect offers; requests are refused for the rest.
	Offered *capability.Table
	Limits  upstream.Limits
	Photos  Photos
	// Looks measures likeness; nil measures none.
	Looks combo.Pictures
	// Thresholds are those of Looks.
	Thresholds combo.Thresholds
	// PhotoCalls is the number of upstream calls of a search with a photo that the upstream does not have yet.
	PhotoCalls int
	// Source is the source of answers made without the upstream.
	Source zhaohuov1.AnswerSource
}

// Combo is ComboService.
type Combo struct {
	zhaohuov1.UnimplementedComboServiceServer
	ComboParts
}

var _ zhaohuov1.ComboServiceServer = (*Combo)(nil)

// NewCombo serves strategies. A compared picture's Handle is an [upstream.Picture].
func NewCombo(parts ComboParts) *Combo {
	parts.Photos = parts.Photos.withDefaults()
	return &Combo{ComboParts: parts}
}

// FindSource implements [zhaohuov1.ComboServiceServer].
func (c *Combo) FindSource(ctx context.Context, q *zhaohuov1.FindSourceRequest) (*zhaohuov1.FindSourceResponse, error) {
	return c.findSource(ctx, q, nil)
}

func (c *Combo) findSource(ctx context.Context, q *zhaohuov1.FindSourceRequest, report report) (*zhaohuov1.FindSourceResponse, error) {
	return withImage(ctx, c, zhaohuov1.ComboService_FindSource_FullMethodName, q, q.GetImage(), report, combo.FindSource)
}

// ExpandSelection implements [zhaohuov1.ComboServiceServer].
func (c *Combo) ExpandSelection(ctx context.Context, q *zhaohuov1.ExpandSelectionRequest) (*zhaohuov1.ExpandSelectionResponse, error) {
	return c.expandSelection(ctx, q, nil)
}

func (c *Combo) expandSelection(ctx context.Context, q *zhaohuov1.ExpandSelectionRequest, report report) (*zhaohuov1.ExpandSelectionResponse, error) {
	return withImage(ctx, c, zhaohuov1.ComboService_ExpandSelection_FullMethodName, q, nil, report, combo.ExpandSelection)
}

// ComparePrices implements [zhaohuov1.ComboServiceServer].
func (c *Combo) ComparePrices(ctx context.Context, q *zhaohuov1.ComparePricesRequest) (*zhaohuov1.ComparePricesResponse, error) {
	return c.comparePrices(ctx, q, nil)
}

func (c *Combo) comparePrices(ctx context.Context, q *zhaohuov1.ComparePricesRequest, report report) (*zhaohuov1.ComparePricesResponse, error) {
	return withImage(ctx, c, zhaohuov1.ComboService_ComparePrices_FullMethodName, q, q.GetImage(), report, combo.ComparePrices)
}

// AnalyzeCompetitors implements [zhaohuov1.ComboServiceServer].
func (c *Combo) AnalyzeCompetitors(ctx context.Context, q *zhaohuov1.AnalyzeCompetitorsRequest) (*zhaohuov1.AnalyzeCompetitorsResponse, error) {
	return c.analyzeCompetitors(ctx, q, nil)
}

func (c *Combo) analyzeCompetitors(ctx context.Context, q *zhaohuov1.AnalyzeCompetitorsRequest, report report) (*zhaohuov1.AnalyzeCompetitorsResponse, error) {
	return withImage(ctx, c, zhaohuov1.ComboService_AnalyzeCompetitors_FullMethodName, q, q.GetImage(), report, combo.AnalyzeCompetitors)
}

// question is a combo's request.
type question interface {
	proto.Message
	criteria
}

// report receives the steps of a strategy; see [combo.Ports].
type report = func(*zhaohuov1.ComboStep)

// withImage checks a request, finds its image, and runs the strategy.
func withImage[Q question, A any](
	ctx context.Context, c *Combo, method string, q Q, image *zhaohuov1.ImageSource, report report,
	strategy func(context.Context, combo.Ports, Q) (A, error),
) (A, error) {
	var none A
	if err := c.Offered.Check(strings.TrimPrefix(method, "/"), q); err != nil {
		return none, err
	}
	if err := checkCriteria(q); err != nil {
		return none, err
	}
	if asked, ok := any(q).(freightAsked); ok {
		if err := checkFreightQuestion(asked); err != nil {
			return none, err
		}
	}
	ports := c.ports(ctx)
	ports.Report = report
	if image != nil {
		found, err := c.Photos.find(ctx, image, nil)
		if err != nil {
			return none, err
		}
		defer found.release()
		ports.Picture = &combo.Picture{URL: found.URL, Handle: found.Picture, Calls: 1}
		if found.Photo != nil {
			ports.Picture.Calls = c.PhotoCalls
		}
	}
	return strategy(ctx, ports, q)
}

// ports are the parts that one request's strategy uses.
func (c *Combo) ports(ctx context.Context) combo.Ports {
	return combo.Ports{
		Searcher: comboSearcher{c}, Products: c.Products, Trends: comboTrends{c}, Pictures: c.Looks, Thresholds: c.Thresholds, Allow: upstream.WithAllowance,
		Offered:  c.Offered.Check,
		PageSize: c.Limits.PageSizeMax, Source: c.Source, AcceptLanguage: acceptLanguage(ctx),
	}
}

// comboSearcher adapts the searcher for strategies.
type comboSearcher struct{ *Combo }

// KeywordSearch implements [combo.Searcher].
func (s comboSearcher) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return s.Searcher.KeywordSearch(ctx, q)
}

// ImageSearch implements [combo.Searcher]. It passes on only addresses of the upstream's own images, so that no answer
// can make the upstream, or us, fetch anything else.
func (s comboSearcher) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, p combo.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	if known, ok := p.Handle.(upstream.Picture); ok {
		return s.Searcher.ImageSearch(ctx, q, known)
	}
	passed, err := s.Photos.Addresses.Passed(p.URL)
	if err != nil {
		return nil, err
	}
	if !passed {
		return nil, fault.New(fault.ImageFetchRefused, "the offer's image is not on one of the upstream's image hosts")
	}
	return s.Searcher.ImageSearch(ctx, q, upstream.Picture{URL: p.URL})
}

// ComparePinned is ComparePrices for an owner, with the content of an image or none. The question comes checked.
func (c *Combo) ComparePinned(ctx context.Context, owner string, q *zhaohuov1.ComparePricesRequest) (*zhaohuov1.ComparePricesResponse, error) {
	ports := c.ports(ctx)
	if image := q.GetImage().GetContent(); len(image) > 0 {
		kept, err := c.Photos.Store.KeepBytes(ctx, owner, image)
		if err != nil {
			return nil, err
		}
		defer kept.Release()
		ports.Picture = &combo.Picture{Handle: upstream.Picture{Photo: kept, Key: kept.Key(), Pixels: kept.Pixels()}, Calls: c.PhotoCalls}
	}
	return combo.ComparePrices(ctx, ports, q)
}
