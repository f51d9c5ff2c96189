package ops_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/server/ops"
)

func ExampleNew() {
	pages := ops.New(prometheus.NewRegistry(), func() bool { return false })
	answer := httptest.NewRecorder()
	pages.ServeHTTP(answer, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/readyz", nil))
	fmt.Println(answer.Code, answer.Body)
	// Output: 503 {"status":"NOT_READY"}
}
