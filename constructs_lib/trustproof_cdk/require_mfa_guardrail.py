"""
MFA for every IAM user of an organization.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later
from trustproof_cdk._arguments import published_actions as published
from trustproof_cdk._constructor import construct, function
from trustproof_cdk._names import misnamed_arns, order, quotas, unique
from trustproof_cdk._organizations import attached_count
from trustproof_cdk._organizations.roots import root_of
from trustproof_cdk._policies import kept_policies as kept
from trustproof_cdk._policies import vain_exemptions
from trustproof_cdk._policies.vain_exemptions import Guardrail
from trustproof_cdk._synthesis import stacks
from trustproof_cdk.conditions import ConditionBlock, conjoin

#: What a resource control policy is about unless it is said otherwise.
RESOURCE_ACTIONS = ("kms:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:AssumeRole")

#: What a user needs before there can be any MFA. An enrolment that was broken off leaves a device behind, which is in
#: the way of the next one; IAM deletes none that is in use.
_ENROLMENT = (
    "iam:CreateVirtualMFADevice",
    "iam:DeleteVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
)
#: Who is made to change the password at the first sign-in has to do so before anything else, MFA too.
_FIRST_PASSWORD = ("iam:ChangePassword", "iam:GetAccountPasswordPolicy")
#: What may be exempt beside it, since it gives whoever has a stolen access key nothing: one must know the old password
#: to change it.
EXEMPTIBLE_ACTIONS = (
    "iam:ChangePassword",
    "iam:GetAccountPasswordPolicy",
    "iam:GetAccountSummary",
    "iam:GetLoginProfile",
    "iam:ListAccountAliases",
    "iam:ListUsers",
)
#: Actions that people ask for, and what comes of them.
_AROUND = {
    "sts:GetFederationToken": "it begins a session that is no user's any more, so that this guardrail spares it",
    "sts:AssumeRole": "it begins a role session, which this guardrail spares, and which role demands MFA itself is not "
    "known here",
    "iam:PassRole": "it hands a role to a service, which then acts without MFA",
}
#: What takes MFA away, or gives somebody else's permissions: with one of these, a stolen access key needs no MFA.
_ESCALATING = (
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:DeactivateMFADevice",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
)
SERVICE_CONTROL_POLICY = "SERVICE_CONTROL_POLICY"
RESOURCE_CONTROL_POLICY = "RESOURCE_CONTROL_POLICY"
_KINDS = {
    SERVICE_CONTROL_POLICY: ("service control policy", quotas.SERVICE_CONTROL_POLICY),
    RESOURCE_CONTROL_POLICY: ("resource control policy", quotas.RESOURCE_CONTROL_POLICY),
}
#: Services that resource control policies reach:
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services
RESOURCE_SERVICES = tuple("aoss cognito-identity cognito-idp dynamodb ecr kms logs s3 secretsmanager sqs sts".split())
#: Of the actions of STS, those by which an IAM user uses a resource: a role. Those that take an assertion or a token
#: are not signed by anybody, so that no user calls them.
_ROLE_ACTIONS = (
    "sts:AssumeRole",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
)

_OF_ONE_ORGANIZATION = "each organization has its own policies, in a stack of its own management account"
#: By app or stage, and by account: the root of the organization that the account is in, and what says so.
_ORGANIZATIONS: WeakKeyDictionary[cdk.Stage, dict[str, tuple[str, str]]] = WeakKeyDictionary()


@function
def mfa_service_control_policy(
    *, exempt_actions: Iterable[str] = (), exempt_users: Iterable[str] = ()
) -> dict[str, Any]:
    """
    A service control policy that denies IAM users everything before they have used MFA, except to set it up.

    They may change their password, for which they must know the old one: who is made to do so at the first sign-in has
    no MFA yet.

    It is about users only: sessions of roles, AWS services and people of identity providers never carry MFA, and a
    ``Deny`` without that limit would stop them all. Sessions of GetFederationToken begin with a call of a user without
    MFA, which this denies.

    Args:
        exempt_actions: what users may do without MFA as well, out of `EXEMPTIBLE_ACTIONS`.
        exempt_users: ARNs of users who need none: machines with an access key that are not roles yet.

    Raises:
        ValueError: another action; the message says what could be done with it.
    """
    exempt = arguments.any_number(exempt_actions, "exempt_actions", _exempt_action)
    statement = {
        "Sid": "DenyUsersWithoutMfa",
        "Effect": "Deny",
        # GetSessionToken, with which a user enters the code on the command line, is not in it: no policy can deny it.
        "NotAction": sorted({*_ENROLMENT, *_FIRST_PASSWORD, *exempt}),
        "Resource": "*",
        "Condition": _without_mfa(exempt_users),
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


@function
def mfa_resource_control_policy(
    *,
    actions: Iterable[str] = RESOURCE_ACTIONS,
    exempt_users: Iterable[str] = (),
    allow_other_services: bool = False,
    allow_unknown_actions: bool = False,
) -> dict[str, Any]:
    """
    A resource control policy that denies IAM users, of whichever account, access before they have used MFA.

    Like `mfa_service_control_policy` it is about users only. It stops users of other organizations too, which a service
    control policy cannot.

    Args:
        actions: of services that support resource control policies. ``*`` alone is not accepted there.
        exempt_users: ARNs of users who need no MFA.
        allow_other_services: True takes actions of services that are not in `RESOURCE_SERVICES`, for those to which AWS
            has extended resource control policies since.
        allow_unknown_actions: True takes actions that are not known here; a misspelt one is not an action.

    Raises:
        ValueError: an action without a service, of one that resource control policies do not reach, or one that AWS has
            not published.
    """
    reached = arguments.each(actions, "actions", _resource_action)
    if not arguments.flag(allow_other_services, "allow_other_services"):
        for action in reached:
            _refuse_unreached(action)
    published.refuse_unknown(reached, "actions", allow_unknown_actions=allow_unknown_actions)
    statement = {
        "Sid": "DenyUsersWithoutMfa",
        "Effect": "Deny",
        "Principal": "*",
        "Action": reached,
        "Resource": "*",
        "Condition": _without_mfa(exempt_users),
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


@construct
class RequireMfaGuardrail(organizations.CfnPolicy):
    """
    A policy of the organization by which IAM users need MFA, whatever the accounts below it allow.

    As a service control policy it holds for the users of the accounts below the targets; as a resource control policy
    for the resources of these accounts, whoever's users ask. Both spare roles, AWS services and people of identity
    providers. The management account is subject to neither.
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html

    For other ways to deploy, `mfa_service_control_policy()` and `mfa_resource_control_policy()` give the documents.

    Args:
        scope: as of every construct; a stack of the management account or of the delegated administrator.
        construct_id: as of every construct.
        targets: ids of roots, organizational units or accounts to attach it to.
        policy_type: ``SERVICE_CONTROL_POLICY`` or ``RESOURCE_CONTROL_POLICY``.
        exempt_actions: what users may do without MFA as well, out of `EXEMPTIBLE_ACTIONS`; only of a service control
            policy.
        exempt_users: users, or their ARNs, who need no MFA: machines with an access key that are not roles yet.
        actions: what a resource control policy is about. Default: `RESOURCE_ACTIONS`.
        allow_other_services: see `mfa_resource_control_policy`.
        allow_unknown_actions: see there.
        policy_name: unique in the organization. Default: ``RequireMfa`` and the type, which one policy can have.
        description: what the policy is for.

    Raises:
        ValueError: an argument that AWS Organizations would refuse, or an exemption that opens a way around MFA. The
            synthesis fails if the policy is too long.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        targets: Iterable[str],
        policy_type: str = SERVICE_CONTROL_POLICY,
        exempt_actions: Iterable[str] = (),
        exempt_users: Iterable[str | iam.IUser] = (),
        actions: Iterable[str] | None = None,
        allow_other_services: bool = False,
        allow_unknown_actions: bool = False,
        policy_name: str | None = None,
        description: str | None = None,
    ) -> None:
        # What is to be looked up is, until then, of the kind that takes what else is given.
        kinds = tuple(_KINDS) if actions is None else tuple(reversed(_KINDS))
        policy_type = arguments.one_of(policy_type, "policy_type", kinds)
        exempt = arguments.any_number(exempt_actions, "exempt_actions", _text)
        exempt_users = arguments.once(exempt_users)
        arns = arguments.arns(exempt_users, "exempt_users", "user_arn")
        for user in exempt_users:
            order.refuse_out_of_reach(scope, user, "exempt_users")
        spared = arguments.any_number(arns, "exempt_users", arguments.user_arn)
        if policy_type == SERVICE_CONTROL_POLICY:
            flags = {"allow_other_services": allow_other_services, "allow_unknown_actions": allow_unknown_actions}
            if actions is not None or any(arguments.flag(given, name) for name, given in flags.items()):
                raise ValueError(
                    "actions can be given only for a resource control policy: users need MFA for everything"
                )
            document = mfa_service_control_policy(exempt_actions=exempt, exempt_users=spared)
        else:
            if exempt:
                raise ValueError(
                    "exempt_actions can be given only for a service control policy: name the actions instead"
                )
            listed = RESOURCE_ACTIONS if actions is None else actions
            document = mfa_resource_control_policy(
                actions=listed,
                exempt_users=spared,
                allow_other_services=allow_other_services,
                allow_unknown_actions=allow_unknown_actions,
            )
        what, maximum = _KINDS[policy_type]
        name = _policy_name(f"RequireMfa{what.title().replace(' ', '')}" if policy_name is None else policy_name)
        attached = arguments.each(targets, "targets", arguments.organization_target)
        root = root_of(attached, "targets", _OF_ONE_ORGANIZATION)
        _refuse_other_organization(scope, construct_id, root)
        # The names are unique in an organization, of which an app may have two: one to try things in.
        unique.claim(scope, construct_id, (root, policy_type, name), "policy_name", name)
        super().__init__(
            scope,
            construct_id,
            content=document,
            name=name,
            type=policy_type,
            description=arguments.optional(description, "description", _description),
            target_ids=attached,
        )
        quotas.limit_document(self, what, document, maximum, "AWS Organizations")
        attached_count.limit_attached(self)
        order.hold_to_names(self, exempt_users)
        misnamed_arns.refuse_misnamed(self, spared)
        exemptions = {"exempt_users": spared, "exempt_actions": _beyond_enrolment(exempt)}
        reached = document["Statement"][0].get("Action", ["*"])
        vain_exemptions.hold_to_exemptions(Guardrail(self, policy_type, attached, exemptions, reached))
        made = {"Content": document, "TargetIds": attached, "Type": policy_type}
        kept.hold_to_properties(self, lambda: made, "and users need no MFA where it does not hold")


