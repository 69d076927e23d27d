"""
AssumeRoleWithWebIdentity: a signed token and a deployed provider, or an access token of Facebook or Amazon, and a trust
policy.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from trustproof.aws.condition_keys import NEVER, lookup
from trustproof.aws.oidc_claims import ACCESS_TOKENS, claims
from trustproof.model.request import ROLE_SESSION, WEB_IDENTITY, Caller, ContextValue
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.clock import iso
from trustproof.sandbox.credentials.credentials import iam_of
from trustproof.sandbox.credentials.issuers import ALGORITHMS, BUILT_IN
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.sts import parameters as read
from trustproof.sandbox.sts.role_sessions import (
    DEFAULT_DURATION,
    LONGEST,
    SHORTEST,
    RoleRequest,
    check_duration,
    check_trust,
    find_role,
    open_session,
)

ACTION = "sts:AssumeRoleWithWebIdentity"
#: Seconds that an issuer's clock may be ahead.
LEEWAY = 60
_TAGS = "https://aws.amazon.com/tags"
#: The same in a claim for each, for issuers that can say no more.
_TAG = f"{_TAGS}/principal_tags/"
_TRANSITIVE = f"{_TAGS}/transitive_tag_keys"
#: The name in a condition key of a claim that has another one in tokens.
_ORGANIZATION = "google/organization_number"
_ROLES = "https://aws.amazon.com/roles"
_SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"


#: Claims of ID tokens: it is not documented whether STS makes keys of them where there is only an access token.
_NOT_OF_ACCESS_TOKENS = ("amr", "aud", "oaud", "sub")


@dataclass(frozen=True)
class _Token:
    """A token that was checked."""

    #: Host and path of the issuer.
    host: str
    claims: Mapping[str, Any]
    #: The ARN of the provider, or the host of one that needs none.
    provider: str
    audience: str


def assume_role_with_web_identity(state: State, call: Call) -> dict[str, Any]:
    """Answer AssumeRoleWithWebIdentity."""
    parameters = call.parameters
    arn = read.required_parameter(parameters, "RoleArn")
    session = read.required_parameter(parameters, "RoleSessionName")
    raw = parameters.get("WebIdentityToken")
    if not isinstance(raw, str) or not 4 <= len(raw) <= 20_000:
        raise read.invalid("WebIdentityToken", "*")
    duration = read.duration(parameters, DEFAULT_DURATION, SHORTEST, LONGEST)
    account = arn.split(":")[4]
    named = parameters.get("ProviderId")
    token = _check(state, raw, account) if not named else _check_access_token(state, raw, str(named))
    caller = Caller(WEB_IDENTITY, token.provider)
    role = find_role(arn, ACTION, caller)
    keys = _keys(token)
    asked = RoleRequest(
        role,
        session,
        duration,
        source_identity=read.text({"SourceIdentity": token.claims.get(_SOURCE_IDENTITY)}, "SourceIdentity"),
        keys={
            **keys,
            "sts:roleauthorizedbyidp": "true" if _names_role(token.claims, arn) else "false",
            "aws:federatedprovider": token.provider,
        },
        kept={**_kept(keys), "aws:federatedprovider": token.provider},
        unknown=tuple(f"{token.host}:{claim}" for claim in _NOT_OF_ACCESS_TOKENS if token.host in ACCESS_TOKENS),
    )
    _add_tags(asked, token.claims)
    check_trust(state, call, caller, None, ACTION, asked)
    check_duration(asked)
    answer = open_session(state, call, asked)
    return {
        **answer,
        "SubjectFromWebIdentityToken": str(token.claims.get("sub", "")),
        "Provider": token.provider,
        "Audience": token.audience,
    }


def _invalid(message: str) -> RefusedRequest:
    return RefusedRequest(message, "InvalidIdentityToken")


def _check(state: State, raw: str, account: str) -> _Token:
    header, payload = _parts(raw)
    issuer = payload.get("iss")
    if not isinstance(issuer, str) or not issuer:
        raise _invalid("Missing a required claim: iss")
    host = issuer.removeprefix("https://")
    provider = _provider(account, host)
    if provider is None and host not in BUILT_IN:
        raise _invalid(f"No OpenIDConnect provider found in your account for {issuer}")
    _check_signature(state, raw, header, host.rstrip("/"))
    _check_times(state, payload)
    _check_subject(payload)
    audience = _audience(payload)
    if provider is not None and audience not in provider.client_id_list:
        raise _invalid("Incorrect token audience")
    return _Token(host, payload, host if provider is None else provider.arn, audience)


def _check_access_token(state: State, raw: str, host: str) -> _Token:
    if host not in ACCESS_TOKENS:
        raise Undecided(
            f"what STS says of a ProviderId other than {' and '.join(sorted(ACCESS_TOKENS))} is not known here"
        )
    found = state.issuers.access_token(raw)
    if found is None or found.host != host:
        raise _invalid(f"The access token is none of {host}'s")
    now = state.clock.now()
    if found.expires <= now:
        raise RefusedRequest(
            f"Token expired: current date/time {iso(now)} must be before the expiration date/time {iso(found.expires)}",
            "ExpiredTokenException",
        )
    return _Token(host, {"sub": found.user}, host, found.app)


def _parts(raw: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        unverified = jws.extract_compact(raw.encode())
        payload = json.loads(unverified.payload)
        header = dict(unverified.headers())
    except (JoseError, ValueError, UnicodeError):
        raise _invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        ) from None
    if not isinstance(payload, dict):
        raise _invalid("The ID Token provided is not a valid JWT.")
    return header, payload


def _provider(account: str, host: str) -> Any:
    return next(
        (one for one in iam_of(account).open_id_providers.values() if one.url == host and one.account_id == account),
        None,
    )


def _check_signature(state: State, raw: str, header: Mapping[str, Any], host: str) -> None:
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise _invalid(f"The token is signed with {algorithm!s:.20}, which is not accepted")
    try:
        jws.deserialize_compact(raw, state.issuers.key(host, str(algorithm)), algorithms=[str(algorithm)])
    except (JoseError, ValueError):
        raise _invalid(
            "Couldn't retrieve verification key from your identity provider, please reference "
            "AssumeRoleWithWebIdentity documentation for requirements: the signature is none of the issuer's"
        ) from None


def _check_times(state: State, payload: Mapping[str, Any]) -> None:
    now = state.clock.now()
    for claim in ("exp", "iat"):
        if payload.get(claim) is None:
            raise _invalid(f"Missing a required claim: {claim}")
        if not _is_number(payload[claim]):
            raise _invalid(f"The claim {claim} is no time in seconds since 1970: a number of JSON is expected")
    if payload["exp"] <= now:
        raise RefusedRequest(
            f"Token expired: current date/time {iso(now)} must be before the expiration date/time"
            f" {iso(payload['exp'])}",
            "ExpiredTokenException",
        )
    for claim in ("nbf", "iat"):
        value = payload.get(claim)
        if value is not None and (not _is_number(value) or value > now + LEEWAY):
            raise _invalid(f"The token is not valid yet: {claim}")


def _check_subject(payload: Mapping[str, Any]) -> None:
    """See that a token is of somebody: https://github.com/aws-actions/configure-aws-credentials/issues/502."""
    subject = payload.get("sub")
    if subject is None or subject == "":
        raise _invalid("Missing a required claim: sub")
    if not isinstance(subject, str):
        raise Undecided("how STS reads a claim sub that is no text is not known here")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 32_503_680_000


