from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from zhaohuo.v1 import product_detail_pb2 as _product_detail_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
FREIGHT_BASIS_ESTIMATE: FreightBasis
FREIGHT_BASIS_ORDER_PREVIEW: FreightBasis
FREIGHT_BASIS_UNSPECIFIED: FreightBasis
FREIGHT_CHARGE_PIECES: FreightCharge
FREIGHT_CHARGE_UNSPECIFIED: FreightCharge
FREIGHT_CHARGE_VOLUME: FreightCharge
FREIGHT_CHARGE_WEIGHT: FreightCharge
FREIGHT_DELIVERY_CARGO: FreightDelivery
FREIGHT_DELIVERY_CASH_ON_DELIVERY: FreightDelivery
FREIGHT_DELIVERY_EXPRESS: FreightDelivery
FREIGHT_DELIVERY_OFFICIAL: FreightDelivery
FREIGHT_DELIVERY_UNSPECIFIED: FreightDelivery
FREIGHT_TARIFF_KIND_OFFICIAL: FreightTariffKind
FREIGHT_TARIFF_KIND_OWN: FreightTariffKind
FREIGHT_TARIFF_KIND_SELLER_PAYS: FreightTariffKind
FREIGHT_TARIFF_KIND_UNSPECIFIED: FreightTariffKind

class EstimateFreightRequest(_message.Message):
    __slots__ = ["destination", "id", "max_staleness", "quantity", "skus"]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    destination: FreightDestination
    id: str
    max_staleness: _duration_pb2.Duration
    quantity: int
    skus: _containers.RepeatedCompositeFieldContainer[FreightSku]
    def __init__(self, id: _Optional[str] = ..., destination: _Optional[_Union[FreightDestination, _Mapping]] = ..., quantity: _Optional[int] = ..., skus: _Optional[_Iterable[_Union[FreightSku, _Mapping]]] = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class EstimateFreightResponse(_message.Message):
    __slots__ = ["freight", "meta"]
    FREIGHT_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    freight: FreightQuote
    meta: _answer_meta_pb2.AnswerMeta
    def __init__(self, freight: _Optional[_Union[FreightQuote, _Mapping]] = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...

class FreightDestination(_message.Message):
    __slots__ = ["city_code", "city_name", "district_code", "district_name", "province_code", "province_name"]
    CITY_CODE_FIELD_NUMBER: _ClassVar[int]
    CITY_NAME_FIELD_NUMBER: _ClassVar[int]
    DISTRICT_CODE_FIELD_NUMBER: _ClassVar[int]
    DISTRICT_NAME_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_CODE_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_NAME_FIELD_NUMBER: _ClassVar[int]
    city_code: str
    city_name: str
    district_code: str
    district_name: str
    province_code: str
    province_name: str
    def __init__(self, province_code: _Optional[str] = ..., city_code: _Optional[str] = ..., district_code: _Optional[str] = ..., province_name: _Optional[str] = ..., city_name: _Optional[str] = ..., district_name: _Optional[str] = ...) -> None: ...

class FreightQuote(_message.Message):
    __slots__ = ["amount", "amount_text", "basis", "free", "product_id", "quantity", "size", "skus", "tariff", "weight_grams"]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_TEXT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    FREE_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    TARIFF_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_GRAMS_FIELD_NUMBER: _ClassVar[int]
    amount: _money_pb2.Money
    amount_text: str
    basis: FreightBasis
    free: bool
    product_id: str
    quantity: int
    size: _product_detail_pb2.ProductDimensions
    skus: _containers.RepeatedCompositeFieldContainer[FreightSkuSize]
    tariff: FreightTariff
    weight_grams: int
    def __init__(self, product_id: _Optional[str] = ..., quantity: _Optional[int] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., amount_text: _Optional[str] = ..., free: bool = ..., basis: _Optional[_Union[FreightBasis, str]] = ..., tariff: _Optional[_Union[FreightTariff, _Mapping]] = ..., weight_grams: _Optional[int] = ..., size: _Optional[_Union[_product_detail_pb2.ProductDimensions, _Mapping]] = ..., skus: _Optional[_Iterable[_Union[FreightSkuSize, _Mapping]]] = ...) -> None: ...

class FreightSku(_message.Message):
    __slots__ = ["id", "quantity", "spec_id"]
    ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SPEC_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    quantity: int
    spec_id: str
    def __init__(self, id: _Optional[str] = ..., spec_id: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class FreightSkuSize(_message.Message):
    __slots__ = ["id", "size", "weight_grams"]
    ID_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_GRAMS_FIELD_NUMBER: _ClassVar[int]
    id: str
    size: _product_detail_pb2.ProductDimensions
    weight_grams: int
    def __init__(self, id: _Optional[str] = ..., weight_grams: _Optional[int] = ..., size: _Optional[_Union[_product_detail_pb2.ProductDimensions, _Mapping]] = ...) -> None: ...

class FreightTariff(_message.Message):
    __slots__ = ["charge", "delivery", "delivery_name", "discount", "first_fee", "first_units", "id", "kind", "name", "next_fee", "next_units"]
    CHARGE_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_NAME_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_FEE_FIELD_NUMBER: _ClassVar[int]
    FIRST_UNITS_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NEXT_FEE_FIELD_NUMBER: _ClassVar[int]
    NEXT_UNITS_FIELD_NUMBER: _ClassVar[int]
    charge: FreightCharge
    delivery: FreightDelivery
    delivery_name: str
    discount: str
    first_fee: _money_pb2.Money
    first_units: str
    id: str
    kind: FreightTariffKind
    name: str
    next_fee: _money_pb2.Money
    next_units: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., kind: _Optional[_Union[FreightTariffKind, str]] = ..., delivery: _Optional[_Union[FreightDelivery, str]] = ..., delivery_name: _Optional[str] = ..., charge: _Optional[_Union[FreightCharge, str]] = ..., first_fee: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., first_units: _Optional[str] = ..., next_fee: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., next_units: _Optional[str] = ..., discount: _Optional[str] = ...) -> None: ...

class FreightBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class FreightTariffKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class FreightDelivery(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class FreightCharge(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
