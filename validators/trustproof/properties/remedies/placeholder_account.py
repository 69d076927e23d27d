"""
Remedies without what was made up: an account that nobody knows has the name that the template gives it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from trustproof.model.document import Document
from trustproof.model.text import Symbol, Symbolic, Text, concat
from trustproof.results.edit import Value, WrittenValue
from trustproof.results.result import Remedy


def as_the_template_says(remedy: Remedy, made_up: tuple[str, Symbol] | None) -> Remedy:
    """
    A remedy that can be made as it stands, wherever the template is deployed.

    Args:
        made_up: the account that was made up, and what the template calls it; None where it is known.
    """
    if made_up is None:
        return remedy
    account, symbol = made_up
    edits = tuple(
        edit._replace(value=value_with(edit.value, account, symbol), before=value_with(edit.before, account, symbol))
        for edit in remedy.edits
    )
    return Remedy(remedy.text.replace(account, f"${{{symbol.name}}}"), edits)


def value_with(value: Value | None, account: str, symbol: Symbol, kept: Container[Text] = ()) -> Value | None:
    """
    A value of an edit with what the template calls an account in the place of its id.

    Args:
        kept: texts that stay as they are.
    """
    if value is None or isinstance(value, WrittenValue):
        return value
    if isinstance(value, Mapping):
        return {name: _of_object(found, account, symbol, kept) for name, found in value.items()}
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        return tuple(_of_object(found, account, symbol, kept) for found in value)
    if value in kept:
        return value
    parts: list[str | Symbol] = []
    for part in value.parts if isinstance(value, Symbolic) else (value,):
        if isinstance(part, Symbol):
            parts.append(part)
            continue
        first, *others = part.split(account)
        parts.append(first)
        for other in others:
            parts += [symbol, other]
    return concat(part for part in parts if part != "")


def _of_object(value: Value, account: str, symbol: Symbol, kept: Container[Text]) -> Value:
    found = value_with(value, account, symbol, kept)
    assert found is not None
    return found


def as_it_is(remedy: Remedy, _: Document) -> Remedy:
    """A remedy that the template gives no name of its own: it has a name, so that processes can hand it on."""
    return remedy
