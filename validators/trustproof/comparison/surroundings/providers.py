"""
Identity providers and grants of keys that are not what they were.

An identity provider takes tokens that are for one of the audiences it registers, and refuses others before any trust
policy is asked: a Deny of all other audiences, that stands on both sides of a comparison next to each trust policy.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.aws.condition_keys import ASSUME_ROLE_WITH_WEB_IDENTITY
from trustproof.comparison.gains import OpenQuestion, StatementGain, are_written, deciding_policies, scene_of
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.subjects.sides import ComparisonSide, NamedTemplate
from trustproof.comparison.subjects.subjects import Subject
from trustproof.comparison.wording import position
from trustproof.engine.allowance import spend
from trustproof.inputs.reader import Input
from trustproof.model.document import TRUST
from trustproof.model.policy import DENY, Condition, Principal, Statement
from trustproof.model.request import WEB_IDENTITY
from trustproof.proving.excess import excess
from trustproof.proving.sides import Side
from trustproof.results.difference import GAINED, LOST, Undecided, Where

#: What CDK's OpenIdConnectProvider makes with a function of its own, and ours.
_OIDC = ("AWS::IAM::OIDCProvider", "Custom::AWSCDKOpenIdConnectProvider")
_CLIENTS = ("ClientIdList", "ClientIDList")
#: Types and properties that decide who gets in, whose values are only told apart, to what they are.
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSAMLProvider.html
#: https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html
_NAMED = {
    **{
        (type_, "ThumbprintList"): "the thumbprints of the identity provider, by which its issuer is known"
        for type_ in _OIDC
    },
    **{(type_, name): "the audiences of the identity provider" for type_ in _OIDC for name in _CLIENTS},
    (
        "AWS::IAM::SAMLProvider",
        "SamlMetadataDocument",
    ): "the metadata of the identity provider, whose keys sign",
    ("Trustproof::KMS::Grant", "RetiringPrincipal"): "who may retire the grant (retiring_principal)",
}


#: What stands before the issuer in the ARN of an identity provider.
AT_PROVIDERS = ":oidc-provider/"
#: Units of an allowance to read both sides of a trust policy.
_ASKED = 400


class Audiences(NamedTuple):
    """
    The audiences that an identity provider registers, on both sides.
    """

    #: Of the issuer, with its path: what the provider is called.
    issuer: str
    #: The account of the template; None where it is not known.
    account: str | None
    #: The one template whose roles it is for; None where no other template has a provider of this name.
    label: str | None
    #: None where they are not known.
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None

    def why(self, direction: str) -> str:
        """The change, in words."""
        now, was = (self.after or (), self.before or ())
        first, other = (now, was) if direction == GAINED else (was, now)
        more = [one for one in first if one not in other]
        side = "new" if direction == GAINED else "old"
        listed = ", ".join(f'"{one}"' for one in more)
        return f"the identity provider {self.issuer} takes tokens for {listed} on the {side} side only"


def audiences(new: ComparisonSide, old: ComparisonSide) -> list[Audiences]:
    """The identity providers of both sides that do not register the same audiences, or of which that is not known."""
    after, before = (dict(_registered(side)) for side in (new, old))
    out: list[Audiences] = []
    for key, now in after.items():
        if key in before and now != before[key]:
            account, issuer, label = key
            others = [one for one in after if one[:2] == key[:2]]
            out.append(Audiences(issuer, account, label if len(others) > 1 else None, before[key].known, now.known))
    return out


def by_audience(pair: Pair, found: Audiences, renamed: Mapping[str, str]) -> Iterator[StatementGain | OpenQuestion]:
    """
    What a trust policy gives tokens for other audiences, and gives them no more.

    Args:
        renamed: logical ids of the new side to those that the same roles have on the old side.
    """
    new, old = pair
    if new is None or old is None or not trusts(new, found):
        return
    if found.after is None or found.before is None:
        yield OpenQuestion(new, (f"which audiences the identity provider {found.issuer} registers is not known",))
        return
    doubts: list[str] = []
    spend(_ASKED)
    for direction, first, other, registered in (
        (GAINED, new, old, (found.after, found.before)),
        (LOST, old, new, (found.before, found.after)),
    ):
        mine = _beside(first, first.side(other, renamed), found.issuer, registered[0])
        # What the policies say otherwise is compared by itself.
        theirs = _beside(first, first.side(other, renamed), found.issuer, registered[1])
        scene = scene_of(first)._replace(callers=(WEB_IDENTITY,))
        for one in excess(mine, theirs, scene, in_pieces=are_written(first)):
            if one.requests:
                yield StatementGain(direction, first, one, deciding_policies(mine), {}, (found.why(direction),))
            doubts += () if one.requests else one.doubts
    if doubts:
        yield OpenQuestion(new, tuple(dict.fromkeys(doubts)))


def trusts(subject: Subject, found: Audiences) -> bool:
    """Whether it is a trust policy that names an identity provider."""
    if subject.kind != TRUST or found.label not in (None, subject.label):
        return False
    return subject.context.template.account == found.account and bool(_principals(subject, found.issuer))


def told_apart(new: ComparisonSide, old: ComparisonSide, compared: Collection[str]) -> Iterator[Undecided]:
    """
    What decides who gets in, is not the same on both sides, and is not compared.

    Args:
        compared: the identity providers that some trust policy names.
    """
    there = {named.label: named.template for named in old.templates}
    for named in new.templates:
        if (other := there.get(named.label)) is None:
            continue
        before = _resources(other)
        for logical_id, resource in _resources(named.template).items():
            for (type_, name), what in _NAMED.items():
                if resource["Type"] != type_ or before.get(logical_id, {}).get("Type") != type_:
                    continue
                now, was = (_properties(one).get(name) for one in (resource, before[logical_id]))
                if _told(now) != _told(was) and not (name in _CLIENTS and _issuer(resource) in compared):
                    yield _undecided(new, named, logical_id, type_, name, f"{what}: not what it was, and not compared")


def _undecided(
    side: ComparisonSide, named: NamedTemplate, logical_id: str, type_: str, name: str, why: str
) -> Undecided:
    template, path = named.template, ("Resources", logical_id, "Properties", name)
    shown = template.presentation.types.get(logical_id, type_)
    return Undecided(
        Where(side.shown(template.name), logical_id, shown, None, template.account, position(side, template, path)),
        (why,),
    )


class _Registered(NamedTuple):
    written: str
    known: tuple[str, ...] | None


def _registered(side: ComparisonSide) -> Iterator[tuple[tuple[str | None, str, str], _Registered]]:
    for named in side.templates:
        for resource in _resources(named.template).values():
            properties, issuer = _properties(resource), _issuer(resource)
            if resource["Type"] not in _OIDC or not issuer:
                continue
            listed = next((properties[name] for name in _CLIENTS if name in properties), [])
            written = listed if isinstance(listed, list) else [listed]
            known = tuple(sorted(one for one in written if isinstance(one, str)))
            key = (named.template.account, issuer, named.label)
            # What is not known is the same where it is written alike.
            yield key, _Registered(_told(listed), known if len(known) == len(written) else None)


def _told(value: object) -> str:
    """A value as it is written, but for the order of a list."""
    if isinstance(value, list):
        return "\n".join(sorted(json.dumps(one, sort_keys=True, default=str) for one in value))
    return json.dumps(value, sort_keys=True, default=str)


def _issuer(resource: Mapping[str, object]) -> str:
    """What an identity provider is called; empty where that is not known."""
    url = _properties(resource).get("Url")
    return url.removeprefix("https://").rstrip("/") if isinstance(url, str) else ""


def _resources(template: Input) -> dict[str, Mapping[str, object]]:
    found = template.written(("Resources",))
    everything = found.items() if isinstance(found, Mapping) else ()
    return {str(name): one for name, one in everything if isinstance(one, Mapping) and isinstance(one.get("Type"), str)}


def _properties(resource: Mapping[str, object]) -> Mapping[str, object]:
    found = resource.get("Properties")
    return found if isinstance(found, Mapping) else {}


def _principals(subject: Subject, issuer: str) -> tuple[Principal, ...]:
    """The principals of a trust policy that are an identity provider of its account."""
    found = (
        principal
        for document in subject.documents
        for statement in document.policy.statements
        for principal in statement.principals or ()
    )
    end = f"{AT_PROVIDERS}{issuer}"
    return tuple(dict.fromkeys(one for one in found if one.kind == "Federated" and str(one.value).endswith(end)))


def _beside(subject: Subject, side: Side, issuer: str, registered: Sequence[str]) -> Side:
    """A trust policy next to what an identity provider refuses."""
    conditions = (Condition("StringNotEquals", f"{issuer}:aud", tuple(registered)),) if registered else ()
    refused = Statement(
        DENY,
        principals=_principals(subject, issuer),
        actions=(ASSUME_ROLE_WITH_WEB_IDENTITY,),
        conditions=conditions,
    )
    return side._replace(
        policies=tuple(policy._replace(statements=(*policy.statements, refused)) for policy in side.policies)
    )
