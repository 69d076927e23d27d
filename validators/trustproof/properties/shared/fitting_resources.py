"""
Whether an action of a statement is about one of its resources, also where a part of these is not known.

What a policy says of a service and of a type stands at the beginning of an ARN: ``arn:aws:s3:::${Bucket}/*`` is about
no key, whatever the bucket is called.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from trustproof.aws.action_names import published_actions
from trustproof.aws.action_resources import About, about, in_own_account
from trustproof.engine.operands import fills_field, spellings, stands_between
from trustproof.engine.published_arns import published_arn
from trustproof.model.arn import is_account
from trustproof.model.policy import Statement
from trustproof.model.text import BUCKET_NAME, NO_PRINCIPALS, Symbolic, Text
from trustproof.sets.patterns import ANY_RUN, EVERYTHING, Pattern, Wildcard, exact, join, like
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet

#: How many colons stand before what an ARN says of the resource, and before the service.
_COLONS, _OF_SERVICE = 5, 2
_FIELD, _NAME = Wildcard(":", True, True), Wildcard(":/", True, False)
#: Stands for a name that is like no other, and holds no delimiter.
_SOME_NAME = "\ue000"
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ONE_CHARACTER = ("*", "?", "$")


def may_fit(statement: Statement) -> bool:
    """
    Whether an action of a statement is about one of its resources at some values of what is not known of these.
    """
    return _fits(statement.actions, statement.resources, is_sure=False)


def surely_fits(statement: Statement) -> bool:
    """
    The same whatever names stand where something is not known.

    Of an ARN that is given as a whole, or up to behind the service, it is taken that who gives it knows what for.
    """
    return _fits(statement.actions, statement.resources, is_sure=True)


def may_be_elsewhere(statement: Statement, account: str) -> bool:
    """
    Whether each resource of a statement is named in another account than one, and none of its actions reaches there.
    """
    actions = statement.actions or ()
    if not actions or not all(isinstance(action, str) and in_own_account(action.lower()) for action in actions):
        return False
    found = [_account(resource) for resource in statement.resources or ()]
    return bool(found) and all(is_account(one) and one != account for one in found)


def _account(resource: Text) -> str:
    """What stands in the field of an ARN for the account, where that is known."""
    first = resource if isinstance(resource, str) else resource.parts[0]
    fields = first.split(":", _COLONS) if isinstance(first, str) else []
    return fields[4] if len(fields) > _COLONS else ""


@lru_cache(maxsize=4096)
def _fits(actions: tuple[Text, ...] | None, resources: tuple[Text, ...] | None, *, is_sure: bool) -> bool:
    if not actions or not resources or "*" in resources:
        # There is nothing that could not fit, or it is another matter.
        return True
    read = _surely if is_sure else _possibly
    ranges = [read(resource) for resource in resources]
    try:
        return any(_is_about(action, one) for action in actions for one in ranges)
    except BudgetReached:
        return True


def _is_about(action: Text, options: Sequence[Pattern]) -> bool:
    """Whether an action is about a resource, whichever of several it is."""
    return all(_meets(action, option) for option in options)


@lru_cache(maxsize=8192)
def _meets(action: Text, resource: Pattern) -> bool:
    """Whether one of the actions that an entry matches is about something that matches a pattern."""
    if resource == EVERYTHING or not isinstance(action, str):
        return True
    service, _, name = action.lower().partition(":")
    names = published_actions(action) if {*name} & {*"*?"} else (action,)
    if {*service} & {*"*?"} or not names:
        return True
    rows = about(service)
    found = {tuple(row for row in rows if row.is_for(name.lower())) for name in names}
    return any(_admitted(of_one, resource) for of_one in found)


def _admitted(rows: Sequence[About], resource: Pattern) -> bool:
    """Whether something that matches a pattern is of the types that rows are about."""
    if not rows:
        return True
    left = StringSet.of([resource])
    for row in rows:
        left = left & StringSet.of(_patterns(row.arns)) & StringSet.outside(_patterns(row.but_not))
    return left.sample() is not None


def _patterns(arns: Iterable[str]) -> list[Pattern]:
    return [published_arn(arn) for arn in arns]


def _possibly(resource: Text) -> tuple[Pattern, ...]:
    """The one pattern that a resource matches at most."""
    pieces = (resource,) if isinstance(resource, str) else resource.parts
    if isinstance(resource, Symbolic) and resource.names_resource:
        return (exact(_SOME_NAME),)
    out: list[str | Wildcard | Pattern] = []
    for index, piece in enumerate(pieces):
        if isinstance(piece, str):
            out.append(like(_VARIABLE.sub("*", piece)))
        elif piece.holds == BUCKET_NAME:
            out += (_NAME, _NAME._replace(star=True))
        else:
            out.append(_FIELD if fills_field(pieces, index) else ANY_RUN)
    return (join(*out),)


def _surely(resource: Text) -> tuple[Pattern, ...]:
    """What a resource is at each value that a parameter may have, with a name in the place of what is not known."""
    several = spellings(resource) if isinstance(resource, Symbolic) else (resource,)
    return tuple(map(_named, several))


def _named(resource: Text) -> Pattern:
    """One with names of nothing in particular in it, and whatever stands in the fields for a Region or an account."""
    pieces = (resource,) if isinstance(resource, str) else resource.parts
    out: list[str | Wildcard | Pattern] = []
    colons = 0
    for index, piece in enumerate(pieces):
        if isinstance(piece, str):
            out.append(like(_VARIABLE.sub(_of_variable, piece)))
            colons += piece.count(":")
        elif colons >= _COLONS or piece.holds in NO_PRINCIPALS:
            out.append(_SOME_NAME)
        elif not stands_between(pieces, index):
            out.append(ANY_RUN)
        else:
            out.append(_SOME_NAME if colons == _OF_SERVICE else _FIELD)
    return join(*out)


def _of_variable(variable: re.Match[str]) -> str:
    return "?" if variable[1] in _ONE_CHARACTER else _SOME_NAME
