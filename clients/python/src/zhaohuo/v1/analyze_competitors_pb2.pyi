from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import combo_pb2 as _combo_pb2
from zhaohuo.v1 import criteria_pb2 as _criteria_pb2
from zhaohuo.v1 import image_source_pb2 as _image_source_pb2
from zhaohuo.v1 import price_basis_pb2 as _price_basis_pb2
from zhaohuo.v1 import product_pb2 as _product_pb2
from zhaohuo.v1 import product_trends_pb2 as _product_trends_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
LEFT_OUT_REASON_ACCESSORY: LeftOutReason
LEFT_OUT_REASON_ONLY_ALIKE: LeftOutReason
LEFT_OUT_REASON_OTHER_NAME: LeftOutReason
LEFT_OUT_REASON_UNLIKE: LeftOutReason
LEFT_OUT_REASON_UNSPECIFIED: LeftOutReason
QUALIFIER_KIND_AUDIENCE: QualifierKind
QUALIFIER_KIND_FEATURE: QualifierKind
QUALIFIER_KIND_MATERIAL: QualifierKind
QUALIFIER_KIND_OTHER: QualifierKind
QUALIFIER_KIND_SCENE: QualifierKind
QUALIFIER_KIND_STYLE: QualifierKind
QUALIFIER_KIND_UNSPECIFIED: QualifierKind

class AnalyzeCompetitorsRequest(_message.Message):
    __slots__ = ["category_id", "category_ids", "facet_ids", "filters", "image", "include_raw", "keywords", "language_code", "max_staleness", "max_upstream_calls", "price_max", "price_min", "region_opp", "sales", "skip_likeness", "sort", "trend_products", "trends"]
    CATEGORY_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    FACET_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RAW_FIELD_NUMBER: _ClassVar[int]
    KEYWORDS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    MAX_UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    PRICE_MAX_FIELD_NUMBER: _ClassVar[int]
    PRICE_MIN_FIELD_NUMBER: _ClassVar[int]
    REGION_OPP_FIELD_NUMBER: _ClassVar[int]
    SALES_FIELD_NUMBER: _ClassVar[int]
    SKIP_LIKENESS_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    TRENDS_FIELD_NUMBER: _ClassVar[int]
    TREND_PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    category_id: str
    category_ids: _containers.RepeatedScalarFieldContainer[str]
    facet_ids: _containers.RepeatedScalarFieldContainer[str]
    filters: _containers.RepeatedScalarFieldContainer[_criteria_pb2.ProductFilter]
    image: _image_source_pb2.ImageSource
    include_raw: bool
    keywords: int
    language_code: str
    max_staleness: _duration_pb2.Duration
    max_upstream_calls: int
    price_max: str
    price_min: str
    region_opp: str
    sales: _criteria_pb2.SalesFilter
    skip_likeness: bool
    sort: _criteria_pb2.SortOrder
    trend_products: int
    trends: _containers.RepeatedScalarFieldContainer[_product_trends_pb2.ProductTrendKind]
    def __init__(self, image: _Optional[_Union[_image_source_pb2.ImageSource, _Mapping]] = ..., keywords: _Optional[int] = ..., price_min: _Optional[str] = ..., price_max: _Optional[str] = ..., category_id: _Optional[str] = ..., sort: _Optional[_Union[_criteria_pb2.SortOrder, str]] = ..., filters: _Optional[_Iterable[_Union[_criteria_pb2.ProductFilter, str]]] = ..., facet_ids: _Optional[_Iterable[str]] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., max_upstream_calls: _Optional[int] = ..., skip_likeness: bool = ..., category_ids: _Optional[_Iterable[str]] = ..., sales: _Optional[_Union[_criteria_pb2.SalesFilter, _Mapping]] = ..., region_opp: _Optional[str] = ..., trends: _Optional[_Iterable[_Union[_product_trends_pb2.ProductTrendKind, str]]] = ..., trend_products: _Optional[int] = ...) -> None: ...

class AnalyzeCompetitorsResponse(_message.Message):
    __slots__ = ["competitors", "market", "meta", "partial_failures", "synonyms", "trends", "words"]
    COMPETITORS_FIELD_NUMBER: _ClassVar[int]
    MARKET_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FAILURES_FIELD_NUMBER: _ClassVar[int]
    SYNONYMS_FIELD_NUMBER: _ClassVar[int]
    TRENDS_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    competitors: _containers.RepeatedCompositeFieldContainer[_combo_pb2.AlikeProduct]
    market: CompetitorMarket
    meta: _combo_pb2.ComboMeta
    partial_failures: _containers.RepeatedCompositeFieldContainer[_combo_pb2.PartialFailure]
    synonyms: _containers.RepeatedScalarFieldContainer[str]
    trends: _containers.RepeatedCompositeFieldContainer[_product_trends_pb2.RecordedTrends]
    words: _containers.RepeatedCompositeFieldContainer[DistinctiveWord]
    def __init__(self, competitors: _Optional[_Iterable[_Union[_combo_pb2.AlikeProduct, _Mapping]]] = ..., words: _Optional[_Iterable[_Union[DistinctiveWord, _Mapping]]] = ..., market: _Optional[_Union[CompetitorMarket, _Mapping]] = ..., partial_failures: _Optional[_Iterable[_Union[_combo_pb2.PartialFailure, _Mapping]]] = ..., meta: _Optional[_Union[_combo_pb2.ComboMeta, _Mapping]] = ..., synonyms: _Optional[_Iterable[str]] = ..., trends: _Optional[_Iterable[_Union[_product_trends_pb2.RecordedTrends, _Mapping]]] = ...) -> None: ...

