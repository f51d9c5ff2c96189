package server

import (
	"context"

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
}

// Margin returns the part of the rate that is currently left unused; false if unknown. It must not block.
type Margin func() (part float64, known bool)

var _ zhaohuov1.InfoServiceServer = (*Info)(nil)

// NewInfo makes the info service. It copies about. Without a doctor there is no diagnosis; without a margin none is
// reported.
func NewInfo(about *zhaohuov1.GetServerInfoResponse, doctor Diagnoser, margin Margin) *Info {
	info := &Info{about: proto.CloneOf(about), margin: margin}
	if doctor != nil {
		info.examinations = newExaminations(doctor)
	}
	return info
}

// GetServerInfo implements [zhaohuov1.InfoServiceServer].
func (i *Info) GetServerInfo(context.Context, *zhaohuov1.GetServerInfoRequest) (*zhaohuov1.GetServerInfoResponse, error) {
	if i.margin == nil {
		return i.about, nil
	}
	about := proto.CloneOf(i.about)
	if part, known := i.margin(); known {
		about.Limits.QuotaMargin = &part
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
