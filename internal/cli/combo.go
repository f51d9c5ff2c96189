package cli

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
)

// comboImageMax is the largest image in a combo's request.
const comboImageMax = 3 << 20

// goodsCriteria are what goods of a combo must be like.
type goodsCriteria struct {
	MinPrice string   `name:"min-price" placeholder:"YUAN" help:"Lowest price, such as 10 or 99.90."`
	MaxPrice string   `name:"max-price" placeholder:"YUAN" help:"Highest price."`
	Category string   `name:"category" placeholder:"ID" help:"Only goods of this category."`
	Sort     string   `name:"sort" placeholder:"ORDER" enum:",relevance,price,price-desc,sales,repurchase" default:"" help:"Order in which searches by words list goods: relevance, price (cheapest first), price-desc, sales or repurchase. It decides which goods are seen."`
	Filter   []string `name:"filter" placeholder:"NAME,…" help:"Properties the goods must all have, such as ships-in-24h or certified-factory. A wrong name lists all."`
	Facet    []string `name:"facet" placeholder:"ID,…" help:"Only goods with these properties: ids of zhaohuo facets."`

	wordCriteria `embed:""`
}

// order is the requested order; unspecified for none.
func (c goodsCriteria) order() zhaohuov1.SortOrder {
	if c.Sort == "relevance" {
		return zhaohuov1.SortOrder_SORT_ORDER_RELEVANCE
	}
	return sorts[c.Sort]
}

// comboCriteria are what may be asked of every combo beside words and pictures.
type comboCriteria struct {
	goodsCriteria `embed:""`

	Language     string `name:"language" placeholder:"CODE" help:"Language of the titles: ${languages}."`
	MaxCalls     *int32 `name:"max-calls" placeholder:"N" help:"Largest number of upstream calls."`
	SkipLikeness bool   `name:"skip-likeness" help:"Do not compare images. Then no offer is confirmed."`
	All          bool   `name:"all" help:"Show all offers, even if there are many."`
	Output       string `name:"output" short:"o" default:"table" placeholder:"FORM|FILE" help:"Form of the answer: table (unless set) or json. Or a file to write: .csv, .xlsx or .json."`

	csvOptions `embed:""`
}

// comboPicture is the image that a combo starts from.
type comboPicture struct {
	Image    string `name:"image" placeholder:"FILE" help:"Photo of the goods, at most 3 MiB: JPEG, PNG, WebP, GIF, HEIC or AVIF. - reads standard input."`
	ImageURL string `name:"image-url" placeholder:"URL" help:"Image of the goods at this address."`
	ImageID  string `name:"image-id" placeholder:"IMAGE_ID" help:"Uploaded photo, by its image id."`
}

// picture is the image in the request; nil for none.
func (c comboPicture) picture(s *session, t target, found given) (*zhaohuov1.ImageSource, error) {
	if found.isPicture() {
		if c != (comboPicture{}) {
			return nil, usage("give one image: as an argument, or by --image, --image-url or --image-id")
		}
		c = comboPicture{Image: found.file, ImageURL: found.url, ImageID: found.imageID}
		if found.offer != "" {
			address, err := s.pictureOf(t, found.offer)
			if err != nil {
				return nil, err
			}
			c.ImageURL = address
		}
	}
	given := 0
	for _, source := range []string{c.Image, c.ImageURL, c.ImageID} {
		if source != "" {
			given++
		}
	}
	switch {
	case given == 0:
		return nil, nil
	case given > 1:
		return nil, usage("give one image: --image, --image-url or --image-id")
	case c.Image == "":
		return imageSource(c.ImageURL, c.ImageID), nil
	}
	photo, _, err := s.openPhoto(c.Image)
	if err != nil {
		return nil, err
	}
	defer photo.Close()
	content, err := boundedio.Read(photo, comboImageMax)
	switch {
	case errors.Is(err, boundedio.ErrTooLarge):
		return nil, usage("%s is larger than 3 MiB: send it with zhaohuo image first, then give --image-id", c.Image)
	case err != nil:
		return nil, usage("%v", err)
	case len(content) == 0:
		return nil, usage("%s is empty", c.Image)
	}
	return &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: content}}, nil
}

// imageOrWords is what the request names of an image (nil for none) and words; at least one of them.
func (c comboPicture) imageOrWords(s *session, t target, arguments []string) (words string, image *zhaohuov1.ImageSource, err error) {
	found, words, err := pictureAndWords(arguments)
	if err != nil {
		return "", nil, err
	}
	if image, err = c.picture(s, t, found); err != nil {
		return "", nil, err
	}
	if words == "" && image == nil {
		return "", nil, usage("give words, an image (a file, an address, an image id or a link to its product), or both")
	}
	return words, image, nil
}

