package config

import (
	"reflect"
	"slices"
	"testing"
)

// answerless are the settings that change no answer that is kept, each for its reason.
func answerless() map[string][]string {
	return map[string][]string{
		"part of the cache's key as the account": {"app-key", "accounts", "cache-account"},
		"who we are, not what is asked":          {"app-secret", "access-token", "token-mode", "oauth-url", "oauth-authorize-url", "oauth-redirect-url", "sign-method"},
		"when and how often it is asked, and how the way there is": {
			"upstream-timeout", "upstream-attempts", "upstream-backoff", "upstream-backoff-max", "upstream-breaker", "upstream-proxy",
			"upstream-qps", "upstream-daily", "upstream-api-limits", "quota-margin", "redis-url", "redis-lost", "quota-replicas",
			"sandbox-qps", "sandbox-latency",
		},
		"what is over it is an error, which is not kept": {"answer-bytes-max", "request-bytes-max", "photo-bytes-max", "photo-pixels-max"},
		"where and for how long answers are kept":        {"no-cache", "cache-memory", "cache-store", "cache-disk", "cache-fresh", "data-dir"},
		"a photo's key is that of the bytes that are sent": {
			"photo-send-bytes", "photo-memory", "photo-wait", "photo-dir", "photo-shelf-bytes", "photo-shelf-ttl", "upload-idle-timeout",
			"image-hosts", "no-image-fetch", "image-fetch-timeout", "image-fetch-ports",
		},
		"what is observed again and again, and where that is kept; the questions are those of anybody": {
			"store", "watch-interval-min", "watch-retention", "watch-daily-retention", "watch-store-max", "watch-limit", "watch-workers", "webhook-hosts", "push-path", "push-catch-up",
		},
		"measured anew, never kept with an answer": {"no-likeness", "likeness-bytes-max"},
		"who may ask, and how this server is reached and watched": {
			"config", "api-keys-file", "api-keys", "call-apis-file", "jwt-issuer", "jwt-audience", "jwt-algorithms", "jwt-claim", "jwt-keys-url", "caller-rate", "grpc-addr", "http-addr", "cors-origins", "video-hosts", "ops-addr", "no-http", "tls-cert", "tls-key", "tls-client-ca",
			"insecure-listen", "default-timeout", "timeout-max", "stream-timeout", "stream-timeout-max", "lame-duck", "drain-timeout",
			"no-mcp", "mcp-session-calls",
			"log-level", "log-format", "otlp-endpoint", "trace-share", "audit-file", "audit-size", "audit-files",
		},
		"how much of a request may wait, and how long": {
			"queue-max", "connections-max", "connection-idle-timeout", "body-memory", "memory-max", "body-timeout", "body-rate-min",
		},
	}
}

// TestEverySettingIsInTheOriginOfAnswersOrChangesNone walks the settings, changes each, and looks whether answers kept
// before would be found still. A new setting fails here until somebody has said what it does.
func TestEverySettingIsInTheOriginOfAnswersOrChangesNone(t *testing.T) {
	reasons := map[string]int{}
	for _, names := range answerless() {
		for _, name := range names {
			reasons[name]++
		}
	}
	var known []string
	before := load(t, nil, Environ{}).AnswerOrigin()
	for _, row := range Table() {
		known = append(known, row.Name)
		changes := slices.Contains(answerSettings(), row.Name)
		if changes == (reasons[row.Name] == 1) {
			t.Errorf("%s: name it in answerSettings, if it changes what an equal question is answered with, or once in answerless", row.Name)
			continue
		}
		s := load(t, nil, Environ{}).Settings
		if !change(row.field(&s)) {
			t.Errorf("%s: this test cannot change a %s", row.Name, row.field(&s).Type())
			continue
		}
		if got := s.AnswerOrigin() != before; got != changes {
			t.Errorf("%s: the origin changes: %v, want %v", row.Name, got, changes)
		}
	}
	for _, name := range answerSettings() {
		reasons[name]++
	}
	for name := range reasons {
		if !slices.Contains(known, name) {
			t.Errorf("%s is no setting", name)
		}
	}
}

// change gives a setting another value.
func change(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Float64:
		v.SetFloat(v.Float() + 1)
	default:
		return false
	}
	return true
}

// Values that run into one another are distinguished.
func TestOriginsDoNotRunIntoOneAnother(t *testing.T) {
	a := Settings{Upstream: Upstream{TOPKeywordMethod: `m","top-image-method":"i`}}
	b := Settings{Upstream: Upstream{TOPKeywordMethod: "m", TOPImageMethod: "i"}}
	if a.AnswerOrigin() == b.AnswerOrigin() {
		t.Error("two settings look like one")
	}
}
