"""
A template next to the file that it is written in: what has a name there, and what it says in words of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import is_
from typing import Any, Protocol

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.other_templates.stored_patterns import (
    add_pattern,
    kept_patterns,
    stored_patterns,
    with_patterns,
)
from trustproof.inputs.cloudformation.resources.other_templates.stored_values import (
    names_read,
    read_from,
    stored_values,
)
from trustproof.inputs.cloudformation.resources.service_uses.named_targets import named_targets
from trustproof.inputs.cloudformation.resources.template_contents import TemplateContents, read_contents
from trustproof.inputs.cloudformation.values.as_written import definition
from trustproof.inputs.cloudformation.values.catalogue import EXISTED, OUTWARD
from trustproof.inputs.cloudformation.values.given_values import is_given_elsewhere
from trustproof.inputs.cloudformation.values.policies_in_calls import with_policies_of_calls
from trustproof.inputs.cloudformation.values.resolved_values import with_resolved_types
from trustproof.inputs.cloudformation.values.value_origins import made_of
from trustproof.inputs.cloudformation.values.written_resource import WrittenTemplateResource
from trustproof.inputs.text.source import Source
from trustproof.inputs.written_input import NamedTarget
from trustproof.model.document import Document
from trustproof.model.outward_changes import OutwardChanges
from trustproof.model.policy import Path
from trustproof.model.presentation import Presentation
from trustproof.model.stored_values import STATE, StoredValue
from trustproof.model.text import PARTITION, Symbolic


class _Template(Protocol):
    """What is to be known of a template for this."""

    source: Source
    presentation: Presentation
    resolver: Resolver
    environment: Any
    _written: Any

    @property
    def account(self) -> str | None: ...
    @property
    def parameter_names(self) -> frozenset[str]: ...
    @property
    def data(self) -> Mapping[str, object]: ...
    @property
    def origin(self) -> Any: ...
    def definition(self, name: str) -> object: ...
    def kept_patterns(self, *, is_own: bool = False) -> Mapping[str, str | None]: ...
    def with_patterns(self, documents: Iterable[Document]) -> tuple[Document, ...]: ...
    def names_read(self, name: str) -> Mapping[str, bool]: ...
    def marked(self, found: TemplateContents) -> TemplateContents: ...
    def _collector(self, emptied: Mapping[Path, str]) -> Any: ...


class WrittenTemplate:
    """
    Something that was read from a file, which may have it in another form.
    """

    def home_of(self, path: Path) -> tuple[Any, Path, str] | None:
        """Of templates that were put together: the one that has what stands at a path, and where; None elsewhere."""
        return None

    def as_it_comes_to(self: _Template, data: Mapping[str, object]) -> Mapping[str, object]:
        """A content, as it is written, with the types and policies that a deployment makes of what stands there."""
        typed = with_resolved_types(data, self.origin.deployment.parameters)
        return with_policies_of_calls(typed, self.source.text)

    @property
    def outward_changes(self: _Template) -> OutwardChanges:
        """What deploying it changes for other templates, where it was made of a plan."""
        found = self.data.get(OUTWARD)
        return found if isinstance(found, OutwardChanges) else OutwardChanges()

    def has_existed(self: _Template, logical_id: str) -> bool:
        """Whether a plan or state, of which it was made, says that a resource was there before."""
        return bool((self.environment.resource(logical_id) or {}).get(EXISTED))

    def has_account_name(self: _Template, logical_id: str) -> bool:
        """Whether the file calls the account that a resource goes to by a name, or may: it says its id nowhere near."""
        if self.presentation.types:
            return logical_id in self.presentation.account_names
        # Of what else a template was made of, nobody knows what fills in names there.
        return self.source.maker is None and not self._written.says(str(self.account))

    def mentions(self: _Template, word: str) -> bool:
        """Whether a word occurs in it or in what it is given, wherever that is, so that a policy may come to say it."""
        given = self.environment.deployment
        found: bool = self._written.mentions(word)
        return found or any(word in repr(one) for one in (given.parameters, given.bindings, given.linked_values))

    def has_partition_name(self: _Template, logical_id: str) -> bool:
        """Whether it has a name for the partition that a resource goes to, and so may go to several."""
        if self.presentation.types:
            places = self.presentation.place_names.get(logical_id)
            return places is not None and PARTITION in places.declared
        says: bool = self._written.says(PARTITION)
        return says

    def is_given_elsewhere(self: _Template, path: Path, text: str) -> bool:
        """Whether a text at a path is not written there: a parameter, a mapping or another file gives it."""
        if self.source.maker is not None:
            return self.source.is_given_elsewhere(path)
        return is_given_elsewhere(self.data, path[len(self.origin.prefix) :], text, self.environment.parameters)

    def is_closed(self: _Template, path: Path) -> bool:
        """Whether the type of a variable decides whether the key is there that a path ends in."""
        return self.source.is_closed(path)

    def text_with_names(self: _Template, path: Path) -> Symbolic | None:
        """The text at a path as the file has it from which it was made: what is known by its value has a name there."""
        return self.source.text_with_names(path)

    def made_of(self: _Template, name: str) -> str:
        """What a value is made of that is only known elsewhere, by its name; empty where its name says all."""
        own = made_of(self.environment.resources, self.environment.parameters, name, self.definition)
        kept = read_from(self.environment, name, self.definition)
        there = stored_values(self.resolver, self.definition) if kept else {}
        made = [f"{one}: {there[one].made_of}" for one in sorted(kept) if one in there]
        return "\n".join(filter(None, (self.source.made_of(name), own, *made)))

    def definition(self: _Template, name: str) -> object:
        """What decides about a condition or a parameter, and what that is made of: equal where it is decided alike."""
        known = self._written.definitions
        if name not in known:
            known[name] = definition(self.data, name)
        found = known[name]
        made = self.source.made_of(" ".join((name, *(text for one in found for text in one))))
        return (*found, ("", made)) if made else found

    def look_up(self: _Template, name: str) -> str:
        """What a value is looked up by, without what it is called; empty where nothing looks it up."""
        return self.source.look_up(name)

    def stored_values(self: _Template) -> Mapping[str, StoredValue]:
        """What it puts into the Parameter Store and Secrets Manager, by the names under which it is read there."""
        return {**stored_values(self.resolver, self.definition), **self.source.stored_values()}

    def read_from(self: _Template, name: str) -> Mapping[str, bool]:
        """Under which of these names what is kept that a value is made of, each with whether it is the whole of it."""
        return {**read_from(self.environment, name, self.definition), **self.source.read_from(name)}

    def kept_patterns(self: _Template, *, is_own: bool = False) -> Mapping[str, str | None]:
        """
        What it puts where others read it that may have a wildcard, by name; None where nobody knows the value.

        Args:
            is_own: whether it asks itself: nobody reads the outputs of his own state.
        """
        stored = stored_patterns(self.source.stored_values())
        if is_own:
            stored = {name: value for name, value in stored.items() if not name.startswith(STATE)}
        return {**stored, **kept_patterns(self.resolver)}

    def names_read(self: _Template, name: str) -> Mapping[str, bool]:
        """The names under which may be kept what a value is made of, each with whether it is the whole of it."""
        return {**names_read(self.environment, name, self.definition), **self.source.read_from(name)}

    def with_patterns(self: _Template, documents: Iterable[Document]) -> tuple[Document, ...]:
        """Documents in which what is read by name is marked where the run puts there what may have a wildcard."""
        linked = self.origin.deployment.linked_values

        def patterns() -> Mapping[str, str | None]:
            found = dict({} if linked is None else linked.patterns)
            for name, value in self.kept_patterns(is_own=True).items():
                add_pattern(found, name, value)
            return found

        def may_be_pattern(name: str) -> bool:
            # What the accounts keep that a StackSet goes to is not asked.
            is_elsewhere = self.origin.deployment.is_in_stack_set and bool(self.names_read(name))
            return is_elsewhere or self.source.may_be_pattern(name)

        return tuple(with_patterns(documents, patterns, self.names_read, may_be_pattern))

    def contents_of(self: _Template, emptied: Mapping[Path, str]) -> TemplateContents:
        """What its resources say, where some statements of identity policies are about nothing."""
        return self.marked(read_contents(self._collector(emptied), self.data))

    def marked(self: _Template, found: TemplateContents) -> TemplateContents:
        """The same for all that it says."""
        documents = self.with_patterns(found.contents.documents)
        if all(map(is_, documents, found.contents.documents)):
            return found
        by_resource = {logical_id: self.with_patterns(those) for logical_id, those in found.by_resource.items()}
        return found._replace(contents=found.contents._replace(documents=documents), by_resource=by_resource)

    def resource_as_written(self: _Template, path: Path) -> WrittenTemplateResource | None:
        """The resource that a path leads into, as its file has it; None where the file has it in another form."""
        prefix, resources = self.origin.prefix, self.data.get("Resources")
        about = path[len(prefix) :][:2]
        if self.source.maker is not None or path[: len(prefix)] != prefix or len(about) != 2:
            return None
        found = resources.get(about[1]) if isinstance(resources, Mapping) else None
        if found is None:
            return None
        return WrittenTemplateResource((*prefix, *about), found, frozenset(self.parameter_names))

    def named_targets(self: _Template) -> tuple[NamedTarget, ...]:
        """What of other accounts it has services come to; nothing of what has another form in its file."""
        return named_targets(self.resolver) if self.source.maker is None else ()
