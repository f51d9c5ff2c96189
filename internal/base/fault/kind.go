package fault

// Kind is what went wrong. Each kind is one reason of the contract (zhaohuo.v1.ErrorReason) under the same name.
type Kind uint8

// The kinds. Their names on the wire are in the table below; their status codes are internal/base/rpcerr's.
const (
	// Internal is a defect of ours. It is the zero value: an unnamed failure never passes for a harmless one.
	Internal Kind = iota

	// InvalidField: a request field breaks a rule of the contract.
	InvalidField
	// UnsupportedByDialect: the field is fine, but the upstream's dialect in use does not offer it.
	UnsupportedByDialect
	// MalformedRequest: the request could not be read at all (broken JSON, invalid UTF-8, wrong type).
	MalformedRequest
	// UnknownField: the request names a field or query parameter the contract does not have.
	UnknownField
	// RequestTooLarge: the request or a part of it is over the stated limit of bytes.
	RequestTooLarge
	// UnsupportedMediaType: the content type of the body is not accepted.
	UnsupportedMediaType
	// RouteNotFound: no such REST path or RPC.
	RouteNotFound
	// MethodNotAllowed: the REST path exists, but not for this HTTP method.
	MethodNotAllowed
	// CallerUnauthenticated: the caller's API key is missing, wrong or expired.
	CallerUnauthenticated
	// CallerNotAllowed: the caller's API key is good, but not for this RPC.
	CallerNotAllowed
	// CallerRateLimited: the caller itself sends too many requests.
	CallerRateLimited
	// CallerGone: the caller cancelled or hung up.
	CallerGone
	// DeadlineExceeded: the caller's deadline ended before the answer was there.
	DeadlineExceeded
	// ServerDraining: this process is shutting down; another one serves.
	ServerDraining

	// ImageUnreadable: the bytes are damaged, or are not an image in an accepted format.
	ImageUnreadable
	// ImageTooLarge: the image is over the limit of bytes or pixels.
	ImageTooLarge
	// ImageFetchRefused: the address may not be fetched (forbidden network, scheme, or fetching is off).
	ImageFetchRefused
	// ImageFetchFailed: the address could not be fetched, or did not answer with an image.
	ImageFetchFailed
	// ImageExpired: the image id is unknown or no longer kept.
	ImageExpired
	// UploadStalled: an upload stopped sending and was cut off.
	UploadStalled
	// MemoryBudgetFull: no room for another photo right now.
	MemoryBudgetFull

	// ProductNotFound: the upstream knows no such product, or it is delisted.
	ProductNotFound
	// CategoryNotFound: the upstream knows no such category.
	CategoryNotFound
	// UpstreamImageRefused: the upstream did not accept the image.
	UpstreamImageRefused
	// UpstreamImageForgotten: the upstream no longer knows the image it was sent before.
	UpstreamImageForgotten
	// UpstreamArgumentRefused: the upstream refused an argument as its final answer.
	UpstreamArgumentRefused
	// UpstreamRefused: the upstream refused with a code nobody has documented. Never success, never retried.
	UpstreamRefused
	// UpstreamCredentialsInvalid: App Key or App Secret is wrong, or the signing rule is.
	UpstreamCredentialsInvalid
	// UpstreamTokenInvalid: the access token is missing, expired or false.
	UpstreamTokenInvalid
	// UpstreamPermissionDenied: the App Key may not call this API.
	UpstreamPermissionDenied
	// UpstreamIPNotAllowed: the App Key may not be used from this address.
	UpstreamIPNotAllowed
	// UpstreamAPIUnknown: the configured API does not exist upstream, or the request's form is refused.
	UpstreamAPIUnknown
	// UpstreamCertificateInvalid: the upstream's certificate has expired, is of another name or of an unknown authority.
	UpstreamCertificateInvalid
	// UpstreamHostUnknown: the host name of the configured upstream, or of the proxy to it, does not exist.
	UpstreamHostUnknown
	// UpstreamClockSkew: the upstream refused our timestamp.
	UpstreamClockSkew
	// UpstreamThrottled: the upstream answered that calls come too fast.
	UpstreamThrottled
	// UpstreamQuotaExhausted: a paid package or the day's allowance upstream is used up.
	UpstreamQuotaExhausted
	// UpstreamUnavailable: no answer, a connection error, a 5xx or a platform-side fault.
	UpstreamUnavailable
	// UpstreamTimeout: the upstream did not answer in the time one attempt may take.
	UpstreamTimeout
	// UpstreamAnswerUnreadable: the upstream's answer is JSON, but not one we understand.
	UpstreamAnswerUnreadable
	// UpstreamAnswerTooLarge: the upstream's answer is over the limit of bytes.
	UpstreamAnswerTooLarge

	// QuotaWaitTooLong: the call's turn would come after its deadline; nothing was sent.
	QuotaWaitTooLong
	// QuotaQueueFull: too many calls wait for their turn already; nothing was sent.
	QuotaQueueFull
	// QuotaStoreUnavailable: the shared quota store cannot be asked; nothing was sent.
	QuotaStoreUnavailable
	// QuotaDayUsedUp: a daily limit of this service's own settings is reached; nothing was sent.
	QuotaDayUsedUp
	// ResumeTokenInvalid: the resume token is not one of ours, or belongs to another request.
	ResumeTokenInvalid
	// BudgetExhausted: the call budget of the request was used up before this step.
	BudgetExhausted
	// PriceWatchNotFound: no such price watch, or it is another owner's.
	PriceWatchNotFound
	// PriceWatchChanged: the price watch was changed since the etag was given.
	PriceWatchChanged
	// PriceWatchLimitReached: the caller has as many price watches as this server allows.
	PriceWatchLimitReached
	// PriceWatchCallsUsedUp: the upstream calls that the price watch may make in a day are used up.
	PriceWatchCallsUsedUp
	// PriceStoreUnavailable: the store of price watches cannot be used. Nothing was changed.
	PriceStoreUnavailable
	// PriceStoreOutcomeUnknown: the store of price watches was lost while it made a change. It is not known whether it was made.
	PriceStoreOutcomeUnknown
	// PriceWatchesNotServed: this process serves no price watches.
	PriceWatchesNotServed
	// WebhookNotFound: the price watch has no such webhook.
	WebhookNotFound
	// WebhookDeliveryNotFound: no such delivery, or it is of another owner's watch.
	WebhookDeliveryNotFound
	// WebhookDisabled: the webhook is disabled, and nothing is sent to it.
	WebhookDisabled
	// CallerAPINotAllowed: the caller may not call this API of the platform by its name.
	CallerAPINotAllowed
	// CallMayHaveArrived: a call that may change something was sent, and its answer is lost. It was not repeated.
	CallMayHaveArrived
	// CallerPaused: the operator has paused the caller, in its entry or for a time. Nothing was done.
	CallerPaused
	// CallerConcurrencyLimited: the caller has as many requests at the same time as its entry allows.
	CallerConcurrencyLimited
	// CallerCallsUsedUp: the upstream calls that the caller's entry allows in a day are made; nothing was sent.
	CallerCallsUsedUp
	// CallerCheckUnavailable: the caller's token cannot be checked, because its issuer does not answer.
	CallerCheckUnavailable
	// UpstreamCallsPaused: the operator has paused the calls of a class, or all accounts that may serve the call. Nothing was sent.
	UpstreamCallsPaused

	kindCount
)

