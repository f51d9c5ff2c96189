package cli

import (
	"bytes"
	"io"
	"regexp"
	"strings"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// watchAdd creates a watch.
type watchAdd struct {
	What     []string `arg:"" optional:"" name:"what" help:"What to watch: products, by their ids or links on 1688. Or an image of the goods: a file, an address or an image id. Or words; Chinese finds most."`
	Name     string   `name:"name" placeholder:"TEXT" help:"Name of the price watch, at most 100 characters."`
	Every    string   `name:"every" placeholder:"TIME" default:"1h" help:"Time between observations, such as 30m, 6h or 1d."`
	Quantity int64    `name:"quantity" placeholder:"N" help:"Quantity that prices are read at."`

	watchConditions `embed:""`
	goodsCriteria   `embed:""`

	Details     int32  `name:"details" placeholder:"N" help:"Fetch price tiers for the N cheapest offers in any case, 0 to 20. Each costs an upstream call."`
	MaxCalls    *int32 `name:"max-calls" placeholder:"N" help:"Largest number of upstream calls of one observation, for goods found by an image or words."`
	CallsPerDay int32  `name:"calls-per-day" placeholder:"N" help:"Largest number of upstream calls a day (of China). Unset: no bound of its own."`
	Output      string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Webhook []string `name:"webhook" sep:"none" placeholder:"URL" help:"Send the events to this address too; up to 5. The answer has its signing secret, which is shown only this once."`

	Target target `embed:"" group:"Server"`
}

// Run creates the watch and shows it.
func (c *watchAdd) Run(s *session) error {
	every, err := spanOf("--every", c.Every)
	if err != nil {
		return err
	}
	conditions, err := c.conditions()
	if err != nil {
		return err
	}
	w := &zhaohuov1.PriceWatch{
		DisplayName: c.Name, Interval: durationpb.New(every), Conditions: conditions, UpstreamCallsPerDay: c.CallsPerDay,
	}
	for _, address := range c.Webhook {
		w.Webhooks = append(w.Webhooks, &zhaohuov1.PriceWebhook{Url: address})
	}
	if err := c.aim(s, w); err != nil {
		return err
	}
	answer, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.CreatePriceWatch, &zhaohuov1.CreatePriceWatchRequest{PriceWatch: w})
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	id := plain(answer.GetPriceWatch().GetId())
	if err := s.writeWatch(answer.GetPriceWatch()); err != nil {
		return err
	}
	for _, hook := range answer.GetPriceWatch().GetWebhooks() {
		s.printSecret(hook)
	}
	return s.printEnd("\nwhat happens: zhaohuo watch tail %s\nthe prices: zhaohuo watch show %s\n", id, id)
}

// offerNumber is an argument that is the id of a product. Words of so many digits are nobody's.
var offerNumber = regexp.MustCompile(`^[1-9][0-9]{7,18}$`)

// aim sets what is watched: products, if ids or links are given, else goods by an image, words or both.
func (c *watchAdd) aim(s *session, w *zhaohuov1.PriceWatch) error {
	var ids, others []string
	for _, argument := range c.What {
		id, link := offerIn(argument)
		switch {
		case id != "":
			ids = append(ids, id)
		case offerNumber.MatchString(argument):
			ids = append(ids, argument)
		case link && !pictureName(argument):
			_, err := productID(argument) // It says what is wrong with the link.
			return err
		default:
			others = append(others, argument)
		}
	}
	switch {
	case len(ids) > 0 && len(others) > 0:
		return usage("%s: products by id and other goods are watched apart: add two price watches", others[0])
	case len(ids) == 0:
		return c.compare(s, w, others)
	case c.narrowed() || c.Details != 0 || c.MaxCalls != nil:
		return usage("products are watched by their ids as they are: leave out --min-price, --max-price, --category, --sort, --filter, --facet, --categories, --sales, --region-opp, --details and --max-calls")
	}
	w.Target = &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: ids, Quantity: c.Quantity}}
	return nil
}

// narrowed reports whether any criterion is given.
func (c goodsCriteria) narrowed() bool {
	return c.MinPrice != "" || c.MaxPrice != "" || c.Category != "" || c.Sort != "" || len(c.Filter) > 0 || len(c.Facet) > 0 || c.given()
}

