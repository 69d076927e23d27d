"""
A baseline: the findings of one day, so that only new ones fail.

A finding is known again by its fingerprint, wherever it stands by now. A fingerprint that several templates share is
theirs one by one: an entry belongs to the template it was found in, and to another one only where that template is
gone, as when a file is renamed. Templates are called as they are seen from the directory of the baseline, so that an
entry says the same from wherever the gate is run.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from os import sep
from os.path import abspath, dirname, exists, isabs, join, normpath, relpath
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.results.colliding_remedies import without_collisions
from trustproof.results.fingerprint import without_number
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


#: What every entry says.
_KEYS = Entry._fields[:-1]


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
    known: dict[int, Entry] = {}
    # What is the same goes before what is only covered, and the own template before one that is gone.
    for at_home, same in product((True, False), (True, False)):
        for index, result in enumerate(report.results):
            if index in known or result.verdict == PROVED or result.suppression is not None:
                continue
            if not may_be_known(report, result):
                continue
            known_by = map(without_number, (result.fingerprint, result.former_fingerprint))
            for entry in [one for name in known_by for one in waiting.get(name, ())]:
                home = _name(entry.template, file, is_entry=True)
                place = home == _name(result.template, file) if at_home else home not in there and is_gone(home)
                if (
                    place
                    and is_no_worse(entry.around, result.around)
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
    return {key: value for key, value in entry._asdict().items() if key != "around" or value}


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
    if not isinstance(finding, Mapping) or {*finding} - {"around"} != {*_KEYS}:
        raise InputError(f"finding {number} must have exactly the keys {', '.join(_KEYS)}, and may have around", file)
    if not all(isinstance(finding[key], str) for key in _KEYS):
        raise InputError(f"the values of finding {number} must be strings", file)
    around = read_surroundings(finding.get("around", []))
    if around is None:
        raise InputError(f"around of finding {number} must be a list of what `trustproof baseline write` writes", file)
    entry = Entry(**{key: finding[key] for key in _KEYS}, around=around)
    if entry.verdict not in (REFUTED, UNKNOWN) or entry.severity not in SEVERITIES:
        raise InputError(f"verdict or severity of finding {number} is none", file)
    return entry


def _entry(result: Result, file: str) -> Entry:
    where = result.construct_path or result.logical_id
    content = without_number(result.fingerprint)
    return Entry(
        content,
        result.property,
        result.verdict,
        result.severity,
        _name(result.template, file),
        where,
        result.message,
        result.around,
    )


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
