"""
Who gets in if a template that does not say its account is deployed to one that matters: that of the caller, or the one
that its policies write out in the ARNs of what they are put on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from trustproof.model.arn import Arn
from trustproof.model.document import RESOURCE, Document
from trustproof.properties.shared.callers import OF_ACCOUNTS, NamedCaller
from trustproof.results.explanation import Explanation

#: So many accounts are tried.
_MOST_ACCOUNTS = 2
_ACCOUNT = re.compile(r"arn:[^:]*:(?:iam|sts)::(\d{12}):.*|(\d{12})", re.DOTALL)


def account_of(caller: NamedCaller) -> str:
    """The account that a caller says to be of; empty for one that is of none, or of any."""
    found = _ACCOUNT.fullmatch(caller.written)
    return (found[1] or found[2]) if found is not None and {*caller.kinds} & {*OF_ACCOUNTS} else ""


def accounts_of_resources(documents: Iterable[Document]) -> tuple[str, ...]:
    """The accounts that resource policies write out in what they are about, the most frequent ones first."""
    entries = (
        entry
        for document in documents
        if document.kind == RESOURCE
        for statement in document.policy.statements
        for entry in statement.resources or ()
    )
    found = Counter(arn.account for entry in entries if (arn := Arn.parse(str(entry))) is not None)
    return tuple(account for account, _ in found.most_common() if _ACCOUNT.fullmatch(account))[:_MOST_ACCOUNTS]


def has_doubt(found: Sequence[Explanation]) -> bool:
    """Whether of something nobody is said to get in, which the account of a template may be the reason of."""
    return any(not _is_in(one) and not one.undecided for one in found)


def at_account(
    found: Sequence[Explanation], own: Sequence[Explanation], account: str, caller: str
) -> tuple[Explanation, ...]:
    """
    What is found where a template's account is nobody's, with what is not known because it may be a certain one.

    Args:
        own: what is found where it is that one.
        caller: who is asked about.
    """
    known = {_key(one): one for one in found}
    there = {_key(one): one for one in own}
    return tuple(
        _doubted(known.get(key), there.get(key), account, caller) or known[key]
        for key in dict.fromkeys((*known, *there))
        if key in known or _is_in(there[key])
    )


def _doubted(found: Explanation | None, own: Explanation | None, account: str, caller: str) -> Explanation | None:
    """What is found, with the doubt; None where there is none."""
    if own is None or (found is not None and (_is_in(found) or found.undecided)):
        return None
    if _is_in(own):
        said = f"and where it is {account}, {caller} gets in"
    elif own.undecided:
        said = f"and where it is {account}, it is not known whether {caller} gets in"
    else:
        return None
    line = f"the account of the template is not known, {said}: give --account {account}"
    found = own._replace(entrances=(), chains=(), obstacles=(), undecided=()) if found is None else found
    return found._replace(undecided=(*found.undecided, line))


def _is_in(found: Explanation) -> bool:
    return bool(found.entrances or found.chains)


def _key(found: Explanation) -> tuple[str, ...]:
    return found.template, found.logical_id, found.stack, found.name
