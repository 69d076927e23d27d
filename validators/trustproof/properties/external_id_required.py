"""
external-id-required: a third party gets in only with the external id that was agreed on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.config.model import Config
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values, text
from trustproof.model.document import TRUST
from trustproof.model.names import is_made_up
from trustproof.model.operators import parse_operator
from trustproof.model.policy import DENY, Condition, Path, Statement
from trustproof.model.request import (
    IDENTITY_CENTER,
    ROLE_SESSION,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    Request,
)
from trustproof.model.text import Symbol, Symbolic, Text, concat
from trustproof.properties.base import StatementProperty
from trustproof.properties.edits import as_written, change, demand, where
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.sentences import because, unasked_keys
from trustproof.properties.shared.external_ids import literal_external_ids
from trustproof.properties.shared.own_organizations import own_organization
from trustproof.properties.shared.own_stacks import with_callers_of_own_stacks
from trustproof.properties.shared.owned_values import paths_of
from trustproof.properties.shared.regions import (
    Constraints,
    machine_accounts,
    outside_accounts,
    trust_regions,
)
from trustproof.properties.shared.token_subjects import may_be_wild, name_of, wild_value
from trustproof.properties.shared.unique_ids import unique_ids
from trustproof.properties.wording.unique_ids import of_a_third_party
from trustproof.results.result import FOREIGN, Reach, Remedy
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import ANY_RUN, Wildcard, exact, join
from trustproof.sets.strings import StringSet

_KEY, _ORGANIZATION = "sts:externalid", "aws:principalorgid"
#: Stands for an organization that is given at deployment.
_OURS = "o-yourorganization"
_CALLERS = (ROLE_SESSION, USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA, IDENTITY_CENTER)


class ExternalIdRequired(StatementProperty):
    """
    A third party gets credentials of the role only with an agreed external id.

    Claim:
        No request by a principal of a ``[[third-party]]``, or of a vendor that the policy names by an account that is
        publicly known (``aws/vendors.py``), is given credentials of the role without ``sts:ExternalId``, or with
        another one than the policy names literally.

    Threat:
        The vendor serves many customers with the same account. Another customer gives the vendor the ARN of your role,
        and the vendor's machines use it for them: a confused deputy. An external id that the vendor generates for each
        customer stops that, if the role insists on it.

    Severity:
        *error*. What is unknown is a *warning*.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "444455556666"},
         "Action": "sts:AssumeRole",
         "Condition": {"StringEqualsIfExists": {"sts:ExternalId": "customer-0815"}}}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "444455556666"},
         "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"sts:ExternalId": "customer-0815"}}}]}

    Remedy:
        Allow with ``StringEquals`` ``sts:ExternalId`` and the literal value: without wildcards, and with an operator
        that is false when the caller sends none.

    Limits:
        AWS does not treat external ids as secrets. Only the vendor can make them unique, one for each customer. A value
        that is given at deployment counts as literal.
    """

    ident = "external-id-required"
    summary = "a third party gets in without the agreed external id"
    of_roles = True
    takes_names = True
    reach: ClassVar[Reach] = FOREIGN

    def may_concern(self, resource_type: str, config: Config) -> bool:
        """Roles, where a third party is declared; nobody is named by what cannot be read."""
        return bool(config.third_parties) and super().may_concern(resource_type, config)

    def applies_to(self, subject: Subject) -> bool:
        """Trust policies, where a third party is declared or named."""
        return subject.document.kind == TRUST and bool(machine_accounts(subject))

    def normalize(self, subject: Subject) -> Subject:
        """An external id that is given at deployment is some literal; which one does not matter."""
        subject = with_callers_of_own_stacks(subject)
        document = subject.document
        statements = tuple(with_literal_ids(s) for s in document.policy.statements)
        return subject._replace(document=document._replace(policy=document.policy._replace(statements=statements)))

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Principals of third parties, with no external id or with one that nobody agreed on."""
        vendors = sorted(machine_accounts(subject))
        callers = text(*(join("arn:", Wildcard(":", True, True), f":iam::{account}:", ANY_RUN) for account in vendors))
        others = StringSet.outside(literal_external_ids(subject))
        constraints = (("caller", callers), (key_dimension(_KEY), Values(True, others)), *_elsewhere(subject))
        named = unique_ids(subject.policy)
        # Whoever else gets in is shown first: of a unique id nobody knows whose it is, but for those of the template.
        asked = [(named, "living")] if named else []
        own = tuple(ident for ident in named if is_made_up(ident))
        return tuple(
            Question(
                tuple(
                    region
                    for kind in _CALLERS
                    for region in trust_regions(
                        subject, kind, ASSUME_ROLE, (*constraints, *outside_accounts((), spared))
                    )
                ),
                _predicate(frozenset(vendors), others, spared),
                about,
            )
            for spared, about in (*asked, (own, "id"))
        )

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """Of values for an external id a wildcard is asked about; an organization is taken for ours."""
        if place == _ORGANIZATION:
            boundary = subject.config.boundary
            return boundary.organizations[0] if boundary is not None and boundary.organizations else _OURS
        return wild_value(symbol) if place == _KEY else None

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say which vendor gets in, and with what."""
        request = refutation.request
        account = request.caller.account
        vendor = machine_accounts(subject).get(str(account), str(account))
        if refutation.about == "id" and request.caller.userid.partition(":")[0] in unique_ids(subject.policy):
            return of_a_third_party(refutation, subject.document.logical_id, vendor)
        sent = request.context.get(_KEY)
        how = "without an external id" if sent is None else f'with the external id "{sent}"'
        written = as_written(subject, refutation.statement)
        tested = [c for c in written.conditions if c.key.lower() == _KEY]
        path: Path = tested[0].path if tested else (*refutation.statement.path, "Principal")
        message = f"{vendor} may get credentials of {subject.document.logical_id} {how}"
        why = (
            *because(refutation, refutation.statement, subject.policy),
            *unasked_keys(subject.policy, (_KEY,), "sts:ExternalId"),
        )
        form = where(subject, refutation.statement)
        if not tested and (missed := _missed_deny(refutation)) is not None:
            deny = as_written(subject, missed)
            asking = [c for c in deny.conditions if c.key.lower() == _KEY]
            label = "this Deny does not stop the vendor"
            named = _named(asking, negated=True)
            edits = change(deny, asking, (("StringNotEquals", "sts:ExternalId", named),)) if named else ()
            return Finding(
                message, label, asking[0].path, why, Remedy(_insisting("StringNotEquals", named) + form, edits)
            )
        named = _named(tested)
        demanded = ("StringEquals", "sts:ExternalId", named)
        edits = demand(subject, refutation.statement, demanded) if named else ()
        label = "this does not insist on the agreed value" if tested else f"admits {vendor} {how}"
        text = _insisting("StringEquals", named) + form
        if not edits and (own := _beside_others(written, str(account))):
            text = f"give {own} a statement of its own, and {text}"
        return Finding(message, label, path, why, Remedy(text, edits))

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"no third party gets credentials of {subject.document.logical_id} without the agreed external id"


def _elsewhere(subject: Subject) -> Constraints:
    """A third party is in no organization of ours, or it would not be one."""
    boundary = subject.config.boundary
    organizations = (*(boundary.organizations if boundary is not None else ()), *own_organization(subject))
    if _names_unknown_organization(subject):
        organizations = (*organizations, _OURS)
    if not organizations:
        return ()
    paths = StringSet.outside(paths_of(organization) for organization in organizations)
    return (
        (key_dimension(_ORGANIZATION), Values(True, StringSet.outside(exact(o) for o in organizations))),
        ("key:aws:principalorgpaths", Values(True, CollectionSet(paths))),
    )


def _names_unknown_organization(subject: Subject) -> bool:
    """Whether a policy asks for an organization that is given at deployment, or has been filled in for that."""
    return any(
        isinstance(operand, Symbolic) or operand == _OURS
        for statement in subject.policy.statements
        for condition in statement.conditions
        if condition.key.lower() == _ORGANIZATION
        for operand in condition.operands
    )


def _missed_deny(refutation: Refutation) -> Statement | None:
    """A Deny that only its condition on the external id keeps from stopping the vendor."""
    for explanation in refutation.decision.explanations:
        missed = [found.condition.key.lower() for found in explanation.conditions if not found.matched]
        if explanation.statement.effect == DENY and explanation.principal and explanation.action and missed == [_KEY]:
            return explanation.statement
    return None


def _named(conditions: Sequence[Condition], *, negated: bool = False) -> tuple[Text, ...]:
    """
    The external ids that conditions name as the agreed ones; none where a pattern admits others too, of which nobody
    knows which one the vendor passes.
    """
    operators = ((c, parse_operator(c.operator)) for c in conditions if c.operator.lower() != "null")
    named = [condition for condition, operator in operators if operator is not None and operator.negated is negated]
    operands = dict.fromkeys(operand for condition in named for operand in condition.operands)
    if any("like" in c.operator.lower() and set(str(o)) & set("*?") for c in named for o in c.operands):
        return ()
    return tuple(o for o in operands if len(str(o)) > 1 and not set(str(o)) & set("*?"))


def _insisting(operator: str, named: Sequence[Text]) -> str:
    """What to do: in a diff, nothing can stand for a value that only the vendor knows, or it would be locked out."""
    what = "insist on the value that the vendor has generated for you"
    return what if named else f"{what}: test sts:ExternalId with {operator} for it"


def _beside_others(statement: Statement, account: str) -> str:
    """The principals of an account, where a statement lets in others too, who pass no external id; else empty."""
    entries = statement.principals or ()
    own = [entry for entry in entries if entry.kind == "AWS" and account in str(entry.value)]
    return " and ".join(str(entry.value) for entry in own) if len(own) < len(entries) else ""


def with_literal_ids(statement: Statement) -> Statement:
    """A statement in which an external id that is given at deployment is some literal."""
    return statement._replace(conditions=tuple(map(_with_literal_id, statement.conditions)))


def _with_literal_id(condition: Condition) -> Condition:
    if condition.key.lower() != _KEY:
        return condition

    def literal(operand: Text) -> Text:
        if not isinstance(operand, Symbolic):
            return operand
        return concat(part if isinstance(part, str) or may_be_wild(part) else name_of(part) for part in operand.parts)

    return condition._replace(operands=tuple(literal(operand) for operand in condition.operands))


def _predicate(vendors: frozenset[str], others: StringSet, spared: Sequence[str] = ()) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        if request.caller.userid.partition(":")[0] in spared:
            return False
        sent = request.context.get(_KEY)
        return request.caller.account in vendors and (not isinstance(sent, str) or sent in others)

    return violates
