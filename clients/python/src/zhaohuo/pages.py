"""All pages of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.message import Message

from zhaohuo import v1


def check(request: Message, answer: type[Message]) -> None:
    """Raise TypeError if the call has no pages."""
    asked, given = request.DESCRIPTOR.fields_by_name, answer.DESCRIPTOR.fields_by_name
    pairs = (("page", "next_page"), ("page_token", "next_page_token"), ("after_event_id", "next_after_event_id"))
    if not any(field in asked and following in given for field, following in pairs):
        raise TypeError(f"{request.DESCRIPTOR.name} has no pages")


def pages(request: Any, ask: Callable[[Any], Any]) -> Iterator[Any]:
    """Ask for one page after the other. The request is not changed."""
    question = type(request)()
    question.CopyFrom(request)
    while True:
        answer = ask(question)
        yield answer
        if not _turn(question, answer):
            return


def _turn(question: Any, answer: Any) -> bool:
    """Make the question that for the next page. False: there is none."""
    given = answer.DESCRIPTOR.fields_by_name
    if "next_page" in given:
        question.page = answer.next_page
        if isinstance(question, v1.ImageSearchRequest) and answer.image_id:
            question.image.id = answer.image_id  # The server has the image: it is not sent a second time.
        return bool(answer.next_page)
    if "next_page_token" in given:
        question.page_token = answer.next_page_token
        return bool(answer.next_page_token)
    question.after_event_id = answer.next_after_event_id
    return bool(answer.more)
