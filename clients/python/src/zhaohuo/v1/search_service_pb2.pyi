from zhaohuo.v1 import batch_image_search_pb2 as _batch_image_search_pb2
from zhaohuo.v1 import batch_keyword_search_pb2 as _batch_keyword_search_pb2
from zhaohuo.v1 import image_search_pb2 as _image_search_pb2
from zhaohuo.v1 import keyword_search_pb2 as _keyword_search_pb2
from zhaohuo.v1 import stream_keyword_search_pb2 as _stream_keyword_search_pb2
from zhaohuo.v1 import upload_image_search_pb2 as _upload_image_search_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
