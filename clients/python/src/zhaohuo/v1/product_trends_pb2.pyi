from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo._google.rpc import status_pb2 as _status_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
PRODUCT_TREND_KIND_MEDIAN_PRICE: ProductTrendKind
PRODUCT_TREND_KIND_REPURCHASE_RATE: ProductTrendKind
PRODUCT_TREND_KIND_SALES: ProductTrendKind
PRODUCT_TREND_KIND_UNSPECIFIED: ProductTrendKind

class GetProductTrendsRequest(_message.Message):
    __slots__ = ["end_date", "id", "kinds", "max_staleness", "start_date"]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    end_date: str
    id: str
    kinds: _containers.RepeatedScalarFieldContainer[ProductTrendKind]
    max_staleness: _duration_pb2.Duration
    start_date: str
    def __init__(self, id: _Optional[str] = ..., kinds: _Optional[_Iterable[_Union[ProductTrendKind, str]]] = ..., start_date: _Optional[str] = ..., end_date: _Optional[str] = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class GetProductTrendsResponse(_message.Message):
    __slots__ = ["meta", "trends"]
    META_FIELD_NUMBER: _ClassVar[int]
    TRENDS_FIELD_NUMBER: _ClassVar[int]
    meta: _answer_meta_pb2.AnswerMeta
    trends: _containers.RepeatedCompositeFieldContainer[ProductTrend]
    def __init__(self, trends: _Optional[_Iterable[_Union[ProductTrend, _Mapping]]] = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...

class ProductTrend(_message.Message):
    __slots__ = ["error", "kind", "points"]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    error: _status_pb2.Status
    kind: ProductTrendKind
    points: _containers.RepeatedCompositeFieldContainer[ProductTrendPoint]
    def __init__(self, kind: _Optional[_Union[ProductTrendKind, str]] = ..., points: _Optional[_Iterable[_Union[ProductTrendPoint, _Mapping]]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class ProductTrendPoint(_message.Message):
    __slots__ = ["date", "median_price", "repurchase_rate", "units_sold"]
    DATE_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_PRICE_FIELD_NUMBER: _ClassVar[int]
    REPURCHASE_RATE_FIELD_NUMBER: _ClassVar[int]
    UNITS_SOLD_FIELD_NUMBER: _ClassVar[int]
    date: str
    median_price: _money_pb2.Money
    repurchase_rate: float
    units_sold: int
    def __init__(self, date: _Optional[str] = ..., units_sold: _Optional[int] = ..., median_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., repurchase_rate: _Optional[float] = ...) -> None: ...

class RecordedTrends(_message.Message):
    __slots__ = ["first_median_price", "last_median_price", "product_id", "repurchase_rate", "trends", "units_sold"]
    FIRST_MEDIAN_PRICE_FIELD_NUMBER: _ClassVar[int]
    LAST_MEDIAN_PRICE_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    REPURCHASE_RATE_FIELD_NUMBER: _ClassVar[int]
    TRENDS_FIELD_NUMBER: _ClassVar[int]
    UNITS_SOLD_FIELD_NUMBER: _ClassVar[int]
    first_median_price: _money_pb2.Money
    last_median_price: _money_pb2.Money
    product_id: str
    repurchase_rate: float
    trends: _containers.RepeatedCompositeFieldContainer[ProductTrend]
    units_sold: int
    def __init__(self, product_id: _Optional[str] = ..., trends: _Optional[_Iterable[_Union[ProductTrend, _Mapping]]] = ..., units_sold: _Optional[int] = ..., first_median_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., last_median_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., repurchase_rate: _Optional[float] = ...) -> None: ...

class ProductTrendKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
