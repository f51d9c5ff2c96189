package gateway

import (
	"fmt"
	"net/http"
	"regexp"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// route is one HTTP method and path of an RPC.
type route struct {
	rpc     protoreflect.FullName
	request protoreflect.MessageType
	// response is the type of the answer, or of each message of a stream.
	response protoreflect.MessageType
	method   protoreflect.MethodDescriptor
	// hasBody is true if the request is the body, and not the query.
	hasBody bool
	// streams is true if the answer is sent while it is made, and not kept back for its tag.
	streams bool
	// isFile is true if the path answers with a file that is made from the RPC's answer.
	isFile bool
}

// contractRoutes are the routes of the contract's annotations, by method and path template.
func contractRoutes() (map[string]route, error) {
	routes := map[string]route{}
	for _, method := range contract.Methods() {
		request, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
		if err != nil {
			return nil, fmt.Errorf("gateway: request of %s: %w", method.FullName(), err)
		}
		response, err := protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName())
		if err != nil {
			return nil, fmt.Errorf("gateway: response of %s: %w", method.FullName(), err)
		}
		for _, rule := range rulesOf(method) {
			verb, path := splitRule(rule)
			if verb == "" || (rule.GetBody() != "" && rule.GetBody() != "*") {
				return nil, fmt.Errorf("gateway: %s: only whole bodies and standard methods are served", method.FullName())
			}
			routes[routeKey(verb, path)] = route{
				rpc: method.FullName(), request: request, response: response, method: method, hasBody: rule.GetBody() == "*",
			}
		}
	}
	return routes, nil
}

// rulesOf lists the bindings of an RPC; none if it is not available over REST.
func rulesOf(method protoreflect.MethodDescriptor) []*annotations.HttpRule {
	rule, ok := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule == nil {
		return nil
	}
	return append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...)
}

func splitRule(rule *annotations.HttpRule) (verb, path string) {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, p.Get
	case *annotations.HttpRule_Post:
		return http.MethodPost, p.Post
	case *annotations.HttpRule_Put:
		return http.MethodPut, p.Put
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, p.Patch
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, p.Delete
	}
	return "", ""
}

var bareVariable = regexp.MustCompile(`\{([^=}]+)\}`)

// routeKey writes a template like the router, which writes {id} as {id=*}.
func routeKey(verb, path string) string {
	return verb + " " + bareVariable.ReplaceAllString(path, "{$1=*}")
}

// probed is a ResponseWriter for the probe: it only records whether a route was found.
type probed struct {
	http.ResponseWriter
	found bool
}

// newProbe has the routes without their handlers.
func newProbe() *runtime.ServeMux {
	return runtime.NewServeMux(
		runtime.WithMiddlewares(func(runtime.HandlerFunc) runtime.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
				if p, ok := w.(*probed); ok {
					p.found = true
				}
			}
		}),
		runtime.WithRoutingErrorHandler(ignoreRoutingError),
		runtime.WithErrorHandler(ignoreError),
		runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
	)
}

// methodsOf lists the methods of a request's path.
func (g *gateway) methodsOf(r *http.Request) []string {
	var methods []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		answer := &probed{}
		question := &http.Request{Method: method, URL: r.URL, Header: http.Header{}}
		g.probe.ServeHTTP(answer, question.WithContext(r.Context()))
		if answer.found {
			methods = append(methods, method)
		}
	}
	return methods
}
