package rpcerr

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// detailsOf is st's details; a detail that cannot be decoded fails the test.
func detailsOf(t *testing.T, st *status.Status) []proto.Message {
	t.Helper()
	var all []proto.Message
	for _, detail := range st.Details() {
		msg, ok := detail.(proto.Message)
		if !ok {
			t.Fatalf("detail %v", detail)
		}
		all = append(all, msg)
	}
	return all
}

func english1(message string) *errdetails.LocalizedMessage {
	return &errdetails.LocalizedMessage{Locale: "en", Message: message}
}

func TestStatus(t *testing.T) {
	tests := map[string]struct {
		err     error
		code    codes.Code
		message string
		details []proto.Message
	}{
		"a field": {
			err:  fault.Invalid("page_size", "int32.gte_lte", "must be 1 to 50"),
			code: codes.InvalidArgument, message: "page_size: must be 1 to 50",
			details: []proto.Message{
				&errdetails.ErrorInfo{Reason: "INVALID_FIELD", Domain: "zhaohuo.dev"},
				&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
					{Field: "page_size", Description: "must be 1 to 50", Reason: "INT32_GTE_LTE"},
				}},
				english1("A field of the request is not valid. Correct the fields that are listed."),
			},
		},
		"throttled, wait known": {
			err: fault.New(fault.UpstreamThrottled, "too fast").WithRetryAfter(1500*time.Millisecond).
				WithSubject("api").WithMeta(fault.MetaUpstreamCode, "gw.QosAppFrequencyLimit"),
			code: codes.ResourceExhausted, message: "too fast",
			details: []proto.Message{
				&errdetails.ErrorInfo{Reason: "UPSTREAM_THROTTLED", Domain: "zhaohuo.dev", Metadata: map[string]string{
					"subject": "api", "upstream_code": "gw.QosAppFrequencyLimit",
				}},
				&errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)},
				&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
					{Subject: "api", Description: "1688 says that calls come too fast."},
				}},
				english1("1688 says that calls come too fast. Wait, then try again."),
			},
		},
		"unavailable, wait unknown": {
			err:  fmt.Errorf("searching: %w", fault.New(fault.UpstreamUnavailable, "").WithCause(errors.New("secret"))),
			code: codes.Unavailable, message: "1688 cannot be reached or failed.",
			details: []proto.Message{
				&errdetails.ErrorInfo{Reason: "UPSTREAM_UNAVAILABLE", Domain: "zhaohuo.dev"},
				&errdetails.RetryInfo{RetryDelay: durationpb.New(2 * time.Second)},
				english1("1688 cannot be reached or failed. Wait, then try again."),
			},
		},
		"allowance used up, wait unknown": {
			err:  fault.New(fault.UpstreamQuotaExhausted, "used up"),
			code: codes.ResourceExhausted, message: "used up",
			details: []proto.Message{
				&errdetails.ErrorInfo{Reason: "UPSTREAM_QUOTA_EXHAUSTED", Domain: "zhaohuo.dev"},
				&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
					{Description: "The call allowance at 1688 is used up."},
				}},
				english1("The call allowance at 1688 is used up. Wait until it is renewed; the operator can buy more."),
			},
		},
		"a wait that no retry needs": {
			err:  fault.New(fault.ProductNotFound, "gone").WithRetryAfter(time.Hour).WithSubject("71"),
			code: codes.NotFound, message: "gone",
			details: []proto.Message{
				&errdetails.ErrorInfo{Reason: "PRODUCT_NOT_FOUND", Domain: "zhaohuo.dev", Metadata: map[string]string{"subject": "71"}},
				&errdetails.ResourceInfo{ResourceType: "zhaohuo.dev/Product", ResourceName: "71", Description: "There is no such product, or it is delisted."},
				english1("There is no such product, or it is delisted. Check the product id."),
			},
		},
		"plain": {
			err:  errors.New("password is 1234"),
			code: codes.Internal, message: "The service failed.",
			details: []proto.Message{
				&errdetails.ErrorInfo{Reason: "INTERNAL", Domain: "zhaohuo.dev"},
				english1("The service failed. Report it with the request id."),
			},
		},
		"cancelled": {
			err:  fmt.Errorf("x: %w", context.Canceled),
			code: codes.Canceled, message: "The caller left before the answer was there.",
			details: []proto.Message{
				&errdetails.ErrorInfo{Reason: "CALLER_GONE", Domain: "zhaohuo.dev"},
				english1("The caller left before the answer was there. Ask again if the answer is still wanted."),
			},
		},
		"deadline": {
			err:  context.DeadlineExceeded,
			code: codes.DeadlineExceeded, message: "The time for the request ran out.",
			details: []proto.Message{
				&errdetails.ErrorInfo{Reason: "DEADLINE_EXCEEDED", Domain: "zhaohuo.dev"},
				english1("The time for the request ran out. Allow more time."),
			},
		},
		"gRPC's own refusal": {
			err:  fmt.Errorf("wrapped: %w", status.Error(codes.ResourceExhausted, "message larger than max")),
			code: codes.ResourceExhausted, message: "message larger than max",
			details: []proto.Message{
				&errdetails.ErrorInfo{Reason: "REQUEST_TOO_LARGE", Domain: "zhaohuo.dev"},
				english1("The request is too large. Send less; GetServerInfo tells the limit."),
			},
		},
		"a foreign status of no one's business": {
			err:  status.Error(codes.DataLoss, "disk 3 of db.internal"),
			code: codes.DataLoss, message: "The service failed.",
			details: []proto.Message{
				&errdetails.ErrorInfo{Reason: "INTERNAL", Domain: "zhaohuo.dev"},
				english1("The service failed. Report it with the request id."),
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			st := Status(test.err, "")
			if st.Code() != test.code || st.Message() != test.message {
				t.Errorf("%s %q, want %s %q", st.Code(), st.Message(), test.code, test.message)
			}
			if diff := cmp.Diff(test.details, detailsOf(t, st), protocmp.Transform()); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatusOfNilIsOK(t *testing.T) {
	if got := Status(nil, ""); got.Code() != codes.OK || HTTPStatus(got) != 200 {
		t.Errorf("%v", got)
	}
}

func TestStatusThatIsOursPasses(t *testing.T) {
	st := Status(fault.New(fault.UpstreamTimeout, "slow"), "zh-CN")
	second := Status(fmt.Errorf("over REST: %w", st.Err()), "en")
	if diff := cmp.Diff(st.Proto(), second.Proto(), protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBadCredentialsDoNotSpeakOfTheCaller holds for everything that is between us and 1688.
func TestBadCredentialsDoNotSpeakOfTheCaller(t *testing.T) {
	for _, kind := range fault.Kinds() {
		code := rowOf(kind).Code
		if (code == codes.Unauthenticated || code == codes.PermissionDenied) != (kind == fault.CallerUnauthenticated || kind == fault.CallerNotAllowed ||
			kind == fault.CallerAPINotAllowed || kind == fault.CallerPaused) {
			t.Errorf("%s is %s", kind, code)
		}
	}
}

func TestLanguage(t *testing.T) {
	for header, want := range map[string]string{
		"":                                 "en",
		"en":                               "en",
		"zh":                               "zh-CN",
		"zh-CN":                            "zh-CN",
		"zh-Hant-TW":                       "zh-CN",
		"ja, zh;q=0.5, en;q=0.4":           "zh-CN",
		"en-GB;q=0.9, zh;q=0.8":            "en",
		"fr":                               "en",
		"*":                                "en",
		";;;":                              "en",
		strings.Repeat("zh-", 100):         "en",
		"zh-CN,zh;q=0.9,en-US;q=0.8":       "zh-CN",
		"\xff\xfe":                         "en",
		"zh-CN" + strings.Repeat(" ", 200): "en",
	} {
		st := Status(fault.New(fault.UpstreamTimeout, ""), header)
		var got *errdetails.LocalizedMessage
		for _, detail := range st.Details() {
			if m, ok := detail.(*errdetails.LocalizedMessage); ok {
				got = m
			}
		}
		text := map[string]string{
			"en": "1688 did not answer in time. Wait, then try again.", "zh-CN": "1688 未在规定时间内响应。请稍后重试。",
		}[want]
		if got.GetLocale() != want || got.GetMessage() != text {
			t.Errorf("%q: %s %q, want %s", header, got.GetLocale(), got.GetMessage(), want)
		}
	}
}

// TestAMissingPermissionNamesTheAPI: in both languages, since the operator has to apply for it by its name.
func TestAMissingPermissionNamesTheAPI(t *testing.T) {
	f := fault.New(fault.UpstreamPermissionDenied, "").WithMeta(fault.MetaUpstreamAPI, "a.b:c-1")
	for header, want := range map[string]string{
		"en": "This server's App Key may not use this API of 1688. The API is a.b:c-1. The operator has to apply for the API's permission package.",
		"zh": "本服务的 App Key 没有该接口的权限。接口：a.b:c-1。请运维人员申请该接口的权限包。",
	} {
		for _, detail := range Status(f, header).Details() {
			if m, ok := detail.(*errdetails.LocalizedMessage); ok && m.GetMessage() != want {
				t.Errorf("%s: %q, want %q", header, m.GetMessage(), want)
			}
		}
	}
}

func TestReading(t *testing.T) {
	st := Status(fault.New(fault.MethodNotAllowed, ""), "")
	if Reason(st) != "METHOD_NOT_ALLOWED" || HTTPStatus(st) != 405 {
		t.Errorf("%s %d", Reason(st), HTTPStatus(st))
	}
	if wait, ok := RetryAfter(st); ok {
		t.Errorf("wait %s", wait)
	}
	if wait, ok := RetryAfter(Status(fault.New(fault.QuotaQueueFull, "").WithRetryAfter(3*time.Second), "")); !ok || wait != 3*time.Second {
		t.Errorf("wait %s %t", wait, ok)
	}
	foreign, err := status.New(codes.NotFound, "").WithDetails(&errdetails.ErrorInfo{Reason: "METHOD_NOT_ALLOWED", Domain: "else.where"})
	if err != nil {
		t.Fatal(err)
	}
	if Reason(foreign) != "" || HTTPStatus(foreign) != 500 {
		t.Errorf("%q %d", Reason(foreign), HTTPStatus(foreign))
	}
}

// TestStatusFitsItsHeader: whatever a fault holds, its status can be encoded and stays within what clients take.
func TestStatusFitsItsHeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat(string(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes")), rapid.IntRange(0, 60).Draw(t, "times"))
		})
		f := fault.New(rapid.SampledFrom(fault.Kinds()).Draw(t, "kind"), "%s", text.Draw(t, "detail")).WithSubject(text.Draw(t, "subject"))
		f.RetryAfter = time.Duration(rapid.Int64().Draw(t, "wait"))
		for range rapid.IntRange(0, 20).Draw(t, "fields") {
			f = f.WithField(text.Draw(t, "path"), text.Draw(t, "rule"), text.Draw(t, "why"))
		}
		f = f.WithMeta(fault.MetaUpstreamMessage, text.Draw(t, "message"))
		st := Status(f, text.Draw(t, "language"))
		if !utf8.ValidString(st.Message()) {
			t.Fatalf("message %q", st.Message())
		}
		encoded, err := proto.Marshal(st.Proto())
		if err != nil {
			t.Fatal(err)
		}
		if Reason(st) != f.Kind.String() || HTTPStatus(st) != rowOf(f.Kind).HTTP {
			t.Fatalf("%v", st)
		}
		wait, known := RetryAfter(st)
		if useful := rowOf(f.Kind).RetryUseful(); known && (!useful || wait <= 0) || useful && !rowOf(f.Kind).WaitIfKnown && !known {
			t.Fatalf("wait %s, told %t for %s", wait, known, f.Kind)
		}
		if len(encoded) > 4<<10 {
			t.Fatalf("%d bytes", len(encoded))
		}
	})
}

// A failure that cost nothing says so; one that nobody counted says nothing.
func TestCallsAreInTheMetadata(t *testing.T) {
	for want, f := range map[string]*fault.Fault{
		"0": fault.New(fault.QuotaWaitTooLong, "").WithCalls(0),
		"3": fault.New(fault.UpstreamTimeout, "").WithCalls(2).WithCalls(3),
		"":  fault.New(fault.UpstreamTimeout, ""),
	} {
		var info *errdetails.ErrorInfo
		for _, detail := range Status(f, "").Details() {
			if found, ok := detail.(*errdetails.ErrorInfo); ok {
				info = found
			}
		}
		if got := info.GetMetadata()[MetaCalls]; got != want {
			t.Errorf("%s: told %q, want %q", f.Kind, got, want)
		}
	}
}
