"""
Condition keys with characters that none has.
"""

from __future__ import annotations

import re
from typing import Final

#: Of what stands before the colon of a condition key and behind it; what follows a slash or a second colon is a tag.
_KEY: Final = re.compile(r"[^\w:.*?-]", re.ASCII)
_HEAD: Final = re.compile(r"[^:/]*(?::[^:/]*)?")
#: The keys of an issuer begin with its host, and a path.
_OF_ISSUER: Final = re.compile(r"[^:/]*\.")
_ISSUER: Final = re.compile(r"[^\w:/.~%+=@*?-]", re.ASCII)
#: The global keys have no other signs, and behind a slash those of tags; see below for a tag that is one.
_GLOBAL_KEY: Final = re.compile(
    r"(?is)aws:[^/]*(?:(?-i:[^/A-Za-z0-9])"
    r"|(?<!:principaltag)(?<!:requesttag)(?<!:resourcetag)/.*[^\w\s.:/=+@-])"
)
#: What cannot be in the key of a tag of IAM; other services may have any characters. A comma is a slip of the pen.
_TAG_KEY: Final = re.compile(r"[^\w\s.:/=+@*?,-]|[\x00-\x1f\x7f-\x9f]")
#: What a dynamic reference of CloudFormation begins with.
_DYNAMIC: Final = "{{resolve:"
#: Tags of IAM and STS only, and those of any service.
_TAGS_OF_PEOPLE: Final = ("aws:principaltag/", "iam:resourcetag/")
_TAGS_OF_SERVICES: Final = ("aws:requesttag/", "aws:resourcetag/")


def is_impossible_key(key: str, *, is_of_sts: bool = False) -> bool:
    """
    Whether there are characters in a condition key that none of any service has, but behind a slash in a tag that is
    none of IAM; or a dynamic reference anywhere, since no page says whether CloudFormation fills in one that is no
    value.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html

    Args:
        is_of_sts: whether every request that is asked about is one to AWS STS.
    """
    if _DYNAMIC in key or _GLOBAL_KEY.match(key):
        return True
    if _OF_ISSUER.match(key) and _ISSUER.search(key):
        return True
    if is_tag_of_people(key.lower(), is_of_sts=is_of_sts) and _TAG_KEY.search(key.partition("/")[2]):
        return True
    head = _HEAD.match(key)
    return head is not None and _KEY.search(head[0]) is not None


def is_tag_of_people(key: str, *, is_of_sts: bool) -> bool:
    """Whether a condition key, lower-cased, is a tag of IAM or STS, and of no other service."""
    return key.startswith(_TAGS_OF_PEOPLE) or (is_of_sts and key.startswith(_TAGS_OF_SERVICES))
