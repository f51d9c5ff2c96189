from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import combo_pb2 as _combo_pb2
from zhaohuo.v1 import criteria_pb2 as _criteria_pb2
from zhaohuo.v1 import product_pb2 as _product_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExpandSelectionRequest(_message.Message):
    __slots__ = ["category_id", "category_ids", "facet_ids", "filters", "include_raw", "language_code", "max_staleness", "max_upstream_calls", "price_max", "price_min", "region_opp", "sales", "seeds", "skip_likeness", "sort", "winners"]
    CATEGORY_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    FACET_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RAW_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    MAX_UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    PRICE_MAX_FIELD_NUMBER: _ClassVar[int]
    PRICE_MIN_FIELD_NUMBER: _ClassVar[int]
    REGION_OPP_FIELD_NUMBER: _ClassVar[int]
    SALES_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    SKIP_LIKENESS_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    WINNERS_FIELD_NUMBER: _ClassVar[int]
    category_id: str
    category_ids: _containers.RepeatedScalarFieldContainer[str]
    facet_ids: _containers.RepeatedScalarFieldContainer[str]
    filters: _containers.RepeatedScalarFieldContainer[_criteria_pb2.ProductFilter]
    include_raw: bool
    language_code: str
    max_staleness: _duration_pb2.Duration
    max_upstream_calls: int
    price_max: str
    price_min: str
    region_opp: str
    sales: _criteria_pb2.SalesFilter
    seeds: _containers.RepeatedScalarFieldContainer[str]
    skip_likeness: bool
    sort: _criteria_pb2.SortOrder
    winners: int
    def __init__(self, seeds: _Optional[_Iterable[str]] = ..., winners: _Optional[int] = ..., price_min: _Optional[str] = ..., price_max: _Optional[str] = ..., category_id: _Optional[str] = ..., sort: _Optional[_Union[_criteria_pb2.SortOrder, str]] = ..., filters: _Optional[_Iterable[_Union[_criteria_pb2.ProductFilter, str]]] = ..., facet_ids: _Optional[_Iterable[str]] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., max_upstream_calls: _Optional[int] = ..., skip_likeness: bool = ..., category_ids: _Optional[_Iterable[str]] = ..., sales: _Optional[_Union[_criteria_pb2.SalesFilter, _Mapping]] = ..., region_opp: _Optional[str] = ...) -> None: ...

class ExpandSelectionResponse(_message.Message):
    __slots__ = ["clusters", "meta", "partial_failures", "related_keywords", "winners"]
    CLUSTERS_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FAILURES_FIELD_NUMBER: _ClassVar[int]
    RELATED_KEYWORDS_FIELD_NUMBER: _ClassVar[int]
    WINNERS_FIELD_NUMBER: _ClassVar[int]
    clusters: _containers.RepeatedCompositeFieldContainer[ProductCluster]
    meta: _combo_pb2.ComboMeta
    partial_failures: _containers.RepeatedCompositeFieldContainer[_combo_pb2.PartialFailure]
    related_keywords: _containers.RepeatedScalarFieldContainer[str]
    winners: _containers.RepeatedCompositeFieldContainer[_product_pb2.Product]
    def __init__(self, winners: _Optional[_Iterable[_Union[_product_pb2.Product, _Mapping]]] = ..., clusters: _Optional[_Iterable[_Union[ProductCluster, _Mapping]]] = ..., related_keywords: _Optional[_Iterable[str]] = ..., partial_failures: _Optional[_Iterable[_Union[_combo_pb2.PartialFailure, _Mapping]]] = ..., meta: _Optional[_Union[_combo_pb2.ComboMeta, _Mapping]] = ...) -> None: ...

class ProductCluster(_message.Message):
    __slots__ = ["best_seller_id", "price_high", "price_low", "products", "suppliers", "unknown_suppliers", "winner_id"]
    BEST_SELLER_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_HIGH_FIELD_NUMBER: _ClassVar[int]
    PRICE_LOW_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    SUPPLIERS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_SUPPLIERS_FIELD_NUMBER: _ClassVar[int]
    WINNER_ID_FIELD_NUMBER: _ClassVar[int]
    best_seller_id: str
    price_high: _money_pb2.Money
    price_low: _money_pb2.Money
    products: _containers.RepeatedCompositeFieldContainer[_combo_pb2.AlikeProduct]
    suppliers: int
    unknown_suppliers: int
    winner_id: str
    def __init__(self, products: _Optional[_Iterable[_Union[_combo_pb2.AlikeProduct, _Mapping]]] = ..., winner_id: _Optional[str] = ..., price_low: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., price_high: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., best_seller_id: _Optional[str] = ..., suppliers: _Optional[int] = ..., unknown_suppliers: _Optional[int] = ...) -> None: ...
