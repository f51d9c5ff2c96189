from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from zhaohuo.v1 import criteria_pb2 as _criteria_pb2
from zhaohuo.v1 import image_region_pb2 as _image_region_pb2
from zhaohuo.v1 import image_source_pb2 as _image_source_pb2
from zhaohuo.v1 import product_pb2 as _product_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImageSearchRequest(_message.Message):
    __slots__ = ["auxiliary_text", "category_id", "filters", "image", "include_raw", "item_title", "keyword", "language_code", "max_staleness", "page", "page_size", "price_max", "price_min", "region", "sort"]
    AUXILIARY_TEXT_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RAW_FIELD_NUMBER: _ClassVar[int]
    ITEM_TITLE_FIELD_NUMBER: _ClassVar[int]
    KEYWORD_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PRICE_MAX_FIELD_NUMBER: _ClassVar[int]
    PRICE_MIN_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    auxiliary_text: str
    category_id: str
    filters: _containers.RepeatedScalarFieldContainer[_criteria_pb2.ProductFilter]
    image: _image_source_pb2.ImageSource
    include_raw: bool
    item_title: str
    keyword: str
    language_code: str
    max_staleness: _duration_pb2.Duration
    page: int
    page_size: int
    price_max: str
    price_min: str
    region: _image_region_pb2.ImageRegion
    sort: _criteria_pb2.SortOrder
    def __init__(self, image: _Optional[_Union[_image_source_pb2.ImageSource, _Mapping]] = ..., keyword: _Optional[str] = ..., category_id: _Optional[str] = ..., page: _Optional[int] = ..., page_size: _Optional[int] = ..., sort: _Optional[_Union[_criteria_pb2.SortOrder, str]] = ..., price_min: _Optional[str] = ..., price_max: _Optional[str] = ..., filters: _Optional[_Iterable[_Union[_criteria_pb2.ProductFilter, str]]] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., region: _Optional[_Union[_image_region_pb2.ImageRegion, _Mapping]] = ..., item_title: _Optional[str] = ..., auxiliary_text: _Optional[str] = ...) -> None: ...

class ImageSearchResponse(_message.Message):
    __slots__ = ["effective_page_size", "expire_time", "image_id", "meta", "next_page", "page", "products", "regions", "total", "truncated"]
    EFFECTIVE_PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    IMAGE_ID_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    REGIONS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    effective_page_size: int
    expire_time: _timestamp_pb2.Timestamp
    image_id: str
    meta: _answer_meta_pb2.AnswerMeta
    next_page: int
    page: int
    products: _containers.RepeatedCompositeFieldContainer[_product_pb2.Product]
    regions: _image_region_pb2.ImageRegions
    total: int
    truncated: bool
    def __init__(self, products: _Optional[_Iterable[_Union[_product_pb2.Product, _Mapping]]] = ..., total: _Optional[int] = ..., page: _Optional[int] = ..., effective_page_size: _Optional[int] = ..., next_page: _Optional[int] = ..., truncated: bool = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ..., regions: _Optional[_Union[_image_region_pb2.ImageRegions, _Mapping]] = ..., image_id: _Optional[str] = ..., expire_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
