package webhook_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
)

// Messages go to https addresses of the public internet, and to the hosts that the operator allows.
func ExampleDeliverer_Check() {
	deliverer := webhook.New(webhook.Options{Hosts: []string{"receiver:8080"}})
	fmt.Println(deliverer.Check("https://hooks.example.com/prices"))
	fmt.Println(deliverer.Check("http://receiver:8080/prices"))
	fmt.Println(deliverer.Check("https://169.254.169.254/"))
	// Output:
	// <nil>
	// <nil>
	// its host is not on the public internet
}
