package catalog

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Column is one column of a user's list of goods.
type Column struct {
	Name, Meaning string
	Required      bool
}

// columns lists everything that a list may hold. Any other column is refused by name.
var columns = []struct {
	Column
	set func(*Offer, string) error
}{
	{Column{"id", "digits, unique; without it a number is given", false}, setID},
	{Column{"title", "Chinese title", true}, func(o *Offer, s string) error { o.Title = s; return nil }},
	{Column{"title_en", "English title", false}, func(o *Offer, s string) error { o.TitleEN = s; return nil }},
	{Column{"price", "lowest price in yuan, such as 12.50; empty or 面议 is negotiable", false}, setFen(func(o *Offer, fen *int64) { o.PriceFen = fen })},
	{Column{"price_max", "upper end of a price range in yuan", false}, setFen(func(o *Offer, fen *int64) { o.PriceMaxFen = fen })},
	{Column{"dropship_price", "price of a single piece in yuan", false}, setFen(func(o *Offer, fen *int64) { o.DropshipFen = fen })},
	{Column{"supplier", "name of the supplier", true}, nil},
	{Column{"province", "province of the supplier", false}, nil},
	{Column{"city", "city of the supplier; the same name in another place is another supplier", false}, nil},
	{Column{"category_id", "number of the category", false}, setCategory},
	{Column{"category", "name of the category", false}, func(o *Offer, s string) error { o.CategoryName = s; return nil }},
	{Column{"min_order", "least quantity of an order; 1 if empty", false}, setMinOrder},
	{Column{"month_sold", "pieces sold in 30 days, such as 120; 800+ is at least 800", false}, setSold},
	{Column{"repurchase", "percentage of buyers who came again, 0 to 100", false}, setRepurchase},
	{Column{"weight_g", "weight of one piece in grams", false}, setWeight},
	{Column{"filters", "the upstream's filter words, separated by semicolons", false}, setFilters},
	{Column{"image", "photo, relative to the folder: JPEG, PNG, WebP or GIF; drawn if empty", false}, nil},
	{Column{"group", "label of the same goods at several suppliers, for measurements only", false}, func(o *Offer, s string) error { o.Group = s; return nil }},
}

// Columns lists the columns that [Load] knows.
func Columns() []Column {
	out := make([]Column, len(columns))
	for i, c := range columns {
		out[i] = c.Column
	}
	return out
}

func known(name string) bool {
	return slices.ContainsFunc(Columns(), func(c Column) bool { return c.Name == name })
}

func unknownColumn(name string) error {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return fmt.Errorf("unknown column %q; there are %s", name, strings.Join(names, ", "))
}

// loader collects a user's offers.
type loader struct {
	dir       string
	root      *os.Root
	offers    []*Offer
	suppliers map[string]*Supplier // by name and place
	lines     map[int64]int        // the line where an id stands first
}

