from google.protobuf import field_mask_pb2 as _field_mask_pb2
from zhaohuo.v1 import price_observation_pb2 as _price_observation_pb2
from zhaohuo.v1 import price_watch_pb2 as _price_watch_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreatePriceWatchRequest(_message.Message):
    __slots__ = ["price_watch"]
    PRICE_WATCH_FIELD_NUMBER: _ClassVar[int]
    price_watch: _price_watch_pb2.PriceWatch
    def __init__(self, price_watch: _Optional[_Union[_price_watch_pb2.PriceWatch, _Mapping]] = ...) -> None: ...

class CreatePriceWatchResponse(_message.Message):
    __slots__ = ["price_watch"]
    PRICE_WATCH_FIELD_NUMBER: _ClassVar[int]
    price_watch: _price_watch_pb2.PriceWatch
    def __init__(self, price_watch: _Optional[_Union[_price_watch_pb2.PriceWatch, _Mapping]] = ...) -> None: ...

class DeletePriceWatchRequest(_message.Message):
    __slots__ = ["id"]
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class DeletePriceWatchResponse(_message.Message):
    __slots__ = []
    def __init__(self) -> None: ...

class GetPriceWatchRequest(_message.Message):
    __slots__ = ["id"]
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class GetPriceWatchResponse(_message.Message):
    __slots__ = ["price_watch"]
    PRICE_WATCH_FIELD_NUMBER: _ClassVar[int]
    price_watch: _price_watch_pb2.PriceWatch
    def __init__(self, price_watch: _Optional[_Union[_price_watch_pb2.PriceWatch, _Mapping]] = ...) -> None: ...

class ListPriceWatchesRequest(_message.Message):
    __slots__ = ["page_size", "page_token"]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPriceWatchesResponse(_message.Message):
    __slots__ = ["next_page_token", "price_watches"]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PRICE_WATCHES_FIELD_NUMBER: _ClassVar[int]
    next_page_token: str
    price_watches: _containers.RepeatedCompositeFieldContainer[_price_watch_pb2.PriceWatch]
    def __init__(self, price_watches: _Optional[_Iterable[_Union[_price_watch_pb2.PriceWatch, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PausePriceWatchRequest(_message.Message):
    __slots__ = ["id"]
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class PausePriceWatchResponse(_message.Message):
    __slots__ = ["price_watch"]
    PRICE_WATCH_FIELD_NUMBER: _ClassVar[int]
    price_watch: _price_watch_pb2.PriceWatch
    def __init__(self, price_watch: _Optional[_Union[_price_watch_pb2.PriceWatch, _Mapping]] = ...) -> None: ...

class ResumePriceWatchRequest(_message.Message):
    __slots__ = ["id"]
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class ResumePriceWatchResponse(_message.Message):
    __slots__ = ["price_watch"]
    PRICE_WATCH_FIELD_NUMBER: _ClassVar[int]
    price_watch: _price_watch_pb2.PriceWatch
    def __init__(self, price_watch: _Optional[_Union[_price_watch_pb2.PriceWatch, _Mapping]] = ...) -> None: ...

class RunPriceWatchRequest(_message.Message):
    __slots__ = ["id"]
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class RunPriceWatchResponse(_message.Message):
    __slots__ = ["observation"]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    observation: _price_observation_pb2.PriceObservation
    def __init__(self, observation: _Optional[_Union[_price_observation_pb2.PriceObservation, _Mapping]] = ...) -> None: ...

class UpdatePriceWatchRequest(_message.Message):
    __slots__ = ["etag", "id", "price_watch", "update_mask"]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_WATCH_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    etag: str
    id: str
    price_watch: _price_watch_pb2.PriceWatch
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, id: _Optional[str] = ..., price_watch: _Optional[_Union[_price_watch_pb2.PriceWatch, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class UpdatePriceWatchResponse(_message.Message):
    __slots__ = ["price_watch"]
    PRICE_WATCH_FIELD_NUMBER: _ClassVar[int]
    price_watch: _price_watch_pb2.PriceWatch
    def __init__(self, price_watch: _Optional[_Union[_price_watch_pb2.PriceWatch, _Mapping]] = ...) -> None: ...
