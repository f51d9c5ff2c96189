from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from zhaohuo.v1 import product_pb2 as _product_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListTopProductsRequest(_message.Message):
    __slots__ = ["category_id", "language_code", "limit", "max_staleness", "rank_type"]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    RANK_TYPE_FIELD_NUMBER: _ClassVar[int]
    category_id: str
    language_code: str
    limit: int
    max_staleness: _duration_pb2.Duration
    rank_type: str
    def __init__(self, category_id: _Optional[str] = ..., rank_type: _Optional[str] = ..., limit: _Optional[int] = ..., language_code: _Optional[str] = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ListTopProductsResponse(_message.Message):
    __slots__ = ["meta", "name", "products", "rank_type"]
    META_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    RANK_TYPE_FIELD_NUMBER: _ClassVar[int]
    meta: _answer_meta_pb2.AnswerMeta
    name: str
    products: _containers.RepeatedCompositeFieldContainer[TopProduct]
    rank_type: str
    def __init__(self, products: _Optional[_Iterable[_Union[TopProduct, _Mapping]]] = ..., name: _Optional[str] = ..., rank_type: _Optional[str] = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...

class TopProduct(_message.Message):
    __slots__ = ["buyer_count", "product", "rank", "trade_score"]
    BUYER_COUNT_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    TRADE_SCORE_FIELD_NUMBER: _ClassVar[int]
    buyer_count: int
    product: _product_pb2.Product
    rank: int
    trade_score: float
    def __init__(self, rank: _Optional[int] = ..., product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ..., buyer_count: _Optional[int] = ..., trade_score: _Optional[float] = ...) -> None: ...
