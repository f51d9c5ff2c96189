package server

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// ListAccounts implements [zhaohuov1.AdminServiceServer].
func (a *Admin) ListAccounts(ctx context.Context, _ *zhaohuov1.ListAccountsRequest) (*zhaohuov1.ListAccountsResponse, error) {
	accounts, circuit := a.parts.ListAccounts(ctx)
	return &zhaohuov1.ListAccountsResponse{Accounts: accounts, Circuit: circuit}, nil
}
