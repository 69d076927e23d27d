"""
Roles that nobody gets into, since control policies of the accounts file deny it to all whom the file lets in.

What is not known of a request may be anything, the tags of users for example: only what is denied all the same counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
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


class _Doubt(NamedTuple):
    """
    What is likely, and nothing in the file says for certain.
    """

    keys: Keys
    #: What would have to be so for it to be otherwise.
    unless: str


#: The app gives its roles no tags; who deploys it may.
_UNTAGGED = _Doubt({"aws:ResourceTag/*": [None], "iam:ResourceTag/*": [None]}, "the roles have tags that are spared")


class _Denied(NamedTuple):
    """
    What keeps somebody out.
    """

    table: str
    target: str
    #: What of it denies, as a sentence.
    sentence: str
    remedy: str
    #: What would have to be so for it not to hold; empty where that is certain.
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
        self._text = self._policies.texts.lower()
        regions, known = _regions(accounts), {one.name for one in region_info.RegionInfo.regions}
        unknown = [one for one in regions if one not in known]
        there = _Doubt({_REGION: [one for one in regions if one in known]}, f"there is a Region {' or '.join(unknown)}")
        #: A Region that is newer than the CDK has such a name, and so has one with a slip in it.
        self._doubts = (_UNTAGGED, there) if unknown else (_UNTAGGED,)
        self._known: Keys = {
            **OF_ALL,
            _REGION: regions,
            "aws:ResourceOrgID": [accounts.organization],
            "aws:ResourceOrgPaths": [f"{accounts.organization}/*"],
        }

    def into(self, role: MeantRole, callers: Sequence[Caller]) -> list[_Denied | None]:
        """What keeps each caller out of a role; None of one who may get in."""
        return [self._into(role, caller) for caller in callers]

    def _into(self, role: MeantRole, caller: Caller) -> _Denied | None:
        account = {} if role.account is None else {"aws:ResourceAccount": [role.account.id]}
        asked = caller._replace(known={**self._known, **account, **caller.known})
        of_caller = self.by_services(asked, role.arn, *self._doubts)
        if of_caller is not None or (role.account is not None and role.account.kind == "management"):
            return of_caller
        return self._denied(RESOURCE, role.account, role.targets, asked, role.arn, *self._doubts)

    def by_services(self, caller: Caller, resource: str, *doubts: _Doubt) -> _Denied | None:
        """What service control policies deny a caller, of whom all that is known is said."""
        account = caller.account
        if account is None or account.kind == "management":
            return None
        return self._denied(SERVICE, account, targets_of(account.name, account.unit), caller, resource, *doubts)

    def _denied(
        self,
        kind: str,
        account: Account | None,
        targets: Sequence[str],
        caller: Caller,
        resource: str,
        *doubts: _Doubt,
    ) -> _Denied | None:
        levels = self._policies.levels(kind, targets)
        if not levels:
            return None
        texts = [[policy.text for policy in level] for level in levels]
        for assumed in self._assumptions(caller, doubts):
            known = {**caller.known, **{key: values for one in assumed for key, values in one.keys.items()}}
            for denial in trustproof.control_denials(texts, caller.actions, resource, known, kind=kind):
                table, target = TABLES[kind], targets[denial.level]
                unless = [one.unless for one in assumed]
                # The root holds for the management account too where the file does not say which that is.
                if target == EVERYWHERE and account is not None and _may_manage(account, self._accounts):
                    unless.append(f"{account.name} is the management account, for which none holds")
                said = f"{denial.action} to {caller.who}"
                if denial.policy is None:
                    sentence, remedy = f"no policy there allows {said}", "allow it there, or name FullAWSAccess too"
                else:
                    policy = levels[denial.level][denial.policy]
                    sentence = f"statement {denial.statement} of {policy.name} denies {said}"
                    remedy = "spare them there"
                return _Denied(table, target, sentence, remedy, ", or ".join(unless))
        return None

    def _assumptions(self, caller: Caller, doubts: Sequence[_Doubt]) -> Iterator[tuple[_Doubt, ...]]:
        """What may be assumed together, nothing first, as far as the policies ask for it."""
        of_caller = [_Doubt(caller.assumed, caller.unless)] if caller.assumed else []
        asked = [one for one in (*of_caller, *doubts) if self._are_asked(one.keys)]
        for count in range(len(asked) + 1):
            yield from combinations(asked, count)

    def _are_asked(self, keys: Keys) -> bool:
        return any(key.lower().removesuffix("*") in self._text for key in keys)


def kept_out(accounts: Accounts) -> Iterator[str]:
    """
    Messages of roles that nobody gets into, unless something is so that the file does not say.

    Raises:
        AccountsError: nobody gets into a role, whichever that is; or the file of a policy holds none.
    """
    if not any(accounts.control_policies.attached.values()):
        return
    question = _Question(accounts)
    nobody, some = dict[_Denied, list[str]](), dict[_Denied, list[str]]()
    for role, callers in meant_callers(accounts).items():
        found = question.into(role, callers)
        denied = [one for one in found if one is not None]
        shown = f"{role.name} of {role.where}"
        if len(denied) == len(found):
            # One doubt about one of them is a doubt whether nobody gets in.
            nobody.setdefault(next((one for one in denied if one.unless), denied[0]), []).append(shown)
            continue
        for one in denied:
            some.setdefault(one, []).append(shown)
    errors = [_into_roles(accounts, one, "lets nobody into", roles) for one, roles in nobody.items() if not one.unless]
    if errors:
        raise AccountsError("\n".join(map(str, errors)))
    for what, them in (("lets nobody into", nobody), ("keeps some of those who are meant out of", some)):
        for one, roles in them.items():
            yield f"{_into_roles(accounts, one, what, roles)}{_unless(one)}"
    yield from _first_devices(accounts, question)


def _first_devices(accounts: Accounts, question: _Question) -> Iterator[str]:
    """A message where nobody new can enrol a device, without which members get nowhere."""
    hub, members = accounts.hub, members_to_be(accounts)
    if accounts.groups and (region := _IAM.get(partition_of(hub.region))) is not None:
        asked = members._replace(known={**OF_ALL, **members.known, _REGION: [region]})
        arn = f"arn:{partition_of(hub.region)}:iam::{hub.id}:user/*"
        if (denied := question.by_services(asked, arn)) is not None:
            yield f"{_at(accounts, denied, 'lets nobody get as far as MFA')}{_unless(denied)}"


def _into_roles(accounts: Accounts, denied: _Denied, what: str, roles: Sequence[str]) -> AccountsError:
    more = f" and {len(roles) - _SHOWN} more" if len(roles) > _SHOWN else ""
    return _at(accounts, denied, f"{what} {', '.join(roles[:_SHOWN])}{more}")


def _at(accounts: Accounts, denied: _Denied, what: str) -> AccountsError:
    place = accounts.control_policies.place.at(denied.table, denied.target)
    return place.error(f"{what}: {denied.sentence}; {denied.remedy}")


def _unless(denied: _Denied) -> str:
    return f" (unless {denied.unless})" if denied.unless else ""


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
    named = dict.fromkeys((accounts.hub.region, *accounts.control_policies.regions, *known))
    return [one for one in named if partition_of(one) == partition]
