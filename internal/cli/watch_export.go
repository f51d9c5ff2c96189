package cli

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/atomicfile"
)

// watchExport writes a history.
type watchExport struct {
	ID         string `arg:"" name:"id" help:"Id of the price watch."`
	Output     string `name:"output" short:"o" default:"csv" placeholder:"FORM|FILE" help:"Form of the answer: csv (unless set) or ndjson. Or a file to write: .csv, .xlsx, .ndjson or .jsonl (one observation per line)."`
	Since      string `name:"since" placeholder:"TIME" help:"Only observations from this time on: 2027-01-31T00:00:00+08:00, or how long ago, such as 7d."`
	Until      string `name:"until" placeholder:"TIME" help:"Only observations before this time, in the same forms."`
	Resolution string `name:"resolution" default:"all" enum:"all,hour,day" help:"all observations, or of each hour or day the last one that succeeded."`

	csvOptions `embed:""`

	Target target `embed:"" group:"Server"`
}

// observationHeader are the columns of an exported history. Each row is a product in one observation, or an observation
// without products.
func observationHeader() []string {
	return []string{
		"watch_id", "due_time", "fetch_time", "status", "reason", "message", "source", "upstream_calls", "unseen",
		"product_id", "title", "currency", "price", "price_basis", "unpriced", "minimum_order", "sold_count",
		"supplier_id", "supplier_name", "image_compared", "price_tiers",
	}
}

// Run writes the history, page by page as it comes.
func (c *watchExport) Run(s *session) error {
	q := &zhaohuov1.ListPriceObservationsRequest{Id: c.ID, PageSize: watchPage, Resolution: map[string]zhaohuov1.PriceResolution{
		"hour": zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR, "day": zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY,
	}[c.Resolution]}
	var err error
	if q.StartTime, err = momentOf("--since", c.Since); err != nil {
		return err
	}
	if q.EndTime, err = momentOf("--until", c.Until); err != nil {
		return err
	}
	e := &export{session: s, target: c.Target, question: q}
	switch c.Output {
	case "csv":
		return e.all(s.Stdout, &csvHistory{plain: true})
	case "ndjson":
		return e.all(s.Stdout, &lineHistory{})
	}
	form := c.form()
	if form == nil {
		return usage("-o %s: give csv, ndjson, or a file whose name ends in .csv, .xlsx, .ndjson or .jsonl", c.Output)
	}
	if _, err := os.Lstat(c.Output); !errors.Is(err, fs.ErrNotExist) {
		return usage("%s exists already: name another file, or remove it", c.Output)
	}
	if err := atomicfile.WriteBy(c.Output, func(to io.Writer) error { return e.all(to, form) }); err != nil {
		return err
	}
	s.note("%s: %s", c.Output, counted(s.words, e.observations, "observation", "observations"))
	return nil
}

// form is the form of a file, by its name; nil for none.
func (c *watchExport) form() historyForm {
	switch {
	case strings.HasSuffix(c.Output, ".csv"):
		return &csvHistory{plain: c.PlainCSV}
	case strings.HasSuffix(c.Output, ".xlsx"):
		return &bookHistory{}
	case strings.HasSuffix(c.Output, ".ndjson"), strings.HasSuffix(c.Output, ".jsonl"):
		return &lineHistory{}
	}
	return nil
}

// momentOf reads a time, or how long ago it was; nil for none.
func momentOf(flag, text string) (*timestamppb.Timestamp, error) {
	if text == "" {
		return nil, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return timestamppb.New(at), nil
	}
	ago, err := spanOf(flag, text)
	if err != nil {
		return nil, usage("%s: %q is no time such as 2027-01-31T00:00:00+08:00 or 7d (ago)", flag, text)
	}
	return timestamppb.New(time.Now().Add(-ago)), nil
}

// export is a run of the command.
type export struct {
	*session
	target       target
	question     *zhaohuov1.ListPriceObservationsRequest
	observations int
}

// all writes all observations; nothing at all if the first page fails.
func (e *export) all(to io.Writer, form historyForm) error {
	page, err := e.page()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	err = form.begin(out)
	for err == nil {
		for _, o := range page.GetObservations() {
			e.observations++
			if err = form.add(out, o); err != nil {
				break
			}
		}
		if e.question.PageToken = page.GetNextPageToken(); err != nil || e.question.GetPageToken() == "" {
			break
		}
		page, err = e.page()
	}
	return errors.Join(err, form.end(out, err == nil), out.Flush())
}

func (e *export) page() (*zhaohuov1.ListPriceObservationsResponse, error) {
	return askWatches(e.session, e.target, zhaohuov1.PriceWatchServiceClient.ListPriceObservations, e.question)
}

// historyForm is a form that observations are written in.
type historyForm interface {
	begin(out io.Writer) error
	add(out io.Writer, o *zhaohuov1.PriceObservation) error
	// end is called once, after what went well or not.
	end(out io.Writer, well bool) error
}

