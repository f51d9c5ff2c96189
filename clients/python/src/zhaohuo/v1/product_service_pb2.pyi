from zhaohuo.v1 import freight_pb2 as _freight_pb2
from zhaohuo.v1 import product_detail_pb2 as _product_detail_pb2
from zhaohuo.v1 import product_trends_pb2 as _product_trends_pb2
from zhaohuo.v1 import search_hints_pb2 as _search_hints_pb2
from zhaohuo.v1 import seller_products_pb2 as _seller_products_pb2
from zhaohuo.v1 import top_products_pb2 as _top_products_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
