package cli

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// record is one answered result, prepared for the formats.
type record struct {
	// message is the result in the contract's form, for JSON.
	message proto.Message
	// leading are the cells before each product, for CSV.
	leading []string
	goods   page
}

// fileForm is a file format for results.
type fileForm interface {
	begin(b *bytes.Buffer) error
	// write writes one result; first is true for the first one in the file.
	write(b *bytes.Buffer, one record, first bool) error
	end(b *bytes.Buffer, empty bool)
}

// formOf is the format for a file's name; nil for none. Tables put the leading columns before those of the products.
// read parses a line of JSON back.
func formOf(name string, o csvOptions, read func(line []byte) (record, error), leading ...string) fileForm {
	switch {
	case strings.HasSuffix(name, ".csv"):
		return csvForm{leading, o.PlainCSV}
	case strings.HasSuffix(name, ".xlsx"):
		return workbookForm{leading: leading, read: read}
	case strings.HasSuffix(name, ".ndjson"), strings.HasSuffix(name, ".jsonl"):
		return lineForm{}
	case strings.HasSuffix(name, ".json"):
		return arrayForm{}
	}
	return nil
}

// csvForm has a row for each product, after the columns of its search.
type csvForm struct {
	leading []string
	// plain: for programs, not for Excel.
	plain bool
}

func (f csvForm) begin(b *bytes.Buffer) error {
	if !f.plain {
		b.WriteString("\ufeff") // Without it, Excel does not detect UTF-8.
	}
	out := csv.NewWriter(b)
	if err := out.Write(slices.Concat(f.leading, csvHeader)); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func (f csvForm) write(b *bytes.Buffer, one record, _ bool) error {
	one.goods.textIDs = !f.plain
	return one.goods.writeRows(csv.NewWriter(b), one.leading...)
}

func (csvForm) end(*bytes.Buffer, bool) {}

// lineForm is one line of JSON per result, as REST writes it.
type lineForm struct{}

func (lineForm) begin(*bytes.Buffer) error { return nil }

func (lineForm) write(b *bytes.Buffer, one record, _ bool) error {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(one.message)
	if err != nil {
		return err
	}
	b.Write(slices.Concat(text, []byte("\n")))
	return nil
}

func (lineForm) end(*bytes.Buffer, bool) {}

// arrayForm is one JSON list of the lines of lineForm.
type arrayForm struct{}

func (arrayForm) begin(b *bytes.Buffer) error {
	b.WriteByte('[')
	return nil
}

func (arrayForm) write(b *bytes.Buffer, one record, first bool) error {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(one.message)
	if err != nil {
		return err
	}
	if !first {
		b.WriteByte(',')
	}
	b.WriteByte('\n')
	b.Write(text)
	return nil
}

func (arrayForm) end(b *bytes.Buffer, _ bool) { b.WriteString("\n]\n") }

// isTable reports whether the format has a row for each product, and no place for the upstream's raw JSON.
func isTable(form fileForm) bool {
	switch form.(type) {
	case csvForm, workbookForm:
		return true
	}
	return false
}
