"""
Exemptions of one guardrail that another one takes back: what any of the policies above an account denies is denied.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_organizations as organizations
from constructs import IConstruct

from trustproof_cdk._arguments import arguments, partly_known
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.stack_checks import check_later

_ROOT = "r-"


class Guardrail(NamedTuple):
    """
    What a policy of the organization spares.
    """

    made: organizations.CfnPolicy
    policy_type: str
    #: Ids of roots, units and accounts.
    targets: Sequence[str]
    #: By argument, what is exempt: ARNs of users, and actions.
    exempt: Mapping[str, Sequence[str]]
    #: What is denied; ``*`` where it is all but what is exempt.
    actions: Sequence[str]


_OF_STAGES: WeakKeyDictionary[cdk.Stage, list[Guardrail]] = WeakKeyDictionary()


def hold_to_exemptions(guardrail: Guardrail) -> None:
    """
    Fail the synthesis where all that a guardrail exempts somebody from is denied by another one of the app.

    Which unit is in which the app does not say: only the same target and the root, which all are below, are compared.
    """
    stack = stacks.stack_of(guardrail.made)
    stage = cdk.Stage.of(stack)
    if stage is not None:
        _OF_STAGES.setdefault(stage, []).append(guardrail)
        check_later(stack, _in_vain)


def _in_vain(stack: cdk.Stack, _there: Sequence[IConstruct]) -> list[str]:
    stage = cdk.Stage.of(stack)
    all_of_them = _OF_STAGES[stage] if stage is not None else []
    said: list[str] = []
    for one in all_of_them:
        if stacks.stack_of(one.made) is not stack or _is_conditional(one):
            continue
        for other in all_of_them:
            if other is not one and _is_above(other, one) and not _is_conditional(other):
                said += _taken_back(one, other)
    return said


def _taken_back(one: Guardrail, other: Guardrail) -> Iterable[str]:
    for argument, exempt in one.exempt.items():
        spared = {_known(other, value) for value in other.exempt[argument]}
        for value in exempt:
            if _known(one, value) not in spared:
                shown = stacks.stack_of(one.made).resolve(value)
                yield (
                    f"{one.made.node.path}: {argument} has {shown!r} in vain, since {other.made.node.path}, which is "
                    "attached to the same accounts, denies that without MFA too; give it there as well, or attach that "
                    "one elsewhere"
                )


def _known(one: Guardrail, value: str) -> str:
    """What is exempt, however it is written."""
    resolved = stacks.stack_of(one.made).resolve(value)
    return (partly_known.one_text(resolved) or json.dumps(resolved)).lower()


def _is_above(other: Guardrail, one: Guardrail) -> bool:
    """Whether one guardrail holds wherever another one does, and for all that it is about."""
    is_of_one_account = stacks.account_of(stacks.stack_of(other.made)) == stacks.account_of(stacks.stack_of(one.made))
    is_about_all = all(any(arguments.covers(pattern, action) for pattern in other.actions) for action in one.actions)
    if other.policy_type != one.policy_type or not is_about_all or not is_of_one_account:
        return False
    has_root = any(target.startswith(_ROOT) for target in other.targets)
    return has_root or set(one.targets) <= set(other.targets)


def _is_conditional(one: Guardrail) -> bool:
    return one.made.cfn_options.condition is not None
