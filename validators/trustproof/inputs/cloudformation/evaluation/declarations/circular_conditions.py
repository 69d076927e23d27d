"""
Conditions that depend on themselves, found for all of a template at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def named_conditions(value: object) -> Iterator[str]:
    """The conditions that an expression names, by ``Condition`` or ``Fn::If``."""
    if isinstance(value, list):
        for item in value:
            yield from named_conditions(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Condition" and isinstance(inner, str):
                yield inner
            elif key == "Fn::If" and isinstance(inner, list) and inner and isinstance(inner[0], str):
                yield inner[0]
            yield from named_conditions(inner)


def circular_conditions(conditions: Mapping[str, object]) -> frozenset[str]:
    """
    The names of the conditions that depend on themselves, through whatever others.

    What only depends on one of these is not among them. Each condition is looked into once: two lie on a circle where
    each is reached from the other (the algorithm of Tarjan, without recursion: conditions refer to each other in long
    rows).
    """
    found: set[str] = set()
    #: When each was met, and the first that is reached from it of those that are not done.
    met: dict[str, int] = {}
    first: dict[str, int] = {}
    waiting: list[str] = []
    undone: set[str] = set()
    for start in conditions:
        if start in met:
            continue
        met[start] = first[start] = len(met)
        waiting.append(start)
        undone.add(start)
        row = [(start, named_conditions(conditions[start]))]
        while row:
            name, others = row[-1]
            for other in others:
                if other == name:
                    found.add(name)
                elif other in undone:
                    first[name] = min(first[name], met[other])
                elif other in conditions and other not in met:
                    met[other] = first[other] = len(met)
                    waiting.append(other)
                    undone.add(other)
                    row.append((other, named_conditions(conditions[other])))
                    break
            else:
                row.pop()
                if row:
                    before = row[-1][0]
                    first[before] = min(first[before], first[name])
                if first[name] == met[name]:
                    alone = waiting[-1] == name
                    while name in undone:
                        last = waiting.pop()
                        undone.discard(last)
                        found.update(() if alone else (last,))
    return frozenset(found)


class CircularConditions:
    """
    The conditions that depend on themselves, kept for the other readings of a template.

    A template is read at thousands of values of its parameters, and its conditions are mostly the same at all of them.
    """

    def __init__(self) -> None:
        self._conditions: Mapping[str, object] = {}
        self._found: frozenset[str] = frozenset()

    def among(self, conditions: Mapping[str, object]) -> frozenset[str]:
        """The names of those that depend on themselves: see `circular_conditions`."""
        if self._conditions != conditions:
            self._conditions, self._found = conditions, circular_conditions(conditions)
        return self._found
