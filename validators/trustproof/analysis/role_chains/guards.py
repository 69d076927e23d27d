"""
The conditions of a template that decide what the roles of a chain say: under which of them are all steps there?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

from trustproof.analysis.role_chains.roles import Node
from trustproof.analysis.role_chains.shared_values import at_two_values
from trustproof.inputs.reader import Number
from trustproof.model.policy import Guard
from trustproof.results.result import IF_SAME_NAME

#: So many outcomes of the conditions of one template are tried for one chain.
_MAX_OUTCOMES = 64
_ELSEWHERE = "a condition of another template decides whether"


def is_guarded(node: Node) -> bool:
    """Whether a condition decides whether a statement of a role is there."""
    return bool(_of_statements((node,)))


def guarded_templates(path: Sequence[Node]) -> dict[Number, list[Node]]:
    """The templates that have roles of a path, and decide by conditions what these say."""
    by_number: dict[Number, list[Node]] = {}
    for node in path:
        by_number.setdefault(node.number, []).append(node)
    return {number: nodes for number, nodes in by_number.items() if any(is_guarded(node) for node in nodes)}


def guards_together(nodes: Sequence[Node]) -> Iterator[tuple[Guard, ...]]:
    """
    What may hold together where all of some roles of a template are there: first what must, then with each outcome of
    what decides which statements there are. A Deny may be missing at an outcome that no step by itself asks for.
    """
    must = tuple(dict.fromkeys(guard for node in nodes for guard in node.trust.document.guards))
    yield must
    outcomes: dict[str, dict[str | bool, None]] = {}
    for guard in _of_statements(nodes):
        if IF_SAME_NAME in guard.name:
            # That two names which nobody knows are one is for a step to ask for.
            continue
        both = (guard.value,) if isinstance(guard.value, str) else (not guard.value, guard.value)
        outcomes.setdefault(guard.name, {}).update(dict.fromkeys(both))
    choices = ([Guard(name, value) for value in values] for name, values in outcomes.items())
    for together in islice(product(*choices), _MAX_OUTCOMES) if outcomes else ():
        yield tuple(dict.fromkeys((*must, *together)))


def apart(path: Sequence[Node]) -> str:
    """
    Why it is not known whether the roles of a path are so together: one is of a stack that conditions of other
    templates decide about, or has something of one, and conditions decide about another role, too. Empty where nothing
    stands in the way.
    """
    if name := at_two_values([node.values for node in path]):
        return f"what all roles of this chain are at one value of {name} is not decided"
    for node in path:
        for other in path:
            if not (other.is_optional or is_guarded(other) or other.trust.document.guards):
                continue
            if node.is_optional and other.number != node.number:
                return (
                    f"{_ELSEWHERE} {node.called} is there, and it is not known whether it is where {other.called} is so"
                )
            if node.has_optional:
                what = f"what it attaches to {node.called} is there"
                return f"{_ELSEWHERE} {what}, and it is not known whether it is where {other.called} is so"
    return ""


def _of_statements(nodes: Sequence[Node]) -> tuple[Guard, ...]:
    documents = [document for node in nodes for document in (node.trust.document, *node.own)]
    return tuple(dict.fromkeys(g for one in documents for statement in one.policy.statements for g in statement.guards))
