"""
Whose resource a request is about, and where it happens: in the account of what it names, not in the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from trustproof.sandbox.authorization.actions.common import account_in
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.requests.wire import Call

#: Parameters that say whose the resource is that another one names.
_OWNERS = ("registryId", "registryIds", "CatalogId", "QueueOwnerAWSAccountId")
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
#: `111122223333:function:name:1`, `name:1`, with the beginning of an ARN or without.
_FUNCTION = re.compile(
    r"(?:(?:arn:[a-z-]+:lambda:[a-z0-9-]*:)?(?P<account>[0-9]{12}):)?(?:function:)?(?P<name>[\w-]+)(?::(?P<version>[\w$-]+))?",
    re.ASCII,
)
#: Services that find the account themselves, or whose resources others find.
_BY_THEMSELVES = ("cloudformation", "iam", "s3", "s3control", "sts")


def owner_named(call: Call) -> str:
    """
    The account whose resource a request names; the caller's where it says nothing of it.

    Raises:
        Undecided: it names several accounts, or one in a way that is not understood.
    """
    named = {text for name in _OWNERS for text in _texts(call.parameters.get(name))}
    if call.service == "sqs" and call.parameters.get("QueueUrl"):
        parts = _queue(call)
        if parts[0]:
            named.add(parts[0])
    if call.service == "lambda":
        found = _FUNCTION.fullmatch(str(call.parameters.get("FunctionName") or ""))
        if found is not None and found["account"]:
            named.add(found["account"])
    if not named:
        return call.account or _for_whom(call)
    if len(named) > 1 or not _ACCOUNT.fullmatch(min(named)):
        raise Undecided(f"the account of the resource is not understood: {', '.join(sorted(named))}")
    return min(named)


def _for_whom(call: Call) -> str:
    """The account for which a service writes logs: they are in that one; the empty string where it is not said."""
    kept = {} if call.service != "logs" or call.credentials is None else call.credentials.kept
    return str(kept.get("aws:sourceaccount", ""))


def _queue(call: Call) -> tuple[str, str]:
    """The account, where it is said, and the name of the queue of a URL, which may be the bare name."""
    account, _, name = str(call.parameters["QueueUrl"]).rpartition("/")
    account = account.rpartition("/")[2]
    path = call.http.raw_path.strip("/")
    if path and path != f"{account}/{name}":
        raise Undecided("the request names one queue in its address and another one in QueueUrl")
    return account, name


def queue_name(call: Call) -> str | None:
    """The name of the queue of a request; None where it has no URL of one."""
    return _queue(call)[1] if call.service == "sqs" and call.parameters.get("QueueUrl") else None


def function_name(text: str) -> tuple[str, str | None]:
    """The name of a function, and its version or alias, of all that a request may name it by."""
    found = _FUNCTION.fullmatch(text)
    return (text, None) if found is None else (found["name"], found["version"])


def account_of(call: Call, needs: Iterable[Need]) -> str:
    """
    The account in which a request happens: that of the resources which it is about.

    Args:
        call: the request.
        needs: what it needs, with the ARNs that it was decided on.

    Raises:
        Undecided: moto cannot do it there: resources of several accounts, or of another Region.
    """
    if call.service in _BY_THEMSELVES:
        return call.account
    accounts: set[str] = set()
    for need in needs:
        fields = (need.resource or "").split(":", 5)
        if need.delegated or len(fields) != 6 or (account := account_in(str(need.resource))) is None:
            continue
        if fields[3] not in ("", "*", call.region):
            raise Undecided(f"{need.resource} is asked for in {call.region}: nobody is there who could answer")
        accounts.add(account)
    if len(accounts) > 1:
        raise Undecided(f"one request about resources of several accounts: {', '.join(sorted(accounts))}")
    return min(accounts, default=call.account)


def _texts(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one]
