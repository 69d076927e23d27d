"""
assume-role-scoped: identity policies let nobody assume roles outside the boundary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import ClassVar

from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.engine.caller_records import role_arns
from trustproof.engine.domains import Values, text
from trustproof.engine.region import Region
from trustproof.engine.request_space import RequestSpace
from trustproof.model.arn import accounts_in, is_account
from trustproof.model.document import IDENTITY
from trustproof.model.policy import DENY, Statement
from trustproof.model.query import is_concrete
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, USER_KEY, USER_SESSION, USER_SESSION_MFA, Request
from trustproof.model.text import REGION, Symbol, Text
from trustproof.properties.base import IdentityProperty
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.shared.own_organizations import own_organization
from trustproof.properties.shared.own_stacks import with_resources_of_own_stacks
from trustproof.properties.shared.regions import (
    Constraints,
    held_by,
    own_tags,
    own_values,
    third_party_accounts,
)
from trustproof.properties.wording.role_bounds import (
    ORGANIZATION_OF_ROLE,
    bounding_roles,
    covers_assuming,
    is_administration,
    is_administrator,
    names_roles,
)
from trustproof.results.groups import ADMINISTRATION
from trustproof.results.result import ERROR, NOTE, UNKNOWN, Remedy, Undeclared
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, exact, join
from trustproof.sets.strings import StringSet

_USERS = (USER_KEY, USER_SESSION, USER_SESSION_MFA)
_CALLERS = {"role": (ROLE_SESSION,), "permission set": (IDENTITY_CENTER,), "user": _USERS, "group": _USERS}
_OF_THE_CALLER = ("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount")
_RESOURCE_ACCOUNT = "key:aws:resourceaccount"
_RESOURCE_ORGANIZATION = "key:aws:resourceorgid"
_RESOURCE_PATHS = "key:aws:resourceorgpaths"

#: Accounts that counterexamples are about; the first that is nobody's we know is asked about first.
_STRANGERS = ("444455556666", "555566667777", "666677778888", "777788889999")

ANYWHERE = "anywhere"
FOREIGN = "foreign"
UNDECLARED = "undeclared"


class AssumeRoleScoped(IdentityProperty):
    """
    Identity policies let nobody assume roles outside the boundary.

    Claim:
        No identity policy that the template attaches to a user, group, role or permission set allows
        ``sts:AssumeRole`` on a role of an account that is neither the template's own nor declared in ``[boundary]`` or
        as a third party, nor on a role outside the declared organizations.

    Threat:
        A caller that may assume roles anywhere carries data, and whatever it was tricked into, to accounts of others;
        and reaches every role in your own accounts that trusts the account as a whole.

    Severity:
        *error*, but *note* where the statement allows every action (``"Action": "*"``), or all but some on everything
        (``"NotAction": "iam:*"`` on ``*``): an administrator may do anything, so also assume any role, and to scope
        that one action would change nothing. One line names all administrators of a run.

        Where the statement names its roles, or how their names begin (``arn:aws:iam::*:role/deploy``), whoever wants to
        be called has to give a role of his own that name, and to have it asked for: a *note*. A condition on the
        caller, such as ``aws:PrincipalOrgID``, makes it neither better nor worse.

        With ``severity`` in the configuration all are what it says.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/deploy"}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*",
          "Condition": {"StringEquals": {"aws:ResourceAccount": "111122223333"}}}]}

    Remedy:
        Name the roles, or at least their account, in Resource; or bound it with aws:ResourceAccount or
        aws:ResourceOrgID, which say whose the role is.

    Limits:
        Of managed policies that are in no template, those of AWS are asked about, as their text is; a holder of another
        one is *unknown*, with the policy named. Without a ``[boundary]`` only roles of any account at all are refuted,
        and a named foreign account is unknown. A role with a colon in its path is not asked about: a wildcard in front
        of the account would have to reach across the account to cover it.
    """

    ident = "assume-role-scoped"
    summary = "an identity policy allows sts:AssumeRole on roles outside the boundary"
    of_roles = True
    guards_entry = False
    holders: ClassVar[tuple[str, ...]] = ("user", "group", "role", "permission set")
    needs_whole_holder = True

    def applies_to(self, subject: Subject) -> bool:
        """Identity policies with a holder, those of AWS that are attached to it too."""
        return subject.document.kind == IDENTITY and subject.holder is not None

    def concerns(self, subject: Subject, statement: Statement) -> bool:
        """Statements whose actions may be sts:AssumeRole."""
        return statement.actions is None or _one_covers(statement.actions)

    def normalize(self, subject: Subject) -> Subject:
        """The account of a template that has a StackSet is one's own for the stacks of the set."""
        return with_resources_of_own_stacks(subject)

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Roles of any account first, then those of accounts that the policy names."""
        boundary = subject.config.boundary
        declared = boundary.accounts if boundary is not None else ()
        inside = (subject.account, *declared, *third_party_accounts(subject.config))
        named = _named_accounts(subject)
        organizations = (*(boundary.organizations if boundary is not None else ()), *own_organization(subject))
        mentioned = (*organizations, *_named_organizations(subject))
        anywhere = _question(subject, (*inside, *named), mentioned, ANYWHERE)
        about = FOREIGN if boundary is not None else UNDECLARED
        foreign = _question(subject, inside, organizations, about)
        stranger = [account for account in _STRANGERS if account not in (*inside, *named)][:1]
        # Of the accounts that a statement names, each is asked about by itself at once.
        by_name = _account_by_account(foreign, subject, _accounts_in_resources(subject, index, inside), organizations)
        questions = [_account_by_account(anywhere, subject, stranger, mentioned), anywhere, foreign]
        if _may_be_bounded(subject):
            questions = [one._replace(larger=_of_whoever(one)) for one in questions]
        return (*questions[:2], by_name, *questions[2:])

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """What is not known before deployment is taken to be ours."""
        if (place == "resource" and symbol.name != REGION) or place.endswith("account"):
            return subject.account
        boundary = subject.config.boundary
        if place == ORGANIZATION_OF_ROLE.lower() and boundary is not None and boundary.organizations:
            return boundary.organizations[0]
        return None

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Name the role that may be assumed."""
        request = refutation.request
        account = request.resource.split(":")[4]
        place = refutation.statement.path
        if not subject.document.is_foreign:
            place = (*place, "Resource" if refutation.statement.resources is not None else "NotResource")
        if refutation.about == ANYWHERE:
            anything = is_administration(refutation.statement) or is_administrator(subject)
            in_vain = _bounds_the_caller(refutation.statement)
            return Finding(
                _may(refutation.statement) if anything else "roles of any account may be assumed",
                "nothing here confines the role to an account",
                place,
                (
                    f"{request.resource} is covered, whoever owns account {account}",
                    *(f"{key} says whose the caller is, and not whose the role is" for key in in_vain),
                ),
                severity=NOTE if anything or names_roles(refutation.statement) else ERROR,
                cause=ADMINISTRATION if anything else "",
                remedy=bounding_roles(subject, refutation.statement),
            )
        whose, key, one = _outsider(subject, request)
        yours = "one of yours" if key == "accounts" else "yours"
        if refutation.about == UNDECLARED:
            return Finding(
                f"not decided whether {whose} {one} is {yours}: its roles may be assumed",
                f"{whose} {one} is named, and no boundary is declared",
                place,
                reasons=(
                    f"roles of {whose} {one} may be assumed, and no [boundary] says which {key} are yours",
                    f'declare the boundary in {subject.config.declaring_file}: [boundary] {key} = ["{one}"]'
                    + (", or [[third-party]]" if key == "accounts" else ""),
                ),
                verdict=UNKNOWN,
                undeclared=(Undeclared(key, one),),
            )
        declared = f"add {one} to {key} in {subject.config.boundary_table}"
        declared += ", or as a [[third-party]]" if key == "accounts" else ""
        return Finding(
            f"roles of {whose} {one} may be assumed",
            f"{whose} {one} is outside the boundary",
            place,
            (),
            Remedy(f"remove it, or declare it: {declared}"),
        )

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"{subject.document.logical_id} lets nobody assume roles outside the boundary"


