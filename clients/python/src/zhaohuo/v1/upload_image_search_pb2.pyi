from zhaohuo.v1 import image_search_pb2 as _image_search_pb2
from zhaohuo.v1 import image_search_options_pb2 as _image_search_options_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UploadImageSearchRequest(_message.Message):
    __slots__ = ["chunk", "options"]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    options: _image_search_options_pb2.ImageSearchOptions
    def __init__(self, options: _Optional[_Union[_image_search_options_pb2.ImageSearchOptions, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class UploadImageSearchResponse(_message.Message):
    __slots__ = ["response"]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _image_search_pb2.ImageSearchResponse
    def __init__(self, response: _Optional[_Union[_image_search_pb2.ImageSearchResponse, _Mapping]] = ...) -> None: ...
