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
	bounds, err := newSizeBounds(inputs)
	if err != nil {
		return link{}, err
	}
	check := func(msg any) error {
		m, ok := msg.(proto.Message)
		if !ok {
			return nil
		}
		oversized := bounds.oversized(m.ProtoReflect())
		if len(oversized) == 0 {
			return refusal(validator.Validate(m), nil)
		}
		return refusal(validator.Validate(m, protovalidate.WithFilter(bounds)), oversized)
	}
	return checking(Validation, []string{FaultMapping, Recovery, Deadline, Size}, check), nil
}

// refusal names the broken rules, those of sizes first, as far as an answer has room for them.
func refusal(err error, oversized []fault.Field) error {
	fields := oversized
	if err != nil {
		invalid, ok := errors.AsType[*protovalidate.ValidationError](err)
		if !ok {
			return fault.New(fault.Internal, "").WithCause(err)
		}
		for _, violation := range invalid.Violations[:min(len(invalid.Violations), fault.FieldsMax)] {
			path := protovalidate.FieldPathString(violation.Proto.GetField())
			fields = append(fields, fault.Field{Path: path, Rule: violation.Proto.GetRuleId(), Why: violation.Proto.GetMessage()})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	f := fault.Invalid(fields[0].Path, fields[0].Rule, "%s", fields[0].Why)
	for _, field := range fields[1:] {
		f = f.WithField(field.Path, field.Rule, field.Why)
	}
	return f
}
