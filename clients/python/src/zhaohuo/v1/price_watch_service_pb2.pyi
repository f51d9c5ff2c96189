from zhaohuo.v1 import price_event_pb2 as _price_event_pb2
from zhaohuo.v1 import price_observation_pb2 as _price_observation_pb2
from zhaohuo.v1 import price_watch_requests_pb2 as _price_watch_requests_pb2
from zhaohuo.v1 import price_webhook_pb2 as _price_webhook_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
