"""
Whose policies let them ask for a role, of those whom its trust policy lets in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.access.grants import Grant, at_role
from trustproof.access.holders import AssignedPermissionSet, PolicyHolder, in_few_rows, people_of_set, sets_named
from trustproof.access.met_conditions import grant_where_met
from trustproof.access.own_policies import HeldPolicies
from trustproof.access.own_requests import may_meet_both
from trustproof.access.questions import OTHER_ROLES, decide_statement
from trustproof.analysis.role_chains.roles import Node
from trustproof.config.model import Config
from trustproof.model.policy import ALLOW, DENY, Policy, Principal, Statement
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, USER_KEY, USER_SESSION, USER_SESSION_MFA, Request
from trustproof.model.text import Symbolic, Text
from trustproof.properties.question import Inquiry, Question, Refutation, Subject
from trustproof.properties.shared.callers import NamedCaller, parse_caller
from trustproof.properties.shared.regions import TRUST_ACTIONS, trust_regions
from trustproof.proving.prover import Prover
from trustproof.proving.sides import Side
from trustproof.spec.principals import ACCOUNT, ITSELF, ROLE, match

PEOPLE = (IDENTITY_CENTER,)
_ARN = "aws:principalarn"
#: Callers whose own policies are those of a group or user.
_WITHOUT_MFA = (USER_KEY, USER_SESSION)
_USERS = (*_WITHOUT_MFA, USER_SESSION_MFA)
#: What whoever is named by a trust policy of the same account needs of its own policies: that they deny nothing.
_ANYTHING = Policy((Statement(ALLOW, actions=("*",), resources=("*",)),))


class KnownPolicies(NamedTuple):
    """
    Whose policies are known.
    """

    holders: Sequence[PolicyHolder]
    permission_sets: Sequence[AssignedPermissionSet]
    held: HeldPolicies
    config: Config
    #: Whether the role that is asked about is surely in an account of one's own organization.
    is_ours: bool = False
    #: The account that its template was asked about in, where nothing names one; empty where it has one.
    made_up: str = ""


class Caller(NamedTuple):
    """
    Who gets in by a statement.
    """

    who: str
    #: What has to be so besides the conditions of the statement, as texts.
    provided: tuple[str, ...] = ()
    #: Of a permission set: who is assigned to it.
    assigned: tuple[str, ...] | None = None
    #: Whether its own policies let it ask with MFA only.
    is_with_mfa: bool = False


def prover_for(node: Node, trust: Subject, kinds: Sequence[str]) -> Prover:
    """Answers which requests of callers of some kinds get in by a trust policy of a role."""
    regions = tuple(
        region
        for kind in kinds
        for region in trust_regions(trust, kind, TRUST_ACTIONS[kind][0], OTHER_ROLES if kind == ROLE_SESSION else ())
    )
    inquiry = Inquiry("who", lambda subject, index: (Question(regions, lambda request: True),))
    return Prover(trust, inquiry, node.deployments)


def with_principal(trust: Subject, index: int, entry: Principal) -> Subject:
    """A trust policy of which a statement has one principal only."""
    policy = trust.policy
    alone = policy.statements[index]._replace(principals=(entry,))
    statements = (*policy.statements[:index], alone, *policy.statements[index + 1 :])
    return trust._replace(document=trust.document._replace(policy=policy._replace(statements=statements)))


def _people(
    node: Node, index: int, entry: Principal | None, request: Request, known: KnownPolicies
) -> tuple[list[Caller], tuple[str, ...] | None]:
    """The permission sets whose people get in by a principal; and what has to be so of others, None for nobody."""
    trust = node.trust if entry is None else with_principal(node.trust, index, entry)
    prover = prover_for(node, trust, PEOPLE)
    covered = None if entry is None else _covered(entry, request)
    only = request.caller.account if covered in (ACCOUNT, ROLE, ITSELF) else None
    found, lacking, open_, is_known = [], list[str](), list[Caller](), False
    for each in known.permission_sets if only is not None else in_few_rows(known.permission_sets):
        account = each.account if isinstance(each.account, str) else request.caller.account
        if account is None or only not in (None, account):
            continue
        answer = decide_statement(prover, index, PEOPLE, each.caller(account), known.held)
        if not isinstance(answer, Refutation):
            continue
        called = each.called(only or "")
        asking = at_role(answer.request, node.arn, node.account, known.config, is_ours=known.is_ours)
        # A trust policy of the same account that names a role or user is all that these need.
        is_named = covered in (ROLE, ITSELF) and account == node.account
        given = Grant(True) if is_named else _grant(each.side, asking)
        if given is not None and given.is_given:
            if given.provided and not may_meet_both(prover, index, each.caller(account), each.side, known.held, asking):
                continue
            found.append(Caller(called, (*each.provided(only), *given.provided), each.assigned))
            is_known = is_known or bool(each.assigned)
        elif given is not None and given.missing:
            lacking.append(f"{' and '.join(given.missing)}, which {called} may not call")
        elif given is None or each.unknown:
            open_.append(Caller(called, (*each.provided(only), _open(each.unknown)), each.assigned))
    if is_known and only is not None:
        return [*found, *open_, *_foreign(prover, index, only, known)], None
    return found, tuple(f"a policy of theirs allows {one}" for one in lacking)


def _foreign(prover: Prover, index: int, account: str, known: KnownPolicies) -> Iterator[Caller]:
    """The permission sets that a statement names and no template has."""
    conditions = prover.subject.policy.statements[index].conditions
    named = sets_named(one for each in conditions if each.key.lower() == _ARN for one in each.operands)
    for name in named:
        # One whose name only a deployment knows may be it.
        if any(one.name == name or not isinstance(one.name, str) for one in known.permission_sets):
            continue
        answer = decide_statement(prover, index, PEOPLE, people_of_set(name, account), known.held)
        if isinstance(answer, Refutation):
            yield Caller(f"permission set {name} in {account} (of no template)")


def permitted_callers(
    node: Node, index: int, entry: Principal | None, request: Request, known: KnownPolicies
) -> tuple[list[Caller], tuple[str, ...] | None]:
    """
    Whose policies let them ask for a role.

    Args:
        index: of the statement that lets them in.
        entry: one of its principals; None for all of them.
        request: of somebody who gets in by it.

    Returns:
        They, and what has to be so of others whom the principal lets in; None where it lets in nobody else.
    """
    if request.caller.kind == IDENTITY_CENTER:
        return _people(node, index, entry, request, known)
    return _users(node, index, entry, request, known) if request.caller.kind in _USERS else ([], ())


def _users(
    node: Node, index: int, entry: Principal | None, request: Request, known: KnownPolicies
) -> tuple[list[Caller], tuple[str, ...] | None]:
    asking = at_role(request, node.arn, node.account, known.config, is_ours=known.is_ours)
    covered = None if entry is None else _covered(entry, request)
    if covered == ITSELF or (covered is None and entry is not None and _names_user(entry)):
        return _itself(node, index, entry, asking, known)
    found, lacking, open_ = [], list[str](), list[Caller]()
    for holder in known.holders:
        if holder.account != request.caller.account:
            continue
        given = _grant(holder.side, asking)
        if given is not None and given.is_given:
            anybody = parse_caller(holder.account)
            sides = (holder.side,) if holder.side == holder.everything else (holder.side, holder.everything)
            called = Caller(holder.called, given.provided)
            if given.provided or len(sides) > 1:
                found += _asking(node, index, entry, anybody, sides, asking, known, called)
            else:
                found.append(called)
        elif given is not None and given.missing:
            lacking.append(f"{' and '.join(given.missing)}, which {holder.called} may not call")
        elif given is None or holder.unknown:
            open_.append(Caller(holder.called, (_open(holder.unknown),)))
    if found and covered == ACCOUNT:
        # Beside those who surely may, whoever may is nobody else's line.
        return [*found, *open_], None
    return found, tuple(f"a policy of theirs allows {one}" for one in lacking)


def _open(unknown: Sequence[str]) -> str:
    """What has to be so for somebody whose policies are not all known."""
    return f"{' or '.join(unknown) or 'a policy that is known only when it is deployed'} allows it"


def _asking(
    node: Node,
    index: int,
    entry: Principal | None,
    caller: NamedCaller,
    sides: Sequence[Side],
    asking: Request,
    known: KnownPolicies,
    called: Caller,
) -> list[Caller]:
    """Somebody who is let in by a request that each of some policies allows, and whether only with MFA."""
    kinds = [
        of
        for of in (_WITHOUT_MFA, _USERS)
        if all(_meets_both(node, index, entry, caller._replace(kinds=of), one, asking, known) for one in sides)
    ]
    return [called._replace(is_with_mfa=_WITHOUT_MFA not in kinds)] if kinds else []


def _itself(
    node: Node, index: int, entry: Principal | None, asking: Request, known: KnownPolicies
) -> tuple[list[Caller], tuple[str, ...] | None]:
    """A user whom a principal names: in another account it needs a policy of its own as well."""
    account = asking.caller.account
    named: Text = asking.caller.arn if entry is None else entry.value
    name = known.held.users.get(named)
    if name is None:
        return [], ()
    called = f"user {name} in {account}"
    side = known.held.sides.get(named)
    caller = parse_caller(asking.caller.arn)
    if account == node.account:
        denying = side is not None and any(one.effect == DENY for policy in side.policies for one in policy.statements)
        sides = (Side((_ANYTHING, *side.policies)),) if side is not None and denying else ()
        return _asking(node, index, entry, caller, sides, asking, known, Caller(called)), None
    given = None if side is None else _grant(side, asking)
    if side is None or given is None:
        return [], ()
    if given.is_given:
        asks = Caller(called, given.provided)
        found = _asking(node, index, entry, caller, (side,), asking, known, asks) if given.provided else [asks]
        if found:
            return found, None
    actions = " and ".join(given.missing or (asking.action,))
    return [], (f"a policy allows it {actions}, which the templates do not give it",)


def _meets_both(
    node: Node,
    index: int,
    entry: Principal | None,
    caller: NamedCaller,
    side: Side,
    asking: Request,
    known: KnownPolicies,
) -> bool:
    """Whether users may make a request that the role lets in and their own policies allow, each as it asks."""
    trust = node.trust if entry is None else with_principal(node.trust, index, entry)
    return may_meet_both(prover_for(node, trust, caller.kinds), index, caller, side, known.held, asking)


def _names_user(entry: Principal) -> bool:
    """Whether an entry names a user, whose name only a deployment knows."""
    parts = entry.value.parts if isinstance(entry.value, Symbolic) else (entry.value,)
    return any(isinstance(part, str) and ":user/" in part for part in parts)


def _covered(entry: Principal, request: Request) -> str | None:
    """How an entry covers the caller of a request; None where only a deployment knows."""
    try:
        return match(entry, request.caller)
    except ValueError:
        return None


def _grant(side: Side, asking: Request) -> Grant | None:
    """What policies say of a call, made as they ask; None where that is known only when they are deployed."""
    try:
        return grant_where_met(side, asking)
    except ValueError:
        return None
