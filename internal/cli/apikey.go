package cli

import (
	"context"
	"net"
	"strings"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// apiKey is the key that client commands send to servers. It has no flag, because everybody on a machine can read the
// command lines of other processes.
type apiKey struct{ secret.Text }

func (s *session) apiKey() (apiKey, error) {
	key := s.env[config.ClientKeyEnv]
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return apiKey{}, usage("%s: contains characters that an API key never has: white space, control or non-ASCII characters", config.ClientKeyEnv)
	}
	return apiKey{secret.Text(key)}, nil
}

// GetRequestMetadata implements credentials.PerRPCCredentials. Health checks need no key, and they tell a command
// whether the server at an address is ours: another program must not see the key.
func (k apiKey) GetRequestMetadata(_ context.Context, of ...string) (map[string]string, error) {
	for _, service := range of {
		if strings.HasSuffix(service, "/"+healthpb.Health_ServiceDesc.ServiceName) {
			return nil, nil
		}
	}
	return map[string]string{"authorization": "Bearer " + k.Reveal()}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials. A connection without TLS may carry a key if the
// user chose it: loopback is not observable, and elsewhere the user is warned.
func (apiKey) RequireTransportSecurity() bool { return false }

// inClear reports whether others on the network can read a connection to addr without TLS.
func inClear(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err != nil || !publicnet.Loopback(host)
}
