"""
What bounds the roles that an identity policy lets somebody assume, and keeps in those that are meant.
"""

from __future__ import annotations

from functools import lru_cache

from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.aws.published import service
from trustproof.model.policy import ALLOW, Statement
from trustproof.model.query import covers_everything, texts
from trustproof.properties.edits import Demand, demand, version, where
from trustproof.properties.question import Subject
from trustproof.properties.shared.neighbours import accounts_apart, accounts_only, organization
from trustproof.properties.shared.regions import may_name
from trustproof.results.edit import Edit
from trustproof.results.result import Remedy
from trustproof.sets.patterns import like, matches

#: Whose a role is.
ORGANIZATION_OF_ROLE = "aws:ResourceOrgID"
#: How many fields an ARN has, of which the account is the last but one.
_FIELDS = 6
_NAMED = "name the accounts of the roles in Resource"
_IF_ALL_ARE = "if all are in the organization of the caller, test aws:ResourceOrgID for ${aws:PrincipalOrgID}"


def bounding_roles(subject: Subject, statement: Statement) -> Remedy:
    """What bounds the roles, and nothing else that the statement allows."""
    if subject.document.is_foreign and "*" not in (statement.actions or ()):
        return Remedy(
            "this is a policy of AWS: attach one of your own besides, with a Deny of sts:AssumeRole on roles outside "
            "the organization of the caller"
        )
    whose = "accounts of the boundary" if accounts_only(subject) else "organization of the caller"
    text = f"name the roles, or bound them to the {whose}"
    # Without an organization, the caller has no id of one, and could assume nothing.
    boundary = subject.config.boundary
    is_in_one = organization(subject) is not None or (boundary is not None and boundary.organizations)
    text += "" if is_in_one or accounts_only(subject) else ", if it is in one"
    if accounts_apart(subject):
        text = f"{_NAMED}, or bound them in a statement for the organization and in one for the other accounts of yours"
    if is_administration(statement) or is_administrator(subject):
        return Remedy("where it matters, deny sts:AssumeRole besides on roles outside the organization of the caller")
    if statement.actions is None or any(not covers_assuming(action) for action in map(str, statement.actions)):
        return Remedy(f"give sts:AssumeRole a statement of its own, and there {text}")
    if wide := [action for action in map(str, statement.actions) if _covers_more(action)]:
        return Remedy(
            f"name what is needed of {wide[0]} besides sts:AssumeRole, give this one a statement of its own, and there "
            f"{text}"
        )
    if any(condition.key.lower() == "sts:externalid" for condition in statement.conditions):
        # Who passes one enters the accounts of customers, which are in organizations of their own.
        return Remedy(f"{_NAMED}, where they are known: who passes an external id is meant to enter accounts of others")
    if not is_in_one and not accounts_only(subject):
        if subject.neighbours.tells_roles_elsewhere:
            return Remedy(
                "name the roles: the template tells a program the ARN of one that is made elsewhere, perhaps in an "
                "account outside the organization"
            )
        if names_roles(statement):
            # So writes who enters the accounts of customers, and who has a role of this name in each account.
            return Remedy(f"{_NAMED}; or, {_IF_ALL_ARE}{where(subject, statement)}")
    return Remedy(text + where(subject, statement), _bounded(subject, statement))


def is_administration(statement: Statement) -> bool:
    """
    Whether a statement is that of an administrator: it allows every action, or all but some, on everything.

    To scope one of the actions of the latter would change nothing either: whoever has the rest is as good as in.
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/PowerUserAccess.html
    """
    if statement.actions is not None:
        return covers_everything(statement.actions)
    return statement.not_actions is not None and covers_everything(statement.resources)


def is_administrator(subject: Subject) -> bool:
    """Whether a holder may do anything, or all but some, by another statement, so that this one does not matter."""
    return any(
        one.effect == ALLOW
        and not (one.conditions or one.guards)
        and is_administration(one)
        and may_name(one, ASSUME_ROLE)
        and covers_everything(one.resources)
        for document in (subject.document, *subject.others)
        for one in document.policy.statements
    )


def names_roles(statement: Statement) -> bool:
    """Whether a statement says what its roles are called, or how their names begin."""
    # Whoever names an account besides says whose those roles are.
    named = [str(entry) for entry in statement.resources or ("*",)]
    entries = [entry for entry in named if _leaves_the_account_open(entry)] or named
    names = [entry.rpartition(":role/")[2] for entry in entries if ":role/" in entry]
    return len(names) == len(entries) and not any(name.startswith(("*", "?")) for name in names)


def _leaves_the_account_open(entry: str) -> bool:
    """Whether an entry of Resource is about roles of any account."""
    fields = entry.split(":", 5)
    return len(fields) < _FIELDS or bool(set(fields[_FIELDS - 2]) & set("*?"))


def _bounded(subject: Subject, statement: Statement) -> tuple[Edit, ...]:
    """
    The edits that hold the roles to one's own organization; none where nothing is known that keeps out nobody meant.

    Whoever writes a wildcard for the account means several, so one's own account is no bound.
    """
    boundary = subject.config.boundary
    if accounts_apart(subject):
        return ()
    if (named := organization(subject)) is not None:
        return demand(subject, statement, ("StringEquals", ORGANIZATION_OF_ROLE, (named,)))
    if boundary is not None and boundary.organizations and not subject.policy.has_variables:
        return demand(subject, statement, ("StringEquals", ORGANIZATION_OF_ROLE, (boundary.organizations[0],)))
    if accounts := accounts_only(subject):
        # Nothing says that there is an organization.
        return demand(subject, statement, ("StringEquals", "aws:ResourceAccount", accounts))
    own: Demand = ("StringEquals", ORGANIZATION_OF_ROLE, ("${aws:PrincipalOrgID}",))
    if subject.policy.has_variables:
        return demand(subject, statement, own)
    if any("${" in str(text) for s in subject.policy.statements for text, _ in texts(s)):
        # With a version that knows variables these would mean something else.
        return ()
    return (*version(subject.policy), *demand(subject, statement, own))


@lru_cache(maxsize=64)
def _covers_more(action: str) -> bool:
    """Whether an entry of Action covers what STS does about no role, and so no test of whose a role is lets through."""
    found = service("sts")
    actions = {} if found is None else found.actions
    pattern = like(action.lower())
    return any(not one.resources and matches(pattern, f"sts:{name}") for name, one in actions.items())


@lru_cache(maxsize=4096)
def covers_assuming(action: str) -> bool:
    """Whether an entry of Action covers sts:AssumeRole; asked of every action of every identity policy."""
    return matches(like(action.lower()), ASSUME_ROLE)
