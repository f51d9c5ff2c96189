from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import combo_pb2 as _combo_pb2
from zhaohuo.v1 import criteria_pb2 as _criteria_pb2
from zhaohuo.v1 import image_source_pb2 as _image_source_pb2
from zhaohuo.v1 import landed_cost_pb2 as _landed_cost_pb2
from zhaohuo.v1 import price_basis_pb2 as _price_basis_pb2
from zhaohuo.v1 import product_pb2 as _product_pb2
from zhaohuo.v1 import product_trends_pb2 as _product_trends_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
INCOMPARABLE_REASON_MINIMUM_ORDER: IncomparableReason
INCOMPARABLE_REASON_NOT_ON_SALE: IncomparableReason
INCOMPARABLE_REASON_OUTLIER: IncomparableReason
INCOMPARABLE_REASON_UNLIKE: IncomparableReason
INCOMPARABLE_REASON_UNSPECIFIED: IncomparableReason
INEXACT_REASON_BUDGET: InexactReason
INEXACT_REASON_DETAILS_FAILED: InexactReason
INEXACT_REASON_FREIGHT_UNKNOWN: InexactReason
INEXACT_REASON_NOT_IN_DETAILS: InexactReason
INEXACT_REASON_NO_QUANTITY: InexactReason
INEXACT_REASON_UNSPECIFIED: InexactReason
UNPRICED_REASON_ABSENT: UnpricedReason
UNPRICED_REASON_CURRENCY: UnpricedReason
UNPRICED_REASON_NEGOTIABLE: UnpricedReason
UNPRICED_REASON_UNREADABLE: UnpricedReason
UNPRICED_REASON_UNSPECIFIED: UnpricedReason

class ComparePricesRequest(_message.Message):
    __slots__ = ["category_id", "category_ids", "detail_offers", "facet_ids", "filters", "freight", "image", "include_raw", "keyword", "language_code", "max_staleness", "max_upstream_calls", "price_max", "price_min", "quantity", "region_opp", "sales", "skip_likeness", "sort", "trend_products", "trends"]
    CATEGORY_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    DETAIL_OFFERS_FIELD_NUMBER: _ClassVar[int]
    FACET_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    FREIGHT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RAW_FIELD_NUMBER: _ClassVar[int]
    KEYWORD_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    MAX_UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    PRICE_MAX_FIELD_NUMBER: _ClassVar[int]
    PRICE_MIN_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    REGION_OPP_FIELD_NUMBER: _ClassVar[int]
    SALES_FIELD_NUMBER: _ClassVar[int]
    SKIP_LIKENESS_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    TRENDS_FIELD_NUMBER: _ClassVar[int]
    TREND_PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    category_id: str
    category_ids: _containers.RepeatedScalarFieldContainer[str]
    detail_offers: int
    facet_ids: _containers.RepeatedScalarFieldContainer[str]
    filters: _containers.RepeatedScalarFieldContainer[_criteria_pb2.ProductFilter]
    freight: _landed_cost_pb2.FreightQuestion
    image: _image_source_pb2.ImageSource
    include_raw: bool
    keyword: str
    language_code: str
    max_staleness: _duration_pb2.Duration
    max_upstream_calls: int
    price_max: str
    price_min: str
    quantity: int
    region_opp: str
    sales: _criteria_pb2.SalesFilter
    skip_likeness: bool
    sort: _criteria_pb2.SortOrder
    trend_products: int
    trends: _containers.RepeatedScalarFieldContainer[_product_trends_pb2.ProductTrendKind]
    def __init__(self, keyword: _Optional[str] = ..., image: _Optional[_Union[_image_source_pb2.ImageSource, _Mapping]] = ..., quantity: _Optional[int] = ..., price_min: _Optional[str] = ..., price_max: _Optional[str] = ..., category_id: _Optional[str] = ..., sort: _Optional[_Union[_criteria_pb2.SortOrder, str]] = ..., filters: _Optional[_Iterable[_Union[_criteria_pb2.ProductFilter, str]]] = ..., facet_ids: _Optional[_Iterable[str]] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., max_upstream_calls: _Optional[int] = ..., skip_likeness: bool = ..., detail_offers: _Optional[int] = ..., category_ids: _Optional[_Iterable[str]] = ..., sales: _Optional[_Union[_criteria_pb2.SalesFilter, _Mapping]] = ..., region_opp: _Optional[str] = ..., freight: _Optional[_Union[_landed_cost_pb2.FreightQuestion, _Mapping]] = ..., trends: _Optional[_Iterable[_Union[_product_trends_pb2.ProductTrendKind, str]]] = ..., trend_products: _Optional[int] = ...) -> None: ...

