"""
Who gets into a role or resource, and by what; and why somebody does not.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.escaping.text import printable_repr
from trustproof.model.position import Position
from trustproof.results.result import Counterexample

#: What may be said of MFA: nobody gets in without; somebody does; such callers never carry one.
REQUIRED, NOT_REQUIRED, NO_MFA = "required", "not required", "cannot carry it"
YES, NO, UNKNOWN = "yes", "no", "unknown"


@printable_repr
class Place(NamedTuple):
    """
    A statement of a policy.
    """

    #: Its ``Sid``, or its number among the statements.
    statement: str
    #: Where it stands; None where the file says nothing of it.
    position: Position | None

    @property
    def line(self) -> int | None:
        """From 1; None where it stands in no file."""
        return self.position.line if self.position is not None and self.position.in_file else None

    @property
    def column(self) -> int | None:
        """From 1; None where it stands in no file."""
        return self.position.column if self.position is not None and self.position.in_file else None


@printable_repr
class Entrance(NamedTuple):
    """
    Callers of one sort whom a statement lets in.
    """

    place: Place
    #: ``users of`` an account, ``user`` or ``sessions of`` an ARN, ``services`` and so on: whom the statement names.
    who: str
    #: `REQUIRED`, `NOT_REQUIRED` or `NO_MFA`.
    mfa: str
    #: Whether somebody outside of the declared boundary gets in by the statement: `YES`, `NO` or `UNKNOWN`;
    #: empty for callers that are of no account.
    outside: str
    #: The conditions of the statement, and then what other statements of the policy deny: ``not denied: …``.
    provided: tuple[str, ...]
    #: Replayed by the evaluator.
    request: Counterexample
    #: What such a caller needs besides: a policy of its own.
    needs: str = ""


@printable_repr
class Obstacle(NamedTuple):
    """
    Why a statement does not let a caller in.
    """

    place: Place
    #: A sentence for each condition that stands in the way.
    reasons: tuple[str, ...]
    #: The request that comes nearest; None where no request of the caller is named at all.
    nearest: Counterexample | None = None


@printable_repr
class People(NamedTuple):
    """
    People of Identity Center, as far as templates assign permission sets to them.
    """

    #: Of a role: a permission set, the account where it is, and who has it there. Of a permission set: who, and where.
    who: str
    #: What has to be so besides, as texts.
    provided: tuple[str, ...] = ()


@printable_repr
class Explanation(NamedTuple):
    """
    Who gets into one role or resource, or has one permission set.
    """

    #: Its name where that is known, else its logical id.
    name: str
    resource_type: str
    logical_id: str
    template: str
    account: str | None
    entrances: tuple[Entrance, ...]
    #: Names of roles over which others get in, the first one first; of a caller that was asked about, it comes first.
    chains: tuple[tuple[str, ...], ...] = ()
    #: What stands in the way of the caller that was asked about, if it does not get in.
    obstacles: tuple[Obstacle, ...] = ()
    #: What is not known.
    undecided: tuple[str, ...] = ()
    #: Where a StackSet makes it, in words; empty where that is the account, or nobody knows.
    deployed_to: str = ""
    #: The people of Identity Center who get in, by assignments of permission sets that the templates make.
    people: tuple[People, ...] = ()
    #: The path of the stack of an assembly that makes it, where the template is that of several; empty elsewhere.
    stack: str = ""
