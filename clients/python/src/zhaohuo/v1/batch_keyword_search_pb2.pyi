from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo._google.rpc import status_pb2 as _status_pb2
from zhaohuo.v1 import criteria_pb2 as _criteria_pb2
from zhaohuo.v1 import keyword_search_pb2 as _keyword_search_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BatchKeywordProgress(_message.Message):
    __slots__ = ["done", "failed", "remaining", "total", "upstream_calls"]
    DONE_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    done: int
    failed: int
    remaining: _duration_pb2.Duration
    total: int
    upstream_calls: int
    def __init__(self, done: _Optional[int] = ..., failed: _Optional[int] = ..., total: _Optional[int] = ..., upstream_calls: _Optional[int] = ..., remaining: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class BatchKeywordResult(_message.Message):
    __slots__ = ["error", "keyword", "page", "response"]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    KEYWORD_FIELD_NUMBER: _ClassVar[int]
    PAGE_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    error: _status_pb2.Status
    keyword: str
    page: int
    response: _keyword_search_pb2.KeywordSearchResponse
    def __init__(self, keyword: _Optional[str] = ..., page: _Optional[int] = ..., response: _Optional[_Union[_keyword_search_pb2.KeywordSearchResponse, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class BatchKeywordSearchRequest(_message.Message):
    __slots__ = ["category_id", "category_ids", "facet_ids", "filters", "include_raw", "keywords", "language_code", "max_staleness", "page_size", "pages", "price_max", "price_min", "region_opp", "resume_token", "sales", "sort"]
    CATEGORY_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    FACET_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RAW_FIELD_NUMBER: _ClassVar[int]
    KEYWORDS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PRICE_MAX_FIELD_NUMBER: _ClassVar[int]
    PRICE_MIN_FIELD_NUMBER: _ClassVar[int]
    REGION_OPP_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SALES_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    category_id: str
    category_ids: _containers.RepeatedScalarFieldContainer[str]
    facet_ids: _containers.RepeatedScalarFieldContainer[str]
    filters: _containers.RepeatedScalarFieldContainer[_criteria_pb2.ProductFilter]
    include_raw: bool
    keywords: _containers.RepeatedScalarFieldContainer[str]
    language_code: str
    max_staleness: _duration_pb2.Duration
    page_size: int
    pages: int
    price_max: str
    price_min: str
    region_opp: str
    resume_token: str
    sales: _criteria_pb2.SalesFilter
    sort: _criteria_pb2.SortOrder
    def __init__(self, keywords: _Optional[_Iterable[str]] = ..., pages: _Optional[int] = ..., page_size: _Optional[int] = ..., resume_token: _Optional[str] = ..., price_min: _Optional[str] = ..., price_max: _Optional[str] = ..., category_id: _Optional[str] = ..., sort: _Optional[_Union[_criteria_pb2.SortOrder, str]] = ..., filters: _Optional[_Iterable[_Union[_criteria_pb2.ProductFilter, str]]] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., facet_ids: _Optional[_Iterable[str]] = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., category_ids: _Optional[_Iterable[str]] = ..., sales: _Optional[_Union[_criteria_pb2.SalesFilter, _Mapping]] = ..., region_opp: _Optional[str] = ...) -> None: ...

class BatchKeywordSearchResponse(_message.Message):
    __slots__ = ["progress", "result", "resume_token"]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    progress: BatchKeywordProgress
    result: BatchKeywordResult
    resume_token: str
    def __init__(self, result: _Optional[_Union[BatchKeywordResult, _Mapping]] = ..., progress: _Optional[_Union[BatchKeywordProgress, _Mapping]] = ..., resume_token: _Optional[str] = ...) -> None: ...
