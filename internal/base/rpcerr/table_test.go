package rpcerr

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

func TestEveryKindHasARowAndTexts(t *testing.T) {
	if got, want := len(table), len(fault.Kinds()); got != want {
		t.Errorf("the table has %d rows for %d kinds", got, want)
	}
	for _, kind := range fault.Kinds() {
		row, ok := table[kind]
		if !ok || row.Code == codes.OK || row.HTTP < 400 {
			t.Errorf("%s: row %+v", kind, row)
		}
		for lang, text := range map[string]Text{"en": englishMessages[kind], "zh": chineseMessages[kind]} {
			if text.Message == "" || text.Remedy == "" {
				t.Errorf("%s has no text in %s", kind, lang)
			}
		}
	}
}

func TestReasonsAreTheContracts(t *testing.T) {
	const prefix = "ERROR_REASON_"
	contract := map[string]bool{}
	for number, name := range zhaohuov1.ErrorReason_name {
		if number != 0 {
			contract[strings.TrimPrefix(name, prefix)] = true
		}
	}
	for _, kind := range fault.Kinds() {
		if !contract[kind.String()] || Enum(kind.String()).String() != prefix+kind.String() {
			t.Errorf("%s is not in the contract", kind)
		}
		delete(contract, kind.String())
	}
	for name := range contract {
		t.Errorf("%s is in the contract and no kind", name)
	}
	if got := Enum("NOT_OURS"); got != zhaohuov1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		t.Errorf("a name that is none of ours is %s", got)
	}
}

