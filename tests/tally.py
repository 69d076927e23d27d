"""
How many cases each family of laws has compared: the figures that ``make deep`` prints.
"""

from __future__ import annotations

from collections import Counter

#: (family, what was counted) to how often.
counts: Counter[tuple[str, str]] = Counter()

COMPARED = "compared"
DISAGREED = "disagreed"


def agree(family: str, verdict: bool, message: object = "") -> None:
    """Count one comparison, and fail where the two sides disagree."""
    counts[family, COMPARED] += 1
    if not verdict:
        counts[family, DISAGREED] += 1
        raise AssertionError(str(message))


def note(family: str, what: str, times: int = 1) -> None:
    """Count something that is no comparison: proofs, refutations, questions left open."""
    counts[family, what] += times


def lines(total: Counter[tuple[str, str]]) -> list[str]:
    """One line for each family."""
    out: list[str] = []
    for family in sorted({family for family, _ in total}):
        rest = sorted(what for name, what in total if name == family and what not in (COMPARED, DISAGREED))
        figures = [f"{total[family, COMPARED]:>9,} compared", f"{total[family, DISAGREED]} disagreed"]
        figures += [f"{total[family, what]:,} {what}" for what in rest]
        out.append(f"{family:<34} {', '.join(figures)}")
    return out
