"""
Roles that nobody gets into, since control policies of the accounts file deny it to all whom the file lets in.

What is not known of a request may be anything, the tags of users for example: only what is denied all the same counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aws_cdk import region_info

import trustproof
from infra._partitions import partition_of
from infra.accounts import Account, Accounts, AccountsError
from infra.control_policies import RESOURCE, SERVICE, TABLES, targets_of
from infra.meant_callers import OF_ALL, Caller, Keys, MeantRole, meant_callers, members_to_be
from infra.schema import EVERYWHERE

#: Kinds of accounts that may be the management account, for which no control policy holds.
_LEADING = ("hub", "audit", "ci")
_REGION = "aws:RequestedRegion"
#: In this Region are all calls to IAM, by partition.
_IAM = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_SHOWN = 3


class _Denied(NamedTuple):
    """
    What keeps somebody out.
    """

    table: str
    target: str
    #: What of it denies, as a sentence.
    sentence: str
    remedy: str
    #: Whether it holds unless an account is the management account, and which one that would be; empty where not.
    unless: str


class _Question:
    """
    Who is kept out.

    Args:
        accounts: the accounts file.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._policies = accounts.control_policies
        self._known: Keys = {
            **OF_ALL,
            _REGION: _regions(accounts),
            "aws:ResourceOrgID": [accounts.organization],
            "aws:ResourceOrgPaths": [f"{accounts.organization}/*"],
        }

    def into(self, role: MeantRole, callers: Sequence[Caller]) -> _Denied | None:
        """What keeps all callers out of a role; None where some may get in."""
        found = [self._into(role, caller) for caller in callers]
        denied = [one for one in found if one is not None]
        if not denied or None in found:
            return None
        return next((one for one in denied if one.unless), denied[0])

    def _into(self, role: MeantRole, caller: Caller) -> _Denied | None:
        account = {} if role.account is None else {"aws:ResourceAccount": [role.account.id]}
        known = {**self._known, **account, **caller.known}
        of_caller = self.by_services(caller, role.arn, known)
        if of_caller is not None or (role.account is not None and role.account.kind == "management"):
            return of_caller
        return self._denied(RESOURCE, role.account, role.targets, caller, role.arn, known)

    def by_services(self, caller: Caller, resource: str, known: Keys | None = None) -> _Denied | None:
        """What service control policies deny a caller."""
        account = caller.account
        if account is None or account.kind == "management":
            return None
        targets = targets_of(account.name, account.unit)
        return self._denied(SERVICE, account, targets, caller, resource, known or {**self._known, **caller.known})

    def _denied(
        self, kind: str, account: Account | None, targets: Sequence[str], caller: Caller, resource: str, known: Keys
    ) -> _Denied | None:
        levels = self._policies.levels(kind, targets)
        texts = [[policy.text for policy in level] for level in levels]
        if not levels:
            return None
        for denial in trustproof.control_denials(texts, caller.actions, resource, known, kind=kind):
            table, target = TABLES[kind], targets[denial.level]
            # The root holds for the management account too where the file does not say which that is.
            is_certain = target != EVERYWHERE or account is None or not _may_manage(account, self._accounts)
            unless = "" if is_certain or account is None else account.name
            said = f"{denial.action} to {caller.who}"
            if denial.policy is None:
                return _Denied(table, target, f"no policy there allows {said}", "name FullAWSAccess there too", unless)
            policy = levels[denial.level][denial.policy]
            sentence = f"statement {denial.statement} of {policy.name} denies {said}"
            return _Denied(table, target, sentence, "spare them there", unless)
        return None


def kept_out(accounts: Accounts) -> Iterator[str]:
    """
    Messages of roles that nobody gets into, unless the hub or an account beside it is the management account.

    Raises:
        AccountsError: nobody gets into a role, whichever that is; or the file of a policy holds none.
    """
    if not any(accounts.control_policies.attached.values()):
        return
    question, found = _Question(accounts), dict[_Denied, list[str]]()
    for role, callers in meant_callers(accounts).items():
        if (denied := question.into(role, callers)) is not None:
            found.setdefault(denied, []).append(f"{role.name} of {role.where}")
    errors = [_into_roles(accounts, one, roles) for one, roles in found.items() if not one.unless]
    if errors:
        raise AccountsError("\n".join(map(str, errors)))
    for one, roles in found.items():
        yield f"{_into_roles(accounts, one, roles)}{_unless(one)}"
    yield from _first_devices(accounts, question)


def _first_devices(accounts: Accounts, question: _Question) -> Iterator[str]:
    """A message where nobody new can enrol a device, without which members get nowhere."""
    hub, members = accounts.hub, members_to_be(accounts)
    if accounts.groups and (region := _IAM.get(partition_of(hub.region))) is not None:
        asked = members._replace(known={**OF_ALL, **members.known, _REGION: [region]})
        arn = f"arn:{partition_of(hub.region)}:iam::{hub.id}:user/*"
        if (denied := question.by_services(asked, arn, asked.known)) is not None:
            yield f"{_at(accounts, denied, 'lets nobody get as far as MFA')}{_unless(denied)}"


def _into_roles(accounts: Accounts, denied: _Denied, roles: Sequence[str]) -> AccountsError:
    more = f" and {len(roles) - _SHOWN} more" if len(roles) > _SHOWN else ""
    return _at(accounts, denied, f"lets nobody into {', '.join(roles[:_SHOWN])}{more}")


def _at(accounts: Accounts, denied: _Denied, what: str) -> AccountsError:
    place = accounts.control_policies.place.at(denied.table, denied.target)
    return place.error(f"{what}: {denied.sentence}; {denied.remedy}")


def _unless(denied: _Denied) -> str:
    return f" (unless {denied.unless} is the management account, for which none holds)" if denied.unless else ""


def _may_manage(account: Account, accounts: Accounts) -> bool:
    """Whether it may be the management account: the file says of no other one that it is."""
    return accounts.of_kind("management") is None and account.kind in _LEADING


def _regions(accounts: Accounts) -> list[str]:
    """Where STS may be called: in every Region of the partition, and in those that are newer than the CDK."""
    if _REGION.lower() not in accounts.control_policies.texts.lower():
        return [accounts.hub.region]
    partition = partition_of(accounts.hub.region)
    known = sorted(one.name for one in region_info.RegionInfo.regions)
    # Those that are spared come first: one that lets somebody in ends the search.
    named = dict.fromkeys((accounts.hub.region, *accounts.control_policies.regions(), *known))
    return [one for one in named if partition_of(one) == partition]