// TestCodes spells the whole table out once more: a changed code is a changed contract.
func TestCodes(t *testing.T) {
	type row struct {
		code codes.Code
		http int
		// wait is the default; -1: told only if known; 0: never told.
		wait time.Duration
	}
	want := map[string]row{
		"INTERNAL":                     {codes.Internal, 500, 0},
		"INVALID_FIELD":                {codes.InvalidArgument, 400, 0},
		"UNSUPPORTED_BY_DIALECT":       {codes.InvalidArgument, 400, 0},
		"MALFORMED_REQUEST":            {codes.InvalidArgument, 400, 0},
		"UNKNOWN_FIELD":                {codes.InvalidArgument, 400, 0},
		"REQUEST_TOO_LARGE":            {codes.InvalidArgument, 413, 0},
		"UNSUPPORTED_MEDIA_TYPE":       {codes.InvalidArgument, 415, 0},
		"ROUTE_NOT_FOUND":              {codes.Unimplemented, 404, 0},
		"METHOD_NOT_ALLOWED":           {codes.Unimplemented, 405, 0},
		"CALLER_UNAUTHENTICATED":       {codes.Unauthenticated, 401, 0},
		"CALLER_NOT_ALLOWED":           {codes.PermissionDenied, 403, 0},
		"CALLER_RATE_LIMITED":          {codes.ResourceExhausted, 429, time.Second},
		"CALLER_GONE":                  {codes.Canceled, 499, 0},
		"DEADLINE_EXCEEDED":            {codes.DeadlineExceeded, 504, 0},
		"SERVER_DRAINING":              {codes.Unavailable, 503, time.Second},
		"IMAGE_UNREADABLE":             {codes.InvalidArgument, 415, 0},
		"IMAGE_TOO_LARGE":              {codes.InvalidArgument, 413, 0},
		"IMAGE_FETCH_REFUSED":          {codes.InvalidArgument, 400, 0},
		"IMAGE_FETCH_FAILED":           {codes.InvalidArgument, 400, 0},
		"IMAGE_EXPIRED":                {codes.NotFound, 404, 0},
		"UPLOAD_STALLED":               {codes.DeadlineExceeded, 408, 0},
		"MEMORY_BUDGET_FULL":           {codes.ResourceExhausted, 503, time.Second},
		"PRODUCT_NOT_FOUND":            {codes.NotFound, 404, 0},
		"CALLER_API_NOT_ALLOWED":       {codes.PermissionDenied, 403, 0},
		"CALL_MAY_HAVE_ARRIVED":        {codes.Unknown, 500, 0},
		"CALLER_PAUSED":                {codes.PermissionDenied, 403, -1},
		"CALLER_CONCURRENCY_LIMITED":   {codes.ResourceExhausted, 429, time.Second},
		"CALLER_CALLS_USED_UP":         {codes.ResourceExhausted, 429, -1},
		"CALLER_CHECK_UNAVAILABLE":     {codes.Unavailable, 503, 2 * time.Second},
		"UPSTREAM_CALLS_PAUSED":        {codes.Unavailable, 503, -1},
		"CATEGORY_NOT_FOUND":           {codes.NotFound, 404, 0},
		"UPSTREAM_IMAGE_REFUSED":       {codes.InvalidArgument, 400, 0},
		"UPSTREAM_IMAGE_FORGOTTEN":     {codes.Unavailable, 503, time.Second},
		"UPSTREAM_ARGUMENT_REFUSED":    {codes.InvalidArgument, 400, 0},
		"UPSTREAM_REFUSED":             {codes.Unknown, 502, 0},
		"UPSTREAM_CREDENTIALS_INVALID": {codes.FailedPrecondition, 500, 0},
		"UPSTREAM_TOKEN_INVALID":       {codes.FailedPrecondition, 500, 0},
		"UPSTREAM_PERMISSION_DENIED":   {codes.FailedPrecondition, 500, 0},
		"UPSTREAM_IP_NOT_ALLOWED":      {codes.FailedPrecondition, 500, 0},
		"UPSTREAM_API_UNKNOWN":         {codes.FailedPrecondition, 500, 0},
		"UPSTREAM_CERTIFICATE_INVALID": {codes.FailedPrecondition, 500, 0},
		"UPSTREAM_HOST_UNKNOWN":        {codes.FailedPrecondition, 500, 0},
		"UPSTREAM_CLOCK_SKEW":          {codes.FailedPrecondition, 500, 0},
		"UPSTREAM_THROTTLED":           {codes.ResourceExhausted, 429, time.Second},
		"UPSTREAM_QUOTA_EXHAUSTED":     {codes.ResourceExhausted, 429, -1},
		"UPSTREAM_UNAVAILABLE":         {codes.Unavailable, 503, 2 * time.Second},
		"UPSTREAM_TIMEOUT":             {codes.Unavailable, 503, 2 * time.Second},
		"UPSTREAM_ANSWER_UNREADABLE":   {codes.Internal, 502, 0},
		"UPSTREAM_ANSWER_TOO_LARGE":    {codes.Internal, 502, 0},
		"QUOTA_WAIT_TOO_LONG":          {codes.ResourceExhausted, 429, time.Second},
		"QUOTA_QUEUE_FULL":             {codes.ResourceExhausted, 429, time.Second},
		"QUOTA_STORE_UNAVAILABLE":      {codes.Unavailable, 503, 2 * time.Second},
		"QUOTA_DAY_USED_UP":            {codes.ResourceExhausted, 429, -1},
		"RESUME_TOKEN_INVALID":         {codes.InvalidArgument, 400, 0},
		"BUDGET_EXHAUSTED":             {codes.ResourceExhausted, 429, 0},
		"PRICE_WATCH_NOT_FOUND":        {codes.NotFound, 404, 0},
		"PRICE_WATCH_CHANGED":          {codes.Aborted, 409, 0},
		"PRICE_WATCH_LIMIT_REACHED":    {codes.ResourceExhausted, 429, 0},
		"PRICE_WATCH_CALLS_USED_UP":    {codes.ResourceExhausted, 429, -1},
		"PRICE_WATCHES_NOT_SERVED":     {codes.Unimplemented, 501, 0},
		"WEBHOOK_NOT_FOUND":            {codes.NotFound, 404, 0},
		"WEBHOOK_DELIVERY_NOT_FOUND":   {codes.NotFound, 404, 0},
		"WEBHOOK_DISABLED":             {codes.FailedPrecondition, 400, 0},
		"PRICE_STORE_UNAVAILABLE":      {codes.Unavailable, 503, 2 * time.Second},
		"PRICE_STORE_OUTCOME_UNKNOWN":  {codes.Unknown, 500, 0},
	}
	rows := Rows()
	if len(rows) != len(want) {
		t.Errorf("%d rows, want %d", len(rows), len(want))
	}
	for _, r := range rows {
		got := row{r.Code, r.HTTP, r.Wait}
		if r.WaitIfKnown {
			got.wait = -1
		}
		if got != want[r.Kind.String()] {
			t.Errorf("%s: %+v, want %+v", r.Kind, got, want[r.Kind.String()])
		}
	}
}

func TestUnnamedKindIsInternal(t *testing.T) {
	if got := rowOf(fault.Kind(250)); got.Kind != fault.Internal || got.Code != codes.Internal {
		t.Errorf("row %+v", got)
	}
}
