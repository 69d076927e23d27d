"""
Deploy a role after those whom it trusts: IAM stores their ids, and refuses to trust who does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct, IValidation

from trustproof_cdk._arguments import arguments, regions
from trustproof_cdk._arguments.nodes import node_of
from trustproof_cdk._names.names_elsewhere import NAMES, is_named, name_over_regions, warn_of_carried_over
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import promise

#: The stacks that are templates of StackSets, and what their roles trust.
_AWAITED: WeakKeyDictionary[cdk.Stack, list[cdk.CfnResource]] = WeakKeyDictionary()

#: The properties that give names in templates.
_NAME_PROPERTIES = ("RoleName", "UserName", "GroupName", "ManagedPolicyName")


def deploy_after(role: iam.Role, trusted: Iterable[object]) -> None:
    """
    Make the stack of a role depend on the stacks of the users and roles that it trusts.

    In one stack a reference gives the order already. Over accounts there is none, only a name.

    Args:
        role: the role that trusts.
        trusted: users and roles; those that are given by ARN, or imported, exist already.

    Raises:
        ValueError: one of them is of another stage, or its stack depends on that of the role; the message has the
            circle.
    """
    for other in trusted:
        resource = created(other)
        if resource is None:
            continue
        theirs, ours = _deployed_with(resource), _deployed_with(role)
        if theirs is ours:
            continue
        _hold_to_its_name(role, other, resource, is_text=True)
        if (awaited := _AWAITED.get(ours)) is not None:
            awaited.append(resource)
            continue
        _depend(role, resource, ours, theirs)


def carried(stack: cdk.Stack) -> list[cdk.CfnResource]:
    """
    Say that a stack is the template of a StackSet, which nobody deploys by itself.

    Returns:
        What its roles trust; it grows with each of them, and the StackSet is to be deployed after it.
    """
    return _AWAITED.setdefault(stack, [])


def is_carried(scope: Construct) -> bool:
    """Whether a stack that becomes the template of a StackSet is just being made, and a scope is in it."""
    return stacks.stack_of(scope) in _AWAITED


def attach_after(policy: Construct, holders: Iterable[object]) -> None:
    """
    Make the stack of a policy or group depend on the stacks of another Region that have who it is attached to.

    In one Region a reference gives the order already. From another one there is only a name, and IAM attaches nothing
    to who does not exist.

    Args:
        policy: what is attached.
        holders: users, groups and roles; those that are imported exist already.

    Raises:
        ValueError: their stack depends on that of the policy; the message has the circle.
    """
    for holder in holders:
        resource = created(holder)
        if resource is None or stacks.stack_of(resource).environment == stacks.stack_of(policy).environment:
            continue
        # What is attached goes by the name alone.
        _hold_to_its_name(policy, holder, resource, has_path=False)
        _depend(policy, resource, _deployed_with(policy), _deployed_with(resource), "is attached to")


def deploy_stack_set_after(stack_set: cdk.CfnStackSet, resources: Iterable[cdk.CfnResource]) -> None:
    """
    Deploy a StackSet after what the roles in its template trust.

    Raises:
        ValueError: that depends on the stack of the StackSet; the message has the circle.
    """
    for resource in resources:
        theirs, ours = _deployed_with(resource), _deployed_with(stack_set)
        if theirs is ours:
            stack_set.add_dependency(resource)
        else:
            _depend(stack_set, resource, ours, theirs)


def created(entity: object) -> cdk.CfnResource | None:
    """The resource of a user or role that this app creates; nothing for one that is imported or given by ARN."""
    node = node_of(entity)
    found = None if node is None else node.default_child
    return found if isinstance(found, cdk.CfnResource) else None


def refuse_out_of_reach(scope: Construct, entity: object, argument: str) -> None:
    """
    Refuse what this app creates where the stack of a scope cannot refer to it.

    From another account or Region a reference is a name, so there must be one; the CDK makes one that is
    `PhysicalName.GENERATE_IF_NEEDED`. Nothing goes from one partition to another, nor, in one account and Region, from
    one stage to another: there it is no name. And the role inside of an
    `OrganizationRole` is in each of its accounts: a reference would be to one of the stack's.

    Args:
        scope: in the stack; one whose Region is known only in a deployment takes any.
        entity: a user, group, role or managed policy of this app; anything else passes.
        argument: the name of the argument, as the caller wrote it.

    Raises:
        ValueError: with the argument, the construct and what to do.
    """
    resource = created(entity)
    if resource is None:
        return
    if stacks.is_of_each_account(resource) and not stacks.is_of_each_account(scope):
        around = resource.node.scope
        # The stack inside, and the resource that the CDK makes of a construct, have names that nobody wrote.
        path = (resource if around is cdk.Stack.of(resource) or around is None else around).node.path.partition("/")[2]
        granted = ", or grant it by role_names" if argument == "target_roles" else ""
        raise ValueError(
            f"{argument} has {path} of the template of an OrganizationRole, which is made in each of its accounts, and "
            f"not in this one: name it by arn_in(account){granted}"
        )
    regions.beside_stack(scope, stacks.own_region_of(stacks.stack_of(resource)), argument)
    _refuse_other_stage(scope, resource, argument)
    _refuse_unnamed(scope, entity, resource, argument)
    _warn_of_unknown_account(scope, resource)
    warn_of_carried_over(scope, entity, resource)


def _refuse_other_stage(scope: Construct, resource: cdk.CfnResource, argument: str) -> None:
    ours, theirs = stacks.stack_of(scope), stacks.stack_of(resource)
    stage = stacks.stage_of(ours)
    # What is inside of an OrganizationRole has an app of its own, and refers to nothing around it.
    if stage is None or stacks.stage_of(theirs) is stage or is_carried(scope) or stacks.is_of_each_account(scope):
        return
    if theirs.environment == ours.environment:
        raise ValueError(
            f"{argument} cannot have {resource.node.path}, which is of another stage, and nothing refers from "
            f"{ours.node.path} to there: give it by its ARN or name (`from_…_arn`, `from_…_name`), and deploy its "
            "stage first"
        )


def _refuse_unnamed(scope: Construct, entity: object, resource: cdk.CfnResource, argument: str) -> None:
    ours, theirs = stacks.stack_of(scope), stacks.stack_of(resource)
    if theirs.environment == ours.environment or is_named(ours, theirs, entity):
        return
    name = next((name for attribute, name in NAMES.items() if hasattr(entity, attribute)), "name")
    apart = "Region" if stacks.account_of(theirs) == stacks.account_of(ours) else "account"
    raise ValueError(
        f"{argument} cannot have {resource.node.path} of another {apart} without a {name}, since {ours.node.path} can "
        f"refer to it by its name only: give it a {name} that is known at synthesis, or "
        "PhysicalName.GENERATE_IF_NEEDED in a stack whose account and Region are known"
    )


def _warn_of_unknown_account(scope: Construct, resource: cdk.CfnResource) -> None:
    """Of a stack without an account, CloudFormation takes what it has for that of whoever refers to it."""
    ours, theirs = stacks.stack_of(scope), stacks.stack_of(resource)
    if arguments.is_token(stacks.account_of(theirs)) and not arguments.is_token(stacks.account_of(ours)):
        cdk.Annotations.of(scope).add_warning_v2(
            f"trustproof:unknown-account-{theirs.node.path}",
            f"{resource.node.path} is of a stack without an account, and is taken to be of account {ours.account}: "
            f"where {theirs.node.path} is deployed to another one, it is somebody else; give {theirs.node.path} its "
            "account (env=cdk.Environment(account=...))",
        )


def by_name(scope: IConstruct, entity: object, attribute: str) -> str | None:
    """
    What a stack of another Region refers to by the name of a user or role of this app, see `name_over_regions`.

    Args:
        scope: in the stack that refers to it.
        entity: a user or role.
        attribute: where it has its ARN or its name.
    """
    resource = created(entity)
    return None if resource is None else name_over_regions(scope, resource, getattr(entity, attribute))


def hold_to_names(construct: IConstruct, entities: Iterable[object]) -> None:
    """
    Fail the synthesis if a user or role that is referred to by its name is called something else in the end.

    References inside an account follow an Aspect or an override that gives another name. Those from another account
    or Region are texts, which do not.

    Args:
        construct: what refers to them.
        entities: users and roles; those that are given by ARN, or imported, pass.
    """
    for entity in entities:
        resource = created(entity)
        if resource is not None:
            _hold_to_its_name(construct, entity, resource)


def _hold_to_its_name(
    construct: IConstruct,
    entity: object,
    resource: cdk.CfnResource,
    *,
    has_path: bool = True,
    is_text: bool = False,
) -> None:
    if stacks.stack_of(resource).environment != stacks.stack_of(construct).environment:
        named = _StillNamed(construct, entity, resource, has_path=has_path, is_text=is_text)
        stacks.node_of(construct).add_validation(named)
        promise(stacks.stack_of(resource), lambda: resource, named.said_of)


@jsii.implements(IValidation)
class _StillNamed:
    """Compares the name, and the path, that a text has with those that are deployed, when aspects have been applied."""

    def __init__(
        self, construct: IConstruct, entity: Any, resource: cdk.CfnResource, *, has_path: bool, is_text: bool
    ) -> None:
        self._construct, self._entity, self._resource = construct, entity, resource
        self._has_path, self._is_text = has_path, is_text

    def _referred(self, attribute: str) -> Any:
        text = by_name(self._construct, self._entity, attribute) if self._is_text else None
        return stacks.stack_of(self._construct).resolve(text or getattr(self._entity, attribute))

    def validate(self) -> list[str]:
        attribute = next(name for arn, name in NAMES.items() if hasattr(self._entity, arn))
        path = stacks.stack_of(self._resource).resolve(getattr(self._resource, "path", None))
        return self._said(attribute, _name(self._resource), path)

    def said_of(self, properties: Mapping[str, Any]) -> str:
        """What is wrong with the properties that the template has in the end."""
        attribute = next(name for arn, name in NAMES.items() if hasattr(self._entity, arn))
        written = next((properties[key] for key in _NAME_PROPERTIES if key in properties), None)
        said = self._said(attribute, written, properties.get("Path"))
        return f"{self._construct.node.path}: {said[0]}" if said else ""

    def _said(self, attribute: str, deployed: object, path: object) -> list[str]:
        referred = self._referred(attribute)
        if not isinstance(referred, str):
            return []
        if deployed == referred:
            return self._with_another_path(referred, path or "/") if self._has_path else []
        message = (
            f"{self._resource.node.path} is called {deployed!r}, by an Aspect or an override, and this, which is in "
            f"another account or Region, refers to it as {referred!r}: give it its name in its constructor"
        )
        return [message]

    def _with_another_path(self, name: str, path: object) -> list[str]:
        """What is wrong where only the path is another one, which ARNs have and names do not."""
        arn = next(self._referred(one) for one in NAMES if hasattr(self._entity, one))
        # Where the partition is not known, the last part has the name.
        text = arn if isinstance(arn, str) else next(iter(_texts_from_the_end(arn)), "")
        found = re.search(r":[a-z]+(/.*)", text)
        if found is None or not isinstance(path, str) or found[1] == f"{path}{name}":
            return []
        message = (
            f"{self._resource.node.path} has the path {path!r}, by an Aspect or an override, and this, which is in "
            f"another account or Region, refers to it as {found[1][1:]!r}: give it its path in its constructor"
        )
        return [message]


def _texts_from_the_end(value: Any) -> Iterator[str]:
    """The texts in a resolved value, the last one first."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in reversed(list(value.values()) if isinstance(value, dict) else value):
            yield from _texts_from_the_end(inner)


