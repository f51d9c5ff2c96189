package interceptor

import (
	"slices"

	"google.golang.org/grpc"
)

// Registrar registers services on s so that every RPC runs the chain before its first message is read. gRPC itself runs
// the interceptors of a unary RPC only after its message has arrived: anybody could make the server collect messages
// before it checks who sends them. Callers see no difference.
func (c *Chain) Registrar(s grpc.ServiceRegistrar) grpc.ServiceRegistrar { return registrar{s, c} }

type registrar struct {
	grpc.ServiceRegistrar
	chain *Chain
}

// RegisterService implements [grpc.ServiceRegistrar].
func (r registrar) RegisterService(desc *grpc.ServiceDesc, impl any) {
	streams := *desc
	streams.Methods, streams.Streams = nil, slices.Clone(desc.Streams)
	prepares := preparersOf(impl)
	for _, method := range desc.Methods {
		fullMethod := "/" + desc.ServiceName + "/" + method.MethodName
		handler, encodes := ownHandler(method), false
		if prepare := prepares[method.MethodName]; prepare != nil {
			if rpc := newPreparedRPC(fullMethod, prepare); rpc != nil {
				handler, encodes = rpc.serve, true
			}
		}
		r.chain.local[fullMethod] = localMethod{impl, r.chain.around(fullMethod, handler, true), encodes}
		streams.Streams = append(streams.Streams, grpc.StreamDesc{
			StreamName: method.MethodName, Handler: r.chain.around(fullMethod, handler, false),
		})
	}
	r.ServiceRegistrar.RegisterService(&streams, impl)
}

// ownHandler serves a unary RPC by its method.
func ownHandler(method grpc.MethodDesc) grpc.StreamHandler {
	return func(srv any, ss grpc.ServerStream) error {
		answer, err := method.Handler(srv, ss.Context(), ss.RecvMsg, nil)
		if err != nil {
			return err
		}
		return ss.SendMsg(answer)
	}
}

// around puts the links around the handler of a unary RPC, for which gRPC runs no stream interceptors. Which links run is decided
// here, once. A local request has arrived before its RPC begins.
func (c *Chain) around(fullMethod string, handler grpc.StreamHandler, local bool) grpc.StreamHandler {
	info := &grpc.StreamServerInfo{FullMethod: fullMethod}
	for _, l := range slices.Backward(c.links) {
		if l.stream == nil || !l.always && exempt(fullMethod) || local && l.name == Arrival {
			continue
		}
		next := handler
		handler = func(srv any, ss grpc.ServerStream) error { return l.stream(srv, ss, info, next) }
	}
	return handler
}
