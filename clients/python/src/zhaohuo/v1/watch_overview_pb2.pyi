from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo.v1 import error_reason_pb2 as _error_reason_pb2
from zhaohuo.v1 import price_watch_pb2 as _price_watch_pb2
from zhaohuo.v1 import quota_usage_pb2 as _quota_usage_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CallerWatches(_message.Message):
    __slots__ = ["caller", "counts"]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    caller: str
    counts: WatchCounts
    def __init__(self, caller: _Optional[str] = ..., counts: _Optional[_Union[WatchCounts, _Mapping]] = ...) -> None: ...

class FailingWebhook(_message.Message):
    __slots__ = ["caller", "failed_attempts", "failing_since_time", "host", "id", "last_failure", "next_attempt_time", "pending_deliveries", "watch_id"]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    FAILED_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    FAILING_SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    LAST_FAILURE_FIELD_NUMBER: _ClassVar[int]
    NEXT_ATTEMPT_TIME_FIELD_NUMBER: _ClassVar[int]
    PENDING_DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    WATCH_ID_FIELD_NUMBER: _ClassVar[int]
    caller: str
    failed_attempts: int
    failing_since_time: _timestamp_pb2.Timestamp
    host: str
    id: str
    last_failure: str
    next_attempt_time: _timestamp_pb2.Timestamp
    pending_deliveries: int
    watch_id: str
    def __init__(self, id: _Optional[str] = ..., watch_id: _Optional[str] = ..., caller: _Optional[str] = ..., host: _Optional[str] = ..., failing_since_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., failed_attempts: _Optional[int] = ..., next_attempt_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., pending_deliveries: _Optional[int] = ..., last_failure: _Optional[str] = ...) -> None: ...

class GetWatchOverviewRequest(_message.Message):
    __slots__ = ["list_size"]
    LIST_SIZE_FIELD_NUMBER: _ClassVar[int]
    list_size: int
    def __init__(self, list_size: _Optional[int] = ...) -> None: ...

class GetWatchOverviewResponse(_message.Message):
    __slots__ = ["callers", "counts", "failures", "further_callers", "next_day", "next_hour", "overdue", "quota", "rest_of_day", "webhooks"]
    CALLERS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    FURTHER_CALLERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_DAY_FIELD_NUMBER: _ClassVar[int]
    NEXT_HOUR_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    REST_OF_DAY_FIELD_NUMBER: _ClassVar[int]
    WEBHOOKS_FIELD_NUMBER: _ClassVar[int]
    callers: _containers.RepeatedCompositeFieldContainer[CallerWatches]
    counts: WatchCounts
    failures: _containers.RepeatedCompositeFieldContainer[WatchFailure]
    further_callers: int
    next_day: WatchForecast
    next_hour: WatchForecast
    overdue: _containers.RepeatedCompositeFieldContainer[WatchSummary]
    quota: _quota_usage_pb2.QuotaUsage
    rest_of_day: WatchForecast
    webhooks: WebhookBacklog
    def __init__(self, counts: _Optional[_Union[WatchCounts, _Mapping]] = ..., callers: _Optional[_Iterable[_Union[CallerWatches, _Mapping]]] = ..., further_callers: _Optional[int] = ..., overdue: _Optional[_Iterable[_Union[WatchSummary, _Mapping]]] = ..., failures: _Optional[_Iterable[_Union[WatchFailure, _Mapping]]] = ..., next_hour: _Optional[_Union[WatchForecast, _Mapping]] = ..., rest_of_day: _Optional[_Union[WatchForecast, _Mapping]] = ..., next_day: _Optional[_Union[WatchForecast, _Mapping]] = ..., quota: _Optional[_Union[_quota_usage_pb2.QuotaUsage, _Mapping]] = ..., webhooks: _Optional[_Union[WebhookBacklog, _Mapping]] = ...) -> None: ...

