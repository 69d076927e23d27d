"""
Groups, users and permission sets whose policies are known, and to whom permission sets are assigned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.holders.holdings import Holding, Holdings
from trustproof.model.arn import is_account
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Guard
from trustproof.model.principals import AccountAssignment, Holder
from trustproof.model.request import IDENTITY_CENTER
from trustproof.model.substitution import bind_text
from trustproof.model.text import GENERATED_NAME, Symbolic, Text
from trustproof.properties.shared.callers import NamedCaller, parse_caller
from trustproof.proving.sides import Side

_KINDS = ("group", "user")
_PERMISSION_SET = "permission set"
#: So many accounts of a permission set are listed one by one where nothing says which of them is meant.
_FEW = 8
#: Any account, for callers of which it is not known.
_ANY = "*"
#: The roles that Identity Center makes of a permission set, in Regions where the path says it and where it does not;
#: the name ends in 16 digits that nobody knows.
#: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
_ROLES = tuple(
    f"arn:*:iam::{{account}}:role/aws-reserved/sso.amazonaws.com/{region}AWSReservedSSO_{{name}}_{'?' * 16}"
    for region in ("", "*/")
)
#: The name of a set in such an ARN, where it is written out.
_NAMED = re.compile(r"[/*]AWSReservedSSO_([A-Za-z0-9_+=,.@-]+)_(?:\*|\?+|[0-9a-f]{16})$")

#: Permission sets to who has them in which account.
Assigned: TypeAlias = "Mapping[str, Sequence[AccountAssignment]]"


class PolicyHolder(NamedTuple):
    """
    A group or user, with all identity policies that its template attaches.
    """

    kind: str
    name: str
    account: str
    #: Of a user: without what it has by its groups, with whose members it is listed.
    side: Side
    #: All that decides what it may do: of a user, with what it has by groups.
    everything: Side
    #: What may allow it more, and nobody here knows, as texts.
    unknown: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """What it is called in the list."""
        return f"{'members of group' if self.kind == 'group' else self.kind} {self.name} in {self.account}"


class AssignedPermissionSet(NamedTuple):
    """
    A permission set in an account.
    """

    name: Text
    #: Where it is assigned, or in how many accounts; None where no template says that it is.
    account: Text | None
    #: Who has it there, as texts.
    assigned: tuple[str, ...]
    side: Side
    #: The permissions boundary that is in no template; empty where it has none, or one that is known.
    limit: str = ""
    #: What may allow it more, and nobody here knows, as texts.
    unknown: tuple[str, ...] = ()

    def caller(self, account: str) -> NamedCaller:
        """Its people in an account, or in any where that is none."""
        return people_of_set(self.name, account)

    def called(self, account: str) -> str:
        """
        What its people are called in the list.

        Args:
            account: where it is, if no template says that; empty for any account.
        """
        where = account if self.account is None else str(self.account)
        whose = ", ".join(self.assigned) or "no template assigns it to anybody"
        return f"{_PERMISSION_SET} {self.name}{f' in {where}' if where else ''} ({whose})"

    def provided(self, account: str | None) -> tuple[str, ...]:
        """
        What has to be so for its people to be in an account, and not to be stopped there, as texts; nothing of an
        account that is not known.
        """
        limited = (f"its permissions boundary {self.limit}, which is not known, allows it",) if self.limit else ()
        is_any = account is None or self.account is None or isinstance(self.account, str)
        return limited if is_any else (f"{self.account} is {account}", *limited)


def people_of_set(name: Text, account: str) -> NamedCaller:
    """The people of a permission set in an account, or in any where that is none."""
    account = account if is_account(account) else _ANY
    given = name if isinstance(name, str) else _ANY
    found = [parse_caller(role.format(account=account, name=given)) for role in _ROLES]
    return NamedCaller(str(name), (IDENTITY_CENTER,), tuple(one for each in found for one in each.patterns))


def sets_named(operands: Iterable[Text]) -> list[str]:
    """The permission sets that patterns of ARNs name by the roles that Identity Center makes of them."""
    found = (_NAMED.search(str(one)) for one in operands)
    return list(dict.fromkeys(one[1] for one in found if one is not None))


def name_of_holder(holder: Holder) -> str:
    """The name of a user, group or permission set; where CloudFormation generates that, what the template calls it."""
    name = holder.name
    is_generated = isinstance(name, Symbolic) and any(one.holds == GENERATED_NAME for one in name.symbols)
    return holder.logical_id if is_generated or not str(name) else str(name)


def policy_holders(context: TemplateContext, account: str | None) -> Iterator[PolicyHolder]:
    """
    The groups and users of a template.

    Args:
        account: that of the template; None where it is not known.
    """
    if account is None:
        return
    alone = _holdings(context, _KINDS)
    for one, whole in zip(alone, _holdings(context, _KINDS, with_groups=True), strict=True):
        unknown = (*whole.unclear, *whole.unknown_names)
        yield PolicyHolder(one.holder.kind, name_of_holder(one.holder), account, _side(one), _side(whole), unknown)


def assigned_permission_sets(context: TemplateContext, elsewhere: Assigned) -> Iterator[AssignedPermissionSet]:
    """
    The permission sets of a template, once for each account that they are assigned in.

    Args:
        elsewhere: by logical id, who has them by assignments of other stacks.
    """
    for one in _holdings(context, (_PERMISSION_SET,)):
        name = one.holder.name or one.holder.logical_id
        there: dict[Text | None, dict[str, None]] = {}
        for assignment in (*one.holder.assigned, *elsewhere.get(one.holder.logical_id, ())):
            account = bind_text(assignment.account, context.assumed)
            there.setdefault(account, {})[_shown(assignment)] = None
        side = _side(one)
        for where, assigned in there.items() or ((None, {}),):
            limit, unknown = str(one.unknown_boundary), (*one.unclear, *one.unknown_names)
            yield AssignedPermissionSet(name, where, tuple(assigned), side, limit, unknown)


def in_few_rows(permission_sets: Sequence[AssignedPermissionSet]) -> Iterator[AssignedPermissionSet]:
    """The same, a permission set that is assigned in many accounts once for all of them."""
    # Each set has its policies, which stand together in one object.
    found: dict[int, list[AssignedPermissionSet]] = {}
    for one in permission_sets:
        found.setdefault(id(one.side), []).append(one)
    for several in found.values():
        if len(several) <= _FEW:
            yield from several
        else:
            everybody = tuple(dict.fromkeys(who for one in several for who in one.assigned))
            yield several[0]._replace(account=f"{len(several)} accounts", assigned=everybody)


def _holdings(context: TemplateContext, kinds: Sequence[str], *, with_groups: bool = False) -> Iterator[Holding]:
    # What a user has by a group, the members of the group are listed with.
    holders = [one if with_groups else one._replace(groups=()) for one in context.template.holders if one.kind in kinds]
    bind = partial(_bound, context.assumed)
    yield from Holdings(context.documents, holders, bind, context.deployments).everything


def _bound(values: dict[str, str], text: Text) -> Text:
    return bind_text(text, values)


def _side(one: Holding) -> Side:
    limit = None if one.permissions_boundary is None or one.guards else one.permissions_boundary.policy
    return Side(tuple(document.policy for document in one.documents if document.kind == IDENTITY), limit)


def shown_conditions(guards: Iterable[Guard]) -> tuple[str, ...]:
    """Conditions of a template that must hold, as texts."""
    return tuple(map(_condition, guards))


def _shown(assignment: AccountAssignment) -> str:
    conditions = " and ".join(shown_conditions(assignment.guards))
    return f"{assignment.kind} {assignment.principal}{f' if {conditions}' if conditions else ''}"


def _condition(guard: Guard) -> str:
    return guard.name if guard.value else f"not {guard.name}"
