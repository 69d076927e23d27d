"""
What proofs rest on besides the policies, said once for all that rest on the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.results.report import Report

#: A setting against public policies, and whose it is.
_OF_A_BUCKET = re.compile(
    "(BlockPublicPolicy|block_public_policy|RestrictPublicBuckets|restrict_public_buckets) of [^ ,:]+"
)


def resting_proofs(report: Report, *, is_each_listed: bool) -> Iterator[tuple[str, list[str], str]]:
    """
    The properties whose proofs rest on something, each with what has such a proof, and what it rests on, in words.

    Args:
        is_each_listed: whether the same setting of several buckets is said of each.
    """
    found: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    for result in report.proved:
        for reason in result.reasons:
            kind = reason if is_each_listed else _OF_A_BUCKET.sub(r"\1 of its bucket", reason)
            same = found.setdefault((result.property, kind), {})
            same.setdefault(reason, {})[result.logical_id or result.template] = None
    for (ident, kind), by_reason in found.items():
        reason = next(iter(by_reason)) if len(by_reason) == 1 else kind
        rests = reason.removeprefix("this ") if reason.startswith("this rests on ") else f"rests on this: {reason}"
        yield ident, list(dict.fromkeys(name for names in by_reason.values() for name in names)), rests
