"""A client of zhaohuo."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from google.protobuf.message import Message

from zhaohuo import environment, images, v1
from zhaohuo import pages as paging
from zhaohuo.calls import Calls
from zhaohuo.resume import Batch, Events
from zhaohuo.services import UNARY, CategoryService, ComboService, InfoService, PlatformService, PriceWatchService, ProductService, SearchService
from zhaohuo.version import VERSION

# Answers with descriptions or raw JSON can be larger than gRPC's own limit of 4 MiB.
_ANSWER_BYTES = 64 << 20

File = str | os.PathLike[str]


class Client:
    """A client of one server. It is safe for concurrent use. Close it, or use it as a context manager.

    address       HOST:PORT of the server's gRPC port; the default port is 9090
    key           the API key; None for a server without keys
    tls           speak TLS. ca, cert and cert_key imply it
    ca            file (PEM) of authorities to verify the server with, in place of those that gRPC knows
    cert          file (PEM) of the caller's certificate, with its private key in the file cert_key
    language      the language of messages of errors, as in Accept-Language: "en", or "zh-CN" for Chinese
    timeout       seconds for a call that answers once, all its attempts together
    attempts      how often a call is tried at most; it is repeated only where the server says that this helps
    resume_wait   seconds before a stream that was cut is asked for anew; it doubles up to 5 while nothing arrives
    interceptors  those of grpcio, for every attempt of every call

    ValueError names an option that cannot be. Nothing is sent before the first call.
    """

    search: SearchService
    product: ProductService
    category: CategoryService
    combo: ComboService
    price_watch: PriceWatchService
    platform: PlatformService
    info: InfoService

    def __init__(
        self,
        address: str = environment.DEFAULT_ADDRESS,
        *,
        key: str | None = None,
        tls: bool = False,
        ca: File | None = None,
        cert: File | None = None,
        cert_key: File | None = None,
        language: str = "en",
        timeout: float = 30.0,
        attempts: int = 4,
        resume_wait: float = 0.2,
        interceptors: Sequence[Any] = (),
    ) -> None:
        if attempts < 1 or timeout <= 0 or resume_wait < 0:
            raise ValueError("attempts must be at least 1, timeout above 0 and resume_wait not below 0")
        metadata = [("accept-language", language)]
        if key:
            metadata.append(("authorization", "Bearer " + environment.checked_key(key)))
        self.channel = _channel(environment.dialable(address), tls, ca, cert, cert_key)
        calls = Calls(grpc.intercept_channel(self.channel, *interceptors), metadata=metadata, timeout=timeout, attempts=attempts)
        self._calls = calls
        self._resume_wait = resume_wait
        self.search = SearchService(calls)
        self.product = ProductService(calls)
        self.category = CategoryService(calls)
        self.combo = ComboService(calls)
        self.price_watch = PriceWatchService(calls)
        self.platform = PlatformService(calls)
        self.info = InfoService(calls)

    @classmethod
    def from_environment(cls, **options: Any) -> Self:
        """Connect as the variables say (ZHAOHUO_GRPC_ADDR, ZHAOHUO_API_KEY, ZHAOHUO_TLS, ZHAOHUO_CA, ZHAOHUO_CERT,
        ZHAOHUO_CERT_KEY). An option that is given counts before its variable. ValueError names a wrong variable.
        """
        return cls(**{**environment.read(), **options})

    def server_info(self, *, timeout: float | None = None) -> v1.GetServerInfoResponse:
        """Ask what the server is: its version, mode (1688 or the sandbox), dialect, limits and quota."""
        return self.info.get_server_info(v1.GetServerInfoRequest(), timeout=timeout)

    def pages(self, request: Any, *, timeout: float | None = None) -> Iterator[Any]:
        """Give all pages of a call that has pages, from the request's page on. timeout is that of each page.

        TypeError: the call has no pages.
        """
        if type(request) not in UNARY:
            raise TypeError(f"{type(request).__name__} is no request of a call that answers once")
        path, answer, repeat = UNARY[type(request)]
        paging.check(request, answer)
        return paging.pages(
            request, lambda question: self._calls.unary(path, question, answer, timeout=timeout, repeat=repeat)
        )

    def products(self, request: Any, *, limit: int | None = None, timeout: float | None = None) -> Iterator[v1.Product]:
        """Give the products of all pages of a search, each once: at most limit, or all that pages can reach.

        Each page costs what the call costs, so ask for large pages. TypeError: the call has no pages of products.
        """
        if "products" not in UNARY.get(type(request), ("", v1.GetServerInfoResponse, False))[1].DESCRIPTOR.fields_by_name:
            raise TypeError(f"{type(request).__name__} finds no products")
        return _each_once(self.pages(request, timeout=timeout), limit)

    def upload(
        self, photo: images.Source, options: v1.ImageSearchOptions | None = None, *, timeout: float | None = None
    ) -> v1.ImageSearchResponse:
        """Search by a photo that is sent in chunks: the path of a file, bytes, an open file, or an iterable of bytes.

        It is read while it is sent, and never as one. What reading it raises is raised here.
        """
        return self.search.upload_image_search(images.upload_requests(photo, options), timeout=timeout).response

    def batch(self, request: v1.BatchKeywordSearchRequest) -> Batch:
        """Search by many keywords. When the connection ends, it goes on without asking for what was answered."""
        return Batch(self.search, request, attempts=self._calls.attempts, wait=self._resume_wait)

    def events(self, watch_id: str = "", *, after: str = "") -> Events:
        """Follow the events of a price watch, or of all. after is the id of an event; "0" begins with the oldest that is
        kept, "" with what happens from now on. When the connection ends, it goes on after the last event.
        """
        return Events(
            self.price_watch, watch_id, after, attempts=self._calls.attempts, wait=self._resume_wait
        )

    def close(self) -> None:
        """Close the connection. Calls that run are cancelled, and no more can be made."""
        self.channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def is_sandbox(answer: Message) -> bool:
    """Tell whether the goods of an answer are made up. TypeError: the message does not say it."""
    inner: Any = answer
    if "response" in answer.DESCRIPTOR.fields_by_name:
        inner = inner.response
    if "meta" not in inner.DESCRIPTOR.fields_by_name:
        raise TypeError(f"{answer.DESCRIPTOR.name} does not say where it is from")
    return bool(inner.meta.source == v1.ANSWER_SOURCE_SANDBOX)


def _each_once(pages: Iterator[Any], limit: int | None) -> Iterator[v1.Product]:
    given: set[str] = set()
    for page in pages:
        for product in page.products:
            if limit is not None and len(given) >= limit:
                return
            if product.id not in given:
                given.add(product.id)
                yield product
        if limit is not None and len(given) >= limit:
            return  # Without asking for the next page.


def _channel(address: str, tls: bool, ca: File | None, cert: File | None, cert_key: File | None) -> grpc.Channel:
    if (cert is None) != (cert_key is None):
        raise ValueError("cert and cert_key belong together")
    options = [
        ("grpc.max_receive_message_length", _ANSWER_BYTES),
        ("grpc.primary_user_agent", "zhaohuo-python/" + VERSION),
        # A connection that a router forgot ends, so that a stream can go on over another one.
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.max_pings_without_data", 0),
    ]
    if not (tls or ca or cert):
        return grpc.insecure_channel(address, options)
    return grpc.secure_channel(
        address,
        grpc.ssl_channel_credentials(
            root_certificates=_content(ca), private_key=_content(cert_key), certificate_chain=_content(cert)
        ),
        options,
    )


def _content(path: File | None) -> bytes | None:
    return Path(path).read_bytes() if path else None
