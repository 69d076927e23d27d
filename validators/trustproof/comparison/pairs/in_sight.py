"""
Everything that there is on one side, read when it is first asked for: most comparisons end before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, overload

from trustproof.comparison.pairs.names_across import names_of
from trustproof.comparison.pairs.names_of_callers import names_of_callers
from trustproof.comparison.subjects.subjects import Subject
from trustproof.engine.allowance import spend
from trustproof.model.document import IDENTITY
from trustproof.model.policy import DENY
from trustproof.model.substitution import bind_text
from trustproof.model.text import Symbolic

#: Units of an allowance to look at one of those that may be meant.
_LOOKED_UP = 8


class _Callers(NamedTuple):
    """
    The users and roles of an account, with their numbers by what they may be called by.
    """

    subjects: list[Subject]
    #: By the ARN that each has by itself.
    by_arn: dict[str, list[int]]
    #: By the ends of the names of what is not known of their ARNs.
    by_part: dict[str, list[int]]

    def add(self, one: Subject) -> None:
        """One more of them."""
        number = len(self.subjects)
        self.subjects.append(one)
        arn = bind_text(one.arn, names_of_callers((one,)))
        if isinstance(arn, str):
            self.by_arn.setdefault(arn, []).append(number)
        for symbol in one.arn.symbols if isinstance(one.arn, Symbolic) else ():
            self.by_part.setdefault(_end(symbol.name), []).append(number)


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

    def callers(self, account: str | None, arn: str, names: Iterable[str]) -> Iterator[Subject]:
        """
        The users and roles of an account that may be called by an ARN.

        Args:
            names: what may be known of those whose ARN is known in part, besides how they are called by themselves.
        """
        known = self._callers.get(account)
        if known is not None:
            numbers = {*known.by_arn.get(arn, ()), *(it for name in names for it in known.by_part.get(_end(name), ()))}
            spend(_LOOKED_UP * len(numbers))
            yield from (known.subjects[number] for number in sorted(numbers))

    @cached_property
    def _callers(self) -> Mapping[str | None, _Callers]:
        found: dict[str | None, _Callers] = {}
        for one in self._found:
            if one.kind == IDENTITY and one.holder is not None and one.holder.kind in ("user", "role"):
                found.setdefault(one.context.account, _Callers([], {}, {})).add(one)
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

    def denying_about(self, arn: str) -> Iterator[Subject]:
        """
        Resources and roles whose own policies deny something, as far as they may be what an ARN names, or what that is
        inside of: of most there is nothing to look for.
        """
        known, open_ = self._denying_by_arn
        numbers = {it for end in range(1, len(arn) + 1) for it in known.get(arn[:end], ())}
        spend(_LOOKED_UP * (len(numbers) + len(open_)))
        yield from (self._denying[number] for number in sorted((*numbers, *open_)))

    @cached_property
    def _denying(self) -> Sequence[Subject]:
        return [one for one in self._found if one.kind != IDENTITY and deny_something(one)]

    @cached_property
    def _denying_by_arn(self) -> tuple[Mapping[str, Sequence[int]], Sequence[int]]:
        """The numbers of what denies something by each ARN of it, and of that of which one is known in part only."""
        known: dict[str, list[int]] = {}
        open_: list[int] = []
        for number, one in enumerate(self._denying):
            arns = (one.arn, *(document.resource_arn for document in one.documents[:1]))
            if all(isinstance(arn, str) for arn in arns):
                for arn in dict.fromkeys(map(str, arns)):
                    known.setdefault(arn, []).append(number)
            else:
                open_.append(number)
        return known, open_

    def names_of_denying(self, label: str) -> Mapping[str, str]:
        """Names for those of the resources and roles of a template that deny something and are given one."""
        return self._names_of_denying.get(label, {})

    @cached_property
    def _names_of_denying(self) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for one in self._denying:
            found.setdefault(one.label, {}).update(names_of(one))
        return found

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


def _end(name: str) -> str:
    """What a name ends with, whichever template it is said by."""
    return name.rpartition("/")[2]
