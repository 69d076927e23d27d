"""
What the other policies of a template say of whom they mean: bounds for a remedy that nobody has to make up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trustproof.aws.accounts import ACCOUNTS_OF_AWS, REDSHIFT_ACCOUNTS
from trustproof.model.arn import is_account
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Condition, Statement
from trustproof.model.text import Symbolic, Text
from trustproof.properties.edits import Demand
from trustproof.properties.neighbours import operands_of
from trustproof.properties.question import Subject
from trustproof.properties.shared.sources import tests_of_sources

#: Keys that name an organization.
_ORGANIZATIONS = ("aws:principalorgid", "aws:resourceorgid", "aws:sourceorgid")
#: Keys that name the account of the caller.
_ACCOUNTS = ("aws:principalaccount", "kms:calleraccount")
#: Services that have one source for whatever they write to: elsewhere the source of a neighbour is another one.
_OF_ONE_SOURCE = ("cloudtrail.amazonaws.com", "config.amazonaws.com")
_SOURCE = "aws:sourcearn"
#: Operators to which a wildcard is a character like others.
_EXACT = ("StringEquals", "StringEqualsIgnoreCase")
#: Keys whose values say of which account somebody is, or for which a service calls.
_SAYING_WHOSE = (*_ACCOUNTS, _SOURCE, "aws:principalarn", "aws:sourceaccount", "aws:sourceowner")
#: Kinds of what is known only to whoever deploys a template, or makes another one.
_GIVEN = ("parameter", "import", "dynamic-reference")
#: Accounts of AWS, which deliver logs and have nothing that services call for.
_OF_AWS = ACCOUNTS_OF_AWS.union(REDSHIFT_ACCOUNTS.values())


def organization(subject: Subject) -> Text | None:
    """The one organization that the policies of the template name, and that is ours; None where there is no such."""
    boundary, document = subject.config.boundary, subject.document
    named = operands_of(subject.policy.statements, _ORGANIZATIONS)
    if boundary is not None:
        named |= subject.neighbours.operands(_ORGANIZATIONS)
    else:
        # What another resource is shared with may be a partner's, as long as nobody says whose it is.
        named |= subject.neighbours.operands_on(document.resource_arn, document.logical_id, _ORGANIZATIONS)
    found = {operand for operand in named if not set(str(operand)) & set("*?$")} - _kept_out(subject)
    if boundary is not None:
        found = {one for one in found if one in boundary.organizations}
    return found.pop() if len(found) == 1 else None


def _kept_out(subject: Subject) -> set[Text]:
    """The organizations that a policy is to keep out: an Allow for others, or a Deny for them."""
    found: set[Text] = set()
    for statement in subject.policy.statements:
        for condition in statement.conditions:
            operator = parse_operator(condition.operator)
            if condition.key.lower() in _ORGANIZATIONS and operator is not None:
                found.update(condition.operands if operator.negated is (statement.effect == ALLOW) else ())
    return found


def names_an_organization(subject: Subject) -> bool:
    """Whether a policy of the same resource names an organization, whichever that is, or may under a condition."""
    document = subject.document
    return bool(
        operands_of(subject.policy.statements, _ORGANIZATIONS)
        | subject.neighbours.operands_on(document.resource_arn, document.logical_id, _ORGANIZATIONS)
    )


def accounts_beside(subject: Subject, statement: Statement) -> frozenset[str]:
    """
    The other accounts whose principals the other statements of a policy let in, or for which they let in services, and
    that are no accounts of AWS; what whoever deploys the template gives is one of these, by its name.
    """
    named: list[Text] = []
    for other in subject.policy.statements:
        if other.effect == ALLOW and other.path != statement.path:
            named += (entry.value for entry in other.principals or () if entry.kind == "AWS")
            named += (o for c in other.conditions if c.key.lower() in _SAYING_WHOSE for o in c.operands)
    given = {one.name for text in named if isinstance(text, Symbolic) for one in text.symbols if one.kind in _GIVEN}
    texts = (str(one) for one in named)
    fields = (one if is_account(one) else one.split(":")[4] for one in texts if is_account(one) or one.count(":") > 4)
    known = {one for one in fields if is_account(one) and one != subject.account and one not in _OF_AWS}
    return frozenset(known | given)


def caller_account(subject: Subject, statement: Statement) -> Demand | None:
    """
    The test of the caller's account by which other statements of the policy let callers in; None without one.

    Beside one that has the test and lets the same callers do the same, a statement without it is for other accounts.
    """
    boundary = subject.config.boundary
    if subject.document.grant is not None or boundary is not None:
        # What is declared says more than a neighbour.
        return None
    testing = [
        (other, (one.operator, one.key, one.operands))
        for other in subject.policy.statements
        if other.effect == ALLOW
        for one in other.conditions
        if one.key.lower() in _ACCOUNTS and one.operator == "StringEquals"
    ]
    does = {*(statement.actions or ())}
    if any(other.principals == statement.principals and does & {*(other.actions or ())} for other, _ in testing):
        return None
    found = {test for _, test in testing}
    # Another account that is let in beside would be kept out by it.
    return found.pop() if len(found) == 1 and not accounts_beside(subject, statement) - _tested_in(found) else None


def _tested_in(demands: Iterable[Demand]) -> frozenset[str]:
    """What some tests ask for."""
    return frozenset(str(operand) for _, _, operands in demands for operand in operands)


def _is_ours(subject: Subject, demands: Sequence[Demand]) -> bool:
    """
    Whether tests of sources name no account but the own one, and those that are declared. An organization for which
    a service delivers is taken to be the own one, as long as nobody has said which that is.
    """
    boundary = subject.config.boundary
    ours = {subject.account, *(() if boundary is None else (*boundary.accounts, *boundary.organizations))}
    asked = (one for one in demands if boundary is not None or one[1].lower() not in _ORGANIZATIONS)
    for operand in (operand for _, _, operands in asked for operand in operands):
        if isinstance(operand, Symbolic):
            if any(one.kind in _GIVEN for one in operand.symbols):
                return False
        elif (operand.split(":")[4] if operand.count(":") > 4 else operand) not in ours:
            return False
    return True


def source_bounds(subject: Subject, statement: Statement, service: str) -> tuple[Demand, ...]:
    """
    For whom the same service may call by another statement, as that one says it: of the same policy, or else of
    another policy of the template.
    """
    own = subject.policy.statements
    for other in own:
        if other.path != statement.path and (found := _bounds(other, service)):
            # With the bound of one that lets the service do the same, a statement would say nothing more.
            written = next((one for one in own if one.path == statement.path), statement)
            return found if _is_ours(subject, found) or not _does_as_much(other, written) else ()
    others = (*own, *subject.neighbours.allowing(service))
    elsewhere = {_bounds(other, service) for other in others if other.path != statement.path}
    elsewhere = {
        demands
        for demands in elsewhere
        if demands
        and (
            service in _OF_ONE_SOURCE
            or (all(k.lower() != _SOURCE for _, k, _ in demands) and _is_ours(subject, demands))
        )
    }
    return elsewhere.pop() if len(elsewhere) == 1 else ()


def _has_no_source(demands: Sequence[Demand]) -> bool:
    return all(key.lower() != _SOURCE for _, key, _ in demands)


def _does_as_much(one: Statement, other: Statement) -> bool:
    """Whether a statement allows the actions of another one, on its resources."""
    return {*(one.actions or ())} >= {*(other.actions or ())} and {*(one.resources or ())} >= {*(other.resources or ())}


def _bounds(statement: Statement, service: str) -> tuple[Demand, ...]:
    named = {str(entry.value) for entry in statement.principals or () if entry.kind == "Service"}
    if statement.effect != ALLOW or service not in named:
        return ()
    found: list[Condition] = list(tests_of_sources(statement))
    if len({one.key.lower() for one in found}) != len(found) or any(map(_is_never_met, found)):
        return ()
    return tuple((one.operator, one.key, one.operands) for one in found)


def _is_never_met(condition: Condition) -> bool:
    """Whether a test asks for a wildcard letter by letter, which the source of no service has."""
    operator = parse_operator(condition.operator)
    exact = operator is not None and operator.base in _EXACT
    return exact and all(set(str(operand)) & set("*?") for operand in condition.operands)


def accounts_apart(subject: Subject) -> tuple[str, ...]:
    """
    The accounts that are declared beside organizations: nobody knows whether these are of one of them, so that a test
    of the organization may keep them out.
    """
    boundary = subject.config.boundary
    if boundary is None or not boundary.organizations:
        return ()
    return tuple(one for one in boundary.accounts if one != subject.account)


def declares_others(subject: Subject) -> bool:
    """Whether a boundary is declared that has more in it than the own account."""
    boundary = subject.config.boundary
    return boundary is not None and bool(boundary.organizations or {*boundary.accounts} - {subject.account})


def accounts_only(subject: Subject) -> tuple[str, ...]:
    """The accounts that are one's own, where nothing but accounts is said to be; empty elsewhere."""
    boundary = subject.config.boundary
    if boundary is None or boundary.organizations or not boundary.accounts or organization(subject) is not None:
        return ()
    return tuple(dict.fromkeys((subject.account, *boundary.accounts)))
