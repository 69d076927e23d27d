"""
The assignments of parameters at which what stands in a template has to be judged, as far as a budget allows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from trustproof.inputs.reader import Input
from trustproof.model.deployments import Assignment, Told
from trustproof.model.document import Document
from trustproof.model.identity_memory import IdentityMemory
from trustproof.model.policy import Path
from trustproof.model.principals import Holder
from trustproof.results.result import BUDGET
from trustproof.sets.search import BudgetReached

#: So many statements are read of what has to be judged together, at all assignments: the longest policy that AWS takes
#: has a hundred.
MAX_READ = 40_000
#: So many are read of a template at all assignments of anything in it: at each, a policy is judged beside all others.
MAX_READ_TOGETHER = 15_000
#: So many steps that may cost: what conditions decide takes more of them than what is written out, and the largest real
#: templates need some ten thousand each time. A published template of ECS needs more than five million.
MAX_STEPS_TOGETHER = 8_000_000
#: So many may it cost to read a template at other values than its defaults, for all that is asked about it together:
#: which defaults a proof rests on is asked of one half of them after the other, at each assignment.
MAX_STEPS_AT_OTHER_VALUES = 400_000
_STATEMENTS = "statements of a template, read at each assignment of template parameters"
_STEPS = "steps of a template, read at each assignment of template parameters"
_STEPS_AT_OTHER_VALUES = "steps of a template, read at other values than its defaults"


class FurtherReadings:
    """
    Counts the work on the readings of one template at other values than its defaults, each reading once.
    """

    def __init__(self) -> None:
        self._left = MAX_STEPS_AT_OTHER_VALUES
        self._counted: set[object] = set()

    def count(self, which: object, steps: int) -> None:
        """
        Count a reading before it is made; who asks for the same again finds it.

        Args:
            which: the values, whatever these are given as.

        Raises:
            BudgetReached: nothing is left for it.
        """
        if which not in self._counted:
            self._left -= steps
            if self._left < 0:
                raise BudgetReached(_STEPS_AT_OTHER_VALUES, MAX_STEPS_AT_OTHER_VALUES)
            self._counted.add(which)


#: What stands in a template is the same object wherever it is read for another account.
_STATEMENTS_AT = IdentityMemory[Mapping[Path, int]](2)


def _statements_at(documents: Iterable[Document]) -> Mapping[Path, int]:
    # What depends on conditions is there several times.
    found: Counter[Path] = Counter()
    for document in documents:
        found[document.path] += len(document.policy.statements)
    return found


class TemplateAssignments:
    """
    The assignments at which parts of a template are judged.

    Args:
        certify: whether proofs name the assignment too that the template is read at in any case.
    """

    def __init__(self, template: Input, *, certify: bool) -> None:
        self._template = template
        self._certify = certify
        self._found: dict[object, tuple[Assignment, ...] | str] = {}

    def of(self, paths: Sequence[Path], *, apart: Told = None) -> tuple[Assignment, ...] | str:
        """
        Those of what stands at some paths, empty where one reading says it all; text where there are too many.

        Args:
            apart: see `Input.classes`.
        """
        unique = tuple(dict.fromkeys(paths))
        told = None if apart is None else tuple((name, tuple(texts)) for name, texts in apart.items())
        key = unique, told
        if key not in self._found:
            try:
                self._found[key] = self._in_bounds(self._asked(unique, apart), unique)
            except BudgetReached as reached:
                self._found[key] = f"{BUDGET}: {reached.name} ({reached.limit})"
        return self._found[key]

    def _asked(self, paths: tuple[Path, ...], apart: Told = None) -> tuple[Assignment, ...]:
        return self._template.classes(paths, named=self._certify, apart=apart)

    def _in_bounds(self, classes: tuple[Assignment, ...], paths: Sequence[Path]) -> tuple[Assignment, ...]:
        """
        The classes, at each of which all statements are read once more.

        Raises:
            BudgetReached: these are too many.
        """
        if len(classes) * sum(self._statements.get(path, 0) for path in paths) > MAX_READ:
            raise BudgetReached("statements of a policy, read at each assignment of template parameters", MAX_READ)
        if classes and (too_much := self._too_much) is not None:
            raise BudgetReached(*too_much)
        if len(classes) > self._most_by_steps:
            raise BudgetReached(_STEPS, MAX_STEPS_TOGETHER)
        return classes

    @cached_property
    def _statements(self) -> Mapping[Path, int]:
        """How many statements stand at each path."""
        documents = self._template.documents
        return _STATEMENTS_AT.get(lambda: _statements_at(documents), documents)

    @cached_property
    def _most_by_steps(self) -> int:
        """At how many assignments the template is read, by the work that each time is."""
        return MAX_STEPS_TOGETHER // max(self._template.reading_steps(), 1)

    @cached_property
    def _too_much(self) -> tuple[str, int] | None:
        """
        The budget that keeps the template from being read at all assignments of its policies; None where none does. It
        is looked at before any of them is judged, so that it does not matter which is the first, nor in which process.
        """
        most = MAX_READ_TOGETHER // max(sum(self._statements.values()), 1)
        together: set[Assignment] = set()
        for path in self._statements:
            try:
                together.update(self._asked((path,)))
            except BudgetReached:
                # It is judged at none.
                continue
            if len(together) > most:
                return _STATEMENTS, MAX_READ_TOGETHER
            if len(together) > self._most_by_steps:
                return _STEPS, MAX_STEPS_TOGETHER
        return None

    def of_holders(self, holders: Iterable[Holder], documents: Sequence[Document]) -> tuple[Assignment, ...] | str:
        """Those of what users, groups and roles hold, each with its own."""
        everybody = list(holders)
        groups = {str(key): one for one in everybody if one.kind == "group" for key in (one.logical_id, one.name)}
        found: dict[Assignment, None] = {}
        for holder in everybody:
            held = [holder, *(groups[m.group] for m in holder.groups if m.group in groups)]
            indices = [index for one in held for index in one.documents]
            indices += [one.document for one in holder.boundaries if one.document is not None]
            paths = [path for one in held if (path := one.path)]
            classes = self.of([*paths, *(documents[index].path for index in indices)])
            if isinstance(classes, str):
                return classes
            found.update(dict.fromkeys(classes))
        return tuple(found)
