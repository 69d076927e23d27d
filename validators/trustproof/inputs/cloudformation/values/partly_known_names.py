"""
Names of which a part is only known when a template is deployed: that part stands in angle brackets.
"""

from __future__ import annotations

#: Stands for what nobody knows of a name.
ANYTHING = "<>"


def may_be_alike(name: str, other: str) -> bool:
    """
    Whether two names may be the same, of which what is not known stands in angle brackets.

    >>> may_be_alike("<Stage>-hub", "prod-hub"), may_be_alike("<Stage>-hub", "prod-spoke")
    (True, False)
    """
    first, second = ((one.partition("<")[0], one.rpartition(">")[2], "<" in one) for one in (name, other))
    if not first[2] and not second[2]:
        return name == other
    if not (first[2] and second[2]):
        known, (head, tail, _) = (name, second) if second[2] else (other, first)
        return known.startswith(head) and known.endswith(tail)
    heads, tails = sorted((first[0], second[0]), key=len), sorted((first[1], second[1]), key=len)
    return heads[1].startswith(heads[0]) and tails[1].endswith(tails[0])
