"""
Templates that functions make inside another one: a StackSet's ``TemplateBody`` of an ``Fn::Sub``.

They are read as they are at the defaults of the template around them, and nothing is proved of one that is another at
values that are allowed as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from trustproof.aws.partitions import all_partitions, url_suffix
from trustproof.errors import InputError
from trustproof.inputs.cloudformation.evaluation.assignments.assignments import Assignments
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.stacks.passed_values import compared_parameters
from trustproof.inputs.cloudformation.resources.other_templates.template_bodies import template_body
from trustproof.inputs.cloudformation.values.catalogue import TEMPLATE_BODY
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.grammar.values import Unreadable
from trustproof.inputs.reader import Doubt
from trustproof.inputs.text.source import Source
from trustproof.model.deployments import Assignment
from trustproof.model.policy import Guard, Path
from trustproof.model.text import PARTITION
from trustproof.sets.search import BudgetReached

#: Sections that decide what else a template has.
_DECIDING = ("Conditions", "Mappings", "Rules")
#: A value that no template compares anything with.
_MARK = "TrustproofAnyValue"


class _Readable(Protocol):
    """What is to be known of the template around it."""

    resolver: Resolver
    environment: Environment
    assignments: Assignments

    @property
    def name(self) -> str: ...
    def classes(self, paths: Sequence[Path]) -> tuple[Assignment, ...]: ...
    def assigned(self, assignment: Assignment) -> _Readable: ...


def body_doubts(template: _Readable, place: Path) -> tuple[Doubt, ...]:
    """
    Why a template inside another one may be another than the one that is read; empty where it may not.

    Args:
        template: the other one.
        place: where it stands there.
    """
    logical_id = str(place[-3])
    body = template.environment.properties(logical_id).get(TEMPLATE_BODY)
    said = next(_others(template, logical_id, place, body), None) if isinstance(body, Mapping) else None
    return () if said is None else (Doubt(place, f"the template of {logical_id} is made with {said}", True),)


def _others(template: _Readable, logical_id: str, place: Path, body: object) -> Iterator[str]:
    """What makes another template."""
    here = _made(template.resolver, body)
    try:
        classes = template.classes((place,))
    except BudgetReached:
        yield "more combinations of parameters than are judged"
        return
    for assignment in classes:
        there = template.assigned(assignment) if assignment.not_default else template
        values = {**there.resolver.values, **dict(assignment.values)}
        if _is_there(there, logical_id, values) and _made(Resolver(there.environment, values), body) != here:
            yield f"parameters, and is another one at {assignment}: --parameter gives them one value"
    if template.environment.deployment.partition is None and PARTITION not in template.resolver.values:
        for partition in sorted(all_partitions()):
            at = Resolver(template.environment, {**template.resolver.values, PARTITION: partition})
            if _made(at, body) != here:
                yield f"the partition, and is another one in {partition}: --region says which"
    yield from _compared(template, body)


def _made(resolver: Resolver, body: object) -> object:
    """What a body is, with the ARNs and domains of its partition written as those of the usual one."""
    try:
        found = template_body(resolver, body)
    except Unreadable:
        return None
    if not isinstance(found, str):
        return None
    partition = resolver.values.get(PARTITION, resolver.environment.partition)
    return found.replace(f"arn:{partition}:", "arn:aws:").replace(url_suffix(partition), url_suffix("aws"))


def _is_there(template: _Readable, logical_id: str, values: Mapping[str, str]) -> bool:
    """Whether the resource that has the body may be there at some values."""
    condition = (template.environment.resource(logical_id) or {}).get("Condition")
    if not isinstance(condition, str) or condition not in template.environment.conditions:
        return True
    declared = template.environment.parameters
    given = [Guard(name, value) for name, value in values.items() if name in declared]
    try:
        return template.assignments.satisfy((Guard(condition, True), *given)) is not None
    except UndeterminedGuards:
        return True


def _compared(template: _Readable, body: object) -> Iterator[str]:
    """The parameters that have a default, and may be anything, which the sections compare that decide."""
    written = json.dumps(body, default=str)
    for name, parameter in template.environment.parameters.items():
        is_given = name in template.resolver.values or name in template.environment.bindings
        if is_given or name not in written or parameter.listed or parameter.judged_default is None:
            continue
        at = _made(Resolver(template.environment, {**template.resolver.values, name: _MARK}), body)
        try:
            content = Source(template.name, at).load() if isinstance(at, str) else None
        except InputError:
            content = None
        if not isinstance(content, Mapping):
            yield f"{name}, and cannot be read at another value than its default"
        elif _MARK in json.dumps([content.get(section) for section in _DECIDING], default=str):
            yield f"{name}, which its conditions compare: --parameter {name}=VALUE says which"
        elif _MARK in json.dumps(content.get("Parameters"), default=str) and compared_parameters(content):
            yield f"{name}, which a parameter has that its conditions compare: --parameter {name}=VALUE says which"
