from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FindCategoriesRequest(_message.Message):
    __slots__ = ["language_code", "max_staleness", "name"]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    language_code: str
    max_staleness: _duration_pb2.Duration
    name: str
    def __init__(self, name: _Optional[str] = ..., language_code: _Optional[str] = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class FindCategoriesResponse(_message.Message):
    __slots__ = ["categories", "meta"]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    categories: _containers.RepeatedCompositeFieldContainer[ProductCategory]
    meta: _answer_meta_pb2.AnswerMeta
    def __init__(self, categories: _Optional[_Iterable[_Union[ProductCategory, _Mapping]]] = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...

class GetCategoryRequest(_message.Message):
    __slots__ = ["id", "language_code", "max_staleness"]
    ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    id: str
    language_code: str
    max_staleness: _duration_pb2.Duration
    def __init__(self, id: _Optional[str] = ..., language_code: _Optional[str] = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class GetCategoryResponse(_message.Message):
    __slots__ = ["category", "children", "children_unknown", "meta"]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    category: ProductCategory
    children: _containers.RepeatedCompositeFieldContainer[ProductCategory]
    children_unknown: bool
    meta: _answer_meta_pb2.AnswerMeta
    def __init__(self, category: _Optional[_Union[ProductCategory, _Mapping]] = ..., children: _Optional[_Iterable[_Union[ProductCategory, _Mapping]]] = ..., children_unknown: bool = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...

class ProductCategory(_message.Message):
    __slots__ = ["id", "leaf", "level", "name", "name_translated", "parent_id"]
    ID_FIELD_NUMBER: _ClassVar[int]
    LEAF_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAME_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    PARENT_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    leaf: bool
    level: int
    name: str
    name_translated: str
    parent_id: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., name_translated: _Optional[str] = ..., leaf: bool = ..., level: _Optional[int] = ..., parent_id: _Optional[str] = ...) -> None: ...
