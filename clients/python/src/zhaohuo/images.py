"""Photos as streams of chunks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from zhaohuo import v1

# What is sent at a time, in bytes. The server takes up to 1 MiB.
CHUNK = 64 << 10

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Iterable[bytes]


def upload_requests(source: Source, options: v1.ImageSearchOptions | None) -> Iterator[v1.UploadImageSearchRequest]:
    """Give the messages of an upload: the options, then the photo in chunks."""
    yield v1.UploadImageSearchRequest(options=options or v1.ImageSearchOptions())
    for chunk in chunks(source):
        yield v1.UploadImageSearchRequest(chunk=chunk)


def chunks(source: Source) -> Iterator[bytes]:
    """Read a photo piece by piece: the path of a file, bytes, something to read from, or pieces of bytes."""
    if isinstance(source, (str, os.PathLike)):
        with open(source, "rb") as file:
            yield from _read(file)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        yield from _cut(source)
    elif hasattr(source, "read"):
        yield from _read(cast(BinaryIO, source))
    else:
        for piece in source:
            yield from _cut(piece)


def _read(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def _cut(piece: bytes | bytearray | memoryview) -> Iterator[bytes]:
    with memoryview(piece) as view, view.cast("B") as flat:
        for start in range(0, len(flat), CHUNK):
            yield bytes(flat[start : start + CHUNK])
