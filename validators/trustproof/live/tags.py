"""
Tags, where policies look at them: which these are, and those of users and roles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trustproof.live.account import Identity, LiveAccount
from trustproof.live.errors import CannotCheck
from trustproof.live.expectation import Expectation
from trustproof.live.holdings import Holding
from trustproof.live.policy_bounds import PolicyBounds
from trustproof.live.policy_comparison import SAME, Comparison
from trustproof.live.settings import compare_settings

#: Keys of conditions, and policy variables, that name a tag of the caller or of a role.
_TAG = re.compile(r"(?:aws:principaltag|aws:resourcetag|iam:resourcetag)/([^\",'}]+)", re.IGNORECASE)
#: Those that name a tag of what a request is about: `aws:ResourceTag/…`, `rds:db-tag/…`, `s3:BucketTag/…`.
_OF_RESOURCE = re.compile(r"((?!rds:req-)[a-z0-9-]+:(?:resourcetag|buckettag|[a-z-]+-tag))/([^\",'}]+)", re.IGNORECASE)
#: Those that name an alias of a key, of all that it has or that a request finds it by.
#: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
_OF_ALIAS = ("kms:requestalias", "kms:resourcealiases")
#: AWS's own tags, which nobody changes.
_RESERVED = "aws:"
ANY = "*"


@dataclass
class TagUses:
    """
    What policies look at, by the tags of resources.

    Args:
        services: the key of a tag, lower-cased, to the prefixes of the actions that it decides, of which `*` are all.
        keys: likewise to the keys of conditions, lower-cased, that have its value.
        aliases: names of aliases of keys, which may have wildcards.
    """

    services: dict[str, set[str]] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)

    def of_service(self, prefix: str) -> set[str]:
        """The keys of tags that decide about resources of a service."""
        return {name for name, services in self.services.items() if services & {prefix, ANY}}


def compare_tags(
    subject: str, holding: Holding, identity: Identity, in_use: set[str]
) -> Iterator[tuple[str, Comparison]]:
    """The tags of a user or role that policies look at."""
    wanted, found = (values_of(one.tags, in_use) for one in (holding, identity))
    result = compare_values(wanted, found)
    if result.verdict != SAME or wanted:
        yield f"{subject}: tags", result


def values_of(tags: Mapping[str, str], in_use: Iterable[str]) -> dict[str, str]:
    """The tags with some keys: conditions look at keys without their case."""
    return {name.lower(): value for name, value in tags.items() if name.lower() in in_use}


def compare_values(wanted: Mapping[str, str], found: Mapping[str, str]) -> Comparison:
    """Compare tags with each other."""
    absent = "no such tag"
    return compare_settings(
        {f"tag {name}": wanted.get(name, absent) for name in sorted({*wanted, *found})},
        {f"tag {name}": value for name, value in (dict.fromkeys(wanted, absent) | dict(found)).items()},
    )


def policy_texts(account: LiveAccount, expected: Expectation) -> list[str]:
    """
    The texts of the policies of the templates, and of those that the users, groups and roles of the account have, as
    far as these are read.
    """
    texts = [*_expected_texts(expected)]
    if expected.holdings:
        try:
            texts += account.managed_policies.values()
            for identity in account.identities.values():
                texts += [*identity.inline.values(), identity.trust or ""]
        except CannotCheck:
            # Whoever compares them says so.
            return texts
    return texts


def _expected_texts(expected: Expectation) -> Iterator[str]:
    bounds: list[PolicyBounds] = [*expected.managed_bounds.values()]
    yield from expected.managed.values()
    for holding in expected.holdings.values():
        yield from (*holding.documents.values(), holding.trust or "")
        bounds += [*holding.partial.values(), *([] if holding.bounds is None else [holding.bounds])]
    for held in expected.held.values():
        yield from held.documents.values()
        bounds += held.bounds.values()
    for control in expected.controls:
        yield control.text
    for permission_set in expected.identity_center.permission_sets.values():
        yield permission_set.inline
    for one in bounds:
        yield from (one.widest or "", one.narrowest or "")


def tags_in_policies(texts: Iterable[str]) -> set[str]:
    """The keys of tags of users and roles, lower-cased, that policies look at."""
    found = {name.lower() for text in texts for name in _TAG.findall(text)}
    return {name for name in found if not name.startswith(_RESERVED)}


def uses_of_tags(texts: Iterable[str]) -> TagUses:
    """The tags of resources, and the aliases of keys, that policies look at."""
    uses = TagUses()
    for text in texts:
        for statement in _statements(text):
            _add(uses, statement)
    return uses


def names_a_tag(statement: Mapping[str, Any], keys: Iterable[str]) -> bool:
    """Whether a statement looks at one of some tags of resources."""
    return any(name.lower() in keys for _, name in _OF_RESOURCE.findall(json.dumps(statement, ensure_ascii=False)))


def _statements(text: str) -> Iterator[dict[str, Any]]:
    if "tag" not in text.lower() and "alias" not in text.lower():
        return
    try:
        document = json.loads(text)
    except ValueError:
        # It is no policy, which is said where it is compared.
        return
    given = document.get("Statement") if isinstance(document, dict) else None
    yield from (one for one in (given if isinstance(given, list) else [given]) if isinstance(one, dict))


def _add(uses: TagUses, statement: Mapping[str, Any]) -> None:
    actions = statement.get("Action", ANY)
    prefixes = {str(one).lower().partition(":")[0] for one in (actions if isinstance(actions, list) else [actions])}
    services = {ANY if set(one) & set("*?") else one for one in prefixes}
    for key, name in _OF_RESOURCE.findall(json.dumps(statement, ensure_ascii=False)):
        if not name.lower().startswith(_RESERVED):
            uses.services.setdefault(name.lower(), set()).update(services)
            uses.keys.setdefault(name.lower(), set()).add(f"{key}/{name}".lower())
    condition = statement.get("Condition")
    for operator, tests in condition.items() if isinstance(condition, dict) else ():
        for key, values in tests.items() if isinstance(tests, dict) else ():
            if str(key).lower() in _OF_ALIAS:
                listed = values if isinstance(values, list) else [values]
                # Of what is not to be there, and of what is to be there at all, each alias counts.
                names = {ANY} if re.search("not|null", operator.lower()) else {_pattern(str(one)) for one in listed}
                uses.aliases |= names


def _pattern(value: str) -> str:
    """As `fnmatch` has patterns, in which brackets are none of IAM's."""
    return re.sub(r"\$\{[^}]*\}", ANY, value).replace("[", "[[]")
