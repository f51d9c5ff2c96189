package app_test

import (
	"context"
	"fmt"
	"io"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// The full service in this process, with its sandbox and without ports.
func Example() {
	settings, err := config.Load([]string{"--no-cache"}, config.ParseEnviron([]string{"HOME=/nonexistent"}))
	if err != nil {
		fmt.Println(err)
		return
	}
	service, err := app.New(context.Background(), app.Options{Settings: settings, Version: "v1.2.3", LogTo: io.Discard, NoPorts: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	search := zhaohuov1.NewSearchServiceClient(service.Conn())
	answer, err := search.KeywordSearch(context.Background(), &zhaohuov1.KeywordSearchRequest{Keyword: "蓝牙耳机"})
	fmt.Println(len(answer.GetProducts()), err)
	stop()
	fmt.Println(<-ended)
	// Output:
	// 20 <nil>
	// <nil>
}
