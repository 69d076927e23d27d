"""
Policies of the app that are attached to somebody, and deny what it is let in by or granted: a Deny stops it, whatever
allows it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk import _boundaries as boundaries
from trustproof_cdk import _members as membership
from trustproof_cdk import _order as order
from trustproof_cdk import _unique as unique
from trustproof_cdk import _written_out as written_out
from trustproof_cdk._boundary_needs import Bound, Need, Rest
from trustproof_cdk._calls import statements_of

_Policy: TypeAlias = "iam.CfnPolicy | iam.CfnManagedPolicy"
#: What the CDK adds to a user or role itself is asked about where its own policies are.
_ADDED = "DefaultPolicy"
#: By app or stage, who is let in or granted something.
_ASKED: WeakKeyDictionary[cdk.Stage, list[_Asked]] = WeakKeyDictionary()


class _Asked(NamedTuple):
    construct: iam.Role | iam.ManagedPolicy
    callers: Sequence[boundaries.Bounded]
    needs: Sequence[Need | Rest]


def refuse_denied(
    construct: iam.Role | iam.ManagedPolicy, callers: Sequence[boundaries.Bounded], needs: Sequence[Need | Rest]
) -> None:
    """
    Fail the synthesis if a policy of the app or stage surely denies somebody what it needs, and is attached to it.

    Args:
        construct: what lets it in, or grants something.
        callers: users and roles of the app.
        needs: what they must be able to call.
    """
    stage = unique.check_beside_names(construct, _check) if callers else None
    if stage is not None:
        _ASKED.setdefault(stage, []).append(_Asked(construct, callers, needs))


def _check(stage: cdk.Stage, walked: boundaries.Walked) -> list[str]:
    callers = {one.node.path: one for asked in _ASKED[stage] for one in asked.callers}
    holders = membership.Holders(walked, callers.values())
    there = [one for _, inside in walked for one in inside]
    denying: dict[str, list[_Policy]] = {}
    for made in there:
        if isinstance(made, (iam.CfnPolicy, iam.CfnManagedPolicy)) and _counts(made):
            having = [one for one in holders.of_resource(made).callers if one.node.path in callers]
            for one in having if having and _denies_something(made) else ():
                denying.setdefault(one.node.path, []).append(made)
    return [said for asked in _ASKED[stage] for said in _said_of(asked, denying)] if denying else []


def _said_of(asked: _Asked, denying: Mapping[str, Sequence[_Policy]]) -> Iterator[str]:
    own = order.created(asked.construct)
    for caller in asked.callers:
        for made in denying.get(caller.node.path, ()):
            around = made.node.scope
            if own is not None and made.node.path == own.node.path:
                continue
            shown = made.node.path if around is None else around.node.path
            policy = boundaries.Policy(shown, written_out.document_of(made))
            kind = "inline policy" if isinstance(made, iam.CfnPolicy) else "managed policy"
            if said := Bound(asked.construct, caller, [policy], is_let_in=True, kind=kind).refused(asked.needs):
                yield f"{asked.construct.node.path}: {said}"


def _counts(made: _Policy) -> bool:
    """Whether a policy is in each deployment, and nothing else asks about it."""
    around = made.node.scope
    return made.cfn_options.condition is None and (around is None or around.node.id != _ADDED)


def _denies_something(made: _Policy) -> bool:
    statements = statements_of(cdk.Stack.of(made).resolve(made.policy_document))
    return any(isinstance(one, Mapping) and one.get("Effect") == "Deny" for one in statements or ())
