from zhaohuo.v1 import account_state_pb2 as _account_state_pb2
from zhaohuo.v1 import server_load_pb2 as _server_load_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListAccountsRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class ListAccountsResponse(_message.Message):
    __slots__ = ["accounts", "circuit"]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    accounts: _containers.RepeatedCompositeFieldContainer[_account_state_pb2.AccountState]
    circuit: _server_load_pb2.UpstreamCircuit
    def __init__(self, accounts: _Optional[_Iterable[_Union[_account_state_pb2.AccountState, _Mapping]]] = ..., circuit: _Optional[_Union[_server_load_pb2.UpstreamCircuit, str]] = ...) -> None: ...
