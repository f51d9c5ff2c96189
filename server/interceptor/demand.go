package interceptor

import (
	"context"
	"strconv"

	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// ClassHeader is the metadata key, and REST header, that sets a request's priority: "interactive" or "batch". It can
// lower an RPC's priority, but never raise it.
const ClassHeader = "x-zhaohuo-class"

// MaxCallsHeader is the metadata key, and REST header, that bounds the upstream calls of a request, retries included: a number
// from 0 to [maxCallsMost]. With 0 only stored answers are given. A call beyond it is not made: the request fails with
// BUDGET_EXHAUSTED, or with the last failure if that was retried. An RPC with a budget of its own keeps both.
const MaxCallsHeader = "x-zhaohuo-max-calls"

// maxCallsMost is the largest number that MaxCallsHeader takes. No request needs as many calls.
const maxCallsMost = 1_000_000

// classes is the priority of each RPC's upstream calls: interactive if a person waits for one answer, also for one that is
// streamed with its steps, and batch for long lists. A test compares it with the contract.
var classes = map[string]upstream.Class{
	zhaohuov1.SearchService_KeywordSearch_FullMethodName:       upstream.Interactive,
	zhaohuov1.SearchService_ImageSearch_FullMethodName:         upstream.Interactive,
	zhaohuov1.SearchService_UploadImageSearch_FullMethodName:   upstream.Interactive,
	zhaohuov1.SearchService_BatchImageSearch_FullMethodName:    upstream.Batch,
	zhaohuov1.SearchService_BatchKeywordSearch_FullMethodName:  upstream.Batch,
	zhaohuov1.SearchService_StreamKeywordSearch_FullMethodName: upstream.Batch,

	zhaohuov1.ProductService_GetProduct_FullMethodName:          upstream.Interactive,
	zhaohuov1.ProductService_BatchGetProducts_FullMethodName:    upstream.Batch,
	zhaohuov1.ProductService_ListSellerProducts_FullMethodName:  upstream.Interactive,
	zhaohuov1.ProductService_ListSearchFacets_FullMethodName:    upstream.Interactive,
	zhaohuov1.ProductService_ListTopKeywords_FullMethodName:     upstream.Interactive,
	zhaohuov1.ProductService_ListRelatedProducts_FullMethodName: upstream.Interactive,
	zhaohuov1.ProductService_EstimateFreight_FullMethodName:     upstream.Interactive,
	zhaohuov1.ProductService_ListTopProducts_FullMethodName:     upstream.Interactive,
	zhaohuov1.ProductService_GetProductTrends_FullMethodName:    upstream.Interactive,

	zhaohuov1.CategoryService_FindCategories_FullMethodName: upstream.Interactive,
	zhaohuov1.CategoryService_GetCategory_FullMethodName:    upstream.Interactive,

	// A combo makes many calls, but a person waits for its result.
	zhaohuov1.ComboService_FindSource_FullMethodName:               upstream.Interactive,
	zhaohuov1.ComboService_StreamFindSource_FullMethodName:         upstream.Interactive,
	zhaohuov1.ComboService_ComparePrices_FullMethodName:            upstream.Interactive,
	zhaohuov1.ComboService_StreamComparePrices_FullMethodName:      upstream.Interactive,
	zhaohuov1.ComboService_AnalyzeCompetitors_FullMethodName:       upstream.Interactive,
	zhaohuov1.ComboService_StreamAnalyzeCompetitors_FullMethodName: upstream.Interactive,
	zhaohuov1.ComboService_ExpandSelection_FullMethodName:          upstream.Interactive,
	zhaohuov1.ComboService_StreamExpandSelection_FullMethodName:    upstream.Interactive,

	// Only a run leads to calls, which are a batch's as all observations are.
	zhaohuov1.PriceWatchService_CreatePriceWatch_FullMethodName:      upstream.Interactive,
	zhaohuov1.PriceWatchService_GetPriceWatch_FullMethodName:         upstream.Interactive,
	zhaohuov1.PriceWatchService_ListPriceWatches_FullMethodName:      upstream.Interactive,
	zhaohuov1.PriceWatchService_UpdatePriceWatch_FullMethodName:      upstream.Interactive,
	zhaohuov1.PriceWatchService_PausePriceWatch_FullMethodName:       upstream.Interactive,
	zhaohuov1.PriceWatchService_ResumePriceWatch_FullMethodName:      upstream.Interactive,
	zhaohuov1.PriceWatchService_DeletePriceWatch_FullMethodName:      upstream.Interactive,
	zhaohuov1.PriceWatchService_RunPriceWatch_FullMethodName:         upstream.Batch,
	zhaohuov1.PriceWatchService_ListPriceObservations_FullMethodName: upstream.Interactive,
	zhaohuov1.PriceWatchService_QueryPriceTrend_FullMethodName:       upstream.Interactive,
	zhaohuov1.PriceWatchService_ListPriceEvents_FullMethodName:       upstream.Interactive,
	zhaohuov1.PriceWatchService_StreamPriceEvents_FullMethodName:     upstream.Batch,
	zhaohuov1.PriceWatchService_ListWebhookDeliveries_FullMethodName: upstream.Interactive,
	zhaohuov1.PriceWatchService_RedeliverWebhook_FullMethodName:      upstream.Interactive,
	zhaohuov1.PriceWatchService_RotateWebhookSecret_FullMethodName:   upstream.Interactive,

	// A list of APIs may say batch instead.
	zhaohuov1.PlatformService_Call_FullMethodName: upstream.Interactive,

	// None of them makes calls.
	zhaohuov1.AdminService_ListCallers_FullMethodName:      upstream.Interactive,
	zhaohuov1.AdminService_ListAccounts_FullMethodName:     upstream.Interactive,
	zhaohuov1.AdminService_ListPauses_FullMethodName:       upstream.Interactive,
	zhaohuov1.AdminService_PauseCalls_FullMethodName:       upstream.Interactive,
	zhaohuov1.AdminService_ResumeCalls_FullMethodName:      upstream.Interactive,
	zhaohuov1.AdminService_SetLogLevel_FullMethodName:      upstream.Interactive,
	zhaohuov1.AdminService_DrainServer_FullMethodName:      upstream.Interactive,
	zhaohuov1.AdminService_GetCacheState_FullMethodName:    upstream.Interactive,
	zhaohuov1.AdminService_PurgeCache_FullMethodName:       upstream.Interactive,
	zhaohuov1.AdminService_GetWatchOverview_FullMethodName: upstream.Interactive,

	zhaohuov1.InfoService_GetServerInfo_FullMethodName: upstream.Interactive,
	zhaohuov1.InfoService_Diagnose_FullMethodName:      upstream.Interactive,
}

// newDemand sets the caller and the priority of upstream calls, and the caller of memory reservations.
func newDemand(dayOf func(callers.Entry) *upstream.Budget) link {
	return admitting(Demand, []string{Authentication, ClientRate}, func(ctx context.Context, method string) (context.Context, error) {
		wanted, err := wantedClass(ctx)
		if err != nil {
			return nil, err
		}
		calls, bounded, err := wantedCalls(ctx)
		if err != nil {
			return nil, err
		}
		c := callerOf(ctx)
		demand := upstream.Demand{Class: classes[method], Caller: c.id(), Weight: c.entry.Weight, Bounded: bounded, Accounts: c.entry.Accounts}
		if dayOf != nil {
			demand.Day = dayOf(c.entry)
		}
		ctx = share.WithCaller(upstream.WithDemand(ctx, demand.Lowered(wanted)), c.id())
		if bounded {
			ctx = upstream.WithAllowance(ctx, calls)
		}
		if c.entry.Name != "" {
			ctx = callers.WithAPIs(ctx, c.entry.APIs)
		}
		return upstream.Billed(ctx), nil
	})
}

// wantedCalls is the bound of upstream calls that the caller names. Of several the lowest holds.
func wantedCalls(ctx context.Context) (calls int, bounded bool, err error) {
	for _, word := range metadata.ValueFromIncomingContext(ctx, MaxCallsHeader) {
		n, err := strconv.ParseUint(word, 10, 32)
		if err != nil || n > maxCallsMost {
			return 0, false, fault.Invalid(MaxCallsHeader, "MAX_CALLS", "must be a number from 0 to %d", maxCallsMost)
		}
		if !bounded || int(n) < calls {
			calls, bounded = int(n), true
		}
	}
	return calls, bounded, nil
}

// wantedClass is the lowest class that the caller names. Any other word is refused, because it would be misread.
func wantedClass(ctx context.Context) (upstream.Class, error) {
	wanted := upstream.Interactive
	for _, word := range metadata.ValueFromIncomingContext(ctx, ClassHeader) {
		class, ok := upstream.ParseClass(word)
		if !ok {
			return wanted, fault.Invalid(ClassHeader, "CLASS_UNKNOWN", "must be interactive or batch")
		}
		wanted = max(wanted, class)
	}
	return wanted, nil
}
