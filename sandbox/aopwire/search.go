package aopwire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// badArgument is the code for an argument that the business refuses.
const badArgument = "PARAM_ERROR"

func keywordQuery(c *call) (result, error) {
	q, refused := question(c)
	if refused != nil {
		return result{refused: refused}, nil
	}
	return list(c, q, keywordRow)
}

func sellerOfferList(c *call) (result, error) {
	q, refused := question(c)
	if refused != nil {
		return result{refused: refused}, nil
	}
	q.SellerOpenID = c.searched("sellerOpenId")
	return list(c, q, func(c *call, o *catalog.Offer, language string) row {
		r := commonRow(c, o, language)
		r.IsSelect = strconv.FormatBool(market.Has(o, "isSelect")) // text in this list, as documented
		return r
	})
}

// list answers a search with rows of one kind.
func list(c *call, q market.Question, write func(*call, *catalog.Offer, string) row) (result, error) {
	language, _ := c.args.text("country")
	if !market.Supports(language) {
		return refusedBy(badArgument, "不支持的语言: "+language), nil
	}
	answer, err := market.Ask(c.R.Context(), c.Goods, faultyQuestion(c, q))
	if err != nil {
		return result{}, fmt.Errorf("asking the catalogue: %w", err)
	}
	page := pageOf(c, answer, q.Page, func(o *catalog.Offer) row { return write(c, o, language) })
	return result{payload: page, page: page}, nil
}

// faultyQuestion changes which page is returned when a content fault word asks for it.
func faultyQuestion(c *call, q market.Question) market.Question {
	if c.Faults.Has(faultword.SamePage) {
		q.Page = 1
	}
	if rows := c.Faults.Int(faultword.CapPage); rows > 0 {
		q.PageSize = min(q.PageSize, rows)
	}
	return q
}

// pageOf writes an answer as the requested page, with what the content fault words change.
func pageOf(c *call, answer market.Answer, asked int, write func(*catalog.Offer) row) *listPage {
	if c.Faults.Has(faultword.Empty) || c.Faults.Has(faultword.TotalZero) {
		answer.Total, answer.Offers = 0, nil
	}
	page := &listPage{
		TotalRecords: new(answer.Total), TotalPage: new(answer.TotalPages()),
		PageSize: answer.PageSize, CurrentPage: asked, Data: make([]row, 0, len(answer.Offers)),
	}
	if c.Faults.Has(faultword.NoTotals) {
		page.TotalRecords, page.TotalPage = nil, nil
	}
	for _, o := range answer.Offers {
		page.Data = append(page.Data, write(o))
	}
	page.Data = applyContentFaults(c.Faults, page.Data)
	if c.Faults.Has(faultword.TotalZero) {
		page.Data = nil
	}
	return page
}

// question reads the arguments that the searches share.
func question(c *call) (market.Question, *business) {
	q := market.Question{Query: catalog.Query{Words: c.searched("keyword")}}
	steps := []func(*call, *market.Question) *business{
		readPage, readPrices, readCategories, readFilters, readSort, readSales, readRegionOpp, readFacets, readTranslation,
	}
	for _, step := range steps {
		if refused := step(c, &q); refused != nil {
			return q, refused
		}
	}
	return q, nil
}

func readPage(c *call, q *market.Question) *business {
	page, ok := c.args.integer("beginPage")
	if !ok || page < 1 {
		return &business{badArgument, "beginPage必须是大于0的整数"}
	}
	size, ok := c.args.integer("pageSize")
	if !ok || size < 1 {
		return &business{badArgument, "pageSize必须是大于0的整数"}
	}
	q.Page, q.PageSize = int(min(page, market.Window+1)), int(min(size, market.Window))
	return nil
}

func readPrices(c *call, q *market.Question) *business {
	for name, bound := range map[string]**int64{"priceStart": &q.PriceMinFen, "priceEnd": &q.PriceMaxFen} {
		text, _ := c.args.text(name)
		if text == "" {
			continue
		}
		fen, ok := market.Fen(text)
		if !ok {
			return &business{badArgument, name + "格式错误"}
		}
		*bound = &fen
	}
	return nil
}

func readCategories(c *call, q *market.Question) *business {
	if id, ok := c.args.integer("categoryId"); ok && id != 0 {
		q.CategoryIDs = append(q.CategoryIDs, id)
	}
	union, _ := c.args.text("categoryIdList")
	for part := range strings.SplitSeq(union, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return &business{badArgument, "categoryIdList格式错误"}
		}
		q.CategoryIDs = append(q.CategoryIDs, id)
	}
	return nil
}

// readTranslation reads whether the keyword is searched for as it is. The platform translates it first, so that foreign words find
// goods with Chinese titles; the sandbox finds those by the translated titles. Without a translation only Chinese titles count.
func readTranslation(c *call, q *market.Question) *business {
	text, sent := c.args.text("keywordTranslate")
	if !sent || text == "" {
		return nil
	}
	skip, err := strconv.ParseBool(text)
	if err != nil {
		return &business{badArgument, "keywordTranslate格式错误"}
	}
	q.ChineseTitles = skip
	return nil
}

// knownFilters are the documented filter words. The platform may ignore unknown ones; the sandbox refuses them, so that a
// typing mistake shows.
func knownFilters() []string {
	return strings.Fields(`totalEpScoreLv1 totalEpScoreLv2 totalEpScoreLv3 totalEpScoreLv4
		getRate24HLv1 getRate24HLv2 getRate24HLv3 getRate48HLv1 getRate48HLv2 getRate48HLv3
		shipInToday shipIn24Hours shipIn48Hours certifiedFactory noReason7DReturn isOnePsale isOnePsaleFreePost
		new7 new30 1688Selection jxhy isQqyx isSelect qrr0 qrr1 qrr5 qrr10
		JPFL USFL KRFL VNFL SAFL RUFL KZFL HKFL MOFL TWFL ksCiphertext`)
}

func readFilters(c *call, q *market.Question) *business {
	joined, _ := c.args.text("filter")
	known := knownFilters()
	for word := range strings.SplitSeq(joined, ",") {
		switch word = strings.TrimSpace(word); {
		case word == "" || word == "ksCiphertext": // the official samples send it; its meaning is unknown
		case !slices.Contains(known, word):
			return &business{badArgument, "不支持的filter: " + word}
		default:
			q.Filters = append(q.Filters, word)
		}
	}
	return nil
}

// readSort reads one key and one direction from a JSON text inside the JSON.
func readSort(c *call, q *market.Question) *business {
	if c.args["sort"] == nil || c.args["sort"] == "" {
		return nil
	}
	text, isText := c.args["sort"].(string)
	var order map[string]string
	if !isText || json.Unmarshal([]byte(text), &order) != nil || len(order) != 1 {
		return &business{badArgument, "sort格式错误"}
	}
	keys := map[string]catalog.Sort{"price": catalog.SortPrice, "monthSold": catalog.SortSold, "rePurchaseRate": catalog.SortRepurchase}
	for key, direction := range order {
		by, known := keys[key]
		if !known || (direction != "asc" && direction != "desc") {
			return &business{badArgument, "不支持的sort: " + text}
		}
		q.Sort, q.Desc = by, direction == "desc"
	}
	return nil
}
