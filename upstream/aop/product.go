package aop

import (
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/offer"
)

// detailPage is the offer's web page, used where the answer has no tracked link.
const detailPage = "https://detail.1688.com/offer/"

// products reads all rows. A row that is no offer fails the answer: without it the page would look complete.
func products(rows []gjson.Result, o offer.Options) ([]*zhaohuov1.Product, error) {
	all := make([]*zhaohuov1.Product, 0, len(rows))
	for i, row := range rows {
		p, ok := offer.Row(row, o)
		if !ok {
			return nil, unreadable("offer %d of the list has no id", i+1)
		}
		addPage(p)
		all = append(all, p)
	}
	return all, nil
}

func addPage(p *zhaohuov1.Product) {
	if p.DetailUrl == nil {
		p.DetailUrl = proto.String(detailPage + p.GetId() + ".html")
	}
}

// question is what all questions for products have.
type question interface {
	GetLanguageCode() string
	GetIncludeRaw() bool
}

// readingOf says how the answer to a question is read. The translated title is used only if a translation was asked for: the
// upstream always sends one.
func readingOf(q question) offer.Options {
	return offer.Options{Translated: translated(q.GetLanguageCode()), Raw: q.GetIncludeRaw()}
}
