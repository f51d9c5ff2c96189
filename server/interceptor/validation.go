package interceptor

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// compiledRules compiles the contract's rules at the first call. They never change while the program runs, and compiling them
// takes a third of a live start.
var compiledRules = sync.OnceValues(func() (protovalidate.Validator, error) { //nolint:gochecknoglobals // Nobody writes to it.
	return protovalidate.New(protovalidate.WithMessageDescriptors(inputs()...), protovalidate.WithDisableLazy())
})

// CompileRules compiles the contract's rules, unless this process has done so. [New] does it too; whoever prepares other things
// first can let it begin in another goroutine. New returns its error.
func CompileRules() { _, _ = compiledRules() }

// inputs are the messages of all requests.
func inputs() []protoreflect.MessageDescriptor {
	var all []protoreflect.MessageDescriptor
	for _, method := range contract.Methods() {
		all = append(all, method.Input())
	}
	return all
}

// newValidation checks requests against the contract's rules. All rules are compiled here, so that a faulty rule
// prevents the start and not a request.
func newValidation() (link, error) {
	validator, err := compiledRules()
	if err != nil {
		return link{}, fmt.Errorf("interceptor: compiling the contract's rules: %w", err)
	}
	inputs := inputs()
	bounds, err := newSizeBounds(inputs)
	if err != nil {
		return link{}, err
	}
	words, lenient := newNormalizer(inputs), newLeniency(inputs)
	check := func(msg any) error {
		m, ok := messageOf(msg)
		if !ok {
			return nil
		}
		if err := undecoded(m); err != nil {
			return err
		}
		lenient.apply(m.ProtoReflect())
		oversized := bounds.oversized(m.ProtoReflect())
		refused := append(oversized, words.normalize(m.ProtoReflect())...)
		if len(oversized) == 0 {
			return refusal(validator.Validate(m), refused)
		}
		return refusal(validator.Validate(m, protovalidate.WithFilter(bounds)), refused)
	}
	return checking(Validation, []string{FaultMapping, Recovery, Deadline, Size}, check), nil
}

// refusal names the broken rules, those found before (fields) first, up to the limit of an answer.
func refusal(err error, fields []fault.Field) error {
	if err != nil {
		invalid, ok := errors.AsType[*protovalidate.ValidationError](err)
		if !ok {
			return fault.New(fault.Internal, "").WithCause(err)
		}
		for _, violation := range invalid.Violations[:min(len(invalid.Violations), fault.FieldsMax)] {
			path := protovalidate.FieldPathString(violation.Proto.GetField())
			field := fault.Field{Path: path, Rule: violation.Proto.GetRuleId(), Why: violation.Proto.GetMessage()}
			if !slices.Contains(fields, field) { // Required words that are blank were found before.
				fields = append(fields, field)
			}
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