// lineHistory is an observation per line, as REST writes it.
type lineHistory struct{}

func (*lineHistory) begin(io.Writer) error { return nil }

func (*lineHistory) add(out io.Writer, o *zhaohuov1.PriceObservation) error {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(o)
	if err == nil {
		_, err = out.Write(append(text, '\n'))
	}
	return err
}

func (*lineHistory) end(io.Writer, bool) error { return nil }

// csvHistory is a row per product. plain is for programs, not for Excel.
type csvHistory struct{ plain bool }

func (h *csvHistory) begin(out io.Writer) error {
	if !h.plain {
		if _, err := io.WriteString(out, "\ufeff"); err != nil {
			return err
		}
	}
	return h.write(out, observationHeader())
}

func (h *csvHistory) write(out io.Writer, rows ...[]string) error {
	w := csv.NewWriter(out)
	return w.WriteAll(rows)
}

func (h *csvHistory) add(out io.Writer, o *zhaohuov1.PriceObservation) error {
	rows := observationRows(o)
	for _, row := range rows {
		for i := range row {
			row[i] = inert(row[i])
			if !h.plain && row[i] != "" && slices.Contains([]string{"product_id", "supplier_id"}, observationHeader()[i]) {
				row[i] = "\t" + row[i]
			}
		}
	}
	return h.write(out, rows...)
}

func (*csvHistory) end(io.Writer, bool) error { return nil }

// bookHistory is an Excel workbook with a row per product.
type bookHistory struct{ book *workbook }

func (h *bookHistory) begin(io.Writer) (err error) {
	h.book, err = newSheet("prices", observationHeader())
	return err
}

func (h *bookHistory) add(_ io.Writer, o *zhaohuov1.PriceObservation) error {
	for _, row := range observationRows(o) {
		if err := h.book.addRow(row); err != nil {
			return err
		}
	}
	return nil
}

func (h *bookHistory) end(out io.Writer, well bool) error {
	if h.book == nil {
		return nil
	}
	var err error
	if well {
		var text []byte
		if text, err = h.book.bytes(); err == nil {
			_, err = out.Write(text)
		}
	}
	return errors.Join(err, h.book.close())
}

// observationRows are the rows of an observation. One that failed, or found nothing, has a single row without a product.
func observationRows(o *zhaohuov1.PriceObservation) [][]string {
	state, reason, message := "observed", "", ""
	switch failed := status.FromProto(o.GetError()); {
	case o.GetError() != nil:
		state, reason, message = "failed", failed.Code().String(), failed.Message()
		if info := detail[*errdetails.ErrorInfo](failed); info != nil {
			reason = info.GetReason()
		}
	case o.GetProductCount() == 0:
		state = "nothing-found"
	}
	about := []string{
		o.GetWatchId(), momentText(o.GetDueTime()), momentText(o.GetFetchTime()), state, reason, message,
		strings.TrimPrefix(o.GetSource().String(), "ANSWER_SOURCE_"), strconv.Itoa(int(o.GetUpstreamCalls())), strings.Join(o.GetUnseen(), ";"),
	}
	if o.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_UNSPECIFIED {
		about[6] = ""
	}
	if len(o.GetProducts()) == 0 {
		return [][]string{slices.Concat(about, make([]string, len(observationHeader())-len(about)))}
	}
	rows := make([][]string, len(o.GetProducts()))
	for i, p := range o.GetProducts() {
		rows[i] = slices.Concat(about, observedCells(p))
	}
	return rows
}

// observedCells are the cells of a product. What is not known is an empty cell, never zero.
func observedCells(p *zhaohuov1.ObservedPrice) []string {
	basis, unpriced, moq := "", "", ""
	if p.GetPrice() != nil && p.GetPriceBasis() != zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED {
		basis = plainName(p.GetPriceBasis().String(), "PRICE_BASIS_")
	}
	if p.GetUnpriced() != zhaohuov1.UnpricedReason_UNPRICED_REASON_UNSPECIFIED {
		unpriced = plainName(p.GetUnpriced().String(), "UNPRICED_REASON_")
	}
	if p.GetMinOrderQuantity() > 0 {
		moq = strconv.FormatInt(p.GetMinOrderQuantity(), 10)
	}
	tiers := make([]string, len(p.GetTiers()))
	for i, tier := range p.GetTiers() {
		tiers[i] = strconv.FormatInt(tier.GetMinQuantity(), 10) + ":" + amount(tier.GetPrice())
	}
	return []string{
		p.GetProductId(), p.GetTitle(), p.GetPrice().GetCurrencyCode(), amount(p.GetPrice()), basis, unpriced, moq, number(p.SoldCount),
		p.GetSupplierId(), p.GetSupplierName(), strconv.FormatBool(p.GetImageCompared()), strings.Join(tiers, ";"),
	}
}

// momentText is a time for programs and spreadsheets, by the user's clock; empty for none.
func momentText(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().Local().Format(time.RFC3339Nano)
}
