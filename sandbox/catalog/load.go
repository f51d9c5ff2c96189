package catalog

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// Limits of a user's own catalogue.
const (
	maxOwnOffers = 100_000
	maxOwnLine   = 1 << 20  // bytes of one JSON line
	maxOwnFile   = 64 << 20 // bytes of the whole list
	maxPhoto     = 20 << 20 // bytes of one photo
	maxErrors    = 10       // errors reported at once
)

// The two names that a list of goods may have.
const (
	linesFile = "offers.jsonl"
	tableFile = "offers.csv"
)

// Load reads the user's own goods from a folder: a list, either offers.jsonl (one JSON object a line) or offers.csv (with a
// header), in UTF-8, and the photos that the list names. [Columns] documents what a list may hold. Errors name file, line
// and column. Up to ten are reported at once.
func Load(dir string) ([]*Offer, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the catalogue's folder: %w", err)
	}
	defer root.Close() //nolint:errcheck // only read from
	name, text, err := list(root)
	if err != nil {
		return nil, fmt.Errorf("catalogue in %s: %w", dir, err)
	}
	read := readLines
	if name == tableFile {
		read = readTable
	}
	l := &loader{dir: dir, root: root, suppliers: map[string]*Supplier{}, lines: map[int64]int{}}
	var faults []error
	report := func(line int, err error) bool {
		faults = append(faults, fmt.Errorf("%s:%d: %w", name, line, err))
		return len(faults) < maxErrors
	}
	err = read(text, func(line int, r row, err error) bool {
		if err == nil && len(l.offers) >= maxOwnOffers {
			report(line, fmt.Errorf("more than %d offers", maxOwnOffers))
			return false
		}
		if err == nil {
			err = l.add(line, r)
		}
		return err == nil || report(line, err)
	})
	if err != nil {
		faults = append(faults, fmt.Errorf("%s: %w", name, err))
	}
	if len(faults) == 0 && len(l.offers) == 0 {
		faults = append(faults, fmt.Errorf("%s: no offers in it", name))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	l.number()
	return l.offers, nil
}

// list finds and reads the only list of a folder.
func list(root *os.Root) (name string, text []byte, err error) {
	for _, candidate := range []string{linesFile, tableFile} {
		b, err := readBounded(root, candidate)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			return "", nil, err
		case name != "":
			return "", nil, fmt.Errorf("both %s and %s: keep one", name, candidate)
		default:
			name, text = candidate, b
		}
	}
	if name == "" {
		return "", nil, fmt.Errorf("neither %s nor %s", linesFile, tableFile)
	}
	if at := invalid(text); at > 0 {
		return "", nil, fmt.Errorf("%s:%d: not UTF-8 (in a spreadsheet, save as \"CSV UTF-8\")", name, at)
	}
	return name, bytes.TrimPrefix(text, []byte("\ufeff")), nil
}

func readBounded(root *os.Root, name string) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	text, err := io.ReadAll(io.LimitReader(f, maxOwnFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > maxOwnFile {
		return nil, fmt.Errorf("%s is larger than %d MiB", name, maxOwnFile>>20)
	}
	return text, nil
}

// invalid returns the line of the first byte that is not UTF-8, or 0 when there is none.
func invalid(text []byte) int {
	if utf8.Valid(text) {
		return 0
	}
	line := 0
	for l := range bytes.Lines(text) {
		line++
		if !utf8.Valid(l) {
			break
		}
	}
	return line
}

// row is one line of a list: column name to text. An empty value and an absent one are the same.
type row map[string]string

// readTable calls give with each row of a CSV file until give returns false.
func readTable(text []byte, give func(line int, r row, err error) bool) error {
	table := csv.NewReader(bytes.NewReader(text))
	header, err := table.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	for i, name := range header {
		header[i] = strings.ToLower(strings.TrimSpace(name))
		if err == nil && !known(header[i]) {
			err = unknownColumn(name)
		}
		for _, before := range header[:i] {
			if err == nil && before == header[i] {
				err = fmt.Errorf("column %q twice", name)
			}
		}
	}
	if err != nil {
		give(1, nil, withoutPosition(err))
		return nil
	}
	for {
		cells, err := table.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			// After a broken quote the rest of the file cannot be split into cells.
			var at *csv.ParseError
			if errors.As(err, &at) && errors.Is(err, csv.ErrFieldCount) {
				if !give(at.Line, nil, fmt.Errorf("%d columns, the header has %d", len(cells), len(header))) {
					return nil
				}
				continue
			}
			if at != nil {
				give(at.Line, nil, withoutPosition(err))
				return nil //nolint:nilerr // It was given, with its line.
			}
			return err
		}
		line, _ := table.FieldPos(0)
		r := row{}
		for i, cell := range cells {
			r[header[i]] = strings.TrimSpace(cell)
		}
		if !give(line, r, nil) {
			return nil
		}
	}
}

// withoutPosition removes the position from a CSV error, because the caller adds it in another form.
func withoutPosition(err error) error {
	var at *csv.ParseError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// readLines calls give with each row of a JSON-lines file until give returns false.
func readLines(text []byte, give func(line int, r row, err error) bool) error {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, maxOwnLine)
	n := 0
	for lines.Scan() {
		n++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		r, err := jsonRow(lines.Bytes())
		if !give(n, r, err) {
			return nil
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		give(n+1, nil, fmt.Errorf("longer than %d bytes", maxOwnLine))
		return nil
	}
	return lines.Err()
}

func jsonRow(line []byte) (row, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil || object == nil {
		return nil, errors.New("not a JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON object")
	}
	r := row{}
	for name, value := range object {
		if !known(name) {
			return nil, unknownColumn(name)
		}
		text, err := jsonText(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r[name] = strings.TrimSpace(text)
	}
	return r, nil
}

// jsonText accepts a text, a number, null, or a list of texts.
func jsonText(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case []any:
		var words []string
		for _, w := range v {
			s, ok := w.(string)
			if !ok {
				return "", errors.New("a list must hold texts")
			}
			words = append(words, s)
		}
		return strings.Join(words, ";"), nil
	}
	return "", errors.New("must be a text or a number")
}
