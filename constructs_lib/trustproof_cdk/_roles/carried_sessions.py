"""
Roles whose sessions have a source identity or transitive tags, and the roles that trust them: both go on with every
call of a session, and a trust policy that does not let them be passed refuses it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._names import named_in_app, unique
from trustproof_cdk._roles.roles_by_arn import Demanding, Made, made_by_arn
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._trust.trust import SET_SOURCE_IDENTITY, TAG_SESSION, TrustStatement


class _Trust(NamedTuple):
    role: iam.Role
    callers: Sequence[object]
    actions: frozenset[str]


#: By app or stage.
_TRUSTS: WeakKeyDictionary[cdk.Stage, list[_Trust]] = WeakKeyDictionary()


def warn_of_refused_sessions(role: iam.Role, callers: Iterable[object], statements: Iterable[TrustStatement]) -> None:
    """
    Have the synthesis warn of roles of the app that a role trusts, whose sessions have what it lets nobody pass.

    Args:
        role: that trusts them.
        callers: roles, and ARNs, also of others.
        statements: of its trust policy.
    """
    asked = [one for one in callers if isinstance(one, Demanding) or named_in_app.may_be_arn(one, role)]
    stage = unique.check_beside_names(role, _check) if asked else None
    if stage is not None:
        actions = frozenset(action for statement in statements for action in statement.actions)
        _TRUSTS.setdefault(stage, []).append(_Trust(role, asked, actions))


def _check(stage: cdk.Stage, _walked: walk.Walked) -> list[str]:
    for trust in _TRUSTS[stage]:
        for caller in trust.callers:
            for made in _made(stage, caller, trust.role):
                _warn(trust, made)
    return []


def _made(stage: cdk.Stage, caller: object, role: iam.Role) -> list[Made]:
    if isinstance(caller, Demanding) and isinstance(caller, iam.Role):
        return [Made(caller, stacks.carrier_of(caller).node.path)]
    text = named_in_app.text_of(caller, role)
    return [] if text is None else made_by_arn(stage, text, role)


def _warn(trust: _Trust, made: Made) -> None:
    caller = made.role
    if not isinstance(caller, Demanding):
        return
    having = []
    if caller.sets_source_identity and SET_SOURCE_IDENTITY not in trust.actions:
        having.append(("a source identity", "with source_identities, by which they pass it again"))
    if caller.passes_tags_on and TAG_SESSION not in trust.actions:
        having.append(("transitive session tags", ""))
    if not having:
        return
    place = stacks.carrier_of(trust.role).node.path
    ways = ", or ".join(["with a RoleChain in its place", *(way for _, way in having if way)])
    cdk.Annotations.of(stacks.carrier_of(trust.role)).add_warning_v2(
        f"trustproof:refused-sessions-{made.path}",
        f"sessions of {made.path} have {' and '.join(what for what, _ in having)}, which go on with every call, and "
        f"{place} lets nobody pass that: AWS STS refuses them; let it go on {ways}, or acknowledge this where its "
        "sessions need not have it",
    )
