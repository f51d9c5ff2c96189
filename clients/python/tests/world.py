"""What the test in Go has started: see clients/BEHAVIOURS.md."""

import os
import unittest
import urllib.request
from typing import Any

import grpc
from zhaohuo import Client, v1

ADDRESS = os.environ["ZHAOHUO_GRPC_ADDR"]
CUT_ADDRESS = os.environ["ZHAOHUO_TEST_CUT_ADDR"]
TLS_ADDRESS = os.environ["ZHAOHUO_TEST_TLS_ADDR"]
CA = os.environ["ZHAOHUO_TEST_CA"]
OTHER_CA = os.environ["ZHAOHUO_TEST_OTHER_CA"]
KEY = os.environ["ZHAOHUO_TEST_KEY"]
SLOW_KEY = os.environ["ZHAOHUO_TEST_SLOW_KEY"]
STOPPED_KEY = os.environ["ZHAOHUO_TEST_STOPPED_KEY"]
MOVING_ADDRESS = os.environ["ZHAOHUO_TEST_MOVING_ADDR"]
MOVING_CUT_ADDRESS = os.environ["ZHAOHUO_TEST_MOVING_CUT_ADDR"]
PHOTO = os.environ["ZHAOHUO_TEST_PHOTO"]
LARGE_PHOTO = os.environ["ZHAOHUO_TEST_LARGE_PHOTO"]

# The goods on the photo.
EARPHONES = "738122029258"


def cut(after: int | None = None) -> None:
    """Cut all connections through the proxies now, or the next one that has brought so many more bytes."""
    url = os.environ["ZHAOHUO_TEST_CUT_URL"] + "/cut" + ("" if after is None else f"?after={after}")
    with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=60) as answer:
        answer.read()


class Behaviour(unittest.TestCase):
    """A test with a client that is closed at its end."""

    def client(self, address: str = ADDRESS, **options: object) -> Client:
        client = Client(address, **{"timeout": 120.0, **options})
        self.addCleanup(client.close)
        return client

    def keyed(self, key: str | None = KEY, **options: object) -> Client:
        return self.client(TLS_ADDRESS, key=key, ca=CA, **options)


def words(keyword: str = "蓝牙耳机", **fields: object) -> v1.KeywordSearchRequest:
    return v1.KeywordSearchRequest(keyword=keyword, **fields)


class Attempts(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Notes the method of every attempt of a call."""

    def __init__(self) -> None:
        self.methods: list[str] = []

    def intercept_unary_unary(self, go_on: Any, details: Any, request: Any) -> Any:
        self.methods.append(details.method)
        return go_on(details, request)

    intercept_unary_stream = intercept_unary_unary
