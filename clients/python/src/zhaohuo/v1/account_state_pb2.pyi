from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo.v1 import error_reason_pb2 as _error_reason_pb2
from zhaohuo.v1 import quota_usage_pb2 as _quota_usage_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

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
    __slots__ = ["banned_until_time", "name", "passed_over", "present_qps", "quota", "upstream_qps"]
    BANNED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PASSED_OVER_FIELD_NUMBER: _ClassVar[int]
    PRESENT_QPS_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_QPS_FIELD_NUMBER: _ClassVar[int]
    banned_until_time: _timestamp_pb2.Timestamp
    name: str
    passed_over: _containers.RepeatedCompositeFieldContainer[AccountFault]
    present_qps: float
    quota: _quota_usage_pb2.QuotaUsage
    upstream_qps: float
    def __init__(self, name: _Optional[str] = ..., upstream_qps: _Optional[float] = ..., quota: _Optional[_Union[_quota_usage_pb2.QuotaUsage, _Mapping]] = ..., passed_over: _Optional[_Iterable[_Union[AccountFault, _Mapping]]] = ..., present_qps: _Optional[float] = ..., banned_until_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
