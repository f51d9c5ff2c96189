from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CallerState(_message.Message):
    __slots__ = ["admin", "calls_per_day", "calls_today", "entries", "name", "pause_since_time", "pause_until_time", "paused_by_entry", "requests", "running_requests"]
    ADMIN_FIELD_NUMBER: _ClassVar[int]
    CALLS_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    CALLS_TODAY_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PAUSED_BY_ENTRY_FIELD_NUMBER: _ClassVar[int]
    PAUSE_SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    PAUSE_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    RUNNING_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    admin: bool
    calls_per_day: int
    calls_today: int
    entries: int
    name: str
    pause_since_time: _timestamp_pb2.Timestamp
    pause_until_time: _timestamp_pb2.Timestamp
    paused_by_entry: bool
    requests: int
    running_requests: int
    def __init__(self, name: _Optional[str] = ..., entries: _Optional[int] = ..., admin: bool = ..., paused_by_entry: bool = ..., requests: _Optional[int] = ..., running_requests: _Optional[int] = ..., calls_per_day: _Optional[int] = ..., calls_today: _Optional[int] = ..., pause_since_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., pause_until_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListCallersRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class ListCallersResponse(_message.Message):
    __slots__ = ["callers"]
    CALLERS_FIELD_NUMBER: _ClassVar[int]
    callers: _containers.RepeatedCompositeFieldContainer[CallerState]
    def __init__(self, callers: _Optional[_Iterable[_Union[CallerState, _Mapping]]] = ...) -> None: ...
