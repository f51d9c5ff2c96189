from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
PRODUCT_FILTER_CERTIFIED_FACTORY: ProductFilter
PRODUCT_FILTER_CROSS_BORDER_SELECTION: ProductFilter
PRODUCT_FILTER_CURATED_SUPPLY: ProductFilter
PRODUCT_FILTER_DROPSHIPPING: ProductFilter
PRODUCT_FILTER_EXPERIENCE_4: ProductFilter
PRODUCT_FILTER_EXPERIENCE_4_5: ProductFilter
PRODUCT_FILTER_EXPERIENCE_5: ProductFilter
PRODUCT_FILTER_EXPERIENCE_BELOW_4: ProductFilter
PRODUCT_FILTER_FREE_SHIPPING: ProductFilter
PRODUCT_FILTER_GLOBAL_SELECTION: ProductFilter
PRODUCT_FILTER_NEW_30_DAYS: ProductFilter
PRODUCT_FILTER_NEW_7_DAYS: ProductFilter
PRODUCT_FILTER_PICKUP_24H_95: ProductFilter
PRODUCT_FILTER_PICKUP_24H_99: ProductFilter
PRODUCT_FILTER_PICKUP_24H_BELOW_95: ProductFilter
PRODUCT_FILTER_PICKUP_48H_95: ProductFilter
PRODUCT_FILTER_PICKUP_48H_99: ProductFilter
PRODUCT_FILTER_PICKUP_48H_BELOW_95: ProductFilter
PRODUCT_FILTER_QUALITY_REFUND_NONE: ProductFilter
PRODUCT_FILTER_QUALITY_REFUND_UP_TO_1: ProductFilter
PRODUCT_FILTER_QUALITY_REFUND_UP_TO_10: ProductFilter
PRODUCT_FILTER_QUALITY_REFUND_UP_TO_5: ProductFilter
PRODUCT_FILTER_RETURNS_7_DAYS: ProductFilter
PRODUCT_FILTER_SELECTION_1688: ProductFilter
PRODUCT_FILTER_SHIPS_IN_24H: ProductFilter
PRODUCT_FILTER_SHIPS_IN_48H: ProductFilter
PRODUCT_FILTER_SHIPS_TODAY: ProductFilter
PRODUCT_FILTER_UNSPECIFIED: ProductFilter
SORT_ORDER_PRICE_ASC: SortOrder
SORT_ORDER_PRICE_DESC: SortOrder
SORT_ORDER_RELEVANCE: SortOrder
SORT_ORDER_REPURCHASE_DESC: SortOrder
SORT_ORDER_SALES_DESC: SortOrder
SORT_ORDER_UNSPECIFIED: SortOrder

class SalesFilter(_message.Message):
    __slots__ = ["all_time", "month", "two_weeks", "week"]
    ALL_TIME_FIELD_NUMBER: _ClassVar[int]
    MONTH_FIELD_NUMBER: _ClassVar[int]
    TWO_WEEKS_FIELD_NUMBER: _ClassVar[int]
    WEEK_FIELD_NUMBER: _ClassVar[int]
    all_time: SalesRange
    month: SalesRange
    two_weeks: SalesRange
    week: SalesRange
    def __init__(self, week: _Optional[_Union[SalesRange, _Mapping]] = ..., two_weeks: _Optional[_Union[SalesRange, _Mapping]] = ..., month: _Optional[_Union[SalesRange, _Mapping]] = ..., all_time: _Optional[_Union[SalesRange, _Mapping]] = ...) -> None: ...

class SalesRange(_message.Message):
    __slots__ = ["max", "min"]
    MAX_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    max: int
    min: int
    def __init__(self, min: _Optional[int] = ..., max: _Optional[int] = ...) -> None: ...

class SortOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ProductFilter(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
