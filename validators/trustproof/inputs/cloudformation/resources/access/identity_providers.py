"""
Whose tokens, assertions and certificates the identity providers take that a template makes.

Whoever makes the provider says whose keys count: a policy that trusts it says nothing of that. An issuer of one's own
is told by its address, since AWS asks that for its keys; what has no address is told by the SHA-256 of what signs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from trustproof.aws.oidc_issuers import OWN_GITHUB, tenancy
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.policies.named_values import UNREADABLE, values_at
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM
from trustproof.inputs.reader import ExternalTemplate
from trustproof.model.declarations import ISSUERS
from trustproof.model.text import Symbol, Symbolic, Text

#: What IAM Identity Center takes tokens of: a resource of another language's, with its arguments.
TOKEN_ISSUER = "Trustproof::TrustedTokenIssuer"
#: Types to the place of an issuer. What CDK's OpenIdConnectProvider makes with a function of its own comes second.
_OIDC = {
    "AWS::IAM::OIDCProvider": "Url",
    "Custom::AWSCDKOpenIdConnectProvider": "Url",
    "AWS::Cognito::IdentityPool": "CognitoIdentityProviders/ProviderName",
    TOKEN_ISSUER: "trusted_token_issuer_configuration/oidc_jwt_configuration/issuer_url",
}
#: A property of a provider whose issuer is that of a cluster which its template does not make, and looks up.
IS_OF_CLUSTER = "IsOfCluster"
#: Issuers of AWS's that are told apart by an id behind the host. One that the template makes has no id yet.
_EKS = re.compile(
    r"oidc\.eks\.[^/]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws|<AWS::URLSuffix>)/id/(?P<id>.+)", re.IGNORECASE
)
#: What a cluster has after it was made, and what a plan knows of one that is there.
ISSUER_OF_CLUSTER = "OpenIdConnectIssuerUrl"
_EKS_ID = re.compile(r"[0-9A-F]{32}", re.IGNORECASE)
_USER_POOL = re.compile(r"cognito-idp\.[^/]+\.(?:amazonaws\.com(?:\.cn)?|<AWS::URLSuffix>)/(?P<id>.+)", re.IGNORECASE)
#: An unknown part of a text, as it is shown.
_UNKNOWN = re.compile(r"<[^<>]*>")
#: What a configuration takes for an issuer.
_DECLARABLE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:/[^\s*?\\/\"<>]+)*")
_XML_CERTIFICATE = re.compile(r"<(?:\w+:)?X509Certificate\b[^<>]{0,200}>([^<]+)</")
_PEM_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----([^-]+)-----END")
_SSH_KEY = re.compile(r"\b(?:ssh|ecdsa|sk)-\S+\s+(\S+)")

#: Types with what signs in a text, to where that is, where in the text, what it is called, and what it is
#: that counts when it is signed so.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
_SIGNING = {
    "AWS::IAM::SAMLProvider": ("SamlMetadataDocument", _XML_CERTIFICATE, "metadata", "assertions"),
    "AWS::RolesAnywhere::TrustAnchor": (
        "Source/SourceData/X509CertificateData",
        _PEM_CERTIFICATE,
        "authority",
        "certificates",
    ),
    "AWS::IoT::CACertificate": ("CACertificatePem", _PEM_CERTIFICATE, "authority", "certificates"),
    "AWS::Transfer::User": ("SshPublicKeys", _SSH_KEY, "list of keys", "connections"),
}
#: Types that say whose tokens, assertions and certificates are taken, to the places that say it.
SAYS_WHO_SIGNS: Mapping[str, str] = {**_OIDC, **{type_: place for type_, (place, *_) in _SIGNING.items()}}


def identity_providers(resolver: Resolver) -> Iterator[ExternalTemplate]:
    """
    The identity providers of a template, but for those whose issuer is its own or signs for everybody: what the latter
    sign is told apart by policies.

    Args:
        resolver: of the template that has them.
    """
    environment = resolver.environment
    own = _clusters(resolver)
    for logical_id, resource in environment.resources.items():
        type_ = str(resource.get("Type"))
        properties = environment.properties(logical_id)
        if type_ in _OIDC:
            # CloudFormation refuses such a property, but not one of a custom resource, which takes any.
            is_of_cluster = type_.startswith("AWS::") and properties.get(IS_OF_CLUSTER)
            urls = [] if is_of_cluster else [*values_at(resolver, properties, _OIDC[type_])]
            if _are_unread(properties, urls):
                yield _unread(f"an issuer of {logical_id}", logical_id)
            # A trusted token issuer has no policy that tells apart whom it signs for.
            found = [foreign_issuer(url, own, is_told_apart=type_ != TOKEN_ISSUER) for url in urls]
            yield from (_issuer_of(logical_id, issuer) for issuer in found if issuer)
        elif type_ in _SIGNING:
            place, pattern, called, signed = _SIGNING[type_]
            texts = [*values_at(resolver, properties, place)]
            if _are_unread(properties, texts):
                yield _unread(f"the {called} of {logical_id}", logical_id)
            digests = {one: None for text in texts for one in _digests(text, pattern)}
            if digests:
                which = f"says whose {signed} are taken"
                yield ExternalTemplate(f"the {called} of {logical_id}", "", which, _table(digests), logical_id)


def _are_unread(properties: Mapping[str, object], texts: Iterable[Text]) -> bool:
    """
    Whether one of the values of a property cannot be read, or a macro makes it; of properties that a macro makes as a
    whole, that is said. Whoever deploys the template chooses what it asks for.
    """
    if TRANSFORM in properties:
        return False
    return any(
        text == UNREADABLE or any(isinstance(part, Symbol) and part.name.startswith(TRANSFORM) for part in text.parts)
        for text in texts
        if isinstance(text, Symbolic)
    )


def _unread(what: str, logical_id: str) -> ExternalTemplate:
    """What nobody can read says who signs."""
    return ExternalTemplate(what, "", "cannot be read, and signs for whom it likes", resource=logical_id)


def _issuer_of(logical_id: str, issuer: str) -> ExternalTemplate:
    # Of an address that is not known to its end, what is above that is declared.
    known = issuer
    while (unknown := _UNKNOWN.search(known)) and "/" in known[: unknown.start()]:
        known = known[: unknown.start()].rpartition("/")[0]
    declarable = _table((known,)) if _DECLARABLE.fullmatch(known) else ()
    return ExternalTemplate(
        f"the issuer of {logical_id} ({issuer})", "", "signs for whom it likes", declarable, logical_id
    )


def _table(idents: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((ISSUERS, ident) for ident in idents)


def _clusters(resolver: Resolver) -> frozenset[str]:
    """The issuers of the clusters of the template that are there already, as a plan of Terraform knows them."""
    environment = resolver.environment
    return frozenset(
        _without_scheme(str(issuer)).lower()
        for logical_id, resource in environment.resources.items()
        if resource.get("Type") == "AWS::EKS::Cluster"
        for issuer in values_at(resolver, environment.properties(logical_id), ISSUER_OF_CLUSTER)
    )


def _without_scheme(url: str) -> str:
    host, slash, path = re.sub(r"^https?://", "", url.strip(), flags=re.IGNORECASE).rstrip("/").partition("/")
    return (host if _UNKNOWN.search(host) else host.lower()) + slash + path


def foreign_issuer(url: Text, clusters: Collection[str], *, is_told_apart: bool = True) -> str:
    """
    The host and path of an issuer of which the template does not say whose it is; empty where it is the template's
    own, is given at deployment, or signs for everybody.

    Args:
        clusters: the issuers of clusters that are one's own.
        is_told_apart: whether policies tell apart for whom an issuer signs that signs for everybody.
    """
    shown = _without_scheme(str(url))
    host, _, _ = shown.partition("/")
    if not _UNKNOWN.sub("", host).strip("."):
        return ""
    for pattern in (_EKS, _USER_POOL):
        if found := pattern.fullmatch(shown):
            # An id with unknown parts is that of what the template makes, or of what whoever deploys it says.
            made_up = _UNKNOWN.search(shown) or (pattern is _EKS and not _EKS_ID.fullmatch(found["id"]))
            return "" if made_up or shown.lower() in clusters else shown
    told_apart = tenancy(shown)
    # A host that only begins like that of EKS is anybody's.
    own = not is_told_apart or told_apart.own or told_apart is OWN_GITHUB or shown.lower().startswith("oidc.eks.")
    return shown if own else ""


def _digests(text: Text, pattern: re.Pattern[str]) -> Iterator[str]:
    """
    The SHA-256 of each certificate or key in a text; of the whole text where something else stands in it. Of an empty
    one there is none: that is the default of a parameter for what is given at deployment.
    """
    whole = text if isinstance(text, str) else "".join(part for part in text.parts if isinstance(part, str))
    if isinstance(text, Symbolic) and not set(whole) & set("<-"):
        return
    for found in pattern.findall(whole) or filter(str.strip, (whole,)):
        try:
            told = base64.b64decode("".join(found.split()), validate=True)
        except (binascii.Error, ValueError):
            told = found.encode(errors="replace")
        yield f"sha256:{hashlib.sha256(told).hexdigest()}"