def _audience(payload: Mapping[str, Any]) -> str:
    """The audience that counts: `azp` where it is there, else `aud`."""
    azp, aud = payload.get("azp"), payload.get("aud")
    if isinstance(azp, str) and azp:
        return azp
    if isinstance(aud, list) and len(aud) == 1:
        aud = aud[0]
    if isinstance(aud, list) and aud:
        raise Undecided("which of several audiences (aud, without azp) becomes the condition key is not documented")
    if not isinstance(aud, str) or not aud:
        raise _invalid("Missing a required claim: aud")
    return aud


def _keys(token: _Token) -> dict[str, ContextValue]:
    """
    The claims that STS makes condition keys of.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
    """
    host = token.host.lower()
    if host in ACCESS_TOKENS:
        app, user = ACCESS_TOKENS[host]
        return {f"{host}:{app}": token.audience, f"{host}:{user}": str(token.claims["sub"])}
    wanted = claims(token.host)
    found: dict[str, ContextValue] = {}
    for name, value in _as_named_in_keys(token.claims, wanted):
        if name.lower() not in wanted or name.lower() in ("aud", "oaud"):
            continue
        key = f"{host}:{name.lower()}"
        if lookup(key).multi:
            found[key] = tuple(str(one) for one in (value if isinstance(value, list) else [value]))
        elif isinstance(value, bool):
            found[key] = "true" if value else "false"
        elif isinstance(value, (str, int, float)):
            found[key] = str(value)
    found[f"{host}:aud"] = token.audience
    aud = token.claims.get("aud")
    # What the token itself says, where the audience that counts may be its `azp`.
    if isinstance(aud, list) and len(aud) == 1:
        aud = aud[0]
    if "oaud" in wanted and isinstance(aud, str):
        found[f"{host}:oaud"] = aud
    return found


