"""
Whom the accounts file lets into which role, and what is known of the calls by which they come in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from aws_cdk import region_info

from infra._partitions import partition_of
from infra.accounts import Account, Accounts, Pods, Repository, Vendor
from infra.control_policies import targets_of
from infra.schema import EVERYWHERE

_ASSUME_ROLE, _TAG_SESSION = "sts:AssumeRole", "sts:TagSession"
_WITH_TOKEN, _WITH_ASSERTION = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"
_GITHUB = "token.actions.githubusercontent.com"
_SAML = "saml"
_EKS = "pods.eks.amazonaws.com"
_STS = "sts.amazonaws.com"

#: Condition keys to what they may be, as `trustproof.control_denials` takes them.
Keys = Mapping[str, Sequence[str | None]]

_NOTHING: Keys = {}
_ABSENT: Sequence[str | None] = (None,)
#: Every call is over TLS; only services call for somebody.
OF_ALL: Keys = {"aws:SecureTransport": ["true"], "aws:ViaAWSService": ["false"], "aws:CalledVia": _ABSENT}
_NO_SERVICE: Keys = {
    "aws:PrincipalIsAWSService": ["false"],
    **dict.fromkeys(("aws:PrincipalServiceName", "aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID"), _ABSENT),
}
#: What the trust policies here let nobody pass.
_NOT_PASSED: Keys = dict.fromkeys(
    ("aws:RequestTag/*", "aws:TagKeys", "sts:TransitiveTagKeys", "sts:SourceIdentity", "aws:SourceIdentity"), _ABSENT
)
#: How unique ids begin: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_USER_ID, _SESSION_ID = "AIDA*", "AROA*:*"
#: What credentials say that an instance gave out, which none of those here are.
_NO_INSTANCE: Keys = dict.fromkeys(
    ("aws:EC2InstanceSourceVPC", "aws:EC2InstanceSourcePrivateIPv4", "ec2:SourceInstanceARN", "ec2:RoleDelivery"),
    _ABSENT,
)
_USER: Keys = {
    **_NO_INSTANCE,
    **dict.fromkeys(("aws:FederatedProvider", "aws:AssumedRoot"), _ABSENT),
    "aws:PrincipalType": ["User"],
    "aws:username": ["*"],
    "aws:userid": [_USER_ID],
}
#: Sessions of roles never carry MFA.
_SESSION: Keys = {
    **_NO_INSTANCE,
    "aws:userid": [_SESSION_ID],
    "aws:PrincipalType": ["AssumedRole"],
    "aws:MultiFactorAuthPresent": [None, "false"],
    "aws:MultiFactorAuthAge": _ABSENT,
    "aws:username": _ABSENT,
    "aws:TokenIssueTime": ["*"],
}
#: Who comes with a token or an assertion, or as a service, is nobody of an organization.
_OF_NO_ORGANIZATION: Keys = dict.fromkeys(
    (
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalTag/*",
        "aws:username",
        "aws:MultiFactorAuthPresent",
        "aws:MultiFactorAuthAge",
    ),
    _ABSENT,
)
#: Tokens and assertions are sent without a signature, so that a request has nothing of a principal:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sts_vpc_endpoint_policies.html
#: Of requests that nobody signed, `anonymous` is said as well; what control policies name is neither.
_UNSIGNED: Keys = {
    **_NO_SERVICE,
    **_NOT_PASSED,
    **_NO_INSTANCE,
    # Of tokens and assertions AWS STS takes none.
    "sts:ExternalId": _ABSENT,
    **_OF_NO_ORGANIZATION,
    "aws:PrincipalIsAWSService": [None, "false"],
    "aws:PrincipalArn": _ABSENT,
    "aws:PrincipalAccount": [None, "anonymous"],
    "aws:TokenIssueTime": _ABSENT,
}


class Caller(NamedTuple):
    """
    Somebody whom the file lets in.
    """

    #: In words.
    who: str
    #: All that has to be allowed.
    actions: tuple[str, ...]
    known: Keys
    #: Whose service control policies hold; None for who is of no account of the file.
    account: Account | None = None
    #: What is likely and not certain.
    assumed: Keys = _NOTHING
    #: What would have to be so for it to be otherwise, to go on after "unless".
    unless: str = ""


class MeantRole(NamedTuple):
    """
    A role of the app.
    """

    name: str
    #: Of one account, or a pattern for those in units.
    arn: str
    #: Where it is, to be shown.
    where: str
    account: Account | None
    #: What its resource control policies are attached to, from the root down.
    targets: tuple[str, ...]


def meant_callers(accounts: Accounts) -> dict[MeantRole, list[Caller]]:
    """Each role of the app to all whom the file lets in."""
    found: dict[MeantRole, dict[str, Caller]] = {}
    for account in accounts.accounts:
        for name, caller in (*_people(accounts, account), *_machines(accounts, account)):
            targets = tuple(targets_of(account.name, account.unit))
            role = MeantRole(name, account.role_arn(name), account.name, account, targets)
            found.setdefault(role, {})[caller.who] = caller
    names = {unit: name for name, unit in accounts.units.items()}
    for one in accounts.organization_roles:
        name = accounts.role_names.everywhere(one.name)
        for unit in map(names.__getitem__, one.units):
            role = MeantRole(name, accounts.hub.role_anywhere(name), f"unit {unit}", None, (EVERYWHERE, unit))
            found[role] = {"": _members(accounts)}
    return {role: list(callers.values()) for role, callers in found.items()}


def members_to_be(accounts: Accounts) -> Caller:
    """Members of groups who enrol their first device."""
    hub = accounts.hub
    known = {
        **_of_hub(accounts, "user/*"),
        **_USER,
        "aws:MultiFactorAuthPresent": [None, "false"],
        "aws:MultiFactorAuthAge": _ABSENT,
    }
    return Caller(f"members of groups in {hub.name} who have no device yet", ("iam:EnableMFADevice",), known, hub)


def _people(accounts: Accounts, account: Account) -> Iterator[tuple[str, Caller]]:
    names = accounts.role_names
    for group in accounts.groups:
        for level in group.grants.at(account.name):
            yield accounts.member_role(group, level), _members(accounts)
    for permission_set in accounts.permission_sets:
        for level in permission_set.grants.at(account.name):
            yield names.permission_sets(level), _permission_set(accounts, permission_set.name)
    for people in accounts.saml:
        # What the trust policies demand: assertions made out to the console.
        endpoint = region_info.RegionInfo.get(account.region).saml_sign_on_url
        audience = {"saml:aud": [endpoint]} if endpoint else {}
        known = {**_UNSIGNED, **_claims_of_others(accounts, _SAML), **audience}
        for level in people.grants.at(account.name):
            yield names.saml(people.name, level), Caller(f"people of {people.name}", (_WITH_ASSERTION,), known)


def _machines(accounts: Accounts, account: Account) -> Iterator[tuple[str, Caller]]:
    names, entry = accounts.role_names, accounts.of_kind("ci")
    for vendor in accounts.vendors:
        for level in vendor.grants.at(account.name):
            external_id = vendor.external_ids[account.name, level.name]
            for theirs in vendor.accounts:
                yield names.vendor(vendor.name, level), _vendor(accounts, vendor, theirs, external_id)
    for repository in accounts.repositories:
        if account == entry and repository.grants.levels:
            for caller in _workflows(accounts, repository):
                yield names.entry(repository.name), caller
        for level in repository.grants.at(account.name):
            for caller in _workflows(accounts, repository) if entry is None else _entry(accounts, entry, repository):
                yield names.workflows(repository.name, level), caller
    for pods in accounts.pods:
        for level in pods.grants.at(account.name):
            for caller in _pods(accounts, pods, account):
                yield names.pods(pods.name, level), caller


def _of_ours(accounts: Accounts, account: Account, *arns: str) -> dict[str, Sequence[str | None]]:
    """What is known of somebody in an account of the file, by the ends of what its ARN may be."""
    partition = partition_of(account.region)
    return {
        **_NO_SERVICE,
        **_NOT_PASSED,
        "aws:PrincipalArn": [f"arn:{partition}:iam::{account.id}:{arn}" for arn in arns],
        "aws:PrincipalAccount": [account.id],
        "aws:PrincipalOrgID": [accounts.organization],
        "aws:PrincipalOrgPaths": [f"{accounts.organization}/*"],
    }


def _of_hub(accounts: Accounts, *arns: str) -> dict[str, Sequence[str | None]]:
    return _of_ours(accounts, accounts.hub, *arns)


def _members(accounts: Accounts) -> Caller:
    known = {
        **_of_hub(accounts, "user/*"),
        **_claims_of_others(accounts),
        **_USER,
        "aws:MultiFactorAuthPresent": ["true"],
    }
    return Caller(f"users of {accounts.hub.name} with MFA", (_ASSUME_ROLE,), known, accounts.hub)


def _permission_set(accounts: Accounts, name: str) -> Caller:
    # Their path has the Region of Identity Center, but for us-east-1.
    reserved = [f"role/aws-reserved/sso.amazonaws.com/{region}AWSReservedSSO_{name}_*" for region in ("", "*/")]
    who = f"people of permission set {name} in {accounts.hub.name}"
    # Its session began with an assertion, of which some of the keys stay.
    known = {**_of_hub(accounts, *reserved), **_claims_of_others(accounts, _SAML), **_SESSION}
    return Caller(who, (_ASSUME_ROLE,), known, accounts.hub)


def _vendor(accounts: Accounts, vendor: Vendor, account: str, external_id: str) -> Caller:
    ours, partition = accounts.organization, partition_of(accounts.hub.region)
    # Which organization is the vendor's nobody knows here: each that the policies spare, another one, or none.
    others = [one for one in (*accounts.control_policies.organizations, "o-0000000000") if one != ours]
    outside = {
        "aws:PrincipalOrgID": [None, *others],
        "aws:PrincipalOrgPaths": [None, *(f"{one}/*" for one in others)],
    }
    known = {
        **_NO_SERVICE,
        **_NOT_PASSED,
        "aws:PrincipalAccount": [account],
        # No root user assumes a role, and nobody that a user has federated.
        "aws:PrincipalArn": [f"arn:{partition}:iam::{account}:{kind}/*" for kind in ("user", "role")],
        "aws:PrincipalType": ["User", "AssumedRole"],
        "aws:userid": [_USER_ID, _SESSION_ID],
        # It may be a part of the company as well, in an account that the file need not have.
        "aws:PrincipalOrgID": [ours, *outside["aws:PrincipalOrgID"]],
        "aws:PrincipalOrgPaths": [f"{ours}/*", *outside["aws:PrincipalOrgPaths"]],
        "sts:ExternalId": [external_id],
    }
    who = f"vendor {vendor.title}{f' in {account}' if len(vendor.accounts) > 1 else ''}"
    return Caller(who, (_ASSUME_ROLE,), known, None, outside, f"{account} is an account of {ours}")


def _entry(accounts: Accounts, entry: Account, repository: Repository) -> Iterator[Caller]:
    name = accounts.role_names.entry(repository.name)
    # Its session began with a token, of which some of the keys stay.
    known = {**_of_ours(accounts, entry, f"role/{name}"), **_claims_of_others(accounts, _GITHUB), **_SESSION}
    yield Caller(f"{name} of {entry.name}", (_ASSUME_ROLE,), known, entry)


def _workflows(accounts: Accounts, repository: Repository) -> Iterator[Caller]:
    others = _claims_of_others(accounts, _GITHUB)
    numbers = "", ""
    if repository.organization_id is not None:
        numbers = f"@{repository.organization_id}", f"@{repository.repository_id}"
    for name in (repository.repository, *repository.also):
        claims = {
            f"{_GITHUB}:sub": [
                f"repo:{repository.organization}{numbers[0]}/{name}{numbers[1]}:{one}" for one in _events(repository)
            ],
            f"{_GITHUB}:aud": [_STS],
            f"{_GITHUB}:repository": [f"{repository.organization}/{name}"],
        }
        if repository.organization_id is not None and repository.repository_id is not None:
            claims[f"{_GITHUB}:repository_owner_id"] = [repository.organization_id]
            claims[f"{_GITHUB}:repository_id"] = [repository.repository_id]
        if repository.job_workflow_refs:
            claims[f"{_GITHUB}:job_workflow_ref"] = list(repository.job_workflow_refs)
        who = f"workflows of {repository.organization}/{name}"
        yield Caller(who, (_WITH_TOKEN,), {**_UNSIGNED, **others, **claims})


def _events(repository: Repository) -> Iterator[str]:
    """How subjects end: https://docs.github.com/en/actions/reference/security/oidc."""
    yield from (f"ref:refs/heads/{one}" for one in repository.branches)
    yield from (f"ref:refs/tags/{one}" for one in repository.tags)
    yield from (f"environment:{one.replace(':', '%3A').replace('?', '*')}" for one in repository.environments)
    if repository.pull_requests:
        yield "pull_request"


