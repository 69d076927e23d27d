"""
Items of lowered lists that are there only where conditions hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from trustproof.inputs.terraform.lowering.claims_to_others import NOTHING
from trustproof.inputs.terraform.lowering.expressions import ABSENT
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.values.conditions import AllOf, AnyOf, Condition, Named, Not

#: Names of conditions of a template that hold together, each with whether it does or not.
Guards: TypeAlias = "frozenset[tuple[str, bool]]"
#: What holds in all deployments.
ALWAYS: Guards = frozenset()


def guarded_leaves(value: object, guards: Guards = ALWAYS) -> Iterator[tuple[object, Guards]]:
    """What a list may hold, or a lowered value may be, each with where it is so."""
    if isinstance(value, list):
        for item in value:
            yield from guarded_leaves(item, guards)
    elif isinstance(value, dict) and isinstance(found := value.get("Fn::If"), list):
        name, *sides = found
        for side, holds in zip(sides, (True, False), strict=True):
            if (name, not holds) not in guards:
                yield from guarded_leaves(side, guards | {(name, holds)})
    elif value is not None and value != NOTHING and value is not ABSENT:
        yield value, guards


def any_of(several: Iterable[Guards]) -> tuple[Guards, ...]:
    """
    Where one of some guards holds, in fewer of them: what stands on both sides of a condition is there in any case.

    Returns:
        None of them for nowhere; `ALWAYS` alone for everywhere.
    """
    found = dict.fromkeys(several)
    left = [*found]
    while left:
        one = left.pop()
        for name, holds in sorted(one):
            rest = one - {(name, holds)}
            if rest | {(name, not holds)} in found and rest not in found:
                found[rest] = None
                left.append(rest)
    return tuple(one for one in found if not any(other < one for other in found))


def in_any_case(leaves: Iterable[tuple[object, Guards]]) -> Iterator[object]:
    """What is in a list wherever that is, of what it may hold."""
    where: dict[str, list[Guards]] = {}
    first: dict[str, object] = {}
    for leaf, guards in leaves:
        key = json.dumps(leaf, sort_keys=True, default=str)
        where.setdefault(key, []).append(guards)
        first.setdefault(key, leaf)
    yield from (leaf for key, leaf in first.items() if ALWAYS in any_of(where[key]))


def condition_of(several: Iterable[Guards]) -> Condition:
    """That one of some guards holds."""
    return any_([all_([*map(_one, sorted(one))]) for one in several])


def all_(conditions: Sequence[Condition]) -> Condition:
    """That all of some conditions hold."""
    return conditions[0] if len(conditions) == 1 else AllOf(tuple(conditions))


def any_(conditions: Sequence[Condition]) -> Condition:
    """That one of some conditions holds."""
    return conditions[0] if len(conditions) == 1 else AnyOf(tuple(conditions))


def both(made: Lowering, one: str, other: str) -> str:
    """The name of the condition that two of a template hold."""
    name = f"({one}) && ({other})"
    made.conditions[name] = {"Fn::And": [{"Condition": one}, {"Condition": other}]}
    return name


def move_policy(made: Lowering, logical_id: str, number: int) -> None:
    """Keep in mind what an inline policy was made of that is in a condition now."""
    for key in [*made.roots]:
        if key[0] == logical_id and key[1][:2] == ("Policies", number):
            made.roots[logical_id, (*key[1][:2], "Fn::If", 1, *key[1][2:])] = made.roots.pop(key)


def _one(guard: tuple[str, bool]) -> Condition:
    name, holds = guard
    return Named(name) if holds else Not(Named(name))
