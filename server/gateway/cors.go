package gateway

import (
	"net/http"

	"github.com/rs/cors"

	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// crossOrigin lets pages of the allowed origins call REST. Without any, no header of cross-origin requests is sent, and browsers
// keep other pages from reading answers. Callers still need their key: cookies are never used.
func (g *gateway) crossOrigin(next http.Handler) http.Handler {
	if len(g.Origins) == 0 {
		return next
	}
	const preflightSeconds = 600
	return cors.New(cors.Options{
		AllowedOrigins: g.Origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{
			"Authorization", interceptor.APIKeyHeader, "Content-Type", "Accept-Language", "If-None-Match", "Last-Event-ID", interceptor.RequestIDHeader,
			"Traceparent",
			// What agents send with each request of their protocol.
			"Mcp-Protocol-Version", "Mcp-Session-Id", "Mcp-Method", "Mcp-Name",
		},
		ExposedHeaders: []string{interceptor.RequestIDHeader, "Retry-After", "ETag"},
		MaxAge:         preflightSeconds,
		// OPTIONS without a preflight lists the methods of a path, as without allowed origins.
		OptionsSuccessStatus: http.StatusNoContent,
	}).Handler(next)
}