def _refuse_other_organization(scope: Construct, construct_id: str, root: str) -> None:
    """An account is in one organization; of stacks whose account only a deployment knows, each is one account."""
    stack = stacks.stack_of(scope)
    stage = cdk.Stage.of(stack)
    if not root or stage is None:
        return
    account = stacks.path_of(stack) if arguments.is_token(stack.account) else stack.account
    known, by = _ORGANIZATIONS.setdefault(stage, {}).setdefault(
        account, (root, f"{stacks.path_of(scope)}/{construct_id}")
    )
    if known != root:
        raise ValueError(
            f"targets must be of the organization of {by}, with the root r-{known}, since the account of a stack is in "
            f"one organization, got r-{root}: put the policies of another organization into a stack of its management "
            "account"
        )


def _without_mfa(exempt_users: Iterable[str]) -> ConditionBlock:
    spared = arguments.any_number(exempt_users, "exempt_users", arguments.user_arn)
    # A guardrail is for all partitions that its organization may have accounts in.
    users = {
        "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
        "ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:user/*"},
    }
    if not spared:
        return users
    return conjoin(users, {"ArnNotEquals": {"aws:PrincipalArn": spared}})


def _beyond_enrolment(exempt: Iterable[str]) -> list[str]:
    """The actions among these that are not exempt without being said."""
    always = {action.lower() for action in (*_ENROLMENT, *_FIRST_PASSWORD)}
    return [action for action in exempt if action.lower() not in always]


