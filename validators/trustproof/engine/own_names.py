"""
Callers that are what a policy writes out: the own name of somebody may be one that a resource has.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.engine.completion import record_of
from trustproof.engine.region import AllowedPart
from trustproof.model.request import USERS, Caller, Request
from trustproof.sets.strings import StringSet

#: How many fields of an ARN are before its resource, and which of them is the account.
_BEFORE_RESOURCE, _ACCOUNT = 5, 4


def by_written_names(request: Request, found: AllowedPart) -> Iterator[Request]:
    """
    The same request by the users, and about them, whom the statement writes out that lets it in.

    Where a Deny spares the caller's own name alone, whoever is in a group may do only what it allows on that name.
    """
    caller = request.caller
    callers = found.assignment.get("caller")
    is_of_users = caller.kind in USERS and ":user/" in caller.arn and found.region.space.own_name
    if not is_of_users or callers is None or not isinstance(callers.present, StringSet):
        return
    for text in found.encoded.statement.resources or ():
        fields = text.split(":", _BEFORE_RESOURCE) if isinstance(text, str) and "${" not in text else []
        if len(fields) <= _BEFORE_RESOURCE or not fields[-1].startswith("user/"):
            continue
        fields[_ACCOUNT] = caller.arn.split(":", _BEFORE_RESOURCE)[_ACCOUNT]
        arn = ":".join(fields).replace("*", "").replace("?", "x")
        named = Caller(caller.kind, arn, caller.session, caller.userid)
        if not arn.endswith("/") and record_of(named) in callers.present:
            yield renamed(request, arn)._replace(resource=arn)


def renamed(request: Request, arn: str) -> Request:
    """The same request by another user."""
    before = request.caller.arn
    same = {before: arn, before.rpartition("/")[2]: arn.rpartition("/")[2]}
    context = {
        key: same.get(value, value) if key.startswith("aws:") and isinstance(value, str) else value
        for key, value in request.context.items()
    }
    return request._replace(caller=request.caller._replace(arn=arn), context=context)
