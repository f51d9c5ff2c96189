from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DetectedGoods(_message.Message):
    __slots__ = ["region"]
    REGION_FIELD_NUMBER: _ClassVar[int]
    region: ImageRegion
    def __init__(self, region: _Optional[_Union[ImageRegion, _Mapping]] = ...) -> None: ...

class ImageRegion(_message.Message):
    __slots__ = ["bottom", "left", "right", "top"]
    BOTTOM_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    bottom: float
    left: float
    right: float
    top: float
    def __init__(self, left: _Optional[float] = ..., top: _Optional[float] = ..., right: _Optional[float] = ..., bottom: _Optional[float] = ...) -> None: ...

class ImageRegions(_message.Message):
    __slots__ = ["detected", "searched"]
    DETECTED_FIELD_NUMBER: _ClassVar[int]
    SEARCHED_FIELD_NUMBER: _ClassVar[int]
    detected: _containers.RepeatedCompositeFieldContainer[DetectedGoods]
    searched: ImageRegion
    def __init__(self, searched: _Optional[_Union[ImageRegion, _Mapping]] = ..., detected: _Optional[_Iterable[_Union[DetectedGoods, _Mapping]]] = ...) -> None: ...
