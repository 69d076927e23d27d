"""
Deletion of several objects by one request: each key is asked for by itself, and what is denied stands in the answer.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from trustproof.model.request import Caller
from trustproof.sandbox.authorization.actions import s3
from trustproof.sandbox.authorization.authorize import MESSAGE_HEADER, Unauthorized, authorize
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.server import bucket_owner
from trustproof.sandbox.requests.wire import Answer, Call

#: Line ends stand in keys, and a reader of XML takes some of them for others.
_LINE_ENDS = {"\r": "&#13;", "\n": "&#10;"}
_END = b"</DeleteResult>"


class Deletion(NamedTuple):
    """
    What is left of a request.
    """

    #: For the objects that the caller may delete; None where there are none.
    allowed: Call | None
    #: The others, and why.
    denied: tuple[tuple[dict[str, Any], Unauthorized], ...]


def is_one(call: Call) -> bool:
    """Whether a request deletes several objects."""
    return call.service == "s3" and call.operation == "DeleteObjects"


def split(state: State, caller: Caller, call: Call) -> Deletion:
    """
    Ask for every object of a request by itself.

    Raises:
        Unauthorized: nobody has the bucket, or nobody signed.
        RefusedRequest: it names no object.
        Undecided: one of them cannot be decided; then nothing is deleted.
    """
    given = call.parameters.get("Delete") or {}
    objects = [dict(one) for one in given.get("Objects") or ()]
    s3.check(call)
    if not objects or any(
        not isinstance(one.get("Key"), str) or not one["Key"] or not isinstance(one.get("VersionId", ""), str)
        for one in objects
    ):
        # Nobody would be asked about what moto might find there.
        said = "The XML you provided was not well-formed or did not validate against our published schema"
        raise RefusedRequest(said, "MalformedXML")
    kept, denied = [], []
    for one in objects:
        single = replace(call, parameters={**call.parameters, "Delete": {**given, "Objects": [one]}})
        try:
            needs = s3.needs_of(single)
            authorize(state, caller, call.credentials, needs, dict(call.http.headers), call.region)
            kept.append(one)
        except Unauthorized as refused:
            if call.credentials is None or bucket_owner(str(call.parameters.get("Bucket") or "")) is None:
                raise
            denied.append((one, refused))
    if not kept:
        return Deletion(None, tuple(denied))
    parameters = {**call.parameters, "Delete": {**given, "Objects": kept}}
    # What moto is handed says just what was asked for, and nothing that it might find there besides.
    http = replace(call.http, body=_body(kept, quiet=bool(given.get("Quiet"))))
    return Deletion(replace(call, http=http, parameters=parameters), tuple(denied))


def answer(call: Call, deletion: Deletion, deleted: Answer | None) -> Answer:
    """
    The answer to a request of which something is denied.

    Args:
        call: the request.
        deletion: what became of it.
        deleted: the answer to what is left of it; None where nothing is.
    """
    if deleted is None:
        deleted = Answer(200, b"<?xml version='1.0' encoding='UTF-8'?><DeleteResult>" + _END, "application/xml")
    if deleted.status != 200:
        return deleted
    errors = "".join(_error(one, refused) for one, refused in deletion.denied).encode()
    head, end, tail = deleted.body.rpartition(_END)
    if not end:
        # Nothing was deleted, which is written shorter.
        head, tail = b"<DeleteResult>", b""
    handle = deletion.denied[0][1].handle
    headers = (*deleted.headers, ("x-amz-request-id", call.http.id), (MESSAGE_HEADER, handle))
    return replace(deleted, body=head + errors + _END + tail, headers=headers)


def _error(one: dict[str, Any], refused: Unauthorized) -> str:
    version = f"<VersionId>{_text(one['VersionId'])}</VersionId>" if one.get("VersionId") else ""
    said = f"<Code>AccessDenied</Code><Message>{_text(refused.message)}</Message>"
    return f"<Error><Key>{_text(one.get('Key'))}</Key>{version}{said}</Error>"


def _body(objects: Sequence[dict[str, Any]], *, quiet: bool) -> bytes:
    """The body of a request for some objects."""
    listed = []
    for one in objects:
        version = f"<VersionId>{_text(one['VersionId'])}</VersionId>" if one.get("VersionId") else ""
        listed.append(f"<Object><Key>{_text(one.get('Key'))}</Key>{version}</Object>")
    return f"<Delete>{''.join(listed)}<Quiet>{str(quiet).lower()}</Quiet></Delete>".encode()


def _text(value: object) -> str:
    return escape(str(value), _LINE_ENDS)
