"""
Which results a waiver is about: what it names is looked up, and only where it has a ``*`` tried on what there is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from trustproof.model.construct_paths import names_of_construct
from trustproof.model.file_patterns import path_for_patterns, spec_of
from trustproof.model.policy import Path
from trustproof.results.fingerprint import without_number
from trustproof.results.result import Result
from trustproof.results.waiver import Waiver

#: Stands for any characters in the name of a resource.
_ANY = "*"


class Templates:
    """
    The templates that patterns of waivers are about.

    Args:
        names: of templates.
        root: the directory that the patterns are relative to.
    """

    def __init__(self, names: Iterable[str], root: str) -> None:
        self._root = os.path.abspath(root)
        self._names = {name: self._relative(name) for name in dict.fromkeys(names)}
        self._found: dict[str, frozenset[str]] = {}

    def like(self, pattern: str) -> frozenset[str]:
        """Those that a pattern is about."""
        if pattern not in self._found:
            spec = spec_of((pattern,))
            self._found[pattern] = frozenset(n for n, relative in self._names.items() if spec.match_file(relative))
        return self._found[pattern]

    def is_below(self, name: str) -> bool:
        """Whether a template is in the directory, and so one that a pattern can be meant for."""
        return self._names[name].partition("/")[0] != os.pardir

    def _relative(self, template: str) -> str:
        if template.startswith("<"):
            return template
        return path_for_patterns(template, self._root)


class WaivedResults:
    """
    The results that waivers may be about.

    Args:
        root: the directory that patterns of templates are relative to.
    """

    def __init__(self, results: Sequence[Result], root: str) -> None:
        self._results = results
        self._templates = Templates((result.template for result in results), root)
        self._by_property: dict[str, _Results] = {}
        for index, result in enumerate(results):
            self._by_property.setdefault(result.property, _Results()).add(index, result)

    def of(self, waiver: Waiver) -> Iterator[int]:
        """The places of the results, proved ones included."""
        there = self._by_property.get(waiver.ident)
        if there is None:
            return
        for index in there.candidates(waiver):
            if not waiver.template or self._results[index].template in self._templates.like(waiver.template):
                yield index


class _Results:
    """
    The results of one property, by what a waiver may name; each list is in their order.
    """

    def __init__(self) -> None:
        self._all: list[int] = []
        self._by_fingerprint: dict[str, list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        self._by_template: dict[str, list[tuple[int, Path]]] = {}
        #: By template, the length of a path and the path.
        self._below: dict[tuple[str, int], dict[Path, list[int]]] = {}
        #: By pattern.
        self._alike: dict[str, tuple[int, ...]] = {}
        self._text: str | None = None

    def add(self, index: int, result: Result) -> None:
        """One more result, after those before."""
        self._all.append(index)
        known_by = (result.fingerprint, result.former_fingerprint)
        for found in {*known_by, *map(without_number, known_by)} - {""}:
            self._by_fingerprint.setdefault(found, []).append(index)
        for name in {result.logical_id, *names_of_construct(result.construct_path, result.resource_type)} - {""}:
            self._by_name.setdefault(name, []).append(index)
        self._by_template.setdefault(result.template, []).append((index, result.path))

    def candidates(self, waiver: Waiver) -> Sequence[int]:
        """Those that a waiver is about, whatever it says of templates."""
        if waiver.in_template:
            return self._at(waiver.file, waiver.path)
        if not waiver.fingerprint:
            return self._named(waiver.resource) if waiver.resource else self._all
        found = self._by_fingerprint.get(waiver.fingerprint, ())
        if not waiver.resource:
            return found
        named = frozenset(self._named(waiver.resource))
        return [index for index in found if index in named]

    def _at(self, template: str, path: Path) -> Sequence[int]:
        """What is at a path of a template, or below it."""
        place = (template, len(path))
        if place not in self._below:
            below: dict[Path, list[int]] = {}
            for index, whole in self._by_template.get(template, ()):
                below.setdefault(whole[: len(path)], []).append(index)
            self._below[place] = below
        return self._below[place].get(path, ())

    def _named(self, pattern: str) -> Sequence[int]:
        if _ANY not in pattern:
            return self._by_name.get(pattern, ())
        if pattern not in self._alike:
            pieces = pattern.split(_ANY)
            # Most patterns are about none, and one look at all names together says so.
            some = max(pieces, key=len) in self._all_names()
            names = (name for name in self._by_name if is_like(name, pieces)) if some else ()
            self._alike[pattern] = tuple(sorted({index for name in names for index in self._by_name[name]}))
        return self._alike[pattern]

    def _all_names(self) -> str:
        if self._text is None:
            self._text = "\n".join(self._by_name)
        return self._text


def is_like(name: str, pieces: Sequence[str]) -> bool:
    """
    Whether a name is what is between the ``*`` of a pattern, with anything there.

    Args:
        pieces: the pattern, split at each ``*``.
    """
    first, *middle, last = pieces
    at, end = len(first), len(name) - len(last)
    if at > end or not name.startswith(first) or not name.endswith(last):
        return False
    for piece in middle:
        at = name.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
