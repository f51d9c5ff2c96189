package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/xuri/excelize/v2"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/atomicfile"
)

// linksMax is how many links Excel accepts in one sheet; further addresses stay text.
const linksMax = 65530

// lineBytesMax bounds one result that is read back.
const lineBytesMax = 64 << 20

// partSuffix is appended to a workbook's name for the file that collects its results.
const partSuffix = ".part"

// workbookForm is an Excel workbook with a row for each product. A workbook cannot be appended to, so results are
// collected as lines in a separate file, and the workbook is made from it whenever a run ends.
type workbookForm struct {
	lineForm
	leading []string
	// read parses a line back.
	read func(line []byte) (record, error)
}

// workbook makes a workbook from the lines of the part file.
func (f workbookForm) workbook(name string) (err error) {
	part, err := os.Open(name + partSuffix)
	if err != nil {
		return err
	}
	defer part.Close() //nolint:errcheck // The file was only read.
	book, err := newWorkbook(f.leading)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()
	lines := bufio.NewReaderSize(part, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > lineBytesMax {
			return trouble("%s: a line is larger than %d bytes", name+partSuffix, lineBytesMax)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			one, err := f.read(line)
			if err != nil {
				return fmt.Errorf("%s: %w", name+partSuffix, err)
			}
			if err := book.add(one); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	text, err := book.bytes()
	if err != nil {
		return err
	}
	return atomicfile.Write(name, text)
}

// workbook is one sheet of rows under titles.
type workbook struct {
	file   *excelize.File
	sheet  string
	titles []string
	row    int
	links  int
	link   int
}

// rowsMax is how many rows Excel takes in one sheet.
const rowsMax = 1_048_576

// sheetName is the sheet of goods.
const sheetName = "goods"

// newWorkbook makes a workbook of goods.
func newWorkbook(leading []string) (*workbook, error) {
	return newSheet(sheetName, slices.Concat(leading, csvHeader))
}

// newSheet makes a workbook with one sheet.
func newSheet(name string, titles []string) (*workbook, error) {
	b := &workbook{file: excelize.NewFile(), sheet: name, titles: titles, row: 1}
	style, err := b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Color: "0563C1", Underline: "single"}})
	if err == nil {
		b.link = style
		err = b.file.SetSheetName("Sheet1", b.sheet)
	}
	if err == nil {
		err = b.file.SetSheetRow(b.sheet, "A1", &b.titles)
	}
	if err == nil {
		err = b.file.SetPanes(b.sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	}
	if err != nil {
		return nil, errors.Join(err, b.file.Close())
	}
	return b, nil
}

// add writes the products of one result.
func (b *workbook) add(one record) error {
	for _, product := range one.goods.products {
		cells := append(slices.Clone(one.leading), csvRow(product)...)
		if err := b.addRow(append(cells, sourceName(one.goods.meta))); err != nil {
			return err
		}
	}
	return nil
}

// addRow writes a row. What is unknown is an empty cell.
func (b *workbook) addRow(cells []string) error {
	if b.row == rowsMax {
		return usage("an Excel sheet takes no more than %d rows: write a .csv file", rowsMax)
	}
	b.row++
	for i, text := range cells {
		if text == "" {
			continue
		}
		if err := b.put(i, text); err != nil {
			return err
		}
	}
	return nil
}

// put writes a cell with its type. Text stays text, whatever it starts with, so it never becomes a formula.
func (b *workbook) put(column int, text string) error {
	cell, err := excelize.CoordinatesToCellName(column+1, b.row)
	if err != nil {
		return err
	}
	switch b.titles[column] {
	case "price", "price_max", "promotion_price", "dropshipping_price", "minimum_order", "sold_count", "sold_days", "repurchase_rate", "similarity", "upstream_calls":
		return b.file.SetCellDefault(b.sheet, cell, text) // The digits as they are: money never becomes a float here.
	case "sold_at_least", "image_compared":
		return b.file.SetCellBool(b.sheet, cell, text == "true")
	case "image_url", "detail_url":
		if b.links < linksMax {
			b.links++
			if err := b.file.SetCellHyperLink(b.sheet, cell, text, "External"); err != nil {
				return err
			}
			if err := b.file.SetCellStyle(b.sheet, cell, cell, b.link); err != nil {
				return err
			}
		}
	}
	return b.file.SetCellStr(b.sheet, cell, text)
}

func (b *workbook) bytes() ([]byte, error) {
	text, err := b.file.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

func (b *workbook) close() error { return b.file.Close() }
