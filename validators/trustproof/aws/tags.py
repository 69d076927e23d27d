"""
Tags that IAM and AWS STS take: which condition keys are of such tags only, and what their keys and values hold.

https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html
"""

from __future__ import annotations

from trustproof.model.request import SERVICE

#: Characters of the key of a tag, and of its value.
LONGEST_KEY, LONGEST_VALUE = 128, 256
#: The characters of ASCII that stand in no tag. Of others there are letters, digits and separators.
BARRED = "".join(chr(code) for code in range(128) if not (chr(code).isalnum() or chr(code) in " _.:/=+-@"))

#: Of whom the caller is, and of what belongs to IAM.
_ALWAYS = ("aws:principaltag/", "iam:resourcetag/")
#: Begin the condition keys of the tags of a role, lower-cased: the global ones, and IAM's own.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
TAGS_OF_ROLES = ("aws:resourcetag/", "iam:resourcetag/")
#: The same of what has a resource policy: Secrets Manager has its own.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
TAGS_OF_RESOURCES = ("aws:resourcetag/", "secretsmanager:resourcetag/")
#: Of a request, and of what it is about, whatever the service.
_OF_SERVICES = ("aws:requesttag/", "aws:resourcetag/")
_RESERVED = "aws:"
_LISTS = ("aws:tagkeys", "sts:transitivetagkeys")
#: What IAM Roles Anywhere reads from a certificate: what it does with other characters is not documented.
#: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
_OF_CERTIFICATES = "x509"


def tag_of(key: str, kind: str, action: str) -> str | None:
    """
    The key of the tag of which a condition key has the value.

    Args:
        key: the condition key, lower-cased.
        kind: of the caller.
        action: lower-cased; the empty string leaves it open.

    Returns:
        None where it is no tag, or may be one of another service, or of a certificate.
    """
    family, slash, tag = key.partition("/")
    family += slash
    if kind == SERVICE or is_of_certificate(tag):
        return None
    return tag if family in _ALWAYS or (family in _OF_SERVICES and _is_ours(action)) else None


def is_of_certificate(tag: str) -> bool:
    """Whether a tag, given by its key, lower-cased, is one that IAM Roles Anywhere reads from a certificate."""
    return tag.startswith(_OF_CERTIFICATES)


def lists_tags(key: str, kind: str, action: str) -> bool:
    """Whether a condition key, lower-cased, lists keys of tags of a request to IAM or STS."""
    return key in _LISTS and kind != SERVICE and _is_ours(action)


def is_tag_key(text: str) -> bool:
    """Whether there may be a tag with a key; of characters outside of ASCII, all are taken to be letters."""
    return 0 < len(text) <= LONGEST_KEY and not set(text) & set(BARRED)


def is_reserved(text: str) -> bool:
    """
    Whether nobody but AWS sets a tag with a key, or a value, of a text.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
    """
    return text.lower().startswith(_RESERVED)


def _is_ours(action: str) -> bool:
    return action.startswith(("sts:", "iam:"))
