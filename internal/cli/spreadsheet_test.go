package cli

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// cellOf is a cell of a workbook, by its column's title.
func cellOf(t *testing.T, book *excelize.File, title string, row int) (cell string) {
	t.Helper()
	rows, err := book.GetRows(sheetName)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range rows[0] {
		if name == title {
			if cell, err = excelize.CoordinatesToCellName(i+1, row); err != nil {
				t.Fatal(err)
			}
			return cell
		}
	}
	t.Fatalf("no column %s in %q", title, rows[0])
	return ""
}

func openBook(t *testing.T, name string) *excelize.File {
	t.Helper()
	book, err := excelize.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	return book
}

// TestWorkbookHasTypes: numbers are numbers, ids and texts that look like a formula are text, links are links, and
// unknown values are empty.
func TestWorkbookHasTypes(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.xlsx")
	answer := goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX)
	answer.Products[2].Title = "=HYPERLINK(\"http://evil.example\")"
	file := &outFile{name: name}
	s := &session{Process: Process{Stderr: newPrinted()}, words: english}
	parts := []record{{leading: []string{"best"}, goods: page{products: answer.GetProducts(), meta: answer.GetMeta()}}}
	if err := file.write(s, answer, []string{"part"}, parts); err != nil {
		t.Fatal(err)
	}
	book := openBook(t, name)
	for _, c := range []struct {
		title string
		row   int
		text  string
		kind  excelize.CellType
	}{
		{"part", 2, "best", excelize.CellTypeSharedString},
		{"id", 2, "620201390233", excelize.CellTypeSharedString},
		{"price", 2, "1.50", excelize.CellTypeUnset},
		{"sold_count", 2, "800", excelize.CellTypeUnset},
		{"sold_count", 3, "0", excelize.CellTypeUnset},
		{"sold_at_least", 2, "TRUE", excelize.CellTypeBool},
		{"repurchase_rate", 2, "0.235", excelize.CellTypeUnset},
		{"title", 4, "=HYPERLINK(\"http://evil.example\")", excelize.CellTypeSharedString},
		{"price", 5, "", excelize.CellTypeUnset},
		{"source", 5, "SANDBOX", excelize.CellTypeSharedString},
	} {
		cell := cellOf(t, book, c.title, c.row)
		text, err := book.GetCellValue(sheetName, cell, excelize.Options{RawCellValue: c.title != "sold_at_least"})
		if err != nil || text != c.text {
			t.Errorf("%s of row %d: %q (%v), want %q", c.title, c.row, text, err, c.text)
		}
		if kind, err := book.GetCellType(sheetName, cell); err != nil || kind != c.kind {
			t.Errorf("%s of row %d has type %v (%v), want %v", c.title, c.row, kind, err, c.kind)
		}
		if formula, err := book.GetCellFormula(sheetName, cell); err != nil || formula != "" {
			t.Errorf("%s of row %d is the formula %q (%v)", c.title, c.row, formula, err)
		}
	}
	for title, want := range map[string]string{"image_url": "https://img/1.jpg", "detail_url": "https://detail/1"} {
		if linked, address, err := book.GetCellHyperLink(sheetName, cellOf(t, book, title, 2)); err != nil || !linked || address != want {
			t.Errorf("%s leads to %s (%v)", title, address, err)
		}
	}
}

// TestBatchIntoAWorkbook: a workbook is resumed like other files, and is complete at the end.
func TestBatchIntoAWorkbook(t *testing.T) {
	server := &batchServer{}
	addr := server.serve(t)
	keywords, out := keywordsFile(t, "a", "b", "c"), filepath.Join(t.TempDir(), "out.xlsx")
	server.fail("b", status.New(codes.Unavailable, "not now"))
	if got := run(t, nil, "batch", keywords, "-o", out, "--addr", addr); got.code != exitLater {
		t.Fatalf("%+v", got)
	}
	if rows, err := openBook(t, out).GetRows(sheetName); err != nil || rows[0][0] != "keyword" || rows[0][1] != "page" {
		t.Errorf("%q, %v", rows, err)
	}
	server.fail("", nil)
	for range 2 { // The second run finds it finished.
		if got := run(t, nil, "batch", keywords, "-o", out, "--addr", addr); got.code != 0 {
			t.Fatalf("%+v", got)
		}
	}
	if _, err := os.Stat(out + partSuffix); !os.IsNotExist(err) {
		t.Errorf("the part file still exists: %v", err)
	}
}

// TestFilesOpenInExcel: a .csv file starts with the byte order mark for Excel, and its ids stay text, unless it is for
// programs.
func TestFilesOpenInExcel(t *testing.T) {
	for name, test := range map[string]struct {
		options csvOptions
		head    string
		id      string
	}{
		"Excel":    {csvOptions{}, "\ufeffpart,id,", "\t620201390233"},
		"programs": {csvOptions{PlainCSV: true}, "part,id,", "620201390233"},
	} {
		out := &outFile{"out.csv", test.options}
		answer := &zhaohuov1.KeywordSearchResponse{Products: []*zhaohuov1.Product{{
			Id: "620201390233", Title: "=1+1", Supplier: &zhaohuov1.Supplier{Id: proto.String("12345678901234567890")},
		}}}
		text, err := out.text(answer, []string{"part"}, []record{{leading: []string{"-x"}, goods: page{products: answer.GetProducts()}}})
		if err != nil || !strings.HasPrefix(string(text), test.head) {
			t.Fatalf("%s: %v, %.40q", name, err, text)
		}
		rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]string{"'-x", test.id, "'=1+1"}, rows[1][:3]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
