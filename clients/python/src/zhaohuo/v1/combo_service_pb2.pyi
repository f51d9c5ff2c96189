from zhaohuo.v1 import analyze_competitors_pb2 as _analyze_competitors_pb2
from zhaohuo.v1 import combo_steps_pb2 as _combo_steps_pb2
from zhaohuo.v1 import compare_prices_pb2 as _compare_prices_pb2
from zhaohuo.v1 import expand_selection_pb2 as _expand_selection_pb2
from zhaohuo.v1 import find_source_pb2 as _find_source_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
