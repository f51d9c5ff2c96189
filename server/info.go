package server

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Diagnoser examines the connection to the upstream.
type Diagnoser interface {
	// Diagnose returns problems as findings. It must return before ctx ends; its own failures are faults. It must not change q.
	Diagnose(ctx context.Context, q *zhaohuov1.DiagnoseRequest) (*zhaohuov1.DiagnoseResponse, error)
}

// Info is InfoService.
type Info struct {
	zhaohuov1.UnimplementedInfoServiceServer
	about *zhaohuov1.GetServerInfoResponse
	// examinations is nil if there is no diagnosis.
	examinations *examinations
	margin       Margin
	usage        Usage
	load         Load
}

// Margin returns the part of the rate that is currently left unused; false if unknown. It must not block.
type Margin func() (part float64, known bool)

// Usage returns the upstream calls of today, nil if unknown; the accounts, if there are several; and queues, rate and ban. It must
// return when ctx ends.
type Usage func(ctx context.Context) (*zhaohuov1.QuotaUsage, []*zhaohuov1.AccountState, *zhaohuov1.ServerLoad)

// Load adds what runs in this process to queues, rate and ban. It must not block.
type Load func(*zhaohuov1.ServerLoad)

// usageWait is how long a caller who asks for the whole description waits for the calls of today.
const usageWait = 500 * time.Millisecond

var _ zhaohuov1.InfoServiceServer = (*Info)(nil)

// InfoParts are what [NewInfo] needs. Each part may be nil: what it knows is then unknown, and without a doctor there
// is no diagnosis.
type InfoParts struct {
	// About is what does not change while the server runs. It is copied.
	About  *zhaohuov1.GetServerInfoResponse
	Doctor Diagnoser
	Margin Margin
	Usage  Usage
	Load   Load
}

// NewInfo makes the info service.
func NewInfo(p InfoParts) *Info {
	info := &Info{about: &zhaohuov1.GetServerInfoResponse{}, margin: p.Margin, usage: p.Usage, load: p.Load}
	if p.About != nil {
		proto.Merge(info.about, p.About)
	}
	if p.Doctor != nil {
		info.examinations = newExaminations(p.Doctor)
	}
	return info
}

// GetServerInfo implements [zhaohuov1.InfoServiceServer].
func (i *Info) GetServerInfo(ctx context.Context, _ *zhaohuov1.GetServerInfoRequest) (*zhaohuov1.GetServerInfoResponse, error) {
	about := proto.CloneOf(i.about)
	if i.margin != nil {
		if part, known := i.margin(); known && about.GetLimits() != nil {
			about.Limits.QuotaMargin = &part
		}
	}
	if i.usage != nil {
		ctx, cancel := context.WithTimeout(ctx, usageWait)
		defer cancel()
		about.Quota, about.Accounts, about.Load = i.usage(ctx)
	}
	if i.load != nil {
		if about.Load == nil {
			about.Load = &zhaohuov1.ServerLoad{}
		}
		i.load(about.Load)
	}
	return about, nil
}

// Diagnose implements [zhaohuov1.InfoServiceServer].
func (i *Info) Diagnose(ctx context.Context, q *zhaohuov1.DiagnoseRequest) (*zhaohuov1.DiagnoseResponse, error) {
	if i.examinations == nil {
		return nil, fault.New(fault.RouteNotFound, "this server has no diagnosis")
	}
	return i.examinations.Diagnose(ctx, q)
}
