"""
The two documents of SAML that AWS knows: the metadata of an identity provider, and the signed response.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
#: Who assertions for AWS are for.
AUDIENCE = "urn:amazon:webservices"
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"


def parse_xml(text: bytes) -> etree._Element:
    """
    Parse without entities, without a network, without a limit lifted.

    Raises:
        ValueError: it is no XML, or has a document type.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from None
    if root.getroottree().docinfo.doctype:
        raise ValueError("a document type is not accepted")
    return root


def metadata_document(entity_id: str, certificate: str) -> str:
    """
    The metadata of an identity provider.

    Args:
        entity_id: its name, a URI.
        certificate: base64 of the DER form.
    """
    root = etree.Element(f"{{{METADATA}}}EntityDescriptor", nsmap={None: METADATA, "ds": SIGNATURE})
    root.set("entityID", entity_id)
    sso = etree.SubElement(root, f"{{{METADATA}}}IDPSSODescriptor")
    sso.set("protocolSupportEnumeration", PROTOCOL)
    descriptor = etree.SubElement(sso, f"{{{METADATA}}}KeyDescriptor")
    descriptor.set("use", "signing")
    info = etree.SubElement(descriptor, f"{{{SIGNATURE}}}KeyInfo")
    data = etree.SubElement(info, f"{{{SIGNATURE}}}X509Data")
    etree.SubElement(data, f"{{{SIGNATURE}}}X509Certificate").text = certificate
    etree.SubElement(sso, f"{{{METADATA}}}NameIDFormat").text = PERSISTENT
    for binding in (_REDIRECT, _POST):
        service = etree.SubElement(sso, f"{{{METADATA}}}SingleSignOnService")
        service.set("Binding", binding)
        service.set("Location", f"{entity_id}/sso")
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return text.decode()


def assertion_document(
    *,
    issuer: str,
    subject: str,
    recipient: str,
    not_before: datetime,
    expires: datetime,
    attributes: Mapping[str, Sequence[str]],
    key: rsa.RSAPrivateKey,
    certificate: x509.Certificate,
) -> bytes:
    """A response whose assertion is signed."""
    begin, end = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (not_before, expires))
    assertion = etree.Element(f"{{{ASSERTION}}}Assertion", nsmap={"saml": ASSERTION})
    assertion.set("ID", f"_{secrets.token_hex(16)}")
    assertion.set("Version", "2.0")
    assertion.set("IssueInstant", begin)
    _add(assertion, "Issuer", issuer)
    # The signer puts the signature where this stands.
    etree.SubElement(assertion, f"{{{SIGNATURE}}}Signature", nsmap={"ds": SIGNATURE}).set("Id", "placeholder")
    about = _add(assertion, "Subject")
    _add(about, "NameID", subject).set("Format", PERSISTENT)
    confirmation = _add(about, "SubjectConfirmation")
    confirmation.set("Method", BEARER)
    data = _add(confirmation, "SubjectConfirmationData")
    data.set("NotOnOrAfter", end)
    data.set("Recipient", recipient)
    conditions = _add(assertion, "Conditions")
    conditions.set("NotBefore", begin)
    conditions.set("NotOnOrAfter", end)
    _add(_add(conditions, "AudienceRestriction"), "Audience", AUDIENCE)
    authentication = _add(assertion, "AuthnStatement")
    authentication.set("AuthnInstant", begin)
    context = _add(authentication, "AuthnContext")
    _add(context, "AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport")
    statement = _add(assertion, "AttributeStatement")
    for name, values in attributes.items():
        attribute = _add(statement, "Attribute")
        attribute.set("Name", name)
        for value in values:
            _add(attribute, "AttributeValue", value)
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    signed = signer.sign(assertion, key=key, cert=[certificate], reference_uri=f"#{assertion.get('ID')}")
    response = etree.Element(f"{{{PROTOCOL}}}Response", nsmap={"samlp": PROTOCOL})
    response.set("ID", f"_{secrets.token_hex(16)}")
    response.set("Version", "2.0")
    response.set("IssueInstant", begin)
    response.set("Destination", recipient)
    etree.SubElement(response, f"{{{ASSERTION}}}Issuer", nsmap={"saml": ASSERTION}).text = issuer
    status = etree.SubElement(response, f"{{{PROTOCOL}}}Status")
    etree.SubElement(status, f"{{{PROTOCOL}}}StatusCode").set("Value", SUCCESS)
    response.append(signed)
    text: bytes = etree.tostring(response)
    return text


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{ASSERTION}}}{name}")
    element.text = text
    return element


def tamper(document: bytes) -> bytes:
    """A response that was changed after it was signed: it names another subject."""
    root = parse_xml(document)
    for name in root.iter(f"{{{ASSERTION}}}NameID"):
        name.text = f"{name.text}-changed"
    text: bytes = etree.tostring(root)
    return text
