"""
AssumeRoleWithSAML: a signed assertion, a deployed provider, a trust policy.

Only the element that is signed is read; what stands around it is to be as SAML has it, or the call is undecided.
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from lxml import etree
from signxml.exceptions import InvalidInput, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from trustproof.aws.condition_keys import NEVER, lookup
from trustproof.aws.saml_attributes import ATTRIBUTE_KEYS
from trustproof.model.request import ROLE_SESSION, SAML, Caller, ContextValue
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.clock import iso
from trustproof.sandbox.credentials.credentials import iam_of
from trustproof.sandbox.credentials.saml_documents import (
    ASSERTION,
    AUDIENCE,
    BEARER,
    METADATA,
    PROTOCOL,
    SIGNATURE,
    SUCCESS,
    parse_xml,
)
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
from trustproof.spec.callers import saml_doc

ACTION = "sts:AssumeRoleWithSAML"
_OF_AWS = "https://aws.amazon.com/SAML/Attributes/"
_NS = {"saml": ASSERTION, "samlp": PROTOCOL, "md": METADATA, "ds": SIGNATURE}
_ENDPOINT_END = "signin.aws.amazon.com/saml"
_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"


@dataclass
class _Assertion:
    """What a signed assertion says."""

    issuer: str
    subject: str
    subject_type: str
    recipient: str
    expires: float
    attributes: dict[str, list[str]] = field(default_factory=dict)
    session_expires: float | None = None

    def one(self, name: str) -> str | None:
        """The value of one of AWS's attributes."""
        values = self.attributes.get(_OF_AWS + name)
        return values[0] if values else None


def assume_role_with_saml(state: State, call: Call) -> dict[str, Any]:
    """Answer AssumeRoleWithSAML."""
    parameters = call.parameters
    arn = read.required_parameter(parameters, "RoleArn")
    provider_arn = read.required_parameter(parameters, "PrincipalArn")
    account = arn.split(":")[4]
    provider = iam_of(account).saml_providers.get(provider_arn.rpartition("/")[2])
    if provider is None or provider.arn != provider_arn:
        raise _invalid("Specified provider doesn't exist")
    assertion = _check(state, str(parameters.get("SAMLAssertion") or ""), str(provider.saml_metadata_document))
    if not any(_pair(value) == {arn, provider_arn} for value in assertion.attributes.get(_OF_AWS + "Role", ())):
        raise RefusedRequest(
            "Not authorized to perform sts:AssumeRoleWithSAML: the assertion does not name this role and provider",
            "AccessDenied",
            403,
        )
    session = assertion.one("RoleSessionName")
    if session is None:
        raise _invalid(f"RoleSessionName is required in AuthnResponse (attribute {_OF_AWS}RoleSessionName)")
    caller = Caller(SAML, provider_arn)
    role = find_role(arn, ACTION, caller)
    keys = _keys(assertion, provider_arn)
    asked = RoleRequest(
        role,
        read.required_parameter({"RoleSessionName": session}, "RoleSessionName"),
        _duration(parameters, assertion),
        source_identity=read.text({"SourceIdentity": assertion.one("SourceIdentity")}, "SourceIdentity"),
        keys=keys,
        kept={**_kept(keys), "aws:federatedprovider": provider_arn},
        latest=assertion.session_expires,
    )
    _add_tags(asked, assertion)
    check_trust(state, call, caller, None, ACTION, asked)
    check_duration(asked)
    answer = open_session(state, call, asked)
    return {
        **answer,
        "Subject": assertion.subject,
        "SubjectType": assertion.subject_type,
        "Issuer": assertion.issuer,
        "Audience": assertion.recipient,
        "NameQualifier": keys["saml:namequalifier"],
    }


def _invalid(message: str) -> RefusedRequest:
    return RefusedRequest(message, "InvalidIdentityToken")


def _pair(value: str) -> set[str]:
    return {one.strip() for one in value.split(",")}