def _outsider(subject: Subject, request: Request) -> tuple[str, str, str]:
    """
    Whose a role is that is not ours: the word for it, the key of ``[boundary]``, and the id.

    An account that nobody named is an example of those of an organization, of which there are any number.
    """
    account = request.resource.split(":")[4]
    organizations = sorted(one for one in _organizations(request) if one.startswith("o-"))
    if organizations and account not in _named_accounts(subject):
        return "organization", "organizations", organizations[0]
    return "account", "accounts", account


def _may(statement: Statement) -> str:
    """What an administrator may do besides."""
    rest = "anything" if statement.actions is not None else "anything but what NotAction lists"
    return f"whoever may do {rest} may also assume roles of any account"


def _bounds_the_caller(statement: Statement) -> list[str]:
    """Keys by which somebody meant to bound the roles, and which hold for every role alike."""
    return [c.key for c in statement.conditions if c.key.lower() in _OF_THE_CALLER]


@lru_cache(maxsize=1024)
def _one_covers(actions: tuple[Text, ...]) -> bool:
    """The same of some: those of a policy of AWS are asked about for everybody who has it."""
    return any(not isinstance(action, str) or covers_assuming(action) for action in actions)


def _question(subject: Subject, accounts: Sequence[str], organizations: Sequence[str], about: str) -> Question:
    inside = frozenset(accounts)
    resources, elsewhere = _outside(inside, subject.partition)
    regions = _regions(subject, resources, elsewhere, organizations)
    return Question(regions, _predicate(inside, frozenset(organizations)), about)


@lru_cache(maxsize=128)
def _outside(accounts: frozenset[str], partition: str) -> tuple[Values, Values]:
    """The roles, and the accounts, that are not of these; the same hundreds are declared for every template."""
    roles = Values(False, StringSet.outside(map(_roles_of, accounts)))
    return _asked_about(roles, partition), Values(False, StringSet.outside(map(exact, accounts)))


