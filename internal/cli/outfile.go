package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/atomicfile"
)

// csvOptions are the options of CSV files.
type csvOptions struct {
	PlainCSV bool `name:"plain-csv" help:"Write a .csv for programs. Otherwise it is made for Excel: it begins with a byte order mark, and a tab before each id keeps it text."`
}

// outFile is a file for one answer.
type outFile struct {
	name string
	csvOptions
}

// fileOf is the file that -o names; nil for a format on standard output.
func fileOf(output string, o csvOptions, forms ...string) (*outFile, error) {
	if slices.Contains(forms, output) {
		return nil, nil
	}
	for _, ending := range []string{".csv", ".json", ".xlsx"} {
		if strings.HasSuffix(output, ending) {
			if _, err := os.Lstat(output); !errors.Is(err, fs.ErrNotExist) {
				return nil, usage("%s exists already: name another file, or remove it", output)
			}
			return &outFile{output, o}, nil
		}
	}
	return nil, usage("-o %s: give %s, or a file whose name ends in .csv, .json or .xlsx", output, strings.Join(forms, ", "))
}

// write writes an answer: everything as JSON, or its products, each after the name of its part of the answer.
func (f *outFile) write(s *session, answer proto.Message, leading []string, parts []record) error {
	text, err := f.text(answer, leading, parts)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(f.name, text); err != nil {
		return usage("%v", err)
	}
	n := 0
	for _, part := range parts {
		n += len(part.goods.products)
	}
	s.note("%s: %s", f.name, counted(s.words, n, "product", "goods"))
	return nil
}

func (f *outFile) text(answer proto.Message, leading []string, parts []record) ([]byte, error) {
	var b bytes.Buffer
	switch {
	case strings.HasSuffix(f.name, ".json"):
		err := writeJSON(&b, answer)
		return b.Bytes(), err
	case strings.HasSuffix(f.name, ".csv"):
		form := csvForm{leading, f.PlainCSV}
		err := form.begin(&b)
		for _, part := range parts {
			if err == nil {
				err = form.write(&b, part, false)
			}
		}
		return b.Bytes(), err
	}
	book, err := newWorkbook(leading)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		if err := book.add(part); err != nil {
			return nil, errors.Join(err, book.close())
		}
	}
	text, err := book.bytes()
	return text, errors.Join(err, book.close())
}
