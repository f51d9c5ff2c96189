from zhaohuo.v1 import platform_call_pb2 as _platform_call_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
