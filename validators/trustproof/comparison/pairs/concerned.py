"""
Which others in sight something that a resource or identity stops on one side only can concern: of thousands, most allow
other actions, or name somebody else, and nothing has to be asked of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.comparison.pairs.relevant_statements import RelevantStatements
from trustproof.comparison.subjects.subjects import Subject
from trustproof.engine.allowance import spend
from trustproof.model.document import RESOURCE, TRUST
from trustproof.model.policy import ALLOW, Principal, Statement
from trustproof.model.text import Text
from trustproof.proving.sides import Side

#: Units of an allowance to see that somebody is not concerned, and to say what both call each other by where he is.
_GLANCE, _NAMED = 4, 160
#: A trust policy is about these, and each call for credentials may need several of them.
_OF_TRUST = Statement(ALLOW, actions=("sts:*",), resources=("*",))
#: Kinds of holder whose ARN policies write.
_CALLED = ("user", "role")
#: Users and roles that a policy names one by one.
_ONE_BY_ONE = (":role/", ":user/")


class Concerned:
    """
    Tells whom of others a change can concern.

    Args:
        here: the policies that decide on one side.
        there: on the other side, likewise.
        caller: a user or role whose policies these are, to ask about what lets it in; None where a resource has them.
    """

    def __init__(self, here: Side, there: Side, caller: Subject | None) -> None:
        changed = _said(here) ^ _said(there)
        self._changed = [RelevantStatements(one, RESOURCE) for _, _, one in changed]
        #: What a limit does not speak of, it does not allow: one that comes or goes is about everything.
        self._is_about_all = (here.permissions_boundary is None) != (there.permissions_boundary is None)
        holder = None if caller is None else caller.holder
        #: Nobody knows what a role for a permission set is called.
        self._caller: Text | None = holder.arn if holder is not None and holder.kind in _CALLED else None
        #: By the actions of a statement.
        self._about: dict[object, bool] = {}

    def among(self, others: Iterable[Subject]) -> Iterator[Subject]:
        """Those whom it may concern."""
        for one in others:
            spend(_GLANCE)
            if any(map(self._may_be_let_in, _allows(one))):
                spend(_NAMED)
                yield one

    def _may_be_let_in(self, allow: tuple[str, Statement]) -> bool:
        kind, statement = allow
        if self._caller is not None and not _may_name(statement, self._caller):
            return False
        statement = _OF_TRUST if kind == TRUST else statement
        if self._is_about_all or statement.unreadable or statement.actions is None:
            return True
        if statement.actions not in self._about:
            self._about[statement.actions] = any(one.may_be_about(statement) for one in self._changed)
        return self._about[statement.actions]


def _said(side: Side) -> set[tuple[bool, str | None, Statement]]:
    """The statements of a side, each with whether it is of what limits the others, and how its text is read."""
    limit = side.permissions_boundary
    policies = [(False, one) for one in side.policies] + ([] if limit is None else [(True, limit)])
    return {(is_limit, policy.version, one) for is_limit, policy in policies for one in policy.statements}


def _allows(subject: Subject) -> Iterator[tuple[str, Statement]]:
    for document in subject.documents:
        for one in document.policy.statements:
            if one.effect == ALLOW or one.effect_is_given or one.unreadable:
                yield subject.kind, one


def _may_name(statement: Statement, caller: Text) -> bool:
    """Whether a statement may let a user or role in: not where it names others alone."""
    named = statement.principals
    if named is None or statement.unreadable or not isinstance(caller, str):
        return True
    return not all(_is_another(one, caller) for one in named)


def _is_another(principal: Principal, caller: str) -> bool:
    kind, value = principal
    if kind != "AWS" or not isinstance(value, str) or any(one in value for one in "*?$"):
        return False
    return any(one in value for one in _ONE_BY_ONE) and value.lower() != caller.lower()