def _check(state: State, encoded: str, metadata: str) -> _Assertion:
    try:
        document = parse_xml(base64.b64decode(encoded, validate=True))
        issuer, certificates = _metadata(metadata)
    except (ValueError, binascii.Error):
        raise _invalid("Invalid base64 SAMLResponse, or its XML or that of the provider's metadata") from None
    element = _signed(state, document, certificates)
    assertion = _read(element)
    if assertion.issuer != issuer:
        raise _invalid("Issuer not present in specified provider")
    _check_conditions(state, element, assertion)
    doubt = next(_doubts(document, element, assertion), None)
    if doubt is not None:
        raise Undecided(f"{doubt}, and what AWS does with such a response is not documented")
    return assertion


def _doubts(document: etree._Element, element: etree._Element, assertion: _Assertion) -> Iterator[str]:
    """
    What of a response is not as SAML has it.

    https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf, 2.3.3 and 3.2
    """
    if document.get("Version") != "2.0" or element.get("Version") != "2.0":
        yield "the Version of the response or of its assertion is not 2.0"
    if [one.get("Value") for one in document.iterfind("./samlp:Status/samlp:StatusCode", _NS)] != [SUCCESS]:
        yield "the Status of the response is not Success"
    if document.get("Destination", assertion.recipient) != assertion.recipient:
        yield "the Destination of the response is not the Recipient of its assertion"
    if document.find("./saml:Issuer", _NS) is not None and _text(document, "./saml:Issuer") != assertion.issuer:
        yield "the Issuer of the response is not that of its assertion"
    if len(list(document.iter(f"{{{ASSERTION}}}Assertion", f"{{{ASSERTION}}}EncryptedAssertion"))) != 1:
        yield "the response has more than one assertion"


def _metadata(text: str) -> tuple[str, list[x509.Certificate]]:
    """The name of an identity provider, and the certificates it signs with."""
    root = parse_xml(text.encode())
    found = [
        x509.load_der_x509_certificate(base64.b64decode(certificate.text or ""))
        for descriptor in root.iterfind(".//md:IDPSSODescriptor/md:KeyDescriptor", _NS)
        if descriptor.get("use", "signing") == "signing"
        for certificate in descriptor.iterfind(".//ds:X509Certificate", _NS)
    ]
    return str(root.get("entityID")), found


def _signed(state: State, document: etree._Element, certificates: list[x509.Certificate]) -> etree._Element:
    """The signed assertion, as the verifier returns it."""
    if document.tag != f"{{{PROTOCOL}}}Response":
        raise _invalid("Invalid SAML response: no Response")
    locations = ["./"] if document.find("./ds:Signature", _NS) is not None else []
    locations += [f"./{{{ASSERTION}}}Assertion/"]
    for certificate in certificates:
        for location in locations:
            config = SignatureConfiguration(
                location=location, verification_time=state.clock.moment().replace(tzinfo=None)
            )
            try:
                result = XMLVerifier().verify(document, x509_cert=certificate, expect_config=config)
            except (InvalidSignature, InvalidInput, ValueError):
                continue
            found = None if isinstance(result, list) else _assertion_in(result.signed_xml)
            if found is not None:
                return found
    raise _invalid("Response signature invalid")


def _assertion_in(element: Any) -> etree._Element | None:
    if element is None:
        return None
    if element.tag == f"{{{ASSERTION}}}Assertion":
        return element
    found = element.findall("./saml:Assertion", _NS)
    return found[0] if element.tag == f"{{{PROTOCOL}}}Response" and len(found) == 1 else None


def _text(element: etree._Element, path: str) -> str:
    """The whole text of an element: a comment inside does not cut it short."""
    found = element.find(path, _NS)
    return "" if found is None else "".join(str(one) for one in found.itertext(with_tail=False)).strip()


def _read(element: etree._Element) -> _Assertion:
    subject = element.find("./saml:Subject/saml:NameID", _NS)
    confirmation = element.find(
        f"./saml:Subject/saml:SubjectConfirmation[@Method='{BEARER}']/saml:SubjectConfirmationData", _NS
    )
    if subject is None or confirmation is None:
        raise _invalid("The assertion has no Subject with a NameID and a bearer confirmation")
    attributes: dict[str, list[str]] = {}
    for attribute in element.iterfind("./saml:AttributeStatement/saml:Attribute", _NS):
        values = attributes.setdefault(str(attribute.get("Name")), [])
        values += [
            "".join(map(str, one.itertext())).strip() for one in attribute.iterfind("./saml:AttributeValue", _NS)
        ]
    statement = element.find("./saml:AuthnStatement", _NS)
    until = None if statement is None else statement.get("SessionNotOnOrAfter")
    return _Assertion(
        _text(element, "./saml:Issuer"),
        _text(element, "./saml:Subject/saml:NameID"),
        _subject_type(str(subject.get("Format", ""))),
        str(confirmation.get("Recipient", "")),
        _moment(confirmation.get("NotOnOrAfter")),
        attributes,
        None if until is None else _moment(until),
    )


