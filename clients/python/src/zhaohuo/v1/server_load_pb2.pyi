from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
UPSTREAM_CIRCUIT_CLOSED: UpstreamCircuit
UPSTREAM_CIRCUIT_OPEN: UpstreamCircuit
UPSTREAM_CIRCUIT_PROBING: UpstreamCircuit
UPSTREAM_CIRCUIT_UNSPECIFIED: UpstreamCircuit

class CallQueue(_message.Message):
    __slots__ = ["call_class", "waiting_callers", "waiting_calls"]
    CALL_CLASS_FIELD_NUMBER: _ClassVar[int]
    WAITING_CALLERS_FIELD_NUMBER: _ClassVar[int]
    WAITING_CALLS_FIELD_NUMBER: _ClassVar[int]
    call_class: str
    waiting_callers: int
    waiting_calls: int
    def __init__(self, call_class: _Optional[str] = ..., waiting_calls: _Optional[int] = ..., waiting_callers: _Optional[int] = ...) -> None: ...

class ServerLoad(_message.Message):
    __slots__ = ["banned_until_time", "circuit", "present_qps", "queues", "running_calls", "running_requests"]
    BANNED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    PRESENT_QPS_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    RUNNING_CALLS_FIELD_NUMBER: _ClassVar[int]
    RUNNING_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    banned_until_time: _timestamp_pb2.Timestamp
    circuit: UpstreamCircuit
    present_qps: float
    queues: _containers.RepeatedCompositeFieldContainer[CallQueue]
    running_calls: int
    running_requests: int
    def __init__(self, running_requests: _Optional[int] = ..., running_calls: _Optional[int] = ..., queues: _Optional[_Iterable[_Union[CallQueue, _Mapping]]] = ..., present_qps: _Optional[float] = ..., banned_until_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., circuit: _Optional[_Union[UpstreamCircuit, str]] = ...) -> None: ...

class UpstreamCircuit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
