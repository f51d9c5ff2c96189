from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
PURGE_REACH_NO_CACHE: PurgeReach
PURGE_REACH_PROCESS: PurgeReach
PURGE_REACH_REPLICAS: PurgeReach
PURGE_REACH_STORE: PurgeReach
PURGE_REACH_UNSPECIFIED: PurgeReach

class CacheState(_message.Message):
    __slots__ = ["memory_answers", "memory_bytes", "running_questions", "store_down", "uses", "waiting_bytes"]
    MEMORY_ANSWERS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    RUNNING_QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    STORE_DOWN_FIELD_NUMBER: _ClassVar[int]
    USES_FIELD_NUMBER: _ClassVar[int]
    WAITING_BYTES_FIELD_NUMBER: _ClassVar[int]
    memory_answers: int
    memory_bytes: int
    running_questions: int
    store_down: bool
    uses: _containers.RepeatedCompositeFieldContainer[CacheUse]
    waiting_bytes: int
    def __init__(self, memory_answers: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., waiting_bytes: _Optional[int] = ..., running_questions: _Optional[int] = ..., store_down: bool = ..., uses: _Optional[_Iterable[_Union[CacheUse, _Mapping]]] = ...) -> None: ...

class CacheUse(_message.Message):
    __slots__ = ["answered_by", "questions"]
    ANSWERED_BY_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    answered_by: str
    questions: int
    def __init__(self, answered_by: _Optional[str] = ..., questions: _Optional[int] = ...) -> None: ...

class GetCacheStateRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class GetCacheStateResponse(_message.Message):
    __slots__ = ["cache"]
    CACHE_FIELD_NUMBER: _ClassVar[int]
    cache: CacheState
    def __init__(self, cache: _Optional[_Union[CacheState, _Mapping]] = ...) -> None: ...

class PurgeCacheRequest(_message.Message):
    __slots__ = ["all", "keyword", "product_ids"]
    ALL_FIELD_NUMBER: _ClassVar[int]
    KEYWORD_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    all: bool
    keyword: str
    product_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, all: bool = ..., product_ids: _Optional[_Iterable[str]] = ..., keyword: _Optional[str] = ...) -> None: ...

class PurgeCacheResponse(_message.Message):
    __slots__ = ["reach"]
    REACH_FIELD_NUMBER: _ClassVar[int]
    reach: PurgeReach
    def __init__(self, reach: _Optional[_Union[PurgeReach, str]] = ...) -> None: ...

class PurgeReach(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
