"""
People and machines of identity providers: ask the evaluator of the validator whether a trust policy lets them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.cdk.policies import policy
from trustproof.model.request import SAML, WEB_IDENTITY, Caller, ContextValue, Request
from trustproof.spec.callers import issuer, principal_keys
from trustproof.spec.decision import decide

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Role"
ISSUER = "idp.example.com/tenant"
GITHUB = "token.actions.githubusercontent.com"

#: The least that `SamlProvider` takes for metadata.
METADATA = (
    '<?xml version="1.0"?>'
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/">'
    '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
    '<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>'
    f"<X509Certificate>{'M' * 800}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
    '<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
    'Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor>'
)


def provider(host: str) -> str:
    """The ARN of an OpenID Connect provider in the account."""
    return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"


def lets_token_in(document: dict[str, Any], host: str, claims: Mapping[str, ContextValue]) -> bool:
    """
    Whether a trust policy lets in whoever has a token.

    Args:
        document: the trust policy.
        host: a provider that needs no ARN, or the ARN of one.
        claims: of the token.
    """
    caller = Caller(WEB_IDENTITY, host)
    keys = {f"{issuer(host)}:{claim}".lower(): value for claim, value in claims.items()}
    return _lets_in(document, caller, "sts:AssumeRoleWithWebIdentity", keys)


def lets_assertion_in(document: dict[str, Any], arn: str, keys: Mapping[str, ContextValue]) -> bool:
    """Whether a trust policy lets in whoever has a SAML assertion with these condition keys."""
    return _lets_in(document, Caller(SAML, arn), "sts:AssumeRoleWithSAML", keys)


def _lets_in(document: dict[str, Any], caller: Caller, action: str, keys: Mapping[str, ContextValue]) -> bool:
    context = {**principal_keys(caller), **{key.lower(): value for key, value in keys.items()}}
    return decide(policy(document), Request(caller, action, ROLE, context)).allowed
