from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from zhaohuo.v1 import criteria_pb2 as _criteria_pb2
from zhaohuo.v1 import product_pb2 as _product_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class KeywordSearchRequest(_message.Message):
    __slots__ = ["category_id", "category_ids", "facet_ids", "filters", "include_raw", "keyword", "language_code", "max_staleness", "page", "page_size", "price_max", "price_min", "region_opp", "sales", "sort"]
    CATEGORY_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    FACET_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RAW_FIELD_NUMBER: _ClassVar[int]
    KEYWORD_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PRICE_MAX_FIELD_NUMBER: _ClassVar[int]
    PRICE_MIN_FIELD_NUMBER: _ClassVar[int]
    REGION_OPP_FIELD_NUMBER: _ClassVar[int]
    SALES_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    category_id: str
    category_ids: _containers.RepeatedScalarFieldContainer[str]
    facet_ids: _containers.RepeatedScalarFieldContainer[str]
    filters: _containers.RepeatedScalarFieldContainer[_criteria_pb2.ProductFilter]
    include_raw: bool
    keyword: str
    language_code: str
    max_staleness: _duration_pb2.Duration
    page: int
    page_size: int
    price_max: str
    price_min: str
    region_opp: str
    sales: _criteria_pb2.SalesFilter
    sort: _criteria_pb2.SortOrder
    def __init__(self, keyword: _Optional[str] = ..., page: _Optional[int] = ..., page_size: _Optional[int] = ..., price_min: _Optional[str] = ..., price_max: _Optional[str] = ..., category_id: _Optional[str] = ..., sort: _Optional[_Union[_criteria_pb2.SortOrder, str]] = ..., filters: _Optional[_Iterable[_Union[_criteria_pb2.ProductFilter, str]]] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., facet_ids: _Optional[_Iterable[str]] = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., category_ids: _Optional[_Iterable[str]] = ..., sales: _Optional[_Union[_criteria_pb2.SalesFilter, _Mapping]] = ..., region_opp: _Optional[str] = ...) -> None: ...

class KeywordSearchResponse(_message.Message):
    __slots__ = ["effective_page_size", "meta", "next_page", "page", "products", "total", "truncated"]
    EFFECTIVE_PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    effective_page_size: int
    meta: _answer_meta_pb2.AnswerMeta
    next_page: int
    page: int
    products: _containers.RepeatedCompositeFieldContainer[_product_pb2.Product]
    total: int
    truncated: bool
    def __init__(self, products: _Optional[_Iterable[_Union[_product_pb2.Product, _Mapping]]] = ..., total: _Optional[int] = ..., page: _Optional[int] = ..., effective_page_size: _Optional[int] = ..., next_page: _Optional[int] = ..., truncated: bool = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...
