package rpcerr

import (
	"net/http"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Reason is the reason of st's ErrorInfo; empty for none of ours.
func Reason(st *status.Status) string {
	if info := errorInfo(st); info != nil && info.GetDomain() == Domain {
		return info.GetReason()
	}
	return ""
}

// Enum is the value of the contract's enum for a reason's name, as [Reason] and the name of a [fault.Kind] give it;
// ERROR_REASON_UNSPECIFIED for none of ours.
func Enum(reason string) zhaohuov1.ErrorReason {
	return zhaohuov1.ErrorReason(zhaohuov1.ErrorReason_value["ERROR_REASON_"+reason])
}

// RetryAfter is the wait of st's RetryInfo; false for none.
func RetryAfter(st *status.Status) (time.Duration, bool) {
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration(), true
		}
	}
	return 0, false
}

// HTTPStatus is the status of st over REST: that of its reason's row, so that one table decides.
func HTTPStatus(st *status.Status) int {
	if st.Code() == codes.OK {
		return http.StatusOK
	}
	reason := Reason(st)
	for _, kind := range fault.Kinds() {
		if kind.String() == reason && rowOf(kind).Code == st.Code() {
			return rowOf(kind).HTTP
		}
	}
	return rowOf(kindOfCode(st.Code())).HTTP
}

func errorInfo(st *status.Status) *errdetails.ErrorInfo {
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}
