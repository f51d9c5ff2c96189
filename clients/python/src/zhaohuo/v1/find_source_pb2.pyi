from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import combo_pb2 as _combo_pb2
from zhaohuo.v1 import compare_prices_pb2 as _compare_prices_pb2
from zhaohuo.v1 import criteria_pb2 as _criteria_pb2
from zhaohuo.v1 import image_source_pb2 as _image_source_pb2
from zhaohuo.v1 import landed_cost_pb2 as _landed_cost_pb2
from zhaohuo.v1 import price_basis_pb2 as _price_basis_pb2
from zhaohuo.v1 import product_pb2 as _product_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
RANK_REASON_CAN_BE_BOUGHT: RankReason
RANK_REASON_FACTORY: RankReason
RANK_REASON_ID: RankReason
RANK_REASON_LANDED_TOTAL_KNOWN: RankReason
RANK_REASON_LOWER_LANDED_TOTAL: RankReason
RANK_REASON_LOWER_PRICE: RankReason
RANK_REASON_MORE_REPURCHASED: RankReason
RANK_REASON_MORE_SOLD: RankReason
RANK_REASON_PRICE_HOLDS: RankReason
RANK_REASON_PRICE_KNOWN: RankReason
RANK_REASON_SMALLER_ORDER: RankReason
RANK_REASON_UNSPECIFIED: RankReason

class FindSourceRequest(_message.Message):
    __slots__ = ["category_id", "category_ids", "facet_ids", "filters", "freight", "image", "include_raw", "keyword", "language_code", "max_staleness", "max_upstream_calls", "price_max", "price_min", "quantity", "region_opp", "sales", "skip_likeness", "sort", "verify_images"]
    CATEGORY_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
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
    VERIFY_IMAGES_FIELD_NUMBER: _ClassVar[int]
    category_id: str
    category_ids: _containers.RepeatedScalarFieldContainer[str]
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
    verify_images: int
    def __init__(self, keyword: _Optional[str] = ..., image: _Optional[_Union[_image_source_pb2.ImageSource, _Mapping]] = ..., verify_images: _Optional[int] = ..., price_min: _Optional[str] = ..., price_max: _Optional[str] = ..., category_id: _Optional[str] = ..., sort: _Optional[_Union[_criteria_pb2.SortOrder, str]] = ..., filters: _Optional[_Iterable[_Union[_criteria_pb2.ProductFilter, str]]] = ..., facet_ids: _Optional[_Iterable[str]] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., max_upstream_calls: _Optional[int] = ..., skip_likeness: bool = ..., quantity: _Optional[int] = ..., category_ids: _Optional[_Iterable[str]] = ..., sales: _Optional[_Union[_criteria_pb2.SalesFilter, _Mapping]] = ..., region_opp: _Optional[str] = ..., freight: _Optional[_Union[_landed_cost_pb2.FreightQuestion, _Mapping]] = ...) -> None: ...

class FindSourceResponse(_message.Message):
    __slots__ = ["confirm_threshold", "groups", "meta", "partial_failures", "unconfirmed"]
    CONFIRM_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FAILURES_FIELD_NUMBER: _ClassVar[int]
    UNCONFIRMED_FIELD_NUMBER: _ClassVar[int]
    confirm_threshold: float
    groups: _containers.RepeatedCompositeFieldContainer[SourceGroup]
    meta: _combo_pb2.ComboMeta
    partial_failures: _containers.RepeatedCompositeFieldContainer[_combo_pb2.PartialFailure]
    unconfirmed: _containers.RepeatedCompositeFieldContainer[SourceOffer]
    def __init__(self, groups: _Optional[_Iterable[_Union[SourceGroup, _Mapping]]] = ..., unconfirmed: _Optional[_Iterable[_Union[SourceOffer, _Mapping]]] = ..., confirm_threshold: _Optional[float] = ..., partial_failures: _Optional[_Iterable[_Union[_combo_pb2.PartialFailure, _Mapping]]] = ..., meta: _Optional[_Union[_combo_pb2.ComboMeta, _Mapping]] = ...) -> None: ...

