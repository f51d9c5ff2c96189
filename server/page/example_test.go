package page_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/zhaohuo-dev/zhaohuo/server/page"
	"github.com/zhaohuo-dev/zhaohuo/web"
)

func ExampleHandlers() {
	handlers, err := page.Handlers(page.Config{Files: web.Files(), PictureOrigins: []string{"https://cbu01.alicdn.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	handlers["/"].ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Content-Type"), w.Header().Get("Referrer-Policy"))
	// Output: 200 text/html; charset=utf-8 no-referrer
}
