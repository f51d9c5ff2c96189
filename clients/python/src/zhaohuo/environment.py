"""Where the server is and how to reach it, from the variables that the commands of zhaohuo read too."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from typing import Any

ADDRESS = "ZHAOHUO_GRPC_ADDR"
KEY = "ZHAOHUO_API_KEY"
TLS = "ZHAOHUO_TLS"
CA = "ZHAOHUO_CA"
CERT = "ZHAOHUO_CERT"
CERT_KEY = "ZHAOHUO_CERT_KEY"

DEFAULT_PORT = "9090"
DEFAULT_ADDRESS = "127.0.0.1:" + DEFAULT_PORT


def read(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the options of a client that the environment gives. ValueError names a variable with a wrong value."""
    options: dict[str, Any] = {}
    if address := environment.get(ADDRESS):
        options["address"] = dialable(address, ADDRESS)
    if key := environment.get(KEY):
        options["key"] = checked_key(key, KEY)
    switch = environment.get(TLS, "").lower()
    if switch not in ("", "0", "1", "false", "true", "off", "on"):
        raise ValueError(f"{TLS}: {switch} is neither on nor off: give 1 or 0")
    if switch in ("1", "true", "on"):
        options["tls"] = True
    for name, option in ((CA, "ca"), (CERT, "cert"), (CERT_KEY, "cert_key")):
        if path := environment.get(name):
            options[option] = path
    if ("cert" in options) != ("cert_key" in options):
        raise ValueError(f"{CERT} and {CERT_KEY} belong together")
    return options


def dialable(address: str, origin: str = "address") -> str:
    """Return an address with a port and one host. ValueError says what is wrong with it."""
    if address.startswith("unix:") or ":///" in address:
        return address  # A target in gRPC's own form.
    if "://" in address:
        raise ValueError(f"{origin}: {address} is a web address: give HOST:PORT of the server's gRPC port")
    host, colon, port = address.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")) or address.endswith("]"):
        host, port = address, DEFAULT_PORT  # A host without a port, or an address of IPv6.
    host, port = host.strip("[]"), port or DEFAULT_PORT
    if not (port.isascii() and port.isdigit()) or any(c in host for c in "/ "):
        raise ValueError(f"{origin}: {address} is no address: give HOST:PORT, such as {DEFAULT_ADDRESS}")
    if port.strip("0") == "":
        raise ValueError(f"{origin}: port 0 means that the server chooses a free port: give that port")
    if host == "":
        host = "127.0.0.1"
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return f"{host}:{port}"
    if ip.is_unspecified:  # It can be listened on, but not dialed.
        return f"127.0.0.1:{port}"
    return f"[{host}]:{port}" if ip.version == 6 else f"{host}:{port}"


def checked_key(key: str, origin: str = "key") -> str:
    """Return the key. ValueError if it has what no API key has; the text does not show the key."""
    if any(not "!" <= c <= "~" for c in key):
        raise ValueError(
            f"{origin}: contains characters that an API key never has: white space, control or non-ASCII characters"
        )
    return key
