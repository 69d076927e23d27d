"""
statement-usable: each Allow statement can be used by somebody.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof._typing import TYPE_CHECKING
from trustproof._verdict import Remedy
from trustproof.engine.question import Region
from trustproof.engine.search import Literal
from trustproof.engine.values import Values, text
from trustproof.engine.world import World
from trustproof.model.document import TRUST
from trustproof.model.keys import STS_ACTIONS, is_misspelt, lookup, names, spelling
from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition, Policy, Statement
from trustproof.model.request import (
    CREDENTIALS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    WEB_IDENTITY,
    Request,
)
from trustproof.properties._base import (
    TRUST_ACTIONS,
    Constraints,
    Finding,
    Property,
    Question,
    Refutation,
    Subject,
    held_by,
    trust_regions,
)
from trustproof.properties._tenants import host_and_claim
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import ANY_RUN, Wild, join
from trustproof.sets.strings import StringSet

#: The kinds of caller that a holder of identity policies can be.
_HOLDERS = {"user": (USER_SESSION_MFA, USER_KEY, USER_SESSION), "role": (ROLE_SESSION, IDENTITY_CENTER)}
#: The kinds of caller a trust policy can let in; the simplest first.
_CALLERS = (
    USER_KEY_MFA,
    USER_KEY,
    USER_SESSION_MFA,
    USER_SESSION,
    ROLE_SESSION,
    IDENTITY_CENTER,
    SERVICE,
    SAML,
    WEB_IDENTITY,
)

if TYPE_CHECKING:
    from trustproof.engine.blame import Blame


#: Beginnings of keys whose values AWS lets have no wildcard.
_WITHOUT_WILDCARDS = ("aws:principaltag/", "aws:requesttag/", "aws:principalorgpaths", "aws:sourceorgpaths")
_PLAIN = StringSet.outside(join(ANY_RUN, wildcard, ANY_RUN) for wildcard in "*?")
_EXACT = ("StringEquals", "StringEqualsIgnoreCase")


class StatementUsable(Property):
    """
    Each Allow statement can be used by some caller.

    Claim:
        For every Allow statement of a trust policy, and every Allow statement with a condition of an identity policy
        that the template attaches to somebody, there is a request that it lets in and that no Deny stops.

    Threat:
        A statement that nobody can use locks out the people it was written for, usually on the day they need it. Then
        somebody "fixes" it by removing the condition.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
         "Action": "sts:AssumeRole",
         "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
         "Action": "sts:AssumeRole"}]}

    Remedy:
        Services, role sessions, SAML and web identities and IAM Identity Center carry no MFA key: ask for MFA where the
        person signs in, and test there what the caller does send.

    Limits:
        Whether a service sends aws:SourceAccount or aws:SourceArn differs from service to service; this property
        assumes that it does.
    """

    ident = "statement-usable"
    summary = "an Allow statement can be used by nobody"
    wants_request = True
    holders = ("user", "group", "role")

    def applies_to(self, subject: Subject) -> bool:
        """Trust policies, and identity policies with a holder."""
        document = subject.document
        return document.kind == TRUST or (subject.holder is not None and not document.is_foreign)

    def concerns(self, statement: Statement) -> bool:
        """Of an identity policy, only statements with a condition can be out of reach."""
        return bool(statement.conditions)

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Anybody at all; of an identity policy, anybody who holds it."""
        plain = _plain_values(subject.policy)
        if subject.holder is not None:
            kinds = _HOLDERS["role" if subject.holder.kind == "role" else "user"]
            held = (*held_by(subject), *plain)
            regions = tuple(Region(World(kind, "", subject.partition, own_name=True), held) for kind in kinds)
            if subject.holder.kind != "role":
                # A GetFederationToken session has what the policies of its user allow.
                federated = text(
                    join("arn:", Wild(":", True, True), f":sts::{subject.account}:federated-user/", ANY_RUN)
                )
                regions += (Region(World(FEDERATED_USER, "", subject.partition), (("caller", federated), *plain)),)
            return (Question(regions, lambda request: True, "usable"),)
        regions = tuple(
            region
            for kind in _CALLERS
            for action in TRUST_ACTIONS[kind]
            for region in trust_regions(subject, kind, action, plain)
        )
        return (Question(regions, lambda request: True, "usable"),)

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Word the request that shows that the statement can be used."""
        statement = refutation.statement
        name = statement.sid or "the statement"
        return Finding(f"{name} can be used by {refutation.request.caller.display_arn}", "", statement.path)

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"each Allow statement of {subject.document.logical_id} can be used"

    def unusable(self, subject: Subject, statement: Statement, blame: Blame | None, request: Request | None) -> Finding:
        """Word a statement that nobody can use."""
        role = subject.document.logical_id
        name = f"statement {statement.sid} of {role}" if statement.sid else f"a statement of {role}"
        message = f"nobody can use {name}"
        if blame is None or request is None:
            return Finding(
                message,
                "no caller that this names can exist",
                (*statement.path, "Principal"),
                (),
                Remedy("name a principal of this partition that can call sts:AssumeRole or one of its relatives"),
            )
        credentials = CREDENTIALS[request.caller.kind]
        if blame.impossible:
            return _impossible(blame.impossible, statement, message, credentials)
        if blame.conflicting:
            literal = blame.conflicting[0]
            label = "this and the other conditions exclude each other"
            path = _path(statement, literal)
            return Finding(
                message,
                label,
                path,
                (f"no request meets {literal.label} and the rest of the statement",),
                Remedy("remove one of the conditions that exclude each other"),
            )
        return Finding(
            message,
            "every request that this allows is denied",
            statement.path,
            ("each request that meets this statement also meets a Deny of the same policy",),
            Remedy("narrow the Deny, or remove this statement"),
        )


def _plain_values(policy: Policy) -> Constraints:
    """
    The keys that are compared with a wildcard, without values that have one: tags, claims and paths of organizations.
    """
    keys = {c.key.lower() for s in policy.statements for c in s.conditions if _has_wildcard(c)}
    out: dict[str, Values] = {}
    for name in sorted(keys):
        key = lookup(name)
        plain = name.startswith(_WITHOUT_WILDCARDS) or bool(host_and_claim(name)[0])
        if plain and key.known and key.type == "string":
            out[f"key:{name}"] = Values(True, CollectionSet(_PLAIN) if key.multi else _PLAIN)
    return tuple(out.items())


def _has_wildcard(condition: Condition) -> bool:
    return any(set(str(operand)) & set("*?") for operand in condition.operands)


def _impossible(literals: tuple[Literal, ...], statement: Statement, message: str, credentials: str) -> Finding:
    literal = literals[0]
    condition = _condition(statement, literal)
    path = _path(statement, literal)
    if literal.dimension == "action":
        return Finding(
            message,
            "this principal cannot call these actions",
            (*statement.path, "Action" if statement.actions is not None else "NotAction"),
            (f"{credentials}: {_calls(statement)}",),
            Remedy("allow the action that this principal calls", (f"+ {_calls(statement)}",)),
        )
    if condition is None:
        return Finding(message, f"never true: {literal.label}", path)
    key = spelling(condition.key)
    if is_misspelt(condition.key):
        from difflib import get_close_matches

        near = get_close_matches(condition.key.lower(), [n.lower() for n in names()], 1)
        remedy = Remedy(f"did you mean {lookup(near[0]).name}?") if near else Remedy("use a key that AWS has")
        return Finding(
            message,
            "no request carries this key",
            path,
            (f"{condition.key} is not a condition key, so {condition.operator} is never true",),
            remedy,
        )
    operator = parse_operator(condition.operator)
    if operator is not None and operator.base in _EXACT and _has_wildcard(condition):
        like = condition.operator.replace("IgnoreCase", "").replace("Equals", "Like")
        return Finding(
            message,
            "a wildcard is an ordinary character here",
            path,
            (f"{condition.operator} compares letter by letter, and no value of {key} has a * or ?",),
            Remedy(f"write the value out in full; a pattern needs {like}, and lets in whatever it matches"),
        )
    lowered = key.lower()
    if lowered in ("aws:multifactorauthpresent", "aws:multifactorauthage"):
        return Finding(
            message,
            "these callers never carry MFA information",
            path,
            (f"{credentials}: {key} is never in the request, so {condition.operator} is false",),
            Remedy(
                "remove the MFA condition here, and ask for MFA where a person signs in",
                (f'- "{condition.operator}": {{"{condition.key}": …}}',),
            ),
        )
    return Finding(
        message,
        "no caller of this kind sends a value that this matches",
        path,
        (f"{credentials}: no value that {key} can have meets {literal.label}",),
        Remedy(f"test a key that this kind of caller sends instead of {key}, or correct the value"),
    )


def _calls(statement: Statement) -> str:
    for entry in (*(statement.principals or ()), *(statement.not_principals or ())):
        if entry.kind == "Federated":
            saml = ":saml-provider/" in str(entry.value)
            return STS_ACTIONS["sts:assumerolewithsaml" if saml else "sts:assumerolewithwebidentity"]
    return STS_ACTIONS["sts:assumerole"]


def _condition(statement: Statement, literal: Literal) -> Condition | None:
    from trustproof.engine.denote import describe

    return next((c for c in statement.conditions if describe(c) == literal.label), None)


def _path(statement: Statement, literal: Literal) -> tuple[str | int, ...]:
    condition = _condition(statement, literal)
    return condition.path if condition is not None and condition.path else statement.path
