from zhaohuo.v1 import admin_account_pb2 as _admin_account_pb2
from zhaohuo.v1 import admin_caller_pb2 as _admin_caller_pb2
from zhaohuo.v1 import cache_state_pb2 as _cache_state_pb2
from zhaohuo.v1 import call_pause_pb2 as _call_pause_pb2
from zhaohuo.v1 import server_control_pb2 as _server_control_pb2
from zhaohuo.v1 import watch_overview_pb2 as _watch_overview_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
