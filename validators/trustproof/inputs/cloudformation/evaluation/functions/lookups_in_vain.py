"""
What a mapping is asked for and certainly has not, by keys that are written out or given (the Region, the account,
values of parameters): CloudFormation refuses such a template ("Unable to get mapping").

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain

from trustproof.aws.partitions import partition_of
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import decide_named
from trustproof.inputs.cloudformation.evaluation.conditions.missing_entries import asked_for, has_no_entry
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.guarded_functions import (
    Guards,
    guarded_functions,
    ways_out,
)
from trustproof.inputs.cloudformation.evaluation.functions.mapping_keys import lookups
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM, names_in
from trustproof.model.policy import Path
from trustproof.model.text import PARTITION, REGION


def refused_lookup(environment: Environment) -> tuple[str, Path] | None:
    """What every deployment with what was given asks for in vain, and its place; None where there is none."""
    if environment.is_unfinished:
        return None
    scope = _scope(environment)
    for argument, guards in _in_vain(environment):
        if all(decide_named(name, scope) is holds for name, holds in guards):
            keys = " and ".join(json.dumps(key) for key in asked_for(scope, argument)[1:])
            named = dict.fromkeys(names_in(argument))
            where = ", ".join(f"{name} is {scope.text({'Ref': name})}" for name in named)
            said = f"the mapping {argument[0]} has nothing under {keys}, so CloudFormation refuses the template"
            return said + (f" where {where}" if where else ""), _place(environment, argument)
    return None


def excluded_guards(environment: Environment) -> dict[str, object]:
    """The conditions under which nothing is asked for in vain, by names that no condition has."""
    found: dict[str, object] = {}
    for _, guards in _in_vain(environment):
        if guards and all(condition in environment.conditions for condition, _ in guards):
            ways = ways_out(guards)
            found.setdefault(json.dumps(ways), {"Fn::Or": ways})
    return {f"Lookups/{number}": demand for number, demand in enumerate(found.values())}


def regions_with_entries(environment: Environment, regions: Iterable[str]) -> Iterator[str]:
    """Those of some Regions in which not every deployment asks for what is not there; the Region is not given."""
    asked: dict[str, list[object]] = {}
    if environment.mappings and TRANSFORM not in environment.mappings and not environment.is_unfinished:
        lent = environment.deployment.linked_values
        # What other stacks give is looked up over there, in the same Region.
        given = guarded_functions([] if lent is None else [*lent.values.values()], ())
        elsewhere = ((argument, guards) for function, argument, guards in given if function == "Fn::FindInMap")
        for argument, guards in chain(lookups(environment), elsewhere):
            named = {*names_in(argument)}
            if isinstance(argument, list) and not guards and named & {PARTITION, REGION}:
                asked.setdefault(repr(argument), argument)
    certain = [argument for argument in asked.values() if _is_certain(argument)]
    known = {**environment.pinned, **environment.deployment.place}
    for region in regions:
        scope = Resolver(environment, {**known, PARTITION: partition_of(region), REGION: region}, defaults=False)
        if not any(has_no_entry(scope, argument) for argument in certain):
            yield region


def _in_vain(environment: Environment) -> Iterator[tuple[list[object], Guards]]:
    """The lookups of what is not there, and when CloudFormation makes them."""
    if not environment.mappings or TRANSFORM in environment.mappings:
        return
    scope = _scope(environment)
    given = {*environment.deployment.place, *environment.pinned}
    for argument, guards in lookups(environment):
        if not isinstance(argument, list) or not given.issuperset(names_in(argument)):
            continue
        if _is_certain(argument) and has_no_entry(scope, argument):
            yield argument, guards


def _is_certain(argument: object) -> bool:
    """Whether keys are written out or refer to what is given, and no other function has a part in them."""
    return not any(sign in str(argument) for sign in ("Fn::", "{{", "${"))


def _scope(environment: Environment) -> Resolver:
    return Resolver(environment, {**environment.pinned, **environment.deployment.place}, defaults=False)


def _place(environment: Environment, argument: object) -> Path:
    """Where a lookup is written."""
    for logical_id, resource in environment.resources.items():
        if (path := _within(resource, argument, environment.path(logical_id))) is not None:
            return path
    for key, section in (("Conditions", environment.conditions), ("Outputs", environment.outputs)):
        if (path := _within(section, argument, (key,))) is not None:
            return path
    return ("Mappings",)


def _within(value: object, wanted: object, path: Path) -> Path | None:
    if value is wanted:
        return path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return next((found for key, inner in parts if (found := _within(inner, wanted, (*path, key))) is not None), None)
