package envelope_test

import (
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
)

// A success has a payload, a refusal has a code.
func ExampleOpen() {
	success := gjson.Parse(`{"result":{"success":"true","code":"200","result":{"data":[]}}}`)
	payload, refusal := envelope.Open(success, []string{"200"})
	fmt.Println(payload, refusal == nil)

	refused := gjson.Parse(`{"error_code":"gw.APIACLDecline","error_message":"AppKey is not allowed(acl)"}`)
	_, refusal = envelope.Open(refused, []string{"200"})
	fmt.Println(refusal.Code)
	// Output:
	// {"data":[]} true
	// gw.APIACLDecline
}
