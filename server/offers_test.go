package server_test

import (
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

func aopOffers() *capability.Table { return capability.NewTable(aop.Capabilities()) }

func topOffers() *capability.Table { return capability.NewTable(top.Capabilities()) }
