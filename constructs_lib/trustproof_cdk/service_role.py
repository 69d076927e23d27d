"""
A role for an AWS service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Unpack

import aws_cdk as cdk
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk._constructor import construct
from trustproof_cdk._role import RoleOptions, TrustingRole
from trustproof_cdk._trust import ASSUME_ROLE, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

#: Services that send ``aws:SourceAccount`` and ``aws:SourceArn`` when they assume a role, each by its own documentation
#: of cross-service confused deputy prevention.
SENDING_SERVICES = (
    "bedrock.amazonaws.com",
    "codebuild.amazonaws.com",
    "iot.amazonaws.com",
    "personalize.amazonaws.com",
    "resources.cloudformation.amazonaws.com",
    "scheduler.amazonaws.com",
    "ssm-incidents.amazonaws.com",
    "states.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
#: Services that do not: a condition on what they do not send would lock them out.
SILENT_SERVICES = ("ec2.amazonaws.com", "lambda.amazonaws.com")


@construct
class ServiceRole(TrustingRole):
    """
    A role that an AWS service may assume, for our account only where the service says for whom it calls.

    A service serves every customer with the same principal. Most services say for which account and resource they call
    (``aws:SourceAccount``, ``aws:SourceArn``), some do not, and a condition on what is not sent locks the service out.
    For the services known to send them, `SENDING_SERVICES`, our account is demanded without being asked for. For
    others it is demanded only if you ask for it: look into the service's documentation.

    A service has no MFA, so none is demanded.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        service: like ``states.amazonaws.com``.
        source_account: the account that the service must call for. Default: the account of the stack for the services
            known to send it, none for others.
        source_arns: the resources that the service must call for; ``*`` and ``?`` are wildcards.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: a source demanded of a service known not to send it, or an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service: str,
        source_account: str | None = None,
        source_arns: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        arguments.service(service)
        known = _everywhere(service)
        if known in SILENT_SERVICES and not (source_account is None and source_arns is None):
            raise ValueError(
                f"{service} sends neither aws:SourceAccount nor aws:SourceArn when it assumes a role: a condition on "
                "them would lock it out"
            )
        if source_account is None and known in SENDING_SERVICES:
            source_account = cdk.Stack.of(scope).account
        demanded = conjoin(_source(source_account, source_arns), conditions)
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"Service": [service]}, [ASSUME_ROLE], demanded)],
            **options,
        )


def _everywhere(service: str) -> str:
    """The name that a service has in most places, of one like ``states.cn-north-1.amazonaws.com.cn``."""
    return re.sub(r"(\.[a-z]{2}(-[a-z]+)+-[0-9])?\.amazonaws\.com(\.cn)?$", ".amazonaws.com", service)


def _source(account: str | None, arns: Iterable[str] | None) -> ConditionBlock:
    block: dict[str, dict[str, str | list[str]]] = {}
    if account is not None:
        block["StringEquals"] = {"aws:SourceAccount": arguments.account(account, "source_account")}
    if arns is not None:
        listed = arguments.each(arns, "source_arns", arguments.arn_pattern)
        for arn in listed:
            if account is not None and not arguments.is_token(account) and _account_of(arn) not in (None, account):
                raise ValueError(f"source_arns must be of account {account}, for which the service calls, got {arn!r}")
        block["ArnLike"] = {"aws:SourceArn": listed}
    return block


def _account_of(arn: str) -> str | None:
    """The account in an ARN, where it is known at synthesis."""
    return None if arguments.is_token(arn) else arn.split(":")[4]
