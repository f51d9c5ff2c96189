from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo._google.rpc import status_pb2 as _status_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from zhaohuo.v1 import product_pb2 as _product_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

COMBO_NOTE_KIND_CRITERIA_OF_WORDS: ComboNoteKind
COMBO_NOTE_KIND_IMAGES_BOUNDED: ComboNoteKind
COMBO_NOTE_KIND_LANDED_UNKNOWN: ComboNoteKind
COMBO_NOTE_KIND_LIKENESS_OFF: ComboNoteKind
COMBO_NOTE_KIND_PAIRS_BOUNDED: ComboNoteKind
COMBO_NOTE_KIND_STEP_NOT_OFFERED: ComboNoteKind
COMBO_NOTE_KIND_UNSPECIFIED: ComboNoteKind
DESCRIPTOR: _descriptor.FileDescriptor
EVIDENCE_KIND_LOOKS_ALIKE: EvidenceKind
EVIDENCE_KIND_SAME_PHOTO: EvidenceKind
EVIDENCE_KIND_UNSPECIFIED: EvidenceKind

class AlikeProduct(_message.Message):
    __slots__ = ["likeness", "product"]
    LIKENESS_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    likeness: MeasuredLikeness
    product: _product_pb2.Product
    def __init__(self, product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ..., likeness: _Optional[_Union[MeasuredLikeness, _Mapping]] = ...) -> None: ...

class ComboMeta(_message.Message):
    __slots__ = ["fetch_time", "freight_calls", "images_fetched", "notes", "served_from", "source", "upstream_call_budget", "upstream_calls"]
    FETCH_TIME_FIELD_NUMBER: _ClassVar[int]
    FREIGHT_CALLS_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FETCHED_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    SERVED_FROM_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALL_BUDGET_FIELD_NUMBER: _ClassVar[int]
    fetch_time: _timestamp_pb2.Timestamp
    freight_calls: int
    images_fetched: int
    notes: _containers.RepeatedCompositeFieldContainer[ComboNote]
    served_from: _answer_meta_pb2.ServedFrom
    source: _answer_meta_pb2.AnswerSource
    upstream_call_budget: int
    upstream_calls: int
    def __init__(self, source: _Optional[_Union[_answer_meta_pb2.AnswerSource, str]] = ..., fetch_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., upstream_calls: _Optional[int] = ..., upstream_call_budget: _Optional[int] = ..., images_fetched: _Optional[int] = ..., served_from: _Optional[_Union[_answer_meta_pb2.ServedFrom, str]] = ..., notes: _Optional[_Iterable[_Union[ComboNote, _Mapping]]] = ..., freight_calls: _Optional[int] = ...) -> None: ...

class ComboNote(_message.Message):
    __slots__ = ["about", "kind", "text"]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    about: _containers.RepeatedScalarFieldContainer[str]
    kind: ComboNoteKind
    text: str
    def __init__(self, kind: _Optional[_Union[ComboNoteKind, str]] = ..., text: _Optional[str] = ..., about: _Optional[_Iterable[str]] = ...) -> None: ...

class FoundBy(_message.Message):
    __slots__ = ["image_of", "rank", "step"]
    IMAGE_OF_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    image_of: str
    rank: int
    step: str
    def __init__(self, step: _Optional[str] = ..., image_of: _Optional[str] = ..., rank: _Optional[int] = ...) -> None: ...

class MeasuredLikeness(_message.Message):
    __slots__ = ["compared_with", "kind", "same_bytes", "value"]
    COMPARED_WITH_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SAME_BYTES_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    compared_with: str
    kind: EvidenceKind
    same_bytes: bool
    value: float
    def __init__(self, value: _Optional[float] = ..., compared_with: _Optional[str] = ..., same_bytes: bool = ..., kind: _Optional[_Union[EvidenceKind, str]] = ...) -> None: ...

class PartialFailure(_message.Message):
    __slots__ = ["status", "step"]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    status: _status_pb2.Status
    step: str
    def __init__(self, step: _Optional[str] = ..., status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class RelativePrice(_message.Message):
    __slots__ = ["median", "ratio"]
    MEDIAN_FIELD_NUMBER: _ClassVar[int]
    RATIO_FIELD_NUMBER: _ClassVar[int]
    median: _money_pb2.Money
    ratio: float
    def __init__(self, median: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., ratio: _Optional[float] = ...) -> None: ...

class ComboNoteKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class EvidenceKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
