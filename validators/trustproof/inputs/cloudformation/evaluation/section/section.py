"""
The ``Resources`` section: what is a resource, where loops are written out, and what a macro may still make of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from trustproof.inputs.cloudformation.evaluation.assignments.resource_dependencies import follow_dependencies
from trustproof.inputs.cloudformation.evaluation.declarations import foreach
from trustproof.inputs.cloudformation.evaluation.declarations.constant_parts import TemplateText
from trustproof.inputs.cloudformation.evaluation.declarations.globals import resource_with_globals
from trustproof.inputs.cloudformation.evaluation.declarations.macros import WHOLE_TEMPLATE, macro_at_the_top
from trustproof.inputs.cloudformation.evaluation.functions.lookups_in_vain import refused_lookup
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.section import silent_loops
from trustproof.inputs.cloudformation.evaluation.section.loop_collections import LoopCollections
from trustproof.inputs.cloudformation.values.catalogue import generated_role
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, TRANSFORM, foreign_type, names_in
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy, quote_value
from trustproof.model.policy import Path


class ResourceReader:
    """
    Fills an environment with the resources of its template.

    Args:
        resolver: of the template.
        prefix: where the template stands in its file, for one inside another one.
    """

    def __init__(self, resolver: Resolver, prefix: Path) -> None:
        self._resolver = resolver
        self._environment = resolver.environment
        self._prefix = prefix
        self._collections = LoopCollections(resolver)
        self.unread: list[tuple[Path, str]] = []
        self.malformed: list[MalformedPolicy] = []
        #: Why nothing can be proved of what the template holds; empty where nothing stands in the way.
        self.doubt: str = ""

    def read(self, written: TemplateText) -> tuple[str, Path] | None:
        """
        Read every entry of a template.

        Returns:
            What to say of a template that CloudFormation refuses with what was given, and its place; None as a rule.
        """
        environment = self._environment
        environment.prefix = self._prefix
        section = written.data.get("Resources")
        entries = section if isinstance(section, dict) else {}
        if written.signs.has_loops:
            self._expand(entries, written.data)
        else:
            environment.take(written.plain)
            for key in written.plain.others:
                self._refuse(key, entries[key], ("Resources", key))
        if made := {*self._made_at_other_values()}:
            # Nobody knows what else the loop makes in its place: what it allows, it may allow others there.
            why = f"what a loop makes of {' and '.join(environment.not_default)} is not known"
            self.unread.extend((("Resources", name), why) for name in environment.resources if name in made)
            environment.leave_out(made)
        if self._prefix:
            environment.resource_paths = {key: (*self._prefix, *environment.path(key)) for key in environment.resources}
        if TRANSFORM in entries:
            self._macro(environment.resources.pop(TRANSFORM, {}))
        for logical_id in environment.noted():
            resource = environment.resources[logical_id]
            if not isinstance(resource.get("Type"), str):
                self._untyped(logical_id, resource)
            else:
                environment.generated_roles[generated_role(logical_id)] = logical_id
        for name in environment.macros:
            self.doubt = f"the macro {name} may change anything in the template"
            self.unread.append((("Transform",), self.doubt))
            environment.unknown_resources.append(self.doubt)
        if (macro := macro_at_the_top(written.data)) is not None:
            # What it may do to the policies that are there is said as of the other macros inside of the template.
            why = macro.may(WHOLE_TEMPLATE)
            self.unread.append(((TRANSFORM,), why))
            environment.unknown_resources.append(why)
        if self._resolver.closed or self.doubt:
            return None
        follow_dependencies(environment, self._resolver.values)
        return refused_lookup(environment)

    def _made_at_other_values(self) -> Iterator[str]:
        """What loops of several templates have made of defaults that parameters do not have here."""
        environment = self._environment
        linked_values, names = environment.deployment.linked_values, {*environment.not_default}
        for name, sources in linked_values.collections.items() if linked_values is not None and names else ():
            passed = (
                environment.at_default[one].defaults for one in names_in(sources) if one in environment.at_default
            )
            if not names.isdisjoint(names_in(sources)) or any(not names.isdisjoint(one) for one in passed):
                yield name

    def _macro(self, transform: Mapping[str, object]) -> None:
        why = f"{TRANSFORM} is a macro that is not expanded"
        self.unread.append((("Resources", TRANSFORM), why))
        self._environment.unknown_resources.append(why)
        # What is included cannot change what is there; any other macro is given all resources.
        name = transform.get("Name")
        if name != "AWS::Include":
            self.doubt = f"{f'the macro {name}' if isinstance(name, str) else 'a macro'} may change any resource"

    def _expand(self, entries: Mapping[str, object], data: Mapping[str, object]) -> None:
        """Write out the loops of the template, and into what they make what its ``Globals`` say."""
        environment = self._environment
        conditions = foreach.expand(environment.conditions, ("Conditions",), self._collections.items, self.unread)
        environment.conditions = {key: value for key, (value, _) in conditions.items()}
        environment.is_unfinished = environment.is_unfinished or bool(self.unread)
        collection, turns = self._collections.items, environment.turns
        unread: list[tuple[Path, str]] = []
        expanded = foreach.expand(entries, ("Resources",), collection, unread, turns)
        for path, why in unread:
            if not silent_loops.is_silent(loop := entries[str(path[-1])]):
                self.unread.append((path, why))
                environment.unread_loops[str(path[-1])] = loop, why
        for key, (value, path) in expanded.items():
            body = foreach.inside(value, path, partial(self._inner_items, key), self.unread)
            if isinstance(body, dict):
                environment.resources[key] = resource_with_globals(data, body)
                environment.resource_paths[key] = path
            else:
                self._refuse(key, body, path)

    def _inner_items(self, logical_id: str, source: object) -> list[str] | None:
        """The items of a loop inside a resource, of which is noted over what it goes."""
        self._environment.inner_collections.setdefault(logical_id, []).append(source)
        return self._collections.items(source)

    def _refuse(self, key: str, value: object, path: Path) -> None:
        """Say that an entry is no resource, unless a macro may make one of it."""
        if key == TRANSFORM:
            # Several are a list.
            self._macro({})
        elif not key.startswith(FOREACH) and not self._environment.macros:
            message = f"the resource {key} is {quote_value(value)}, expected an object with Type"
            self.malformed.append(MalformedPolicy(message, (*self._prefix, *path)))

    def _untyped(self, logical_id: str, resource: Mapping[str, object]) -> None:
        """Say that nobody knows what a resource is, unless a macro says it."""
        path = self._environment.path(logical_id)
        if TRANSFORM in resource:
            why = f"the Type of {logical_id} is left to a macro"
            self.unread.append((path, why))
            self._environment.unknown_resources.append(why)
        elif self._environment.macros or foreign_type(resource) is not None:
            return
        elif "Type" not in resource:
            self.malformed.append(MalformedPolicy(f"the resource {logical_id} has no Type", path))
        else:
            given = quote_value(resource["Type"])
            self.malformed.append(
                MalformedPolicy(f"the Type of {logical_id} is {given}, expected text", (*path, "Type"))
            )