// Retry says what may be done about a failed upstream attempt.
type Retry uint8

// The retry classes: docs/PROTOCOL.md §2.5, §3.4.
const (
	// RetryNever: the caller's mistake or a final answer; hand it back.
	RetryNever Retry = iota
	// RetryOperator: credentials, permission or configuration; do not repeat, alert a human.
	RetryOperator
	// RetryAuth: refresh the token once, repeat once.
	RetryAuth
	// RetryClock: measure the clock's offset, repeat once.
	RetryClock
	// RetryThrottle: slow the limiter that all callers share, wait with jitter, repeat.
	RetryThrottle
	// RetryQuota: stop calling until the allowance is renewed, alert.
	RetryQuota
	// RetryTransient: repeat with backoff.
	RetryTransient
	// RetryLocal: nothing was sent; the caller may come again when it is told to.
	RetryLocal
)

type kindRow struct {
	name  string
	retry Retry
}

var kinds = [kindCount]kindRow{
	Internal:                   {"INTERNAL", RetryNever},
	InvalidField:               {"INVALID_FIELD", RetryNever},
	UnsupportedByDialect:       {"UNSUPPORTED_BY_DIALECT", RetryNever},
	MalformedRequest:           {"MALFORMED_REQUEST", RetryNever},
	UnknownField:               {"UNKNOWN_FIELD", RetryNever},
	RequestTooLarge:            {"REQUEST_TOO_LARGE", RetryNever},
	UnsupportedMediaType:       {"UNSUPPORTED_MEDIA_TYPE", RetryNever},
	RouteNotFound:              {"ROUTE_NOT_FOUND", RetryNever},
	MethodNotAllowed:           {"METHOD_NOT_ALLOWED", RetryNever},
	CallerUnauthenticated:      {"CALLER_UNAUTHENTICATED", RetryNever},
	CallerNotAllowed:           {"CALLER_NOT_ALLOWED", RetryNever},
	CallerRateLimited:          {"CALLER_RATE_LIMITED", RetryLocal},
	CallerGone:                 {"CALLER_GONE", RetryNever},
	DeadlineExceeded:           {"DEADLINE_EXCEEDED", RetryNever},
	ServerDraining:             {"SERVER_DRAINING", RetryLocal},
	ImageUnreadable:            {"IMAGE_UNREADABLE", RetryNever},
	ImageTooLarge:              {"IMAGE_TOO_LARGE", RetryNever},
	ImageFetchRefused:          {"IMAGE_FETCH_REFUSED", RetryNever},
	ImageFetchFailed:           {"IMAGE_FETCH_FAILED", RetryNever},
	ImageExpired:               {"IMAGE_EXPIRED", RetryNever},
	UploadStalled:              {"UPLOAD_STALLED", RetryNever},
	MemoryBudgetFull:           {"MEMORY_BUDGET_FULL", RetryLocal},
	ProductNotFound:            {"PRODUCT_NOT_FOUND", RetryNever},
	CategoryNotFound:           {"CATEGORY_NOT_FOUND", RetryNever},
	UpstreamImageRefused:       {"UPSTREAM_IMAGE_REFUSED", RetryNever},
	UpstreamImageForgotten:     {"UPSTREAM_IMAGE_FORGOTTEN", RetryNever},
	UpstreamArgumentRefused:    {"UPSTREAM_ARGUMENT_REFUSED", RetryNever},
	UpstreamRefused:            {"UPSTREAM_REFUSED", RetryNever},
	UpstreamCredentialsInvalid: {"UPSTREAM_CREDENTIALS_INVALID", RetryOperator},
	UpstreamTokenInvalid:       {"UPSTREAM_TOKEN_INVALID", RetryAuth},
	UpstreamPermissionDenied:   {"UPSTREAM_PERMISSION_DENIED", RetryOperator},
	UpstreamIPNotAllowed:       {"UPSTREAM_IP_NOT_ALLOWED", RetryOperator},
	UpstreamAPIUnknown:         {"UPSTREAM_API_UNKNOWN", RetryOperator},
	UpstreamCertificateInvalid: {"UPSTREAM_CERTIFICATE_INVALID", RetryOperator},
	UpstreamHostUnknown:        {"UPSTREAM_HOST_UNKNOWN", RetryOperator},
	UpstreamClockSkew:          {"UPSTREAM_CLOCK_SKEW", RetryClock},
	UpstreamThrottled:          {"UPSTREAM_THROTTLED", RetryThrottle},
	UpstreamQuotaExhausted:     {"UPSTREAM_QUOTA_EXHAUSTED", RetryQuota},
	UpstreamUnavailable:        {"UPSTREAM_UNAVAILABLE", RetryTransient},
	UpstreamTimeout:            {"UPSTREAM_TIMEOUT", RetryTransient},
	UpstreamAnswerUnreadable:   {"UPSTREAM_ANSWER_UNREADABLE", RetryNever},
	UpstreamAnswerTooLarge:     {"UPSTREAM_ANSWER_TOO_LARGE", RetryNever},
	QuotaWaitTooLong:           {"QUOTA_WAIT_TOO_LONG", RetryLocal},
	QuotaQueueFull:             {"QUOTA_QUEUE_FULL", RetryLocal},
	QuotaStoreUnavailable:      {"QUOTA_STORE_UNAVAILABLE", RetryLocal},
	QuotaDayUsedUp:             {"QUOTA_DAY_USED_UP", RetryQuota},
	ResumeTokenInvalid:         {"RESUME_TOKEN_INVALID", RetryNever},
	BudgetExhausted:            {"BUDGET_EXHAUSTED", RetryNever},
	PriceWatchNotFound:         {"PRICE_WATCH_NOT_FOUND", RetryNever},
	PriceWatchChanged:          {"PRICE_WATCH_CHANGED", RetryNever},
	PriceWatchLimitReached:     {"PRICE_WATCH_LIMIT_REACHED", RetryNever},
	PriceWatchCallsUsedUp:      {"PRICE_WATCH_CALLS_USED_UP", RetryLocal},
	PriceStoreUnavailable:      {"PRICE_STORE_UNAVAILABLE", RetryLocal},
	PriceStoreOutcomeUnknown:   {"PRICE_STORE_OUTCOME_UNKNOWN", RetryNever},
	PriceWatchesNotServed:      {"PRICE_WATCHES_NOT_SERVED", RetryNever},
	WebhookNotFound:            {"WEBHOOK_NOT_FOUND", RetryNever},
	WebhookDeliveryNotFound:    {"WEBHOOK_DELIVERY_NOT_FOUND", RetryNever},
	WebhookDisabled:            {"WEBHOOK_DISABLED", RetryNever},
	CallerAPINotAllowed:        {"CALLER_API_NOT_ALLOWED", RetryNever},
	CallMayHaveArrived:         {"CALL_MAY_HAVE_ARRIVED", RetryNever},
	CallerPaused:               {"CALLER_PAUSED", RetryLocal},
	CallerConcurrencyLimited:   {"CALLER_CONCURRENCY_LIMITED", RetryLocal},
	CallerCallsUsedUp:          {"CALLER_CALLS_USED_UP", RetryQuota},
	CallerCheckUnavailable:     {"CALLER_CHECK_UNAVAILABLE", RetryLocal},
	UpstreamCallsPaused:        {"UPSTREAM_CALLS_PAUSED", RetryLocal},
}

// String is the kind's name on the wire.
func (k Kind) String() string {
	if k >= kindCount {
		return kinds[Internal].name
	}
	return kinds[k].name
}

// Retry is the kind's retry class.
func (k Kind) Retry() Retry {
	if k >= kindCount {
		return RetryNever
	}
	return kinds[k].retry
}

// Kinds lists every kind, for tables that must cover all of them.
func Kinds() []Kind {
	all := make([]Kind, kindCount)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}
