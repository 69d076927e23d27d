"""
What a SAML metadata document must have before IAM takes it, and before people should trust it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from trustproof_cdk._arguments import arguments

#: Characters, as IAM counts them.
_SHORTEST, _LONGEST = 1000, 10_000_000
_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"


def checked(text: str) -> str:
    """
    The text of a metadata document, if it is that of an identity provider.

    Whether its certificates are valid today is not looked at: the same input gives the same template every day.

    Raises:
        ValueError: what is missing.
    """
    if not isinstance(text, str):
        raise TypeError(f"metadata must be the text of a metadata document, got {text!r}")
    arguments.refuse_no_text(text, "metadata")
    # AD FS writes a byte order mark, and IAM takes none.
    text = text.removeprefix("\ufeff")
    if arguments.is_token(text):
        return text
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise _refused(f"of {_SHORTEST} to {_LONGEST} characters", f"{len(text)} characters")
    # No metadata has one, and entities that are declared in it could grow without end.
    if "<!DOCTYPE" in text:
        raise _refused("without a document type", "one with '<!DOCTYPE'")
    try:
        root = ET.fromstring(text.encode())  # noqa: S314 - without a document type there are no entities
    except ET.ParseError as error:
        raise _refused("in XML", f"text that is none: {error}") from None
    _check(root)
    return text


def _check(root: ET.Element) -> None:
    if root.tag != f"{_METADATA}EntityDescriptor":
        raise _refused("with EntityDescriptor of SAML 2.0 as its root", repr(root.tag))
    if not root.get("entityID"):
        raise _refused("with an entityID", "none")
    provider = root.find(f"{_METADATA}IDPSSODescriptor")
    if provider is None:
        raise _refused("of an identity provider", "one without IDPSSODescriptor")
    keys = [key for key in provider.findall(f"{_METADATA}KeyDescriptor") if key.get("use") in (None, "signing")]
    if not any((found.text or "").strip() for key in keys for found in key.iter(f"{_SIGNATURE}X509Certificate")):
        raise _refused("with a certificate to sign with", "one without X509Certificate in a KeyDescriptor for signing")
    places = [service.get("Location", "") for service in provider.findall(f"{_METADATA}SingleSignOnService")]
    if not places:
        raise _refused("with a place to sign in", "one without SingleSignOnService")
    for place in places:
        if not place.startswith("https://"):
            raise _refused("with HTTPS wherever people sign in", repr(place))


def _refused(accepted: str, received: str) -> ValueError:
    return ValueError(f"metadata must be a SAML metadata document {accepted}, got {received}")
