"""
The test keys of token issuers and of SAML identity providers, and what they sign.

A deployed OpenID Connect provider names an issuer by its URL, and AWS fetches the issuer's keys from there. Here every
issuer has a key that the sandbox made: nobody else's tokens are taken. A SAML provider holds the certificate of its
identity provider, so the sandbox can sign only for those whose metadata it has written.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from trustproof.aws.oidc_claims import ACCESS_TOKENS
from trustproof.sandbox.clock import Clock
from trustproof.sandbox.credentials.credentials import iam_of
from trustproof.sandbox.credentials.saml_documents import assertion_document, metadata_document, tamper
from trustproof.sandbox.errors import SandboxError
from trustproof.sandbox.moto.iam import iam_backends

#: Issuers that IAM knows without a provider in the account.
BUILT_IN = ("accounts.google.com", "cognito-identity.amazonaws.com")
#: What tokens may be signed with.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@dataclass(frozen=True)
class TokenRequest:
    """
    A token to be made.

    Args:
        issuer: the URL, with or without `https://`.
        audience: `aud`; the app of an access token of `ACCESS_TOKENS`.
        subject: `sub`; the user of an access token.
        claims: further claims; text, or a list of texts. An access token has none.
        expires_in: seconds; negative for a token that has expired.
        bad_signature: signed by a key that is not the issuer's; an access token that its issuer does not know.
        algorithm: one of `ALGORITHMS`, or `none`; nothing to an access token.
    """

    issuer: str
    audience: str
    subject: str
    claims: Mapping[str, Any]
    expires_in: int = 300
    bad_signature: bool = False
    algorithm: str = "RS256"


@dataclass(frozen=True)
class AccessToken:
    """
    What an issuer of OAuth 2.0 says of an access token, which says nothing by itself.
    """

    host: str
    app: str
    user: str
    #: Seconds since 1970.
    expires: float


@dataclass(frozen=True)
class AssertionRequest:
    """
    A SAML response to be made.

    Args:
        provider: the name under which `Issuers.new_provider` made the identity provider.
        role: ARN of the role to be assumed.
        provider_arn: ARN of the SAML provider in IAM.
        session: the role session name.
        recipient: where the response is presented.
        expires_in: seconds; negative for an assertion that has expired.
        tampered: changed after it was signed.
        attributes: further attributes by their full SAML names.
    """

    provider: str
    role: str
    provider_arn: str
    session: str
    recipient: str = "https://signin.aws.amazon.com/saml"
    expires_in: int = 300
    tampered: bool = False
    attributes: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True)
class _IdentityProvider:
    entity_id: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


class Issuers:
    """
    Everybody whose signature the sandbox can make.

    Args:
        clock: by which tokens and assertions expire.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._keys: dict[tuple[str, str], RSAKey | ECKey] = {}
        self._providers: dict[str, _IdentityProvider] = {}
        self._access_tokens: dict[str, AccessToken] = {}

    def key(self, host: str, algorithm: str) -> RSAKey | ECKey:
        """The key with which an issuer signs, one for each kind of key."""
        kind = _CURVES.get(algorithm, "RSA")
        with self._lock:
            if (host, kind) not in self._keys:
                self._keys[host, kind] = _new_key(algorithm)
            return self._keys[host, kind]

    def token(self, wanted: TokenRequest) -> str:
        """
        A signed token, or an access token of an issuer that has only these.

        Raises:
            SandboxError: no account has a provider for the issuer, or the algorithm is none.
        """
        # Some issuers end in a slash (Entra ID, Auth0), which is a part of what they are called.
        named = wanted.issuer.removeprefix("https://")
        host = named.rstrip("/")
        if host in ACCESS_TOKENS:
            return self._new_access_token(host, wanted)
        if not any(_same_host(host, one) for one in (*BUILT_IN, *_registered())):
            raise SandboxError(f"no account has an OpenID Connect provider for {wanted.issuer}")
        if wanted.algorithm not in (*ALGORITHMS, "none"):
            raise SandboxError(f"{wanted.algorithm} is no algorithm for tokens: {', '.join(ALGORITHMS)} or none")
        now = int(self._clock.now())
        claims = {
            "iss": f"https://{named}",
            "aud": wanted.audience,
            "sub": wanted.subject,
            "iat": min(now, now + wanted.expires_in) - 1,
            "nbf": min(now, now + wanted.expires_in) - 1,
            "exp": now + wanted.expires_in,
            "jti": secrets.token_hex(16),
            **wanted.claims,
        }
        header = {"alg": wanted.algorithm, "typ": "JWT"}
        if wanted.algorithm == "none":
            return f"{_encoded(header)}.{_encoded(claims)}."
        key = _new_key(wanted.algorithm) if wanted.bad_signature else self.key(host, wanted.algorithm)
        return jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=list(ALGORITHMS))

    def access_token(self, raw: str) -> AccessToken | None:
        """What its issuer says of an access token; nothing of one that it does not know."""
        return self._access_tokens.get(raw)

    def _new_access_token(self, host: str, wanted: TokenRequest) -> str:
        if wanted.claims:
            raise SandboxError(
                f"an access token of {host} has no claims: its app is the audience, its user the subject"
            )
        raw = f"{host}|{secrets.token_hex(32)}"
        if not wanted.bad_signature:
            expires = self._clock.now() + wanted.expires_in
            self._access_tokens[raw] = AccessToken(host, wanted.audience, wanted.subject, expires)
        return raw

    def new_provider(self, name: str) -> str:
        """
        The metadata of an identity provider, for CreateSAMLProvider; the same again for a name that it has had.
        """
        with self._lock:
            if name not in self._providers:
                entity_id = f"https://idp.example.com/{name}"
                key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
                self._providers[name] = _IdentityProvider(entity_id, key, self._certificate(name, key))
            found = self._providers[name]
        der = found.certificate.public_bytes(serialization.Encoding.DER)
        return metadata_document(found.entity_id, base64.b64encode(der).decode())

    def assertion(self, wanted: AssertionRequest) -> str:
        """
        A signed response, base64-encoded as AssumeRoleWithSAML takes it.

        Raises:
            SandboxError: no identity provider of that name was made here.
        """
        with self._lock:
            provider = self._providers.get(wanted.provider)
        if provider is None:
            raise SandboxError(
                f"no identity provider {wanted.provider!r} was made here: see `sandbox assertion --new-provider`"
            )
        now = self._clock.moment().replace(microsecond=0)
        expires = now + timedelta(seconds=wanted.expires_in)
        document = assertion_document(
            issuer=provider.entity_id,
            subject=wanted.session,
            recipient=wanted.recipient,
            not_before=min(now, expires) - timedelta(seconds=1),
            expires=expires,
            attributes={
                "https://aws.amazon.com/SAML/Attributes/Role": [f"{wanted.role},{wanted.provider_arn}"],
                "https://aws.amazon.com/SAML/Attributes/RoleSessionName": [wanted.session],
                **{name: list(values) for name, values in (wanted.attributes or {}).items()},
            },
            key=provider.key,
            certificate=provider.certificate,
        )
        return base64.b64encode(tamper(document) if wanted.tampered else document).decode()

    def _certificate(self, name: str, key: rsa.RSAPrivateKey) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}.idp.example.com"[:64])])
        now = self._clock.moment()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=3_650))
            .sign(key, hashes.SHA256())
        )


def _new_key(algorithm: str) -> RSAKey | ECKey:
    curve = _CURVES.get(algorithm)
    return RSAKey.generate_key(2_048) if curve is None else ECKey.generate_key(curve)


def _encoded(part: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _registered() -> list[str]:
    return [
        str(provider.url) for account in list(iam_backends) for provider in iam_of(account).open_id_providers.values()
    ]


def _same_host(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")
