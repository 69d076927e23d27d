"""
Remedies in the words of the template: where it names a parameter, and not its default, so does the remedy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from trustproof.analysis.remedies.accounts_as_written import accounts_as_written
from trustproof.analysis.remedies.modules_of_resources import handed_on, module_of, of_other_modules
from trustproof.analysis.remedies.parameters_as_written import NOTHING, Beginning, Parameters
from trustproof.analysis.remedies.remedies_as_written import (
    Content,
    in_any_partition,
    is_of_one_partition,
    placed_texts,
    said_as_written,
)
from trustproof.analysis.remedies.remedies_in_words import in_a_type, in_words, instead, without_repetition
from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.model.query import texts
from trustproof.model.substitution import bind_text
from trustproof.model.text import PARTITION, Symbol, Symbolic, Text, concat
from trustproof.properties.remedies.placeholder_account import value_with
from trustproof.results.edit import END, REPLACE, Value, WrittenValue, intrinsic
from trustproof.results.result import Remedy

K = TypeVar("K")
V = TypeVar("V")
#: What is shorter, or says yes or no, may stand anywhere and mean something else.
_LEAST = 4
_ANYTHING = ("true", "false")
_ACCOUNT = r"(?<![0-9])[0-9]{12}(?![0-9])"


class _Noted:
    """
    Notes how texts are written.

    Args:
        own: the account that the template is deployed to, which has a name of its own.
    """

    def __init__(self, own: str) -> None:
        self._own = own
        self._written: dict[Text, Symbolic | None] = {}
        self._begun: dict[str, Beginning | None] = {}
        self._accounts: dict[str, Symbol | None] = {}

    def put(self, literal: Text, text: Symbolic) -> None:
        """Note how all of a text is written."""
        if literal != self._own and len(str(literal)) >= _LEAST and literal not in _ANYTHING:
            _put(self._written, literal, text)

    def put_parts(self, text: Symbolic, values: Sequence[Text]) -> None:
        """
        Note how a text is written in parts.

        Args:
            values: of its parts.
        """
        spans = range(1, len(text.parts) + 1)
        pairs = list(zip(text.parts, values, strict=True))
        names = [isinstance(part, Symbol) and len(str(value)) >= _LEAST for part, value in pairs]
        for end in (end for end in spans if names[end - 1]):
            (part, value), beginning = pairs[end - 1], concat(values[:end])
            if end > 1 and isinstance(beginning, str):
                tails = ((concat(values[start:]), text.parts[start:]) for start in spans[end:-1] if names[start])
                endings = tuple((tail, parts) for tail, parts in tails if isinstance(tail, str))
                _put(self._begun, beginning, Beginning(text.parts[:end], endings))
            if (
                isinstance(part, Symbol)
                and isinstance(value, str)
                and re.fullmatch(_ACCOUNT, value)
                and value != self._own
            ):
                _put(self._accounts, value, part)

    def parameters(self) -> Parameters:
        """What is known by now."""
        return Parameters(_unambiguous(self._written), _unambiguous(self._begun), _unambiguous(self._accounts))


def _unambiguous(found: Mapping[K, V | None]) -> dict[K, V]:
    return {key: value for key, value in found.items() if value is not None}


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
    noted = _Noted(own)
    said = dict.fromkeys(text for document in documents for text in _texts(document))
    for text in (text for text in said if isinstance(text, Symbolic) and _can_be_written(text, values)):
        literal = _at(text.parts, values)
        for names in ((), (PARTITION,), assumed):
            noted.put(bind_text(literal, {name: assumed[name] for name in names if name in assumed}), text)
        noted.put_parts(text, [_at((part,), values) for part in text.parts])
    return noted.parameters()


def in_source(document: Document, with_names: Callable[[Path], Symbolic | None], own: str) -> Parameters:
    """
    What the references stand for that the source of a document has in its texts.

    Args:
        with_names: gives the text at a path, with references as symbols.
        own: the account that it is deployed to.
    """
    noted = _Noted(own)
    for path, said in placed_texts(document):
        text = with_names(path)
        if text is None:
            continue
        noted.put(said, text)
        values = _values(text, said)
        if values is not None:
            noted.put_parts(text, values)
    return noted.parameters()


def _values(text: Symbolic, said: Text) -> list[Text] | None:
    """What each part of a text says, by what all of it says; None where that may be cut in several ways."""
    whole = said if isinstance(said, str) else "".join(p if isinstance(p, str) else f"\0{p.name}\0" for p in said.parts)
    pattern = "".join(re.escape(part) if isinstance(part, str) else "(.*{0})" for part in text.parts)
    short, long = (re.fullmatch(pattern.replace("(.*{0})", f"(.*{lazy})"), whole, re.DOTALL) for lazy in ("?", ""))
    if short is None or long is None or short.groups() != long.groups():
        return None
    groups = iter(short.groups())
    values = [part if isinstance(part, str) else next(groups) for part in text.parts]
    named = {part.name: part for part in said.symbols} if isinstance(said, Symbolic) else {}
    return [
        concat(named.get(piece, piece) if number % 2 else piece for number, piece in enumerate(value.split("\0")))
        for value in values
    ]


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


def in_parameters(
    remedy: Remedy, document: Document, known: Parameters, kept: Mapping[Text, Value] = MappingProxyType({})
) -> Remedy:
    """
    A remedy that does the same at the values that parameters have, and what is meant at their other values, too.

    Args:
        kept: how texts are written that stay what they are.
    """
    if not remedy.edits or document.is_foreign:
        return remedy
    module = module_of(document.logical_id)
    edits = tuple(
        edit._replace(
            value=_in_parameters(edit.value, known, module, kept),
            before=_in_parameters(edit.before, known, module, kept),
        )
        if edit.is_json
        else edit
        for edit in remedy.edits
    )
    return remedy._replace(edits=edits)


def _is_written(_: Path, __: str) -> bool:
    return False


def _not_known(_: Document) -> Content:
    return Content()


def _is_open(_: Path) -> bool:
    return False


class InParameters:
    """
    Gives the remedies of a document the names of parameters, and what they do not change as it is written.

    What these stand for is read for the first remedy, and for another process, which cannot read it.
    """

    def __init__(
        self,
        document: Document | None,
        known: Callable[[Document], Parameters],
        is_given: Callable[[Path, str], bool] = _is_written,
        content: Callable[[Document], Content] = _not_known,
        is_closed: Callable[[Path], bool] = _is_open,
    ) -> None:
        self._document = document
        self._known = known
        self._is_given = is_given
        self._content = content
        self._is_closed = is_closed

    def __call__(self, remedy: Remedy, about: Document) -> Remedy:
        document = self._document or about
        if not remedy.edits:
            return remedy
        known = self._known(document)
        named = in_parameters(remedy, document, known)
        if document.is_foreign:
            return named
        if any(edit.operation != REPLACE and self._is_closed(edit.path) for edit in remedy.edits):
            return Remedy(f"{named.text}; {in_a_type(remedy.edits)}")
        told = in_words(named, self._is_given)
        if not told.edits:
            return told
        if others := of_other_modules(remedy, document.logical_id):
            return Remedy(f"{told.text}; {handed_on(others, told.text)}")
        kept = self._content(document).kept(remedy.edits, placed_texts(document))
        if known.partition is not None and any(map(is_of_one_partition, remedy.edits)):
            return Remedy(f"{told.text}, by the URL of each partition")
        if isinstance(kept, str):
            # Where it is written in two ways, nothing is said of where.
            where = f"{kept}{instead(told)}" if kept else ""
            return Remedy(told.text if "in each form" in told.text else f"{told.text}{where}")
        content, module = self._content(document), module_of(document.logical_id)
        accounts = accounts_as_written(content, remedy.edits, partial(_named, known, module))
        if accounts is None:
            return Remedy(f"{told.text}: put your account in the place of the wildcard, in the ARN as it is written")
        kept = {**kept, **accounts}
        literal = {one: one for one in content.literal_ids() if known.own is None or one != known.own[0]}
        written = without_repetition(in_parameters(remedy, document, known, {**literal, **kept}))
        if any(map(content.puts_names_in_text, written.edits)) or any(map(content.changes_what_is_made, remedy.edits)):
            return Remedy(f"{told.text}, in the text that the policy is")
        return written._replace(text=said_as_written(written.text, kept))

    def __reduce__(self) -> tuple[object, ...]:
        known = NOTHING if self._document is None else self._known(self._document)
        content = Content() if self._document is None else self._content(self._document)
        given = frozenset(self._given())
        arguments = partial(_as_read, known), partial(_is_one_of, given), partial(_as_found, content)
        return InParameters, (self._document, *arguments, partial(_is_among, *self._closed()))

    def _closed(self) -> tuple[frozenset[Path], frozenset[Path], frozenset[Path]]:
        """The keys of the document, those of which a type decides, and the objects that have no others by it."""
        keys: dict[Path, None] = {}
        for statement in () if self._document is None else self._document.policy.statements:
            keys.update(dict.fromkeys((*statement.path, name) for name in ("Condition", "Principal", "Action")))
        for path, _ in () if self._document is None else placed_texts(self._document):
            keys.update(dict.fromkeys(path[:end] for end in range(len(path), 4, -1)))
        holders = {key[:-1] for key in keys}
        closed = frozenset(filter(self._is_closed, keys))
        return frozenset(keys), closed, frozenset(one for one in holders if self._is_closed((*one, END)))

    def _given(self) -> Iterator[tuple[Path, str]]:
        """The texts of the document that are given from elsewhere, each with where it stands."""
        for path, text in () if self._document is None else placed_texts(self._document):
            if isinstance(text, str) and self._is_given(path, text):
                yield path, text


def _is_one_of(given: Collection[tuple[Path, str]], path: Path, text: str) -> bool:
    return (path, text) in given


def _is_among(keys: Collection[Path], closed: Collection[Path], without_others: Collection[Path], path: Path) -> bool:
    return path in closed if path in keys else path[:-1] in without_others


def _as_found(content: Content, _: Document) -> Content:
    return content


def _as_read(known: Parameters, _: Document) -> Parameters:
    return known


def _inside(module: str, value: Value) -> Value:
    """A value as the file of a module says it, where all that is in the module has no address in front."""
    if isinstance(value, Mapping):
        return {key: _inside(module, found) for key, found in value.items()}
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        return tuple(_inside(module, found) for found in value)
    if isinstance(value, (str, WrittenValue)):
        return value
    return concat(
        part._replace(name=part.name.removeprefix(module)) if isinstance(part, Symbol) else part for part in value.parts
    )


def _in_parameters(value: Value | None, known: Parameters, module: str, kept: Mapping[Text, Value]) -> Value | None:
    found = None if value is None else _said(value, known, kept)
    for account, symbol in known.accounts.items():
        found = value_with(found, account, symbol, kept)
    if found is not None and known.own is not None:
        found = _wherever_it_goes(found, *known.own, kept)
    if found is not None and known.partition is not None:
        found = in_any_partition(found, *known.partition, kept)
    found = found if found is None or not kept else _as_it_was(found, kept)
    return found if found is None or not module else _inside(module, found)


def _named(known: Parameters, module: str, text: Text) -> Text:
    """A text with the names that a template has for what it says."""
    found = _in_parameters(text, known, module, {})
    return found if isinstance(found, (str, Symbolic)) else text


def _wherever_it_goes(value: Value, own: str, symbol: Symbol, kept: Mapping[Text, Value]) -> Value:
    """A value with a name for the own account, but in a list of accounts: in each of them, it is one of several."""
    if isinstance(value, Mapping):
        return {key: _wherever_it_goes(found, own, symbol, kept) for key, found in value.items()}
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        others = {ident for text in value if isinstance(text, str) for ident in re.findall(_ACCOUNT, text)} - {own}
        return value if others else tuple(_wherever_it_goes(found, own, symbol, kept) for found in value)
    found = value_with(value, own, symbol, kept)
    return value if found is None else found


def _as_it_was(value: Value, kept: Mapping[Text, Value]) -> Value:
    """A value in which the texts that stay what they are stand as they are written."""
    if isinstance(value, Mapping):
        return {key: _as_it_was(found, kept) for key, found in value.items()}
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        return tuple(_as_it_was(found, kept) for found in value)
    return value if isinstance(value, WrittenValue) else kept.get(value, value)


def _said(value: Value, known: Parameters, kept: Mapping[Text, Value]) -> Value:
    if isinstance(value, Mapping):
        return {key: _said(found, known, kept) for key, found in value.items()}
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        return tuple(_said(found, known, kept) for found in value)
    if isinstance(value, WrittenValue) or value in kept:
        return value
    if value in known.written:
        return known.written[value]
    if not isinstance(value, str):
        return value
    longest = max((one for one in known.begun if value.startswith(one)), key=len, default=None)
    if longest is None:
        return value
    beginning, rest = known.begun[longest], value.removeprefix(longest)
    ending, parts = next((one for one in beginning.endings if rest.endswith(one[0])), ("", ()))
    return concat((*beginning.parts, rest.removesuffix(ending), *parts))
