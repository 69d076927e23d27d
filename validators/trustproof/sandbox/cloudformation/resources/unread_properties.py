"""
What a model of moto makes nothing of: access may rest on it, and then the resource is not made by halves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.sandbox.cloudformation.errors import ResourceFailed

#: Properties on which access rests, by what is in their names: keys, roles, policies of resources, who gets in.
_DECIDES = re.compile(
    r"ACL|Auth|Encrypt|IAM|Iam|InstanceProfile|KeyId|Kms|KMS|Permission|Polic(y|ies)|Principal|PublicAccess|Role|Sharing"
)
#: The same, of what stands within a property.
_WITHIN = re.compile(r"InstanceProfile|Kms|KMS|Role")
#: Those with such a name that let nobody in, and keep nobody out.
_OTHERS = re.compile(
    r"(AccessLogging|Alarm|Alpn|ConnectionDraining|CookieStickiness|Health|Impairment|Lifecycle|Logging|Maintenance"
    r"|Retention|Scaling|Scheduling|Termination|Update)Polic(y|ies)|ServiceLinkedRoleARN|DomainAuth\w*|MasterUserAuthenticationType"
)


class WatchedProperties(dict[str, Any]):
    """
    Properties that know which of them have been looked at.

    Args:
        given: the properties.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__(given)
        self._seen: set[str] = set()

    def unread(self) -> set[str]:
        """The names of those that nobody has looked at."""
        return set(super().keys()) - self._seen

    def __getitem__(self, name: str) -> Any:
        self._seen.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Look at one."""
        self._seen.add(name)
        return super().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        """Take one out."""
        self._seen.add(name)
        return super().pop(name, *default)

    # Whoever goes through all has looked at all.

    def __iter__(self) -> Iterator[str]:
        self._seen.update(super().keys())
        return super().__iter__()

    def keys(self) -> Any:
        """All names."""
        self._seen.update(super().keys())
        return super().keys()

    def items(self) -> Any:
        """All."""
        self._seen.update(super().keys())
        return super().items()

    def values(self) -> Any:
        """All values."""
        self._seen.update(super().keys())
        return super().values()


def check(kind: str, unread: Mapping[str, Any]) -> None:
    """
    See that access rests on none of the properties of which nothing was made.

    Args:
        kind: of the resource.
        unread: the properties, by their names.

    Raises:
        ResourceFailed: it rests on one.
    """
    deciding = sorted(name for name, value in unread.items() if _decides(name) or _decides_within(value))
    if deciding:
        raise ResourceFailed(f"the sandbox makes nothing of the {', '.join(deciding)} of a resource of type {kind}")


def _decides(name: str) -> bool:
    return _DECIDES.search(name) is not None and _OTHERS.fullmatch(name) is None


def _decides_within(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_decides_within, value))
    if not isinstance(value, Mapping):
        return False
    return any(_WITHIN.search(str(name)) or _decides_within(one) for name, one in value.items())
