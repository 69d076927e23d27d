"""
Which organization something is in, by the ids of its root and units.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def root_of(ids: Iterable[str], argument: str, why: str) -> str:
    """
    What the ids of a root and its units have in common, by which organizations differ; "" where none is known.

    Args:
        ids: others (of accounts), and tokens, say nothing.
        argument: the name of the argument, as the caller wrote it.
        why: several are refused, to end the message.

    Raises:
        ValueError: they are of several roots, and an organization has one.
    """
    found = (re.match("(?:r|ou)-([0-9a-z]+)", one) for one in ids)
    roots = list(dict.fromkeys(one[1] for one in found if one is not None))
    if len(roots) > 1:
        named = " and ".join(f"r-{one}" for one in roots)
        raise ValueError(f"{argument} must be of one organization, which has one root, got {named}: {why}")
    return roots[0] if roots else ""
