from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
QUOTA_SCOPE_ALL_REPLICAS: QuotaScope
QUOTA_SCOPE_DATA_DIR: QuotaScope
QUOTA_SCOPE_PROCESS: QuotaScope
QUOTA_SCOPE_UNSPECIFIED: QuotaScope

class QuotaUsage(_message.Message):
    __slots__ = ["calls_left", "calls_per_day", "calls_used", "exhausted_until_time", "reset_time", "scope"]
    CALLS_LEFT_FIELD_NUMBER: _ClassVar[int]
    CALLS_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    CALLS_USED_FIELD_NUMBER: _ClassVar[int]
    EXHAUSTED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    RESET_TIME_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    calls_left: int
    calls_per_day: int
    calls_used: int
    exhausted_until_time: _timestamp_pb2.Timestamp
    reset_time: _timestamp_pb2.Timestamp
    scope: QuotaScope
    def __init__(self, calls_used: _Optional[int] = ..., calls_per_day: _Optional[int] = ..., calls_left: _Optional[int] = ..., reset_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., scope: _Optional[_Union[QuotaScope, str]] = ..., exhausted_until_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class QuotaScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
