from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo.v1 import criteria_pb2 as _criteria_pb2
from zhaohuo.v1 import image_region_pb2 as _image_region_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImageSearchOptions(_message.Message):
    __slots__ = ["auxiliary_text", "category_id", "filters", "include_raw", "item_title", "keyword", "language_code", "max_staleness", "page", "page_size", "price_max", "price_min", "region", "sort"]
    AUXILIARY_TEXT_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
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
    def __init__(self, keyword: _Optional[str] = ..., category_id: _Optional[str] = ..., page: _Optional[int] = ..., page_size: _Optional[int] = ..., sort: _Optional[_Union[_criteria_pb2.SortOrder, str]] = ..., price_min: _Optional[str] = ..., price_max: _Optional[str] = ..., filters: _Optional[_Iterable[_Union[_criteria_pb2.ProductFilter, str]]] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., region: _Optional[_Union[_image_region_pb2.ImageRegion, _Mapping]] = ..., item_title: _Optional[str] = ..., auxiliary_text: _Optional[str] = ...) -> None: ...
