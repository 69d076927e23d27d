"""
What a service says of the resource for which it acts with a role (`aws:SourceArn`), where that is documented and the
request that hands the role over names the resource.

The pages are with `IN_TRUST_POLICIES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.sandbox.credentials.credentials import PARTITION

_PROJECTS = "arn:{partition}:codebuild:{region}:{account}:project/{name}"
_MACHINES = "arn:{partition}:states:{region}:{account}:stateMachine:{name}"
#: Of a schedule it is the group, not the schedule.
_GROUPS = "arn:{partition}:scheduler:{region}:{account}:schedule-group/{name}"

#: Service and operation to: the ARN, the parameter that has the name, and the name where that is left out.
_OF_CALLS: dict[tuple[str, str], tuple[str, str, str | None]] = {
    ("codebuild", "CreateProject"): (_PROJECTS, "name", None),
    ("codebuild", "UpdateProject"): (_PROJECTS, "name", None),
    ("scheduler", "CreateSchedule"): (_GROUPS, "GroupName", "default"),
    ("scheduler", "UpdateSchedule"): (_GROUPS, "GroupName", "default"),
    ("stepfunctions", "CreateStateMachine"): (_MACHINES, "name", None),
    ("stepfunctions", "UpdateStateMachine"): (_MACHINES, "stateMachineArn", None),
}
#: The same of the types of CloudFormation.
_OF_TYPES: dict[str, tuple[str, str, str | None]] = {
    "AWS::CodeBuild::Project": (_PROJECTS, "Name", None),
    "AWS::Scheduler::Schedule": (_GROUPS, "GroupName", "default"),
    "AWS::StepFunctions::StateMachine": (_MACHINES, "StateMachineName", None),
}


def source_of_call(
    service: str, operation: str, parameters: Mapping[str, Any], account: str | None, region: str
) -> str | None:
    """
    The resource that a call makes or changes.

    Args:
        service: as botocore names it.
        operation: `CreateProject`.
        parameters: of the call.
        account: in which the resource is.
        region: likewise.

    Returns:
        the ARN that the service says; None where that is not known.
    """
    return _source(_OF_CALLS.get((service, operation)), parameters, None, account, region)


def source_of_resource(kind: str, properties: Mapping[str, Any], name: str, account: str, region: str) -> str | None:
    """
    The same of a resource of a template.

    Args:
        kind: `AWS::CodeBuild::Project`.
        properties: with their values.
        name: which CloudFormation gives the resource where they give it none, or its ARN.
        account: of the resource.
        region: likewise.
    """
    return _source(_OF_TYPES.get(kind), properties, name, account, region)


def _source(
    row: tuple[str, str, str | None] | None,
    named: Mapping[str, Any],
    made_up: str | None,
    account: str | None,
    region: str,
) -> str | None:
    if row is None or not account:
        return None
    form, parameter, otherwise = row
    name = named.get(parameter) or otherwise or made_up
    if not isinstance(name, str):
        return None
    if name.startswith("arn:"):
        return name
    return form.format(partition=PARTITION, region=region, account=account, name=name)
