"""
Managed policies by what they are called: of one account, by path and name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from trustproof.model.text import Symbolic, Text, concat

#: The ARN of a managed policy, from the account on.
_OF_ACCOUNT = re.compile(r":([0-9]{12}):policy/")


class PoliciesByName:
    """
    Finds them by an ARN, however that is written.

    Args:
        policies: logical id to ARN; all of them before the first question.
        own_policy: path and name of a policy of the template's account by its ARN; None for another one.
    """

    def __init__(self, policies: Mapping[str, Text], own_policy: Callable[[Text], Text | None]) -> None:
        self._policies = policies
        self._own_policy = own_policy
        self._named: dict[Text, list[str]] | None = None

    def of(self, arn: Text) -> list[str]:
        """The logical ids of those that an ARN may mean."""
        if self._named is None:
            self._named = {}
            for logical_id, its_own in self._policies.items():
                self._named.setdefault(self._called(its_own), []).append(logical_id)
        return self._named.get(self._called(arn), [])

    def _called(self, arn: Text) -> Text:
        name = self._own_policy(arn)
        return arn if name is None else name


def own_policy(arn: Text, account: str | None) -> Text | None:
    """
    Path and name of a managed policy of the template's own account, of which the ARN is given; None where it is none.

    Nobody can attach a policy of another account, so an account that is not known is the template's own.

    Args:
        account: of the template; None where it is not known.
    """
    parts = arn.parts if isinstance(arn, Symbolic) else (arn,)
    for index, part in enumerate(parts):
        if isinstance(part, str) and ":policy/" in part:
            head, _, tail = part.partition(":policy/")
            written = head.rpartition(":")[2]
            if written == "aws" or (written and account is not None and written != account):
                return None
            return concat([tail, *parts[index + 1 :]])
    return None


def account_of(arn: Text) -> str:
    """The account that the ARN of a managed policy writes out; empty where it writes none."""
    parts = arn.parts if isinstance(arn, Symbolic) else (arn,)
    found = next((_OF_ACCOUNT.search(part) for part in parts if isinstance(part, str) and ":policy/" in part), None)
    return "" if found is None else found[1]


def may_mean(named: Text, arn: Text, account: str | None) -> bool:
    """
    Whether what names a managed policy, by its ARN or by its name without the path, may mean the one with an ARN.

    Args:
        account: of the template; None where it is not known.
    """
    name = own_policy(arn, account)
    if name is None:
        return named == arn
    known = {symbol.name for symbol in name.symbols} if isinstance(name, Symbolic) else set()
    # One symbol of its own may be the name of that very policy, which is made at deployment.
    is_made = isinstance(named, Symbolic) and len(named.parts) == 1 and named.symbols[0].name in known
    return is_made or _last(own_policy(named, account) or named) == _last(name)


def _last(name: Text) -> Text:
    """A name without the path before it."""
    parts = name.parts if isinstance(name, Symbolic) else (name,)
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        if isinstance(part, str) and "/" in part:
            return concat([part.rpartition("/")[2], *parts[index + 1 :]])
    return name
