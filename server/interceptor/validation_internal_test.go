package interceptor

import (
	"testing"

	"buf.build/go/protovalidate"
)

// The rules of a request are compiled when the first one of its kind comes. So a faulty rule must be found here.
func TestAllRulesOfTheContractCompile(t *testing.T) {
	inputs := inputs()
	if len(inputs) < 20 {
		t.Fatalf("the contract has only %d kinds of requests", len(inputs))
	}
	if _, err := protovalidate.New(protovalidate.WithMessageDescriptors(inputs...), protovalidate.WithDisableLazy()); err != nil {
		t.Error(err)
	}
}
