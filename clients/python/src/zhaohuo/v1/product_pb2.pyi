from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
PRICE_KIND_DROPSHIPPING: PriceKind
PRICE_KIND_DROPSHIPPING_FREE_SHIPPING: PriceKind
PRICE_KIND_LIST: PriceKind
PRICE_KIND_PLUS: PriceKind
PRICE_KIND_PROMOTION: PriceKind
PRICE_KIND_RETAIL: PriceKind
PRICE_KIND_UNSPECIFIED: PriceKind
PRODUCT_BADGE_CROSS_BORDER_SELECTION: ProductBadge
PRODUCT_BADGE_CURATED_SUPPLY: ProductBadge
PRODUCT_BADGE_DROPSHIPPING: ProductBadge
PRODUCT_BADGE_PATENTED: ProductBadge
PRODUCT_BADGE_PROMOTION: ProductBadge
PRODUCT_BADGE_SHIPS_IN_24H: ProductBadge
PRODUCT_BADGE_SHIPS_IN_48H: ProductBadge
PRODUCT_BADGE_STRICT_SELECTION: ProductBadge
PRODUCT_BADGE_UNSPECIFIED: ProductBadge
SUPPLIER_KIND_CERTIFIED_FACTORY: SupplierKind
SUPPLIER_KIND_POWERFUL_MERCHANT: SupplierKind
SUPPLIER_KIND_SUPER_FACTORY: SupplierKind
SUPPLIER_KIND_TRUST_PASS_MEMBER: SupplierKind
SUPPLIER_KIND_UNSPECIFIED: SupplierKind

class InvoiceTerms(_message.Message):
    __slots__ = ["fast", "online", "taxpayer_type", "types"]
    FAST_FIELD_NUMBER: _ClassVar[int]
    ONLINE_FIELD_NUMBER: _ClassVar[int]
    TAXPAYER_TYPE_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    fast: bool
    online: bool
    taxpayer_type: str
    types: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, online: bool = ..., fast: bool = ..., types: _Optional[_Iterable[str]] = ..., taxpayer_type: _Optional[str] = ...) -> None: ...

class KindPrice(_message.Message):
    __slots__ = ["end_time", "foreign_price", "kind", "kind_text", "price"]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_PRICE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    KIND_TEXT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    end_time: _timestamp_pb2.Timestamp
    foreign_price: _money_pb2.Money
    kind: PriceKind
    kind_text: str
    price: _money_pb2.Money
    def __init__(self, kind: _Optional[_Union[PriceKind, str]] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., end_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., kind_text: _Optional[str] = ..., foreign_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class Product(_message.Message):
    __slots__ = ["badges", "category_ids", "create_time", "detail_url", "dropshipping_price", "id", "image_url", "image_url_translated", "invoice_terms", "minimum_order", "other_prices", "price", "price_max", "price_text", "promotion_end_time", "promotion_price", "raw_json", "repurchase_rate", "service_rates", "similarity", "sold_at_least", "sold_count", "sold_days", "supplier", "title", "title_translated", "update_time", "weekly_sold_at_least", "weekly_sold_count"]
    BADGES_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_IDS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DETAIL_URL_FIELD_NUMBER: _ClassVar[int]
    DROPSHIPPING_PRICE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URL_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URL_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    INVOICE_TERMS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_ORDER_FIELD_NUMBER: _ClassVar[int]
    OTHER_PRICES_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PRICE_MAX_FIELD_NUMBER: _ClassVar[int]
    PRICE_TEXT_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_END_TIME_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_PRICE_FIELD_NUMBER: _ClassVar[int]
    RAW_JSON_FIELD_NUMBER: _ClassVar[int]
    REPURCHASE_RATE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_RATES_FIELD_NUMBER: _ClassVar[int]
    SIMILARITY_FIELD_NUMBER: _ClassVar[int]
    SOLD_AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    SOLD_COUNT_FIELD_NUMBER: _ClassVar[int]
    SOLD_DAYS_FIELD_NUMBER: _ClassVar[int]
    SUPPLIER_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TITLE_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    WEEKLY_SOLD_AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    WEEKLY_SOLD_COUNT_FIELD_NUMBER: _ClassVar[int]
    badges: _containers.RepeatedScalarFieldContainer[ProductBadge]
    category_ids: _containers.RepeatedScalarFieldContainer[str]
    create_time: _timestamp_pb2.Timestamp
    detail_url: str
    dropshipping_price: _money_pb2.Money
    id: str
    image_url: str
    image_url_translated: str
    invoice_terms: InvoiceTerms
    minimum_order: int
    other_prices: _containers.RepeatedCompositeFieldContainer[KindPrice]
    price: _money_pb2.Money
    price_max: _money_pb2.Money
    price_text: str
    promotion_end_time: _timestamp_pb2.Timestamp
    promotion_price: _money_pb2.Money
    raw_json: str
    repurchase_rate: float
    service_rates: ServiceRates
    similarity: float
    sold_at_least: bool
    sold_count: int
    sold_days: int
    supplier: Supplier
    title: str
    title_translated: str
    update_time: _timestamp_pb2.Timestamp
    weekly_sold_at_least: bool
    weekly_sold_count: int
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., title_translated: _Optional[str] = ..., image_url: _Optional[str] = ..., detail_url: _Optional[str] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., price_max: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., price_text: _Optional[str] = ..., promotion_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., dropshipping_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., supplier: _Optional[_Union[Supplier, _Mapping]] = ..., minimum_order: _Optional[int] = ..., sold_count: _Optional[int] = ..., sold_at_least: bool = ..., sold_days: _Optional[int] = ..., repurchase_rate: _Optional[float] = ..., badges: _Optional[_Iterable[_Union[ProductBadge, str]]] = ..., similarity: _Optional[float] = ..., category_ids: _Optional[_Iterable[str]] = ..., raw_json: _Optional[str] = ..., other_prices: _Optional[_Iterable[_Union[KindPrice, _Mapping]]] = ..., promotion_end_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., weekly_sold_count: _Optional[int] = ..., weekly_sold_at_least: bool = ..., service_rates: _Optional[_Union[ServiceRates, _Mapping]] = ..., invoice_terms: _Optional[_Union[InvoiceTerms, _Mapping]] = ..., image_url_translated: _Optional[str] = ...) -> None: ...

