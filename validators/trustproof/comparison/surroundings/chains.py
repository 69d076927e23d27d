"""
Which roles the sessions of a role reach over others on one side only.

Single steps are changes of trust and of identity policies, and are said as such. Here is what follows from them: a
chain of two steps or more that was not there, one of whose steps may have changed far away.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from trustproof.analysis.role_chains.edge import Step
from trustproof.analysis.role_chains.reach import Key, Roles
from trustproof.analysis.role_chains.roles import Node
from trustproof.escaping.text import first_of

#: How many roles a change names that reach another one.
_NAMED = 3


class Chain(NamedTuple):
    """
    A chain of roles that is there on one side only.
    """

    #: From the first to the last, three at least.
    nodes: tuple[Node, ...]
    steps: tuple[Step, ...]
    #: Which of the steps is there on this side only.
    new: int
    #: Further roles whose sessions reach the same one, by name.
    others: tuple[str, ...]


class Undecided(NamedTuple):
    """
    A step of which it is not known on one side whether it is there.
    """

    node: Node
    reason: str


def chains(side: Roles, other: Roles, unread: Collection[tuple[str, str]] = ()) -> Iterator[Chain | Undecided]:
    """
    The chains that are there on one side and surely not on the other, once for each role that they reach.

    Args:
        unread: roles of the other side, each by its template and logical id, of which nobody can read a policy.
    """
    known = {(path[0], path[-1]) for path in other.paths(decided=False)}
    paths = [path for path in side.paths(decided=True) if len(path) > 2 and (path[0], path[-1]) not in known]
    if reached := side.reached or other.reached:
        # What nobody has looked at may be there on either side.
        for node in itertools.islice(side.nodes.values(), 1):
            yield Undecided(node, f"{reached}, so that chains of roles could not be compared")
        return
    for pair, step in side.steps.items():
        before = other.steps.get(pair)
        if step.request is None and before is None and set(pair) <= other.nodes.keys():
            yield Undecided(side.nodes[pair[1]], step.doubt)
    found: dict[Key, list[tuple[Key, ...]]] = {}
    said: set[tuple[Key, Key]] = set()
    for path in paths:
        missing = [key for pair in pairwise(path) if pair not in other.steps for key in pair]
        hidden = next((key for key in missing if key[:2] in unread), None)
        if hidden is None:
            found.setdefault(path[-1], []).append(path)
        elif (hidden, path[-1]) not in said:
            said.add((hidden, path[-1]))
            yield Undecided(side.nodes[path[-1]], f"a policy of {hidden[1]} could not be read on the other side")
    for several in found.values():
        several.sort(key=lambda path: (len(path), path))
        yield _chain(side, other, several)


def _chain(side: Roles, other: Roles, paths: Sequence[tuple[Key, ...]]) -> Chain:
    first, *others = paths
    pairs = list(itertools.pairwise(first))
    new = next(number for number, pair in enumerate(pairs) if pair not in other.steps)
    return Chain(
        tuple(side.nodes[key] for key in first),
        tuple(side.steps[pair] for pair in pairs),
        new,
        tuple(dict.fromkeys(side.nodes[path[0]].name for path in others)),
    )


def message(chain: Chain, *, lost: bool) -> str:
    """A chain in a sentence."""
    first, *between, last = (node.name for node in chain.nodes)
    may = "may no longer" if lost else "may"
    return f"a session of role {first} {may} become {last} through {', then '.join(between)}"


def notes(chain: Chain) -> Iterator[str]:
    """Which of the steps has changed, and for whom else it matters."""
    pairs = pairwise(chain.nodes)
    for number, (source, target) in enumerate(pairs):
        changed = "; this step is the one that the other side does not have" if number == chain.new else ""
        yield f"step {number + 1}: a session of {source.arn} assumes {target.arn}{changed}"
    if chain.others:
        yield f"the same holds of sessions of {first_of(chain.others, _NAMED)}"
