"""
Users and roles that have what other stacks export under names that say of which deployment it is.

``Fn::ImportValue: !Sub "${Env}-group"`` is of the stack that was deployed with that ``Env``: at its other values, the
template that exports it says nothing about who imports it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.linking.presence import conditions_of
from trustproof.inputs.cloudformation.linking.relocation import Relocation, constant_text
from trustproof.inputs.cloudformation.resources.access.bucket_blocks import readings_of
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues
from trustproof.inputs.cloudformation.values.references import IMPORT

#: The properties in which a user or role has what others make.
_HELD = ("Groups", "ManagedPolicyArns", "PermissionsBoundary")
#: Who may assume a role is no part of what it holds.
_TRUST = "AssumeRolePolicyDocument"
_OF_AWS = ":iam::aws:policy/"
_REFERENCES = frozenset(("Ref", "Fn::GetAtt", IMPORT))


def deciding_values(template: Template, value: object, told: Mapping[str, str]) -> dict[str, str]:
    """
    Those of some values of parameters on which it depends what the users, groups, roles and managed policies are and
    hold that an expression of the template names.

    Args:
        told: parameters to the values that they have in the deployment that is meant.
    """
    environment = template.environment
    renaming = Relocation(template, "", None)
    for named in dict.fromkeys(names_in(value)):
        for logical_id in (named, *environment.referring.get(named, ())):
            resource = environment.resources.get(logical_id)
            if resource is not None and catalogue.is_about_holders(str(resource.get("Type"))):
                properties = environment.properties(logical_id)
                renaming.value({key: inner for key, inner in properties.items() if key != _TRUST})
                # What it is made under is collected with it.
                tuple(conditions_of(template, renaming, logical_id))
    return {name: one for name, one in told.items() if renaming.choice(name) in renaming.parameters}


def are_named_by_text(templates: Sequence[Template]) -> bool:
    """
    Whether a template gives anything to users or roles by what they are called, and not by reference: then that of any
    deployment may be given to them.
    """
    for template in templates:
        environment = template.environment
        for logical_id, resource in environment.resources.items():
            type_, properties = str(resource.get("Type")), environment.properties(logical_id)
            if type_ in (catalogue.MEMBERSHIP, catalogue.ATTACHMENT):
                return True
            named = [properties.get(key) for key in catalogue.ATTACHED.get(type_, {})]
            if not all(_refers(one, environment.resources) for one in named):
                return True
    return False


def _refers(named: object, resources: Collection[str]) -> bool:
    """
    Whether all that a list has is what functions give for resources, of the template or of another stack, or a policy
    of AWS.
    """
    if isinstance(named, list):
        return all(_refers(one, resources) for one in named)
    if not isinstance(named, dict) or len(named) != 1:
        return named is None or _OF_AWS in str(named)
    ((function, argument),) = named.items()
    if function == "Fn::If" and isinstance(argument, list):
        return _refers(argument[1:], resources)
    if function == "Fn::Sub":
        return _OF_AWS in str(argument)
    return function in _REFERENCES and (function != "Ref" or argument in resources or argument == "AWS::NoValue")


def imported_together(
    template: Template, renaming: Relocation, logical_id: str, given: LinkedValues, declared: Collection[str]
) -> object | None:
    """
    The condition that other stacks have the values that the names of all imports say which a user or role has; None
    where nothing of that decides, or no other stack can have all of them.

    Args:
        given: what others give to the template.
        declared: the parameters of other stacks that are known.
    """
    environment = template.environment
    held = [environment.properties(logical_id).get(key) for key in _HELD]
    names = [*_imported_in(held)]
    deployments = {name: values for name, values in given.deployments.items() if values.keys() <= {*declared}}
    if not names or not deployments or not _refers(held, environment.resources):
        return None
    readings = _exports_at_each(template, names)
    if not readings or not all(_are_of_one(reading, deployments) for reading in readings):
        return None
    if len(readings) == 1:
        names = [*readings[0]]
    found: list[object] = []
    for written in names:
        for symbol, values in deployments.items():
            export = symbol.removeprefix(f"{IMPORT} ")
            is_other = {"Fn::Not": [_all([{"Fn::Equals": [{"Ref": key}, value]} for key, value in values.items()])]}
            if written == export:
                found.append({"Fn::Not": [is_other]})
            elif not isinstance(written, str):
                found.append({"Fn::Not": [_all([{"Fn::Equals": [renaming.value(written), export]}, is_other])]})
    return _all(found) if found else None


def _imported_in(value: object) -> Iterator[object]:
    """The names of the exports that a value takes, as they are written."""
    if isinstance(value, list):
        for item in value:
            yield from _imported_in(item)
    elif isinstance(value, dict):
        for function, argument in value.items():
            if function == IMPORT:
                yield argument
            else:
                yield from _imported_in(argument)


def _exports_at_each(template: Template, names: Sequence[object]) -> list[tuple[str, ...]]:
    """What names of exports are at each of the values that a template may be given; empty where that is not known."""
    only = {name: one.listed[0] for name, one in template.environment.parameters.items() if len(one.listed) == 1}
    found: list[tuple[str, ...]] = []
    for reading in readings_of(template.resolver, [*names]):
        resolver = Resolver(template.environment, {**only, **reading.values})
        texts = [text for one in names if isinstance(text := constant_text(resolver, one), str)]
        if len(texts) < len(names):
            return []
        found.append(tuple(texts))
    return found


def _are_of_one(names: Sequence[str], deployments: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether one deployment of other stacks can have all of some exports."""
    told: dict[str, str] = {}
    values = (pair for name in names for pair in deployments.get(f"{IMPORT} {name}", {}).items())
    return all(told.setdefault(key, value) == value for key, value in values)


def _all(conditions: Sequence[object]) -> object:
    """That all of some conditions hold, of which there is one at least."""
    return reduce(lambda both, one: {"Fn::And": [both, one]}, conditions)
