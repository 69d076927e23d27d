"""
A baseline: the findings of one day, so that only new ones fail.

A finding is known again by its fingerprint, wherever it stands by now. A fingerprint that several templates share is
theirs one by one: an entry belongs to the template it was found in, and to another one only where that template is
gone, as when a file is renamed. A resource that is gone, too, may have moved: to another scope of constructs, another
stage, another module. Templates are called as they are seen from the directory of the baseline, so that an
entry says the same from wherever the gate is run.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from os import sep
from os.path import abspath, dirname, exists, isabs, join, normpath, relpath
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.results.colliding_remedies import without_collisions
from trustproof.results.fingerprint import without_number
from trustproof.results.moved_names import own_name
from trustproof.results.report import Report
from trustproof.results.result import PROVED, REFUTED, SEVERITIES, UNKNOWN, Result, Suppression
from trustproof.results.rules import RULES
from trustproof.results.surroundings import is_no_worse, read_surroundings

SCHEMA = 1
#: Texts, for what stands in them to be nothing else; brackets; numbers.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|\d+')
#: How deep a baseline may nest what it says: more than any does, and less than Python reads.
_MAX_DEPTH = 100


class Entry(NamedTuple):
    """
    A finding that was there before.
    """

    #: Without the number that tells equal ones apart.
    fingerprint: str
    property: str
    verdict: str
    severity: str
    #: From the directory of the baseline; what is no file has its own name.
    template: str
    resource: str
    message: str
    #: What it was found next to: see `surroundings`. Empty where there was nothing, or a baseline does not say.
    around: tuple[str, ...] = ()
    #: Where the resource is called by its construct path; empty else.
    logical_id: str = ""
    #: What the finding is about, whatever the resource is called; empty where a baseline does not say.
    content: str = ""
    #: `around`, and what the resource is called, where resources have moved; empty where that is the same.
    moved: tuple[str, ...] = ()
    own_name: str = ""


#: What every entry says, and what some do.
_KEYS = Entry._fields[:7]
_MORE_KEYS = Entry._fields[7:]
_LISTS = ("around", "moved")


class BaselineComparison(NamedTuple):
    """
    A report next to a baseline.
    """

    #: With the findings that are in the baseline marked so.
    report: Report
    #: The entries that were found again, and those that were not.
    found: tuple[Entry, ...]
    gone: tuple[Entry, ...]


def entries(report: Report, file: str) -> tuple[Entry, ...]:
    """
    What is refuted or unknown in a report and not waived, in an order that depends on nothing but the findings. What
    no baseline may have is not among it.

    Args:
        file: the name of the baseline that they are for.
    """
    found = (one for one in report.results if one.verdict != PROVED and one.suppression is None)
    return tuple(sorted(_entry(one, file) for one in found if may_be_known(report, one)))


def may_be_known(report: Report, result: Result) -> bool:
    """
    Whether a baseline may have a finding: none about waivers, which would have no last day then, and none of a property
    with ``waivable = false``.
    """
    return not is_about_waivers(result.property) and result.property not in report.settled.get(result.template, ())


def is_about_waivers(ident: str) -> bool:
    """Whether a finding is about no policy, but about what is said of others."""
    return any(rule.ident == ident for rule in RULES)


def templates(report: Report, file: str) -> frozenset[str]:
    """What a baseline calls the templates that a report has results for."""
    return frozenset(_name(one.template, file) for one in report.results)


def compare(report: Report, baseline: Sequence[Entry], file: str) -> BaselineComparison:
    """
    Mark the findings of a report that are in a baseline.

    An entry covers nothing worse than what was found then: what was unknown and is refuted now is new, and so is what
    has a graver severity, or is held back by less than then: a Deny is gone, a boundary is wider, one more has the
    policy.

    Args:
        file: the name of the baseline, for the report.
    """
    there = templates(report, file)
    left_over = frozenset(_name(path, file) for path, _ in report.left_over)

    def is_gone(template: str) -> bool:
        # One that this run has not read is still there; what an earlier synthesis has left is of no app any more.
        return template in left_over or not exists(join(dirname(file), template))

    waiting: dict[str, list[Entry]] = {}
    for entry in baseline:
        waiting.setdefault(entry.fingerprint, []).append(entry)
    by_content = _ByContent(baseline)
    resources = {(_name(one.template, file), _resource(one)) for one in report.results}

    def candidates(result: Result, *, moved: bool) -> list[Entry]:
        if not moved:
            known_by = map(without_number, (result.fingerprint, result.former_fingerprint))
            return [one for name in known_by for one in waiting.get(name, ())]
        return [
            one
            for one in by_content.alike(result)
            # A copy of what is still there is another one.
            if one in waiting[one.fingerprint]
            # What it names may have moved without it.
            and (one.resource == _resource(result) or is_nowhere(one, result))
        ]

    def is_nowhere(entry: Entry, result: Result) -> bool:
        there = (_name(entry.template, file, is_entry=True), _name(result.template, file))
        return not any((template, entry.resource) in resources for template in there)

    known: dict[int, Entry] = {}
    # What has its name still goes before what has moved, what is the same before what is only covered, and the own
    # template before one that is gone.
    for moved, at_home, same in product((False, True), (True, False), (True, False)):
        for index, result in enumerate(report.results):
            if index in known or result.verdict == PROVED or result.suppression is not None:
                continue
            if not may_be_known(report, result):
                continue
            for entry in candidates(result, moved=moved):
                home = _name(entry.template, file, is_entry=True)
                place = home == _name(result.template, file) if at_home else home not in there and is_gone(home)
                if (
                    place
                    and _is_held_back(entry, result, moved=moved)
                    and (_is_same(entry, result) if same else _covers(entry, result))
                ):
                    known[index] = entry
                    waiting[entry.fingerprint].remove(entry)
                    break
    suppression = Suppression("baseline", "was there before", source=file)
    results = without_collisions(
        [
            result if index not in known else result._replace(suppression=suppression)
            for index, result in enumerate(report.results)
        ]
    )
    gone = tuple(sorted(entry for left in waiting.values() for entry in left))
    return BaselineComparison(report.replace(results=results), tuple(sorted(known.values())), gone)


def to_json(found: Iterable[Entry]) -> str:
    """The text of a baseline: an entry a line, so that a diff shows what came and what went."""
    lines = ",".join(f"\n    {json.dumps(_written(entry), ensure_ascii=False)}" for entry in sorted(found))
    end = "\n  " if lines else ""
    return f'{{\n  "schema": {SCHEMA},\n  "findings": [{lines}{end}]\n}}\n'


def _written(entry: Entry) -> dict[str, object]:
    return {key: value for key, value in entry._asdict().items() if key in _KEYS or value}


def from_json(text: str, file: str) -> tuple[Entry, ...]:
    """
    The entries of a baseline.

    Raises:
        InputError: the text is none.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError("is not a baseline: not valid JSON", file, error.lineno) from None
    except (ValueError, RecursionError):
        # What Python says of these has no place, and is advice to programmers.
        message, line = _unreadable(text)
        raise InputError(f"is not a baseline: {message}", file, line) from None
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        raise InputError(f'is not a baseline: "schema" must be {SCHEMA}', file)
    findings = document.get("findings")
    if not isinstance(findings, list):
        raise InputError('is not a baseline: "findings" must be a list', file)
    return tuple(_read(finding, number, file) for number, finding in enumerate(findings, 1))


