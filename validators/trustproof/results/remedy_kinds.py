"""
What remedies have in common, whatever the values are: what is to be done, and what is changed for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.model.policy import Path
from trustproof.results.result import Result


def kind_of_remedy(result: Result) -> tuple[str, frozenset[Path]]:
    """What is to be done, in words, and what is changed for that, whatever the values are."""
    if result.remedy is None:
        return "", frozenset()
    changed = (
        (*_in_statement(edit.path), *inner)
        for edit in result.remedy.edits
        for value in (edit.before, edit.value)
        for inner in _leaves(value)
    )
    # That a policy gets the version of variables is no other kind of change.
    return result.remedy.text, frozenset(one for one in changed if one[-1:] != ("Version",))


def _in_statement(path: Path) -> Path:
    """Where something stands in a statement, or in a resource."""
    steps = [number for number, step in enumerate(path) if step == "Statement"]
    return tuple(step for step in path[steps[-1] + 1 if steps else 2 :] if isinstance(step, str))


def _leaves(value: object) -> Iterator[Path]:
    """The ways through objects to what is no object; of nothing, none."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from ((str(key), *rest) for rest in _leaves(inner))
    elif value is not None:
        yield ()
