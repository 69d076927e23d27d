"""
Tags of users and roles, where policies look at them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.live.account import Identity, LiveAccount
from trustproof.live.expectation import Expectation
from trustproof.live.holdings import Holding
from trustproof.live.policy_comparison import SAME, Comparison
from trustproof.live.settings import compare_settings

#: Keys of conditions, and policy variables, that name a tag of the caller or of a role.
_TAG = re.compile(r"(?:aws:principaltag|aws:resourcetag|iam:resourcetag)/([^\",'}]+)", re.IGNORECASE)


def compare_tags(
    subject: str, holding: Holding, identity: Identity, in_use: set[str]
) -> Iterator[tuple[str, Comparison]]:
    """The tags that policies look at: IAM compares their keys without their case."""
    wanted = {name.lower(): value for name, value in holding.tags.items() if name.lower() in in_use}
    found = {name.lower(): value for name, value in identity.tags.items() if name.lower() in in_use}
    absent = "no such tag"
    result = compare_settings(
        {f"tag {name}": wanted.get(name, absent) for name in sorted({*wanted, *found})},
        {f"tag {name}": value for name, value in (dict.fromkeys(wanted, absent) | found).items()},
    )
    if result.verdict != SAME or wanted:
        yield f"{subject}: tags", result


def tags_in_policies(account: LiveAccount, expected: Expectation) -> set[str]:
    """The keys of tags, lower-cased, that some policy of the templates or of the account looks at."""
    texts: list[str] = [*expected.managed.values(), *account.managed_policies.values()]
    for holding in expected.holdings.values():
        texts += holding.documents.values()
        texts += [holding.trust or ""]
    for held in expected.held.values():
        texts += held.documents.values()
    for identity in account.identities.values():
        texts += identity.inline.values()
        texts += [identity.trust or ""]
    return {name.lower() for text in texts for name in _TAG.findall(text) if not name.lower().startswith("aws:")}
