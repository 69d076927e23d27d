"""
Other documents that one is made of, as the provider reads them.

It knows the elements of a statement in any case of their names, and leaves out all else: other elements, and values of
conditions that are no texts, truth values (from 4.30 on) or lists. A condition without values is none.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/policy_model.go
https://pkg.go.dev/encoding/json#Unmarshal
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.terraform.configuration.evaluation.functions.registry import is_null
from trustproof.inputs.terraform.configuration.policy_documents.document_values import unknown_part
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.configuration.values.json_values import from_json_text
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.provider_documents import DocumentText, SortedItems
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.unset_variable import BOOL, STRING, Variable
from trustproof.inputs.terraform.values.values import (
    Attribute,
    Choice,
    Entry,
    Fields,
    Items,
    JsonText,
    Known,
    Maybe,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)
from trustproof.inputs.text import json as json_reader

#: The order in which the provider writes the elements of a statement.
ORDER = (
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
)
_STATEMENT = {name.lower(): name for name in ORDER}
_DOCUMENT = {"version": "Version", "id": "Id", "statement": "Statement"}


class Provider(NamedTuple):
    """
    What reads other documents.
    """

    #: Is told what is left out: a clause, and where it stands.
    tell: Callable[[str, Place | None], None]
    #: Tells whether it is of a version that leaves out unquoted truth values.
    drops_booleans: Callable[[], bool]


class SourceDocument(NamedTuple):
    """
    What is taken from another document.
    """

    statements: list[Value]
    id: Value | None = None
    version: Value | None = None


def read_document(source: Value, provider: Provider) -> SourceDocument:
    """
    Another document; of one that is not known, a statement that may be anything.

    Args:
        provider: that reads it.

    Raises:
        Fault: it is no document.
    """
    if isinstance(source, Known):
        if source.value in (None, ""):
            return SourceDocument([])
        try:
            content = json_reader.decode(convert.scalar_text(source.value))
        except json_reader.DuplicateKey:
            raise NotKnown("a source document has a key twice") from None
        except (ValueError, RecursionError):
            raise Fault("a source document is not JSON") from None
        found = convert.value_of(content, source.place, source.sensitive)
    else:
        decoded = from_json_text(source)
        found = decoded.of if isinstance(decoded, JsonText) else decoded
    if isinstance(found, Rest):
        return SourceDocument([found])
    if not isinstance(found, Fields):
        if isinstance(found, (Unknown, Text)):
            what = f"the statements of {value_text(found)}"
            # A budget that hides what the document says has to be named where it is a part of another one, too.
            budget = unknown_part(what, found, source.place) if found.budget and source.place is not None else None
            return SourceDocument([Rest(budget or Symbol(what, place=source.place))])
        raise Fault("a source document is no object")
    if isinstance(source, DocumentText):
        # It is as the provider writes it.
        statements = found.by_key.get("Statement")
        own = list(statements.items) if isinstance(statements, Items) else []
        return SourceDocument(own, found.by_key.get("Id"), found.by_key.get("Version"))
    elements = Fields(
        tuple(entry for entry in _elements(found, _DOCUMENT, provider) if not is_null(entry.value))
    ).by_key
    return SourceDocument(
        list(_statements(elements.get("Statement"), provider)), elements.get("Id"), elements.get("Version")
    )


def _statements(found: Value | None, provider: Provider) -> Iterator[Value]:
    if isinstance(found, Items):
        yield from (_statement(item, provider) for item in found.items)
    elif isinstance(found, Unknown):
        yield Rest(found)
    elif found is not None:
        yield _statement(found, provider)


def _elements(found: Fields, names: Mapping[str, str], provider: Provider) -> list[Entry]:
    """The entries that are elements by their names in any case, of which the last one counts."""
    if any(not isinstance(entry.key, Known) for entry in found.entries):
        return list(found.entries)
    elements: dict[str, Entry] = {}
    for entry in found.entries:
        assert isinstance(entry.key, Known)
        # What is one of these letters in lower case is taken for it.
        written = str(entry.key.value).lower().replace("ſ", "s")
        if (name := names.get(written)) is not None:
            elements[name] = Entry(Known(name, entry.key.place), entry.value)
        else:
            provider.tell(f"{entry.key.value}, which is no element", entry.key.place)
    return [elements[name] for name in names.values() if name in elements]


def _statement(found: Value, provider: Provider) -> Value:
    """A statement as the provider writes it."""
    if isinstance(found, Choice):
        then, otherwise = _statement(found.then, provider), _statement(found.otherwise, provider)
        return Choice(found.condition, then, otherwise, found.place, found.sensitive)
    if isinstance(found, Maybe):
        return Maybe(found.condition, _statement(found.value, provider), found.of, found.place, found.sensitive)
    if isinstance(found, Several):
        return Several(_statement(found.one, provider), found.condition, found.of, found.place)
    if not isinstance(found, Fields):
        return found
    entries = []
    for entry in _elements(found, _STATEMENT, provider):
        made = _element(entry, provider)
        if made is not None:
            entries.append(made)
    return Fields(tuple(entries), found.place, found.sensitive)


def _element(entry: Entry, provider: Provider) -> Entry | None:
    """An element as it is written again; None for one that is not."""
    name = entry.key.value if isinstance(entry.key, Known) else None
    if name in ("Principal", "NotPrincipal"):
        is_text = isinstance(entry.value, Known) and isinstance(entry.value.value, str)
        # Whatever the text is, the provider takes it for everybody.
        return Entry(entry.key, Known("*", entry.value.place) if is_text else _principals(entry.value))
    if is_null(entry.value):
        return None
    if name != "Condition" or not isinstance(entry.value, Fields):
        return entry
    found = _conditions(entry.value, provider)
    return Entry(entry.key, found) if not isinstance(found, Fields) or found.entries else None


def _principals(found: Value) -> Value:
    if not isinstance(found, Fields):
        return found
    entries = (
        Entry(key, SortedItems(value.items, False, value.place, value.sensitive) if isinstance(value, Items) else value)
        for key, value in found.entries
    )
    return Fields(tuple(entries), found.place, found.sensitive)


def _conditions(found: Fields, provider: Provider) -> Value:
    tests: list[Entry] = []
    for test in found.entries:
        if is_null(test.value):
            continue
        if not isinstance(test.value, Fields):
            tests.append(test)
            continue
        variables: list[Entry] = []
        for variable in test.value.entries:
            is_kept = _is_kept(variable.value, provider)
            if is_kept is None:
                place = variable.value.place or found.place
                assert place is not None
                value = value_text(variable.value)
                why = f"the provider leaves out a condition whose value is a number or null, and it is {value}"
                return unknown_part(why, variable.value, place)
            if is_kept:
                variables.append(variable)
            else:
                key = f"the condition {value_text(test.key)} {value_text(variable.key)}"
                provider.tell(f"{key}, whose value is {convert.what(variable.value)}", variable.value.place)
        if variables:
            tests.append(Entry(test.key, Fields(tuple(variables), test.value.place)))
    return Fields(tuple(tests), found.place)


def _is_kept(value: Value, provider: Provider) -> bool | None:
    """Whether the provider keeps a value of a condition; None where its type is not known."""
    if isinstance(value, Known):
        return isinstance(value.value, str) or (isinstance(value.value, bool) and not provider.drops_booleans())
    if isinstance(value, Choice):
        then, otherwise = _is_kept(value.then, provider), _is_kept(value.otherwise, provider)
        return then if then is otherwise else None
    if isinstance(value, (Items, Text, JsonText, Attribute)):
        return True
    if isinstance(value, Variable):
        is_kept = value.kind == STRING or (value.kind == BOOL and not provider.drops_booleans())
        return True if is_kept and not value.is_nullable else None
    return None if isinstance(value, Unknown) else False
