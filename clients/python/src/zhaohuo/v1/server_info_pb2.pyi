from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo.v1 import account_state_pb2 as _account_state_pb2
from zhaohuo.v1 import quota_usage_pb2 as _quota_usage_pb2
from zhaohuo.v1 import server_load_pb2 as _server_load_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
FIELD_SIDE_REQUEST: FieldSide
FIELD_SIDE_RESPONSE: FieldSide
FIELD_SIDE_UNSPECIFIED: FieldSide
FIELD_SUPPORT_FULL: FieldSupport
FIELD_SUPPORT_NONE: FieldSupport
FIELD_SUPPORT_PARTIAL: FieldSupport
FIELD_SUPPORT_UNSPECIFIED: FieldSupport
SERVER_MODE_LIVE: ServerMode
SERVER_MODE_SANDBOX: ServerMode
SERVER_MODE_UNSPECIFIED: ServerMode
UPSTREAM_DIALECT_AOP: UpstreamDialect
UPSTREAM_DIALECT_TOP: UpstreamDialect
UPSTREAM_DIALECT_UNSPECIFIED: UpstreamDialect

class FieldCapability(_message.Message):
    __slots__ = ["field", "note", "rpc", "side", "support", "values"]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    RPC_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    field: str
    note: str
    rpc: str
    side: FieldSide
    support: FieldSupport
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, rpc: _Optional[str] = ..., field: _Optional[str] = ..., side: _Optional[_Union[FieldSide, str]] = ..., support: _Optional[_Union[FieldSupport, str]] = ..., values: _Optional[_Iterable[str]] = ..., note: _Optional[str] = ...) -> None: ...

class GetServerInfoRequest(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ["account", "accounts", "capabilities", "dialect", "limits", "load", "mode", "price_watches", "pushes", "quota", "version"]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    PRICE_WATCHES_FIELD_NUMBER: _ClassVar[int]
    PUSHES_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    account: str
    accounts: _containers.RepeatedCompositeFieldContainer[_account_state_pb2.AccountState]
    capabilities: _containers.RepeatedCompositeFieldContainer[FieldCapability]
    dialect: UpstreamDialect
    limits: ServerLimits
    load: _server_load_pb2.ServerLoad
    mode: ServerMode
    price_watches: PriceWatchOffer
    pushes: PushOffer
    quota: _quota_usage_pb2.QuotaUsage
    version: str
    def __init__(self, version: _Optional[str] = ..., mode: _Optional[_Union[ServerMode, str]] = ..., dialect: _Optional[_Union[UpstreamDialect, str]] = ..., limits: _Optional[_Union[ServerLimits, _Mapping]] = ..., capabilities: _Optional[_Iterable[_Union[FieldCapability, _Mapping]]] = ..., account: _Optional[str] = ..., quota: _Optional[_Union[_quota_usage_pb2.QuotaUsage, _Mapping]] = ..., price_watches: _Optional[_Union[PriceWatchOffer, _Mapping]] = ..., accounts: _Optional[_Iterable[_Union[_account_state_pb2.AccountState, _Mapping]]] = ..., pushes: _Optional[_Union[PushOffer, _Mapping]] = ..., load: _Optional[_Union[_server_load_pb2.ServerLoad, _Mapping]] = ...) -> None: ...

class PriceWatchOffer(_message.Message):
    __slots__ = ["enabled", "interval_max", "interval_min"]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_MAX_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_MIN_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    interval_max: _duration_pb2.Duration
    interval_min: _duration_pb2.Duration
    def __init__(self, enabled: bool = ..., interval_min: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., interval_max: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PushOffer(_message.Message):
    __slots__ = ["enabled", "path", "topics"]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    path: str
    topics: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, enabled: bool = ..., path: _Optional[str] = ..., topics: _Optional[_Iterable[str]] = ...) -> None: ...

class ServerLimits(_message.Message):
    __slots__ = ["default_timeout", "page_size_max", "quota_margin", "request_bytes_max", "result_window", "stream_timeout_max", "timeout_max", "upstream_qps"]
    DEFAULT_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_MAX_FIELD_NUMBER: _ClassVar[int]
    QUOTA_MARGIN_FIELD_NUMBER: _ClassVar[int]
    REQUEST_BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
    RESULT_WINDOW_FIELD_NUMBER: _ClassVar[int]
    STREAM_TIMEOUT_MAX_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MAX_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_QPS_FIELD_NUMBER: _ClassVar[int]
    default_timeout: _duration_pb2.Duration
    page_size_max: int
    quota_margin: float
    request_bytes_max: int
    result_window: int
    stream_timeout_max: _duration_pb2.Duration
    timeout_max: _duration_pb2.Duration
    upstream_qps: float
    def __init__(self, upstream_qps: _Optional[float] = ..., page_size_max: _Optional[int] = ..., result_window: _Optional[int] = ..., request_bytes_max: _Optional[int] = ..., default_timeout: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., quota_margin: _Optional[float] = ..., timeout_max: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., stream_timeout_max: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ServerMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class UpstreamDialect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class FieldSide(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class FieldSupport(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
