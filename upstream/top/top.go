// Package top speaks router/rest, the TOP gateway protocol that many resellers of 1688 data serve too.
//
// It signs calls, opens answers, classifies their errors, and encodes and decodes each operation. It does not send and
// does not retry: upstream's attempt loop does.
package top

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
	"github.com/zhaohuo-dev/zhaohuo/upstream/offer"
)

// The methods of a keyword search. It is not published which address serves which.
const (
	MethodProductSearch   = "com.alibaba.product.search"
	MethodWholesaleSearch = "alibaba.wholesale.goods.search"
)

// MethodImageSearch is the method of an image search.
const MethodImageSearch = "alibaba.image.search"

// DefaultURL is the address in the protocol's tutorial.
const DefaultURL = "https://api.1688.com/router/rest"

// The bounds of the protocol's searches, as far as they were published or observed.
const (
	DefaultPageSizeMax = 50
	DefaultWindow      = 2000
)

// DefaultBanCeiling separates a rate limit, which is waited for, from a used-up allowance.
const DefaultBanCeiling = 10 * time.Minute

// KeywordForm is how a keyword search is written.
type KeywordForm string

const (
	// FormFlat has one parameter per criterion: q, page, pageSize, priceStart, …
	FormFlat KeywordForm = "flat"
	// FormWholesaleJSON has one JSON parameter, param_search_goods_option, with prices in fen.
	FormWholesaleJSON KeywordForm = "wholesale-json"
)

// Methods are the names of the methods to call.
type Methods struct {
	// KeywordSearch is [MethodProductSearch] unless set.
	KeywordSearch string
	// ImageSearch is [MethodImageSearch] unless set.
	ImageSearch string
	// GetProduct is [MethodProductGet] unless set.
	GetProduct string
	// ListSellerProducts is [MethodSellerProducts] unless set.
	ListSellerProducts string
}

// Config holds what may differ between servers of the protocol. Every zero value has a default.
type Config struct {
	// URL is the full address of router/rest.
	URL string
	// SignMethod is [SignMD5] unless set.
	SignMethod SignMethod
	// Limits bound paging. Zero means DefaultPageSizeMax and DefaultWindow.
	Limits  upstream.Limits
	Methods Methods
	// KeywordForm is [FormFlat] unless set.
	KeywordForm KeywordForm
	// ProductIDParam is the parameter for a product's id; [DefaultProductIDParam] unless set.
	ProductIDParam string
	// SellerIDParam is the parameter for a shop's id; [DefaultSellerIDParam] unless set.
	SellerIDParam string
	// BanCeiling is the longest ban that counts as a rate limit; a longer one is a used-up allowance.
	// [DefaultBanCeiling] unless set.
	BanCeiling time.Duration
	// SuccessCodes are the codes that mean success. Empty means envelope.DefaultSuccessCodes.
	SuccessCodes []string
	// Faults extends or overrides the tables of error codes, by code or sub_code without what follows the colon.
	Faults map[string]fault.Kind
	// Scopes extend or override the table of what the limit behind a code holds for.
	Scopes map[string]fault.Scope
	// Phrases classify a refusal of the service behind the gateway by words in its message, where no table has its
	// code. They are tried before the built-in ones. Case is ignored.
	Phrases []Phrase
}

// Phrase maps words in a message to the fault they mean.
type Phrase struct {
	Words string
	Kind  fault.Kind
}

// New builds the dialect.
func New(c Config) *upstream.Dialect {
	c = c.withDefaults()
	keyword := keywordSearch{method: c.Methods.KeywordSearch, form: c.KeywordForm, limits: c.Limits}
	image := imageSearch{method: c.Methods.ImageSearch}
	product := productGet{method: c.Methods.GetProduct, idParam: c.ProductIDParam}
	seller := sellerProducts{
		keywordSearch: keywordSearch{method: c.Methods.ListSellerProducts, form: FormFlat, limits: c.Limits},
		idParam:       c.SellerIDParam,
	}
	return &upstream.Dialect{
		ID: zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_TOP,
		Wire: wire{
			url:    c.URL,
			sign:   c.SignMethod,
			tables: tables{successCodes: c.SuccessCodes, more: c.Faults, scopes: c.Scopes, phrases: allPhrases(c.Phrases), banCeiling: c.BanCeiling},
		},
		KeywordSearch: upstream.Operation[*zhaohuov1.KeywordSearchRequest, *zhaohuov1.KeywordSearchResponse]{
			Encode: keyword.encode,
			Decode: keyword.decode,
		},
		ImageSearch: upstream.Operation[upstream.ImageQuestion, *zhaohuov1.ImageSearchResponse]{
			Encode: image.encode,
			Decode: image.decode,
		},
		GetProduct: upstream.Operation[*zhaohuov1.GetProductRequest, *zhaohuov1.GetProductResponse]{
			Encode: product.encode,
			Decode: product.decode,
		},
		ListSellerProducts: upstream.Operation[*zhaohuov1.ListSellerProductsRequest, *zhaohuov1.ListSellerProductsResponse]{
			Encode: seller.encode,
			Decode: seller.decode,
		},
		Reads:        offer.Names(),
		CallAPI:      upstream.Operation[*zhaohuov1.CallRequest, *zhaohuov1.CallResponse]{Encode: encodeCall, Decode: form.DecodeCall},
		Examination:  (&decoders{keyword, image, product, seller}).examination(c.Methods),
		Capabilities: Capabilities(),
	}
}

func (c Config) withDefaults() Config {
	c.URL = cmp.Or(c.URL, DefaultURL)
	c.SignMethod = cmp.Or(c.SignMethod, SignMD5)
	c.Methods = c.Methods.withDefaults()
	c.KeywordForm = cmp.Or(c.KeywordForm, FormFlat)
	c.ProductIDParam = cmp.Or(c.ProductIDParam, DefaultProductIDParam)
	c.SellerIDParam = cmp.Or(c.SellerIDParam, DefaultSellerIDParam)
	if c.Limits.PageSizeMax <= 0 {
		c.Limits.PageSizeMax = DefaultPageSizeMax
	}
	if c.Limits.Window <= 0 {
		c.Limits.Window = DefaultWindow
	}
	if len(c.SuccessCodes) == 0 {
		c.SuccessCodes = envelope.DefaultSuccessCodes
	}
	c.SuccessCodes, c.Faults, c.Scopes = slices.Clone(c.SuccessCodes), maps.Clone(c.Faults), maps.Clone(c.Scopes)
	if c.BanCeiling <= 0 {
		c.BanCeiling = DefaultBanCeiling
	}
	return c
}

// allPhrases returns the configured phrases, then the built-in ones.
func allPhrases(configured []Phrase) []Phrase {
	all := slices.Concat(configured, phrases)
	for i := range all {
		all[i].Words = strings.ToLower(all[i].Words)
	}
	return all
}

func (m Methods) withDefaults() Methods {
	return Methods{
		KeywordSearch:      cmp.Or(m.KeywordSearch, MethodProductSearch),
		ImageSearch:        cmp.Or(m.ImageSearch, MethodImageSearch),
		GetProduct:         cmp.Or(m.GetProduct, MethodProductGet),
		ListSellerProducts: cmp.Or(m.ListSellerProducts, MethodSellerProducts),
	}
}
