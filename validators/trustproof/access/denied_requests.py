"""
Which requests of a statement that lets somebody in another one denies, in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.engine.operands import action_pattern
from trustproof.model.policy import ALLOW, Condition, Policy, Principal, Statement
from trustproof.model.request import Caller
from trustproof.model.text import Text
from trustproof.properties.question import Subject
from trustproof.properties.shared.public_policy import is_settled
from trustproof.sets.patterns import matches
from trustproof.spec.principals import match

MFA = "aws:multifactorauthpresent"


def condition_text(condition: Condition) -> str:
    """``StringEquals aws:PrincipalOrgID o-a1b2c3d4e5``."""
    return f"{condition.operator} {condition.key} {' or '.join(map(str, condition.operands))}"


def provided(subject: Subject, index: int, caller: Caller | None, *, is_of_account: bool) -> tuple[str, ...]:
    """
    What has to be so of a request for a statement to let it in.

    Args:
        subject: the policy, with what is around it.
        index: of the statement that allows.
        caller: about whom alone it is asked; None for everybody.
        is_of_account: whether who calls is of some account.

    Returns:
        Each to follow ``if``: the conditions, what is not denied, and a setting that keeps other accounts out.
    """
    policy, kept = subject.policy, subject.document.kept_private
    statement = policy.statements[index]
    said = (*map(condition_text, statement.conditions), *denied_requests(policy, index, caller))
    if caller is not None or not is_of_account or not kept or not is_settled(subject, statement):
        return said
    return (*said, f"of the resource's own account: the policy is public, and this rests on {kept}")


def denied_requests(
    policy: Policy, index: int, caller: Caller | None = None, *, without_mfa: bool = False
) -> tuple[str, ...]:
    """
    What must not be so of a request that a statement allows, since another one of the policy denies it then.

    Args:
        index: of the statement that allows.
        caller: about whom alone it is asked; None for everybody.
        without_mfa: whether MFA is said elsewhere.

    Returns:
        Each to follow ``if``; empty where nothing is denied.
    """
    allowing = policy.statements[index]
    found: dict[str, None] = {}
    for one in policy.statements:
        if one.effect == ALLOW or not _is_about(one, caller):
            continue
        is_of_mfa = bool(one.conditions) and all(condition.key.lower() == MFA for condition in one.conditions)
        actions = _shared_actions(one, allowing)
        if actions is None or (without_mfa and is_of_mfa and not _who(one)):
            continue
        if said := " ".join(_words(one, allowing, actions)):
            found[f"not denied: {said}"] = None
    return tuple(found)


def _words(denying: Statement, allowing: Statement, actions: Sequence[str]) -> Iterator[str]:
    who = _who(denying)
    asked = [who] if who else []
    if actions:
        asked.append(" or ".join(actions))
    if denying.not_resources:
        asked.append(f"on anything but {' or '.join(map(str, denying.not_resources))}")
    elif denying.resources and denying.resources != allowing.resources and "*" not in map(str, denying.resources):
        asked.append(f"on {' or '.join(map(str, denying.resources))}")
    yield from asked
    conditions = " and ".join(map(condition_text, denying.conditions))
    if conditions:
        yield f"where {conditions}" if asked else conditions


def _who(denying: Statement) -> str:
    """Whom a statement names; empty where it is about everybody."""
    if denying.not_principals is not None:
        return f"anybody but {_named(denying.not_principals)}"
    named = denying.principals or ()
    return "" if any(str(one.value) == "*" for one in named) else _named(named)


def _named(principals: Sequence[Principal]) -> str:
    return " or ".join(str(one.value) for one in principals)


def _is_about(denying: Statement, caller: Caller | None) -> bool:
    if caller is None or denying.principals is None:
        return True
    try:
        return any(match(one, caller) is not None for one in denying.principals)
    except ValueError:
        return True


def _shared_actions(denying: Statement, allowing: Statement) -> tuple[str, ...] | None:
    """
    The actions that a statement denies where these are not all that another one allows; None where they share none.
    """
    if denying.not_actions is not None:
        return (f"anything but {' or '.join(map(str, denying.not_actions))}",)
    if allowing.not_actions is not None:
        return tuple(map(str, denying.actions or ()))
    mine, others = allowing.actions or (), denying.actions or ()
    covered = [one for one in mine if any(_covers(other, one) for other in others)]
    shared = [other for other in others if any(_covers(other, one) or _covers(one, other) for one in mine)]
    if not shared:
        return None
    return () if len(covered) == len(mine) else tuple(map(str, shared))


def _covers(pattern: Text, text: Text) -> bool:
    return any(matches(one, str(text).lower()) for one in action_pattern(pattern).larger)
