"""How a call is made: with a deadline, the caller's key and language, and repetitions where the server says that they help."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Generic, TypeVar

import grpc
from google.protobuf.message import Message

from zhaohuo.errors import error_of_call

Answer = TypeVar("Answer", bound=Message)


def _encoded(message: Message) -> bytes:
    return message.SerializeToString()


class Answers(Generic[Answer], Iterator[Answer]):
    """The messages of a stream, as they arrive. close, or the end of a with block, cancels the call."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __next__(self) -> Answer:
        try:
            message: Answer = next(self._call)
        except grpc.RpcError as error:
            raise error_of_call(error) from error
        return message

    def close(self) -> None:
        """Cancel the call. What arrived and was not read is lost."""
        self._call.cancel()

    def __enter__(self) -> Answers[Answer]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Calls:
    """Makes calls over a channel. It is safe for concurrent use, as the channel is."""

    def __init__(
        self, channel: grpc.Channel, *, metadata: Sequence[tuple[str, str]], timeout: float, attempts: int
    ) -> None:
        self.timeout = timeout
        self.attempts = attempts
        self._channel = channel
        self._metadata = tuple(metadata)

    def unary(self, path: str, request: Message, answer: type[Answer], *, timeout: float | None, repeat: bool) -> Answer:
        """Ask once and get one answer. timeout is that of all attempts together; None: the client's."""
        method = self._channel.unary_unary(path, request_serializer=_encoded, response_deserializer=answer.FromString)
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        attempt = 1
        while True:
            try:
                got: Answer = method(request, timeout=max(0.0, end - time.monotonic()), metadata=self._metadata)
                return got
            except grpc.RpcError as failed:
                error = error_of_call(failed)
                wait = error.retry_after
                if not repeat or wait is None or attempt >= self.attempts or time.monotonic() + wait >= end:
                    raise error from failed
            time.sleep(wait)
            attempt += 1

    def stream(self, path: str, request: Message, answer: type[Answer], *, timeout: float | None) -> Answers[Answer]:
        """Ask once and get a stream of answers."""
        method = self._channel.unary_stream(path, request_serializer=_encoded, response_deserializer=answer.FromString)
        return Answers(method(request, timeout=timeout, metadata=self._metadata))

    def upload(self, path: str, requests: Iterable[Message], answer: type[Answer], *, timeout: float | None) -> Answer:
        """Send a stream and get one answer. An exception of the requests ends the call and is raised here."""
        method = self._channel.stream_unary(path, request_serializer=_encoded, response_deserializer=answer.FromString)
        sent = _Sent(requests)
        try:
            got: Answer = method(sent, timeout=self.timeout if timeout is None else timeout, metadata=self._metadata)
            return got
        except grpc.RpcError as failed:
            if sent.failure is not None:
                raise sent.failure
            raise error_of_call(failed) from failed

    def both(
        self, path: str, requests: Iterable[Message], answer: type[Answer], *, timeout: float | None
    ) -> Answers[Answer]:
        """Send a stream and get one."""
        method = self._channel.stream_stream(path, request_serializer=_encoded, response_deserializer=answer.FromString)
        return Answers(method(iter(requests), timeout=timeout, metadata=self._metadata))


class _Sent(Iterator[Message]):
    """Requests that are sent. grpcio reads them in another thread and hides their exceptions: here they are kept."""

    def __init__(self, requests: Iterable[Message]) -> None:
        self.failure: Exception | None = None
        self._requests = iter(requests)

    def __next__(self) -> Message:
        try:
            return next(self._requests)
        except StopIteration:
            raise
        except Exception as error:
            self.failure = error
            raise
