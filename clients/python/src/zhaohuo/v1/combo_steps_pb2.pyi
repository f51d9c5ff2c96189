from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo._google.rpc import status_pb2 as _status_pb2
from zhaohuo.v1 import analyze_competitors_pb2 as _analyze_competitors_pb2
from zhaohuo.v1 import compare_prices_pb2 as _compare_prices_pb2
from zhaohuo.v1 import expand_selection_pb2 as _expand_selection_pb2
from zhaohuo.v1 import find_source_pb2 as _find_source_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

COMBO_STEP_STATE_FAILED: ComboStepState
COMBO_STEP_STATE_FINISHED: ComboStepState
COMBO_STEP_STATE_LEFT_OUT: ComboStepState
COMBO_STEP_STATE_STARTED: ComboStepState
COMBO_STEP_STATE_UNSPECIFIED: ComboStepState
DESCRIPTOR: _descriptor.FileDescriptor

class ComboStep(_message.Message):
    __slots__ = ["error", "found", "number", "state", "step", "time", "upstream_calls", "upstream_calls_left", "upstream_calls_spent"]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_LEFT_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_SPENT_FIELD_NUMBER: _ClassVar[int]
    error: _status_pb2.Status
    found: int
    number: int
    state: ComboStepState
    step: str
    time: _timestamp_pb2.Timestamp
    upstream_calls: int
    upstream_calls_left: int
    upstream_calls_spent: int
    def __init__(self, number: _Optional[int] = ..., step: _Optional[str] = ..., state: _Optional[_Union[ComboStepState, str]] = ..., time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., upstream_calls: _Optional[int] = ..., upstream_calls_spent: _Optional[int] = ..., upstream_calls_left: _Optional[int] = ..., found: _Optional[int] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class StreamAnalyzeCompetitorsResponse(_message.Message):
    __slots__ = ["answer", "step"]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    answer: _analyze_competitors_pb2.AnalyzeCompetitorsResponse
    step: ComboStep
    def __init__(self, step: _Optional[_Union[ComboStep, _Mapping]] = ..., answer: _Optional[_Union[_analyze_competitors_pb2.AnalyzeCompetitorsResponse, _Mapping]] = ...) -> None: ...

class StreamComparePricesResponse(_message.Message):
    __slots__ = ["answer", "step"]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    answer: _compare_prices_pb2.ComparePricesResponse
    step: ComboStep
    def __init__(self, step: _Optional[_Union[ComboStep, _Mapping]] = ..., answer: _Optional[_Union[_compare_prices_pb2.ComparePricesResponse, _Mapping]] = ...) -> None: ...

class StreamExpandSelectionResponse(_message.Message):
    __slots__ = ["answer", "step"]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    answer: _expand_selection_pb2.ExpandSelectionResponse
    step: ComboStep
    def __init__(self, step: _Optional[_Union[ComboStep, _Mapping]] = ..., answer: _Optional[_Union[_expand_selection_pb2.ExpandSelectionResponse, _Mapping]] = ...) -> None: ...

class StreamFindSourceResponse(_message.Message):
    __slots__ = ["answer", "step"]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    answer: _find_source_pb2.FindSourceResponse
    step: ComboStep
    def __init__(self, step: _Optional[_Union[ComboStep, _Mapping]] = ..., answer: _Optional[_Union[_find_source_pb2.FindSourceResponse, _Mapping]] = ...) -> None: ...

class ComboStepState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
