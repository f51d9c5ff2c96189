from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from zhaohuo.v1 import product_pb2 as _product_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListRelatedProductsRequest(_message.Message):
    __slots__ = ["id", "include_raw", "language_code", "max_staleness", "page", "page_size"]
    ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RAW_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    id: str
    include_raw: bool
    language_code: str
    max_staleness: _duration_pb2.Duration
    page: int
    page_size: int
    def __init__(self, id: _Optional[str] = ..., page: _Optional[int] = ..., page_size: _Optional[int] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ListRelatedProductsResponse(_message.Message):
    __slots__ = ["effective_page_size", "meta", "next_page", "page", "products"]
    EFFECTIVE_PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    effective_page_size: int
    meta: _answer_meta_pb2.AnswerMeta
    next_page: int
    page: int
    products: _containers.RepeatedCompositeFieldContainer[_product_pb2.Product]
    def __init__(self, products: _Optional[_Iterable[_Union[_product_pb2.Product, _Mapping]]] = ..., page: _Optional[int] = ..., next_page: _Optional[int] = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ..., effective_page_size: _Optional[int] = ...) -> None: ...

class ListSearchFacetsRequest(_message.Message):
    __slots__ = ["keyword", "language_code", "max_staleness"]
    KEYWORD_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    keyword: str
    language_code: str
    max_staleness: _duration_pb2.Duration
    def __init__(self, keyword: _Optional[str] = ..., language_code: _Optional[str] = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ListSearchFacetsResponse(_message.Message):
    __slots__ = ["facets", "meta"]
    FACETS_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    facets: _containers.RepeatedCompositeFieldContainer[SearchFacet]
    meta: _answer_meta_pb2.AnswerMeta
    def __init__(self, facets: _Optional[_Iterable[_Union[SearchFacet, _Mapping]]] = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...

class ListTopKeywordsRequest(_message.Message):
    __slots__ = ["category_id", "language_code", "max_staleness"]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    category_id: str
    language_code: str
    max_staleness: _duration_pb2.Duration
    def __init__(self, category_id: _Optional[str] = ..., language_code: _Optional[str] = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ListTopKeywordsResponse(_message.Message):
    __slots__ = ["keywords", "meta"]
    KEYWORDS_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    keywords: _containers.RepeatedCompositeFieldContainer[TopKeyword]
    meta: _answer_meta_pb2.AnswerMeta
    def __init__(self, keywords: _Optional[_Iterable[_Union[TopKeyword, _Mapping]]] = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...

class SearchFacet(_message.Message):
    __slots__ = ["id", "name", "name_translated", "values"]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAME_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    name_translated: str
    values: _containers.RepeatedCompositeFieldContainer[SearchFacetValue]
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., name_translated: _Optional[str] = ..., values: _Optional[_Iterable[_Union[SearchFacetValue, _Mapping]]] = ...) -> None: ...

class SearchFacetValue(_message.Message):
    __slots__ = ["id", "name", "name_translated"]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAME_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    name_translated: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., name_translated: _Optional[str] = ...) -> None: ...

class TopKeyword(_message.Message):
    __slots__ = ["keyword", "keyword_translated"]
    KEYWORD_FIELD_NUMBER: _ClassVar[int]
    KEYWORD_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    keyword: str
    keyword_translated: str
    def __init__(self, keyword: _Optional[str] = ..., keyword_translated: _Optional[str] = ...) -> None: ...
