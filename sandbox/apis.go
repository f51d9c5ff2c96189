package sandbox

import (
	"github.com/zhaohuo-dev/zhaohuo/sandbox/aopwire"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/topwire"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// API is an API that the sandbox serves.
type API = wire.API

// AOPAPIs are the APIs of AOP, sorted by name, without those that give out tokens.
func AOPAPIs() []API { return aopwire.Served() }

// TOPAPIs are the methods of TOP, sorted by name.
func TOPAPIs() []API { return topwire.Served() }

// Followed are the ids of the goods that an app follows, in ascending order.
func (s *Sandbox) Followed(appKey string) []int64 { return s.backend.Follows.Of(appKey) }
