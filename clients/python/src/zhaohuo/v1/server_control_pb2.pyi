from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DrainServerRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class DrainServerResponse(_message.Message):
    __slots__ = ["drain_timeout", "lame_duck"]
    DRAIN_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    LAME_DUCK_FIELD_NUMBER: _ClassVar[int]
    drain_timeout: _duration_pb2.Duration
    lame_duck: _duration_pb2.Duration
    def __init__(self, lame_duck: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., drain_timeout: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class SetLogLevelRequest(_message.Message):
    __slots__ = ["level_time", "log_level"]
    LEVEL_TIME_FIELD_NUMBER: _ClassVar[int]
    LOG_LEVEL_FIELD_NUMBER: _ClassVar[int]
    level_time: _duration_pb2.Duration
    log_level: str
    def __init__(self, log_level: _Optional[str] = ..., level_time: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class SetLogLevelResponse(_message.Message):
    __slots__ = ["previous_level", "until_time"]
    PREVIOUS_LEVEL_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    previous_level: str
    until_time: _timestamp_pb2.Timestamp
    def __init__(self, previous_level: _Optional[str] = ..., until_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
