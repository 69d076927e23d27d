"""
external-id-required: a third party gets in only with the external id that was agreed on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof._verdict import Remedy
from trustproof.engine.values import Values, text
from trustproof.model.document import TRUST
from trustproof.model.keys import ASSUME_ROLE
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Condition, Path, Statement
from trustproof.model.request import (
    IDENTITY_CENTER,
    ROLE_SESSION,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    Request,
)
from trustproof.model.text import Symbolic, Text
from trustproof.properties._base import (
    Finding,
    Property,
    Question,
    Refutation,
    Subject,
    third_party_accounts,
    trust_regions,
)
from trustproof.properties._words import because
from trustproof.sets.patterns import ANY_RUN, Wild, exact, join
from trustproof.sets.strings import StringSet

_KEY = "sts:externalid"
_CALLERS = (ROLE_SESSION, USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA, IDENTITY_CENTER)


class ExternalIdRequired(Property):
    """
    A declared third party gets credentials of the role only with an agreed external id.

    Claim:
        No request by a principal of a ``[[third-party]]`` is given credentials of the role without
        ``sts:ExternalId``, or with another one than the policy names literally.

    Threat:
        The vendor serves many customers with the same account. Another customer gives the vendor the ARN of your role,
        and the vendor's machines use it for them: a confused deputy. An external id that the vendor generates for each
        customer stops that, if the role insists on it.

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

    def applies_to(self, subject: Subject) -> bool:
        """Trust policies, where a third party is declared."""
        return subject.document.kind == TRUST and bool(subject.config.third_parties)

    def seen(self, subject: Subject) -> Subject:
        """An external id that is given at deployment is some literal; which one does not matter."""
        document = subject.document
        statements = tuple(_with_literal_ids(s) for s in document.policy.statements)
        return subject._replace(document=document._replace(policy=document.policy._replace(statements=statements)))

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Principals of third parties, with no external id or with one that nobody agreed on."""
        vendors = third_party_accounts(subject.config)
        agreed = frozenset(_agreed(subject))
        callers = text(*(join("arn:", Wild(":", True, True), f":iam::{account}:", ANY_RUN) for account in vendors))
        other = Values(True, StringSet.outside(exact(value) for value in sorted(agreed)))
        regions = tuple(
            region
            for kind in _CALLERS
            for region in trust_regions(subject, kind, ASSUME_ROLE, (("caller", callers), (f"key:{_KEY}", other)))
        )
        return (Question(regions, _predicate(frozenset(vendors), agreed), "id"),)

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say which vendor gets in, and with what."""
        request = refutation.request
        account = request.caller.account
        vendor = next((p.name for p in subject.config.third_parties if account in p.accounts), str(account))
        sent = request.context.get(_KEY)
        how = "without an external id" if sent is None else f'with the external id "{sent}"'
        tested = [c for c in refutation.statement.conditions if c.key.lower() == _KEY]
        path: Path = tested[0].path if tested else (*refutation.statement.path, "Principal")
        return Finding(
            f"{vendor} may get credentials of {subject.document.logical_id} {how}",
            "this does not insist on the agreed value" if tested else f"admits {vendor} without an external id",
            path,
            because(refutation, refutation.statement) or ("no condition looks at sts:ExternalId",),
            Remedy(
                "insist on the value that the vendor has generated for you",
                ('+ "Condition": {"StringEquals": {"sts:ExternalId": "..."}}',),
            ),
        )

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"no third party gets credentials of {subject.document.logical_id} without the agreed external id"


def _agreed(subject: Subject) -> list[str]:
    """The external ids that Allow statements name literally."""
    out: set[str] = set()
    for statement in subject.policy.statements:
        for condition in statement.conditions if statement.effect == ALLOW else ():
            operator = parse_operator(condition.operator)
            if condition.key.lower() != _KEY or operator is None or operator.negated:
                continue
            wild = operator.base == "StringLike"
            out.update(o for o in map(str, condition.operands) if not (wild and set(o) & set("*?")))
    return sorted(out)


def _with_literal_ids(statement: Statement) -> Statement:
    return statement._replace(conditions=tuple(map(_with_literal_id, statement.conditions)))


def _with_literal_id(condition: Condition) -> Condition:
    if condition.key.lower() != _KEY:
        return condition

    def literal(operand: Text) -> Text:
        if not isinstance(operand, Symbolic):
            return operand
        return "".join(p if isinstance(p, str) else "given-" + _word(p.name) for p in operand.parts)

    return condition._replace(operands=tuple(literal(operand) for operand in condition.operands))


def _word(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in name)


def _predicate(vendors: frozenset[str], agreed: frozenset[str]) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        return request.caller.account in vendors and request.context.get(_KEY) not in agreed

    return violates
