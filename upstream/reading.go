package upstream

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Reading is a digest of what the dialect's decoders read: the names in [Dialect.Reads], and all fields and enum values of the
// answers. It changes when a decoder learns a name, and when an answer gets a field. Whoever stores answers stores it with them:
// an answer of another reading may lack what this version reads.
func (d *Dialect) Reading() string {
	w := readingDigest{sum: sha256.New(), written: map[protoreflect.FullName]bool{}}
	w.note(d.ID.String(), strings.Join(d.Reads, " "))
	for _, answer := range []proto.Message{
		&zhaohuov1.KeywordSearchResponse{}, &zhaohuov1.ImageSearchResponse{}, &zhaohuov1.GetProductResponse{},
		&zhaohuov1.ListSellerProductsResponse{}, &zhaohuov1.ListSearchFacetsResponse{}, &zhaohuov1.ListTopKeywordsResponse{},
		&zhaohuov1.ListRelatedProductsResponse{}, &zhaohuov1.FindCategoriesResponse{}, &zhaohuov1.GetCategoryResponse{},
		&zhaohuov1.EstimateFreightResponse{},
		&zhaohuov1.ListTopProductsResponse{}, &zhaohuov1.GetProductTrendsResponse{},
	} {
		w.message(answer.ProtoReflect().Descriptor())
	}
	return hex.EncodeToString(w.sum.Sum(nil)[:8])
}

// readingDigest writes descriptors into a hash, each once.
type readingDigest struct {
	sum     hash.Hash
	written map[protoreflect.FullName]bool
}

func (w *readingDigest) note(parts ...string) {
	for _, part := range parts {
		fmt.Fprintf(w.sum, "%d:%s\n", len(part), part) // A hash never fails.
	}
}

func (w *readingDigest) message(d protoreflect.MessageDescriptor) {
	if w.written[d.FullName()] {
		return
	}
	w.written[d.FullName()] = true
	w.note(string(d.FullName()))
	for i := range d.Fields().Len() {
		field := d.Fields().Get(i)
		w.note(fmt.Sprint(field.Number()), string(field.Name()), field.Kind().String(), field.Cardinality().String())
		if field.Message() != nil {
			w.message(field.Message())
		}
		if field.Enum() != nil {
			w.enum(field.Enum())
		}
	}
}

func (w *readingDigest) enum(d protoreflect.EnumDescriptor) {
	if w.written[d.FullName()] {
		return
	}
	w.written[d.FullName()] = true
	w.note(string(d.FullName()))
	for i := range d.Values().Len() {
		value := d.Values().Get(i)
		w.note(fmt.Sprint(value.Number()), string(value.Name()))
	}
}
