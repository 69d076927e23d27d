"""
Roles of the app that a role of another account trusts, and that no policy lets ask for it: over accounts the trust
policy alone lets in nobody.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-cross-account-resource-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers import members as membership
from trustproof_cdk._names import named_in_app, order, unique
from trustproof_cdk._policies import boundaries, written_out
from trustproof_cdk._policies.calls import Call, may_allow
from trustproof_cdk._policies.known_keys import SESSION
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._trust.trust import ASSUME_ROLE


class _Trust(NamedTuple):
    role: iam.Role
    #: Roles and ARNs.
    callers: Sequence[object]


#: By app or stage.
_TRUSTS: WeakKeyDictionary[cdk.Stage, list[_Trust]] = WeakKeyDictionary()


def warn_of_callers_without_grant(role: iam.Role, trusted: Iterable[object]) -> None:
    """
    Warn of a role of the app or stage that a role of another account trusts, where all of its policies are known, and
    none allows it to ask.

    Users have their permissions by groups and by hand, and are not asked.

    Args:
        role: that trusts them.
        trusted: users, roles and ARNs.
    """
    callers = [
        one for one in trusted if named_in_app.may_be_arn(one, role) or isinstance(order.created(one), iam.CfnRole)
    ]
    stage = unique.check_beside_names(role, _check) if callers else None
    if stage is not None:
        _TRUSTS.setdefault(stage, []).append(_Trust(role, callers))


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    found = unique.names_found(stage)
    policies = _Policies(walked)
    # Very many roles trust the same few.
    named: dict[str | None, iam.CfnRole | iam.CfnUser | None] = {None: None}
    for one in _TRUSTS[stage]:
        for entity in one.callers:
            text = named_in_app.text_of(entity, one.role)
            if text not in named:
                named[text] = named_in_app.resource_of(entity, found, one.role)
            caller = order.created(entity) if text is None else named[text]
            if isinstance(caller, iam.CfnRole):
                _warn(one.role, caller, policies)
    return []


def _warn(role: iam.Role, caller: iam.CfnRole, policies: _Policies) -> None:
    made, place = order.created(role), stacks.carrier_of(role)
    own, theirs = (stacks.account_of(stacks.stack_of(one)) for one in (role, caller))
    # What a StackSet makes is in other accounts, whichever these are.
    is_open = arguments.is_token(theirs) or (place is role and arguments.is_token(own))
    if not isinstance(made, iam.CfnRole) or own == theirs or is_open:
        return
    if policies.may_allow(caller, written_out.arn_of(made)):
        return
    cdk.Annotations.of(place).add_warning_v2(
        f"trustproof:may-not-ask-{caller.node.path}",
        f"{caller.node.path} of account {theirs} does not get in: no policy that it has in the app allows it "
        f"{ASSUME_ROLE} on {place.node.path}, and over accounts it needs one; grant it there (AssumeRoleGrant), unless "
        "somebody else does",
    )


class _Policies:
    """
    What the policies of roles are, when everything is there.
    """

    def __init__(self, walked: walk.Walked) -> None:
        self._walked = walked
        self._own: dict[str, list[Any] | None] = {}
        self._attached: dict[str, list[Any]] | None = None

    def may_allow(self, caller: iam.CfnRole, arn: str) -> bool:
        """Whether a policy of a role may let it ask for a role; one that is not known may."""
        path = stacks.path_of(caller)
        if path not in self._own:
            self._own[path] = self._of_role(caller)
        own = self._own[path]
        call = Call(ASSUME_ROLE, arn, SESSION)
        if own is None or any(may_allow(one, call) for one in own):
            return True
        # To ask each policy whose it is takes long, and most roles have what they need themselves.
        if self._attached is None:
            self._attached = self._found()
        return any(may_allow(one, call) for one in self._attached.get(path, ()))

    def _of_role(self, caller: iam.CfnRole) -> list[Any] | None:
        """The texts of the policies that a role names or has inside; None where one of them is not known."""
        stack = stacks.stack_of(caller)
        documents = [one.document for one in boundaries.inline_policies(caller)]
        # A list that is still empty stands for nothing.
        given = (stack.resolve(caller.managed_policy_arns) if caller.managed_policy_arns else None) or []
        if not isinstance(given, list):
            return None
        for one in given:
            found = boundaries.policies_in_template(caller, one, self._inside(stack))
            if not found:
                return None
            documents += [policy.document for policy in found]
        return documents

    def _inside(self, stack: cdk.Stack) -> Sequence[IConstruct]:
        return [one for where, inside in self._walked if where is stack for one in inside]

    def _found(self) -> dict[str, list[Any]]:
        """The texts of all policies of the app, by the paths of the roles that they are attached to."""
        holders = membership.Holders(self._walked, ())
        found: dict[str, list[Any]] = {}
        for made in self._made():
            for one in holders.of_resource(made).callers:
                found.setdefault(stacks.path_of(one), []).append(written_out.document_of(made))
        return found

    def _made(self) -> Iterator[iam.CfnPolicy | iam.CfnManagedPolicy]:
        for _, inside in self._walked:
            yield from (one for one in inside if isinstance(one, (iam.CfnPolicy, iam.CfnManagedPolicy)) and one.roles)
