from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import freight_pb2 as _freight_pb2
from zhaohuo.v1 import price_basis_pb2 as _price_basis_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
LANDED_UNKNOWN_REASON_BUDGET: LandedUnknownReason
LANDED_UNKNOWN_REASON_CANNOT_BE_BOUGHT: LandedUnknownReason
LANDED_UNKNOWN_REASON_FREIGHT_FAILED: LandedUnknownReason
LANDED_UNKNOWN_REASON_FREIGHT_NOT_NAMED: LandedUnknownReason
LANDED_UNKNOWN_REASON_MAX_OFFERS: LandedUnknownReason
LANDED_UNKNOWN_REASON_PRICE_UNKNOWN: LandedUnknownReason
LANDED_UNKNOWN_REASON_TOO_LARGE: LandedUnknownReason
LANDED_UNKNOWN_REASON_UNSPECIFIED: LandedUnknownReason

class FreightQuestion(_message.Message):
    __slots__ = ["destination", "max_offers", "quantity"]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    MAX_OFFERS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    destination: _freight_pb2.FreightDestination
    max_offers: int
    quantity: int
    def __init__(self, destination: _Optional[_Union[_freight_pb2.FreightDestination, _Mapping]] = ..., quantity: _Optional[int] = ..., max_offers: _Optional[int] = ...) -> None: ...

class LandedCost(_message.Message):
    __slots__ = ["freight", "goods", "price_basis", "quantity", "total", "unknown_reason"]
    FREIGHT_FIELD_NUMBER: _ClassVar[int]
    GOODS_FIELD_NUMBER: _ClassVar[int]
    PRICE_BASIS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_REASON_FIELD_NUMBER: _ClassVar[int]
    freight: _freight_pb2.FreightQuote
    goods: _money_pb2.Money
    price_basis: _price_basis_pb2.PriceBasis
    quantity: int
    total: _money_pb2.Money
    unknown_reason: LandedUnknownReason
    def __init__(self, quantity: _Optional[int] = ..., goods: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., price_basis: _Optional[_Union[_price_basis_pb2.PriceBasis, str]] = ..., freight: _Optional[_Union[_freight_pb2.FreightQuote, _Mapping]] = ..., total: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., unknown_reason: _Optional[_Union[LandedUnknownReason, str]] = ...) -> None: ...

class LandedUnknownReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
