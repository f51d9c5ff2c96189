package page_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// titles are those of goods that spreadsheets may take for something else.
func titles() []string {
	return []string{
		`=HYPERLINK("http://evil.example","茶杯")`, `@SUM(A1) 茶杯 "引号", 逗号; 分号`, `-2+3 茶杯`, `+1 茶杯`, `＝1+1 茶杯`, `茶杯 _x000D_ & <b> 'a'`, `茶杯 🍵 ` + strings.Repeat("长", 60),
	}
}

// sell writes a catalogue of 30 cups.
func sell(t *testing.T) (folder string) {
	t.Helper()
	var list bytes.Buffer
	lines := json.NewEncoder(&list)
	for i := range 30 {
		one := map[string]any{"id": 600000000000 + i, "title": fmt.Sprintf("普通 茶杯 %d", i), "supplier": "+86 工厂", "price": fmt.Sprintf("%d.50", i+1), "month_sold": "800+"}
		switch {
		case i < len(titles()):
			one["title"], one["title_en"], one["repurchase"], one["min_order"] = titles()[i], "=1+1 cup", 23, 2000
		case i == 20:
			delete(one, "price")
		}
		if err := lines.Encode(one); err != nil {
			t.Fatal(err)
		}
	}
	folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "offers.jsonl"), list.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// product is a product as REST answers it.
type product struct {
	ID, Title, TitleTranslated, SoldCount, MinimumOrder, ImageURL, DetailURL string
	RepurchaseRate                                                           *float64
	Price                                                                    *struct {
		Units string
		Nanos int
	}
	Supplier struct{ Name string }
}

// answered are the products of two pages, as REST answers them.
func answered(t *testing.T, rest, keyword string) (all []product) {
	t.Helper()
	for page := 1; page <= 2; page++ {
		query := url.Values{"keyword": {keyword}, "page": {fmt.Sprint(page)}, "languageCode": {"en"}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, rest+"/v1/products:keywordSearch?"+query.Encode(), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var found struct{ Products []product }
		err = json.NewDecoder(answer.Body).Decode(&found)
		if answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s, %v", answer.Status, err)
		}
		all = append(all, found.Products...)
	}
	return all
}

// TestSavedList opens the files of a list whose texts look like formulas: each cell has what REST answered.
func TestSavedList(t *testing.T) {
	variables := start(t, config.Environ{"ZHAOHUO_SANDBOX_CATALOG": sell(t)})
	folder := t.TempDir()
	browse(t, append(variables, "DOWNLOADS="+folder), "saved/list.test.mjs")
	want := answered(t, strings.TrimPrefix(variables[0], "SERVICE="), "茶杯")
	if len(want) != 30 {
		t.Fatalf("there are %d cups", len(want))
	}
	book := openBook(t, filepath.Join(folder, "both.xlsx"))
	for i, p := range want {
		book.hasProduct(t, i+2, p)
	}
	if rows, err := book.GetRows(book.name); err != nil || len(rows) != 31 {
		t.Errorf("%d rows, %v; want 30 and a header", len(rows), err)
	}
	rows := readCSV(t, filepath.Join(folder, "both.csv"))
	for i, p := range want {
		if got := rows[i+1][slices.Index(rows[0], "Title")]; strings.TrimPrefix(got, "'") != p.Title {
			t.Errorf("CSV: the title is %q, want %q", got, p.Title)
		}
	}
	if len(rows) != 31 {
		t.Errorf("CSV: %d rows, want 31", len(rows))
	}
	chinese := openBook(t, filepath.Join(folder, "chinese.xlsx"))
	if got := chinese.cell(t, "商品编号", 1); got != "商品编号" {
		t.Errorf("a Chinese title is %q", got)
	}
	if rows, err := chinese.GetRows(chinese.name); err != nil || len(rows) > 24 {
		t.Errorf("%d rows, %v; want those of the second question alone", len(rows), err)
	}
}

// TestSavedViews opens the files of every list of every view.
func TestSavedViews(t *testing.T) {
	folder := t.TempDir()
	browse(t, append(start(t, config.Environ{"ZHAOHUO_SANDBOX_DRIFT": "2s"}), "DOWNLOADS="+folder), "saved/views.test.mjs")
	books, err := filepath.Glob(filepath.Join(folder, "*.xlsx"))
	if err != nil || len(books) != 20 {
		t.Errorf("%d workbooks were saved, %v; want 20", len(books), err)
	}
	for _, name := range books {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".xlsx"), func(t *testing.T) {
			book := openBook(t, name)
			rows, err := book.GetRows(book.name)
			if err != nil || len(rows) < 2 {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			list := readCSV(t, strings.TrimSuffix(name, "xlsx")+"csv")
			if !slices.Equal(list[0], rows[0]) {
				t.Errorf("the titles are %q and %q", rows[0], list[0])
			}
			checkFilled(t, list)
			if filepath.Base(name) == "compare-0.xlsx" {
				for _, title := range []string{"按采购数量的运费", "按采购数量的总价（含运费）", "运费说明"} {
					if !slices.Contains(rows[0], title) {
						t.Errorf("the column %s is missing: %q", title, rows[0])
					}
				}
			}
			if sheet := book.name; rows[0][len(rows[0])-1] == "来源" && strings.ContainsAny(strings.ToLower(sheet), "abcdefghijklmnopqrstuvwxyz") {
				t.Errorf("the sheet of a Chinese list is named %q", sheet)
			}
			for i, row := range rows[1:] {
				if source := row[len(rows[0])-1]; source != "SANDBOX: made up" && source != "沙箱：虚构商品" {
					t.Errorf("row %d is from %q, want the sandbox", i+2, source)
				}
			}
		})
	}
}

