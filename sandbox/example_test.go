package sandbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
)

// The sandbox is an HTTP handler. It says on its own path what it has counted.
func Example() {
	platform, err := sandbox.New(sandbox.Config{Apps: []sandbox.App{{Key: "1000000", Secret: "secret"}}, Catalogue: stock()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer platform.Close()
	answer := httptest.NewRecorder()
	platform.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, sandbox.StatsPath, nil))
	fmt.Println(answer.Code, platform.Stats().Arrivals)
	// Output: 200 0
}
