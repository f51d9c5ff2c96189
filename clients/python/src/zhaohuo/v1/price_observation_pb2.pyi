from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo._google.rpc import status_pb2 as _status_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from zhaohuo.v1 import compare_prices_pb2 as _compare_prices_pb2
from zhaohuo.v1 import price_basis_pb2 as _price_basis_pb2
from zhaohuo.v1 import product_trends_pb2 as _product_trends_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
PRICE_RESOLUTION_DAY: PriceResolution
PRICE_RESOLUTION_HOUR: PriceResolution
PRICE_RESOLUTION_UNSPECIFIED: PriceResolution

class ListPriceObservationsRequest(_message.Message):
    __slots__ = ["end_time", "id", "page_size", "page_token", "resolution", "start_time", "summary_only"]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_ONLY_FIELD_NUMBER: _ClassVar[int]
    end_time: _timestamp_pb2.Timestamp
    id: str
    page_size: int
    page_token: str
    resolution: PriceResolution
    start_time: _timestamp_pb2.Timestamp
    summary_only: bool
    def __init__(self, id: _Optional[str] = ..., start_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., resolution: _Optional[_Union[PriceResolution, str]] = ..., summary_only: bool = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPriceObservationsResponse(_message.Message):
    __slots__ = ["next_page_token", "observations"]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    next_page_token: str
    observations: _containers.RepeatedCompositeFieldContainer[PriceObservation]
    def __init__(self, observations: _Optional[_Iterable[_Union[PriceObservation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ObservedPrice(_message.Message):
    __slots__ = ["image_compared", "image_url", "min_order_quantity", "price", "price_basis", "product_id", "sold_count", "supplier_id", "supplier_name", "tiers", "title", "unpriced"]
    IMAGE_COMPARED_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URL_FIELD_NUMBER: _ClassVar[int]
    MIN_ORDER_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_BASIS_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    SOLD_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUPPLIER_ID_FIELD_NUMBER: _ClassVar[int]
    SUPPLIER_NAME_FIELD_NUMBER: _ClassVar[int]
    TIERS_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    UNPRICED_FIELD_NUMBER: _ClassVar[int]
    image_compared: bool
    image_url: str
    min_order_quantity: int
    price: _money_pb2.Money
    price_basis: _price_basis_pb2.PriceBasis
    product_id: str
    sold_count: int
    supplier_id: str
    supplier_name: str
    tiers: _containers.RepeatedCompositeFieldContainer[_compare_prices_pb2.QuantityPrice]
    title: str
    unpriced: _compare_prices_pb2.UnpricedReason
    def __init__(self, product_id: _Optional[str] = ..., title: _Optional[str] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., price_basis: _Optional[_Union[_price_basis_pb2.PriceBasis, str]] = ..., unpriced: _Optional[_Union[_compare_prices_pb2.UnpricedReason, str]] = ..., min_order_quantity: _Optional[int] = ..., sold_count: _Optional[int] = ..., supplier_id: _Optional[str] = ..., supplier_name: _Optional[str] = ..., image_compared: bool = ..., tiers: _Optional[_Iterable[_Union[_compare_prices_pb2.QuantityPrice, _Mapping]]] = ..., image_url: _Optional[str] = ...) -> None: ...

class PriceObservation(_message.Message):
    __slots__ = ["due_time", "error", "fetch_time", "image_url", "product_count", "products", "source", "statistics", "unseen", "upstream_calls", "watch_id"]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FETCH_TIME_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URL_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_COUNT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    UNSEEN_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    WATCH_ID_FIELD_NUMBER: _ClassVar[int]
    due_time: _timestamp_pb2.Timestamp
    error: _status_pb2.Status
    fetch_time: _timestamp_pb2.Timestamp
    image_url: str
    product_count: int
    products: _containers.RepeatedCompositeFieldContainer[ObservedPrice]
    source: _answer_meta_pb2.AnswerSource
    statistics: _compare_prices_pb2.PriceStatistics
    unseen: _containers.RepeatedScalarFieldContainer[str]
    upstream_calls: int
    watch_id: str
    def __init__(self, watch_id: _Optional[str] = ..., due_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., fetch_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., source: _Optional[_Union[_answer_meta_pb2.AnswerSource, str]] = ..., upstream_calls: _Optional[int] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ..., statistics: _Optional[_Union[_compare_prices_pb2.PriceStatistics, _Mapping]] = ..., product_count: _Optional[int] = ..., products: _Optional[_Iterable[_Union[ObservedPrice, _Mapping]]] = ..., unseen: _Optional[_Iterable[str]] = ..., image_url: _Optional[str] = ...) -> None: ...

class PriceTrendPoint(_message.Message):
    __slots__ = ["failed_count", "max", "median", "min", "observation_count", "q1", "q3", "time"]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    Q1_FIELD_NUMBER: _ClassVar[int]
    Q3_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    failed_count: int
    max: _money_pb2.Money
    median: _money_pb2.Money
    min: _money_pb2.Money
    observation_count: int
    q1: _money_pb2.Money
    q3: _money_pb2.Money
    time: _timestamp_pb2.Timestamp
    def __init__(self, time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., min: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., q1: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., median: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., q3: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., max: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., observation_count: _Optional[int] = ..., failed_count: _Optional[int] = ...) -> None: ...

class ProductPricePoint(_message.Message):
    __slots__ = ["price", "price_basis", "time"]
    PRICE_BASIS_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    price: _money_pb2.Money
    price_basis: _price_basis_pb2.PriceBasis
    time: _timestamp_pb2.Timestamp
    def __init__(self, time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., price_basis: _Optional[_Union[_price_basis_pb2.PriceBasis, str]] = ...) -> None: ...

class ProductPriceTrend(_message.Message):
    __slots__ = ["points", "product_id", "title"]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[ProductPricePoint]
    product_id: str
    title: str
    def __init__(self, product_id: _Optional[str] = ..., title: _Optional[str] = ..., points: _Optional[_Iterable[_Union[ProductPricePoint, _Mapping]]] = ...) -> None: ...

class QueryPriceTrendRequest(_message.Message):
    __slots__ = ["end_time", "id", "product_ids", "recorded_product_ids", "resolution", "start_time"]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    RECORDED_PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    end_time: _timestamp_pb2.Timestamp
    id: str
    product_ids: _containers.RepeatedScalarFieldContainer[str]
    recorded_product_ids: _containers.RepeatedScalarFieldContainer[str]
    resolution: PriceResolution
    start_time: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., start_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., resolution: _Optional[_Union[PriceResolution, str]] = ..., product_ids: _Optional[_Iterable[str]] = ..., recorded_product_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class QueryPriceTrendResponse(_message.Message):
    __slots__ = ["points", "products", "recorded", "recorded_meta", "resolution", "source", "watch_display_name"]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    RECORDED_META_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    WATCH_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[PriceTrendPoint]
    products: _containers.RepeatedCompositeFieldContainer[ProductPriceTrend]
    recorded: _containers.RepeatedCompositeFieldContainer[_product_trends_pb2.RecordedTrends]
    recorded_meta: _answer_meta_pb2.AnswerMeta
    resolution: PriceResolution
    source: _answer_meta_pb2.AnswerSource
    watch_display_name: str
    def __init__(self, resolution: _Optional[_Union[PriceResolution, str]] = ..., points: _Optional[_Iterable[_Union[PriceTrendPoint, _Mapping]]] = ..., products: _Optional[_Iterable[_Union[ProductPriceTrend, _Mapping]]] = ..., source: _Optional[_Union[_answer_meta_pb2.AnswerSource, str]] = ..., watch_display_name: _Optional[str] = ..., recorded: _Optional[_Iterable[_Union[_product_trends_pb2.RecordedTrends, _Mapping]]] = ..., recorded_meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...

class PriceResolution(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
