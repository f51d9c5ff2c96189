from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
PRICE_BASIS_EXACT_AT_QUANTITY: PriceBasis
PRICE_BASIS_FROM_TIERS: PriceBasis
PRICE_BASIS_LIST: PriceBasis
PRICE_BASIS_LOWEST_OF_RANGE: PriceBasis
PRICE_BASIS_PROMOTION: PriceBasis
PRICE_BASIS_UNSPECIFIED: PriceBasis

class PriceBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
