"""Google's messages of errors and money.

A program can load each of them only once. So they are taken from googleapis-common-protos where that is installed, and
otherwise from the copies beside this file.
"""

from importlib import import_module
from types import ModuleType


def _installed_or_own(name: str) -> ModuleType:
    try:
        return import_module("google." + name)
    except ImportError:
        return import_module("zhaohuo._google." + name)


error_details_pb2 = _installed_or_own("rpc.error_details_pb2")
status_pb2 = _installed_or_own("rpc.status_pb2")
money_pb2 = _installed_or_own("type.money_pb2")

__all__ = ["error_details_pb2", "money_pb2", "status_pb2"]
