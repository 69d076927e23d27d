"""
What the mappings of all services share: tags in a request, the account in an ARN, roles that are passed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.model.request import ContextValue
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.requests.wire import Call

_ROLE = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:role/\S+")
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
#: The families of keys of tags in requests.
TAGS_OF_REQUEST = ("aws:requesttag/", "aws:tagkeys")


def account_in(arn: str) -> str | None:
    """The account of an ARN; None where it has none."""
    fields = arn.split(":", 5)
    return fields[4] if len(fields) == 6 and _ACCOUNT.fullmatch(fields[4]) else None


def region_in(arn: str) -> str | None:
    """The Region of an ARN; None where it has none."""
    fields = arn.split(":", 5)
    return fields[3] or None if len(fields) == 6 else None


def tag_keys(tags: Mapping[str, str], names: tuple[str, ...] = ()) -> dict[str, ContextValue]:
    """
    The condition keys of tags that a request carries.

    Args:
        tags: by their keys.
        names: keys of tags without values, of requests that take tags away.
    """
    keys: dict[str, ContextValue] = {f"aws:requesttag/{key.lower()}": value for key, value in tags.items()}
    listed = (*tags, *names)
    if listed:
        keys["aws:tagkeys"] = listed
    return keys


def tags_in(parameters: Mapping[str, Any]) -> dict[str, str] | None:
    """
    The tags that a request carries, in the forms that most services have; None where they are in another form.
    """
    found: dict[str, str] = {}
    for name, value in parameters.items():
        lowered = name.lower()
        if lowered in ("tags", "tag", "tagset", "taglist"):
            read = _tags(value)
            if read is None:
                return None
            found |= read
        elif lowered == "tagspecifications" or lowered == "tagspecification":
            for specification in value or ():
                read = _tags(specification.get("Tags") or ())
                if read is None:
                    return None
                found |= read
        elif "tag" in lowered and lowered not in ("tagkeys", "tagkeylist", "stage", "etag"):
            return None
    return found


def tags_by_type(parameters: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """
    The tags that a request to EC2 gives to what it makes, by the types of that: `instance`, `volume`.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
    """
    found: dict[str, dict[str, str]] = {}
    for specification in parameters.get("TagSpecifications") or ():
        type_ = str(specification.get("ResourceType") or "")
        found[type_] = {**found.get(type_, {}), **(_tags(specification.get("Tags") or ()) or {})}
    return found


def _tags(value: Any) -> dict[str, str] | None:
    if isinstance(value, Mapping):
        value = value.get("TagSet", value)
        if isinstance(value, Mapping):
            pairs = {str(key): one for key, one in value.items()}
            return (
                {key: str(one) for key, one in pairs.items()}
                if all(isinstance(one, (str, type(None))) for one in pairs.values())
                else None
            )
    found: dict[str, str] = {}
    for tag in value or ():
        if not isinstance(tag, Mapping):
            return None
        lowered = {str(name).lower(): one for name, one in tag.items()}
        key = lowered.get("key", lowered.get("tagkey"))
        if not isinstance(key, str):
            return None
        found[key] = str(lowered.get("value", lowered.get("tagvalue")) or "")
    return found


def pass_role(role: str, service: str | None) -> Need:
    """
    What handing a role to a service needs.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    keys: dict[str, ContextValue] = {} if service is None else {"iam:passedtoservice": service}
    computed = (*TAGS_OF_REQUEST, *(("iam:passedtoservice",) if service else ()))
    return Need("iam:PassRole", role, account_in(role), keys=keys, computed=computed, delegated=True)


def roles_in(value: Any) -> Iterator[str]:
    """Every ARN of a role in the parameters of a request."""
    if isinstance(value, str):
        if _ROLE.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from roles_in(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from roles_in(one)


def named_members(value: Any) -> Iterator[tuple[str, Any]]:
    """Every member of the parameters of a request, at any depth, by its name."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield str(name), one
            yield from named_members(one)
    elif isinstance(value, list):
        for one in value:
            yield from named_members(one)


def arn_of(call: Call, service: str, resource: str, *, account: bool = True, region: bool = True) -> str:
    """An ARN in the account and Region of a call."""
    where = call.region if region else ""
    owner = call.account if account else ""
    return f"arn:{call.partition}:{service}:{where}:{owner}:{resource}"
