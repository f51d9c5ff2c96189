#!/usr/bin/env python3
"""Searches goods by words, or by a photo, over REST: the standard library is enough.

    examples/search.py http://127.0.0.1:8080 蓝牙耳机
    examples/search.py http://127.0.0.1:8080 --photo photo.jpg
"""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


def ask(request, attempts=3):
    """Sends a request. Waits and repeats exactly where the server says that this is useful."""
    for attempt in range(attempts):
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            status = json.load(error)
            reason = next(d["reason"] for d in status["details"] if d["@type"].endswith("ErrorInfo"))
            wait = error.headers.get("Retry-After")
            if wait is None or attempt == attempts - 1:
                fields = [v["field"] for d in status["details"] for v in d.get("fieldViolations", [])]
                sys.exit(f"{reason} {' '.join(fields)}: {status['message']}")
            time.sleep(int(wait))
    raise AssertionError("unreachable")


def yuan(price):
    """Money as text, exactly: it is units and billionths, never a float."""
    if price is None:
        return "price on request"
    return f"¥{price.get('units', '0')}.{price.get('nanos', 0) // 10_000_000:02d}"


def main():
    base, *rest = sys.argv[1:]
    if rest[0] == "--photo":
        with open(rest[1], "rb") as photo:
            request = urllib.request.Request(base + "/v1/products:uploadImageSearch", data=photo.read(),
                                             headers={"Content-Type": "application/octet-stream"})
        answer = ask(request)["response"]
    else:
        query = urllib.parse.urlencode({"keyword": " ".join(rest), "pageSize": 5})
        answer = ask(urllib.request.Request(f"{base}/v1/products:keywordSearch?{query}"))
    print(answer["meta"]["source"])
    for product in answer["products"][:5]:
        print(product["id"], yuan(product.get("price")), product["title"])


main()
