package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// described serves the API description with this server's version and the address of the request.
type described struct {
	// rest is the description without its servers, a non-empty object. It is made when somebody asks for it.
	rest func() ([]byte, error)
	fail func(http.ResponseWriter, *http.Request, error)
}

// newDescribed serves the generated description.
func newDescribed(openAPI []byte, version string, fail func(http.ResponseWriter, *http.Request, error)) *described {
	return &described{sync.OnceValues(func() ([]byte, error) { return withVersion(openAPI, version) }), fail}
}

// withVersion is the description with a version and without servers.
func withVersion(openAPI []byte, version string) ([]byte, error) {
	var api, info map[string]json.RawMessage
	if err := json.Unmarshal(openAPI, &api); err != nil {
		return nil, fmt.Errorf("gateway: the API description: %w", err)
	}
	if err := json.Unmarshal(api["info"], &info); err != nil {
		return nil, fmt.Errorf("gateway: the API description's info: %w", err)
	}
	var err error
	if info["version"], err = json.Marshal(version); err != nil {
		return nil, fmt.Errorf("gateway: the version: %w", err)
	}
	if api["info"], err = json.Marshal(info); err != nil {
		return nil, fmt.Errorf("gateway: the API description's info: %w", err)
	}
	delete(api, "servers")
	return json.Marshal(api)
}

// ServeHTTP implements [http.Handler].
func (d *described) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, err := d.rest()
	if err != nil {
		d.fail(w, r, fault.New(fault.Internal, "").WithCause(err))
		return
	}
	servers, err := json.Marshal([]map[string]string{{"url": addressOf(r)}})
	if err != nil {
		servers = []byte("[]") // Marshalling text cannot fail.
	}
	w.Header().Add("Vary", "X-Forwarded-Proto")
	writeJSON(w, http.StatusOK, slices.Concat([]byte(`{"servers":`), servers, []byte(","), rest[1:]))
}

// addressOf is the address at which the sender reached this server. A proxy that terminates TLS sets X-Forwarded-Proto.
func addressOf(r *http.Request) string {
	if r.Host == "" {
		return "/"
	}
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