def _subject_type(name_format: str) -> str:
    short = name_format.removeprefix(_FORMAT)
    return short if short in ("persistent", "transient") else name_format


def _moment(text: str | None) -> float:
    if text is None:
        raise _invalid("The assertion lacks NotOnOrAfter")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _invalid("The assertion has a date that is none") from None
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()


def _check_conditions(state: State, element: etree._Element, assertion: _Assertion) -> None:
    now = state.clock.now()
    conditions = element.find("./saml:Conditions", _NS)
    ends = [assertion.expires]
    if conditions is not None:
        if conditions.get("NotBefore") is not None and _moment(conditions.get("NotBefore")) > now:
            raise _invalid(f"The assertion is not valid yet: current date/time {iso(now)}")
        if conditions.get("NotOnOrAfter") is not None:
            ends.append(_moment(conditions.get("NotOnOrAfter")))
    if min(ends) <= now:
        raise RefusedRequest(
            f"Token must be redeemed before its expiration: current date/time {iso(now)}", "ExpiredTokenException"
        )
    audiences = [
        "".join(map(str, one.itertext())).strip()
        for one in element.iterfind("./saml:Conditions/saml:AudienceRestriction/saml:Audience", _NS)
    ]
    if not any(one == AUDIENCE or one.endswith(_ENDPOINT_END) for one in audiences):
        raise _invalid("The assertion is not for AWS: its Audience is another")
    if not assertion.recipient:
        raise _invalid("The assertion has no Recipient")


def _keys(assertion: _Assertion, provider_arn: str) -> dict[str, ContextValue]:
    """
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml
    """
    account, _, name = saml_doc(provider_arn).partition("/")
    digest = hashlib.sha1(f"{assertion.issuer}{account}/{name}".encode(), usedforsecurity=False).digest()
    keys: dict[str, ContextValue] = {
        "saml:aud": assertion.recipient,
        "saml:iss": assertion.issuer,
        "saml:sub": assertion.subject,
        "saml:sub_type": assertion.subject_type,
        "saml:namequalifier": base64.b64encode(digest).decode(),
    }
    for attribute, values in assertion.attributes.items():
        key = ATTRIBUTE_KEYS.get(attribute)
        if key is not None and values:
            keys[f"saml:{key.lower()}"] = tuple(values) if lookup(f"saml:{key}").multi else values[0]
    return keys


def _kept(keys: Mapping[str, ContextValue]) -> dict[str, ContextValue]:
    return {name: value for name, value in keys.items() if lookup(name).presence(ROLE_SESSION, "") != NEVER}


def _duration(parameters: Mapping[str, Any], assertion: _Assertion) -> int:
    """The shorter of `DurationSeconds` and the assertion's `SessionDuration`."""
    asked = read.duration(parameters, DEFAULT_DURATION, SHORTEST, LONGEST)
    given = assertion.one("SessionDuration")
    if given is None:
        return asked
    if not given.isascii() or not given.isdigit():
        raise _invalid("SessionDuration in the assertion is no number")
    granted = read.duration({"DurationSeconds": int(given)}, DEFAULT_DURATION, SHORTEST, LONGEST)
    return min(asked, granted) if parameters.get("DurationSeconds") is not None else granted


def _add_tags(asked: RoleRequest, assertion: _Assertion) -> None:
    """
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-saml
    """
    prefix = _OF_AWS + "PrincipalTag:"
    tags: dict[str, str] = {}
    for name, values in assertion.attributes.items():
        if name.startswith(prefix) and values:
            key = name.removeprefix(prefix)
            read.check_tag(key, values[0])
            tags[key] = values[0]
    asked.tags = tags
    transitive = assertion.attributes.get(_OF_AWS + "TransitiveTagKeys", ())
    asked.transitive = frozenset(key for key in transitive if key in tags)