def _unreadable(text: str) -> tuple[str, int | None]:
    """What Python does not read in a JSON text, and its line."""
    depth = 0
    for match in _TOKEN.finditer(text):
        written = match[0]
        depth += (written in ("[", "{")) - (written in ("]", "}"))
        if depth > _MAX_DEPTH:
            return "the nesting is too deep", _line(text, match.start())
        if written.isdecimal() and len(written) > sys.get_int_max_str_digits():
            return f"a number of {len(written)} digits is too long", _line(text, match.start())
    return "not valid JSON", None


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _read(finding: object, number: int, file: str) -> Entry:
    # What baselines do not say that were written before there was anything to say.
    if not isinstance(finding, Mapping) or {*finding} - {*_MORE_KEYS} != {*_KEYS}:
        raise InputError(
            f"finding {number} must have exactly the keys {', '.join(_KEYS)}, and may have {', '.join(_MORE_KEYS)}",
            file,
        )
    if not all(isinstance(value, str) for key, value in finding.items() if key not in _LISTS):
        raise InputError(f"the values of finding {number} must be strings", file)
    lists = {key: read_surroundings(finding.get(key, [])) for key in _LISTS}
    for key, found in lists.items():
        if found is None:
            text = f"{key} of finding {number} must be a list of what `trustproof baseline write` writes"
            raise InputError(text, file)
    entry = Entry(**{**finding, **lists})
    if entry.verdict not in (REFUTED, UNKNOWN) or entry.severity not in SEVERITIES:
        raise InputError(f"verdict or severity of finding {number} is none", file)
    return entry


