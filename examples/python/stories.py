#!/usr/bin/env python3
"""Five stories with the package clients/python: see examples/README.md.

    PYTHONPATH=clients/python/src examples/python/stories.py photo.jpg
"""

import sys

from zhaohuo import Client, InvalidRequestError, v1


def keyword(client: Client) -> list[str]:
    """Search by words."""
    answer = client.search.keyword_search(v1.KeywordSearchRequest(keyword="蓝牙耳机", page_size=5))
    return [product.id for product in answer.products]


def photo(client: Client, path: str) -> list[str]:
    """Search by a photo. The package reads it while it sends it, in chunks of 64 KiB."""
    answer = client.upload(path, v1.ImageSearchOptions(page_size=5))
    return [product.id for product in answer.products]


def batch(client: Client) -> list[str]:
    """Search by several words, and stop after the first answer. Then go on where it stopped, as another program could."""
    request = v1.BatchKeywordSearchRequest(keywords=["蓝牙耳机", "手机壳", "保温杯"], page_size=3)
    found: dict[str, list[str]] = {}

    def note(result: v1.BatchKeywordResult) -> None:
        assert result.keyword not in found, "a page came twice"
        found[result.keyword] = [product.id for product in result.response.products]

    with client.batch(request) as first:
        note(next(first))
        request.resume_token = first.resume_token
    for result in client.batch(request):
        note(result)
    return [product_id for keyword in request.keywords for product_id in found[keyword]]


def error(client: Client) -> list[str]:
    """Read what is wrong with a request."""
    try:
        client.search.keyword_search(v1.KeywordSearchRequest(keyword=" "))
    except InvalidRequestError as error:
        return [f"{error.reason} {field.field}" for field in error.fields]
    return ["no error"]


def strategy(client: Client) -> list[str]:
    """Compare what the goods cost for who orders ten of them."""
    answer = client.combo.compare_prices(v1.ComparePricesRequest(keyword="蓝牙耳机", quantity=10))
    return [offer.product.id for offer in answer.similar.offers[:5]]


def main() -> None:
    with Client.from_environment() as client:
        for heading, lines in (
            ("keyword", keyword(client)),
            ("photo", photo(client, sys.argv[1])),
            ("batch", batch(client)),
            ("error", error(client)),
            ("strategy", strategy(client)),
        ):
            print(f"# {heading}", *lines, sep="\n")


main()
