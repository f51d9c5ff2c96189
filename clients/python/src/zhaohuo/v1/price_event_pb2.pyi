from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo._google.rpc import status_pb2 as _status_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import price_basis_pb2 as _price_basis_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
PRICE_BASELINE_LAST_OBSERVATION: PriceBaseline
PRICE_BASELINE_REFERENCE_PRICE: PriceBaseline
PRICE_BASELINE_UNSPECIFIED: PriceBaseline
PRICE_BASELINE_WINDOW_LOWEST: PriceBaseline
PRICE_EVENT_KIND_MEDIAN_MOVED: PriceEventKind
PRICE_EVENT_KIND_NEW_CHEAPEST: PriceEventKind
PRICE_EVENT_KIND_PRICE_FELL: PriceEventKind
PRICE_EVENT_KIND_PRICE_ROSE: PriceEventKind
PRICE_EVENT_KIND_PRODUCT_BACK: PriceEventKind
PRICE_EVENT_KIND_PRODUCT_GONE: PriceEventKind
PRICE_EVENT_KIND_SUPPLIER_APPEARED: PriceEventKind
PRICE_EVENT_KIND_SUPPLIER_LEFT: PriceEventKind
PRICE_EVENT_KIND_UNSPECIFIED: PriceEventKind
PRICE_EVENT_KIND_WATCH_FAILING: PriceEventKind
PRICE_EVENT_KIND_WATCH_RECOVERED: PriceEventKind

class ListPriceEventsRequest(_message.Message):
    __slots__ = ["after_event_id", "page_size", "watch_id"]
    AFTER_EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    WATCH_ID_FIELD_NUMBER: _ClassVar[int]
    after_event_id: str
    page_size: int
    watch_id: str
    def __init__(self, watch_id: _Optional[str] = ..., after_event_id: _Optional[str] = ..., page_size: _Optional[int] = ...) -> None: ...

class ListPriceEventsResponse(_message.Message):
    __slots__ = ["events", "more", "next_after_event_id"]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    NEXT_AFTER_EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[PriceEvent]
    more: bool
    next_after_event_id: str
    def __init__(self, events: _Optional[_Iterable[_Union[PriceEvent, _Mapping]]] = ..., next_after_event_id: _Optional[str] = ..., more: bool = ...) -> None: ...

class PriceCondition(_message.Message):
    __slots__ = ["amount", "baseline", "kind", "ratio", "reference_price", "window"]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    RATIO_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_PRICE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    amount: str
    baseline: PriceBaseline
    kind: PriceEventKind
    ratio: float
    reference_price: str
    window: _duration_pb2.Duration
    def __init__(self, kind: _Optional[_Union[PriceEventKind, str]] = ..., ratio: _Optional[float] = ..., amount: _Optional[str] = ..., baseline: _Optional[_Union[PriceBaseline, str]] = ..., reference_price: _Optional[str] = ..., window: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PriceEvent(_message.Message):
    __slots__ = ["after", "before", "change_ratio", "condition", "error", "id", "kind", "product_id", "supplier_id", "supplier_name", "time", "title", "watch_display_name", "watch_id"]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    CHANGE_RATIO_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    SUPPLIER_ID_FIELD_NUMBER: _ClassVar[int]
    SUPPLIER_NAME_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    WATCH_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    WATCH_ID_FIELD_NUMBER: _ClassVar[int]
    after: PricePoint
    before: PricePoint
    change_ratio: float
    condition: PriceCondition
    error: _status_pb2.Status
    id: str
    kind: PriceEventKind
    product_id: str
    supplier_id: str
    supplier_name: str
    time: _timestamp_pb2.Timestamp
    title: str
    watch_display_name: str
    watch_id: str
    def __init__(self, id: _Optional[str] = ..., watch_id: _Optional[str] = ..., watch_display_name: _Optional[str] = ..., kind: _Optional[_Union[PriceEventKind, str]] = ..., time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., product_id: _Optional[str] = ..., title: _Optional[str] = ..., supplier_id: _Optional[str] = ..., supplier_name: _Optional[str] = ..., before: _Optional[_Union[PricePoint, _Mapping]] = ..., after: _Optional[_Union[PricePoint, _Mapping]] = ..., change_ratio: _Optional[float] = ..., condition: _Optional[_Union[PriceCondition, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class PricePoint(_message.Message):
    __slots__ = ["due_time", "price", "price_basis", "product_id"]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    PRICE_BASIS_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    due_time: _timestamp_pb2.Timestamp
    price: _money_pb2.Money
    price_basis: _price_basis_pb2.PriceBasis
    product_id: str
    def __init__(self, due_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., price_basis: _Optional[_Union[_price_basis_pb2.PriceBasis, str]] = ..., product_id: _Optional[str] = ...) -> None: ...

class StreamPriceEventsRequest(_message.Message):
    __slots__ = ["after_event_id", "watch_id"]
    AFTER_EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    WATCH_ID_FIELD_NUMBER: _ClassVar[int]
    after_event_id: str
    watch_id: str
    def __init__(self, watch_id: _Optional[str] = ..., after_event_id: _Optional[str] = ...) -> None: ...

class StreamPriceEventsResponse(_message.Message):
    __slots__ = ["event", "heartbeat_after_event_id"]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_AFTER_EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    event: PriceEvent
    heartbeat_after_event_id: str
    def __init__(self, event: _Optional[_Union[PriceEvent, _Mapping]] = ..., heartbeat_after_event_id: _Optional[str] = ...) -> None: ...

class PriceBaseline(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class PriceEventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