def _entry(result: Result, file: str) -> Entry:
    where = _resource(result)
    return Entry(
        without_number(result.fingerprint),
        result.property,
        result.verdict,
        result.severity,
        _name(result.template, file),
        where,
        result.message,
        result.around,
        "" if where == result.logical_id else result.logical_id,
        result.content_digest,
        () if result.moved_around == result.around else result.moved_around,
        result.own_name,
    )


def _resource(result: Result) -> str:
    return result.construct_path or result.logical_id


class _ByContent:
    """
    The entries of a baseline, by what they say of what, for resources that may have moved: many may say the same.
    """

    def __init__(self, baseline: Sequence[Entry]) -> None:
        self._baseline = baseline
        self._numbers: dict[tuple[str, ...], list[int]] = {}
        for number, entry in enumerate(baseline):
            if entry.content and entry.resource:
                name = entry.own_name or own_name(entry.resource)
                for key in _names(entry.property, entry.content, name, entry.logical_id):
                    self._numbers.setdefault(key, []).append(number)

    def alike(self, result: Result) -> list[Entry]:
        """The entries whose resource says the same and may be that of a result, in their order."""
        name = result.own_name or own_name(_resource(result))
        keys = _names(result.property, result.content_digest, name, result.logical_id)
        found = {number for key in keys for number in self._numbers.get(key, ())}
        return [self._baseline[number] for number in sorted(found)]


def _names(ident: str, content: str, name: str, logical_id: str) -> Iterator[tuple[str, ...]]:
    """By what a finding is known where its resource has moved: its own name, or its logical id."""
    yield ident, content, "name", name
    if logical_id:
        yield ident, content, "logical id", logical_id


def _is_held_back(entry: Entry, result: Result, *, moved: bool) -> bool:
    if not moved:
        return is_no_worse(entry.around, result.around)
    return is_no_worse(entry.moved or entry.around, result.moved_around)


def _name(template: str, file: str, *, is_entry: bool = False) -> str:
    """A template is the same however its path is written, and from wherever: ``./a.yaml`` and ``a.yaml``."""
    # What was read from standard input, or was no file, is called the same everywhere.
    if isabs(template) or (not is_entry and exists(template)):
        try:
            template = relpath(template, abspath(dirname(file)))
        except ValueError:
            # Another drive has no path from here.
            template = abspath(template)
    return normpath(template).replace(sep, "/")


def _is_same(entry: Entry, result: Result) -> bool:
    return (entry.verdict, entry.severity) == (result.verdict, result.severity)


def _covers(entry: Entry, result: Result) -> bool:
    severities: tuple[str, ...] = SEVERITIES
    return severities.index(result.severity) >= severities.index(entry.severity) and (
        entry.verdict == REFUTED or result.verdict == UNKNOWN
    )
