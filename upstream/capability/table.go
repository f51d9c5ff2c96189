// Package capability joins what a dialect declares of its operations with the RPCs of the contract: which request fields
// it offers, which fields its answers have. It does not know any dialect: each declares its own exceptions, next to the
// code that encodes and decodes.
package capability

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Table is what one dialect offers, RPC by RPC and field by field. Requests are checked against it, GetServerInfo
// returns it, and docs/CAPABILITIES.md is written from it. It is safe for concurrent use.
type Table struct {
	dialect zhaohuov1.UpstreamDialect
	rows    []row
	// requests are the offers of the request fields, by RPC and path.
	requests map[string]map[string]Offer
}

// row is the offer of one field.
type row struct {
	rpc, path string
	side      zhaohuov1.FieldSide
	offer     Offer
}

// NewTable works out the offers of every field of the contract from a dialect's declaration.
func NewTable(d Declaration) *Table {
	t := &Table{dialect: d.Dialect, requests: map[string]map[string]Offer{}}
	rpcs := contract()
	slices.SortFunc(rpcs, func(a, b rpc) int { return strings.Compare(a.name, b.name) })
	for _, r := range rpcs {
		offers := map[string]Offer{}
		for _, f := range r.request {
			offers[f.path] = f.offer(d)
			t.rows = append(t.rows, row{r.name, f.path, zhaohuov1.FieldSide_FIELD_SIDE_REQUEST, offers[f.path]})
		}
		for _, f := range r.answer {
			t.rows = append(t.rows, row{r.name, f.path, zhaohuov1.FieldSide_FIELD_SIDE_RESPONSE, f.offer(d)})
		}
		t.requests[r.name] = offers
	}
	return t
}

// Fields is the table in the contract's messages, sorted by RPC, request before response.
func (t *Table) Fields() []*zhaohuov1.FieldCapability {
	all := make([]*zhaohuov1.FieldCapability, 0, len(t.rows))
	for _, r := range t.rows {
		all = append(all, &zhaohuov1.FieldCapability{
			Rpc: r.rpc, Field: r.path, Side: r.side,
			Support: r.offer.support, Values: slices.Clone(r.offer.values), Note: r.offer.note,
		})
	}
	return all
}

// Check refuses a request that sets a field, or gives it a value, that the dialect does not offer: an
// UnsupportedByDialect fault that names every such field. The rpc is its full name, "package.Service/Method".
func (t *Table) Check(rpc string, request proto.Message) error {
	offers, ok := t.requests[rpc]
	if !ok {
		return fault.New(fault.Internal, "%s is not in the capability table", rpc)
	}
	var refused *fault.Fault
	request.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		why := t.refusal(offers, fd, v)
		if why == "" {
			return true
		}
		if refused == nil {
			refused = fault.New(fault.UnsupportedByDialect, "the upstream's dialect %s does not offer this request", t)
		}
		refused = refused.WithField(string(fd.Name()), fault.UnsupportedByDialect.String(), why)
		return true
	})
	if refused == nil {
		return nil
	}
	slices.SortFunc(refused.Fields, func(a, b fault.Field) int { return strings.Compare(a.Path, b.Path) })
	return refused
}

// refusal says why a field's value is not offered; empty if it is.
func (t *Table) refusal(offers map[string]Offer, fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	o, ok := offers[string(fd.Name())]
	if !ok {
		return "not in the capability table"
	}
	switch o.support {
	case zhaohuov1.FieldSupport_FIELD_SUPPORT_FULL:
		if o.most > 0 && v.List().Len() > o.most {
			return fmt.Sprintf("dialect %s takes at most %d of %s", t, o.most, fd.Name())
		}
		return ""
	case zhaohuov1.FieldSupport_FIELD_SUPPORT_NONE:
		return fmt.Sprintf("dialect %s does not offer %s", t, fd.Name())
	}
	for _, given := range jsonValues(fd, v) {
		if !slices.Contains(o.values, given) {
			return fmt.Sprintf("dialect %s offers %s only as %s", t, fd.Name(), strings.Join(o.values, ", "))
		}
	}
	return ""
}

// jsonValues returns a field's values in their JSON form.
func jsonValues(fd protoreflect.FieldDescriptor, v protoreflect.Value) []string {
	one := func(v protoreflect.Value) string {
		if fd.Kind() == protoreflect.EnumKind {
			if ev := fd.Enum().Values().ByNumber(v.Enum()); ev != nil {
				return string(ev.Name())
			}
		}
		return v.String()
	}
	if !fd.IsList() {
		return []string{one(v)}
	}
	all := make([]string, 0, v.List().Len())
	for i := range v.List().Len() {
		all = append(all, one(v.List().Get(i)))
	}
	return all
}

// String is the dialect's [Name].
func (t *Table) String() string { return Name(t.dialect) }

// Name is the name of a dialect in settings and messages: "aop", "top".
func Name(d zhaohuov1.UpstreamDialect) string {
	return strings.ToLower(strings.TrimPrefix(d.String(), "UPSTREAM_DIALECT_"))
}