class SourceGroup(_message.Message):
    __slots__ = ["cheapest_exact", "landed_totals_known", "median_landed_total", "median_price", "offers", "open_offers"]
    CHEAPEST_EXACT_FIELD_NUMBER: _ClassVar[int]
    LANDED_TOTALS_KNOWN_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_LANDED_TOTAL_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_PRICE_FIELD_NUMBER: _ClassVar[int]
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    OPEN_OFFERS_FIELD_NUMBER: _ClassVar[int]
    cheapest_exact: bool
    landed_totals_known: int
    median_landed_total: _money_pb2.Money
    median_price: _money_pb2.Money
    offers: _containers.RepeatedCompositeFieldContainer[SourceOffer]
    open_offers: int
    def __init__(self, offers: _Optional[_Iterable[_Union[SourceOffer, _Mapping]]] = ..., median_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., cheapest_exact: bool = ..., open_offers: _Optional[int] = ..., median_landed_total: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., landed_totals_known: _Optional[int] = ...) -> None: ...

class SourceOffer(_message.Message):
    __slots__ = ["before_next", "confirmations", "factory", "found_by", "landed", "likeness", "minimum_order_exceeds", "not_on_sale", "price_basis", "product", "relative_price", "shipping_per_unit", "tiers", "unit_price"]
    BEFORE_NEXT_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATIONS_FIELD_NUMBER: _ClassVar[int]
    FACTORY_FIELD_NUMBER: _ClassVar[int]
    FOUND_BY_FIELD_NUMBER: _ClassVar[int]
    LANDED_FIELD_NUMBER: _ClassVar[int]
    LIKENESS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_ORDER_EXCEEDS_FIELD_NUMBER: _ClassVar[int]
    NOT_ON_SALE_FIELD_NUMBER: _ClassVar[int]
    PRICE_BASIS_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    RELATIVE_PRICE_FIELD_NUMBER: _ClassVar[int]
    SHIPPING_PER_UNIT_FIELD_NUMBER: _ClassVar[int]
    TIERS_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    before_next: RankReason
    confirmations: _containers.RepeatedCompositeFieldContainer[_combo_pb2.MeasuredLikeness]
    factory: bool
    found_by: _containers.RepeatedCompositeFieldContainer[_combo_pb2.FoundBy]
    landed: _landed_cost_pb2.LandedCost
    likeness: _combo_pb2.MeasuredLikeness
    minimum_order_exceeds: bool
    not_on_sale: bool
    price_basis: _price_basis_pb2.PriceBasis
    product: _product_pb2.Product
    relative_price: _combo_pb2.RelativePrice
    shipping_per_unit: _money_pb2.Money
    tiers: _containers.RepeatedCompositeFieldContainer[_compare_prices_pb2.QuantityPrice]
    unit_price: _money_pb2.Money
    def __init__(self, product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ..., confirmations: _Optional[_Iterable[_Union[_combo_pb2.MeasuredLikeness, _Mapping]]] = ..., found_by: _Optional[_Iterable[_Union[_combo_pb2.FoundBy, _Mapping]]] = ..., factory: bool = ..., relative_price: _Optional[_Union[_combo_pb2.RelativePrice, _Mapping]] = ..., likeness: _Optional[_Union[_combo_pb2.MeasuredLikeness, _Mapping]] = ..., unit_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., price_basis: _Optional[_Union[_price_basis_pb2.PriceBasis, str]] = ..., shipping_per_unit: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., before_next: _Optional[_Union[RankReason, str]] = ..., tiers: _Optional[_Iterable[_Union[_compare_prices_pb2.QuantityPrice, _Mapping]]] = ..., minimum_order_exceeds: bool = ..., not_on_sale: bool = ..., landed: _Optional[_Union[_landed_cost_pb2.LandedCost, _Mapping]] = ...) -> None: ...

class RankReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
