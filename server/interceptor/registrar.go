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
	for _, method := range desc.Methods {
		streams.Streams = append(streams.Streams, grpc.StreamDesc{
			StreamName: method.MethodName,
			Handler:    r.chain.single("/"+desc.ServiceName+"/"+method.MethodName, method),
		})
	}
	r.ServiceRegistrar.RegisterService(&streams, impl)
}

// single serves a unary RPC. gRPC runs no stream interceptors for it.
func (c *Chain) single(fullMethod string, method grpc.MethodDesc) grpc.StreamHandler {
	handler := func(srv any, ss grpc.ServerStream) error {
		answer, err := method.Handler(srv, ss.Context(), ss.RecvMsg, nil)
		if err != nil {
			return err
		}
		return ss.SendMsg(answer)
	}
	info := &grpc.StreamServerInfo{FullMethod: fullMethod}
	for _, link := range slices.Backward(c.interceptors()) {
		next := handler
		handler = func(srv any, ss grpc.ServerStream) error { return link(srv, ss, info, next) }
	}
	return handler
}
