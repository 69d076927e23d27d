"""
Managed policies and permissions boundaries: IAM takes those of the account of whoever has them, or of AWS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from trustproof_cdk._arguments.references import referred_to_by_texts
from trustproof_cdk._names import misnamed_policies, objects, order
from trustproof_cdk._names import policy_arns as arns
from trustproof_cdk._synthesis import raw_resources, stacks

#: The stacks that can refer to a policy: to ask for those of each role takes long.
_REACHED: WeakKeyDictionary[iam.IManagedPolicy, WeakSet[cdk.Stack]] = WeakKeyDictionary()
_ACCOUNT = re.compile(r"(?<=:iam::)[0-9]{12}(?=:)")
_HOLDERS = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
_INLINE = "AWS::IAM::Policy"
#: A resource in a text that CloudFormation fills in.
_REFERRED = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}")
_NOT_IN_EACH = (
    "{argument} cannot have {path}, which is made in the account of its stack, and the role in each account of an "
    "OrganizationRole: make the policy in the stack that the function for the role is given, or name the one that each "
    "account has, like iam.ManagedPolicy.from_managed_policy_name(inner, 'Deploy', 'Deploy')"
)
_BOUNDARY = "permissions_boundary"
_PROPERTIES = ("PermissionsBoundary", "ManagedPolicyArns")


def is_of_aws(arn: str) -> bool:
    """Whether a managed policy is one of AWS, which no account changes."""
    return ":iam::aws:policy/" in arn


def refuse_foreign(scope: Construct, policies: Iterable[iam.IManagedPolicy], argument: str) -> None:
    """
    Refuse policies that are none of the stack's account nor of AWS, and names of AWS's policies with a slip in them.

    Args:
        scope: in the stack of whoever has them.
        policies: as objects of the CDK.
        argument: the name of the argument, as the caller wrote it.
    """
    stack = stacks.stack_of(scope)
    inside = order.is_carried(scope)
    for policy in policies:
        arn = objects.arn_of(policy, "managed_policy_arn")
        reached = _REACHED.setdefault(policy, WeakSet())
        if stack in reached:
            continue
        of_aws = is_of_aws(arn)
        made = order.created(policy) if inside and not of_aws else None
        if made is not None and cdk.Stack.of(made) is not stack:
            raise ValueError(_NOT_IN_EACH.format(argument=argument, path=made.node.path))
        arns.refuse_unusable(scope, arn, argument)
        if not of_aws:
            order.refuse_out_of_reach(scope, policy, argument)
            # All boundaries are looked at when everything is there, by whatever they came.
            if argument != _BOUNDARY:
                misnamed_policies.refuse_misnamed(scope, arn, argument)
        reached.add(stack)


def of_each_account(template: dict[str, Any], scope: Construct, named_by_account: bool) -> None:
    """
    Make the policies that a template for many accounts names those of each account.

    Args:
        template: it is changed.
        scope: in the stack around, the policies of whose account were meant.
        named_by_account: whether the names of its policies have the account in them.

    Raises:
        ValueError: a policy of another account, which IAM attaches in no account but that one; or one that the app
            makes in the account of the stack around, and so in that one only.
    """
    own = stacks.stack_of(scope).account
    _refuse_made_here(template, scope)
    resources = template.get("Resources", {}).values()
    found: list[tuple[Any, Any]] = []
    for resource in resources:
        properties = resource.get("Properties", {}) if resource["Type"] in _HOLDERS else {}
        for name in _PROPERTIES:
            if name in properties:
                before, properties[name] = properties[name], _anywhere(properties[name], own, named_by_account)
                several = isinstance(before, list)
                found += zip(before, properties[name], strict=True) if several else [(before, properties[name])]
    # Inline policies speak of them, as that one does which denies a role to change what it hangs on.
    for resource in resources:
        properties = resource.get("Properties", {}) if resource["Type"] == _INLINE else {}
        if "PolicyDocument" in properties:
            properties["PolicyDocument"] = _with(properties["PolicyDocument"], found)


def refuse_made_around(stack: cdk.Stack) -> None:
    """
    Refuse roles, users and groups of the template of a StackSet that have a policy which the app makes elsewhere.

    What a reference becomes in the template is no more than the name of a policy, which each account may have.

    Args:
        stack: the one that becomes the template.

    Raises:
        ValueError: the policy is made in the account of its own stack, and in that one only.
    """
    for holder in raw_resources.all_in(stack):
        if isinstance(holder, (iam.CfnRole, iam.CfnUser, iam.CfnGroup)):
            for made in references(holder.managed_policy_arns, stack):
                if cdk.Stack.of(made) is not stack:
                    raise ValueError(_NOT_IN_EACH.format(argument="role", path=made.node.path))


def references(value: Any, scope: Construct) -> list[IConstruct]:
    """The constructs that a value refers to, also by their logical ids."""
    # To follow tokens takes several calls into the CDK for each of them.
    if (found := referred_to_by_texts(value)) is not None:
        return found
    resolver = _References()
    resolved = cdk.Tokenization.resolve(value, scope=scope, resolver=resolver)
    named = _logical_ids(resolved)
    if len(named) <= len(resolver.targets):
        return resolver.targets
    stack = stacks.stack_of(scope)
    known = {stack.resolve(one.logical_id) for one in resolver.targets if isinstance(one, cdk.CfnElement)}
    left = {*named} - known
    there = [one for one in raw_resources.all_in(stack) if left and isinstance(one, cdk.CfnResource)]
    return [*resolver.targets, *(one for one in there if stack.resolve(one.logical_id) in left)]


def _logical_ids(resolved: Any) -> list[str]:
    """Whatever a value of a template refers to in it, by `Ref`, `Fn::GetAtt` and in texts of `Fn::Sub`."""
    if isinstance(resolved, list):
        return [found for one in resolved for found in _logical_ids(one)]
    if not isinstance(resolved, dict):
        return []
    if len(resolved) != 1:
        return _logical_ids(list(resolved.values()))
    ((function, given),) = resolved.items()
    if function == "Ref":
        return [given] if isinstance(given, str) and not given.startswith("AWS::") else []
    if function == "Fn::GetAtt":
        parts = given.split(".") if isinstance(given, str) else given
        first = next(iter(parts), None) if isinstance(parts, list) else None
        return [first] if isinstance(first, str) else []
    if function == "Fn::Sub":
        text, *more = given if isinstance(given, list) and given else [given]
        return [*_REFERRED.findall(text if isinstance(text, str) else ""), *_logical_ids(more)]
    return _logical_ids(given)


class _References(cdk.DefaultTokenResolver):
    """Keeps to what the references lead that are resolved."""

    def __init__(self) -> None:
        super().__init__(cdk.StringConcat())
        self.targets: list[IConstruct] = []

    def resolve_token(self, t: Any, context: Any, post_processor: Any) -> Any:
        """The value of a token, as the resolver of the CDK has it."""
        if isinstance(t, cdk.Reference):
            self.targets.append(raw_resources.typed(t.target))
        return super().resolve_token(t, context, post_processor)


def _refuse_made_here(template: dict[str, Any], scope: Construct) -> None:
    """
    Refuse to attach a policy that the app makes in the account of the stack around.

    A permissions boundary is left: one that holds for a whole app is in each account by other means.
    """
    own = stacks.stack_of(scope).account
    texts = [
        json.dumps(arn)
        for resource in template.get("Resources", {}).values()
        if resource["Type"] in _HOLDERS
        for arn in resource.get("Properties", {}).get("ManagedPolicyArns", ())
    ]
    attached = [text for text in texts if f":iam::{own}:policy/" in text]
    if not attached:
        return
    for made in raw_resources.all_in(scope.node.root):
        if not isinstance(made, iam.CfnManagedPolicy) or cdk.Stack.of(made).account != own:
            continue
        stack = cdk.Stack.of(made)
        name, path = stack.resolve(made.managed_policy_name), stack.resolve(made.path) or "/"
        if isinstance(name, str) and any(f':iam::{own}:policy{path}{name}"' in text for text in attached):
            raise ValueError(_NOT_IN_EACH.format(argument="role", path=made.node.path))


def _with(value: Any, replaced: list[tuple[Any, Any]]) -> Any:
    """A value, with parts of it replaced wherever they stand as a whole."""
    for before, after in replaced:
        if value == before:
            return after
    if isinstance(value, list):
        return [_with(one, replaced) for one in value]
    if isinstance(value, dict):
        return {key: _with(one, replaced) for key, one in value.items()}
    return value


def _anywhere(value: Any, own: str, named_by_account: bool) -> Any:
    if isinstance(value, list):
        return [_anywhere(one, own, named_by_account) for one in value]
    if isinstance(value, dict) and value.keys() == {"Fn::Join"} and value["Fn::Join"][0] == "":
        parts = [_parts(part, own, named_by_account) for part in value["Fn::Join"][1]]
        return {"Fn::Join": ["", [one for part in parts for one in part]]}
    if not isinstance(value, str):
        return value
    parts = _parts(value, own, named_by_account)
    return parts[0] if len(parts) == 1 else {"Fn::Join": ["", parts]}


def _parts(text: Any, own: str, named_by_account: bool) -> list[Any]:
    if not isinstance(text, str):
        return [text]
    for account in _ACCOUNT.findall(text):
        if account != own:
            # Before it stands the partition, which is often no text.
            named = text.partition(f":iam::{account}:")[2]
            raise ValueError(
                "role must have managed policies and a permissions boundary of the account that it is in, since IAM "
                f"attaches no others, like f'arn:aws:iam::{{Aws.ACCOUNT_ID}}:policy/Boundary'; got "
                f"{named or 'a policy'} of account {account}"
            )
    pattern = re.escape(own) if named_by_account else rf"(?<=:iam::){re.escape(own)}(?=:)"
    pieces = re.split(pattern, text)
    found: list[Any] = [pieces[0]]
    for piece in pieces[1:]:
        found += [{"Ref": "AWS::AccountId"}, piece]
    return found
