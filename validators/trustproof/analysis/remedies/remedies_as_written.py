"""
Remedies that leave what they do not change as it is written: a principal next to the one that is moved keeps its
parameter, or its literal, whatever it was judged at.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.written_input import WrittenInput, WrittenResource
from trustproof.model.document import Document
from trustproof.model.policy import Path, Principal
from trustproof.model.text import Symbol, Symbolic, Text, concat
from trustproof.results.edit import END, Edit, Value, WrittenValue

#: The id of an account, or of an organization.
_ID = re.compile(r"\d{12}|o-[a-z0-9]{10,32}")


class Content(NamedTuple):
    """
    How the resource of a document is written.
    """

    #: As its file has it; None where the file that was read is not the one that anybody wrote.
    resource: WrittenResource | None = None
    #: The texts that have references in the file that was written, where that is another one.
    names: Mapping[Path, Symbolic] = {}
    #: The account that was made up, in the place of which a function is to stand; empty where it is known.
    made_up: str = ""

    def kept(self, edits: Sequence[Edit], placed: Iterable[tuple[Path, Text]]) -> dict[Text, Value] | str:
        """
        How texts are written that edits take over; where the edits cannot be made in what is written, where they can.

        Args:
            placed: the texts of the policy, each with where it stands.
        """
        found: dict[Text, Value | None] = {}
        about = [*(leaf for edit in edits for leaf in leaves(edit.before, edit.path)), *_copied(edits, placed)]
        for path, text in about:
            value = self.written(path, text)
            found[text] = value if found.get(text, value) == value else None
        if self.resource is not None and (where := self.resource.where_instead(edits)):
            return f", {where}"
        taken = {text for edit in edits for _, text in leaves(edit.value, edit.path)}
        if any(found.get(text, text) is None for text in taken):
            # It is written in two ways, and nobody knows which of them goes where.
            return ""
        return {text: value for text, value in found.items() if value is not None}

    def literal_ids(self) -> dict[Text, Value]:
        """The ids of accounts and organizations that are written out, and so stand for no parameter's default."""
        strings = () if self.resource is None else self.resource.strings()
        return {text: text for text in strings if _ID.fullmatch(text)}

    def is_in_text(self, path: Path) -> bool:
        """Whether a path leads into a text, in which no function of the template means anything."""
        return self._text_around(path) is not None

    def puts_names_in_text(self, edit: Edit) -> bool:
        """Whether an edit writes what would be a function into a text, in which it means nothing."""
        has_account = self.made_up != "" and self.made_up in str(edit.value)
        return self.is_in_text(edit.path) and (has_names(edit.value) or has_account)

    def changes_what_is_made(self, edit: Edit) -> bool:
        """Whether an edit changes what a text only comes to, with the values of parameters in keys or in values."""
        around = self._text_around(edit.path)
        return around is not None and any(one not in around for one in _words(edit.before))

    def _text_around(self, path: Path) -> str | None:
        return None if self.resource is None else self.resource.text_around(path)

    def written(self, path: Path, text: Text) -> Value:
        """How the text at a path is written."""
        value = None if self.resource is None else self.resource.value(path)
        return value if value is not None else self.names.get(path, text)


def content_of(document: Document, template: WrittenInput) -> Content:
    """How the resource of a document is written in its template."""
    placed = () if template.is_as_written else placed_texts(document)
    named = ((path, template.text_with_names(path)) for path, _ in placed)
    names = {path: text for path, text in named if text is not None}
    return Content(template.resource_as_written(document.path), names)


def placed_texts(document: Document) -> Iterator[tuple[Path, Text]]:
    """The texts of a document, each with where it stands."""
    for statement in document.policy.statements:
        for name, element in (
            ("Action", statement.actions),
            ("NotAction", statement.not_actions),
            ("Resource", statement.resources),
            ("NotResource", statement.not_resources),
        ):
            yield from (((*statement.path, name, number), text) for number, text in enumerate(element or ()))
        for name, entries in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
            yield from _placed(statement.path, name, entries)
        for condition in statement.conditions:
            yield from (((*condition.path, number), text) for number, text in enumerate(condition.operands))


