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
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from os import listdir, sep
from os.path import abspath, dirname, exists, isabs, isdir, join, normpath, relpath
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.escaping.text import json_line
from trustproof.model.file_patterns import SOURCES
from trustproof.results.colliding_remedies import without_collisions
from trustproof.results.fingerprint import without_number
from trustproof.results.known_findings import Entry, KnownFindings, resource_of
from trustproof.results.report import Report
from trustproof.results.result import PROVED, REFUTED, SEVERITIES, UNKNOWN, Result, Suppression
from trustproof.results.rules import RULES
from trustproof.results.surroundings import read_surroundings

SCHEMA = 1
#: Texts, for what stands in them to be nothing else; brackets; numbers.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|\d+')
#: What git leaves where two branches have written the same lines, and what to do there.
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)
_IN_CONFLICT = "it has a conflict of two branches: keep the findings of both; `baseline prune` takes out what is gone"
#: How deep a baseline may nest what it says: more than any does, and less than Python reads.
_MAX_DEPTH = 100

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
        if template in there:
            return False
        return template in left_over or not _is_template(join(dirname(file), template))

    resources = {(_name(one.template, file), resource_of(one)) for one in report.results}
    waiting = KnownFindings(baseline, lambda entry: _name(entry.template, file, is_entry=True), is_gone, resources)
    homes = {name: _name(name, file) for name in {one.template for one in report.results}}
    asked = [
        (index, result)
        for index, result in enumerate(report.results)
        if result.verdict != PROVED and result.suppression is None and may_be_known(report, result)
    ]
    known: dict[int, Entry] = {}
    # What has its name still goes before what has moved, what is the same before what is only covered, and the own
    # template before one that is gone.
    for moved, at_home, same in product((False, True), (True, False), (True, False)):
        for index, result in asked:
            if index in known:
                continue
            entry = waiting.take(result, homes[result.template], moved=moved, at_home=at_home, same=same)
            if entry is not None:
                known[index] = entry
    suppression = Suppression("baseline", "was there before", source=file)
    results = without_collisions(
        [
            result if index not in known else result._replace(suppression=suppression)
            for index, result in enumerate(report.results)
        ]
    )
    gone = tuple(sorted(waiting.left()))
    return BaselineComparison(report.replace(results=results), tuple(sorted(known.values())), gone)


def _is_template(path: str) -> bool:
    """Whether there is still what may be a template: of a directory, that its configuration has not gone elsewhere."""
    if not isdir(path):
        return exists(path)
    try:
        return any(name.endswith(SOURCES) for name in listdir(path))
    except OSError:
        return True


def to_json(found: Iterable[Entry]) -> str:
    """The text of a baseline: an entry a line, so that a diff shows what came and went, and is safe to print."""
    lines = ",".join(f"\n    {json_line(_written(entry))}" for entry in sorted(found))
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
        if conflict := _CONFLICT.search(text):
            raise InputError(f"is not a baseline: {_IN_CONFLICT}", file, _line(text, conflict.start())) from None
        raise InputError("is not a baseline: not valid JSON", file, error.lineno) from None
    except (ValueError, RecursionError):
        # What Python says of these has no place, and is advice to programmers.
        message, line = _unreadable(text)
        raise InputError(f"is not a baseline: {message}", file, line) from None
    schema = document.get("schema") if isinstance(document, Mapping) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise InputError(f"is a baseline of a newer release: schema {schema}, and this one reads {SCHEMA}", file)
    if not isinstance(document, Mapping) or schema != SCHEMA:
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
    where = resource_of(result)
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
