package server_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestEveryOptionOfABatchIsAsked: each option that a single product can be asked with reaches the question for each product of a
// batch.
func TestEveryOptionOfABatchIsAsked(t *testing.T) {
	batch := &zhaohuov1.BatchGetProductsRequest{
		Ids: []string{"7", "8"}, LanguageCode: "en", IncludeRaw: true, MaxStaleness: durationpb.New(time.Minute), Currency: "HKD", OutMemberId: "u-1",
	}
	s := &shop{}
	if _, err := serving(s, aopOffers()).BatchGetProducts(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if len(s.questions) != 2 {
		t.Fatalf("%d questions", len(s.questions))
	}
	given := batch.ProtoReflect()
	for _, q := range s.questions {
		asked := q.ProtoReflect()
		fields := asked.Descriptor().Fields()
		for i := range fields.Len() {
			option := fields.Get(i)
			if option.Name() == "id" {
				continue
			}
			same := given.Descriptor().Fields().ByName(option.Name())
			if same == nil || !given.Has(same) {
				t.Errorf("the test's batch does not have %s", option.Name())
				continue
			}
			if !asked.Get(option).Equal(given.Get(same)) {
				t.Errorf("%s is asked as %v", option.Name(), asked.Get(option))
			}
		}
	}
}