class ServiceRates(_message.Message):
    __slots__ = ["monthly_perfect_fulfillment_rate", "monthly_pickup24h_rate", "monthly_pickup48h_rate", "monthly_quality_return_rate", "positive_rating_rate", "weekly_delayed_shipping_rate", "weekly_perfect_fulfillment_rate", "weekly_pickup24h_rate"]
    MONTHLY_PERFECT_FULFILLMENT_RATE_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_PICKUP24H_RATE_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_PICKUP48H_RATE_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_QUALITY_RETURN_RATE_FIELD_NUMBER: _ClassVar[int]
    POSITIVE_RATING_RATE_FIELD_NUMBER: _ClassVar[int]
    WEEKLY_DELAYED_SHIPPING_RATE_FIELD_NUMBER: _ClassVar[int]
    WEEKLY_PERFECT_FULFILLMENT_RATE_FIELD_NUMBER: _ClassVar[int]
    WEEKLY_PICKUP24H_RATE_FIELD_NUMBER: _ClassVar[int]
    monthly_perfect_fulfillment_rate: float
    monthly_pickup24h_rate: float
    monthly_pickup48h_rate: float
    monthly_quality_return_rate: float
    positive_rating_rate: float
    weekly_delayed_shipping_rate: float
    weekly_perfect_fulfillment_rate: float
    weekly_pickup24h_rate: float
    def __init__(self, weekly_pickup24h_rate: _Optional[float] = ..., monthly_pickup24h_rate: _Optional[float] = ..., monthly_pickup48h_rate: _Optional[float] = ..., weekly_delayed_shipping_rate: _Optional[float] = ..., weekly_perfect_fulfillment_rate: _Optional[float] = ..., monthly_perfect_fulfillment_rate: _Optional[float] = ..., monthly_quality_return_rate: _Optional[float] = ..., positive_rating_rate: _Optional[float] = ...) -> None: ...

class Supplier(_message.Message):
    __slots__ = ["id", "kinds", "location", "name", "repurchase_rate", "scores", "service_rates", "trade_medal_level", "trust_pass_years"]
    ID_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REPURCHASE_RATE_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    SERVICE_RATES_FIELD_NUMBER: _ClassVar[int]
    TRADE_MEDAL_LEVEL_FIELD_NUMBER: _ClassVar[int]
    TRUST_PASS_YEARS_FIELD_NUMBER: _ClassVar[int]
    id: str
    kinds: _containers.RepeatedScalarFieldContainer[SupplierKind]
    location: str
    name: str
    repurchase_rate: float
    scores: SupplierScores
    service_rates: ServiceRates
    trade_medal_level: int
    trust_pass_years: int
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., location: _Optional[str] = ..., kinds: _Optional[_Iterable[_Union[SupplierKind, str]]] = ..., scores: _Optional[_Union[SupplierScores, _Mapping]] = ..., trust_pass_years: _Optional[int] = ..., trade_medal_level: _Optional[int] = ..., repurchase_rate: _Optional[float] = ..., service_rates: _Optional[_Union[ServiceRates, _Mapping]] = ...) -> None: ...

class SupplierScores(_message.Message):
    __slots__ = ["after_sales", "consultation", "disputes", "logistics", "overall", "products"]
    AFTER_SALES_FIELD_NUMBER: _ClassVar[int]
    CONSULTATION_FIELD_NUMBER: _ClassVar[int]
    DISPUTES_FIELD_NUMBER: _ClassVar[int]
    LOGISTICS_FIELD_NUMBER: _ClassVar[int]
    OVERALL_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    after_sales: float
    consultation: float
    disputes: float
    logistics: float
    overall: float
    products: float
    def __init__(self, overall: _Optional[float] = ..., logistics: _Optional[float] = ..., disputes: _Optional[float] = ..., products: _Optional[float] = ..., after_sales: _Optional[float] = ..., consultation: _Optional[float] = ...) -> None: ...

class PriceKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class ProductBadge(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class SupplierKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
