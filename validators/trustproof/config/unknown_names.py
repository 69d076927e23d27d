"""
What a configuration names and AWS has published nothing of: a typing error that would switch off what it is about.

AWS adds actions and services on any day, so that one which is not known is no error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from trustproof.aws.condition_keys import NO_POLICY_DECIDES
from trustproof.aws.known_services import is_known_service, service_principal_names
from trustproof.aws.published import release_day, service, service_prefixes
from trustproof.config.model import Config
from trustproof.sets.patterns import like, matches

_SENSITIVE = "sensitive-actions-require-mfa"


class UnknownName(NamedTuple):
    """
    A name, and what is said about it.
    """

    #: What it is called in lists: ``sensitive action ec2:StopInstanes``.
    called: str
    said: str
    #: Identifier of the property that it is for.
    property: str
    #: Whether the property asks of less because of it.
    is_about_nothing: bool

    def __str__(self) -> str:
        return f"{self.called} {self.said}"


def unknown_names(config: Config) -> Iterator[UnknownName]:
    """The names of a configuration that nothing is known of, in their order."""
    for pattern in config.sensitive_actions or ():
        if said := why_no_action(pattern):
            yield UnknownName(f"sensitive action {pattern}", said, _SENSITIVE, True)
    for invariant in config.invariants:
        for principal in invariant.services:
            if not set(principal) & set("*?") and not is_known_service(principal):
                said = f"is no service principal that is known{_meant(principal, service_principal_names())}"
                yield UnknownName(
                    f"the service {principal} of the invariant {invariant.name}", said, invariant.ident, False
                )


def why_no_action(pattern: str) -> str:
    """What is said of a pattern that no action matches which AWS has published; empty where one does."""
    prefix, colon, name = pattern.partition(":")
    if not colon:
        return ""
    found = service(prefix.lower())
    until = f"by {release_day()}"
    if found is None:
        return f"is of no service that AWS had published {until}{_meant(prefix.lower(), service_prefixes())}"
    wanted = like(name.lower())
    there = [action for action in found.actions if matches(wanted, action)]
    if there:
        is_decided = any(f"{prefix.lower()}:{action}" not in NO_POLICY_DECIDES for action in there)
        return "" if is_decided else "is about what no policy decides: AWS answers whoever has credentials"
    names = {lowered: f"{prefix}:{one.name}" for lowered, one in found.actions.items()}
    near = get_close_matches(name.lower(), names, 1)
    meant = f"; did you mean {names[near[0]]}?" if near else ""
    return f"is about nothing: AWS had published no such action of {prefix} {until}{meant}"


def _meant(name: str, accepted: Iterable[str]) -> str:
    near = get_close_matches(name, accepted, 1)
    return f"; did you mean {near[0]}?" if near else ""
