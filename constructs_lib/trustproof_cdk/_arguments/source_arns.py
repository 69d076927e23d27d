"""
What the ARNs look like that services send as ``aws:SourceArn`` when they assume a role, by their documentation.

A condition on another kind of ARN is met by no call: the role is there, and the service cannot use it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from trustproof_cdk._arguments import references

_ARN_FIELDS = 6
#: What stands for a text that only a deployment knows, and the wildcards of a pattern.
_UNKNOWN = re.compile(r"\$\{Token\[|[*?]|\$\{")


class _Form(NamedTuple):
    """
    The ARNs of one kind of resource.
    """

    service: str
    #: How the resource begins.
    beginnings: tuple[str, ...]
    #: In words.
    kind: str
    #: The part after the account, in an example.
    example: str
    #: What has such an ARN, of the resources of an app; None where that is not said here.
    givers: references.Givers | None = None


#: Left out are services whose pages do not say what the ARN is in the trust policy of a role (AppStream, Bedrock).
_FORMS = {
    # https://docs.aws.amazon.com/codebuild/latest/userguide/cross-service-confused-deputy-prevention.html
    "codebuild.amazonaws.com": _Form(
        "codebuild", ("project/",), "a project", "project/Build", {"AWS::CodeBuild::Project": ("Arn",)}
    ),
    # https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html
    "iot.amazonaws.com": _Form("iot", ("",), "something of IoT", "*"),
    # https://docs.aws.amazon.com/personalize/latest/dg/cross-service-confused-deputy-prevention.html
    "personalize.amazonaws.com": _Form("personalize", ("",), "something of Personalize", "*"),
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cross-service-confused-deputy-prevention.html
    "resources.cloudformation.amazonaws.com": _Form(
        "cloudformation", ("type/",), "a type of extension", "type/resource/Acme-Shop-Resource"
    ),
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    "scheduler.amazonaws.com": _Form(
        "scheduler",
        ("schedule-group/",),
        "a group of schedules, never of a schedule",
        "schedule-group/default",
        {"AWS::Scheduler::ScheduleGroup": ("Arn",)},
    ),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    "ssm-incidents.amazonaws.com": _Form(
        "ssm-incidents", ("incident-record/",), "an incident record", "incident-record/Plan/*"
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
    "states.amazonaws.com": _Form(
        "states",
        ("stateMachine:",),
        "a state machine",
        "stateMachine:*",
        {
            "AWS::StepFunctions::StateMachine": ("Ref", "Arn"),
            "AWS::StepFunctions::StateMachineVersion": ("Ref", "Arn"),
            "AWS::StepFunctions::StateMachineAlias": ("Ref", "Arn"),
        },
    ),
    # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    "vpc-flow-logs.amazonaws.com": _Form("ec2", ("vpc-flow-log/",), "a flow log", "vpc-flow-log/*", {}),
}


def refuse_what_is_not_sent(service: str, arn: str, argument: str) -> None:
    """
    Refuse an ARN, or a pattern, that no call of a service has.

    Args:
        service: as it is called in most places.
        arn: parts that only a deployment knows pass.
        argument: the name of the argument, as the caller wrote it.

    Raises:
        ValueError: it is of another service or kind of resource.
    """
    form = _FORMS.get(service)
    if form is not None and form.givers is not None:
        references.refuse_other(arn, argument, f"of {form.kind} for {service}", form.givers)
    parts = arn.split(":", _ARN_FIELDS - 1)
    if form is None or len(parts) < _ARN_FIELDS:
        return
    of, resource = parts[2], parts[5]
    is_whole = _UNKNOWN.search(of) is None
    begins = _UNKNOWN.split(resource, maxsplit=1)[0]
    is_literal = begins == resource
    fits = any(begins.startswith(one) or (not is_literal and one.startswith(begins)) for one in form.beginnings)
    if (is_whole and of != form.service) or not fits:
        example = f"arn:{parts[1]}:{form.service}:{parts[3] or '*'}:{parts[4]}:{form.example}"
        raise ValueError(
            f"{argument} must be of {form.kind} for {service}, like {example!r}, since it sends no other when it "
            f"assumes a role, got {arn!r}"
        )
