from zhaohuo.v1 import diagnosis_pb2 as _diagnosis_pb2
from zhaohuo.v1 import server_info_pb2 as _server_info_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
