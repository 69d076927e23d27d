"""
What the templates of nested stacks are, and what these are passed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.assembly.returned_parameters import ReturningStack, without_outputs
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.written_parameters import UNKNOWN, written_parameters
from trustproof.inputs.cloudformation.evaluation.stacks.passed_values import (
    DeploymentValue,
    compared_parameters,
    readings,
)
from trustproof.inputs.cloudformation.evaluation.stacks.refused_values import demands
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.catalogue import STACK_SET
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable
from trustproof.inputs.grammar.variants import TooManyVariants
from trustproof.inputs.nested_stacks.files import takes, written_places
from trustproof.inputs.text.source import read
from trustproof.model.policy import Guard
from trustproof.model.text import Symbolic


class Child(NamedTuple):
    """
    A template that a nested stack may have.
    """

    file: str
    #: Where the stack has it.
    reading: DeploymentValue
    #: What decides and nobody knows, as a clause to follow ``whether``; empty where nothing does.
    open_: str = ""


class PerhapsMeant(NamedTuple):
    """
    The files that may be meant by places of which nothing is known: thousands, for each of thousands of stacks.
    """

    logical_id: str = ""
    readings: tuple[DeploymentValue, ...] = ()
    #: All that take what is passed.
    files: Mapping[str, None] = MappingProxyType({})
    #: The template that has the stack, which is none of them.
    around: str = ""

    def number(self) -> int:
        """How many there are."""
        return len(self.files) - (self.around in self.files)

    def has(self, file: str) -> bool:
        """Whether a file is one of them."""
        return bool(self.readings) and file in self.files and file != self.around

    def but_for(self, seen: set[str]) -> list[str]:
        """The files that have not been seen; they are added to these."""
        new = [file for file in self.files if file != self.around and file not in seen] if self.readings else []
        seen.update(new)
        return new

    def children(self) -> Iterator[Child]:
        """Each of them, at each of the places."""
        known = self.number() == 1
        files = [file for file in self.files if file != self.around]
        return (child(self.logical_id, file, one, is_known=known) for one in self.readings for file in files)


class Children(NamedTuple):
    """
    What the template of a nested stack may be.
    """

    there: tuple[Child, ...]
    #: Whether it is none but these.
    are_all: bool
    #: Others that it names and never has.
    others: tuple[str, ...] = ()
    perhaps: PerhapsMeant = PerhapsMeant()

    def number(self) -> int:
        """How many it may be."""
        return len(self.there) + len(self.perhaps.readings) * self.perhaps.number()

    def files(self) -> Iterator[Child]:
        """Each template that it may be."""
        return chain(self.there, self.perhaps.children())

    def only(self) -> Child | None:
        """The one template that it may be; None where there are more, or none."""
        return next(self.files()) if self.number() == 1 else None


def guards_of(environment: Environment, resource: Mapping[str, object]) -> tuple[Guard, ...]:
    """What holds where a resource is there."""
    condition = resource.get("Condition")
    return (Guard(condition, True),) if isinstance(condition, str) and condition in environment.conditions else ()


def places(
    template: Template, location: object, guards: tuple[Guard, ...], file: str | None = None
) -> list[tuple[DeploymentValue, bool]]:
    """
    What the place of the template of a nested stack may be; where that cannot be said, all that is written. With each,
    whether its reading says where the nested stack has it.

    Args:
        file: that of the template, where it is known.
    """
    if file is not None:
        return [(DeploymentValue(template.resolver, guards, file), True)]
    try:
        found = [(one, True) for one in readings(template.resolver, location, guards)]
    except (TooManyVariants, Unreadable):
        written = [*written_places(location, template.data)]
        found = [(DeploymentValue(template.resolver, guards, place), len(written) == 1) for place in written]
    return found or [(DeploymentValue(template.resolver, guards, NO_VALUE), True)]


def child(logical_id: str, file: str, reading: DeploymentValue, *, is_known: bool) -> Child:
    """
    A template that a nested stack may have.

    Args:
        is_known: whether the reading says where it has it.
    """
    return Child(file, reading, "" if is_known else f"the template of {logical_id} is {os.path.basename(file)}")


def perhaps_meant(
    template: Template,
    logical_id: str,
    at: Sequence[DeploymentValue],
    among: Mapping[str, str],
    known: dict[tuple[str, ...], Mapping[str, None]],
) -> PerhapsMeant:
    """
    The files that may be meant by a place of which nothing is known, since they take what is passed.

    Args:
        among: the real paths of the files that may be read, to what the user calls them.
        known: names of parameters to the files that take them; what is found is added, since thousands of stacks may
            be passed the same.
    """
    open_ = tuple(one for one in at if isinstance(one.text, Symbolic) and len(one.text.parts) == 1)
    if not open_:
        return PerhapsMeant()
    passed = tuple(written_parameters(template.environment.resources[logical_id], {}) or ())
    key = tuple(sorted(passed))
    if key not in known:
        known[key] = dict.fromkeys(file for file in among.values() if takes(file, passed))
    return PerhapsMeant(logical_id, open_, known[key], template.name)


def passed_to(resource: Mapping[str, object], file: str, *, is_known: bool) -> Mapping[str, object]:
    """
    The parameters that a template passes to a nested stack, to what it passes.

    Args:
        resource: the nested stack.
        file: the template of the nested stack.
        is_known: whether nothing may change the template that passes them.
    """
    declared = _parameters(content_of(file))
    if is_known and (given := written_parameters(resource, declared)) is not None:
        return given
    return dict.fromkeys(map(str, declared), UNKNOWN)


def demands_of(template: Template, nested: Mapping[str, Children]) -> dict[str, object]:
    """
    What holds in each deployment of a template, since stacks nested in it refuse other values: conditions, by name.

    Args:
        nested: the resources that make nested stacks, to what their templates may be.
    """
    found: dict[str, tuple[str, object]] = {}
    environment = template.environment
    stacks: dict[str, ReturningStack] = {}
    contents: dict[str, Mapping[str, object]] = {}
    for logical_id, children in nested.items() if not template.doubt else ():
        one = children.only() if children.are_all else None
        resource = environment.resources[logical_id]
        passed = written_parameters(resource, {})
        if one is not None and passed is not None and not one.open_ and resource.get("Type") != STACK_SET:
            if one.file not in contents:
                contents[one.file] = content_of(one.file)
            stacks[logical_id] = ReturningStack(contents[one.file], passed)
    for logical_id, stack in stacks.items():
        passed = {name: without_outputs(value, stacks) for name, value in stack.passed.items()}
        # Many stacks demand the same of a parameter.
        found.update(
            {
                json.dumps(demand): (name, demand)
                for name, demand in demands(environment, logical_id, stack.content, passed)
            }
        )
    return dict(found.values())


class _Nested(NamedTuple):
    """
    A nested stack as a template has it, and the template of it.
    """

    #: What it may be called; empty where a loop makes it.
    logical_ids: tuple[str, ...]
    resource: Mapping[str, object]
    file: str
    #: The parameters of that template.
    declared: Mapping[str, object]

    def gives_back(self, written: str) -> bool:
        """Whether outputs of it are named in what is written in the template that has it."""
        names = [*(f"{name}.Outputs" for name in self.logical_ids), *(f'"{name}", ' for name in self.logical_ids)]
        return any(name in written for name in names or ["Outputs"])

    def passed(self, names: frozenset[str]) -> str:
        """What is written for parameters of it, as JSON."""
        given = written_parameters(self.resource, self.declared)
        passed = [given.get(name) for name in sorted(names)] if given is not None else [self.resource]
        return json.dumps(passed, default=str)


#: The resources of a template that make nested stacks, and the template of each.
NestedIn = Callable[[str], Iterable[tuple[Mapping[str, object], str]]]


def files_inside(file: str, nested: NestedIn) -> tuple[str, ...]:
    """
    A template and those that are nested in it, at any depth.

    Args:
        nested: the resources of a template that make nested stacks, and the template of each.
    """
    found = [file]
    for one in found:
        found += [inner for inner in dict.fromkeys(inner for _, inner in nested(one)) if inner not in found]
    return tuple(found)


class ComparedParameters:
    """
    The parameters of templates that their conditions compare, or those of a template that they pass them to; also by
    way of outputs, where the templates around pass these to another nested stack.

    Each template is read once, though a template may have thousands of stacks.

    Args:
        nested: the resources of a template that make nested stacks, and the template of each.
    """

    def __init__(self, nested: NestedIn) -> None:
        self._nested = nested
        self._inside: dict[str, list[_Nested]] = {}
        #: Templates to those that they are nested in.
        self._around: dict[str, set[str]] = {}
        self._declared: dict[str, tuple[str, ...]] = {}
        self._compared: dict[str, frozenset[str]] = {}
        #: Templates whose outputs are compared, to what is written for these.
        self._outputs: dict[str, str] = {}

    def of(self, file: str, outermost: str) -> frozenset[str]:
        """
        Those of a template.

        Args:
            outermost: the template around all of them.
        """
        if new := self._read(dict.fromkeys((outermost, file))):
            self._settle(new)
        return self._compared[file]

    def _read(self, files: Iterable[str]) -> list[str]:
        """Read templates, and all that are nested in them; those that are new."""
        # Kept no longer than this: they may be many.
        contents: dict[str, Mapping[str, object]] = {}
        new = []
        open_ = [*files]
        while open_:
            file = open_.pop()
            if file in self._inside:
                continue
            new.append(file)
            # Thousands of resources may be written alike, each of which may have each of as many templates.
            made = list(
                {(_written(resource), inner): (resource, inner) for resource, inner in self._nested(file)}.values()
            )
            contents |= {
                one: content_of(one)
                for one in dict.fromkeys([file, *(inner for _, inner in made)])
                if one not in contents
            }
            called = _called(contents[file])
            self._inside[file] = [
                _Nested(tuple(called.get(_written(resource), ())), resource, inner, _parameters(contents[inner]))
                for resource, inner in made
            ]
            self._declared[file] = tuple(map(str, _parameters(contents[file])))
            self._compared[file] = compared_parameters(contents[file])
            for one in self._inside[file]:
                self._around.setdefault(one.file, set()).add(file)
                open_.append(one.file)
        return new

    def _settle(self, files: Collection[str]) -> None:
        """Look through templates, and again through those that what is found speaks for, until nothing more is."""
        while files:
            again: set[str] = set()
            for file in files:
                stacks = self._inside[file]
                given = (one.passed(self._compared[one.file]) for one in stacks)
                written = "".join([self._outputs.get(file, ""), *given])
                if more := {name for name in self._declared[file] if name in written} - self._compared[file]:
                    self._compared[file] |= more
                    again |= self._around.get(file, set())
                given_back = {one.file for one in stacks if one.gives_back(written)} - self._outputs.keys()
                self._outputs |= {one: _written_for_outputs(content_of(one)) for one in given_back}
                again |= given_back
            files = again


def _called(content: Mapping[str, object]) -> dict[str, list[str]]:
    """The resources of a template, as they are written, to the logical ids that it has them at."""
    found: dict[str, list[str]] = {}
    for key, resource in _mapping(content.get("Resources")).items():
        found.setdefault(_written(resource), []).append(str(key))
    return found


def _written(resource: object) -> str:
    return json.dumps(resource, default=str)


def _parameters(content: Mapping[str, object]) -> Mapping[str, object]:
    return _mapping(content.get("Parameters"))


def _written_for_outputs(content: Mapping[str, object]) -> str:
    """What is written in the outputs of a template, and in the resources that these name, as JSON."""
    written = json.dumps(content.get("Outputs"), default=str)
    rest = {str(key): json.dumps(one, default=str) for key, one in _mapping(content.get("Resources")).items()}
    # What a loop makes is called otherwise than the loop.
    while found := [key for key in rest if key in written or key.startswith("Fn::")]:
        written += "".join(rest.pop(key) for key in found)
    return written


def content_of(file: str) -> Mapping[str, object]:
    """What a template says; nothing of one that cannot be read."""
    try:
        return _mapping(read(file).load())
    except InputError:
        # What is wrong with it is said where it is read for good.
        return {}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