func (l *loader) add(line int, r row) error {
	o := &Offer{Kind: ownKind, MinOrder: 1, Status: StatusPublished}
	for _, c := range columns {
		text := r[c.Name]
		if text == "" && c.Required {
			return fmt.Errorf("%s: must not be empty", c.Name)
		}
		if text == "" || c.set == nil {
			continue
		}
		if err := c.set(o, text); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	if o.PriceMaxFen != nil && (o.PriceFen == nil || *o.PriceMaxFen < *o.PriceFen) {
		return errors.New("price_max: is below price, or there is no price")
	}
	if first := l.lines[o.ID]; first > 0 {
		return fmt.Errorf("id: %d is already on line %d", o.ID, first)
	}
	if o.ID != 0 {
		l.lines[o.ID] = line
	}
	if o.ThirdCategory != 0 {
		o.CategoryPath = []Category{{ID: o.ThirdCategory, Name: o.CategoryName, NameEN: o.CategoryName, Level: 1, Leaf: true}}
	}
	if path := r["image"]; path != "" {
		var err error
		if o.PhotoPath, err = l.photo(path); err != nil {
			return fmt.Errorf("image: %s: %w", path, err)
		}
	}
	o.Supplier = l.supplier(r["supplier"], r["province"], r["city"])
	l.offers = append(l.offers, o)
	return nil
}

// ownKind is the kind of a user's own goods, whose real kind is not known.
const ownKind = "own"

// supplier returns one account for equal names in one place. Its ids are derived from both.
func (l *loader) supplier(name, province, city string) *Supplier {
	key := name + "\x00" + province + "\x00" + city
	if s := l.suppliers[key]; s != nil {
		return s
	}
	d := newDice("own supplier " + key)
	s := &Supplier{
		MemberID: "b2b-22" + d.text(8, "0123456789") + d.hex(5), OpenID: "BBB" + d.hex(24),
		Name: name, Province: province, City: city,
	}
	l.suppliers[key] = s
	return s
}

// photo checks a photo and returns its path. Neither ".." nor links lead out of the folder.
func (l *loader) photo(name string) (string, error) {
	local := filepath.FromSlash(name)
	if !filepath.IsLocal(local) {
		return "", errors.New("leads out of the folder")
	}
	f, err := l.root.Open(local)
	if err != nil {
		var at *os.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return "", err
	}
	defer f.Close() //nolint:errcheck // only read from
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("is not a file")
	}
	if info.Size() > maxPhoto {
		return "", fmt.Errorf("is larger than %d MiB", maxPhoto>>20)
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	switch kind := http.DetectContentType(head[:n]); kind {
	case "image/jpeg", "image/png", "image/webp", "image/gif":
		return filepath.Join(l.dir, local), nil
	}
	return "", errors.New("is not a JPEG, PNG, WebP or GIF image")
}

// number completes the offers: it adds missing ids, and what is seeded by ids.
func (l *loader) number() {
	next := int64(100_000_000_001)
	for _, o := range l.offers {
		if o.ID == 0 {
			for l.lines[next] > 0 {
				next++
			}
			o.ID = next
			next++
		}
		id := strconv.FormatInt(o.ID, 10)
		if o.Group == "" {
			o.Group = "own-" + id
		}
		o.Look = Look{Kind: ownKind, Goods: newDice("own goods " + o.Group).next(), Shot: newDice("own shot " + id).next()}
	}
}

func setID(o *Offer, s string) error {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 || s[0] == '+' {
		return fmt.Errorf("%q is not a positive number", s)
	}
	o.ID = id
	return nil
}

func setCategory(o *Offer, s string) error {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 {
		return fmt.Errorf("%q is not a positive number", s)
	}
	o.ThirdCategory = id
	return nil
}

func setMinOrder(o *Offer, s string) (err error) {
	o.MinOrder, err = count(s, 1, 1_000_000_000)
	return err
}

func setWeight(o *Offer, s string) (err error) {
	o.WeightGrams, err = count(s, 1, 1_000_000_000)
	return err
}

func setSold(o *Offer, s string) error {
	digits, atLeast := strings.CutSuffix(s, "+")
	n, err := count(digits, 0, 1_000_000_000)
	o.MonthSold, o.SoldAtLeast = &n, atLeast
	return err
}

func setRepurchase(o *Offer, s string) error {
	n, err := count(strings.TrimSuffix(s, "%"), 0, 100)
	o.RepurchasePercent = &n
	return err
}

func setFilters(o *Offer, s string) error {
	for word := range strings.SplitSeq(s, ";") {
		if word = strings.TrimSpace(word); word != "" {
			o.Filters = append(o.Filters, word)
		}
	}
	return nil
}

// count reads a whole number within bounds.
func count(s string, low, high int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%q is not a whole number from %d to %d", s, low, high)
	}
	return n, nil
}

func setFen(set func(*Offer, *int64)) func(*Offer, string) error {
	return func(o *Offer, s string) error {
		if s == "面议" {
			return nil
		}
		fen, err := parseFen(s)
		if err == nil {
			set(o, &fen)
		}
		return err
	}
}

// parseFen reads yuan with at most two decimals as fen. A leading ¥ is allowed.
func parseFen(s string) (int64, error) {
	bad := fmt.Errorf("%q is not a price in yuan such as 12.50", s)
	s = strings.TrimLeft(s, "¥￥")
	yuan, decimals, dotted := strings.Cut(s, ".")
	digits := func(s string, most int) bool {
		return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	}
	if !digits(yuan, 9) || dotted && !digits(decimals, 2) {
		return 0, bad
	}
	fen, err := strconv.ParseInt(yuan+(decimals + "00")[:2], 10, 64)
	if err != nil || fen == 0 {
		return 0, bad
	}
	return fen, nil
}
