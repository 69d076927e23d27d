"""
Whether somebody's own policies let them ask for a role: what a role demands in the call, they must allow too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trustproof.config.model import Config
from trustproof.model.request import Request
from trustproof.proving.sides import Side, allows
from trustproof.spec.decision import actions_needed

#: Keys that say to which organization and unit the account of a role belongs; the template of the role does not.
_ORGANIZATION, _UNITS = "aws:resourceorgid", "aws:resourceorgpaths"


class Grant(NamedTuple):
    """
    What policies of somebody say of a request.
    """

    is_given: bool
    #: Actions that they do not allow, where they allow others that the request needs.
    missing: tuple[str, ...] = ()
    #: What has to be so besides, as texts.
    provided: tuple[str, ...] = ()


def grant(side: Side, request: Request) -> Grant:
    """
    Whether policies that stand together allow everything that a request needs.

    Args:
        request: with the resource, and what is known of that.

    Raises:
        ValueError: something in them is known only when it is deployed.
    """
    needed = actions_needed(request) if request.action.lower() == "sts:assumerole" else (request.action,)
    nearest = Grant(False)
    for placed, provided in _placed(side, request):
        missing = tuple(action for action in needed if not allows(side, placed._replace(action=action)))
        if not missing:
            return Grant(True, (), provided)
        if request.action not in missing and not nearest.missing:
            nearest = Grant(False, missing)
    return nearest


def at_role(request: Request, arn: str, account: str | None, config: Config, *, is_ours: bool) -> Request:
    """
    A request as it is where the role is: in its account, and in one's own organization where that is declared.

    Args:
        account: of the role; None where it is not known.
        is_ours: whether a StackSet makes the role, which reaches accounts of the organization only.
    """
    context = request.context if account is None else {**request.context, "aws:resourceaccount": account}
    boundary = config.boundary
    is_ours = is_ours or (boundary is not None and account in boundary.accounts)
    if boundary is not None and is_ours and len(boundary.organizations) == 1:
        context = {**context, _ORGANIZATION: boundary.organizations[0]}
    return request._replace(resource=arn, context=context)


def _placed(side: Side, request: Request) -> Iterator[tuple[Request, tuple[str, ...]]]:
    """A request, and then the same for a role that is where policies ask it to be, with what that is in words."""
    yield request, ()
    for key, value in _places(side):
        given: Mapping[str, object] = request.context
        if key in given:
            continue
        context = {**request.context, key: value if key == _ORGANIZATION else (value,)}
        where = "organization" if key == _ORGANIZATION else "unit"
        yield request._replace(context=context), (f"the account of the role is in the {where} {value}",)


def _places(side: Side) -> Iterator[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for policy in side.policies:
        for statement in policy.statements:
            for condition in statement.conditions:
                if (key := condition.key.lower()) in (_ORGANIZATION, _UNITS):
                    found.update(dict.fromkeys((key, str(one).rstrip("*")) for one in condition.operands))
    yield from found
