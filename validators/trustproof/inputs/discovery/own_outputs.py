"""
What the program has written itself, and finds again in a directory: reports, differences, baselines.

They are told by their content, whatever they are called: by exactly the keys that a form has, or by the name of the
program where the form belongs to others. Nothing that a reader takes is asked about, so that no template can hide as
one of them.
"""

from __future__ import annotations

from collections.abc import Mapping

#: What stands at the top of each form that is the program's own.
_FORMS = frozenset(
    frozenset(keys.split())
    for keys in (
        "schema findings",  # a baseline
        # check, without and with something that nobody has looked into
        "schema summary version configuration skipped passed_over errors notes verdicts results",
        "schema summary version configuration skipped passed_over not_checked errors notes verdicts results",
        "schema version old new summary moved access verdicts undecided notes errors",  # diff
        "schema version old new summary moved access verdicts undecided notes",  # diff, before it said what is refused
        "schema version old new summary access verdicts undecided notes",  # diff, before it knew what had moved
        "schema version caller resources",  # explain
        "findings failures",  # verify
        "version entries passed_over not_checked",  # who
        "version entries passed_over",  # who, before it said what nobody has looked into
    )
)
#: What each entry of a report for GitLab has.
_ENTRY = frozenset("description check_name fingerprint severity location".split())
#: The name in a report in SARIF.
_TOOL = "Trustproof"


def is_own_output(content: object) -> bool:
    """Whether the content of a file, which no reader takes, is what a command has written."""
    if isinstance(content, list):
        # A report for GitLab without findings is an empty list, in which nothing can hide.
        return all(isinstance(entry, Mapping) and set(entry) == _ENTRY for entry in content)
    if not isinstance(content, Mapping):
        return False
    return frozenset(content) in _FORMS or _is_sarif(content)


def _is_sarif(content: Mapping[object, object]) -> bool:
    runs = content.get("runs")
    if set(content) != {"$schema", "version", "runs"} or not isinstance(runs, list):
        return False
    return bool(runs) and all(_at(run, "tool", "driver", "name") == _TOOL for run in runs)


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
