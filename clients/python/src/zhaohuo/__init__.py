"""zhaohuo (找货): a client of the service that searches the goods of 1688.

    from zhaohuo import Client, v1

    with Client.from_environment() as client:
        answer = client.search.keyword_search(v1.KeywordSearchRequest(keyword="蓝牙耳机", page_size=5))
        for product in answer.products:
            print(product.id, product.title)
"""

from zhaohuo import v1
from zhaohuo.client import Client, is_sandbox
from zhaohuo.errors import (
    ConflictError,
    ConnectionLostError,
    DeadlineError,
    Field,
    InvalidRequestError,
    LimitError,
    NotAllowedError,
    NotFoundError,
    NotOfferedError,
    PreconditionError,
    UnavailableError,
    ZhaohuoError,
    error_of,
)
from zhaohuo.resume import Batch, Events
from zhaohuo.version import VERSION as __version__

__all__ = [
    "Batch",
    "Client",
    "ConflictError",
    "ConnectionLostError",
    "DeadlineError",
    "Events",
    "Field",
    "InvalidRequestError",
    "LimitError",
    "NotAllowedError",
    "NotFoundError",
    "NotOfferedError",
    "PreconditionError",
    "UnavailableError",
    "ZhaohuoError",
    "__version__",
    "error_of",
    "is_sandbox",
    "v1",
]
