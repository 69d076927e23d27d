"""
What a template declares about access and no deployment of it has: what is proved of it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.functions.branches import outcomes
from trustproof.inputs.cloudformation.resources.collection.collector import Collector
from trustproof.inputs.cloudformation.resources.collection.relevant_types import is_relevant
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.policy import Guard


def absent_parts(collector: Collector) -> Iterator[str]:
    """
    The logical ids of what may hold policies and has a condition that never holds, and of the other resources the
    statements under conditions that never hold together, each with its place in the properties.

    Args:
        collector: which has read all resources.
    """
    for logical_id, resource in collector.environment.resources.items():
        type_ = resource.get("Type")
        if not isinstance(type_, str) or not is_relevant(type_):
            continue
        guards = collector.guards(logical_id)
        if guards is None:
            yield logical_id
        elif collector.environment.conditions:
            try:
                for place in _absent_statements(collector, resource.get("Properties"), guards):
                    yield f"{logical_id} (/{place})"
            except Unreadable:
                # The resource is not read to its end, which is said of it.
                continue


def _absent_statements(collector: Collector, properties: object, guards: tuple[Guard, ...]) -> Iterator[str]:
    """The places of the branches that hold statements and that no deployment takes, in the order of the template."""
    left: list[tuple[object, str, tuple[Guard, ...]]] = [(properties, "", guards)]
    while left:
        value, place, here = left.pop()
        if isinstance(value, list):
            inner = [(item, f"{place}{index}/", here) for index, item in enumerate(value)]
        elif not isinstance(value, dict):
            continue
        elif (argument := _branches(value)) is None:
            inner = [(item, f"{place}{key}/", here) for key, item in value.items()]
        elif not _hold_statements(argument[1:]):
            continue
        else:
            taken = dict(outcomes(collector.resolver, str(argument[0]), here))
            inner = [(argument[index], f"{place}Fn::If/{index}/", taken[index]) for index in sorted(taken)]
            for index in (1, 2):
                if index not in taken and _hold_statements(argument[index]):
                    yield f"{place}Fn::If/{index}"
        left.extend(reversed(inner))


def _branches(value: dict[str, object]) -> list[object] | None:
    """The arguments of an ``Fn::If``; None for anything else."""
    argument = value.get("Fn::If") if intrinsic_name(value) == "Fn::If" else None
    if isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str):
        return argument
    return None


def _hold_statements(value: object) -> bool:
    """Whether a statement of a policy stands somewhere in a value."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if "Effect" in one:
                return True
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return False
