package aop

import (
	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// paramUpload is the parameter that wraps an upload.
const paramUpload = "uploadImageParam"

// encodeUpload writes {"imageBase64":"…"} around the photo. Base64 needs no escaping in JSON.
func (d dialect) encodeUpload(p upstream.Photo) (upstream.Call, error) {
	return upstream.Call{
		API:    d.methods.UploadImage.String(),
		Params: []upstream.Param{{Name: paramUpload, Value: `{"imageBase64":"`, Photo: p, Tail: `"}`}},
	}, nil
}

// noImage is the id that a photo gets when the upstream did not accept it but reports success (docs/PROTOCOL.md §4.3).
const noImage = "0"

// decodeUpload reads the id as text. It usually has 19 digits.
func decodeUpload(_ upstream.Photo, payload gjson.Result) (string, error) {
	if payload.Type != gjson.String && payload.Type != gjson.Number {
		return "", unreadable("the id of a photo was expected")
	}
	id := normal.Text(payload)
	if id == "" || id == noImage {
		return "", fault.New(fault.UpstreamImageRefused, "%s", details[fault.UpstreamImageRefused]).
			WithMeta(fault.MetaUpstreamCode, id)
	}
	return id, nil
}

// encodeImageSearch asks by the photo's id, or by an address that the upstream fetches itself. It accepts addresses on
// 1688's own hosts; other hosts are not promised.
func (d dialect) encodeImageSearch(q upstream.ImageQuestion) (upstream.Call, error) {
	query, err := newOfferQuery(q, d.asked(q.Page, q.PageSize))
	if err != nil {
		return upstream.Call{}, err
	}
	query.KeywordTranslate = d.skipTranslation && q.GetKeyword() != ""
	query.ItemTitle, query.Auxiliary = q.GetItemTitle(), q.GetAuxiliaryText()
	switch {
	case q.ID != "":
		query.ImageID = q.ID
	case q.URL != "":
		query.ImageAddress = q.URL
	default:
		return upstream.Call{}, fault.New(fault.Internal, "the image has neither an id nor an address")
	}
	if q.Region != nil {
		if query.Region, err = regionText(q.Region, q.Pixels); err != nil {
			return upstream.Call{}, err
		}
	}
	return query.call(d.methods.ImageSearch)
}

func (d dialect) decodeImageSearch(q upstream.ImageQuestion, payload gjson.Result) (*zhaohuov1.ImageSearchResponse, error) {
	found, err := readListing(payload, d.asked(q.Page, q.PageSize), d.limits.Window)
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ImageSearchResponse{
		Total:             found.total,
		Page:              found.page,
		EffectivePageSize: found.pageSize,
		NextPage:          found.nextPage,
		Truncated:         found.truncated,
		Regions:           readRegions(payload.Get("picRegionInfo"), q.Pixels),
	}
	answer.Products, err = products(found.rows, readingOf(q))
	if err != nil {
		return nil, err
	}
	return answer, nil
}
