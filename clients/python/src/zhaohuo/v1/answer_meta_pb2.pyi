from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

ANSWER_SOURCE_LIVE: AnswerSource
ANSWER_SOURCE_SANDBOX: AnswerSource
ANSWER_SOURCE_UNSPECIFIED: AnswerSource
DESCRIPTOR: _descriptor.FileDescriptor
SERVED_FROM_CACHE: ServedFrom
SERVED_FROM_STALE: ServedFrom
SERVED_FROM_UNSPECIFIED: ServedFrom
SERVED_FROM_UPSTREAM: ServedFrom

class AnswerMeta(_message.Message):
    __slots__ = ["fetch_time", "served_from", "source", "upstream_calls"]
    FETCH_TIME_FIELD_NUMBER: _ClassVar[int]
    SERVED_FROM_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    fetch_time: _timestamp_pb2.Timestamp
    served_from: ServedFrom
    source: AnswerSource
    upstream_calls: int
    def __init__(self, source: _Optional[_Union[AnswerSource, str]] = ..., fetch_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., upstream_calls: _Optional[int] = ..., served_from: _Optional[_Union[ServedFrom, str]] = ...) -> None: ...

class AnswerSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ServedFrom(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
