"""
Users, roles, groups and policies of another account or Region, which a stack refers to by their names.
"""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct, IConstruct

from trustproof_cdk._synthesis import stacks

#: What has an ARN by an attribute of this name has its name by that argument.
NAMES = {
    "role_arn": "role_name",
    "user_arn": "user_name",
    "group_arn": "group_name",
    "managed_policy_arn": "managed_policy_name",
}


def is_named(ours: cdk.Stack, theirs: cdk.Stack, entity: Any) -> bool:
    """Whether a stack elsewhere can refer to it: it has a name, or one that the CDK makes when it is needed."""
    arn = next((getattr(entity, attribute) for attribute in NAMES if hasattr(entity, attribute)), None)
    try:
        found = ours.resolve(arn)
    except RuntimeError:
        return False
    # Over Regions the CDK carries over what only a deployment knows, and over accounts it cannot.
    return stacks.account_of(theirs) == stacks.account_of(ours) or not _refers(found)


def name_over_regions(scope: IConstruct, resource: cdk.CfnResource, text: str) -> str | None:
    """
    What a stack of another Region refers to by the name of a user or role of this app.

    With ``cross_region_references`` the CDK would have a custom resource carry the reference over, so that nobody who
    reads the template sees who is meant.

    Args:
        scope: in the stack that refers to it.
        resource: a user or role.
        text: its ARN, or its name.

    Returns:
        None where the CDK refers to it by name already, or by a reference of one Region, and where it has no name.
    """
    ours, theirs = stacks.stack_of(scope), stacks.stack_of(resource)
    if not _is_beside(ours, theirs):
        return None
    # As a stack has it that carries nothing over.
    env = cdk.Environment(account=ours.account, region=ours.region)
    apart = cdk.Stack(cdk.App(auto_synth=False, analytics_reporting=False), "Apart", env=env)
    try:
        found = apart.resolve(text) if _refers(ours.resolve(text)) else None
    except RuntimeError:
        return None
    if found is None or _refers(found):
        return None
    return found if isinstance(found, str) else cdk.Token.as_string(found)


def warn_of_carried_over(scope: Construct, entity: Any, resource: cdk.CfnResource) -> None:
    """
    Warn of what a stack of another Region refers to without a name: a custom resource has its ARN, which nobody reads.

    Args:
        scope: in the stack that refers to it.
        entity: a user, group, role or policy of this app.
        resource: that of it.
    """
    ours, theirs = stacks.stack_of(scope), stacks.stack_of(resource)
    if not _is_beside(ours, theirs):
        return
    attribute, name = next(((one, name) for one, name in NAMES.items() if hasattr(entity, one)), ("", "name"))
    arn = getattr(entity, attribute, None)
    if arn is not None and _refers(ours.resolve(arn)) and name_over_regions(scope, resource, arn) is None:
        cdk.Annotations.of(scope).add_warning_v2(
            f"trustproof:carried-over-{resource.node.path}",
            f"{resource.node.path} has no {name} that is known at synthesis, so that the CDK carries its ARN over to "
            f"{ours.node.path}, and the gate does not decide who it is: give it a {name}",
        )


def _refers(value: Any) -> bool:
    """Whether a resolved value refers to something of a template, and not only to where that is deployed."""
    if isinstance(value, list):
        return any(map(_refers, value))
    if not isinstance(value, dict):
        return False
    if value.keys() == {"Ref"}:
        return not str(value["Ref"]).startswith("AWS::")
    return "Fn::GetAtt" in value or any(map(_refers, value.values()))


def _is_beside(ours: cdk.Stack, theirs: cdk.Stack) -> bool:
    """Whether a stack is in another Region of the same account."""
    is_same_account = stacks.account_of(theirs) == stacks.account_of(ours)
    return is_same_account and stacks.own_region_of(theirs) != stacks.own_region_of(ours)
