"""
What stands around a resource policy and keeps callers out of what it allows, as statements that deny.

Such settings stand next to the policy, on both sides of a comparison likewise, so that what is let in since one is gone
is found, and replayed, like anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.document import RESOURCE, Document
from trustproof.model.policy import DENY, Condition, Guard, Policy, Principal, Statement
from trustproof.properties import registry
from trustproof.properties.base import StatementProperty
from trustproof.properties.question import Inquiry, Refutation
from trustproof.properties.shared.boundary_questions import public_question
from trustproof.properties.shared.public_policy import REFUSING, is_settled
from trustproof.proving.answers import Proof
from trustproof.proving.prover import Prover

#: What a public policy comes to by a setting: it is refused, or lets in nobody of another account.
_REFUSED, _RESTRICTED = "refused", "restricted"
#: What a document is called that says what settings deny; `kept_private` has them in words.
SURROUNDINGS = "SETTINGS"
_CALLER_ACCOUNT = "aws:PrincipalAccount"
#: Whoever sends no credentials has this for an account.
_NOBODY = Condition("StringEquals", _CALLER_ACCOUNT, ("anonymous",))
#: Callers without credentials are neither.
_NO_SERVICE = Condition("BoolIfExists", "aws:PrincipalIsAWSService", ("false",))
_PRIVATE = ("PRIVATE",)
_NOT_FROM_A_VPC = Condition("Null", "aws:SourceVpc", ("true",))
#: What a document has around it: what a public policy comes to, whether a VPC, whether signatures are asked for.
Kind: TypeAlias = "tuple[str, bool, bool]"


class OuterLimits(NamedTuple):
    """
    What the settings around a document keep out.
    """

    denies: tuple[Statement, ...]
    #: Whether some of it is not known.
    is_open: bool
    #: Whether the policy is one that is refused at deployment.
    is_refused: bool


def kinds(documents: Iterable[Document]) -> frozenset[tuple[Kind, tuple[Guard, ...]]]:
    """What documents have around them, each with the conditions of it where these matter."""
    found = {(_kind(one), one.guards) for one in documents if one.kind == RESOURCE}
    alike = {kind for kind, _ in found}
    return frozenset((kind, ()) for kind in alike) if len(alike) == 1 else frozenset(found)


def _kind(document: Document) -> Kind:
    kept = document.kept_private
    comes_to = "" if not kept else _REFUSED if kept.startswith(REFUSING) else _RESTRICTED
    return comes_to, is_called_from_vpcs(document), document.signed_only


def is_called_from_vpcs(document: Document) -> bool:
    """
    Whether nobody calls what a policy is about but from a VPC: so it is of every private API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
    """
    return bool(document.in_vpc) or document.endpoint_types == _PRIVATE


def around(context: TemplateContext, document: Document) -> OuterLimits:
    """
    What the settings around a document keep out.

    A policy that is refused gives nobody anything; only that nobody of another account gets in is said of it, as of one
    that is restricted. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    comes_to, in_vpc, signed_only = _kind(document)
    denies: list[Statement] = []
    if in_vpc:
        denies.append(_deny(document.guards, _NOT_FROM_A_VPC))
    if signed_only:
        denies.append(_deny(document.guards, _NOBODY))
    if not comes_to:
        return OuterLimits(tuple(denies), False, False)
    public, is_open = _public(context, document)
    outside = (_NO_SERVICE, Condition("StringNotEquals", _CALLER_ACCOUNT, (context.account,)))
    denies += [_deny(guards, *outside) for guards in dict.fromkeys(one.guards for one in public)]
    return OuterLimits(tuple(denies), is_open, bool(public) and comes_to == _REFUSED)


def documents_around(context: TemplateContext, document: Document) -> tuple[tuple[Document, ...], str]:
    """
    What the settings around a document deny, as a document beside it; and why that is not known, empty where it is.
    """
    found = around(context, document)
    settings = " and ".join(filter(None, (document.kept_private, document.in_vpc)))
    if found.is_open or any(set(one.guards) - set(document.guards) for one in found.denies):
        return (), f"whether it lets in others in spite of {settings}"
    if not found.denies:
        return (), ""
    policy = Policy(tuple(one._replace(guards=()) for one in found.denies))
    ways = {
        "it is a private API": document.endpoint_types == _PRIVATE,
        "it takes signed requests only": document.signed_only,
    }
    said = settings or " and ".join(way for way, is_so in ways.items() if is_so)
    return (document._replace(policy=policy, name=SURROUNDINGS, kept_private=said, path=(), is_foreign=True),), ""


def kept_by_settings(context: TemplateContext, document: Document) -> tuple[Document, ...]:
    """
    What settings against public policies deny of those whom a policy names: by one that is refused no service gets in
    either, unless it calls for the account of the policy.
    """
    found, _ = documents_around(context, document) if document.kept_private else ((), "")
    if not around(context, document).is_refused:
        return found
    return tuple(
        one._replace(policy=Policy(tuple(map(_of_services_too, one.policy.statements)), path=one.policy.path))
        for one in found
    )


def _of_services_too(statement: Statement) -> Statement:
    return statement._replace(conditions=tuple(one for one in statement.conditions if one != _NO_SERVICE))


def _deny(guards: tuple[Guard, ...], *conditions: Condition) -> Statement:
    everybody = (Principal("*", "*"),)
    return Statement(DENY, principals=everybody, actions=("*",), resources=("*",), conditions=conditions, guards=guards)


def _public(context: TemplateContext, document: Document) -> tuple[Sequence[Statement], bool]:
    """The statements that make a policy public, and whether that is not known of others."""
    asked = registry.find("inside-boundary")
    assert isinstance(asked, StatementProperty)
    subject = asked.normalize(context.subject(document))
    prover = Prover(subject, Inquiry("public", lambda about, index: (public_question(about),)), context.deployments)
    public: list[Statement] = []
    is_open = False
    for index in prover.compiled.allow_indices:
        statement = subject.policy.statements[index]
        answer = prover.settle(index)
        if isinstance(answer, Refutation) and is_settled(subject, statement):
            public.append(statement)
        elif not isinstance(answer, Proof):
            is_open = True
    return public, is_open