def _as_named_in_keys(given: Mapping[str, Any], wanted: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """
    Claims by the names that they have in condition keys.

    Google has the number of the organization in a claim `google`, which the manual of AWS writes with a colon.
    https://cloud.google.com/compute/docs/instances/verifying-instance-identity#payload

    Raises:
        Undecided: a token says it in both ways, and differently.
    """
    yield from ((name, value) for name, value in given.items() if name != _ORGANIZATION)
    if _ORGANIZATION not in wanted:
        return
    group, _, member = _ORGANIZATION.partition("/")
    nested = given.get(group)
    values = [given.get(f"{group}:{member}"), nested.get(member) if isinstance(nested, dict) else None]
    found = [one for one in values if one is not None]
    if len(found) == 2 and found[0] != found[1]:
        raise Undecided(f"which of two claims of a token {_ORGANIZATION} is read from is not documented")
    yield from ((_ORGANIZATION, one) for one in found[:1])


def _kept(keys: Mapping[str, ContextValue]) -> dict[str, ContextValue]:
    return {name: value for name, value in keys.items() if lookup(name).presence(ROLE_SESSION, "") != NEVER}


def _names_role(claims: Mapping[str, Any], arn: str) -> bool:
    """
    Whether the issuer says by the claim of roles that a token is for a role.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_roleauthorizedbyidp

    Raises:
        Refused: `InvalidIdentityToken`, it says that it is for others.
        Undecided: how STS reads the claim is not known.
    """
    if _ROLES not in claims:
        return False
    roles = claims[_ROLES]
    listed = roles.split(";") if isinstance(roles, str) else roles
    if not isinstance(listed, list) or not listed or not all(isinstance(one, str) and one.strip() for one in listed):
        raise Undecided(f"how STS reads a claim {_ROLES} that is no ARN and no list of ARNs is not known here")
    if arn not in listed:
        raise _invalid("The target role ARN is not present in the roles claim of the identity token")
    return True


def _add_tags(asked: RoleRequest, claims: Mapping[str, Any]) -> None:
    """
    Session tags in a token: in one claim, or in a claim for each tag.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
    """
    flat = {name.removeprefix(_TAG): value for name, value in claims.items() if name.startswith(_TAG)}
    given = claims.get(_TAGS)
    if given is not None and (flat or _TRANSITIVE in claims):
        raise Undecided(f"which counts of the claim {_TAGS} and those that begin like it is not documented")
    if given is None:
        if not flat:
            return
        given = {"principal_tags": flat, "transitive_tag_keys": claims.get(_TRANSITIVE)}
    principal = given.get("principal_tags") if isinstance(given, dict) else None
    if not isinstance(principal, dict):
        raise _invalid(f"The claim {_TAGS} has no principal_tags")
    tags: dict[str, str] = {}
    for key, values in principal.items():
        value = values[0] if isinstance(values, list) and len(values) == 1 else values
        if not isinstance(value, str):
            raise _invalid(f"The tag {key} in the claim {_TAGS} has no value of its own")
        read.check_tag(key, value)
        tags[key] = value
    transitive = given.get("transitive_tag_keys") or ()
    listed = [transitive] if isinstance(transitive, str) else transitive
    if not isinstance(listed, (list, tuple)):
        raise _invalid(f"The claim {_TRANSITIVE} is no list of keys")
    asked.tags = tags
    asked.transitive = frozenset(str(key) for key in listed if str(key) in tags)
