"""
Remedies that leave what they do not change as it is written: a principal next to the one that is moved keeps its
parameter, or its literal, whatever it was judged at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.model.text import Symbol, Symbolic, Text, concat
from trustproof.results.edit import ADD, END, Edit, Value, WrittenValue

#: What is written at a path that leads nowhere: a program makes it, or a text holds it.
_NOWHERE = object()
_CHOICE = "Fn::If"
#: What makes a text, in which a policy may stand.
_TEXTS = (["Fn::Sub"], ["Fn::Join"])
_IN_TEXT = re.compile(r"\$\{(!?[^}]*)\}")
#: The id of an account, or of an organization.
_ID = re.compile(r"\d{12}|o-[a-z0-9]{10,32}")
#: What a text begins a name with that is CloudFormation's own.
_PSEUDO = "AWS::"


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


class Content(NamedTuple):
    """
    How the resource of a document is written.
    """

    #: Where it stands.
    path: Path = ()
    #: What is written there; None where the file that was read is not the one that anybody wrote.
    data: object = None
    #: The texts that have references in the file that was written, where that is another one.
    names: Mapping[Path, Symbolic] = {}
    parameters: frozenset[str] = frozenset()
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
        if self.data is not None and not all(map(self._is_writable, edits)):
            return ", in the branch of Fn::If that applies"
        taken = {text for edit in edits for _, text in leaves(edit.value, edit.path)}
        if any(found.get(text, text) is None for text in taken):
            # It is written in two ways, and nobody knows which of them goes where.
            return ""
        return {text: value for text, value in found.items() if value is not None}

    def literal_ids(self) -> dict[Text, Value]:
        """The ids of accounts and organizations that are written out, and so stand for no parameter's default."""
        return {text: text for text in _strings(self.data) if _ID.fullmatch(text)}

    @property
    def is_written(self) -> bool:
        """Whether it is known how any of it is written."""
        return self.data is not None or bool(self.names)

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
        said = " ".join(_strings(around))
        return around is not None and any(one not in said for one in _words(edit.before))

    def _text_around(self, path: Path) -> object:
        """The text that a path leads into, as it is written; None where it leads into none."""
        found: Any = self.data
        for step in path[len(self.path) :] if self.data is not None and path[: len(self.path)] == self.path else ():
            if isinstance(found, str) or (isinstance(found, dict) and [*found][:1] in _TEXTS):
                return found
            found = found.get(step) if isinstance(found, dict) else found[step] if _has(found, step) else None
        return None

    def written(self, path: Path, text: Text) -> Value:
        """How the text at a path is written."""
        said = self._at(path)
        if said is _NOWHERE and path and isinstance(path[-1], int):
            # JSON has a list of one text as the text.
            said = self._at(path[:-1])
        if isinstance(said, dict):
            return self._function(said)
        named = self.names.get(path)
        return text if named is None else named

    def _function(self, said: Mapping[str, object]) -> Value:
        """A function as a text with names where it is one that gives that."""
        (name, given), *others = said.items() if said else (("", None),)
        if not others and name == "Ref" and isinstance(given, str):
            return Symbolic((self._symbol(given),))
        if not others and name == "Fn::Sub" and isinstance(given, str):
            parts = [
                (f"${{{part[1:]}}}" if part.startswith("!") else self._symbol(part)) if number % 2 else part
                for number, part in enumerate(_IN_TEXT.split(given))
            ]
            found = concat(part for part in parts if part != "")
            if isinstance(found, Symbolic) and len(found.parts) > 1:
                return found
        if not others and name == "Fn::GetAtt" and isinstance(given, list) and all(isinstance(g, str) for g in given):
            return Symbolic((Symbol(".".join(given), "attribute"),))
        return WrittenValue(json.dumps(said, default=str, ensure_ascii=False))

    def _symbol(self, name: str) -> Symbol:
        kind = "pseudo-parameter" if name.startswith(_PSEUDO) else "attribute"
        return Symbol(name, "parameter" if name in self.parameters else kind)

    def _at(self, path: Path) -> object:
        """What is written at a path, or the choice on the way that it is the outcome of."""
        if self.data is None or path[: len(self.path)] != self.path:
            return _NOWHERE
        found: Any = self.data
        for step in path[len(self.path) :]:
            is_there = step in found if isinstance(found, dict) else _has(found, step)
            if not is_there:
                return found if _is_choice(found) else _NOWHERE
            found = found[step]
        return found

    def _is_writable(self, edit: Edit) -> bool:
        """Whether an edit puts nothing in the place of a choice, or next to one."""
        holder = self._at(edit.path[:-1])
        if _is_choice(holder):
            return False
        if edit.path[-1] == END or not isinstance(holder, dict):
            return True
        said = holder.get(edit.path[-1])
        if edit.operation == ADD:
            return not said
        return said is None or edit.before is None or _fits(said, edit.before, edit.value)


def content_of(
    document: Document,
    data: Mapping[str, object] | None,
    prefix: Path,
    parameters: Iterable[str],
    with_names: Callable[[Path], Symbolic | None],
) -> Content:
    """
    How the resource of a document is written.

    Args:
        data: of the template as it is written, which stands at `prefix` of its file; None where it is made of sources.
        with_names: gives the text at a path of sources, with references as symbols.
    """
    placed = ((path, with_names(path)) for path, _ in placed_texts(document)) if data is None else ()
    names = {path: text for path, text in placed if text is not None}
    resources = None if data is None else data.get("Resources")
    about = document.path[len(prefix) :][:2]
    if len(about) != 2 or document.path[: len(prefix)] != prefix or not isinstance(resources, Mapping):
        return Content(names=names)
    return Content((*prefix, *about), resources.get(about[1]), names, frozenset(parameters))


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
            counts: dict[str, int] = {}
            for entry in entries or ():
                number = counts[entry.kind] = counts.get(entry.kind, -1) + 1
                yield (*statement.path, name, entry.kind, number), entry.value
        for condition in statement.conditions:
            yield from (((*condition.path, number), text) for number, text in enumerate(condition.operands))


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


def _has(value: object, step: object) -> bool:
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _is_choice(value: object) -> bool:
    return isinstance(value, dict) and [*value] == [_CHOICE]


def _fits(said: object, before: Value, after: Value | None) -> bool:
    """Whether what is written is what an edit takes it for, part by part, and no part that it changes is a choice."""
    if before == after:
        return True
    if _is_choice(said):
        return False
    if isinstance(before, Mapping):
        then = after if isinstance(after, Mapping) else {}
        return not isinstance(said, dict) or all(
            name not in said or _fits(said[name], found, then.get(name)) for name, found in before.items()
        )
    if isinstance(before, tuple) and not isinstance(before, Symbolic) and isinstance(said, list):
        left = after if isinstance(after, tuple) and not isinstance(after, Symbolic) else (after,)
        parts = zip(said, before, strict=True) if len(said) == len(before) else [({_CHOICE: ()}, None)]
        return not any(_is_choice(part) and text not in left for part, text in parts)
    return True


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
