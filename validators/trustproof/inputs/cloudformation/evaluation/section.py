"""
The ``Resources`` section: what is a resource, where loops are written out, and what a macro may still make of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from trustproof.inputs.cloudformation.evaluation import foreach
from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.work import OverBudget
from trustproof.inputs.cloudformation.parameters.rules import referred_names
from trustproof.inputs.cloudformation.values.catalogue import ROLE_MAKERS, generated_role
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, TRANSFORM, foreign_type
from trustproof.inputs.grammar.malformed import Malformed, shown
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.policy import Path
from trustproof.results.result import BUDGET

#: At so many combinations of the values of parameters the collection of a loop is read.
MAX_COLLECTIONS = 256


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
        self.unread: list[tuple[Path, str]] = []
        self.malformed: list[Malformed] = []
        #: Why nothing can be proved of what the template holds; empty where nothing stands in the way.
        self.doubt: str = ""

    def read(self, section: object, *, has_loops: bool) -> None:
        """
        Read every entry.

        Args:
            section: ``Resources``.
            has_loops: whether there may be any.
        """
        environment = self._environment
        entries = section if isinstance(section, dict) else {}
        if has_loops:
            self._expand(entries)
        else:
            environment.resources = {key: value for key, value in entries.items() if isinstance(value, dict)}
            for key in [key for key in entries if key not in environment.resources]:
                self._refuse(key, entries[key], ("Resources", key))
        if self._prefix:
            environment.resource_paths = {key: (*self._prefix, *environment.path(key)) for key in environment.resources}
        if TRANSFORM in entries:
            self._macro(environment.resources.pop(TRANSFORM, {}))
        for logical_id, resource in environment.resources.items():
            type_ = resource.get("Type")
            if not isinstance(type_, str):
                self._untyped(logical_id, resource)
            elif type_ in ROLE_MAKERS:
                environment.generated_roles[generated_role(logical_id)] = logical_id
        for name in environment.macros:
            self.doubt = f"the macro {name} may change anything in the template"
            self.unread.append((("Transform",), self.doubt))

    def _macro(self, transform: Mapping[str, object]) -> None:
        self.unread.append((("Resources", TRANSFORM), f"{TRANSFORM} is a macro that is not expanded"))
        # What is included cannot change what is there; any other macro is given all resources.
        name = transform.get("Name")
        if name != "AWS::Include":
            self.doubt = f"{f'the macro {name}' if isinstance(name, str) else 'a macro'} may change any resource"

    def _expand(self, entries: Mapping[str, object]) -> None:
        """Write out the loops of the template."""
        environment = self._environment
        conditions = foreach.expand(environment.conditions, ("Conditions",), self._collection, self.unread)
        environment.conditions = {key: value for key, (value, _) in conditions.items()}
        environment.is_unfinished = environment.is_unfinished or bool(self.unread)
        for key, (value, path) in foreach.expand(entries, ("Resources",), self._collection, self.unread).items():
            body = foreach.inside(value, path, self._collection, self.unread)
            if isinstance(body, dict):
                environment.resources[key] = body
                environment.resource_paths[key] = path
            else:
                self._refuse(key, body, path)

    def _refuse(self, key: str, value: object, path: Path) -> None:
        """Say that an entry is no resource, unless a macro may make one of it."""
        if key == TRANSFORM:
            # Several are a list.
            self._macro({})
        elif not key.startswith(FOREACH) and not self._environment.macros:
            message = f"the resource {key} is {shown(value)}, expected an object with Type"
            self.malformed.append(Malformed(message, (*self._prefix, *path)))

    def _untyped(self, logical_id: str, resource: Mapping[str, object]) -> None:
        """Say that nobody knows what a resource is, unless a macro says it."""
        path = self._environment.path(logical_id)
        if TRANSFORM in resource:
            self.unread.append((path, f"the Type of {logical_id} is left to a macro"))
        elif self._environment.macros or foreign_type(resource) is not None:
            return
        elif "Type" not in resource:
            self.malformed.append(Malformed(f"the resource {logical_id} has no Type", path))
        else:
            given = shown(resource["Type"])
            self.malformed.append(Malformed(f"the Type of {logical_id} is {given}, expected text", (*path, "Type")))

    def _collection(self, value: object) -> list[str] | None:
        """
        The items of a loop's collection, where all of them are known: those that it may have in any deployment.
        """
        found: dict[str, None] = {}
        options = [] if self._resolver.closed else [*self._options(value)]
        if prod(len(values) for _, values in options) > MAX_COLLECTIONS:
            raise foreach.NotExpanded(f"{BUDGET}: values of its collection ({MAX_COLLECTIONS})")
        for chosen in product(*(values for _, values in options)):
            values = {name: text for (name, _), text in zip(options, chosen, strict=True) if text is not None}
            try:
                items = (self._at(values) if values else self._resolver).items(value)
            except OverBudget as error:
                raise foreach.NotExpanded(str(error)) from None
            except Unreadable:
                return None
            if not all(isinstance(item, str) for item in items):
                return None
            found.update(dict.fromkeys(str(item) for item in items))
        return [*found]

    def _at(self, values: dict[str, str]) -> Resolver:
        """A resolver that knows more values, and all else as that of the template does."""
        return Resolver(self._environment, {**self._resolver.values, **values}, defaults=self._resolver.defaults)

    def _options(self, value: object) -> Iterator[tuple[str, list[str | None]]]:
        """The parameters that a collection is made of and that are no more than a few values, None for the default."""
        for name in dict.fromkeys(referred_names(value)):
            parameter = self._environment.parameters.get(name)
            is_given = name in self._resolver.values or name in self._environment.bindings
            if parameter is not None and not parameter.is_ssm and not is_given and parameter.listed:
                default = [] if parameter.judged_default is None else [None]
                yield name, [*default, *(text for text in parameter.listed if text != parameter.judged_default)]
