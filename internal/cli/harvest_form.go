package cli

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// harvestForm is how results are written into a file.
type harvestForm interface {
	begin(b *bytes.Buffer) error
	// write writes one result with an answer; first tells that none stands before it.
	write(b *bytes.Buffer, result *zhaohuov1.BatchKeywordResult, first bool) error
	end(b *bytes.Buffer, empty bool)
}

// csvForm is a row for each product, after its keyword and page.
type csvForm struct{}

func (csvForm) begin(b *bytes.Buffer) error {
	out := csv.NewWriter(b)
	if err := out.Write(append([]string{"keyword", "page"}, csvHeader...)); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func (csvForm) write(b *bytes.Buffer, result *zhaohuov1.BatchKeywordResult, _ bool) error {
	answer := result.GetResponse()
	rows := page{products: answer.GetProducts(), meta: answer.GetMeta()}
	return rows.writeRows(csv.NewWriter(b), result.GetKeyword(), strconv.Itoa(int(result.GetPage())))
}

func (csvForm) end(*bytes.Buffer, bool) {}

// lineForm is a line for each page: a BatchKeywordResult as REST would write it.
type lineForm struct{}

func (lineForm) begin(*bytes.Buffer) error { return nil }

func (lineForm) write(b *bytes.Buffer, result *zhaohuov1.BatchKeywordResult, _ bool) error {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(result)
	if err != nil {
		return err
	}
	b.Write(slices.Concat(text, []byte("\n")))
	return nil
}

func (lineForm) end(*bytes.Buffer, bool) {}

// arrayForm is one JSON list of what lineForm writes.
type arrayForm struct{}

func (arrayForm) begin(b *bytes.Buffer) error {
	b.WriteByte('[')
	return nil
}

func (arrayForm) write(b *bytes.Buffer, result *zhaohuov1.BatchKeywordResult, first bool) error {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(result)
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
