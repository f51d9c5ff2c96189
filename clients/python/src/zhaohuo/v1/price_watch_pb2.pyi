from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo.v1 import compare_prices_pb2 as _compare_prices_pb2
from zhaohuo.v1 import price_event_pb2 as _price_event_pb2
from zhaohuo.v1 import price_observation_pb2 as _price_observation_pb2
from zhaohuo.v1 import price_webhook_pb2 as _price_webhook_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
PRICE_WATCH_STATE_ACTIVE: PriceWatchState
PRICE_WATCH_STATE_FAILING: PriceWatchState
PRICE_WATCH_STATE_NOTHING_FOUND: PriceWatchState
PRICE_WATCH_STATE_PAUSED: PriceWatchState
PRICE_WATCH_STATE_UNSPECIFIED: PriceWatchState
PRICE_WATCH_WAIT_DAY: PriceWatchWait
PRICE_WATCH_WAIT_QUOTA: PriceWatchWait
PRICE_WATCH_WAIT_UNSPECIFIED: PriceWatchWait
PRICE_WATCH_WAIT_WORKER: PriceWatchWait

class PriceWatch(_message.Message):
    __slots__ = ["comparison", "conditions", "create_time", "display_name", "etag", "id", "image_size_bytes", "interval", "last_observation", "next_due_time", "products", "state", "update_time", "upstream_calls_per_day", "upstream_calls_today", "waiting_for", "webhooks"]
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    LAST_OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    NEXT_DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_TODAY_FIELD_NUMBER: _ClassVar[int]
    WAITING_FOR_FIELD_NUMBER: _ClassVar[int]
    WEBHOOKS_FIELD_NUMBER: _ClassVar[int]
    comparison: _compare_prices_pb2.ComparePricesRequest
    conditions: _containers.RepeatedCompositeFieldContainer[_price_event_pb2.PriceCondition]
    create_time: _timestamp_pb2.Timestamp
    display_name: str
    etag: str
    id: str
    image_size_bytes: int
    interval: _duration_pb2.Duration
    last_observation: _price_observation_pb2.PriceObservation
    next_due_time: _timestamp_pb2.Timestamp
    products: WatchedProducts
    state: PriceWatchState
    update_time: _timestamp_pb2.Timestamp
    upstream_calls_per_day: int
    upstream_calls_today: int
    waiting_for: PriceWatchWait
    webhooks: _containers.RepeatedCompositeFieldContainer[_price_webhook_pb2.PriceWebhook]
    def __init__(self, id: _Optional[str] = ..., display_name: _Optional[str] = ..., products: _Optional[_Union[WatchedProducts, _Mapping]] = ..., comparison: _Optional[_Union[_compare_prices_pb2.ComparePricesRequest, _Mapping]] = ..., interval: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., conditions: _Optional[_Iterable[_Union[_price_event_pb2.PriceCondition, _Mapping]]] = ..., upstream_calls_per_day: _Optional[int] = ..., webhooks: _Optional[_Iterable[_Union[_price_webhook_pb2.PriceWebhook, _Mapping]]] = ..., state: _Optional[_Union[PriceWatchState, str]] = ..., waiting_for: _Optional[_Union[PriceWatchWait, str]] = ..., next_due_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., last_observation: _Optional[_Union[_price_observation_pb2.PriceObservation, _Mapping]] = ..., image_size_bytes: _Optional[int] = ..., upstream_calls_today: _Optional[int] = ..., create_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class WatchedProducts(_message.Message):
    __slots__ = ["ids", "quantity"]
    IDS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    quantity: int
    def __init__(self, ids: _Optional[_Iterable[str]] = ..., quantity: _Optional[int] = ...) -> None: ...

class PriceWatchState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class PriceWatchWait(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
