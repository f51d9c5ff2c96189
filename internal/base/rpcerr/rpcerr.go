// Package rpcerr tells faults to callers: it is the only place where a fault becomes a gRPC code, an HTTP status and
// details, in English or Chinese.
//
// It decides nothing about retries inside the service (fault.Kind.Retry does) and writes no response.
package rpcerr

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Domain is the domain of every ErrorInfo.
const Domain = "zhaohuo.dev"

// The ErrorInfo metadata keys of typed fields: [fault.Fault.Subject] and [fault.Fault.Calls].
const (
	MetaSubject = "subject"
	MetaCalls   = "upstream_calls"
)

// Details travel in an HTTP/2 header, of which many clients take 8 KiB in all. All in bytes.
const (
	messageMax        = 400
	valueMax          = 256
	fieldsMax         = 1536
	acceptLanguageMax = 128
)

// Status is err as callers see it. A fault gets its row of the table; a context's error is the caller leaving or the
// deadline; a status that already has our ErrorInfo passes, another one gets it; anything else is INTERNAL without
// its text. acceptLanguage is an HTTP Accept-Language value, empty for English. A nil err is OK.
func Status(err error, acceptLanguage string) *status.Status {
	if err == nil {
		return status.New(codes.OK, "")
	}
	if f, ok := fault.As(err); ok {
		return ofFault(f, acceptLanguage)
	}
	// Not status.FromError: it puts the text of errors wrapped around the status into it.
	if carrier, ok := errors.AsType[interface {
		error
		GRPCStatus() *status.Status
	}](err); ok && carrier.GRPCStatus().Code() != codes.OK {
		return ofStatus(carrier.GRPCStatus(), acceptLanguage)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return ofFault(fault.New(fault.CallerGone, ""), acceptLanguage)
	case errors.Is(err, context.DeadlineExceeded):
		return ofFault(fault.New(fault.DeadlineExceeded, ""), acceptLanguage)
	}
	return ofFault(fault.New(fault.Internal, ""), acceptLanguage)
}

func ofFault(f *fault.Fault, acceptLanguage string) *status.Status {
	row := rowOf(f.Kind)
	message := f.Detail
	if message == "" {
		message = row.EN.Message
	}
	return withDetails(status.New(row.Code, bounded(message, messageMax)), row, f, acceptLanguage)
}

// ofStatus adds what is missing to a status made by gRPC itself. Its text is kept where it speaks of the request.
func ofStatus(st *status.Status, acceptLanguage string) *status.Status {
	if info := errorInfo(st); info != nil && info.GetDomain() == Domain {
		return st
	}
	row := rowOf(kindOfCode(st.Code()))
	message := st.Message()
	if row.Kind == fault.Internal {
		message = row.EN.Message
	}
	return withDetails(status.New(st.Code(), bounded(message, messageMax)), row, fault.New(row.Kind, ""), acceptLanguage)
}

// kindOfCode is the kind that says of a bare code what can be said.
func kindOfCode(code codes.Code) fault.Kind {
	switch code {
	case codes.Canceled:
		return fault.CallerGone
	case codes.DeadlineExceeded:
		return fault.DeadlineExceeded
	case codes.InvalidArgument, codes.OutOfRange:
		return fault.MalformedRequest
	case codes.Unimplemented:
		return fault.RouteNotFound
	case codes.ResourceExhausted:
		// gRPC itself says so only of messages over a limit.
		return fault.RequestTooLarge
	case codes.Unauthenticated:
		return fault.CallerUnauthenticated
	case codes.PermissionDenied:
		return fault.CallerNotAllowed
	case codes.Unavailable:
		return fault.ServerDraining
	default:
		return fault.Internal
	}
}

