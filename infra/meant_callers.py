"""
Whom the accounts file lets into which role, and what is known of the calls by which they come in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from infra._partitions import partition_of
from infra.accounts import Account, Accounts, Pods, Repository, Vendor
from infra.control_policies import targets_of
from infra.schema import EVERYWHERE

_ASSUME_ROLE, _TAG_SESSION = "sts:AssumeRole", "sts:TagSession"
_WITH_TOKEN, _WITH_ASSERTION = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"
_GITHUB = "token.actions.githubusercontent.com"
_EKS = "pods.eks.amazonaws.com"
_STS = "sts.amazonaws.com"

#: Condition keys to what they may be, as `trustproof.control_denials` takes them.
Keys = Mapping[str, Sequence[str | None]]

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
#: Sessions of roles never carry MFA.
_SESSION: Keys = {
    "aws:PrincipalType": ["AssumedRole"],
    "aws:MultiFactorAuthPresent": [None, "false"],
    "aws:MultiFactorAuthAge": _ABSENT,
    "aws:username": _ABSENT,
}
#: Who comes with a token or an assertion is nobody of an account.
_OF_NO_ACCOUNT: Keys = dict.fromkeys(
    (
        "aws:PrincipalArn",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:username",
        "aws:MultiFactorAuthPresent",
        "aws:MultiFactorAuthAge",
    ),
    _ABSENT,
)


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
        "aws:PrincipalType": ["User"],
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
        known = {**_NO_SERVICE, **_OF_NO_ACCOUNT, **_claims_of_others(accounts)}
        for level in people.grants.at(account.name):
            yield names.saml(people.name, level), Caller(f"people of {people.name}", (_WITH_ASSERTION,), known)


def _machines(accounts: Accounts, account: Account) -> Iterator[tuple[str, Caller]]:
    names, entry = accounts.role_names, accounts.of_kind("ci")
    for vendor in accounts.vendors:
        for level in vendor.grants.at(account.name):
            external_id = vendor.external_ids[account.name, level.name]
            yield names.vendor(vendor.name, level), _vendor(accounts, vendor, external_id)
    for repository in accounts.repositories:
        if account == entry and repository.grants.levels:
            yield names.entry(repository.name), _workflows(accounts, repository)
        for level in repository.grants.at(account.name):
            caller = _workflows(accounts, repository) if entry is None else _entry(accounts, entry, repository)
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
    known = {**_of_hub(accounts, "user/*"), "aws:PrincipalType": ["User"], "aws:MultiFactorAuthPresent": ["true"]}
    return Caller(f"users of {accounts.hub.name} with MFA", (_ASSUME_ROLE,), known, accounts.hub)


def _permission_set(accounts: Accounts, name: str) -> Caller:
    reserved = f"role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_{name}_*"
    who = f"people of permission set {name} in {accounts.hub.name}"
    return Caller(who, (_ASSUME_ROLE,), {**_of_hub(accounts, reserved), **_SESSION}, accounts.hub)


def _vendor(accounts: Accounts, vendor: Vendor, external_id: str) -> Caller:
    ours = accounts.organization
    # Which organization is the vendor's nobody knows here: each that the policies spare, another one, or none.
    others = [one for one in (*accounts.control_policies.organizations(), "o-0000000000") if one != ours]
    known = {
        **_NO_SERVICE,
        **_NOT_PASSED,
        "aws:PrincipalAccount": list(vendor.accounts),
        "aws:PrincipalOrgID": [None, *others],
        "aws:PrincipalOrgPaths": [None, *(f"{one}/*" for one in others)],
        "sts:ExternalId": [external_id],
    }
    return Caller(f"vendor {vendor.title}", (_ASSUME_ROLE,), known)


def _entry(accounts: Accounts, entry: Account, repository: Repository) -> Caller:
    name = accounts.role_names.entry(repository.name)
    known = {**_of_ours(accounts, entry, f"role/{name}"), **_SESSION}
    return Caller(f"{name} of {entry.name}", (_ASSUME_ROLE,), known, entry)


def _workflows(accounts: Accounts, repository: Repository) -> Caller:
    if repository.organization_id is None:
        subjects = [f"repo:{repository.organization}/{one}:*" for one in (repository.repository, *repository.also)]
    else:
        numbers = f"@{repository.organization_id}", f"@{repository.repository_id}"
        subjects = [f"repo:{repository.organization}{numbers[0]}/{repository.repository}{numbers[1]}:*"]
    claims = {f"{_GITHUB}:sub": subjects, f"{_GITHUB}:aud": [_STS]}
    known = {**_NO_SERVICE, **_OF_NO_ACCOUNT, **_claims_of_others(accounts, _GITHUB), **claims}
    return Caller(f"workflows of {repository.full_name}", (_WITH_TOKEN,), known)


def _claims_of_others(accounts: Accounts, *own: str) -> Keys:
    """What control policies ask about tokens of issuers other than the caller's, since a request has one token."""
    asked = accounts.control_policies.claims()
    return {key: _ABSENT for key in asked if not key.lower().startswith(tuple(f"{one}:".lower() for one in own))}


def _pods(accounts: Accounts, pods: Pods, account: Account) -> Iterator[Caller]:
    for issuer in pods.issuers.get(account.name, ()):
        host = issuer.removeprefix("https://")
        known = {**_NO_SERVICE, **_OF_NO_ACCOUNT, **_claims_of_others(accounts, host), f"{host}:aud": [_STS]}
        yield Caller(f"pods {pods.name} with tokens of {host}", (_WITH_TOKEN,), known)
    if not pods.issuers:
        known = {
            **_OF_NO_ACCOUNT,
            "aws:PrincipalIsAWSService": ["true"],
            "aws:PrincipalServiceName": [_EKS],
            "aws:SourceAccount": [account.id],
        }
        yield Caller(f"EKS Pod Identity ({_EKS})", (_ASSUME_ROLE, _TAG_SESSION), known)
