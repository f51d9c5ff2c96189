package rpcerr

import (
	"net/http"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Text is what a human is told, in one language.
type Text struct {
	// Message says what happened.
	Message string
	// Remedy says what to do about it.
	Remedy string
}

// Row is how one kind of fault is told to callers.
type Row struct {
	Kind fault.Kind
	// Code is the gRPC code.
	Code codes.Code
	// HTTP is the status over REST.
	HTTP int
	// Wait is the wait told in RetryInfo when the fault knows none; zero for kinds a retry does not help.
	Wait time.Duration
	// WaitIfKnown has RetryInfo told only when the fault knows how long to wait.
	WaitIfKnown bool
	// EN and ZH are the texts.
	EN, ZH Text
}

// RetryUseful reports whether RetryInfo may be present at all.
func (r Row) RetryUseful() bool { return r.Wait > 0 || r.WaitIfKnown }

// statusClientClosedRequest is what proxies log for a caller who hung up; net/http has no name for it.
const statusClientClosedRequest = 499

// Rows lists every kind of fault in the order of [fault.Kinds].
func Rows() []Row {
	rows := make([]Row, 0, len(table))
	for _, kind := range fault.Kinds() {
		rows = append(rows, rowOf(kind))
	}
	return rows
}

func rowOf(kind fault.Kind) Row {
	row, ok := table[kind]
	if !ok {
		kind, row = fault.Internal, table[fault.Internal]
	}
	row.Kind = kind
	row.EN, row.ZH = englishMessages[kind], chineseMessages[kind]
	return row
}

// table is the one place where a fault gets its code. What cannot be known from a code is told by the HTTP status:
// FAILED_PRECONDITION is 500 where the operator has to act, because 400 would blame the caller.
var table = map[fault.Kind]Row{
	fault.Internal: {Code: codes.Internal, HTTP: http.StatusInternalServerError},

	fault.InvalidField:         {Code: codes.InvalidArgument, HTTP: http.StatusBadRequest},
	fault.UnsupportedByDialect: {Code: codes.InvalidArgument, HTTP: http.StatusBadRequest},
	fault.MalformedRequest:     {Code: codes.InvalidArgument, HTTP: http.StatusBadRequest},
	fault.UnknownField:         {Code: codes.InvalidArgument, HTTP: http.StatusBadRequest},
	// Not RESOURCE_EXHAUSTED, which reads as "later": the same request will never fit.
	fault.RequestTooLarge:      {Code: codes.InvalidArgument, HTTP: http.StatusRequestEntityTooLarge},
	fault.UnsupportedMediaType: {Code: codes.InvalidArgument, HTTP: http.StatusUnsupportedMediaType},
	// UNIMPLEMENTED is what every gRPC client expects of an RPC that is not there.
	fault.RouteNotFound:         {Code: codes.Unimplemented, HTTP: http.StatusNotFound},
	fault.MethodNotAllowed:      {Code: codes.Unimplemented, HTTP: http.StatusMethodNotAllowed},
	fault.CallerUnauthenticated: {Code: codes.Unauthenticated, HTTP: http.StatusUnauthorized},
	fault.CallerNotAllowed:      {Code: codes.PermissionDenied, HTTP: http.StatusForbidden},
	fault.CallerRateLimited:     {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests, Wait: time.Second},
	fault.CallerGone:            {Code: codes.Canceled, HTTP: statusClientClosedRequest},
	fault.DeadlineExceeded:      {Code: codes.DeadlineExceeded, HTTP: http.StatusGatewayTimeout},
	fault.ServerDraining:        {Code: codes.Unavailable, HTTP: http.StatusServiceUnavailable, Wait: time.Second},

	fault.ImageUnreadable:   {Code: codes.InvalidArgument, HTTP: http.StatusUnsupportedMediaType},
	fault.ImageTooLarge:     {Code: codes.InvalidArgument, HTTP: http.StatusRequestEntityTooLarge},
	fault.ImageFetchRefused: {Code: codes.InvalidArgument, HTTP: http.StatusBadRequest},
	fault.ImageFetchFailed:  {Code: codes.InvalidArgument, HTTP: http.StatusBadRequest},
	fault.ImageExpired:      {Code: codes.NotFound, HTTP: http.StatusNotFound},
	fault.UploadStalled:     {Code: codes.DeadlineExceeded, HTTP: http.StatusRequestTimeout},
	fault.MemoryBudgetFull:  {Code: codes.ResourceExhausted, HTTP: http.StatusServiceUnavailable, Wait: time.Second},

	fault.ProductNotFound:      {Code: codes.NotFound, HTTP: http.StatusNotFound},
	fault.CategoryNotFound:     {Code: codes.NotFound, HTTP: http.StatusNotFound},
	fault.UpstreamImageRefused: {Code: codes.InvalidArgument, HTTP: http.StatusBadRequest},
	// The image is still here: asking again sends it again.
	fault.UpstreamImageForgotten:  {Code: codes.Unavailable, HTTP: http.StatusServiceUnavailable, Wait: time.Second},
	fault.UpstreamArgumentRefused: {Code: codes.InvalidArgument, HTTP: http.StatusBadRequest},
	fault.UpstreamRefused:         {Code: codes.Unknown, HTTP: http.StatusBadGateway},
	// Credentials of ours, never UNAUTHENTICATED: that would speak of the caller.
	fault.UpstreamCredentialsInvalid: {Code: codes.FailedPrecondition, HTTP: http.StatusInternalServerError},
	fault.UpstreamTokenInvalid:       {Code: codes.FailedPrecondition, HTTP: http.StatusInternalServerError},
	fault.UpstreamPermissionDenied:   {Code: codes.FailedPrecondition, HTTP: http.StatusInternalServerError},
	fault.UpstreamIPNotAllowed:       {Code: codes.FailedPrecondition, HTTP: http.StatusInternalServerError},
	fault.UpstreamAPIUnknown:         {Code: codes.FailedPrecondition, HTTP: http.StatusInternalServerError},
	fault.UpstreamCertificateInvalid: {Code: codes.FailedPrecondition, HTTP: http.StatusInternalServerError},
	fault.UpstreamHostUnknown:        {Code: codes.FailedPrecondition, HTTP: http.StatusInternalServerError},
	fault.UpstreamClockSkew:          {Code: codes.FailedPrecondition, HTTP: http.StatusInternalServerError},
	fault.UpstreamThrottled:          {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests, Wait: time.Second},
	fault.UpstreamQuotaExhausted:     {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests, WaitIfKnown: true},
	fault.UpstreamUnavailable:        {Code: codes.Unavailable, HTTP: http.StatusServiceUnavailable, Wait: 2 * time.Second},
	fault.UpstreamTimeout:            {Code: codes.Unavailable, HTTP: http.StatusServiceUnavailable, Wait: 2 * time.Second},
	fault.UpstreamAnswerUnreadable:   {Code: codes.Internal, HTTP: http.StatusBadGateway},
	fault.UpstreamAnswerTooLarge:     {Code: codes.Internal, HTTP: http.StatusBadGateway},

	fault.QuotaWaitTooLong: {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests, Wait: time.Second},
	fault.QuotaQueueFull:   {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests, Wait: time.Second},
	// Nobody knows whether the quota is spent, so it is not RESOURCE_EXHAUSTED.
	fault.QuotaStoreUnavailable: {Code: codes.Unavailable, HTTP: http.StatusServiceUnavailable, Wait: 2 * time.Second},
	fault.QuotaDayUsedUp:        {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests, WaitIfKnown: true},
	fault.ResumeTokenInvalid:    {Code: codes.InvalidArgument, HTTP: http.StatusBadRequest},
	fault.BudgetExhausted:       {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests},

	fault.PriceWatchNotFound:      {Code: codes.NotFound, HTTP: http.StatusNotFound},
	fault.PriceWatchChanged:       {Code: codes.Aborted, HTTP: http.StatusConflict},
	fault.PriceWatchLimitReached:  {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests},
	fault.PriceWatchCallsUsedUp:   {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests, WaitIfKnown: true},
	fault.PriceWatchesNotServed:   {Code: codes.Unimplemented, HTTP: http.StatusNotImplemented},
	fault.WebhookNotFound:         {Code: codes.NotFound, HTTP: http.StatusNotFound},
	fault.WebhookDeliveryNotFound: {Code: codes.NotFound, HTTP: http.StatusNotFound},
	fault.WebhookDisabled:         {Code: codes.FailedPrecondition, HTTP: http.StatusBadRequest},
	fault.PriceStoreUnavailable:   {Code: codes.Unavailable, HTTP: http.StatusServiceUnavailable, Wait: 2 * time.Second},
	// Not UNAVAILABLE, which clients repeat by themselves: a watch would be there twice.
	fault.PriceStoreOutcomeUnknown: {Code: codes.Unknown, HTTP: http.StatusInternalServerError},

	fault.CallerAPINotAllowed: {Code: codes.PermissionDenied, HTTP: http.StatusForbidden},
	// Neither UNAVAILABLE and ABORTED, nor 502 to 504: clients and proxies repeat those by themselves.
	fault.CallMayHaveArrived: {Code: codes.Unknown, HTTP: http.StatusInternalServerError},

	fault.CallerPaused:             {Code: codes.PermissionDenied, HTTP: http.StatusForbidden, WaitIfKnown: true},
	fault.CallerConcurrencyLimited: {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests, Wait: time.Second},
	fault.CallerCallsUsedUp:        {Code: codes.ResourceExhausted, HTTP: http.StatusTooManyRequests, WaitIfKnown: true},
	fault.CallerCheckUnavailable:   {Code: codes.Unavailable, HTTP: http.StatusServiceUnavailable, Wait: 2 * time.Second},
	fault.UpstreamCallsPaused:      {Code: codes.Unavailable, HTTP: http.StatusServiceUnavailable, WaitIfKnown: true},
}

// quotaKinds are told with a QuotaFailure.
var quotaKinds = map[fault.Kind]bool{
	fault.CallerRateLimited:      true,
	fault.UpstreamThrottled:      true,
	fault.UpstreamQuotaExhausted: true,
	fault.QuotaWaitTooLong:       true,
	fault.QuotaQueueFull:         true,
	fault.QuotaDayUsedUp:         true,
	fault.BudgetExhausted:        true,
	fault.PriceWatchLimitReached: true,
	fault.PriceWatchCallsUsedUp:  true,

	fault.CallerConcurrencyLimited: true,
	fault.CallerCallsUsedUp:        true,
}

// resourceTypes are told with a ResourceInfo, whose type they give.
var resourceTypes = map[fault.Kind]string{
	fault.ProductNotFound:         "zhaohuo.dev/Product",
	fault.CategoryNotFound:        "zhaohuo.dev/Category",
	fault.ImageExpired:            "zhaohuo.dev/Image",
	fault.PriceWatchNotFound:      "zhaohuo.dev/PriceWatch",
	fault.PriceWatchChanged:       "zhaohuo.dev/PriceWatch",
	fault.WebhookNotFound:         "zhaohuo.dev/PriceWebhook",
	fault.WebhookDeliveryNotFound: "zhaohuo.dev/WebhookDelivery",
	fault.WebhookDisabled:         "zhaohuo.dev/WebhookDelivery",
}
