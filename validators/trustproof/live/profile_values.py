"""
The external id and the name of the session with which a trust policy lets somebody in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import NamedTuple

from trustproof.model.policy import ALLOW, Condition, Policy, Statement
from trustproof.model.request import ContextValue, Request
from trustproof.model.text import Text
from trustproof.spec.conditions import evaluate
from trustproof.spec.decision import may_get_credentials

EXTERNAL_ID = "sts:externalid"
SESSION_NAME = "sts:rolesessionname"
#: What AWS takes: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_TAKEN = {
    EXTERNAL_ID: re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII),
    SESSION_NAME: re.compile(r"[\w+=,.@-]{2,64}", re.ASCII),
}
_LONGEST_NAME = 64
_TEXTS = ("stringequals", "stringlike")
#: So many calls are tried.
_TRIES = 500
#: With a value for callers without a name, or without: a user has one, which has no character that is special here.
_USER_NAME = re.compile(r"\$\{aws:username(?:, *'[^']*')?\}", re.IGNORECASE)


class Values(NamedTuple):
    """
    What a call for a role says.
    """

    #: None for none.
    external_id: str | None
    session: str

    def context(self) -> dict[str, ContextValue]:
        """The condition keys of the call."""
        keys: dict[str, ContextValue] = {SESSION_NAME: self.session}
        return keys if self.external_id is None else {**keys, EXTERNAL_ID: self.external_id}

    def meets(self, condition: Condition) -> bool:
        """Whether a condition on one of these keys is met; False for one on another, or of which that is not known."""
        if condition.key.lower() not in (EXTERNAL_ID, SESSION_NAME):
            return False
        try:
            return evaluate(condition, self.context(), variables=False).matched
        except ValueError:
            return False


def values_for(policy: Policy, statement: Statement, request: Request | None, *, session: str) -> tuple[Values, bool]:
    """
    Values with which a call gets in: of several the ones that are most like what is wanted.

    Args:
        policy: the trust policy.
        statement: of it, by which somebody gets in.
        request: that gets in by it, of which all other keys are kept; None where none is known.
        session: the wanted name of the session.

    Returns:
        the values, and whether a call with them gets in: False where that is not known, too.
    """
    ids: list[str | None] = [*dict.fromkeys(_texts(policy, statement, EXTERNAL_ID, ("", "x")))]
    names = list(dict.fromkeys(_texts(policy, statement, SESSION_NAME, (session,))))
    tried = product([*ids, None], [session, *names])
    wanted = [Values(external_id, name) for external_id, name in islice(tried, _TRIES)]
    # Where no call gets in, what the statement itself asks for is said.
    asked = [*_about(statement, EXTERNAL_ID), *_about(statement, SESSION_NAME)]
    own = [one for one in wanted if all(map(one.meets, asked))]
    if request is not None:
        own += [one for one in wanted if one not in own]
        for values in own:
            rest = {key: one for key, one in request.context.items() if key not in (EXTERNAL_ID, SESSION_NAME)}
            try:
                if may_get_credentials(policy, request._replace(context={**rest, **values.context()})):
                    return values, True
            except ValueError:
                break
    return next(iter(own or wanted)), False


def with_user_name(policy: Policy, user: str) -> Policy:
    """A policy with the name of a user where it has a policy variable for that."""

    def filled(operand: Text) -> Text:
        return _USER_NAME.sub(user, operand) if isinstance(operand, str) else operand

    if not policy.has_variables:
        return policy
    statements = [
        statement._replace(
            conditions=tuple(one._replace(operands=tuple(map(filled, one.operands))) for one in statement.conditions)
        )
        for statement in policy.statements
    ]
    return policy._replace(statements=tuple(statements))


def session_names(policy: Policy, user: str) -> list[str]:
    """
    Names of sessions that the statements of a trust policy spell out, or have a pattern for.

    Args:
        policy: the trust policy.
        user: the name of the IAM user who calls.
    """
    named = with_user_name(policy, user)
    allowing = [one for one in named.statements if one.effect == ALLOW]
    return list(dict.fromkeys(name for one in allowing for name in _texts(named, one, SESSION_NAME, (user,))))


def _about(statement: Statement, key: str) -> list[Condition]:
    return [one for one in statement.conditions if one.key.lower() == key]


def _texts(policy: Policy, statement: Statement, key: str, filling: tuple[str, ...]) -> Iterator[str]:
    """Values of a key that conditions of a statement spell out or have a pattern for, or that Denies leave."""
    asked = [(one.operator.lower(), one) for one in _about(statement, key)]
    asked += [
        (one.operator.lower().replace("not", ""), one)
        for deny in policy.statements
        if deny.effect != ALLOW
        for one in _about(deny, key)
        if "not" in one.operator.lower()
    ]
    for operator, condition in asked:
        if operator not in _TEXTS or (key == SESSION_NAME and len(condition.operands) > 1):
            # Which of several names is the caller's, nobody says.
            continue
        for operand in condition.operands:
            if not isinstance(operand, str) or "${" in operand:
                continue
            filled = [_filled(operand, text) for text in filling] if operator == "stringlike" else [operand]
            yield from (one for one in filled if _TAKEN[key].fullmatch(one))


def _filled(pattern: str, text: str) -> str:
    """A text of a pattern, with some text for its first `*`."""
    head, star, tail = pattern.replace("?", "x").partition("*")
    tail = tail.replace("*", "")
    return head + (text[: max(0, _LONGEST_NAME - len(head + tail))] if star else "") + tail
