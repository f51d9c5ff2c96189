from google.protobuf import duration_pb2 as _duration_pb2
from zhaohuo._google.rpc import status_pb2 as _status_pb2
from zhaohuo._google.type import money_pb2 as _money_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from zhaohuo.v1 import product_pb2 as _product_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
PRODUCT_STATUS_OFF_SALE: ProductStatus
PRODUCT_STATUS_ON_SALE: ProductStatus
PRODUCT_STATUS_UNSPECIFIED: ProductStatus

class BatchGetProductsRequest(_message.Message):
    __slots__ = ["currency", "ids", "include_descriptions", "include_raw", "language_code", "max_staleness", "out_member_id"]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    IDS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_DESCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RAW_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    OUT_MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    currency: str
    ids: _containers.RepeatedScalarFieldContainer[str]
    include_descriptions: bool
    include_raw: bool
    language_code: str
    max_staleness: _duration_pb2.Duration
    out_member_id: str
    def __init__(self, ids: _Optional[_Iterable[str]] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., include_descriptions: bool = ..., currency: _Optional[str] = ..., out_member_id: _Optional[str] = ...) -> None: ...

class BatchGetProductsResponse(_message.Message):
    __slots__ = ["meta", "results"]
    META_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    meta: _answer_meta_pb2.AnswerMeta
    results: _containers.RepeatedCompositeFieldContainer[ProductResult]
    def __init__(self, results: _Optional[_Iterable[_Union[ProductResult, _Mapping]]] = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...

class GetProductRequest(_message.Message):
    __slots__ = ["currency", "id", "include_raw", "language_code", "max_staleness", "out_member_id"]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_RAW_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_FIELD_NUMBER: _ClassVar[int]
    OUT_MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    currency: str
    id: str
    include_raw: bool
    language_code: str
    max_staleness: _duration_pb2.Duration
    out_member_id: str
    def __init__(self, id: _Optional[str] = ..., language_code: _Optional[str] = ..., include_raw: bool = ..., max_staleness: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., currency: _Optional[str] = ..., out_member_id: _Optional[str] = ...) -> None: ...

class GetProductResponse(_message.Message):
    __slots__ = ["meta", "product"]
    META_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    meta: _answer_meta_pb2.AnswerMeta
    product: ProductDetail
    def __init__(self, product: _Optional[_Union[ProductDetail, _Mapping]] = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ...) -> None: ...

class MixedOrderRule(_message.Message):
    __slots__ = ["accepted", "minimum_amount", "minimum_quantity"]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    minimum_amount: _money_pb2.Money
    minimum_quantity: int
    def __init__(self, accepted: bool = ..., minimum_amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., minimum_quantity: _Optional[int] = ...) -> None: ...

class PriceTier(_message.Message):
    __slots__ = ["foreign_price", "foreign_promotion_price", "min_quantity", "other_prices", "price", "promotion_price"]
    FOREIGN_PRICE_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_PROMOTION_PRICE_FIELD_NUMBER: _ClassVar[int]
    MIN_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    OTHER_PRICES_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_PRICE_FIELD_NUMBER: _ClassVar[int]
    foreign_price: _money_pb2.Money
    foreign_promotion_price: _money_pb2.Money
    min_quantity: int
    other_prices: _containers.RepeatedCompositeFieldContainer[_product_pb2.KindPrice]
    price: _money_pb2.Money
    promotion_price: _money_pb2.Money
    def __init__(self, min_quantity: _Optional[int] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., promotion_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., other_prices: _Optional[_Iterable[_Union[_product_pb2.KindPrice, _Mapping]]] = ..., foreign_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., foreign_promotion_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class ProductAttribute(_message.Message):
    __slots__ = ["id", "name", "name_translated", "value", "value_translated"]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAME_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    VALUE_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    name_translated: str
    value: str
    value_translated: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., value: _Optional[str] = ..., name_translated: _Optional[str] = ..., value_translated: _Optional[str] = ...) -> None: ...

class ProductCertificate(_message.Message):
    __slots__ = ["code", "image_urls", "name"]
    CODE_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URLS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    code: str
    image_urls: _containers.RepeatedScalarFieldContainer[str]
    name: str
    def __init__(self, name: _Optional[str] = ..., code: _Optional[str] = ..., image_urls: _Optional[_Iterable[str]] = ...) -> None: ...

class ProductDetail(_message.Message):
    __slots__ = ["attributes", "batch_size", "cargo_number", "category_name", "certificates", "description_html", "description_html_translated", "description_url_translated", "image_urls", "image_urls_translated", "mixed_order", "price_tiers", "selling_points", "ships_from", "size", "skus", "status", "status_text", "stock", "summary", "unit", "unit_translated", "video_url", "weight_grams"]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    CARGO_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_NAME_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATES_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_HTML_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_HTML_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_URL_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URLS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URLS_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    MIXED_ORDER_FIELD_NUMBER: _ClassVar[int]
    PRICE_TIERS_FIELD_NUMBER: _ClassVar[int]
    SELLING_POINTS_FIELD_NUMBER: _ClassVar[int]
    SHIPS_FROM_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATUS_TEXT_FIELD_NUMBER: _ClassVar[int]
    STOCK_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    UNIT_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    VIDEO_URL_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_GRAMS_FIELD_NUMBER: _ClassVar[int]
    attributes: _containers.RepeatedCompositeFieldContainer[ProductAttribute]
    batch_size: int
    cargo_number: str
    category_name: str
    certificates: _containers.RepeatedCompositeFieldContainer[ProductCertificate]
    description_html: str
    description_html_translated: str
    description_url_translated: str
    image_urls: _containers.RepeatedScalarFieldContainer[str]
    image_urls_translated: _containers.RepeatedScalarFieldContainer[str]
    mixed_order: MixedOrderRule
    price_tiers: _containers.RepeatedCompositeFieldContainer[PriceTier]
    selling_points: _containers.RepeatedScalarFieldContainer[str]
    ships_from: str
    size: ProductDimensions
    skus: _containers.RepeatedCompositeFieldContainer[ProductSku]
    status: ProductStatus
    status_text: str
    stock: int
    summary: _product_pb2.Product
    unit: str
    unit_translated: str
    video_url: str
    weight_grams: int
    def __init__(self, summary: _Optional[_Union[_product_pb2.Product, _Mapping]] = ..., status: _Optional[_Union[ProductStatus, str]] = ..., status_text: _Optional[str] = ..., price_tiers: _Optional[_Iterable[_Union[PriceTier, _Mapping]]] = ..., skus: _Optional[_Iterable[_Union[ProductSku, _Mapping]]] = ..., attributes: _Optional[_Iterable[_Union[ProductAttribute, _Mapping]]] = ..., image_urls: _Optional[_Iterable[str]] = ..., video_url: _Optional[str] = ..., description_html: _Optional[str] = ..., unit: _Optional[str] = ..., weight_grams: _Optional[int] = ..., size: _Optional[_Union[ProductDimensions, _Mapping]] = ..., ships_from: _Optional[str] = ..., stock: _Optional[int] = ..., batch_size: _Optional[int] = ..., category_name: _Optional[str] = ..., mixed_order: _Optional[_Union[MixedOrderRule, _Mapping]] = ..., certificates: _Optional[_Iterable[_Union[ProductCertificate, _Mapping]]] = ..., cargo_number: _Optional[str] = ..., selling_points: _Optional[_Iterable[str]] = ..., description_html_translated: _Optional[str] = ..., description_url_translated: _Optional[str] = ..., image_urls_translated: _Optional[_Iterable[str]] = ..., unit_translated: _Optional[str] = ...) -> None: ...

class ProductDimensions(_message.Message):
    __slots__ = ["height_mm", "length_mm", "width_mm"]
    HEIGHT_MM_FIELD_NUMBER: _ClassVar[int]
    LENGTH_MM_FIELD_NUMBER: _ClassVar[int]
    WIDTH_MM_FIELD_NUMBER: _ClassVar[int]
    height_mm: int
    length_mm: int
    width_mm: int
    def __init__(self, length_mm: _Optional[int] = ..., width_mm: _Optional[int] = ..., height_mm: _Optional[int] = ...) -> None: ...

class ProductResult(_message.Message):
    __slots__ = ["description_omitted", "error", "id", "product"]
    DESCRIPTION_OMITTED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    description_omitted: bool
    error: _status_pb2.Status
    id: str
    product: ProductDetail
    def __init__(self, id: _Optional[str] = ..., product: _Optional[_Union[ProductDetail, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ..., description_omitted: bool = ...) -> None: ...

class ProductSku(_message.Message):
    __slots__ = ["attributes", "cargo_number", "dropshipping_price", "foreign_price", "foreign_promotion_price", "id", "image_url", "image_url_translated", "other_prices", "price", "promotion_price", "size", "spec_id", "stock", "weight_grams"]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    CARGO_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DROPSHIPPING_PRICE_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_PRICE_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_PROMOTION_PRICE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URL_FIELD_NUMBER: _ClassVar[int]
    IMAGE_URL_TRANSLATED_FIELD_NUMBER: _ClassVar[int]
    OTHER_PRICES_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_PRICE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SPEC_ID_FIELD_NUMBER: _ClassVar[int]
    STOCK_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_GRAMS_FIELD_NUMBER: _ClassVar[int]
    attributes: _containers.RepeatedCompositeFieldContainer[ProductAttribute]
    cargo_number: str
    dropshipping_price: _money_pb2.Money
    foreign_price: _money_pb2.Money
    foreign_promotion_price: _money_pb2.Money
    id: str
    image_url: str
    image_url_translated: str
    other_prices: _containers.RepeatedCompositeFieldContainer[_product_pb2.KindPrice]
    price: _money_pb2.Money
    promotion_price: _money_pb2.Money
    size: ProductDimensions
    spec_id: str
    stock: int
    weight_grams: int
    def __init__(self, id: _Optional[str] = ..., spec_id: _Optional[str] = ..., attributes: _Optional[_Iterable[_Union[ProductAttribute, _Mapping]]] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., dropshipping_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., stock: _Optional[int] = ..., image_url: _Optional[str] = ..., weight_grams: _Optional[int] = ..., size: _Optional[_Union[ProductDimensions, _Mapping]] = ..., promotion_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., other_prices: _Optional[_Iterable[_Union[_product_pb2.KindPrice, _Mapping]]] = ..., cargo_number: _Optional[str] = ..., image_url_translated: _Optional[str] = ..., foreign_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., foreign_promotion_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class ProductStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
