// Package hostile makes requests that are far too large for the contract, one for every field of every RPC that can grow, and requests
// with random values in any fields.
package hostile

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// sizeBytes is about the size of each hostile value: far over every bound of the contract except a picture's, and far below
// the largest request.
const sizeBytes = 64 << 10

// depthMax bounds how deep fields are searched, since messages may contain themselves.
const depthMax = 4

// picturesPath is the only route whose body is not a request of an RPC.
const picturesPath = "/v1/products:batchImageSearch"

// Request is one hostile request.
type Request struct {
	// Method is the RPC; nil for what only REST accepts.
	Method protoreflect.MethodDescriptor
	// Field is the path of the field that has grown.
	Field string
	// List marks a list with too many items. Such a list breaks the contract in every RPC, while some text fields have no
	// bound.
	List    bool
	Message proto.Message
	// Paths are the REST routes that take it as JSON.
	Paths []string
}

// String names the request for people.
func (r *Request) String() string {
	if r.Method == nil {
		return picturesPath + " " + r.Field
	}
	return string(r.Method.Name()) + " " + r.Field
}

// Bodies returns the request as JSON. For a list there is a second body, whose last item has a type that no field of the
// contract has: a reader that searches for it has to pass all other items.
func (r *Request) Bodies() ([][]byte, error) {
	body, err := protojson.Marshal(r.Message)
	if err != nil {
		return nil, fmt.Errorf("hostile: %v: %w", r, err)
	}
	if !r.List {
		return [][]byte{body}, nil
	}
	return [][]byte{body, bytes.Replace(body, []byte("]"), []byte(",[]]"), 1)}, nil
}

// Requests lists all hostile requests, RPC by RPC. AdminService is left out: it is on the operators' port, and its requests are the operators'.
func Requests() ([]*Request, error) {
	var all []*Request
	for _, method := range contract.Methods() {
		if contract.Steers(contract.FullMethod(method)) {
			continue
		}
		kind, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
		if err != nil {
			return nil, fmt.Errorf("hostile: %w", err)
		}
		for _, at := range placesIn(method.Input(), nil) {
			for _, blank := range []bool{true, false} {
				if blank && (at.last().Kind() != protoreflect.StringKind || inMask(at.last())) {
					continue // It has no text to be blank, or JSON cannot hold it.
				}
				all = append(all, request(method, kind.New(), at, blank, postPaths(method)))
			}
		}
	}
	pictures := (&zhaohuov1.BatchImageSearchBody{}).ProtoReflect()
	for _, at := range placesIn(pictures.Descriptor(), nil) {
		all = append(all, request(nil, pictures.New(), at, true, []string{picturesPath}))
	}
	if len(all) == 0 {
		return nil, errors.New("hostile: the contract has no RPC")
	}
	return all, nil
}

func request(method protoreflect.MethodDescriptor, m protoreflect.Message, at place, blank bool, paths []string) *Request {
	grow(m, at, blank)
	return &Request{Method: method, Field: at.String(), List: at.last().IsList(), Message: m.Interface(), Paths: paths}
}

// place is a field of a request: the fields that lead to it, the last being itself.
type place []protoreflect.FieldDescriptor

func (p place) last() protoreflect.FieldDescriptor { return p[len(p)-1] }

// String is the path of the field.
func (p place) String() string {
	var names []string
	for _, field := range p {
		names = append(names, string(field.Name()))
	}
	return strings.Join(names, ".")
}

// placesIn lists the fields of a message that can grow, including nested ones.
func placesIn(message protoreflect.MessageDescriptor, before place) []place {
	var all []place
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		at := append(before[:len(before):len(before)], field)
		if field.IsList() || field.IsMap() || field.Kind() == protoreflect.StringKind || field.Kind() == protoreflect.BytesKind {
			all = append(all, at)
		}
		if field.Message() != nil && !field.IsMap() && len(at) < depthMax {
			all = append(all, placesIn(field.Message(), at)...)
		}
	}
	return all
}

// grow makes the field at the place hostile: too many items, each of which breaks a rule, or one value that is too long. If
// blank, text consists only of white space.
func grow(m protoreflect.Message, at place, blank bool) {
	for _, field := range at[:len(at)-1] {
		if field.IsList() {
			m = m.Mutable(field).List().AppendMutable().Message()
			continue
		}
		m = m.Mutable(field).Message()
	}
	field := at.last()
	switch {
	case field.IsMap():
		pairs := m.Mutable(field).Map()
		for i := range sizeBytes / 8 {
			pairs.Set(protoreflect.ValueOfString(strconv.Itoa(i)).MapKey(), pairs.NewValue())
		}
	case field.IsList():
		list := m.Mutable(field).List()
		for i := range sizeBytes / 6 {
			list.Append(item(list, field, i, blank))
		}
	case blank:
		m.Set(field, text(field, strings.Repeat(" ", sizeBytes)))
	default:
		m.Set(field, text(field, strings.Repeat("9", sizeBytes)))
	}
}

func item(list protoreflect.List, field protoreflect.FieldDescriptor, i int, blank bool) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(1000 + i))
	case protoreflect.StringKind, protoreflect.BytesKind:
		switch {
		case blank:
			return text(field, " ")
		case inMask(field):
			return text(field, "f"+strconv.Itoa(i))
		}
		return text(field, strconv.Itoa(i))
	}
	return list.NewElement()
}

// inMask reports whether the field lists the paths of a field mask. JSON takes nothing but names there.
func inMask(field protoreflect.FieldDescriptor) bool {
	return field.ContainingMessage().FullName() == "google.protobuf.FieldMask"
}

func text(field protoreflect.FieldDescriptor, s string) protoreflect.Value {
	if field.Kind() == protoreflect.BytesKind {
		return protoreflect.ValueOfBytes([]byte(s))
	}
	return protoreflect.ValueOfString(s)
}

// postPaths lists the routes whose body is a request of the RPC.
func postPaths(method protoreflect.MethodDescriptor) []string {
	rule, ok := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule == nil {
		return nil
	}
	var paths []string
	for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		if path := r.GetPost(); path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}
