"""
The accounts that a StackSet deploys its template to.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from trustproof.model.arn import is_account

#: How the accounts that a group names refine its units; `UNION` where nothing is said.
NONE, UNION, INTERSECTION, DIFFERENCE = "NONE", "UNION", "INTERSECTION", "DIFFERENCE"
ACCOUNT_FILTERS = (NONE, UNION, INTERSECTION, DIFFERENCE)
#: The id of the root of an organization, which has every account.
_ROOT = "r-"


class TargetGroup(NamedTuple):
    """
    Accounts to which a StackSet passes the same parameters.
    """

    #: Ids of organizational units, or what gives them.
    units: tuple[str, ...]
    #: Likewise of accounts.
    accounts: tuple[str, ...]
    #: `NONE`, `UNION`, `INTERSECTION` or `DIFFERENCE`.
    account_filter: str = UNION
    regions: tuple[str, ...] = ()

    def words(self) -> str:
        """The accounts."""
        units, accounts = ", ".join(self.units), ", ".join(self.accounts)
        if not units:
            return accounts
        if not accounts or self.account_filter == NONE:
            return f"every account of {units}"
        if self.account_filter == INTERSECTION:
            return f"{accounts} (of {units})"
        joined = "but" if self.account_filter == DIFFERENCE else "and"
        return f"every account of {units} {joined} {accounts}"

    def has(self, account: str | None, unit: str | None) -> bool:
        """
        Whether it has an account of a unit.

        Args:
            account: None for those that no group names.
            unit: None for those of none that a group names.
        """
        is_named = account in self.accounts
        is_inside = unit is not None and (unit in self.units or any(one.startswith(_ROOT) for one in self.units))
        if not self.units or not self.accounts:
            return is_inside or is_named
        found = {NONE: is_inside, INTERSECTION: is_inside and is_named, DIFFERENCE: is_inside and not is_named}
        return found.get(self.account_filter, is_inside or is_named)

    def may_have(self, account: str) -> bool:
        """Whether it may have an account: nobody knows here which ones a unit has."""
        if self.units and self.account_filter == DIFFERENCE:
            return account not in self.accounts
        is_named = account in self.accounts or not all(map(is_account, self.accounts))
        return is_named or (bool(self.units) and self.account_filter != INTERSECTION)


class Targets(NamedTuple):
    """
    Where a StackSet deploys.
    """

    #: In the order of the template; empty where they are not known.
    groups: tuple[TargetGroup, ...] = ()
    #: What the template says of them: equal texts say the same.
    written: str = ""

    def may_have(self, account: str) -> bool:
        """Whether an account may be one of them; without a StackSet any may."""
        return not self.groups or any(group.may_have(account) for group in self.groups)

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions, each once, as they are written; empty where a group does not say to which it goes."""
        if not all(group.regions for group in self.groups):
            return ()
        return tuple(dict.fromkeys(region for group in self.groups for region in group.regions))

    @property
    def words(self) -> str:
        """The accounts; empty where they are not known."""
        return " and ".join(filter(None, (group.words() for group in self.groups)))


#: Numbers of the groups that some accounts are in, of each side.
Deployed: TypeAlias = "tuple[tuple[int, ...], tuple[int, ...]]"


def accounts_by_groups(new: Targets, old: Targets) -> Mapping[Deployed, str]:
    """The accounts of either side, in words, by the groups that have them on both sides."""
    everything = (*new.groups, *old.groups)
    units = tuple(dict.fromkeys(unit for group in everything for unit in group.units))
    accounts = tuple(dict.fromkeys(account for group in everything for account in group.accounts))

    def deployed(account: str | None, unit: str | None) -> Deployed:
        of_new, of_old = (
            tuple(number for number, group in enumerate(side.groups) if group.has(account, unit)) for side in (new, old)
        )
        return of_new, of_old

    out: dict[Deployed, dict[str, None]] = {}
    for unit in units:
        others = [account for account in accounts if deployed(account, unit) != deployed(None, unit)]
        # An account is of one unit, and nobody knows here of which.
        but = f" but {', '.join(others)}" if others else ""
        out.setdefault(deployed(None, unit), {})[f"every account of {unit}{but}"] = None
    for found, account in _single(accounts, units, deployed):
        out.setdefault(found, {})[account] = None
    return {found: " and ".join(words) for found, words in out.items() if found != ((), ())}


def _single(
    accounts: Sequence[str], units: Sequence[str], deployed: Callable[[str | None, str | None], Deployed]
) -> Iterator[tuple[Deployed, str]]:
    for account in accounts:
        yield from ((found, account) for unit in units if (found := deployed(account, unit)) != deployed(None, unit))
        yield deployed(account, None), account