def _claims_of_others(accounts: Accounts, *own: str) -> Keys:
    """What control policies ask about tokens and assertions of others than the caller's, since a request has one."""
    asked = accounts.control_policies.claims
    return {key: _ABSENT for key in asked if not key.lower().startswith(tuple(f"{one}:".lower() for one in own))}


def _pods(accounts: Accounts, pods: Pods, account: Account) -> Iterator[Caller]:
    # A namespace ends at the slash: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
    subjects = [f"system:serviceaccount:{one.replace('/', ':')}" for one in pods.service_accounts]
    for issuer in pods.issuers.get(account.name, ()):
        host = issuer.removeprefix("https://")
        claims = {f"{host}:sub": subjects, f"{host}:aud": [_STS]}
        known = {**_UNSIGNED, **_claims_of_others(accounts, host), **claims}
        yield Caller(f"pods {pods.name} with tokens of {host}", (_WITH_TOKEN,), known)
    if not pods.issuers:
        known = {
            **_OF_NO_ORGANIZATION,
            **_claims_of_others(accounts),
            "aws:PrincipalIsAWSService": ["true"],
            "aws:PrincipalServiceName": [_EKS],
            "aws:SourceAccount": [account.id],
        }
        # Nowhere is said from which account of AWS a service calls, nor as whom.
        assumed = {"aws:PrincipalArn": _ABSENT, "aws:PrincipalAccount": [None, "000000000000"]}
        unless = f"{_EKS} calls from an account or as a role that is spared, which AWS does not say"
        yield Caller(f"EKS Pod Identity ({_EKS})", (_ASSUME_ROLE, _TAG_SESSION), known, None, assumed, unless)
