package server

import (
	"context"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

// Diagnoser examines the way to the upstream.
type Diagnoser interface {
	// Diagnose tells what is wrong as findings. It must return before ctx ends, and failures of its own as faults.
	Diagnose(ctx context.Context) (*zhaohuov1.DiagnoseResponse, error)
}

// Info is InfoService.
type Info struct {
	zhaohuov1.UnimplementedInfoServiceServer
	about  *zhaohuov1.GetServerInfoResponse
	doctor Diagnoser
}

var _ zhaohuov1.InfoServiceServer = (*Info)(nil)

// NewInfo serves what the server is and whether it is well; about is copied. Without a doctor there is no diagnosis.
func NewInfo(about *zhaohuov1.GetServerInfoResponse, doctor Diagnoser) *Info {
	return &Info{about: proto.CloneOf(about), doctor: doctor}
}

// GetServerInfo implements [zhaohuov1.InfoServiceServer].
func (i *Info) GetServerInfo(context.Context, *zhaohuov1.GetServerInfoRequest) (*zhaohuov1.GetServerInfoResponse, error) {
	return i.about, nil
}

// Diagnose implements [zhaohuov1.InfoServiceServer].
func (i *Info) Diagnose(ctx context.Context, _ *zhaohuov1.DiagnoseRequest) (*zhaohuov1.DiagnoseResponse, error) {
	if i.doctor == nil {
		return nil, fault.New(fault.RouteNotFound, "this server has no diagnosis")
	}
	return i.doctor.Diagnose(ctx)
}
