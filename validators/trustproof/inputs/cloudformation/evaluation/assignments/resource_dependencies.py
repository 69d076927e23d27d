"""
Resources that others cannot be without: where a condition leaves one out to which something refers, CloudFormation
refuses the template ("Unresolved resource dependencies"). And what nested stacks do not admit of what they are passed,
what mappings do not have, and policies of what has no name: a bucket's has three characters at least.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.cloudformation.evaluation.conditions import solver
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import ConditionReader
from trustproof.inputs.cloudformation.evaluation.conditions.contradictions import holds_always
from trustproof.inputs.cloudformation.evaluation.conditions.refusing_conditions import defaults_among, may_fail
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.guarded_functions import ways_out
from trustproof.inputs.cloudformation.evaluation.declarations.work import OverBudget
from trustproof.inputs.cloudformation.evaluation.functions.lookups_in_vain import excluded_guards
from trustproof.inputs.cloudformation.evaluation.functions.mapping_keys import demanded_keys
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.stacks.refused_values import admitted_bindings
from trustproof.inputs.cloudformation.parameters.rules import (
    names_of_condition,
    narrow_parameters,
    referred_names,
    without_defaults,
)
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.model.policy import Guard

#: Of more such demands than these, those are followed that may refuse a default, and of more of these, none: each of
#: them is asked about with every condition.
_MAX_DEMANDS = 32
#: The property of a policy that says what it is put on.
_PUT_ON = {"AWS::S3::BucketPolicy": "Bucket", "AWS::SNS::TopicPolicy": "Topics", "AWS::SQS::QueuePolicy": "Queues"}


def follow_dependencies(environment: Environment, values: Mapping[str, str]) -> None:
    """
    Take no deployment for possible in which a resource is not there that others refer to, in which a nested stack is
    passed what it refuses, or a mapping asked for what it has not; where there is no other, all are taken for possible.

    Args:
        environment: of a template whose resources have been read; it receives the conditions that hold.
        values: names that have been given a value.
    """
    if environment.is_unfinished:
        return
    has_conditions = any("Condition" in one for one in environment.resources.values())
    dependencies = _demands(environment) if has_conditions else {}
    admitted = admitted_bindings(environment)
    excluded, keys = excluded_guards(environment), demanded_keys(environment)
    named = _named_targets(environment)
    for found in (dependencies, environment.deployment.demands, excluded, keys, admitted, named):
        if len(found) > _MAX_DEMANDS:
            found = _open_at_defaults(environment, values, found)
        if len(found) > _MAX_DEMANDS:
            _take_defaults(environment, values, found)
        elif found:
            is_possible = _follow(environment, values, found)
            if not is_possible and not environment.refused:
                environment.refused = _refused(environment, found, keys, admitted)


def _refused(
    environment: Environment, demands: Mapping[str, object], keys: Mapping[str, object], admitted: Mapping[str, object]
) -> str:
    """Why there is no nested stack with whatever it may be passed, where demands do not hold; empty of others."""
    if demands is admitted:
        return f"nothing that it may be passed as {', '.join(n.partition('/')[2] for n in admitted)} is admitted"
    passed = sorted({*referred_names([*demands.values()])} & environment.bindings.keys()) if demands is keys else []
    return f"mappings have nothing under whatever it may be passed as {', '.join(passed)}" if passed else ""


def _open_at_defaults(
    environment: Environment, values: Mapping[str, str], demands: Mapping[str, object]
) -> dict[str, object]:
    """Those conditions that may not hold with the defaults of parameters which may be anything."""
    resolver = Resolver(environment, values)
    defaults = defaults_among(resolver, environment.parameters)
    opened = resolver.opened(defaults)
    about = {
        name: names_of_condition({**environment.conditions, name: demand}, name) for name, demand in demands.items()
    }
    return {
        name: demand
        for name, demand in demands.items()
        if not about[name].isdisjoint(defaults) and may_fail(opened, demand)
    }


def _take_defaults(environment: Environment, values: Mapping[str, str], demands: Mapping[str, object]) -> None:
    """Let parameters be anything whose defaults conditions may refuse, where these are not followed."""
    given = {*values, *environment.pinned, *environment.bindings}
    for name, demand in demands.items():
        for about in names_of_condition({**environment.conditions, name: demand}, name):
            without_defaults(environment.parameters, {"Ref": about}, given)


def _follow(environment: Environment, values: Mapping[str, str], demands: Mapping[str, object]) -> bool:
    """Take deployments for possible in which conditions hold; whether there may be any."""
    demands = _open(environment, demands)
    if not demands:
        return True
    conditions, rules = environment.conditions, environment.rules
    environment.conditions, environment.rules = {**conditions, **demands}, (*rules, *demands)
    try:
        is_possible = solver.satisfy(Resolver(environment, values), tuple(Guard(n, True) for n in demands)) is not None
    except UndeterminedGuards:
        environment.conditions, environment.rules = conditions, rules
        _take_defaults(environment, values, _open_at_defaults(environment, values, demands))
        return True
    if not is_possible:
        environment.conditions, environment.rules = conditions, rules
        return False
    environment.demands |= demands
    given = {*values, *environment.pinned, *environment.bindings}
    narrowed = dict(environment.parameters)
    narrow_parameters(narrowed, demands, given)
    for name, demand in demands.items():
        if ConditionReader(Resolver(environment, values)).named(name) is False:
            without_defaults(narrowed, demand, given)
    # One that may stay at its default is judged there.
    environment.parameters |= {name: one for name, one in narrowed.items() if one.default is None}
    return True


def _open(environment: Environment, demands: Mapping[str, object]) -> dict[str, object]:
    """
    Demands without those that hold by how conditions are put together, whatever the values of parameters are.

    Most resources refer to none that may be left out beside them. A demand of which that is known says nothing, and yet
    each name that it reads would make one more question of what is asked about a condition.
    """
    if not environment.outcomes.are_plain:
        return dict(demands)
    conditions, kept = environment.conditions, environment.found_values
    number = kept.number((conditions, demands))
    if (always := kept.always(number)) is None:
        environment.conditions = {**conditions, **demands}
        try:
            always = frozenset(name for name in demands if holds_always(environment, name))
        except OverBudget:
            return dict(demands)
        finally:
            environment.conditions = conditions
        kept.keep_always(number, always)
    return {name: demand for name, demand in demands.items() if name not in always}


def _demands(environment: Environment) -> dict[str, object]:
    """The conditions under which nothing refers to what is not there, by names that no condition has."""
    found: dict[str, object] = {}
    for needed, guards in environment.functions.needed:
        if all(condition in environment.conditions for condition in (needed, *(guard for guard, _ in guards))):
            found[f"Dependencies/{len(found)}"] = {"Fn::Or": [*ways_out(guards), {"Condition": needed}]}
    return found


def _named_targets(environment: Environment) -> dict[str, object]:
    """The conditions under which no policy is put on what has an empty name, where that is a parameter's default."""
    found: dict[str, object] = {}
    # Each reading of a template asks this, and most of all resources and parameters have no part in it.
    there = [(one, name) for one in environment.resources.values() if (name := _PUT_ON.get(str(one.get("Type"))))]
    empty = {name for name, one in environment.parameters.items() if one.judged_default == ""} if there else set[str]()
    for resource, its in there if empty else ():
        properties, condition = resource.get("Properties"), resource.get("Condition")
        said = properties.get(its) if isinstance(properties, dict) else None
        for target in said if isinstance(said, list) else (said,):
            name = target.get("Ref") if isinstance(target, dict) and len(target) == 1 else None
            if name not in empty or name in environment.bindings:
                continue
            demand: object = {"Fn::Not": [{"Fn::Equals": [target, ""]}]}
            if condition is not None:
                if condition not in environment.conditions:
                    continue
                demand = {"Fn::Or": [{"Fn::Not": [{"Condition": condition}]}, demand]}
            found.setdefault(str(demand), demand)
    return {f"Targets/{number}": demand for number, demand in enumerate(found.values())}
