"""Streams that go on where they were when the connection ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from zhaohuo import v1
from zhaohuo.calls import Answers
from zhaohuo.errors import ZhaohuoError
from zhaohuo.services import PriceWatchService, SearchService

Message = TypeVar("Message", v1.BatchKeywordSearchResponse, v1.StreamPriceEventsResponse)

# The longest time between two attempts, in seconds.
LONGEST_WAIT = 5.0

# What gRPC itself says of a connection that ended.
_CUT = ("UNAVAILABLE", "INTERNAL", "UNKNOWN", "CANCELLED")


class Resumed(Generic[Message]):
    """A stream that is asked for anew when it is cut."""

    def __init__(self, *, attempts: int, wait: float) -> None:
        self._attempts = attempts
        self._first_wait = wait
        self._failed = 0
        self._stream: Answers[Message] | None = None
        self._closed = threading.Event()

    def _open(self) -> Answers[Message]:
        raise NotImplementedError

    def _receive(self) -> Message | None:
        """Wait for the next message; None: the server ended the stream, or close was called."""
        while not self._closed.is_set():
            try:
                if self._stream is None:
                    self._stream = self._open()
                message = next(self._stream, None)
            except ZhaohuoError as error:
                self._stream = None
                if self._closed.is_set():
                    return None
                self._pause(error)
                continue
            self._failed = 0
            return message
        return None

    def _pause(self, error: ZhaohuoError) -> None:
        """Wait before the next attempt. Raise the error if there is none."""
        self._failed += 1
        if not _passes(error) or self._failed >= self._attempts:
            raise error
        wait: float = min(self._first_wait * 2 ** (self._failed - 1), LONGEST_WAIT)
        self._closed.wait(max(wait, error.retry_after or 0.0))

    def close(self) -> None:
        """End the stream. It may be called from another thread."""
        self._closed.set()
        if self._stream is not None:
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _passes(error: ZhaohuoError) -> bool:
    """Tell whether the same request can succeed later: the connection was cut, the stream's time ended, or the server says so."""
    if error.retry_after is not None:
        return True
    if error.reason:
        return error.code == "DEADLINE_EXCEEDED"
    return error.code in _CUT


class Batch(Resumed[v1.BatchKeywordSearchResponse], Iterator[v1.BatchKeywordResult]):
    """The results of a batch of keywords, each once, in the order in which they are ready.

    A result has a page of goods (response) or says why there is none (error, see zhaohuo.error_of). resume_token goes on
    after the last result that was given, also in another process: put it into an otherwise equal request.
    """

    def __init__(
        self, service: SearchService, request: v1.BatchKeywordSearchRequest, *, attempts: int, wait: float
    ) -> None:
        super().__init__(attempts=attempts, wait=wait)
        self._service = service
        self._request = v1.BatchKeywordSearchRequest()
        self._request.CopyFrom(request)
        self._given: set[tuple[str, int]] = set()
        self.progress: v1.BatchKeywordProgress | None = None

    @property
    def resume_token(self) -> str:
        """The token after the last message; "" before the first."""
        return self._request.resume_token

    def _open(self) -> Answers[v1.BatchKeywordSearchResponse]:
        return self._service.batch_keyword_search(self._request)

    def __next__(self) -> v1.BatchKeywordResult:
        while (message := self._receive()) is not None:
            self._request.resume_token = message.resume_token or self._request.resume_token
            if message.HasField("progress"):
                self.progress = message.progress
                continue
            asked = (message.result.keyword, message.result.page)
            if asked not in self._given:
                self._given.add(asked)
                return message.result
        self._closed.set()
        raise StopIteration


class Events(Resumed[v1.StreamPriceEventsResponse], Iterator[v1.PriceEvent]):
    """The events of price watches as they happen, each once, those of one watch in order.

    It has no end of its own: end it by close, or by leaving its with block. after_event_id goes on after the last event
    that was given, also in another process.
    """

    def __init__(self, service: PriceWatchService, watch_id: str, after: str, *, attempts: int, wait: float) -> None:
        super().__init__(attempts=attempts, wait=wait)
        self._service = service
        self._request = v1.StreamPriceEventsRequest(watch_id=watch_id, after_event_id=after)
        self._last: dict[str, int] = {}

    @property
    def after_event_id(self) -> str:
        """The id after which to go on; "" while nothing has arrived."""
        return self._request.after_event_id

    def _open(self) -> Answers[v1.StreamPriceEventsResponse]:
        return self._service.stream_price_events(self._request)

    def __next__(self) -> v1.PriceEvent:
        while not self._closed.is_set():
            message = self._receive()
            if message is None:
                self._stream = None
                self._closed.wait(self._first_wait)  # The server stops: another one may serve.
                continue
            if not message.HasField("event"):
                self._request.after_event_id = message.heartbeat_after_event_id
                continue
            event = message.event
            self._request.after_event_id = event.id
            # Of two events of one watch the later one has the larger id.
            if int(event.id) > self._last.get(event.watch_id, 0):
                self._last[event.watch_id] = int(event.id)
                return event
        raise StopIteration
