"""
SAML providers of other accounts: who gets in by one is up to the account that has it.

Whether a role may name a provider of another account the manual does not say; it is taken to be possible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof.aws.condition_keys import ASSUME_ROLE_WITH_SAML
from trustproof.model.arn import Arn, is_account
from trustproof.model.policy import ALLOW, Policy
from trustproof.model.request import SAML, Request
from trustproof.model.text import Symbolic, Text
from trustproof.properties.question import Question, Subject
from trustproof.properties.shared.boundary_questions import FOREIGN, UNDECLARED, inside
from trustproof.properties.shared.regions import outside_accounts, trust_regions


def provider_questions(subject: Subject) -> Sequence[Question]:
    """
    Does somebody get in by a provider of an account that is neither the role's nor declared?

    Nothing is asked where nobody says which account is the role's or which others are one's own: a provider is most
    often of the role's own account (see `own_providers`).
    """
    if subject.config.boundary is None and not subject.account_known:
        return ()
    return _asked(subject, UNDECLARED if subject.config.boundary is None else FOREIGN)


def own_providers(subject: Subject) -> Sequence[tuple[str, Sequence[Question]]]:
    """What a proof rests on where nobody says whose account the role or the provider is in."""
    if subject.config.boundary is not None or subject.account_known:
        return ()
    asked = _asked(subject, UNDECLARED)
    account = next(iter(_outside(subject)), "")
    return [(f"this rests on {account}, of which the SAML provider is, being the account of the role", asked)] * bool(
        asked
    )


def provider_account(request: Request) -> str:
    """The account of the provider by which a request comes."""
    found = Arn.parse(request.caller.arn)
    return found.account if found is not None else ""


def _asked(subject: Subject, about: str) -> Sequence[Question]:
    if not _outside(subject):
        return ()
    accounts, _ = inside(subject)
    regions = trust_regions(subject, SAML, ASSUME_ROLE_WITH_SAML, outside_accounts(accounts))
    return (Question(regions, _outsider(frozenset(accounts)), about),)


def _outsider(accounts: frozenset[str]) -> Callable[[Request], bool]:
    return lambda request: request.caller.kind == SAML and provider_account(request) not in accounts


def _outside(subject: Subject) -> list[str]:
    """The accounts of providers that a policy lets in by, without those inside."""
    accounts, _ = inside(subject)
    return sorted(_accounts(subject.policy).difference(accounts))


def _accounts(policy: Policy) -> set[str]:
    entries = (e.value for s in policy.statements if s.effect == ALLOW for e in s.principals or () if _is_saml(e.value))
    found = {one for value in entries for one in map(_account, _written(value))}
    return found - {""}


def _written(value: Text) -> Sequence[str]:
    """The ARNs that an entry may be; of one of which only a part is known, that part."""
    if not isinstance(value, Symbolic):
        return (str(value),)
    first = value.parts[0]
    return (*value.choices, first if isinstance(first, str) else "")


def _is_saml(value: Text) -> bool:
    return any(":saml-provider/" in one for one in _written(value))


def _account(text: str) -> str:
    found = Arn.parse(text)
    is_provider = found is not None and found.resource.startswith("saml-provider/") and is_account(found.account)
    return found.account if found is not None and is_provider else ""
