"""
Remedies in the words of the template: where it names a parameter, and not its default, so does the remedy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple, TypeVar

from trustproof.model.document import Document
from trustproof.model.query import texts
from trustproof.model.substitution import bind_text
from trustproof.model.text import PARTITION, Symbol, Symbolic, Text, concat
from trustproof.properties.remedies.placeholder_account import value_with
from trustproof.results.edit import Value, intrinsic
from trustproof.results.result import Remedy

K = TypeVar("K")
V = TypeVar("V")
#: What is shorter, or says yes or no, may stand anywhere and mean something else.
_LEAST = 4
_ANYTHING = ("true", "false")
_ACCOUNT = re.compile(r"[0-9]{12}")
#: What is inside of something else calls its parameters otherwise than the whole does.
_INSIDE = re.compile(r"/|^module\.")


class Parameters(NamedTuple):
    """
    What a template says at the defaults of its parameters, and how it is written.
    """

    written: Mapping[Text, Symbolic]
    #: What a text begins with that goes on behind a parameter, and how that is written.
    begun: Mapping[str, tuple[str | Symbol, ...]]
    #: The accounts that parameters name.
    accounts: Mapping[str, Symbol]


def parameters(
    documents: Iterable[Document], values: Mapping[str, Text], own: str, assumed: Mapping[str, str]
) -> Parameters:
    """
    What parameters stand for in a template.

    Args:
        documents: as they are where no parameter has a value.
        values: of the parameters, by what whoever judges the template has of them.
        own: the account that it is deployed to, which has a name of its own.
        assumed: what is known of where it is deployed to, by the names of symbols: a text says it or does not.
    """
    values = dict(_known(values))
    written: dict[Text, Symbolic | None] = {}
    begun: dict[str, tuple[str | Symbol, ...] | None] = {}
    accounts: dict[str, Symbol | None] = {}
    said = dict.fromkeys(text for document in documents for text in _texts(document))
    for text in (text for text in said if isinstance(text, Symbolic) and _can_be_written(text, values)):
        literal = _at(text.parts, values)
        for names in ((), (PARTITION,), assumed):
            _put(written, bind_text(literal, {name: assumed[name] for name in names if name in assumed}), text)
        for end, part in enumerate(text.parts, 1):
            value = values.get(part.name, "") if isinstance(part, Symbol) else ""
            beginning = _at(text.parts[:end], values)
            if not isinstance(part, Symbol) or not isinstance(value, str) or not isinstance(beginning, str):
                continue
            if end > 1 and len(value) >= _LEAST:
                _put(begun, beginning, text.parts[:end])
            if _ACCOUNT.fullmatch(value) and value != own:
                _put(accounts, value, part)
    return Parameters(
        {
            literal: text
            for literal, text in written.items()
            if text is not None and literal != own and len(str(literal)) >= _LEAST and literal not in _ANYTHING
        },
        {beginning: parts for beginning, parts in begun.items() if parts is not None},
        {account: symbol for account, symbol in accounts.items() if symbol is not None},
    )


def _at(parts: Iterable[str | Symbol], values: Mapping[str, Text]) -> Text:
    """A text at values of parameters."""
    return concat(values.get(part.name, part) if isinstance(part, Symbol) else part for part in parts)


def _can_be_written(text: Symbolic, values: Mapping[str, Text]) -> bool:
    """Whether all of a text has a name: in Terraform, expressions have none that is known here."""
    named = all(symbol.name in values or symbol.name.startswith("AWS::") for symbol in text.symbols)
    return named or intrinsic(text) is not None


def _known(values: Mapping[str, Text]) -> Iterator[tuple[str, Text]]:
    """Values that are texts, each as the text that it is: Terraform's defaults stand in its own language."""
    for name, value in values.items():
        if not name.startswith("var."):
            yield name, value
        elif isinstance(value, str) and re.fullmatch(r'"[^"\\]*"', value):
            yield name, value[1:-1]


def _put(found: dict[K, V | None], literal: K, text: V) -> None:
    """Note how something is written; that it is not known where it is written in several ways."""
    found[literal] = text if found.get(literal, text) == text else None


def _texts(document: Document) -> Iterator[Text]:
    for statement in document.policy.statements:
        yield from (text for text, _ in texts(statement))
    yield from (source.arn for source in document.sources if source.arn is not None)


def in_parameters(remedy: Remedy, document: Document, known: Parameters) -> Remedy:
    """A remedy that does the same at the values that parameters have, and what is meant at their other values, too."""
    if not remedy.edits or document.is_foreign or _INSIDE.search(document.logical_id):
        return remedy
    edits = tuple(
        edit._replace(value=_in_parameters(edit.value, known), before=_in_parameters(edit.before, known))
        if edit.is_json
        else edit
        for edit in remedy.edits
    )
    return remedy._replace(edits=edits)


class InParameters:
    """
    Gives the remedies of a document the names of parameters.

    What these stand for is read for the first remedy, and for another process, which cannot read it.
    """

    def __init__(self, document: Document | None, known: Callable[[], Parameters]) -> None:
        self._document = document
        self._known = known

    def __call__(self, remedy: Remedy) -> Remedy:
        if self._document is None or not remedy.edits:
            return remedy
        return in_parameters(remedy, self._document, self._known())

    def __reduce__(self) -> tuple[object, ...]:
        return InParameters, (self._document, partial(_as_read, self._known()))


def _as_read(known: Parameters) -> Parameters:
    return known


def _in_parameters(value: Value | None, known: Parameters) -> Value | None:
    found = None if value is None else _said(value, known)
    for account, symbol in known.accounts.items():
        found = value_with(found, account, symbol)
    return found


def _said(value: Value, known: Parameters) -> Value:
    if isinstance(value, Mapping):
        return {key: _said(found, known) for key, found in value.items()}
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        return tuple(_said(found, known) for found in value)
    if value in known.written:
        return known.written[value]
    if not isinstance(value, str):
        return value
    longest = max((one for one in known.begun if value.startswith(one)), key=len, default=None)
    return value if longest is None else concat((*known.begun[longest], value.removeprefix(longest)))
