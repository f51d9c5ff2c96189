package cli

import (
	"context"
	"net"
	"strings"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// apiKey is the key that client commands show servers. It has no flag, since everybody on a machine can read another
// process's command line.
type apiKey struct{ secret.Text }

func (s *session) apiKey() (apiKey, error) {
	key := s.env[config.ClientKeyEnv]
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return apiKey{}, usage("%s: contains characters that an API key never has: white space, control or non-ASCII characters", config.ClientKeyEnv)
	}
	return apiKey{secret.Text(key)}, nil
}

// GetRequestMetadata is part of credentials.PerRPCCredentials. Health checks need no key, and are how a command finds out
// that the server at an address is ours: another program there is not to see it.
func (k apiKey) GetRequestMetadata(_ context.Context, of ...string) (map[string]string, error) {
	for _, service := range of {
		if strings.HasSuffix(service, "/"+healthpb.Health_ServiceDesc.ServiceName) {
			return nil, nil
		}
	}
	return map[string]string{"authorization": "Bearer " + k.Reveal()}, nil
}

// RequireTransportSecurity is part of credentials.PerRPCCredentials. What is said in clear on purpose may carry a key: on
// loopback nobody listens, and elsewhere the user is warned.
func (apiKey) RequireTransportSecurity() bool { return false }

// inClear reports whether others on the way to addr can read what is said without TLS.
func inClear(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err != nil || !config.Loopback(host)
}
