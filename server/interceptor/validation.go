package interceptor

import (
	"errors"
	"fmt"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// newValidation holds requests to the contract's rules. All rules are compiled here, so that a rule that does not
// compile stops the start and not a request.
func newValidation() (link, error) {
	var inputs []protoreflect.MessageDescriptor
	for _, method := range contract.Methods() {
		inputs = append(inputs, method.Input())
	}
	validator, err := protovalidate.New(protovalidate.WithMessageDescriptors(inputs...), protovalidate.WithDisableLazy())
	if err != nil {
		return link{}, fmt.Errorf("interceptor: compiling the contract's rules: %w", err)
	}
	check := func(msg any) error {
		m, ok := msg.(proto.Message)
		if !ok {
			return nil
		}
		return refusal(validator.Validate(m))
	}
	return checking(Validation, []string{FaultMapping, Recovery, Deadline, Size}, check), nil
}

// refusal names every broken rule.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	invalid, ok := errors.AsType[*protovalidate.ValidationError](err)
	if !ok || len(invalid.Violations) == 0 {
		return fault.New(fault.Internal, "").WithCause(err)
	}
	var f *fault.Fault
	for _, violation := range invalid.Violations {
		path := protovalidate.FieldPathString(violation.Proto.GetField())
		rule, why := violation.Proto.GetRuleId(), violation.Proto.GetMessage()
		if f == nil {
			f = fault.Invalid(path, rule, "%s", why)
			continue
		}
		f = f.WithField(path, rule, why)
	}
	return f
}
