from google.protobuf import empty_pb2 as _empty_pb2
from zhaohuo._google.rpc import status_pb2 as _status_pb2
from zhaohuo.v1 import image_region_pb2 as _image_region_pb2
from zhaohuo.v1 import image_search_pb2 as _image_search_pb2
from zhaohuo.v1 import image_search_options_pb2 as _image_search_options_pb2
from zhaohuo.v1 import image_source_pb2 as _image_source_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BatchImage(_message.Message):
    __slots__ = ["image", "region", "tag"]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    image: _image_source_pb2.ImageSource
    region: _image_region_pb2.ImageRegion
    tag: str
    def __init__(self, tag: _Optional[str] = ..., image: _Optional[_Union[_image_source_pb2.ImageSource, _Mapping]] = ..., region: _Optional[_Union[_image_region_pb2.ImageRegion, _Mapping]] = ...) -> None: ...

class BatchImageProgress(_message.Message):
    __slots__ = ["done", "failed", "received", "upstream_calls"]
    DONE_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    done: int
    failed: int
    received: int
    upstream_calls: int
    def __init__(self, received: _Optional[int] = ..., done: _Optional[int] = ..., failed: _Optional[int] = ..., upstream_calls: _Optional[int] = ...) -> None: ...

class BatchImageResult(_message.Message):
    __slots__ = ["error", "index", "response", "tag"]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    error: _status_pb2.Status
    index: int
    response: _image_search_pb2.ImageSearchResponse
    tag: str
    def __init__(self, index: _Optional[int] = ..., tag: _Optional[str] = ..., response: _Optional[_Union[_image_search_pb2.ImageSearchResponse, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class BatchImageSearchBody(_message.Message):
    __slots__ = ["images", "options"]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    images: _containers.RepeatedCompositeFieldContainer[BatchImage]
    options: _image_search_options_pb2.ImageSearchOptions
    def __init__(self, options: _Optional[_Union[_image_search_options_pb2.ImageSearchOptions, _Mapping]] = ..., images: _Optional[_Iterable[_Union[BatchImage, _Mapping]]] = ...) -> None: ...

class BatchImageSearchRequest(_message.Message):
    __slots__ = ["chunk", "end", "image", "options"]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    end: _empty_pb2.Empty
    image: BatchImage
    options: _image_search_options_pb2.ImageSearchOptions
    def __init__(self, options: _Optional[_Union[_image_search_options_pb2.ImageSearchOptions, _Mapping]] = ..., image: _Optional[_Union[BatchImage, _Mapping]] = ..., chunk: _Optional[bytes] = ..., end: _Optional[_Union[_empty_pb2.Empty, _Mapping]] = ...) -> None: ...

class BatchImageSearchResponse(_message.Message):
    __slots__ = ["progress", "result"]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    progress: BatchImageProgress
    result: BatchImageResult
    def __init__(self, result: _Optional[_Union[BatchImageResult, _Mapping]] = ..., progress: _Optional[_Union[BatchImageProgress, _Mapping]] = ...) -> None: ...
