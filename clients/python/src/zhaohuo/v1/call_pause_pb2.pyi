from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CallPause(_message.Message):
    __slots__ = ["since_time", "target", "until_time"]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    since_time: _timestamp_pb2.Timestamp
    target: PauseTarget
    until_time: _timestamp_pb2.Timestamp
    def __init__(self, target: _Optional[_Union[PauseTarget, _Mapping]] = ..., since_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListPausesRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class ListPausesResponse(_message.Message):
    __slots__ = ["pauses"]
    PAUSES_FIELD_NUMBER: _ClassVar[int]
    pauses: _containers.RepeatedCompositeFieldContainer[CallPause]
    def __init__(self, pauses: _Optional[_Iterable[_Union[CallPause, _Mapping]]] = ...) -> None: ...

class PauseCallsRequest(_message.Message):
    __slots__ = ["pause_time", "target"]
    PAUSE_TIME_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    pause_time: _duration_pb2.Duration
    target: PauseTarget
    def __init__(self, target: _Optional[_Union[PauseTarget, _Mapping]] = ..., pause_time: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PauseCallsResponse(_message.Message):
    __slots__ = ["pause"]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    pause: CallPause
    def __init__(self, pause: _Optional[_Union[CallPause, _Mapping]] = ...) -> None: ...

class PauseTarget(_message.Message):
    __slots__ = ["account", "call_class", "caller"]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    CALL_CLASS_FIELD_NUMBER: _ClassVar[int]
    account: str
    call_class: str
    caller: str
    def __init__(self, caller: _Optional[str] = ..., account: _Optional[str] = ..., call_class: _Optional[str] = ...) -> None: ...

class ResumeCallsRequest(_message.Message):
    __slots__ = ["target"]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    target: PauseTarget
    def __init__(self, target: _Optional[_Union[PauseTarget, _Mapping]] = ...) -> None: ...

class ResumeCallsResponse(_message.Message):
    __slots__ = ["was_paused"]
    WAS_PAUSED_FIELD_NUMBER: _ClassVar[int]
    was_paused: bool
    def __init__(self, was_paused: bool = ...) -> None: ...
