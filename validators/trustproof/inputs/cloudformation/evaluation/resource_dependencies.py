"""
Resources that others cannot be without: where a condition leaves one out to which something refers, CloudFormation
refuses the template ("Unresolved resource dependencies"). And what nested stacks do not admit of what they are passed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation import solver
from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.parameters.rules import narrow_parameters
from trustproof.inputs.cloudformation.values.fault import Undetermined
from trustproof.inputs.cloudformation.values.intrinsics import names_of
from trustproof.model.policy import Guard

#: Of more such demands than these, none is followed: each of them is asked about with every condition.
_MAX_DEMANDS = 32
#: What the transform makes of a reference in one of these is not known.
_TRANSFORMED = "AWS::Serverless::"


def follow_dependencies(environment: Environment, values: Mapping[str, str]) -> None:
    """
    Take no deployment for possible in which a resource is not there that others refer to, or in which a nested stack is
    passed what it refuses; where there is no other deployment, all are taken for possible.

    Args:
        environment: of a template whose resources have been read; it receives the conditions that hold.
        values: names that have been given a value.
    """
    if environment.is_unfinished:
        return
    has_conditions = any("Condition" in one for one in environment.resources.values())
    for found in (_demands(environment) if has_conditions else {}, environment.deployment.demands):
        if 0 < len(found) <= _MAX_DEMANDS:
            _follow(environment, values, found)


def _follow(environment: Environment, values: Mapping[str, str], demands: Mapping[str, object]) -> None:
    """Take deployments for possible in which conditions hold, if there are any."""
    conditions, rules = environment.conditions, environment.rules
    environment.conditions, environment.rules = {**conditions, **demands}, (*rules, *demands)
    try:
        is_possible = solver.satisfy(Resolver(environment, values), tuple(Guard(n, True) for n in demands)) is not None
    except Undetermined:
        is_possible = False
    if not is_possible:
        environment.conditions, environment.rules = conditions, rules
        return
    narrowed = dict(environment.parameters)
    narrow_parameters(narrowed, demands, (*values, *environment.pinned, *environment.bindings))
    # One that may stay at its default is judged there.
    environment.parameters |= {name: one for name, one in narrowed.items() if one.default is None}


def _demands(environment: Environment) -> dict[str, object]:
    """The conditions under which nothing refers to what is not there, by names that no condition has."""
    found: dict[str, object] = {}
    for logical_id, resource in environment.resources.items():
        if str(resource.get("Type")).startswith(_TRANSFORMED):
            continue
        own = resource.get("Condition")
        around = ((own, True),) if isinstance(own, str) else ()
        for name, guards in _references(environment, environment.properties(logical_id), around):
            needed = environment.resources[name].get("Condition")
            if not isinstance(needed, str) or (needed, True) in guards:
                continue
            if all(condition in environment.conditions for condition in (needed, *(guard for guard, _ in guards))):
                ways = [{"Fn::Not": [{"Condition": c}]} if holds else {"Condition": c} for c, holds in guards]
                demand: object = {"Fn::Or": [*ways, {"Condition": needed}]}
                found.setdefault(json.dumps(demand), demand)
    return {f"Dependencies/{number}": demand for number, demand in enumerate(found.values())}


def _references(
    environment: Environment, value: object, guards: tuple[tuple[str, bool], ...]
) -> Iterator[tuple[str, tuple[tuple[str, bool], ...]]]:
    """The resources that a value refers to, each with the conditions under which it does."""
    if isinstance(value, list):
        for item in value:
            yield from _references(environment, item, guards)
    for function, argument in value.items() if isinstance(value, dict) else ():
        if function == "Fn::If" and isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str):
            for branch, holds in ((argument[1], True), (argument[2], False)):
                yield from _references(environment, branch, tuple(dict.fromkeys((*guards, (argument[0], holds)))))
            continue
        yield from ((name, guards) for name in names_of(function, argument) if name in environment.resources)
        yield from _references(environment, argument, guards)
