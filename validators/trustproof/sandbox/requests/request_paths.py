"""
The path of a request: it says what was read in it, written as the model of the operation writes it, and nothing more.

Parts of moto take paths apart by themselves: what is behind the last slash, what is before a semicolon, what follows
`/tags/`. In a path that is written as clients write it all of them find what the gateway has found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.moto.parameters import path_of
from trustproof.sandbox.requests.wire import Call

#: Where a path ends for some readers of it.
_ENDS = frozenset(";#?")


def check(call: Call, protocol: str) -> None:
    """
    See that a path can be read in one way.

    Args:
        call: the request.
        protocol: that its service speaks.

    Raises:
        Undecided: it is not the path of the operation with the parameters that were read.
    """
    if "#" in call.http.raw_path or "#" in call.http.raw_query:
        raise Undecided("the address has a fragment, which is no part of a request")
    if call.service == "s3":
        # A key is whatever follows, and the bucket may be in the name of the host.
        return
    given = call.http.raw_path
    if protocol in ("query", "ec2", "json"):
        is_queue = call.service == "sqs" and given == urlsplit(str(call.parameters.get("QueueUrl"))).path
        if given != "/" and not is_queue:
            raise Undecided(f"requests of {call.service} go to the path /")
    if not protocol.startswith("rest"):
        return
    template, members = path_of(call.service, call.operation)
    values = {name: _text(call.parameters.get(member)) for name, member in members.items()}
    if _ENDS.intersection(given) or not is_written(template, given, values):
        raise Undecided(f"the path of {call.operation} is not written as {template}")


def is_written(template: str, given: str, values: Mapping[str, str | None]) -> bool:
    """
    Whether a path is that of a template, segment by segment.

    Args:
        template: `/things/{thingName}`; what ends in `+` takes several segments.
        given: the path as sent.
        values: by the names of the template.
    """
    said, found = template.rstrip("/").split("/"), given.split("/")
    if found[-1] == "" and (template.endswith("/") or "{" not in template):
        # Versions of a model differ in that.
        found.pop()
    for number, one in enumerate(said):
        if one.endswith("+}"):
            # What is behind it has as many segments as in the template; all others are its own.
            end = len(found) - (len(said) - number - 1)
            found[number:end] = ["/".join(found[number:end])]
    return len(said) == len(found) and all(
        unquote(part) == (values.get(one[1:-1].rstrip("+")) if one.startswith("{") else one)
        for one, part in zip(said, found, strict=True)
    )


def _text(value: Any) -> str | None:
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)
