"""
The permissions boundaries that users and roles have when everything is there, and whether IAM takes them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, known_texts, messages
from trustproof_cdk._names import misnamed_policies, unique
from trustproof_cdk._names import policy_arns as arns
from trustproof_cdk._policies import written_out
from trustproof_cdk._synthesis import raw_resources, role_properties, stacks

#: A user or role.
Bounded: TypeAlias = "iam.CfnRole | iam.CfnUser"
#: The stacks of an app or stage, and all that is in each.
Walked: TypeAlias = "Sequence[tuple[cdk.Stack, Sequence[IConstruct]]]"
#: Says what is wrong, given what is there, and those of it that have a boundary, with its ARN.
Check: TypeAlias = "Callable[[cdk.Stage, Walked, Sequence[tuple[Bounded, str]]], list[str]]"

_ARGUMENT = "permissions_boundary"
_PROPERTY = "PermissionsBoundary"
#: Stands before the path and the name in the ARN of a policy that an account has.
_POLICY = ":policy/"
#: By app or stage, what asks further of who has a boundary; each once.
_FURTHER: WeakKeyDictionary[cdk.Stage, dict[Check, None]] = WeakKeyDictionary()
#: Whoever has a boundary, and its ARN.
_FOUND_OF: WeakKeyDictionary[Bounded, str] = WeakKeyDictionary()


class Policy(NamedTuple):
    """A policy that a boundary may be."""

    #: Its path in the app, or its name.
    shown: str
    document: Any
    is_of_aws: bool = False


def refuse_unusable_later(scope: Construct) -> cdk.Stage | None:
    """
    Fail the synthesis if a role or user of the app or stage has a permissions boundary that IAM does not take.

    An argument says so when it is given. Aspects, `iam.PermissionsBoundary.of`, the boundary of a stack, a stage or
    the context, and the property of a resource come later.

    Returns:
        The app or stage.
    """
    return unique.check_beside_names(scope, _check)


def check_bounded(scope: Construct, check: Check) -> cdk.Stage | None:
    """
    Have a check look at who has a permissions boundary, when everything is there.

    Returns:
        The app or stage.
    """
    stage = refuse_unusable_later(scope)
    if stage is not None:
        _FURTHER.setdefault(stage, {})[check] = None
    return stage


def policies_of(caller: Bounded) -> list[Policy]:
    """What the boundary of a user or role may be, see `policies_named`; none where it has none."""
    boundary = boundary_of(caller)
    return [] if boundary is None else policies_named(caller, boundary)


def policies_named(caller: Bounded, boundary: str) -> list[Policy]:
    """
    What a boundary may be: a policy that AWS manages, or those of the app that are referred to, or that have its name
    in the account of the caller; none where it is not known.
    """
    boundary = known_texts.text(boundary, caller)
    if (of_aws := arns.name_of_aws(boundary)) is not None:
        # Only who has such a boundary has to wait for the text of all of them.
        import trustproof

        document = trustproof.managed_policy_document(of_aws)
        return [] if document is None else [Policy(of_aws, document, is_of_aws=True)]
    if (referred_to := arns.policy_of_app(boundary)) is not None:
        return [_of_app(referred_to)]
    _, separator, named = boundary.rpartition(_POLICY)
    if not separator or arguments.is_token(named):
        return []
    return [_of_app(one) for one in unique.managed_policies_named(caller, named.rpartition("/")[2])]


def found_of(holder: Bounded) -> str | None:
    """The ARN of the boundary that a user or role had when the app or stage was asked about; None where it had none."""
    return _FOUND_OF.get(holder)


def policies_in_template(caller: Bounded, boundary: Any, there: Sequence[IConstruct]) -> list[Policy]:
    """
    What a boundary may be that a template has, see `policies_named`.

    Args:
        caller: that has it.
        boundary: as it is in the template.
        there: all that is in the stack of the caller.
    """
    if isinstance(boundary, Mapping) and boundary.keys() == {"Ref"}:
        stack = stacks.stack_of(caller)
        return [
            _of_app(one)
            for one in there
            if isinstance(one, iam.CfnManagedPolicy) and stack.resolve(one.logical_id) == boundary["Ref"]
        ]
    written = written_out.text_of(boundary, stacks.stack_of(caller))
    return [] if written is None else policies_named(caller, written)


def policies_chosen(caller: Bounded, boundary: str) -> list[Policy]:
    """The policies of its stack among which a condition of the template chooses the boundary of a user or role."""
    stack = stacks.stack_of(caller)
    found = stack.resolve(boundary) if arguments.is_token(boundary) else None
    branches = found.get("Fn::If") if isinstance(found, dict) else None
    named = [one["Ref"] for one in branches or () if isinstance(one, dict) and one.keys() == {"Ref"}]
    return [
        _of_app(one)
        for one in (raw_resources.all_in(stack) if named else ())
        if isinstance(one, iam.CfnManagedPolicy) and stack.resolve(one.logical_id) in named
    ]


def inline_policies(holder: Bounded | iam.CfnGroup) -> Iterator[Policy]:
    """Those that a user, role or group was made with, and that to which the CDK adds what it is granted."""
    yield from policies_of_property(holder)
    around = stacks.node_of(holder).scope
    added = None if around is None else stacks.node_of(around).try_find_child("DefaultPolicy")
    if isinstance(added, iam.Policy) and not isinstance(holder, iam.CfnGroup):
        yield Policy(stacks.path_of(added), stacks.stack_of(holder).resolve(added.document))


def policies_of_property(holder: Bounded | iam.CfnGroup) -> Iterator[Policy]:
    """Those that a user, role or group was made with."""
    yield from policies_written(stacks.stack_of(holder).resolve(holder.policies) if holder.policies else None)


def policies_written(given: Any) -> Iterator[Policy]:
    """The inline policies of a resolved property, as far as they can be read."""
    for one in given if isinstance(given, list) else ():
        if isinstance(one, Mapping):
            named = {key.lower(): value for key, value in one.items()}
            yield Policy(str(named.get("policyname")), named.get("policydocument"))


def _of_app(policy: iam.CfnManagedPolicy) -> Policy:
    return Policy(stacks.path_of(policy), written_out.document_of(policy))


def _check(stage: cdk.Stage, walked: Walked) -> list[str]:
    given = list(_given(stage, walked))
    return [*_unusable(stage, given)] + [
        one for check in _FURTHER.get(stage, ()) for one in check(stage, walked, given)
    ]


def _given(stage: cdk.Stage, walked: Walked) -> Iterator[tuple[Bounded, str]]:
    there = [one for _, inside in walked for one in inside]
    # Hardly anybody gives boundaries by aspects, and each question is a call into the CDK.
    by_aspects = any(map(_may_give_boundaries, [*stacks.node_of(stage).scopes, *there]))
    for one in there:
        if isinstance(one, (iam.CfnRole, iam.CfnUser)):
            arn = boundary_of(one) if by_aspects else _own_boundary(one)
            if arn is not None:
                _FOUND_OF[one] = arn
                yield one, arn


def _own_boundary(caller: Bounded) -> str | None:
    """The ARN that a user or role was made with."""
    return role_properties.boundary_of(caller) if isinstance(caller, iam.CfnRole) else caller.permissions_boundary


def _unusable(stage: cdk.Stage, given: Sequence[tuple[Bounded, str]]) -> Iterator[str]:
    """What is wrong with boundaries: one that many have is asked about once in a stack."""
    found: dict[tuple[cdk.Stack, str], str] = {}
    for one, arn in given:
        where = (stacks.stack_of(one), arn)
        if where not in found:
            found[where] = _wrong(*where) or misnamed_policies.said_of(stage, *where, _ARGUMENT)
        if found[where]:
            yield f"{one.node.path}: {found[where]}"


def _wrong(stack: cdk.Stack, arn: str) -> str:
    try:
        arns.refuse_unusable(stack, arn, _ARGUMENT)
    except ValueError as error:
        return messages.plain(str(error))
    return ""


def _may_give_boundaries(scope: IConstruct) -> bool:
    """Whether there is an aspect of the CDK at a construct, beside the one with which a role divides long policies."""
    if isinstance(scope, cdk.CfnElement):
        # Whoever has a resource at hand sets its property; to ask each would be half of what an app costs.
        return False
    own = 1 if isinstance(scope, iam.Role) else 0
    aspects = stacks.aspects_of(scope).all
    return len(aspects) > own and any(map(_is_of_cdk, aspects[own:]))


def boundary_of(caller: Bounded) -> str | None:
    """The ARN of the boundary that a user or role has when aspects have been applied."""
    given = [
        one
        for around in stacks.node_of(caller).scopes
        for one in stacks.aspects_of(around).applied
        if _is_of_cdk(one.aspect)
    ]
    if not given:
        return caller.permissions_boundary
    asked = _asked_role() if isinstance(caller, iam.CfnRole) else _asked_user()
    asked.boundary = caller.permissions_boundary
    # Later ones count, and those further in of the same priority.
    for one in sorted(given, key=lambda one: one.priority):
        one.aspect.visit(asked)
    return asked.boundary


def _is_of_cdk(aspect: object) -> bool:
    """Whether an aspect is an object of the CDK that has no class, as those are that give permissions boundaries."""
    return type(aspect).__module__.startswith("jsii.")


class _Asked:
    """Takes notice of the permissions boundary that an aspect gives."""

    boundary: str | None = None

    def add_property_override(self, property_path: str, value: Any) -> None:
        if property_path == _PROPERTY:
            self.boundary = value

    def add_property_deletion_override(self, property_path: str) -> None:
        if property_path == _PROPERTY:
            self.boundary = None


class _AskedRole(_Asked, iam.CfnRole):
    """A role in the place of one that the app has."""


class _AskedUser(_Asked, iam.CfnUser):
    """A user in the place of one that the app has."""


@lru_cache(maxsize=1)
def _asked_role() -> _AskedRole:
    return _AskedRole(_of_no_app(), "Role", assume_role_policy_document={})


@lru_cache(maxsize=1)
def _asked_user() -> _AskedUser:
    return _AskedUser(_of_no_app(), "User")


def _of_no_app() -> cdk.Stack:
    """What is no construct of an app cannot be changed by anybody who visits it."""
    return cdk.Stack(cdk.App(auto_synth=False, analytics_reporting=False), "Asked")
