"""
Everything that there is on one side, read when it is first asked for: most comparisons end before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import overload

from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.document import IDENTITY
from trustproof.model.policy import DENY


class InSight(Sequence[Subject]):
    """
    What there is on a side, of the templates that are written alike on both sides as well.

    Args:
        made: reads it.
    """

    def __init__(self, made: Callable[[], Sequence[Subject]]) -> None:
        self._made = made

    @cached_property
    def _found(self) -> Sequence[Subject]:
        return self._made()

    def callers(self, account: str | None) -> Sequence[Subject]:
        """The users and roles of an account, of which thousands of requests are looked for one by one."""
        return self._callers.get(account, ())

    @cached_property
    def _callers(self) -> Mapping[str | None, Sequence[Subject]]:
        found: dict[str | None, list[Subject]] = {}
        for one in self._found:
            if one.kind == IDENTITY and one.holder is not None and one.holder.kind in ("user", "role"):
                found.setdefault(one.context.account, []).append(one)
        return found

    def of_template(self, label: str) -> Sequence[Subject]:
        """What there is of a template, by its label."""
        return self._templates.get(label, ())

    @cached_property
    def _templates(self) -> Mapping[str, Sequence[Subject]]:
        found: dict[str, list[Subject]] = {}
        for one in self._found:
            found.setdefault(one.label, []).append(one)
        return found

    def denying_resources(self) -> Sequence[Subject]:
        """Resources and roles whose own policies deny something: of most of them there is nothing to look for."""
        return self._denying

    @cached_property
    def _denying(self) -> Sequence[Subject]:
        return [one for one in self._found if one.kind != IDENTITY and deny_something(one)]

    @overload
    def __getitem__(self, place: int) -> Subject: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Subject]: ...
    def __getitem__(self, place: int | slice) -> Subject | Sequence[Subject]:
        return self._found[place]

    def __len__(self) -> int:
        return len(self._found)


def deny_something(subject: Subject) -> bool:
    """Whether some statement denies anything, by whatever condition."""
    return any(one.effect == DENY for document in subject.all_documents for one in document.policy.statements)
