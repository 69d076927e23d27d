"""
Notes that are one line of a whole run: who may do anything, and whose sessions are long where nobody has said how long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from trustproof.output import humanize
from trustproof.results.groups import ADMINISTRATION, LONG_SESSIONS, is_of_run
from trustproof.results.result import Result

#: How many are named.
_NAMED = 5


def without_run_notes(results: Iterable[Result]) -> tuple[list[Result], tuple[str, ...]]:
    """
    The results that are to be shown one by one, and what is said once of all others.

    Returns:
        the results, and sentences in lower case and without a full stop.
    """
    given = list(results)
    causes = dict.fromkeys(one.cause for one in given if is_of_run(one))
    said = tuple(run_note([one for one in given if is_of_run(one) and one.cause == cause]) for cause in causes)
    return [one for one in given if not is_of_run(one)], said


def run_note(results: Sequence[Result]) -> str:
    """What is said once of results with one cause."""
    # In two templates one name is that of two.
    found = dict.fromkeys((one.template, name) for one in results for name in one.holders or (one.logical_id,))
    several = len({template for template, _ in found}) > 1
    names = [f"{name} of {template}" if several else name for template, name in found]
    return _SENTENCES[results[0].cause](humanize.names(names, _NAMED))


_SENTENCES: Mapping[str, Callable[[str], str]] = {
    ADMINISTRATION: "{} may do anything, or all but some, so also assume roles of any account".format,
    LONG_SESSIONS: "sessions of {} may last longer than an hour, and no max-seconds says how long is meant".format,
}
