"""
With what users sign in: access keys and passwords.

What a template does not declare may be there all the same, so no verdict rests on it: only the words of a remedy do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.catalogue import ACCESS_KEY, LOGIN_PROFILE, USER
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.principals import Holder
from trustproof.model.text import Symbolic, Text


def with_credentials(resolver: Resolver, holders: Sequence[Holder]) -> Iterator[Holder]:
    """
    The holders, the users with what the template gives them to sign in with.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
    """
    keys, passwords = _names(resolver, ACCESS_KEY), _names(resolver, LOGIN_PROFILE)
    for holder in holders:
        if holder.kind != "user":
            yield holder
            continue
        has_password = holder.name in passwords or _writes_password(resolver, holder)
        yield holder._replace(has_key=holder.name in keys, has_password=has_password)


def _names(resolver: Resolver, type_: str) -> set[Text]:
    """The users that resources of a type are about."""
    found: set[Text] = set()
    for logical_id, resource in resolver.environment.resources.items():
        if resource.get("Type") == type_:
            try:
                named = resolver.text(resolver.environment.properties(logical_id).get("UserName"))
            except Unreadable:
                # It is not known whose it is.
                continue
            if isinstance(named, (str, Symbolic)):
                found.add(named)
    return found


def _writes_password(resolver: Resolver, holder: Holder) -> bool:
    resource = resolver.environment.resources.get(holder.logical_id, {})
    return resource.get("Type") == USER and "LoginProfile" in resolver.environment.properties(holder.logical_id)
