package server

import (
	"context"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Info is InfoService.
type Info struct {
	zhaohuov1.UnimplementedInfoServiceServer
	about *zhaohuov1.GetServerInfoResponse
}

var _ zhaohuov1.InfoServiceServer = (*Info)(nil)

// NewInfo serves what the server is; about is copied.
func NewInfo(about *zhaohuov1.GetServerInfoResponse) *Info {
	return &Info{about: proto.CloneOf(about)}
}

// GetServerInfo implements [zhaohuov1.InfoServiceServer].
func (i *Info) GetServerInfo(context.Context, *zhaohuov1.GetServerInfoRequest) (*zhaohuov1.GetServerInfoResponse, error) {
	return i.about, nil
}