class CheapestAtQuantity(_message.Message):
    __slots__ = ["price", "price_basis", "product", "quantity"]
    PRICE_BASIS_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    price: _money_pb2.Money
    price_basis: _price_basis_pb2.PriceBasis
    product: _product_pb2.Product
    quantity: int
    def __init__(self, quantity: _Optional[int] = ..., product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., price_basis: _Optional[_Union[_price_basis_pb2.PriceBasis, str]] = ...) -> None: ...

class CompetitorMarket(_message.Message):
    __slots__ = ["cheapest", "left_out", "locations", "price_bands", "products", "suppliers", "top_tenth_sales_share", "unknown_locations", "unknown_sales", "unknown_suppliers", "unpriced"]
    CHEAPEST_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    LOCATIONS_FIELD_NUMBER: _ClassVar[int]
    PRICE_BANDS_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    SUPPLIERS_FIELD_NUMBER: _ClassVar[int]
    TOP_TENTH_SALES_SHARE_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_LOCATIONS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_SALES_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_SUPPLIERS_FIELD_NUMBER: _ClassVar[int]
    UNPRICED_FIELD_NUMBER: _ClassVar[int]
    cheapest: _containers.RepeatedCompositeFieldContainer[CheapestAtQuantity]
    left_out: _containers.RepeatedCompositeFieldContainer[LeftOutCount]
    locations: _containers.RepeatedCompositeFieldContainer[MarketShare]
    price_bands: _containers.RepeatedCompositeFieldContainer[PriceBand]
    products: int
    suppliers: _containers.RepeatedCompositeFieldContainer[MarketShare]
    top_tenth_sales_share: float
    unknown_locations: int
    unknown_sales: int
    unknown_suppliers: int
    unpriced: int
    def __init__(self, products: _Optional[int] = ..., suppliers: _Optional[_Iterable[_Union[MarketShare, _Mapping]]] = ..., unknown_suppliers: _Optional[int] = ..., locations: _Optional[_Iterable[_Union[MarketShare, _Mapping]]] = ..., unknown_locations: _Optional[int] = ..., price_bands: _Optional[_Iterable[_Union[PriceBand, _Mapping]]] = ..., unpriced: _Optional[int] = ..., top_tenth_sales_share: _Optional[float] = ..., unknown_sales: _Optional[int] = ..., cheapest: _Optional[_Iterable[_Union[CheapestAtQuantity, _Mapping]]] = ..., left_out: _Optional[_Iterable[_Union[LeftOutCount, _Mapping]]] = ...) -> None: ...

class DistinctiveWord(_message.Message):
    __slots__ = ["head_noun", "head_noun_titles", "qualifier", "qualifier_kind", "qualifier_titles", "searched", "share", "titles", "why", "word"]
    HEAD_NOUN_FIELD_NUMBER: _ClassVar[int]
    HEAD_NOUN_TITLES_FIELD_NUMBER: _ClassVar[int]
    QUALIFIER_FIELD_NUMBER: _ClassVar[int]
    QUALIFIER_KIND_FIELD_NUMBER: _ClassVar[int]
    QUALIFIER_TITLES_FIELD_NUMBER: _ClassVar[int]
    SEARCHED_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    TITLES_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    WORD_FIELD_NUMBER: _ClassVar[int]
    head_noun: str
    head_noun_titles: int
    qualifier: str
    qualifier_kind: QualifierKind
    qualifier_titles: int
    searched: bool
    share: float
    titles: int
    why: str
    word: str
    def __init__(self, word: _Optional[str] = ..., titles: _Optional[int] = ..., searched: bool = ..., head_noun: _Optional[str] = ..., head_noun_titles: _Optional[int] = ..., qualifier: _Optional[str] = ..., qualifier_kind: _Optional[_Union[QualifierKind, str]] = ..., qualifier_titles: _Optional[int] = ..., share: _Optional[float] = ..., why: _Optional[str] = ...) -> None: ...

class LeftOutCount(_message.Message):
    __slots__ = ["count", "reason"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    count: int
    reason: LeftOutReason
    def __init__(self, reason: _Optional[_Union[LeftOutReason, str]] = ..., count: _Optional[int] = ...) -> None: ...

class MarketShare(_message.Message):
    __slots__ = ["name", "products", "share", "supplier_id"]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    SUPPLIER_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    products: int
    share: float
    supplier_id: str
    def __init__(self, name: _Optional[str] = ..., supplier_id: _Optional[str] = ..., products: _Optional[int] = ..., share: _Optional[float] = ...) -> None: ...

class PriceBand(_message.Message):
    __slots__ = ["gap_above", "high", "low", "products"]
    GAP_ABOVE_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    gap_above: _money_pb2.Money
    high: _money_pb2.Money
    low: _money_pb2.Money
    products: int
    def __init__(self, low: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., high: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., products: _Optional[int] = ..., gap_above: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class QualifierKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class LeftOutReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
