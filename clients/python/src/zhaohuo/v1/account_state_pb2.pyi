from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo.v1 import error_reason_pb2 as _error_reason_pb2
from zhaohuo.v1 import quota_usage_pb2 as _quota_usage_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AccountApiState(_message.Message):
    __slots__ = ["api", "banned_until_time", "calls_left", "calls_per_day", "calls_used", "exhausted_until_time"]
    API_FIELD_NUMBER: _ClassVar[int]
    BANNED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    CALLS_LEFT_FIELD_NUMBER: _ClassVar[int]
    CALLS_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    CALLS_USED_FIELD_NUMBER: _ClassVar[int]
    EXHAUSTED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    api: str
    banned_until_time: _timestamp_pb2.Timestamp
    calls_left: int
    calls_per_day: int
    calls_used: int
    exhausted_until_time: _timestamp_pb2.Timestamp
    def __init__(self, api: _Optional[str] = ..., calls_used: _Optional[int] = ..., calls_per_day: _Optional[int] = ..., calls_left: _Optional[int] = ..., banned_until_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., exhausted_until_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AccountFault(_message.Message):
    __slots__ = ["api", "examination_time", "reason", "since_time"]
    API_FIELD_NUMBER: _ClassVar[int]
    EXAMINATION_TIME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    api: str
    examination_time: _timestamp_pb2.Timestamp
    reason: _error_reason_pb2.ErrorReason
    since_time: _timestamp_pb2.Timestamp
    def __init__(self, api: _Optional[str] = ..., reason: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., since_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., examination_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AccountState(_message.Message):
    __slots__ = ["apis", "banned_until_time", "name", "passed_over", "pause_since_time", "pause_until_time", "present_qps", "quota", "upstream_qps"]
    APIS_FIELD_NUMBER: _ClassVar[int]
    BANNED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PASSED_OVER_FIELD_NUMBER: _ClassVar[int]
    PAUSE_SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    PAUSE_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    PRESENT_QPS_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_QPS_FIELD_NUMBER: _ClassVar[int]
    apis: _containers.RepeatedCompositeFieldContainer[AccountApiState]
    banned_until_time: _timestamp_pb2.Timestamp
    name: str
    passed_over: _containers.RepeatedCompositeFieldContainer[AccountFault]
    pause_since_time: _timestamp_pb2.Timestamp
    pause_until_time: _timestamp_pb2.Timestamp
    present_qps: float
    quota: _quota_usage_pb2.QuotaUsage
    upstream_qps: float
    def __init__(self, name: _Optional[str] = ..., upstream_qps: _Optional[float] = ..., quota: _Optional[_Union[_quota_usage_pb2.QuotaUsage, _Mapping]] = ..., passed_over: _Optional[_Iterable[_Union[AccountFault, _Mapping]]] = ..., present_qps: _Optional[float] = ..., banned_until_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., pause_since_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., pause_until_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., apis: _Optional[_Iterable[_Union[AccountApiState, _Mapping]]] = ...) -> None: ...
