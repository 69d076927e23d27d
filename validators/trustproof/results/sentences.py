"""
The door through which texts leave the library: sentences are safe to print, and data is what it is.

A sentence is for a person, who prints it where a job runs; it has names of a template in it, and these may be written
to be taken for a command, or to change what a terminal shows. What programs compare (a logical id, the value of a
condition key, the name of a file) stays as the template has it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from trustproof.errors import InputError
from trustproof.escaping.text import whole
from trustproof.results.difference import AccessChange, Difference, FurtherAccess, Undecided, VerdictChange
from trustproof.results.explanation import Entrance, Explanation, Obstacle, People
from trustproof.results.omissions import Omission
from trustproof.results.report import NearerConfig, Report
from trustproof.results.result import RelatedPlace, Remedy, Result, Suppression

_P = ParamSpec("_P")
_T = TypeVar("_T")

#: What holds sentences, to the names of the parts that are some, or that hold some in turn.
SENTENCES: dict[type, tuple[str, ...]] = {
    Result: ("message", "label", "why", "reasons", "remedy", "by_itself", "certificate", "suppression", "related"),
    Remedy: ("text",),
    RelatedPlace: ("text",),
    Suppression: ("reason", "owner"),
    Omission: ("what", "which", "suppression"),
    NearerConfig: ("says",),
    AccessChange: ("message", "also", "notes", "further"),
    FurtherAccess: ("message",),
    VerdictChange: ("message",),
    Undecided: ("reasons",),
    Explanation: ("entrances", "obstacles", "undecided", "deployed_to", "people"),
    Entrance: ("who", "provided", "needs"),
    Obstacle: ("reasons",),
    People: ("who", "provided"),
}


def safe_to_print(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """
    A function of the library, with the sentences of what it returns and raises as `whole` has them.
    """

    @wraps(function)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return cast("_T", _safe(function(*args, **kwargs)))
        except InputError as error:
            error.message = whole(error.message)
            raise

    return called


def _safe(value: object) -> object:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, Report):
        return _safe_report(value)
    if isinstance(value, Difference):
        return Difference(
            cast("tuple[AccessChange, ...]", _safe(value.access)),
            cast("tuple[VerdictChange, ...]", _safe(value.verdicts)),
            cast("tuple[Undecided, ...]", _safe(value.undecided)),
            value.old,
            value.new,
            cast("tuple[str, ...]", _safe(value.notes)),
            value.moved,
            value.errors,
        )
    names = SENTENCES.get(type(value))
    if names is not None:
        made = {name: (found, _safe(found)) for name in names if (found := getattr(value, name))}
        changed = {name: safe for name, (found, safe) in made.items() if safe != found}
        # Most have nothing in them that is not safe, and a run has very many.
        return cast("Any", value)._replace(**changed) if changed else value
    return tuple(map(_safe, value)) if type(value) is tuple else value


def _safe_report(report: Report) -> Report:
    for error in report.errors:
        error.message = whole(error.message)
    return report.replace(
        results=_safe(report.results),
        notes=_safe(report.notes),
        omissions=_safe(report.omissions),
        nearer=_safe(report.nearer),
        skipped=tuple((path, whole(reason)) for path, reason in report.skipped),
        passed_over=tuple((path, whole(reason)) for path, reason in report.passed_over),
    )
