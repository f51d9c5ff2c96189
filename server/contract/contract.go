// Package contract lists the RPCs of the contract by their descriptors, for the parts of the server that must cover all
// of them.
package contract

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Methods lists every RPC of the contract's package.
func Methods() []protoreflect.MethodDescriptor {
	var methods []protoreflect.MethodDescriptor
	name := zhaohuov1.File_zhaohuo_v1_search_service_proto.Package()
	protoregistry.GlobalFiles.RangeFilesByPackage(name, func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			all := file.Services().Get(i).Methods()
			for j := range all.Len() {
				methods = append(methods, all.Get(j))
			}
		}
		return true
	})
	return methods
}

// OneAnswer reports whether an RPC's stream ends with the answer to its request, and what comes before only says how the
// answer comes about. Such an RPC has the request of the RPC that answers once.
func OneAnswer(m protoreflect.MethodDescriptor) bool {
	service, isService := m.Parent().(protoreflect.ServiceDescriptor)
	if !isService || !m.IsStreamingServer() || m.IsStreamingClient() {
		return false
	}
	for i := range service.Methods().Len() {
		if other := service.Methods().Get(i); !other.IsStreamingServer() && other.Input() == m.Input() {
			return true
		}
	}
	return false
}

// Steers reports whether an RPC steers the server, by its name as [FullMethod] writes it. The operators' port alone serves such RPCs.
func Steers(fullMethod string) bool {
	return strings.HasPrefix(fullMethod, "/"+zhaohuov1.AdminService_ServiceDesc.ServiceName+"/")
}

// FullMethod is the RPC's name as gRPC writes it: "/package.Service/Method".
func FullMethod(m protoreflect.MethodDescriptor) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}