@lru_cache(maxsize=1024)
def _in_account(account: str, partition: str) -> tuple[Values, Values]:
    """The roles of an account, and the account."""
    return _asked_about(text(_roles_of(account)), partition), text(exact(account))


def _asked_about(roles: Values, partition: str) -> Values:
    """Those of some roles that are asked about."""
    # By the manual a wildcard stays in its segment, so that no path with a colon makes an account out of another one's.
    odd = join("arn:", Wildcard(":", True, True), ":iam::", Wildcard(":", True, True), ":role/", ANY_RUN, ":", ANY_RUN)
    return roles & text(*role_arns(partition)) & Values(False, StringSet.outside([odd]))


def _regions(subject: Subject, resources: Values, accounts: Values, organizations: Sequence[str]) -> tuple[Region, ...]:
    """The requests for roles whose ARNs and accounts are these, and that are of none of the organizations."""
    # First what is quickly decided: among a thousand accounts, a search for another one takes long.
    whose: Constraints = ()
    if organizations:
        whose += ((_RESOURCE_ORGANIZATION, Values(True, StringSet.outside(exact(o) for o in organizations))),)
        # Every path begins with the organization.
        elsewhere = StringSet.outside(join(o, "/", ANY_RUN) for o in sorted(set(organizations)))
        whose += ((_RESOURCE_PATHS, Values(True, CollectionSet(elsewhere))),)
    whose += ((_RESOURCE_ACCOUNT, accounts), ("resource", resources))
    assert subject.holder is not None
    return tuple(
        Region(
            RequestSpace(kind, ASSUME_ROLE, subject.partition, known_keys=(*own_values(subject), *own_tags(subject))),
            (*whose, *held_by(subject)),
        )
        for kind in _CALLERS[subject.holder.kind]
    )


def _may_be_bounded(subject: Subject) -> bool:
    """Whether something may keep roles of others out, whatever a deployment says."""
    return any(text != "*" for text in _texts(subject)) and all(is_concrete(one.policy) for one in subject.documents)


def _of_whoever(question: Question) -> Question:
    """
    The same question of whoever has the policy.

    What bounds a policy mostly does so in each account that it is in, and then it is asked once for all of them.
    """
    return question._replace(
        regions=tuple(
            region._replace(constraints=tuple(one for one in region.constraints if one[0] != "caller"))
            for region in question.regions
        )
    )


def _account_by_account(
    question: Question, subject: Subject, accounts: Sequence[str], organizations: Sequence[str]
) -> Question:
    """
    The same question about the roles of some of its accounts, one account at a time.

    It asks for nothing that the question itself does not. But of a role in one account it is plain whose the role is,
    where a search has to weigh each of a thousand accounts against every other one.
    """
    return question._replace(
        regions=tuple(
            region
            for account in accounts
            for region in _regions(subject, *_in_account(account, subject.partition), organizations)
        )
    )


def _accounts_in_resources(subject: Subject, index: int, inside: Sequence[str]) -> list[str]:
    """The accounts outside that the resources of a statement name."""
    named = [
        resource.split(":")[4]
        for resource in subject.policy.statements[index].resources or ()
        if isinstance(resource, str) and resource.count(":") >= 5
    ]
    return sorted(set(filter(is_account, named)) - set(inside))


def _roles_of(account: str) -> Pattern:
    return join("arn:", Wildcard(":", True, True), f":iam::{account}:role/", ANY_RUN)


def _predicate(accounts: frozenset[str], organizations: frozenset[str]) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        fields = request.resource.split(":")
        if request.action.lower() != ASSUME_ROLE or len(fields) != 6 or fields[4] in accounts:
            return False
        return organizations.isdisjoint(_organizations(request))

    return violates


def _organizations(request: Request) -> set[str]:
    """The organizations that the request says the role is in."""
    named = {str(request.context.get("aws:resourceorgid", ""))}
    return named | {path.partition("/")[0] for path in request.context.get("aws:resourceorgpaths", ())}


def _texts(subject: Subject) -> list[str]:
    """What may say whose the roles are: in the policy, in what denies beside it, and in the permissions boundary."""
    bounds = [(s, s.effect == DENY) for one in subject.others for s in one.policy.statements]
    if subject.permissions_boundary is not None:
        bounds += [(s, True) for s in subject.permissions_boundary.policy.statements]
    statements = (*subject.policy.statements, *(s for s, is_bound in bounds if is_bound))
    resources = (one for s in statements for one in (*(s.resources or ()), *(s.not_resources or ())))
    return [str(value) for value in (*resources, *(o for s in statements for c in s.conditions for o in c.operands))]


def _named_accounts(subject: Subject) -> tuple[str, ...]:
    return tuple(sorted(accounts_in(_texts(subject))))


def _named_organizations(subject: Subject) -> tuple[str, ...]:
    found = {value.partition("/")[0] for value in _texts(subject) if value.startswith("o-")}
    return tuple(sorted(name for name in found if not set(name) & set("*?$")))