// imageSource is the image at an address, or with an id.
func imageSource(address, id string) *zhaohuov1.ImageSource {
	if address != "" {
		return &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: address}}
	}
	return &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: id}}
}

// comboAnswer is what the answers of all combos have.
type comboAnswer interface {
	proto.Message
	GetPartialFailures() []*zhaohuov1.PartialFailure
	GetMeta() *zhaohuov1.ComboMeta
}

// runCombo asks a combo one question and writes the answer: to a file, as JSON, or by table. Parts cut the answer into the
// records of a file.
func runCombo[Q proto.Message, A comboAnswer, M any, E comboEvent[A, M]](s *session, t target, c comboCriteria,
	method func(zhaohuov1.ComboServiceClient, context.Context, Q, ...grpc.CallOption) (grpc.ServerStreamingClient[M], error),
	question func(filters []zhaohuov1.ProductFilter) (Q, error), parts func(A) []record, table func(*session, A) error,
) error {
	file, err := fileOf(c.Output, c.csvOptions, "table", "json")
	if err != nil {
		return err
	}
	filters, err := filtersOf(c.Filter)
	if err != nil {
		return err
	}
	q, err := question(filters)
	if err != nil {
		return err
	}
	if err := c.put(q); err != nil {
		return err
	}
	conn, err := t.open(s)
	if err != nil {
		return err
	}
	answer, err := askShowing(s, conn, t.Timeout, func(ctx context.Context, working *spinner, o ...grpc.CallOption) (A, error) {
		stream, err := method(zhaohuov1.NewComboServiceClient(conn), ctx, q, o...)
		if err != nil {
			var none A
			return none, err
		}
		return afterSteps[A, M, E](stream, func(step *zhaohuov1.ComboStep) {
			if c.Output != "json" && step.GetState() != zhaohuov1.ComboStepState_COMBO_STEP_STATE_LEFT_OUT {
				working.say(s.stepText(step))
			}
		})
	})
	if err != nil {
		return err
	}
	s.warnOfCombo(answer.GetPartialFailures(), answer.GetMeta())
	if file != nil {
		return file.write(s, answer, []string{"part"}, parts(answer))
	}
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	return table(s, answer)
}

// warnOfCombo reports what is missing in a combo's answer and what should be known about it, and warns of made-up products.
func (s *session) warnOfCombo(failures []*zhaohuov1.PartialFailure, meta *zhaohuov1.ComboMeta) {
	s.warnOfSandbox(&zhaohuov1.AnswerMeta{Source: meta.GetSource(), ServedFrom: meta.GetServedFrom()})
	for _, f := range failures {
		s.note("without %s: %s", plain(f.GetStep()), plain(f.GetStatus().GetMessage()))
	}
	for _, n := range meta.GetNotes() {
		s.note("%s", plain(n.GetText()))
	}
}

// comboFooter summarizes the origin of a combo's answer.
func (s *session) comboFooter(meta *zhaohuov1.ComboMeta) error {
	return s.printEnd("%d of %s, %s compared anew; source %s\n", meta.GetUpstreamCalls(),
		counted(s.words, meta.GetUpstreamCallBudget(), "upstream call", "upstream calls"),
		counted(s.words, meta.GetImagesFetched(), "image", "images"), sourceName(meta))
}

// tailShown is how many items of a long list are shown by default.
const tailShown = 10

// tail is the shown part of a list, and how many are left out.
func tail[T any](list []T, all bool) (shown []T, more int) {
	if all || len(list) <= tailShown {
		return list, 0
	}
	return list[:tailShown], len(list) - tailShown
}

// writeMore reports how many are not shown.
func (s *session) writeMore(n int, one, many string) error {
	if n == 0 {
		return nil
	}
	return s.printEnd("… %s not shown: --all\n", counted(s.words, n, "more "+one, "more "+many))
}

// likenessText is a measured likeness in percent.
func (s *session) likenessText(m *zhaohuov1.MeasuredLikeness) string {
	switch {
	case m == nil:
		return unknown
	case m.GetSameBytes():
		return s.words.say("same photo")
	}
	return strconv.FormatFloat(100*m.GetValue(), 'f', 0, 64) + " %"
}

// percentText is a ratio in percent.
func percentText(ratio float64) string { return strconv.FormatFloat(100*ratio, 'f', 1, 64) + " %" }

// knownText is yes, no or unknown.
func (s *session) knownText(b *bool) string {
	if b == nil {
		return unknown
	}
	if *b {
		return s.words.say("yes")
	}
	return s.words.say("no")
}

func titleText(p *zhaohuov1.Product) string {
	return cmp.Or(p.GetTitleTranslated(), p.GetTitle(), unknown)
}
