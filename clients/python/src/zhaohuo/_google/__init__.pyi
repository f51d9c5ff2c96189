from zhaohuo._google.rpc import error_details_pb2 as error_details_pb2
from zhaohuo._google.rpc import status_pb2 as status_pb2
from zhaohuo._google.type import money_pb2 as money_pb2

__all__ = ["error_details_pb2", "money_pb2", "status_pb2"]