def placed_callers(document: Document) -> Iterator[Path]:
    """Where the principals of a document stand that its statements are about by name."""
    for statement in document.policy.statements:
        yield from (path for path, _ in _placed(statement.path, "Principal", statement.principals))


def _placed(path: Path, name: str, entries: tuple[Principal, ...] | None) -> Iterator[tuple[Path, Text]]:
    counts: dict[str, int] = {}
    for entry in entries or ():
        number = counts[entry.kind] = counts.get(entry.kind, -1) + 1
        yield (*path, name, entry.kind, number), entry.value


def leaves(value: Value | None, path: Path) -> Iterator[tuple[Path, Text]]:
    """The texts in a value, each with where it stands."""
    if isinstance(value, Mapping):
        for key, found in value.items():
            yield from leaves(found, (*path, key))
    elif isinstance(value, tuple) and not isinstance(value, Symbolic):
        for number, found in enumerate(value):
            yield from leaves(found, (*path, number))
    elif value is not None and not isinstance(value, WrittenValue):
        yield path, value


def _words(value: Value | None) -> Iterator[str]:
    """The keys and texts in a value."""
    if isinstance(value, Mapping):
        for key, found in value.items():
            yield key
            yield from _words(found)
    else:
        yield from (str(text) for _, text in leaves(value, ()))


def has_names(value: Value | None) -> bool:
    """Whether a value is written with functions of the template."""
    if isinstance(value, Mapping):
        return any(map(has_names, value.values()))
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        return any(map(has_names, value))
    return isinstance(value, (Symbolic, WrittenValue))


def _copied(edits: Sequence[Edit], placed: Iterable[tuple[Path, Text]]) -> Iterator[tuple[Path, Text]]:
    """The texts of statements that edits change, where another statement is made of them."""
    if not any(edit.path[-1] == END and isinstance(edit.value, Mapping) for edit in edits):
        return
    about = [edit.path[:-1] for edit in edits if edit.path[-1] != END]
    for path, text in placed:
        if any(path[: len(one)] == one for one in about):
            yield path, text


def said_as_written(text: str, kept: Mapping[Text, Value]) -> str:
    """A sentence that calls principals as the template does."""
    for literal, value in kept.items():
        if isinstance(value, Symbolic) and str(literal).startswith("arn:"):
            shown = "".join(part if isinstance(part, str) else f"${{{part.name}}}" for part in value.parts)
            whole = rf"{re.escape(str(literal))}(?![\w/+=,.@*-])"
            text = re.sub(whole, shown.replace("\\", r"\\"), text)
    return text


def in_any_partition(value: Value, begins: str, symbol: Symbol, kept: Container[Text]) -> Value:
    """
    A value whose ARNs are of whatever partition the template is deployed to.

    Args:
        begins: what they begin with, such as ``arn:aws:``.
        kept: texts that stay as they are.
    """
    if isinstance(value, Mapping):
        return {key: in_any_partition(found, begins, symbol, kept) for key, found in value.items()}
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        return tuple(in_any_partition(found, begins, symbol, kept) for found in value)
    if isinstance(value, WrittenValue) or value in kept:
        return value
    first, *others = value.parts if isinstance(value, Symbolic) else (value,)
    if not isinstance(first, str) or not first.startswith(begins):
        return value
    return concat(("arn:", symbol, f":{first.removeprefix(begins)}", *others))


def is_of_one_partition(edit: Edit) -> bool:
    """Whether an edit puts in what another partition calls otherwise, and no name stands for."""
    before = {text for _, text in leaves(edit.before, ())}
    return any("signin.aws" in str(text) for _, text in leaves(edit.value, ()) if text not in before)
