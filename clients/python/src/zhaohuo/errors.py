"""What goes wrong, as exceptions with everything the server says about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import grpc

from zhaohuo._google import error_details_pb2, status_pb2

# The domain of the reasons that this service gives. Other errors are those of gRPC or of something between.
DOMAIN = "zhaohuo.dev"

_DETAILS_KEY = "grpc-status-details-bin"
_REQUEST_ID_KEY = "x-request-id"


@dataclass(frozen=True)
class Field:
    """A field of the request that breaks a rule.

    field is its path in the contract, such as "page_size". description is for people, in the caller's language. reason is
    the broken rule, such as "INT32_GTE".
    """

    field: str
    description: str
    reason: str


class ZhaohuoError(Exception):
    """A call that failed.

    code         the name of the gRPC code, such as "NOT_FOUND"
    reason       what went wrong, such as "PRODUCT_NOT_FOUND" (docs/ERRORS.md); "" if the server did not say it
    message      what happened and what to do, for people, in the caller's language
    detail       the status's message, in English
    fields       the fields that break a rule
    retry_after  the seconds after which a repetition may help; None: the server does not say that it helps
    subject      what it is about, such as an id; "" for nothing
    metadata     what else the server says, by name
    request_id   the id of the request in the server's log; "" if the server gave none
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        reason: str = "",
        message: str = "",
        fields: Iterable[Field] = (),
        retry_after: float | None = None,
        metadata: Mapping[str, str] | None = None,
        request_id: str = "",
    ) -> None:
        self.code = code
        self.detail = detail
        self.reason = reason
        self.message = message or detail
        self.fields = tuple(fields)
        self.retry_after = retry_after
        self.metadata = dict(metadata or {})
        self.subject = self.metadata.get("subject", "")
        self.request_id = request_id
        super().__init__(code, detail)

    def __str__(self) -> str:
        title = " ".join([self.reason or self.code, *(field.field for field in self.fields)])
        lines = [f"{title}: {self.message}", *(f"  {field.field}: {field.description}" for field in self.fields)]
        if self.request_id:
            lines.append(f"  request {self.request_id}")
        return "\n".join(lines)


class InvalidRequestError(ZhaohuoError):
    """The request breaks a rule. It never succeeds as it is."""


class NotAllowedError(ZhaohuoError):
    """The API key is missing, wrong, or not for this call."""


class NotFoundError(ZhaohuoError):
    """There is no such product, image or price watch."""


class LimitError(ZhaohuoError):
    """A rate, a quota, a budget or memory is used up."""


class PreconditionError(ZhaohuoError):
    """The operator of the server must do something first, or the state of what is asked for forbids it."""


class ConflictError(ZhaohuoError):
    """What is to be changed was changed by somebody else meanwhile."""


class NotOfferedError(ZhaohuoError):
    """The server does not have this call."""


class DeadlineError(ZhaohuoError):
    """The time ended before the answer was ready."""


class UnavailableError(ZhaohuoError):
    """The server, or what it asks, cannot answer now."""


class ConnectionLostError(UnavailableError):
    """The server could not be reached, or the connection ended."""


_CLASSES: dict[str, type[ZhaohuoError]] = {
    "INVALID_ARGUMENT": InvalidRequestError,
    "OUT_OF_RANGE": InvalidRequestError,
    "UNAUTHENTICATED": NotAllowedError,
    "PERMISSION_DENIED": NotAllowedError,
    "NOT_FOUND": NotFoundError,
    "RESOURCE_EXHAUSTED": LimitError,
    "FAILED_PRECONDITION": PreconditionError,
    "ABORTED": ConflictError,
    "UNIMPLEMENTED": NotOfferedError,
    "DEADLINE_EXCEEDED": DeadlineError,
    "UNAVAILABLE": UnavailableError,
}
_CODES: dict[int, str] = {code.value[0]: code.name for code in grpc.StatusCode}


def error_of(status: status_pb2.Status, request_id: str = "") -> ZhaohuoError:
    """Make an exception of a status, such as the error of one result of a batch. It is returned, not raised."""
    code = _CODES.get(status.code, "UNKNOWN")
    info = error_details_pb2.ErrorInfo()
    wait = error_details_pb2.RetryInfo()
    local = error_details_pb2.LocalizedMessage()
    bad = error_details_pb2.BadRequest()
    retry_after: float | None = None
    for detail in status.details:
        for known in (info, local, bad):
            detail.Unpack(known)
        if detail.Unpack(wait):
            retry_after = wait.retry_delay.seconds + wait.retry_delay.nanos / 1e9
    ours = info.domain == DOMAIN
    chosen = _CLASSES.get(code, ZhaohuoError)
    if chosen is UnavailableError and not ours:
        chosen = ConnectionLostError
    return chosen(
        code,
        status.message,
        reason=info.reason if ours else "",
        message=local.message,
        fields=[_field(violation) for violation in bad.field_violations],
        retry_after=retry_after,
        metadata=info.metadata if ours else None,
        request_id=request_id,
    )


def _field(violation: error_details_pb2.BadRequest.FieldViolation) -> Field:
    # Versions of the message before 2024 have no reason and no text in other languages.
    local = getattr(violation, "localized_message", None)
    return Field(
        field=violation.field,
        description=(local.message if local is not None else "") or violation.description,
        reason=getattr(violation, "reason", ""),
    )


def error_of_call(call: grpc.RpcError) -> ZhaohuoError:
    """Make an exception of what grpcio raises."""
    metadata: dict[str, str | bytes] = {}
    for part in (call.initial_metadata(), call.trailing_metadata()):
        metadata.update({key: value for key, value in part or ()})
    status = status_pb2.Status(code=call.code().value[0], message=call.details() or "")
    packed = metadata.get(_DETAILS_KEY)
    if isinstance(packed, bytes):
        status.ParseFromString(packed)
    request_id = metadata.get(_REQUEST_ID_KEY, "")
    return error_of(status, request_id if isinstance(request_id, str) else "")
