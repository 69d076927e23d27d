"""
Two sides where what decides about policies by its default may have another value.

A variable of a configuration has its default in place of its value, so that whatever is there at other values only is
read on neither side. A template's parameters keep their names, and its conditions are compared as such.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.comparison.subjects.sides import ComparisonSide, NamedTemplate, by_label
from trustproof.comparison.values.look_ups import symbols_of
from trustproof.files.read import read_bytes
from trustproof.inputs.reader import Input
from trustproof.model.document import IDENTITY, Document
from trustproof.model.policy import Path, Statement
from trustproof.model.request import Request
from trustproof.model.text import Symbol
from trustproof.properties.sentences import who
from trustproof.results.difference import LOST

#: Said of a statement whose list of principals is empty at a default.
_EMPTIED = "is an empty list"
#: A configuration that makes more instances than this is not read again.
_MOST_INSTANCES = 2_000
#: As many instances are made again at most where it is looked for which of several defaults decides.
_MOST_READ = 15_000
#: What has another value where a reference has none, and is no name of what it stands for.
_TRIED = re.compile(r"\b(?:try|can)\(")
#: What decides a value, in the words for what is passed to a module.
_DECIDING = re.compile(r"\bUndecided\((\".*?\"|'.*?')\)|(\b(?:try|can)\(.*)")
_WORD = re.compile(r"[\w.-]+")
#: What a default is, as it is written, that adds nothing.
_EMPTY = ('""', "[]", "{}", "null")


def with_other_defaults(old: ComparisonSide, new: ComparisonSide) -> tuple[ComparisonSide, ComparisonSide] | None:
    """
    Both sides, of templates in which a default decides what is there, with any value in place of each of these; None
    without one.
    """
    texts = [_texts(side) for side in (old, new)]
    same = {label for label, text in texts[0].items() if text and texts[1].get(label) == text}
    names = {label: _deciding(there) for label, there in by_label(old, new).items() if label not in same}
    if not any(names.values()):
        return None
    opened = [
        side._replace(templates=tuple(_opened(one, names[one.label]) for one in side.templates if names.get(one.label)))
        for side in (old, new)
    ]
    return opened[0], opened[1]


def not_said_yet(
    found: Sequence[StatementGain | OpenQuestion],
    before: Sequence[StatementGain | OpenQuestion],
    old: ComparisonSide,
    new: ComparisonSide,
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What is found where defaults that decide what is there have other values, of what nothing is said yet.

    Args:
        before: what is found at the defaults.
    """
    said = {key for one in before if isinstance(one, StatementGain) for key in _shown_by(one)}
    # What is about the resource "" is in a policy that IAM refuses at that value.
    given = [one for one in found if isinstance(one, StatementGain) and one.request.resource]
    added = _new_variables(old, new)
    yield from (one for one in given if said.isdisjoint(_shown_by(one)) and not _is_left_to_new_variable(one, added))
    blocks = {block_of(one) for one in (*before, *given)}
    yield from (one for one in found if isinstance(one, OpenQuestion) and block_of(one) not in blocks)