def _depend(
    role: Construct, resource: cdk.CfnResource, ours: cdk.Stack, theirs: cdk.Stack, verb: str = "trusts"
) -> None:
    if cdk.Stage.of(ours) is not cdk.Stage.of(theirs):
        if ours.environment == theirs.environment:
            raise ValueError(
                f"{resource.node.path} is of another stage, and nothing refers from {role.node.path} to there: give it "
                "by its ARN, and deploy its stage first"
            )
        cdk.Annotations.of(role).add_warning_v2(
            "trustproof:deployed-after",
            f"deploy the stage of {theirs.node.path} before that of {ours.node.path}: {role.node.path} {verb} "
            f"{resource.node.path}, IAM refuses who does not exist, and the CDK orders no stages",
        )
        return
    circle = _path(theirs, ours)
    if circle is not None:
        shown = " -> ".join(stack.node.path for stack in (ours, *circle))
        raise ValueError(
            f"{role.node.path} must be deployed after {resource.node.path}, which it {verb}, but their stacks "
            f"depend on each other: {shown}"
        )
    ours.add_stack_dependency(theirs, reason=f"{stacks.path_of(role)} {verb} {stacks.path_of(resource)}")


def _deployed_with(scope: Any) -> cdk.Stack:
    """The stack that is deployed, which for a nested one is the outermost."""
    return stacks.outermost_of(stacks.stack_of(scope))


def _path(start: cdk.Stack, goal: cdk.Stack) -> list[cdk.Stack] | None:
    """How a stack comes to depend on another one, both included."""
    if start is goal:
        return [start]
    for needed in start.dependencies:
        found = _path(needed, goal)
        if found is not None:
            return [start, *found]
    return None


def _name(resource: cdk.CfnResource) -> str | None:
    given = None
    if isinstance(resource, iam.CfnRole):
        given = resource.role_name
    elif isinstance(resource, iam.CfnUser):
        given = resource.user_name
    elif isinstance(resource, iam.CfnGroup):
        given = resource.group_name
    # A role that CloudFormation is to name has a token there that stands for nothing.
    found: str | None = stacks.stack_of(resource).resolve(given)
    return found
