package encoded_test

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
)

// Two encodings one after the other are the encoding of both messages.
func ExampleMessage() {
	head, _ := proto.Marshal(&durationpb.Duration{Seconds: 3})
	body, _ := proto.Marshal(&durationpb.Duration{Nanos: 5})
	answer := encoded.Message{Head: head, Body: body, New: func() proto.Message { return new(durationpb.Duration) }}
	decoded, err := answer.Decode()
	if err != nil {
		fmt.Println(err)
		return
	}
	both := &durationpb.Duration{}
	if err := proto.Unmarshal(append(head, body...), both); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(proto.Equal(decoded, both), both.AsDuration())
	// Output: true 3.000000005s
}