func withDetails(st *status.Status, row Row, f *fault.Fault, acceptLanguage string) *status.Status {
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{
		Reason: row.Kind.String(), Domain: Domain, Metadata: metadata(f),
	}}
	if wait := retryWait(row, f); wait > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(wait)})
	}
	if quotaKinds[row.Kind] {
		details = append(details, &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{
			Subject: bounded(f.Subject, valueMax), Description: row.EN.Message,
		}}})
	}
	if len(f.Fields) > 0 {
		details = append(details, &errdetails.BadRequest{FieldViolations: violations(f.Fields, acceptLanguage)})
	}
	if kind, ok := resourceTypes[row.Kind]; ok {
		details = append(details, &errdetails.ResourceInfo{
			ResourceType: kind, ResourceName: bounded(f.Subject, valueMax), Description: row.EN.Message,
		})
	}
	details = append(details, localized(row, f, acceptLanguage))
	full, err := st.WithDetails(details...)
	if err != nil {
		return st // Only an OK status or an unencodable message fails; both are excluded above.
	}
	return full
}

func retryWait(row Row, f *fault.Fault) time.Duration {
	if !row.RetryUseful() {
		return 0
	}
	if f.RetryAfter > 0 {
		return f.RetryAfter
	}
	return row.Wait
}

func metadata(f *fault.Fault) map[string]string {
	if len(f.Meta) == 0 && f.Subject == "" && f.Calls == nil {
		return nil
	}
	all := maps.Clone(f.Meta)
	if all == nil {
		all = map[string]string{}
	}
	if f.Subject != "" {
		all[MetaSubject] = f.Subject
	}
	if f.Calls != nil {
		all[MetaCalls] = strconv.Itoa(*f.Calls)
	}
	for key, value := range all {
		all[key] = bounded(value, valueMax)
	}
	return all
}

// violations lists as many fields as there is room for. What is wrong with a field is also said in Chinese to who prefers it.
func violations(fields []fault.Field, acceptLanguage string) []*errdetails.BadRequest_FieldViolation {
	var out []*errdetails.BadRequest_FieldViolation
	size, chinese := 0, PrefersChinese(acceptLanguage)
	for _, field := range fields {
		v := &errdetails.BadRequest_FieldViolation{
			Field:       bounded(field.Path, valueMax),
			Description: bounded(field.Why, valueMax),
			Reason:      reasonOf(bounded(field.Rule, valueMax)),
		}
		if chinese {
			if local := chineseFields().Read(field.Why); local != field.Why {
				v.LocalizedMessage = &errdetails.LocalizedMessage{Locale: "zh-CN", Message: bounded(local, valueMax)}
			}
		}
		if size += proto.Size(v); size > fieldsMax {
			break
		}
		out = append(out, v)
	}
	return out
}

// reasonOf spells a rule as google.rpc wants reasons: "int32.gte" is INT32_GTE.
func reasonOf(rule string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		default:
			return '_'
		}
	}, rule)
}

// localized is what a person reads. A missing permission names the API: without it the operator cannot apply for it.
func localized(row Row, f *fault.Fault, acceptLanguage string) *errdetails.LocalizedMessage {
	api := ""
	if row.Kind == fault.UpstreamPermissionDenied {
		api = bounded(f.Meta[fault.MetaUpstreamAPI], valueMax)
	}
	if PrefersChinese(acceptLanguage) {
		if api != "" {
			api = "接口：" + api + "。"
		}
		return &errdetails.LocalizedMessage{Locale: "zh-CN", Message: row.ZH.Message + api + row.ZH.Remedy}
	}
	if api != "" {
		api = "The API is " + api + ". "
	}
	return &errdetails.LocalizedMessage{Locale: "en", Message: row.EN.Message + " " + api + row.EN.Remedy}
}

// PrefersChinese reports whether Chinese, in any script, comes before English among the languages wanted.
func PrefersChinese(acceptLanguage string) bool {
	if acceptLanguage == "" || len(acceptLanguage) > acceptLanguageMax {
		return false
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return false
	}
	for _, tag := range wanted {
		switch base, _ := tag.Base(); base.String() {
		case "zh":
			return true
		case "en":
			return false
		}
	}
	return false
}

// bounded cuts s to a number of bytes, between characters, and repairs what is not UTF-8, which no message may carry.
func bounded(s string, bytesMax int) string {
	const more = "…"
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= bytesMax {
		return s
	}
	end := bytesMax - len(more)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + more
}
