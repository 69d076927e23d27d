"""
What differs between two readings of the same project.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, NoReturn, TypeAlias

from trustproof.errors import InputError
from trustproof.escaping.text import printable_repr, whole
from trustproof.model.position import Position
from trustproof.results.result import Counterexample, Verdict
from trustproof.results.unknown_kinds import OUR_BUDGET, kind_of_reasons

Direction: TypeAlias = Literal["gained", "lost", "narrowed"]
GAINED: Direction = "gained"
LOST: Direction = "lost"
#: Where a policy named the account of its callers, and names some of them instead: these were let in before, and need
#: no identity policy any more.
NARROWED: Direction = "narrowed"

FailOn: TypeAlias = Literal["gained", "lost", "any", "none"]
#: What a comparison may fail on; the first is usual.
FAIL_ON: tuple[FailOn, ...] = ("gained", "lost", "any", "none")

#: Whose access changed besides that of policies one by one: over a chain of roles.
CHAIN = "chain"


@printable_repr
class Where(NamedTuple):
    """
    A resource of one side, and where in its template something stands.
    """

    #: As the user named it; of a revision with its name before it.
    template: str
    logical_id: str
    #: ``AWS::IAM::Role``; empty where it is not known.
    resource_type: str
    construct_path: str | None = None
    #: None where it is not known.
    account: str | None = None
    #: None where there is nothing to point to.
    position: Position | None = None

    @property
    def file(self) -> str:
        """The file that line and column are of: the template, or one that it was made of."""
        found = self._in_file
        return self.template if found is None else found.file or self.template

    @property
    def line(self) -> int | None:
        """From 1; None where it stands in no file."""
        return None if self._in_file is None else self._in_file.line

    @property
    def column(self) -> int | None:
        """From 1; None where it stands in no file."""
        return None if self._in_file is None else self._in_file.column

    @property
    def _in_file(self) -> Position | None:
        return self.position if self.position is not None and self.position.in_file else None


def resource_of(where: Where) -> tuple[str, str, str | None]:
    """Which resource a place is in: the template, the logical id, and the account."""
    return where.template, where.logical_id, where.account


StopKind: TypeAlias = Literal["Deny", "permissions boundary"]
DENIED: StopKind = "Deny"
LIMITED: StopKind = "permissions boundary"


@printable_repr
class Stop(NamedTuple):
    """
    What keeps a request out on one side.
    """

    kind: StopKind
    #: On the side that keeps it out.
    where: Where


@printable_repr
class FurtherAccess(NamedTuple):
    """
    What the statement of a change gives by something else that is written in it.
    """

    #: One sentence: lower-case, without a full stop.
    message: str
    #: Allowed by the side that gives it and not by the other, both replayed by the evaluator.
    counterexample: Counterexample


@printable_repr
class AccessChange(NamedTuple):
    """
    Access that one side gives and the other does not.
    """

    direction: Direction
    #: ``trust``, ``resource``, ``identity`` or ``chain``.
    kind: str
    #: On the side that gives it.
    where: Where
    #: One sentence: lower-case, without a full stop.
    message: str
    #: Allowed by the side that gives it and not by the other, both replayed by the evaluator.
    counterexample: Counterexample
    #: Other kinds of credentials with which the same statement lets somebody in who was not.
    also: tuple[str, ...] = ()
    #: What the change depends on, and the steps of a chain.
    notes: tuple[str, ...] = ()
    #: What else is written in the same statement that gives access: another principal, action, resource or value of a
    #: condition, each with a request of its own.
    further: tuple[FurtherAccess, ...] = ()
    #: How many further combinations of what is written there have no request, since there are too many.
    not_asked: int = 0
    #: What keeps the request out on the other side, where that lets it in otherwise: what is gone, or was added.
    stopped_by: tuple[Stop, ...] = ()


@printable_repr
class Move(NamedTuple):
    """
    A role, user or group that is in another path than it was, or has another name in its place: who names the old ARN
    loses it, and who names the new one gains it.
    """

    #: ``role``, ``user`` or ``group``.
    kind: str
    #: On the new side.
    name: str
    old_arn: str
    new_arn: str
    #: Where the old side declares it.
    old: Where
    #: Where the new side declares it.
    new: Where
    #: Whether its policies surely mean what they meant.
    means_the_same: bool

    @property
    def message(self) -> str:
        """One sentence: lower-case, without a full stop."""
        return whole(f"{self.kind} {self.name} from {self.old_arn} to {self.new_arn}")

    def is_of(self, where: Where) -> bool:
        """Whether a place of either side is of what has moved."""
        return resource_of(where) in (resource_of(self.old), resource_of(self.new))


@printable_repr
class VerdictChange(NamedTuple):
    """
    A property that holds of a resource on one side only, or is decided on one side only.
    """

    property: str
    where: Where
    #: None where the resource is not there.
    before: Verdict | None
    after: Verdict | None
    #: Of the worst result of the side after.
    message: str
    counterexample: Counterexample | None = None


@printable_repr
class Undecided(NamedTuple):
    """
    Something of which it is not known whether it changed.
    """

    where: Where
    reasons: tuple[str, ...]
    #: Whether access may be gained, and what the policies themselves say has no documented meaning that decides it,
    #: which whoever writes a template can write on purpose.
    is_wording: bool = False

    @property
    def is_out_of_budget(self) -> bool:
        """Whether a budget of ours was reached, which whoever writes a template can have on purpose."""
        return kind_of_reasons(self.reasons) == OUR_BUDGET


@printable_repr
@dataclass(frozen=True)
class Difference:
    """
    What differs by meaning; empty where nothing does. Iterating gives every change, and then what is not decided.

    Args:
        access: who gained access, and who lost it.
        verdicts: properties whose verdict is another one.
        undecided: what could not be compared.
        old: what the old side is called.
        new: what the new side is called.
        notes: what has no part in the comparison, and why: one sentence each, lower-case, without a full stop.
        moved: roles, users and groups that are in another path, or have another name; what their policies say otherwise
            is among the changes.
        errors: the policies that AWS would refuse, each with its side; what they say is not compared.
    """

    access: tuple[AccessChange, ...]
    verdicts: tuple[VerdictChange, ...]
    undecided: tuple[Undecided, ...]
    old: str
    new: str
    notes: tuple[str, ...] = ()
    moved: tuple[Move, ...] = ()
    errors: tuple[InputError, ...] = ()

    def __iter__(self) -> Iterator[AccessChange | Move | VerdictChange | Undecided]:
        yield from self.access
        yield from self.moved
        yield from self.verdicts
        yield from self.undecided

    @property
    def gained(self) -> tuple[AccessChange, ...]:
        """Access that only the new side gives."""
        return tuple(one for one in self.access if one.direction == GAINED)

    @property
    def lost(self) -> tuple[AccessChange, ...]:
        """Access that only the old side gives."""
        return tuple(one for one in self.access if one.direction == LOST)

    @property
    def narrowed(self) -> tuple[AccessChange, ...]:
        """Callers that a policy names instead of their account, so that they need no identity policy any more."""
        return tuple(one for one in self.access if one.direction == NARROWED)

    @property
    def is_empty(self) -> bool:
        """Whether both sides surely mean the same."""
        return not (self.access or self.moved or self.verdicts or self.undecided or self.errors)

    def fails(self, fail_on: FailOn = "gained", *, strict: bool = False) -> bool:
        """
        Whether a gate would be red.

        Args:
            fail_on: ``gained`` or ``lost`` access, ``any`` change, or ``none``. What has moved is gained by who names
                the new ARN, and lost by who names the old one. Access that is only narrowed to some
                callers of an account that was let in is neither gained nor lost by these. What was not looked at, since
                a budget was reached, counts with all of them but ``none``, and so does what may be gained and is left
                open by nothing but what a policy itself says.
            strict: whether what is not decided counts as well.

        Raises:
            InputError: `fail_on` is none of these.
        """
        counted: dict[FailOn, bool] = {
            "gained": bool(self.gained or self.moved),
            "lost": bool(self.lost or self.moved),
            "any": bool(self.access or self.moved or self.verdicts),
            "none": False,
        }
        if fail_on not in counted:
            raise InputError(f'fail_on must be one of {", ".join(FAIL_ON)}, got "{fail_on}"')
        is_on_purpose = fail_on != "none" and any(one.is_out_of_budget or one.is_wording for one in self.undecided)
        return counted[fail_on] or is_on_purpose or (strict and bool(self.undecided))

    def __bool__(self) -> NoReturn:
        raise TypeError("a difference is neither true nor false: ask is_empty, or fails()")