// compare sets goods that are found by an image, words or both.
func (c *watchAdd) compare(s *session, w *zhaohuov1.PriceWatch, arguments []string) error {
	found, words, err := pictureAndWords(arguments)
	if err != nil {
		return err
	}
	if words == "" && !found.isPicture() {
		return usage("give what to watch: ids of products or links to them, an image (a file, an address or an image id), or words")
	}
	filters, err := filtersOf(c.Filter)
	if err != nil {
		return err
	}
	q := &zhaohuov1.ComparePricesRequest{
		Keyword: words, Quantity: c.Quantity, DetailOffers: c.Details, PriceMin: c.MinPrice, PriceMax: c.MaxPrice, CategoryId: c.Category,
		MaxUpstreamCalls: c.MaxCalls, Sort: c.order(), Filters: filters, FacetIds: c.Facet,
	}
	if err := c.put(q); err != nil {
		return err
	}
	switch {
	case found.file != "":
		q.Image, err = c.photo(s, found.file)
	case found.isPicture():
		q.Image = imageSource(found.url, found.imageID)
	}
	w.Target = &zhaohuov1.PriceWatch_Comparison{Comparison: q}
	return err
}

// photo is a photo as a request holds it: itself, or the id that it gets by being sent before where it is too large.
func (c *watchAdd) photo(s *session, name string) (*zhaohuov1.ImageSource, error) {
	photo, size, err := s.openPhoto(name)
	if err != nil {
		return nil, err
	}
	defer photo.Close()
	content, err := io.ReadAll(io.LimitReader(photo, comboImageMax+1))
	switch {
	case err != nil:
		return nil, usage("%v", err)
	case len(content) == 0:
		return nil, usage("%s is empty", name)
	case len(content) <= comboImageMax:
		return &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: content}}, nil
	}
	s.note("%s is larger than 3 MiB: it is sent by a search first, which costs upstream calls", plain(name))
	conn, err := c.Target.openServer(s)
	if err != nil {
		return nil, err
	}
	one := int32(1)
	all := s.withProgress(io.MultiReader(bytes.NewReader(content), photo), size)
	answer, err := askOver(s, conn, c.Target.Timeout, sending(all), &zhaohuov1.ImageSearchOptions{PageSize: &one})
	if err != nil {
		return nil, err
	}
	return imageSource("", answer.GetResponse().GetImageId()), nil
}

// targetText is what a watch observes, in words.
func (s *session) targetText(w *zhaohuov1.PriceWatch) string {
	if p := w.GetProducts(); p != nil {
		text := counted(s.words, len(p.GetIds()), "product", "products") + ": " + strings.Join(p.GetIds(), ", ")
		return text + s.quantityText(p.GetQuantity())
	}
	q := w.GetComparison()
	var parts []string
	if w.GetImageSizeBytes() > 0 {
		parts = append(parts, s.words.say("goods on an image of %d KiB", (w.GetImageSizeBytes()+1023)/1024))
	}
	if q.GetKeyword() != "" {
		parts = append(parts, s.words.say("words %s", plain(q.GetKeyword())))
	}
	return strings.Join(parts, ", ") + s.criteriaText(q) + s.quantityText(q.GetQuantity())
}

func (s *session) quantityText(n int64) string {
	if n == 0 {
		return ""
	}
	return s.words.say(", at a quantity of %d", n)
}

// criteriaText is what the goods must be like.
func (s *session) criteriaText(q *zhaohuov1.ComparePricesRequest) string {
	var b strings.Builder
	if q.GetPriceMin() != "" {
		b.WriteString(s.words.say(", from ¥%s", q.GetPriceMin()))
	}
	if q.GetPriceMax() != "" {
		b.WriteString(s.words.say(", up to ¥%s", q.GetPriceMax()))
	}
	if q.GetCategoryId() != "" {
		b.WriteString(s.words.say(", category %s", q.GetCategoryId()))
	}
	for _, filter := range q.GetFilters() {
		b.WriteString(", " + plainName(filter.String(), filterPrefix))
	}
	for _, facet := range q.GetFacetIds() {
		b.WriteString(", " + plain(facet))
	}
	for _, category := range q.GetCategoryIds() {
		b.WriteString(s.words.say(", category %s", plain(category)))
	}
	for _, sold := range salesTexts(q.GetSales()) {
		b.WriteString(s.words.say(", pieces sold %s", sold))
	}
	if q.GetRegionOpp() != "" {
		b.WriteString(", regionOpp " + plain(q.GetRegionOpp()))
	}
	return b.String()
}
