"""
Remedies of templates that were put together, in the words of the one that is to be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.model.text import Symbol, Symbolic, concat
from trustproof.results.edit import Value, WrittenValue
from trustproof.results.result import Remedy


class Home(NamedTuple):
    """
    The template that has a policy.
    """

    #: Gives remedies the names of that template.
    written_as: Callable[[Remedy, Document], Remedy]
    #: The policy in that template.
    document: Document
    #: What begins its names among the others.
    prefix: str


class RemediesAtHome:
    """
    Gives a remedy the names of the template that has the policy: among others it is called otherwise, and nobody can
    tell there how its file says something.

    Args:
        home: gives the template that has a policy; None where that cannot be told.
        otherwise: gives the others their names, and all of them in another process, which cannot read the templates.
    """

    def __init__(
        self, home: Callable[[Document], Home | None], otherwise: Callable[[Remedy, Document], Remedy]
    ) -> None:
        self._home = home
        self._otherwise = otherwise

    def __call__(self, remedy: Remedy, about: Document) -> Remedy:
        home = self._home(about) if remedy.edits else None
        if home is None:
            return self._otherwise(remedy, about)
        edits = tuple(
            edit._replace(
                path=_path(edit.path, home.prefix),
                value=cast("Value | None", _at_home(edit.value, home.prefix)),
                before=cast("Value | None", _at_home(edit.before, home.prefix)),
            )
            for edit in remedy.edits
        )
        return home.written_as(remedy._replace(edits=edits), home.document)

    def __reduce__(self) -> tuple[object, ...]:
        return _as_it_is, (self._otherwise,)


def _as_it_is(otherwise: Callable[[Remedy, Document], Remedy]) -> Callable[[Remedy, Document], Remedy]:
    return otherwise


def _path(path: Path, prefix: str) -> Path:
    return path if len(path) < 2 else (path[0], str(path[1]).removeprefix(prefix), *path[2:])


def _at_home(value: object, prefix: str) -> object:
    if isinstance(value, Mapping):
        return {key: _at_home(found, prefix) for key, found in value.items()}
    if isinstance(value, Symbolic):
        return concat(
            part._replace(name=part.name.removeprefix(prefix)) if isinstance(part, Symbol) else part
            for part in value.parts
        )
    if isinstance(value, tuple):
        return tuple(_at_home(found, prefix) for found in value)
    return WrittenValue(value.json.replace(f'"{prefix}', '"')) if isinstance(value, WrittenValue) else value