class ComparePricesResponse(_message.Message):
    __slots__ = ["meta", "partial_failures", "same", "similar", "trends"]
    META_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FAILURES_FIELD_NUMBER: _ClassVar[int]
    SAME_FIELD_NUMBER: _ClassVar[int]
    SIMILAR_FIELD_NUMBER: _ClassVar[int]
    TRENDS_FIELD_NUMBER: _ClassVar[int]
    meta: _combo_pb2.ComboMeta
    partial_failures: _containers.RepeatedCompositeFieldContainer[_combo_pb2.PartialFailure]
    same: PriceComparison
    similar: PriceComparison
    trends: _containers.RepeatedCompositeFieldContainer[_product_trends_pb2.RecordedTrends]
    def __init__(self, same: _Optional[_Union[PriceComparison, _Mapping]] = ..., similar: _Optional[_Union[PriceComparison, _Mapping]] = ..., partial_failures: _Optional[_Iterable[_Union[_combo_pb2.PartialFailure, _Mapping]]] = ..., meta: _Optional[_Union[_combo_pb2.ComboMeta, _Mapping]] = ..., trends: _Optional[_Iterable[_Union[_product_trends_pb2.RecordedTrends, _Mapping]]] = ...) -> None: ...

class PriceBucket(_message.Message):
    __slots__ = ["count", "high", "low"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    count: int
    high: _money_pb2.Money
    low: _money_pb2.Money
    def __init__(self, low: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., high: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., count: _Optional[int] = ...) -> None: ...

class PriceComparison(_message.Message):
    __slots__ = ["cheapest", "cheapest_exact", "histogram", "inexact_reason", "landed_statistics", "offers", "open_offers", "outliers", "priced", "statistics", "typical_high", "typical_low", "unpriced", "unpriced_products"]
    CHEAPEST_EXACT_FIELD_NUMBER: _ClassVar[int]
    CHEAPEST_FIELD_NUMBER: _ClassVar[int]
    HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    INEXACT_REASON_FIELD_NUMBER: _ClassVar[int]
    LANDED_STATISTICS_FIELD_NUMBER: _ClassVar[int]
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    OPEN_OFFERS_FIELD_NUMBER: _ClassVar[int]
    OUTLIERS_FIELD_NUMBER: _ClassVar[int]
    PRICED_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    TYPICAL_HIGH_FIELD_NUMBER: _ClassVar[int]
    TYPICAL_LOW_FIELD_NUMBER: _ClassVar[int]
    UNPRICED_FIELD_NUMBER: _ClassVar[int]
    UNPRICED_PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    cheapest: PricedOffer
    cheapest_exact: bool
    histogram: _containers.RepeatedCompositeFieldContainer[PriceBucket]
    inexact_reason: InexactReason
    landed_statistics: PriceStatistics
    offers: _containers.RepeatedCompositeFieldContainer[PricedOffer]
    open_offers: int
    outliers: _containers.RepeatedCompositeFieldContainer[_product_pb2.Product]
    priced: int
    statistics: PriceStatistics
    typical_high: _money_pb2.Money
    typical_low: _money_pb2.Money
    unpriced: _containers.RepeatedCompositeFieldContainer[UnpricedCount]
    unpriced_products: _containers.RepeatedCompositeFieldContainer[UnpricedProduct]
    def __init__(self, priced: _Optional[int] = ..., unpriced: _Optional[_Iterable[_Union[UnpricedCount, _Mapping]]] = ..., statistics: _Optional[_Union[PriceStatistics, _Mapping]] = ..., outliers: _Optional[_Iterable[_Union[_product_pb2.Product, _Mapping]]] = ..., typical_low: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., typical_high: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., histogram: _Optional[_Iterable[_Union[PriceBucket, _Mapping]]] = ..., cheapest: _Optional[_Union[PricedOffer, _Mapping]] = ..., offers: _Optional[_Iterable[_Union[PricedOffer, _Mapping]]] = ..., unpriced_products: _Optional[_Iterable[_Union[UnpricedProduct, _Mapping]]] = ..., cheapest_exact: bool = ..., inexact_reason: _Optional[_Union[InexactReason, str]] = ..., open_offers: _Optional[int] = ..., landed_statistics: _Optional[_Union[PriceStatistics, _Mapping]] = ...) -> None: ...

class PriceStatistics(_message.Message):
    __slots__ = ["includes_freight", "max", "mean", "median", "min", "p5", "p95", "q1", "q3"]
    INCLUDES_FREIGHT_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    P5_FIELD_NUMBER: _ClassVar[int]
    P95_FIELD_NUMBER: _ClassVar[int]
    Q1_FIELD_NUMBER: _ClassVar[int]
    Q3_FIELD_NUMBER: _ClassVar[int]
    includes_freight: bool
    max: _money_pb2.Money
    mean: _money_pb2.Money
    median: _money_pb2.Money
    min: _money_pb2.Money
    p5: _money_pb2.Money
    p95: _money_pb2.Money
    q1: _money_pb2.Money
    q3: _money_pb2.Money
    def __init__(self, min: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., max: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., mean: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., median: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., p5: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., q1: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., q3: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., p95: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., includes_freight: bool = ...) -> None: ...

class PricedOffer(_message.Message):
    __slots__ = ["incomparable", "landed", "likeness", "price", "price_basis", "product", "tiers"]
    INCOMPARABLE_FIELD_NUMBER: _ClassVar[int]
    LANDED_FIELD_NUMBER: _ClassVar[int]
    LIKENESS_FIELD_NUMBER: _ClassVar[int]
    PRICE_BASIS_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    TIERS_FIELD_NUMBER: _ClassVar[int]
    incomparable: _containers.RepeatedScalarFieldContainer[IncomparableReason]
    landed: _landed_cost_pb2.LandedCost
    likeness: _combo_pb2.MeasuredLikeness
    price: _money_pb2.Money
    price_basis: _price_basis_pb2.PriceBasis
    product: _product_pb2.Product
    tiers: _containers.RepeatedCompositeFieldContainer[QuantityPrice]
    def __init__(self, product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., price_basis: _Optional[_Union[_price_basis_pb2.PriceBasis, str]] = ..., likeness: _Optional[_Union[_combo_pb2.MeasuredLikeness, _Mapping]] = ..., incomparable: _Optional[_Iterable[_Union[IncomparableReason, str]]] = ..., tiers: _Optional[_Iterable[_Union[QuantityPrice, _Mapping]]] = ..., landed: _Optional[_Union[_landed_cost_pb2.LandedCost, _Mapping]] = ...) -> None: ...

class QuantityPrice(_message.Message):
    __slots__ = ["min_quantity", "price", "promotion_price"]
    MIN_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_PRICE_FIELD_NUMBER: _ClassVar[int]
    min_quantity: int
    price: _money_pb2.Money
    promotion_price: _money_pb2.Money
    def __init__(self, min_quantity: _Optional[int] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., promotion_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class UnpricedCount(_message.Message):
    __slots__ = ["count", "reason"]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    count: int
    reason: UnpricedReason
    def __init__(self, reason: _Optional[_Union[UnpricedReason, str]] = ..., count: _Optional[int] = ...) -> None: ...

class UnpricedProduct(_message.Message):
    __slots__ = ["likeness", "product", "reason"]
    LIKENESS_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    likeness: _combo_pb2.MeasuredLikeness
    product: _product_pb2.Product
    reason: UnpricedReason
    def __init__(self, product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ..., reason: _Optional[_Union[UnpricedReason, str]] = ..., likeness: _Optional[_Union[_combo_pb2.MeasuredLikeness, _Mapping]] = ...) -> None: ...

class InexactReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class IncomparableReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class UnpricedReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
