"""
Facts about tags in a request's context: which keys and values they have, that they are listed, and where none are
documented.

https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.aws import published
from trustproof.aws.condition_keys import lookup
from trustproof.aws.tags import LONGEST_KEY, LONGEST_VALUE, lists_tags, tag_of
from trustproof.model.request import Request

_REQUEST_TAG = "aws:requesttag/"
#: What stands in tags besides letters and digits; other separators than the space are outside of ASCII.
_BETWEEN = " _.:/=+-@"


def tag_faults(request: Request) -> list[str]:
    """Reasons why the tags in the context cannot stand in one request."""
    return [*_pairs(request), *_texts(request)]


def undocumented_tags(request: Request) -> list[str]:
    """
    The condition keys of passed tags, lower-cased, that a request carries though the reference lists none such for its
    action.
    """
    prefix, _, name = request.action.lower().partition(":")
    service = published.service(prefix)
    action = None if service is None else service.actions.get(name)
    listed = {key.partition("/")[0].lower() for key in (() if action is None else action.keys)}
    carried = (key for key, value in request.context.items() if value != ())
    passed = (key for key in carried if key.startswith(_REQUEST_TAG) or key == "aws:tagkeys")
    return sorted(key for key in passed if key.partition("/")[0] not in listed)


def _pairs(request: Request) -> list[str]:
    """Session tags are pairs: each has its ``aws:RequestTag`` key, and ``aws:TagKeys`` lists them all."""
    if not request.action.lower().startswith("sts:"):
        return []
    pairs = {name.removeprefix(_REQUEST_TAG) for name in request.context if name.startswith(_REQUEST_TAG)}
    listed = {key.lower() for key in request.context.get("aws:tagkeys", ())}
    return [] if pairs == listed else ["aws:TagKeys lists exactly the tags that aws:RequestTag keys carry"]


def _texts(request: Request) -> Iterator[str]:
    kind, action = request.caller.kind, request.action.lower()
    for name, value in sorted(request.context.items()):
        values = value if isinstance(value, tuple) else (value,)
        tag = tag_of(name, kind, action)
        if tag is not None:
            if not _stands(tag, 1, LONGEST_KEY):
                yield f"{tag!r} is the key of no tag"
            if not all(_stands(one, 0, LONGEST_VALUE) for one in values):
                yield f"{value!r} is no value of {lookup(name).name}"
        elif lists_tags(name, kind, action) and not all(_stands(one, 1, LONGEST_KEY) for one in values):
            yield f"{value!r} are no keys of tags"


def _stands(text: str, least: int, most: int) -> bool:
    """Whether a text may be in a tag; of characters outside of ASCII, all are taken to be letters."""
    return least <= len(text) <= most and all(not one.isascii() or one.isalnum() or one in _BETWEEN for one in text)