class WatchCounts(_message.Message):
    __slots__ = ["active_watches", "empty_watches", "failing_watches", "overdue_watches", "paused_watches", "postponed_watches"]
    ACTIVE_WATCHES_FIELD_NUMBER: _ClassVar[int]
    EMPTY_WATCHES_FIELD_NUMBER: _ClassVar[int]
    FAILING_WATCHES_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_WATCHES_FIELD_NUMBER: _ClassVar[int]
    PAUSED_WATCHES_FIELD_NUMBER: _ClassVar[int]
    POSTPONED_WATCHES_FIELD_NUMBER: _ClassVar[int]
    active_watches: int
    empty_watches: int
    failing_watches: int
    overdue_watches: int
    paused_watches: int
    postponed_watches: int
    def __init__(self, active_watches: _Optional[int] = ..., paused_watches: _Optional[int] = ..., failing_watches: _Optional[int] = ..., empty_watches: _Optional[int] = ..., overdue_watches: _Optional[int] = ..., postponed_watches: _Optional[int] = ...) -> None: ...

class WatchFailure(_message.Message):
    __slots__ = ["message", "reason", "watch_count", "watches"]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    WATCHES_FIELD_NUMBER: _ClassVar[int]
    WATCH_COUNT_FIELD_NUMBER: _ClassVar[int]
    message: str
    reason: _error_reason_pb2.ErrorReason
    watch_count: int
    watches: _containers.RepeatedCompositeFieldContainer[WatchSummary]
    def __init__(self, reason: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ..., watch_count: _Optional[int] = ..., watches: _Optional[_Iterable[_Union[WatchSummary, _Mapping]]] = ...) -> None: ...

class WatchForecast(_message.Message):
    __slots__ = ["end_time", "observations", "upstream_calls"]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    end_time: _timestamp_pb2.Timestamp
    observations: int
    upstream_calls: int
    def __init__(self, end_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., observations: _Optional[int] = ..., upstream_calls: _Optional[int] = ...) -> None: ...

class WatchSummary(_message.Message):
    __slots__ = ["caller", "display_name", "due_time", "id", "last_observation_time", "last_success_time", "next_due_time", "waiting_for"]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    LAST_OBSERVATION_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SUCCESS_TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    WAITING_FOR_FIELD_NUMBER: _ClassVar[int]
    caller: str
    display_name: str
    due_time: _timestamp_pb2.Timestamp
    id: str
    last_observation_time: _timestamp_pb2.Timestamp
    last_success_time: _timestamp_pb2.Timestamp
    next_due_time: _timestamp_pb2.Timestamp
    waiting_for: _price_watch_pb2.PriceWatchWait
    def __init__(self, id: _Optional[str] = ..., caller: _Optional[str] = ..., display_name: _Optional[str] = ..., due_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., waiting_for: _Optional[_Union[_price_watch_pb2.PriceWatchWait, str]] = ..., last_observation_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., last_success_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., next_due_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WebhookBacklog(_message.Message):
    __slots__ = ["disabled_webhooks", "failing", "failing_deliveries", "failing_webhooks", "oldest_pending_time", "pending_deliveries", "webhooks"]
    DISABLED_WEBHOOKS_FIELD_NUMBER: _ClassVar[int]
    FAILING_DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    FAILING_FIELD_NUMBER: _ClassVar[int]
    FAILING_WEBHOOKS_FIELD_NUMBER: _ClassVar[int]
    OLDEST_PENDING_TIME_FIELD_NUMBER: _ClassVar[int]
    PENDING_DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    WEBHOOKS_FIELD_NUMBER: _ClassVar[int]
    disabled_webhooks: int
    failing: _containers.RepeatedCompositeFieldContainer[FailingWebhook]
    failing_deliveries: int
    failing_webhooks: int
    oldest_pending_time: _timestamp_pb2.Timestamp
    pending_deliveries: int
    webhooks: int
    def __init__(self, webhooks: _Optional[int] = ..., failing_webhooks: _Optional[int] = ..., disabled_webhooks: _Optional[int] = ..., pending_deliveries: _Optional[int] = ..., failing_deliveries: _Optional[int] = ..., oldest_pending_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., failing: _Optional[_Iterable[_Union[FailingWebhook, _Mapping]]] = ...) -> None: ...
