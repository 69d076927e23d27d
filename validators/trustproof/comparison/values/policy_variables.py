"""
Policy variables whose value is known, since the policies are those of one user: ``${aws:username}`` is the name. And
the names of variables, of which upper and lower case are one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from trustproof.model.policy import Condition, Policy, Statement
from trustproof.model.principals import Holder
from trustproof.model.query import texts
from trustproof.model.text import Symbolic, Text

#: With a default, which is not used where the key is there.
_USERNAME = re.compile(r"\$\{aws:username(?:, ?'[^'}]*')?\}", re.IGNORECASE)
#: The name of a key in a variable, which the three characters that IAM keeps for itself are not.
_KEY = re.compile(r"(?<=\$\{)[^{},*?$]+")
#: What a name consists of: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
#: Operators whose operands may have variables.
_WITH_VARIABLES = ("string", "arn")


def known_name(holder: Holder | None, other: Holder | None) -> str:
    """The name of a user that is the same on both sides; empty for anybody else."""
    names = [one.name for one in (holder, other) if one is not None and one.kind == "user"]
    if len(names) < 2 or names[0] != names[1] or not isinstance(names[0], str) or not _NAME.fullmatch(names[0]):
        return ""
    return names[0]


def other_spellings(policies: Iterable[Policy]) -> dict[str, str]:
    """How some policies write the names of variables in another way than the first that writes them, to that way."""
    first: dict[str, str] = {}
    others: dict[str, str] = {}
    for policy in policies:
        for statement in policy.statements if policy.has_variables else ():
            for text, _ in texts(statement):
                for part in text.parts if isinstance(text, Symbolic) else (text,):
                    for name in _KEY.findall(part) if isinstance(part, str) else ():
                        if first.setdefault(name.lower(), name) != name:
                            others[name] = first[name.lower()]
    return others


def with_spelling(policy: Policy, others: Mapping[str, str]) -> Policy:
    """A policy with the names of its variables in one way."""
    if not others or not policy.has_variables:
        return policy

    def spelled(text: str) -> str:
        return _KEY.sub(lambda found: others.get(found[0], found[0]), text)

    return policy._replace(statements=tuple(_bound(statement, spelled) for statement in policy.statements))


def with_name(policy: Policy, name: str) -> Policy:
    """A policy of a user, with its name where it stands for it."""
    if not name or not policy.has_variables:
        return policy

    def named(text: str) -> str:
        return _USERNAME.sub(name, text)

    return policy._replace(statements=tuple(_bound(statement, named) for statement in policy.statements))


def _bound(statement: Statement, change: Callable[[str], str]) -> Statement:
    return statement._replace(
        resources=_texts(statement.resources, change),
        not_resources=_texts(statement.not_resources, change),
        conditions=tuple(_condition(one, change) for one in statement.conditions),
    )


def _condition(condition: Condition, change: Callable[[str], str]) -> Condition:
    if not condition.operator.lower().rpartition(":")[2].startswith(_WITH_VARIABLES):
        return condition
    return condition._replace(operands=tuple(_text(one, change) for one in condition.operands))


def _texts(several: tuple[Text, ...] | None, change: Callable[[str], str]) -> tuple[Text, ...] | None:
    return None if several is None else tuple(_text(one, change) for one in several)


def _text(text: Text, change: Callable[[str], str]) -> Text:
    if isinstance(text, str):
        return change(text)
    return Symbolic(tuple(change(part) if isinstance(part, str) else part for part in text.parts))
