package oauth_test

import (
	"context"
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
)

// A token from the console does not change. It is requested before each attempt.
func ExampleStatic() {
	tokens := oauth.NewStatic(secret.Text("token"))
	token, err := tokens.Token(context.Background())
	fmt.Println(token.Reveal(), err)
	// Output: token <nil>
}

// A user opens the link and authorizes the app.
func ExampleAuthorizeLink() {
	link, err := oauth.AuthorizeLink(oauth.DefaultAuthorizeURL, "1000000", "http://127.0.0.1:8765/", "state")
	fmt.Println(link, err)
	// Output: https://auth.1688.com/oauth/authorize?client_id=1000000&redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2F&site=1688&state=state <nil>
}
