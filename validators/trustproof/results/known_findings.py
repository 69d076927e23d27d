"""
Which entry of a baseline a finding is: of many that say the same, each is looked at once and not once for each finding.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from trustproof.results.fingerprint import without_number
from trustproof.results.moved_names import own_name
from trustproof.results.result import REFUTED, SEVERITIES, UNKNOWN, Result
from trustproof.results.surroundings import is_no_worse

#: What stands for the templates that are gone.
_GONE = object()


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


class KnownFindings:
    """
    The entries of a baseline that no finding has been found to be yet.

    Args:
        baseline: the entries.
        home_of: gives what an entry's template is called.
        is_gone: whether a template that is called so is gone.
        resources: the templates of the report by what they are called, each with one of its resources.
    """

    def __init__(
        self,
        baseline: Sequence[Entry],
        home_of: Callable[[Entry], str],
        is_gone: Callable[[str], bool],
        resources: Collection[tuple[str, str]],
    ) -> None:
        self._baseline = baseline
        self._resources = resources
        self._is_left = [True] * len(baseline)
        #: By what an entry is known, and where it is: their numbers.
        self._numbers: dict[Hashable, list[int]] = {}
        #: By that and what is asked of them: the numbers of those that answer to it.
        self._fitting: dict[Hashable, deque[int]] = {}
        gone: dict[str, bool] = {}
        for number, entry in enumerate(baseline):
            home = home_of(entry)
            if home not in gone:
                gone[home] = is_gone(home)
            for place in (home, _GONE) if gone[home] else (home,):
                self._add((entry.fingerprint, place), number)
                if not entry.content or not entry.resource:
                    continue
                names = entry.own_name, own_name(entry.resource)
                for key in _names(entry.property, entry.content, names, entry.logical_id):
                    # What it names may have moved without it. A copy of what is still there is another one.
                    self._add((key, place, entry.resource), number)
                    if (home, entry.resource) not in resources:
                        self._add((key, place), number)

    def _add(self, key: Hashable, number: int) -> None:
        self._numbers.setdefault(key, []).append(number)

    def take(self, result: Result, home: str, *, moved: bool, at_home: bool, same: bool) -> Entry | None:
        """
        The entry that a finding is; no other one is that afterwards.

        Args:
            home: what the template of the finding is called.
            moved: whether it is known by what it says, with its resource moved, and not by its fingerprint.
            at_home: whether the entry is one of the finding's own template, and not of one that is gone.
            same: whether it is as bad as then, and not only covered.
        """
        place = home if at_home else _GONE
        heads = (
            self._first(key, result, home, moved=moved, same=same, is_own=is_own)
            for key, is_own in self._keys(result, place, moved=moved)
        )
        found = [head for head in heads if head is not None]
        if not found:
            return None
        # Its name of today goes before a former one; of those that say the same, the first.
        number = min(found) if moved else found[0]
        self._is_left[number] = False
        return self._baseline[number]

    def left(self) -> Iterator[Entry]:
        """The entries that nothing has been found to be."""
        return (entry for entry, is_left in zip(self._baseline, self._is_left, strict=True) if is_left)

    def _keys(self, result: Result, place: object, *, moved: bool) -> Iterator[tuple[Hashable, bool]]:
        """By what a finding may be known, each with whether that is of a resource that is called as its own is."""
        if not moved:
            for name in dict.fromkeys(map(without_number, (result.fingerprint, result.former_fingerprint))):
                yield (name, place), True
            return
        where = resource_of(result)
        names = result.own_name, own_name(where)
        for key in _names(result.property, result.content_digest, names, result.logical_id):
            yield (key, place, where), True
            yield (key, place), False

    def _first(self, key: Hashable, result: Result, home: str, *, moved: bool, same: bool, is_own: bool) -> int | None:
        """The first entry of some that may be the finding and is left."""
        around = result.moved_around if moved else result.around
        # All findings of one kind may be the same entries.
        asked = (key, home if moved else "", result.verdict, result.severity, around, moved, same)
        if asked not in self._fitting:
            self._fitting[asked] = deque(self._answering(key, result, home, moved=moved, same=same, is_own=is_own))
        fitting = self._fitting[asked]
        while fitting and not self._is_left[fitting[0]]:
            fitting.popleft()
        return fitting[0] if fitting else None

    def _answering(
        self, key: Hashable, result: Result, home: str, *, moved: bool, same: bool, is_own: bool
    ) -> Iterable[int]:
        for number in self._numbers.get(key, ()):
            entry = self._baseline[number]
            # Where its resource is asked for by what it is called, it is no copy; what is remembered is for all others.
            is_copy = moved and not is_own and (home, entry.resource) in self._resources
            if (
                self._is_left[number]
                and not is_copy
                and _is_held_back(entry, result, moved=moved)
                and (_is_same(entry, result) if same else _covers(entry, result))
            ):
                yield number


def resource_of(result: Result) -> str:
    """What a baseline calls the resource of a finding."""
    return result.construct_path or result.logical_id


def _names(ident: str, content: str, names: Iterable[str], logical_id: str) -> Iterator[tuple[str, ...]]:
    """By what a finding is known where its resource has moved: its own names, or its logical id."""
    yield from ((ident, content, "name", name) for name in dict.fromkeys(names) if name)
    if logical_id:
        yield ident, content, "logical id", logical_id


def _is_held_back(entry: Entry, result: Result, *, moved: bool) -> bool:
    if not moved and is_no_worse(entry.around, result.around):
        return True
    # Whoever has the policy may be called otherwise in the template, and be the same.
    return is_no_worse(entry.moved or entry.around, result.moved_around)


def _is_same(entry: Entry, result: Result) -> bool:
    return (entry.verdict, entry.severity) == (result.verdict, result.severity)


def _covers(entry: Entry, result: Result) -> bool:
    severities: tuple[str, ...] = SEVERITIES
    return severities.index(result.severity) >= severities.index(entry.severity) and (
        entry.verdict == REFUTED or result.verdict == UNKNOWN
    )
