package pusher_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/aopwire"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/pusher"
)

// Goods change from one step to another, and the receiver checks the signature.
func Example() {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := r.PostFormValue("message")
		if r.PostFormValue("_aop_signature") != aopwire.Sign("s3cret", "", map[string]string{"message": text}) {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer receiver.Close()
	p, err := pusher.New(pusher.Options{
		URL: receiver.URL, AppKey: "1000000", AppSecret: "s3cret", Products: []int64{610947572360}, Drift: time.Minute,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	confirmed, err := p.Changes(context.Background(), 1, 3)
	fmt.Println(confirmed, err)
	// Output: 2 <nil>
}
