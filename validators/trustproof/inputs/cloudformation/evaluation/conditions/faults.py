"""
Conditions that CloudFormation refuses, as errors with a place.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy
from trustproof.model.policy import Path


def locate_faults(environment: Environment, logical_id: str) -> list[MalformedPolicy]:
    """
    An error for each such condition that reading a resource has met, once: where it is declared, else where it is used.
    """
    found = []
    for name, fault in environment.faults_met.items():
        if name in environment.faults_told:
            continue
        environment.faults_told.add(name)
        path = (*_around(environment, logical_id), *fault.path) if fault.path else _use(environment, name, logical_id)
        found.append(MalformedPolicy(fault.message, path))
    environment.faults_met.clear()
    return found


def _use(environment: Environment, name: str, logical_id: str) -> Path:
    """Where a resource, or else a condition, names a condition."""
    path = environment.path(logical_id)
    conditions = (*_around(environment, logical_id), "Conditions")
    places = [
        (path, environment.resources[logical_id]),
        *(((*conditions, key), body) for key, body in environment.conditions.items()),
    ]
    return next((found for place, value in places for found in _uses(value, name, place)), path)


def _around(environment: Environment, logical_id: str) -> Path:
    """Where the template stands that a resource is in."""
    path = environment.path(logical_id)
    return path[: len(path) - 1 - path[::-1].index("Resources")]


def _uses(value: object, name: str, path: Path) -> Iterator[Path]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _uses(item, name, (*path, index))
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Condition" and inner == name:
                yield (*path, key)
            elif key == "Fn::If" and isinstance(inner, list) and inner and inner[0] == name:
                yield (*path, key, 0)
            yield from _uses(inner, name, (*path, key))
