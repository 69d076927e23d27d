"""
Control policies as they are once the plans of a run have been applied: another file may attach what one detaches.

https://docs.aws.amazon.com/organizations/latest/userguide/disable-policy-type.html
https://docs.aws.amazon.com/organizations/latest/userguide/move_account_to_ou.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from trustproof.config.model import Organization
from trustproof.model.document import Document
from trustproof.model.outward_changes import OutwardChanges
from trustproof.model.text import ORGANIZATION_ROOT, Symbolic, Text


class SaidOfControls(NamedTuple):
    """What a template of a run says of the control policies of an organization."""

    #: Of its file: all that was read from one says the same of what there will be.
    name: str
    #: The one that its configuration declares.
    organization: Organization | None
    #: What it certainly denies.
    controls: tuple[Document, ...] = ()
    #: What it changes of what others say, where it is a plan.
    changed: OutwardChanges = OutwardChanges()


def as_others_leave_them(said: Sequence[SaidOfControls], at: int) -> Iterator[Document]:
    """
    The control policies of one of some templates, without what the plans among the others make untrue.

    What a plan itself says of them is what there will be.
    """
    gone = [it for one in said if one.name != said[at].name for it in one.changed.withdrawn]
    organization = said[at].organization
    for document in said[at].controls:
        own = {*document.known_as}
        taken = {one.target for one in gone if not own.isdisjoint(one.known_as)}
        if None not in taken:
            root = organization is not None and organization.root in taken
            kept = (one for one in document.targets if one not in taken and not (root and is_own_root(one)))
            yield document._replace(targets=tuple(kept)) if taken else document


def after_plans(
    organization: Organization, controls: Iterable[Document], changes: Sequence[OutwardChanges]
) -> Iterator[Document]:
    """
    Control policies, without those that plans detach, and with what the others are still attached to.

    An account that is moved is below the units that the configuration says if it says the new one, too: else what it
    says may be how it was.
    """
    units = dict(organization.units)
    detached = {type_ for one in changes for type_ in one.detached}
    moved = [it for one in changes for it in one.moved]
    left = {one.account for one in moved if one.to is None}
    closed = {unit for one in changes for unit in one.closed}
    elsewhere = left | {one.account for one in moved if one.account not in units.get(one.to or "", ())}
    for document in controls:
        if document.name in detached:
            continue
        there = (one for one in document.targets if one not in closed)
        targets = tuple(each for one in there for each in _staying(organization, one, left, elsewhere))
        if targets:
            yield document._replace(targets=targets)


def _staying(
    organization: Organization, target: Text, left: Collection[str], elsewhere: Collection[str]
) -> Iterator[Text]:
    """What a policy is attached to of a target, as the accounts below it where one of them is gone."""
    if target == organization.root or is_own_root(target):
        below, gone = organization.accounts, left
    else:
        below, gone = next((accounts for unit, accounts in organization.units if unit == target), ()), elsewhere
    if target in left:
        return
    if gone and not {*gone}.isdisjoint(below):
        yield from (account for account in below if account not in gone)
        return
    yield target


def is_own_root(target: Text) -> bool:
    """
    Whether something is the root of the organization that the account of a template is in, and which nobody names: it
    is taken to be the one of the configuration.
    """
    return isinstance(target, Symbolic) and len(target.parts) == 1 and target.symbols[0].holds == ORGANIZATION_ROOT