def with_other_values(
    before: Sequence[StatementGain | OpenQuestion],
    found: Sequence[StatementGain | OpenQuestion],
    old: ComparisonSide,
    new: ComparisonSide,
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What is found at the defaults, with a note of what else the same statement gives at other values: a default may be
    a name that stands for nothing.

    Args:
        found: what is found where defaults that decide what is there have other values.
    """
    elsewhere: dict[tuple[object, ...], list[StatementGain]] = {}
    added = _new_variables(old, new)
    for one in found:
        if isinstance(one, StatementGain) and not _is_left_to_new_variable(one, added):
            elsewhere.setdefault(_statement_of(one), []).append(one)
    told = {block_of(one) for one in found}
    said: dict[tuple[object, ...], set[tuple[str, ...]]] = {}
    for one in before:
        if isinstance(one, StatementGain):
            defaults = one.subject.home.parameter_defaults()
            requests = [one.request, *(part.request for part in one.parts)]
            there = said.setdefault(_statement_of(one), set())
            there.update(_called_by(request, one, defaults) for request in requests)
    for one in before:
        if isinstance(one, StatementGain):
            yield _with_notes(one, elsewhere, said)
        elif block_of(one) not in told or not any(_EMPTIED in reason for reason in one.reasons):
            # Whom a list lets in that AWS refuses empty is said at other values.
            yield one


def _with_notes(
    one: StatementGain,
    elsewhere: Mapping[tuple[object, ...], Sequence[StatementGain]],
    said: Mapping[tuple[object, ...], set[tuple[str, ...]]],
) -> StatementGain:
    defaults = one.subject.home.parameter_defaults()
    there = said[_statement_of(one)]
    for other in elsewhere.get(_statement_of(one), ()):
        values = {
            name: value
            for name, value in other.parameters.items()
            if value != defaults.get(name) and _any_about((name.partition("[")[0],), defaults)
        }
        if not values or _called_by(other.request, other, values) in there:
            continue
        at = ", ".join(f"{name} = {value}" for name, value in values.items())
        by = "" if one.subject.kind == IDENTITY else f", called by {who(other.request)}"
        note = f"at {at} it is {other.request.action} on {other.request.resource}{by}"
        return one._replace(notes=(*one.notes, note))
    return one


def _statement_of(found: StatementGain) -> tuple[object, ...]:
    return found.direction, *block_of(found), found.place


def _called_by(request: Request, found: StatementGain, values: Mapping[str, str]) -> tuple[str, ...]:
    """What a request is for, and who sends it where that is no matter of the policy, with names in place of values."""
    whom = () if found.subject.kind == IDENTITY else (request.caller.arn,)
    return tuple(_at_names(text, values) for text in (request.action, request.resource, *whom))


def _at_names(text: str, values: Mapping[str, str]) -> str:
    """A text with the names of parameters in place of their values."""
    for name, value in sorted(values.items()):
        # Of thousands of values nearly none is in a text.
        if value and value in text:
            text = f"<{name}>".join(re.split(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])", text))
    return text


def _new_variables(old: ComparisonSide, new: ComparisonSide) -> dict[str, set[str]]:
    """The variables with a default that only the new side has, by what both call the template."""
    before, after = by_label(old), by_label(new)
    return {label: _with_default(there) - _with_default(before.get(label, ())) for label, there in after.items()}


def _with_default(templates: Iterable[Input]) -> set[str]:
    return {name for one in templates for name in one.parameter_defaults()}


def _is_left_to_new_variable(found: StatementGain, added: Mapping[str, Collection[str]]) -> bool:
    """
    Whether something is lost at a value of a variable that the old side does not have: nobody has given it yet, and at
    its default all is as it was.
    """
    if found.direction != LOST:
        return False
    return _any_about(_WORD.findall(" ".join(found.parameters)), added.get(found.subject.label, ()))


def _shown_by(found: StatementGain) -> tuple[tuple[object, ...], ...]:
    """By what it is told that something is given already: by the same statement, or by the same request."""
    request = found.request
    about = (found.direction, *block_of(found))
    return (*about, found.place), (*about, request.caller.arn, request.action, request.resource)


def block_of(found: StatementGain | OpenQuestion) -> tuple[object, ...]:
    """What it is about: of a configuration the block, whichever of its instances it is."""
    subject = found.subject
    return subject.label, subject.logical_id.partition("[")[0] or subject.path


def _texts(side: ComparisonSide) -> dict[str, dict[str, bytes]]:
    """Of what each template with defaults is read: its files, as both sides call them."""
    return {
        named.label: {side.label(file): read_bytes(file) for file in sorted(named.template.presentation.files)}
        for named in side.templates
        if named.template.instances_made_again()
    }


def _deciding(templates: Sequence[Input]) -> tuple[str, ...]:
    """
    The names with a default of which conditions speak that decide about what is not the same on both sides, where they
    may have another value.
    """
    defaults = tuple(dict.fromkeys(name for one in templates for name in one.parameter_defaults()))
    if not defaults or any(one.instances_made_again() > _MOST_INSTANCES for one in templates):
        return ()
    opened = [_at_other_values(one, defaults) for one in templates]
    sides = (opened[0], opened[-1] if len(opened) > 1 else None)
    read = dict.fromkeys(
        name
        for one, other in (sides, sides[::-1])
        for name in (
            *_conditions_of(one, other),
            *_empty_by_default(one, other, templates),
            *_deciding_what_is_passed(one, other),
        )
    )
    read |= dict.fromkeys(
        name for one, other in (sides, sides[::-1]) for name in _deciding_calls(one, other, templates)
    )
    words = _WORD.findall(repr([(one.definition(name), name) for one in opened for name in read]))
    resources = [one.written(("Resources",)) for one in opened]
    refused = {*_refused_by_default(templates, opened)} if resources[0] != resources[-1] or len(opened) < 2 else set()
    about = _all_about(words)
    return tuple(name for name in defaults if name in refused or name in about)


def _refused_by_default(templates: Sequence[Input], opened: Sequence[Input]) -> Iterator[str]:
    """
    The names with a default at which AWS would refuse a policy, or nobody meets a condition: whoever calls a module
    gives another value.
    """
    for one, elsewhere in zip(templates, opened, strict=True):
        defaults, tried, left_out = one.parameter_defaults(), set[str](), _left_out_of(elsewhere)
        empty = (there.path for document in one.documents for there in document.policy.statements if _is_empty(there))
        for path in (*(place for place, _ in one.unread), *empty):
            if _is_left_out(path, *left_out):
                continue
            about = _all_about(_WORD.findall(repr(elsewhere.written(path[:2]))))
            named = [name for name in about if name in defaults]
            # One alone is it, and of too many to be read at each of them, all are.
            if len(named) > 1 and len(tried | {*named}) * max(one.instances_made_again(), 1) <= _MOST_READ:
                tried.update(named)
                named = [
                    name for name in named if not _is_left_out(path, *_left_out_of(_at_other_values(one, (name,))))
                ] or named
            yield from named


def _left_out_of(template: Input) -> tuple[set[Path], set[Path]]:
    """The resources of which something is not read, and the statements that are empty."""
    statements = (one for document in template.documents for one in document.policy.statements)
    return {path[:2] for path, _ in template.unread}, {one.path for one in statements if _is_empty(one)}


def _is_left_out(path: Path, unread: Collection[Path], empty: Collection[Path]) -> bool:
    """Whether a place is in a policy that is not read, or is a statement that is empty."""
    return path[:2] in unread or path in empty


def _is_empty(statement: Statement) -> bool:
    """
    Whether a statement is about no resource or lets in nobody, or a condition of it has no value that a request could
    have.
    """
    if any(_EMPTIED in reason for reason in statement.unreadable):
        return True
    return () in (statement.resources, statement.not_resources, *(one.operands for one in statement.conditions))


def is_unread_at(template: Input, path: Path) -> bool:
    """Whether nobody can read something of the resource that a path leads into."""
    return any(there[:2] == path[:2] for there, _ in template.unread)


def _conditions_of(one: Input | None, other: Input | None) -> Iterator[str]:
    """The conditions of policies, statements and attachments of one side that the other does not have alike."""
    if one is None:
        return
    theirs = {} if other is None else {(there.logical_id, *_said(there)): there for there in other.documents}
    statements = {said for there in theirs.values() for said in map(_without_path, there.policy.statements)}
    for document in one.documents:
        if (document.logical_id, *_said(document)) not in theirs:
            guards = [*document.guards]
            for statement in document.policy.statements:
                if _without_path(statement) not in statements:
                    guards += statement.guards
                    yield from (symbol.name for symbol in symbols_of(statement) if _TRIED.search(symbol.name))
            yield from (guard.name for guard in guards)
    written = [{} if there is None else _mapping(there.written(("Resources",))) for there in (one, other)]
    for name, resource in written[0].items():
        if resource != written[1].get(name) and isinstance(condition := _mapping(resource).get("Condition"), str):
            yield condition


def _empty_by_default(one: Input | None, other: Input | None, templates: Sequence[Input]) -> Iterator[str]:
    """
    The lists that statements of one side have beside others, and none of the other side has, that add nothing by
    default: of who is trusted besides. What is a part of a name makes another name, and nothing more.
    """
    if one is None or other is None:
        return
    empty = {name for there in templates for name, text in there.parameter_defaults().items() if text in _EMPTY}
    theirs = _all_about(word for symbol in (_symbols_of(other) if empty else ()) for word in _WORD.findall(symbol.name))
    names = empty - theirs.keys()
    for symbol in _symbols_of(one) if names else ():
        if symbol.is_list and _any_about(_WORD.findall(symbol.name), names):
            yield symbol.name


def _symbols_of(template: Input) -> dict[Symbol, None]:
    statements = (statement for document in template.documents for statement in document.policy.statements)
    return dict.fromkeys(symbol for statement in statements for symbol in symbols_of(statement))


def _deciding_what_is_passed(one: Input | None, other: Input | None) -> Iterator[str]:
    """The conditions that decide what is passed to modules that are not at hand, where it is not the same."""
    if one is None or other is None:
        return
    theirs = other.presentation.left_out_words
    for what, words in one.presentation.left_out_words.items():
        if what in theirs and theirs[what] != words:
            yield from (condition for found in _DECIDING.findall(words) for condition in found if condition)


def _deciding_calls(one: Input | None, other: Input | None, templates: Sequence[Input]) -> Iterator[str]:
    """
    What modules are given, their number included, that this side does not call by default, and the other one neither at
    any value or otherwise.
    """
    if one is None or other is None:
        return
    absent = {address for there in templates for address in there.presentation.absent}
    for what, words in one.presentation.left_out_words.items():
        if what in absent and other.presentation.left_out_words.get(what) != words:
            yield from _WORD.findall(words)


def _said(document: Document) -> tuple[str, ...]:
    return repr(document.guards), *map(_without_path, document.policy.statements)


def _without_path(statement: Statement) -> str:
    return repr(statement._replace(path=()))


def _mapping(written: object) -> Mapping[str, object]:
    return written if isinstance(written, Mapping) else {}


def _all_about(words: Iterable[str]) -> dict[str, None]:
    """What words are about, in their order: of ``var.a.b`` that, ``var.a`` and ``var``."""
    found: dict[str, None] = {}
    for word in words:
        while word and word not in found:
            found[word] = None
            word = word.rpartition(".")[0]
    return found


def _any_about(words: Iterable[str], names: Collection[str]) -> bool:
    """Whether one of some words is about one of some names, a set or the keys of a mapping."""
    return any(name in names for name in _all_about(words))


def _at_other_values(template: Input, names: Collection[str]) -> Input:
    own = tuple(name for name in template.parameter_defaults() if name in names)
    return (template.at_other_values(own) if own else None) or template


def _opened(named: NamedTemplate, names: Collection[str]) -> NamedTemplate:
    return named._replace(template=_at_other_values(named.template, names))
