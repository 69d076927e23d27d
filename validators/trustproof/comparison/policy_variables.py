"""
Policy variables whose value is known, since the policies are those of one user: ``${aws:username}`` is the name.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re

from trustproof.model.policy import Condition, Policy, Statement
from trustproof.model.principals import Holder
from trustproof.model.text import Symbolic, Text

#: With a default, which is not used where the key is there.
_USERNAME = re.compile(r"\$\{aws:username(?:, ?'[^'}]*')?\}", re.IGNORECASE)
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


def with_name(policy: Policy, name: str) -> Policy:
    """A policy of a user, with its name where it stands for it."""
    if not name or not policy.has_variables:
        return policy
    return policy._replace(statements=tuple(_bound(statement, name) for statement in policy.statements))


def _bound(statement: Statement, name: str) -> Statement:
    return statement._replace(
        resources=_texts(statement.resources, name),
        not_resources=_texts(statement.not_resources, name),
        conditions=tuple(_condition(one, name) for one in statement.conditions),
    )


def _condition(condition: Condition, name: str) -> Condition:
    if not condition.operator.lower().rpartition(":")[2].startswith(_WITH_VARIABLES):
        return condition
    return condition._replace(operands=tuple(_text(one, name) for one in condition.operands))


def _texts(texts: tuple[Text, ...] | None, name: str) -> tuple[Text, ...] | None:
    return None if texts is None else tuple(_text(one, name) for one in texts)


def _text(text: Text, name: str) -> Text:
    if isinstance(text, str):
        return _USERNAME.sub(name, text)
    return Symbolic(tuple(_USERNAME.sub(name, part) if isinstance(part, str) else part for part in text.parts))