// checkFilled checks that no column is empty.
func checkFilled(t *testing.T, list [][]string) {
	t.Helper()
	for x, title := range list[0] {
		if !slices.ContainsFunc(list[1:], func(row []string) bool { return row[x] != "" }) {
			t.Errorf("the column %q is empty", title)
		}
	}
}

// workbook is a file of one sheet.
type workbook struct {
	*excelize.File
	name   string
	titles []string
}

// openBook opens a workbook, and checks what all of them have: a header that stays in sight, columns that are wide enough, no formula, and
// texts in cells of text.
func openBook(t *testing.T, path string) workbook {
	t.Helper()
	file, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	b := workbook{File: file, name: file.GetSheetName(0)}
	rows, err := file.GetRows(b.name)
	if err != nil || len(rows) == 0 {
		t.Fatalf("%s: %d rows, %v", path, len(rows), err)
	}
	b.titles = rows[0]
	if panes, err := file.GetPanes(b.name); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("%s: the panes are %+v, %v", path, panes, err)
	}
	for y := range rows {
		for x := range b.titles {
			b.checkCell(t, x+1, y+1)
		}
	}
	return b
}

func (b workbook) checkCell(t *testing.T, x, y int) {
	t.Helper()
	at, err := excelize.CoordinatesToCellName(x, y)
	if err != nil {
		t.Fatal(err)
	}
	formula, err := b.GetCellFormula(b.name, at)
	if err != nil || formula != "" {
		t.Errorf("%s is the formula %q, %v", at, formula, err)
	}
	kind, err := b.GetCellType(b.name, at)
	if err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeUnset {
		t.Errorf("%s is of type %v, %v", at, kind, err)
	}
	if kind == excelize.CellTypeInlineString && b.format(t, at) != "@" {
		t.Errorf("%s is a text in the format %q", at, b.format(t, at))
	}
}

// format is the format of a cell's number; "@" is text.
func (b workbook) format(t *testing.T, at string) string {
	t.Helper()
	number, err := b.GetCellStyle(b.name, at)
	if err != nil {
		t.Fatal(err)
	}
	style, err := b.GetStyle(number)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case style.CustomNumFmt != nil:
		return *style.CustomNumFmt
	case style.NumFmt == 49:
		return "@"
	}
	return fmt.Sprint(style.NumFmt)
}

// at names the cell of a row under a title.
func (b workbook) at(t *testing.T, title string, row int) string {
	t.Helper()
	at, err := excelize.CoordinatesToCellName(slices.Index(b.titles, title)+1, row)
	if err != nil {
		t.Fatalf("%q is not among the titles %q", title, b.titles)
	}
	return at
}

// cell is what a cell holds, without its format.
func (b workbook) cell(t *testing.T, title string, row int) string {
	t.Helper()
	value, err := b.GetCellValue(b.name, b.at(t, title, row), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// hasProduct checks a row of products.
func (b workbook) hasProduct(t *testing.T, row int, p product) {
	t.Helper()
	want := map[string]string{
		"Product id": p.ID, "Title": p.Title, "Title, translated": p.TitleTranslated, "MOQ": p.MinimumOrder, "Sold": p.SoldCount, "Supplier": p.Supplier.Name,
		"Picture": p.ImageURL, "Link": p.DetailURL, "Source": "SANDBOX: made up", "Price": "", "Returning buyers": "",
	}
	if p.Price != nil {
		want["Price"] = strings.TrimRight(strings.TrimRight(fmt.Sprintf("%s.%09d", p.Price.Units, p.Price.Nanos), "0"), ".")
	}
	if p.RepurchaseRate != nil {
		want["Returning buyers"] = fmt.Sprint(*p.RepurchaseRate)
	}
	for title, value := range want {
		if value == "" && !slices.Contains(b.titles, title) {
			continue // A column without any value is left out.
		}
		if got := b.cell(t, title, row); got != value {
			t.Errorf("row %d: %s is %q, want %q", row, title, got, value)
		}
	}
	formats := map[string]string{"Sold": `#,##0"+"`, "MOQ": "3", "Product id": "@"}
	if p.Price != nil {
		formats["Price"] = `"¥"#,##0.00##`
	}
	for title, format := range formats {
		if got := b.format(t, b.at(t, title, row)); got != format {
			t.Errorf("row %d: the format of %s is %q, want %q", row, title, got, format)
		}
	}
	for title, address := range map[string]string{"Picture": p.ImageURL, "Link": p.DetailURL} {
		if linked, to, err := b.GetCellHyperLink(b.name, b.at(t, title, row)); err != nil || !linked || to != address {
			t.Errorf("row %d: %s leads to %q, %v", row, title, to, err)
		}
	}
}

// readCSV reads a list, and checks that no spreadsheet runs one of its texts as a formula.
func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, marked := bytes.CutPrefix(text, []byte("\ufeff"))
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", path, len(rows), err)
	}
	for _, row := range rows {
		for _, field := range row {
			if number := strings.Trim(field, "-+0123456789."); number != "" && strings.ContainsAny(firstRune(field), "=+-@＝＋－＠\t\r\n") {
				t.Errorf("%s: %q begins like a formula", path, field)
			}
		}
	}
	return rows
}

func firstRune(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}
