package gateway

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// notOverREST lists the RPCs that are not available over REST, with the reason.
func notOverREST() map[protoreflect.FullName]string {
	const operators = "it is served on the operators' port, which has no gateway"
	return map[protoreflect.FullName]string{
		"zhaohuo.v1.AdminService.ListCallers":      operators,
		"zhaohuo.v1.AdminService.ListAccounts":     operators,
		"zhaohuo.v1.AdminService.ListPauses":       operators,
		"zhaohuo.v1.AdminService.PauseCalls":       operators,
		"zhaohuo.v1.AdminService.ResumeCalls":      operators,
		"zhaohuo.v1.AdminService.SetLogLevel":      operators,
		"zhaohuo.v1.AdminService.DrainServer":      operators,
		"zhaohuo.v1.AdminService.GetCacheState":    operators,
		"zhaohuo.v1.AdminService.PurgeCache":       operators,
		"zhaohuo.v1.AdminService.GetWatchOverview": operators,
	}
}

// byHand lists the RPCs whose route has no annotation, with its path.
func byHand() map[protoreflect.FullName]string {
	return map[protoreflect.FullName]string{
		"zhaohuo.v1.SearchService.UploadImageSearch": pathUpload,
		"zhaohuo.v1.SearchService.BatchImageSearch":  pathPictures,
	}
}

// TestEveryRPCHasARoute: in its annotation, and on the router.
func TestEveryRPCHasARoute(t *testing.T) {
	routes, err := contractRoutes()
	if err != nil {
		t.Fatal(err)
	}
	probe := newProbe()
	if err := register(probe, nil); err != nil {
		t.Fatal(err)
	}
	bound := map[protoreflect.FullName]int{}
	for key, r := range routes {
		bound[r.rpc]++
		method, path, _ := strings.Cut(key, " ")
		answer := &probed{}
		probe.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, exampleOf(path), http.NoBody))
		if !answer.found {
			t.Errorf("%s of %s is not served", key, r.rpc)
		}
	}
	for name, path := range byHand() {
		bound[name]++
		answer := httptest.NewRecorder()
		g := &gateway{Config: Config{Log: slog.New(slog.DiscardHandler)}, probe: probe, api: probe}
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, http.NoBody)
		request.Header.Set("Content-Type", "text/plain")
		g.paths().ServeHTTP(answer, request)
		if answer.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%s: POST %s answers %d to a body of another kind", name, path, answer.Code)
		}
	}
	excepted := notOverREST()
	for _, method := range contract.Methods() {
		_, exception := excepted[method.FullName()]
		if (bound[method.FullName()] > 0) == exception {
			t.Errorf("%s: %d routes, an exception: %t", method.FullName(), bound[method.FullName()], exception)
		}
		delete(excepted, method.FullName())
	}
	for name := range excepted {
		t.Errorf("%s is an exception but no RPC", name)
	}
}

// exampleOf fills in the variables of a path template.
func exampleOf(path string) string {
	for {
		before, rest, found := strings.Cut(path, "{")
		if !found {
			return path
		}
		_, after, _ := strings.Cut(rest, "}")
		path = before + "x" + after
	}
}

func TestRouteKey(t *testing.T) {
	for path, want := range map[string]string{
		"/v1/info": "GET /v1/info", "/v1/products/{id}": "GET /v1/products/{id=*}", "/v1/{name=a/*}/b": "GET /v1/{name=a/*}/b",
	} {
		if got := routeKey("GET", path); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
