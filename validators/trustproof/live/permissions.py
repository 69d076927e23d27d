"""
What users, roles and groups may do, and managed policies: what templates say, and what is deployed.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.errors import PolicySyntaxError
from trustproof.live.account import Identity, LiveAccount
from trustproof.live.expectation import Expectation
from trustproof.live.holdings import Holding
from trustproof.live.policy_bounds import compare_bounds
from trustproof.live.policy_comparison import (
    DIFFERS,
    SAME,
    UNKNOWN,
    Comparison,
    compare,
    held_by,
    of_parts,
    same_statements,
)
from trustproof.model.document import IDENTITY


def managed(account: LiveAccount, expected: Expectation, arn: str, partition: str) -> Comparison:
    """A managed policy that a template makes."""
    deployed = account.managed_policies.get(arn)
    if deployed is None:
        return Comparison(DIFFERS, ("is not deployed",))

    def compared(one: Sequence[str], other: Sequence[str]) -> Comparison:
        return compare_in(account, one, other, IDENTITY, partition)

    if arn in expected.managed_bounds:
        return compare_bounds([expected.managed_bounds[arn]], [], [deployed], compared)
    return compared([expected.managed[arn]], [deployed])


def permissions(
    account: LiveAccount, expected: Expectation, kind: str, holding: Holding, identity: Identity, partition: str
) -> Comparison:
    """All that an identity may do: policies that moved from inline to managed are no difference, more of them are."""
    made = sorted(arn for arn in holding.attached if arn in expected.managed)
    wanted = [*holding.documents.values(), *(expected.managed[arn] for arn in made)]
    wanted_arns = holding.attached - set(made)
    own = {arn for arn in identity.attached if arn in account.managed_policies and arn not in wanted_arns}
    found = [*identity.inline.values(), *(account.managed_policies[arn] for arn in sorted(own))]
    found_arns = set(identity.attached) - own

    def compared(one: Sequence[str], other: Sequence[str]) -> Comparison:
        return _compared(account, kind, one, other, identity, partition)

    if not holding.made:
        # Somebody else's identity, to which a template adds: what else it holds is not the template's, what was added
        # must be part of what it holds, and what is deployed under the names of that is the template's.
        parts = [*(text for name, text in identity.inline.items() if name in holding.names)]
        parts += [account.managed_policies[arn] for arn in sorted(own) if arn in holding.names or arn in made]
        if holding.partial:
            bounds = [*holding.partial.values()]
            there = compare_bounds(bounds, [*wanted, *found], found, compared)
            return of_parts(compare_bounds(bounds, wanted, parts, compared), there)
        return of_parts(compared(wanted, parts), compared([*wanted, *found], found))
    try:
        if not holding.partial and wanted_arns == found_arns and same_statements(wanted, found, IDENTITY):
            # The policies that others make need not be read.
            return Comparison(SAME)
    except PolicySyntaxError as error:
        return Comparison(UNKNOWN, (str(error),))
    wanted += [account.policy_text(arn) for arn in sorted(wanted_arns)]
    found += [account.policy_text(arn) for arn in sorted(found_arns)]
    if holding.partial:
        return compare_bounds([*holding.partial.values()], wanted, found, compared)
    return compared(wanted, found)


def _compared(
    account: LiveAccount, kind: str, wanted: Sequence[str], found: Sequence[str], identity: Identity, partition: str
) -> Comparison:
    """Compare by what the identity itself can do, or the members of a group."""
    callers, whose = held_by(kind, identity.arn)
    return compare(
        wanted, found, kind=IDENTITY, account=account.id, partition=partition, callers=callers, constraints=whose
    )


def compare_in(
    account: LiveAccount, wanted: Sequence[str], found: Sequence[str], kind: str, partition: str, resource: str = "*"
) -> Comparison:
    return compare(wanted, found, kind=kind, account=account.id, partition=partition, resource=resource)