def _text(value: str, argument: str) -> str:
    """An action, which is checked with the policy that it stands in."""
    return arguments.matching(value, argument, r"[\s\S]*", "an action like 'iam:ListUsers'")


def _exempt_action(value: str, argument: str) -> str:
    arguments.action(value, argument)
    arguments.refuse_token(
        value, argument, "what a stolen access key could do by it must be known; write the action out"
    )
    if arguments.is_looked_up(value):
        return value
    if any(value.lower() == harmless.lower() for harmless in (*_ENROLMENT, *EXEMPTIBLE_ACTIONS)):
        return value
    for escalating in _ESCALATING:
        if arguments.covers(value, escalating):
            raise ValueError(
                f"{argument} cannot have {value!r}: with {escalating} a stolen access key would get around MFA"
            )
    for around, reason in _AROUND.items():
        if arguments.covers(value, around):
            raise ValueError(f"{argument} cannot have {value!r}: of {around}, {reason}")
    accepted = ", ".join(EXEMPTIBLE_ACTIONS)
    raise ValueError(
        f"{argument} cannot have {value!r}, of which it is not known what a stolen access key could do with it; "
        f"accepted are {accepted}"
    )


def _refuse_unreached(action: str) -> None:
    if arguments.is_token(action):
        known_later.note(action, "actions", _refuse_unreached)
        return
    service = action.partition(":")[0]
    if service not in RESOURCE_SERVICES:
        raise ValueError(
            f"actions cannot have {action!r}, since RCPs reach {', '.join(RESOURCE_SERVICES)} only "
            "(or say allow_other_services=True)"
        )
    if service == "sts" and not any(arguments.covers(action, one) for one in _ROLE_ACTIONS):
        raise ValueError(
            f"actions cannot have {action!r}: what RCPs reach of STS are roles, which IAM users use by "
            f"{', '.join(_ROLE_ACTIONS)}"
        )


def _resource_action(value: str, argument: str) -> str:
    accepted = "an action of a service like 's3:*' or 'sts:AssumeRole', the service in lower case"
    arguments.matching(value, argument, r"[a-z0-9-]+:[a-zA-Z0-9*?]+", accepted)
    return arguments.action(value, argument)


def _policy_name(value: str) -> str:
    return arguments.matching(value, "policy_name", r"[\x20-\x7e]{1,128}", "1 to 128 characters of ASCII")


def _description(value: str, argument: str) -> str:
    return arguments.matching(value, argument, r"[\s\S]{0,512}", "at most 512 characters")
