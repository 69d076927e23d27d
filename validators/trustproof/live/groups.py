"""
Who is in which group of users.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.live.account import Identity, LiveAccount
from trustproof.live.expectation import Expectation
from trustproof.live.holdings import Holding
from trustproof.live.policy_comparison import DIFFERS, SAME, UNKNOWN, Comparison
from trustproof.live.settings import compare_settings


def membership(subject: str, holding: Holding, identity: Identity) -> Iterator[tuple[str, Comparison]]:
    """The groups of a user, and no more than these where a template makes the user."""
    found = set(identity.groups) if holding.made else set(identity.groups) & holding.groups
    shown = [", ".join(sorted(groups)) or "none" for groups in (holding.groups, found)]
    result = compare_settings({"groups": shown[0]}, {"groups": shown[1]})
    if result.verdict != SAME or holding.groups:
        yield f"{subject}: groups", result


def compare_members(account: LiveAccount, expected: Expectation) -> Iterator[tuple[str, Comparison]]:
    """
    The members of the groups that templates make whom no template puts there.

    They are a difference where templates put somebody into the group. Where they put nobody there, they leave its
    members to others: these are told, and no difference. Of a user that a template makes the groups are compared.
    """
    holdings = expected.holdings
    users = {name: holding for (kind, name), holding in holdings.items() if kind == "user"}
    unclear = "user" in expected.unclear or any(holding.unclear for holding in users.values())
    for name in sorted(name for (kind, name), holding in holdings.items() if kind == "group" and holding.made):
        wanted = {user for user, holding in users.items() if name in holding.groups}
        more = sorted(
            user
            for (kind, user), identity in account.identities.items()
            if kind == "user" and name in identity.groups and user not in wanted and not _is_made(users.get(user))
        )
        if not more:
            continue
        said = f"no template puts {', '.join(more)} there"
        if unclear:
            yield f"group {name}: members", Comparison(UNKNOWN, ("not all that the templates say of it is known", said))
        else:
            yield f"group {name}: members", Comparison(DIFFERS if wanted else "other", (said,))


def _is_made(holding: Holding | None) -> bool:
    return holding is not None and holding.made
