"""
What is compared and never shown: values that a plan marks as sensitive, which stand in it in the clear.

https://developer.hashicorp.com/terraform/language/manage-sensitive-data
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from trustproof.aws.oidc_issuers import BUILT_IN_PROVIDERS, SHARED
from trustproof.inputs.terraform.resources.resource_lowering import LoweredTemplate
from trustproof.inputs.terraform.values.instances import Note
from trustproof.inputs.terraform.values.values import Entry, Fields, Known, Value, is_sensitive
from trustproof.model.policy import Path

#: What every policy says, and no secret is.
_WORDS = frozenset(
    "Allow Deny Version Statement Effect Action Resource Principal Condition Sid Id AWS Service Federated "
    "CanonicalUser aws 2012-10-17 2008-10-17 true false *".split()
)
#: What ARNs begin with, what stands behind the partition and what behind the account in them, where a text is filled
#: in with these.
_OF_ARNS = re.compile(
    r"arn:(?:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:)?|:[a-z][a-z0-9-]+:(?:[a-z0-9-]*:){0,2}"
    r"|:(?:root|role/|user/|group/|policy/)?"
)
#: Issuers whose tokens everybody has.
_SHARED = frozenset((*BUILT_IN_PROVIDERS, *SHARED))
#: An issuer of tokens by its URL, or in the ARN of a provider.
_ISSUER = re.compile(r"(?:https://|arn:[^:]*:iam::[^:]*:oidc-provider/)(.+)", re.DOTALL)
#: What no sentence says by chance, of a value that may go anywhere.
_TELLING = re.compile(r"(?i)(?=.*[a-z])[^\W_]{3}|[0-9]{6}", re.DOTALL)
_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
#: Elements whose values say what is done, and where: names that AWS has published.
_OPEN = ("Action", "NotAction", "Effect", "Version")
#: Likewise keys: elements, operators, and keys of conditions but for those that an issuer or a tag is part of.
_PUBLISHED = re.compile(r"[A-Za-z]+(?::[A-Za-z]+)?|[a-z0-9-]+:[A-Za-z0-9-]+")


class Secrets(NamedTuple):
    """
    What of a lowered template is never shown.
    """

    texts: frozenset[str]
    #: Condition keys, in lower case, that policies compare with it.
    keys: frozenset[str]


def secrets_of(lowered: LoweredTemplate, given: Sequence[Value] = ()) -> Secrets:
    """
    What of a lowered template is never shown.

    Args:
        given: what else is sensitive, wherever it goes: values of variables.
    """
    values = [root.value for root in lowered.roots.values() if root.value is not None and is_sensitive(root.value)]
    texts, of_variables = _hidden_texts(lowered, values), _hidden_texts(lowered, [*given, *lowered.sensitive])
    # The path of a file is said as it is looked for.
    of_variables |= {posixpath.normpath(one).lstrip("./") for one in of_variables if "/" in one}
    # A text that stands in no policy is looked for in sentences, of which a number or a letter is a part anyway.
    return Secrets(texts | frozenset(filter(_TELLING.search, of_variables)), _hidden_keys(values))


def _hidden_texts(lowered: LoweredTemplate, values: Sequence[Value]) -> frozenset[str]:
    found = {text for value in values for text in _texts(value, value.sensitive)}
    found.update([account for text in found for account in _ACCOUNT.findall(text)])
    # A path is shown without its first slash, in front of the name of a role.
    found.update([text.strip("/") for text in found if text.startswith("/") and text.endswith("/")])
    # An issuer is shown without what stands before it, in small letters.
    hosts = {one[1] for text in found if (one := _ISSUER.fullmatch(text))}
    found.update(host for one in hosts for host in (one, one.lower()) if host not in _SHARED)
    # The account that a template goes to is in each of its reports, whatever its policies say.
    shown = {*_WORDS, lowered.home.account, *filter(_OF_ARNS.fullmatch, found)}
    # Of a "-" between two parts of a name nobody learns anything, and it stands in any text.
    return frozenset(text for text in found if text not in shown and any(map(str.isalnum, text)))


def _hidden_keys(values: Sequence[Value]) -> frozenset[str]:
    return frozenset(key.lower() for value in values for key in _keys(value, value.sensitive))


def _keys(value: Value, hidden: bool) -> Iterator[str]:
    hidden = hidden or value.sensitive
    if isinstance(value, Known) and hidden and isinstance(value.value, str):
        yield from _keys_in(_decoded(value.value))
    if isinstance(value, Fields) and isinstance(condition := value.by_key.get("Condition"), Fields):
        for _, keys in condition.entries:
            for key, inner in keys.entries if isinstance(keys, Fields) else ():
                if isinstance(key, Known) and (
                    hidden or condition.sensitive or is_sensitive(keys) or is_sensitive(inner)
                ):
                    yield str(key.value)
    for part in value.parts():
        yield from _keys(part, hidden)


def _keys_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        condition = value.get("Condition")
        for keys in condition.values() if isinstance(condition, dict) else ():
            yield from (key for key in keys if isinstance(keys, dict))
        value = [*value.values()]
    if isinstance(value, list):
        for item in value:
            yield from _keys_in(item)


def places_not_shown(lowered: LoweredTemplate) -> frozenset[tuple[str, Path]]:
    """Where what is sensitive stands as a whole, so that no part of it is shown either."""
    return frozenset(place for place, root in lowered.roots.items() if root.value is not None and root.value.sensitive)


def hidden_policies(lowered: LoweredTemplate) -> tuple[Note, ...]:
    """What would show the rest of policies that are sensitive as a whole: of a text a plan does not mark a part."""
    reason = "is judged and not shown, since the plan marks all of it as sensitive: --source tells its sensitive parts"
    return tuple(
        Note(".".join((root.address, *map(str, root.argument))), reason)
        for root in lowered.roots.values()
        if isinstance(root.value, Known) and root.value.sensitive and isinstance(_decoded(str(root.value.value)), dict)
    )


def _texts(value: Value, hidden: bool) -> Iterator[str]:
    hidden = hidden or value.sensitive
    if isinstance(value, Known) and hidden:
        yield from _leaves(value.value)
    parts = value.parts()
    if isinstance(value, Fields):
        # Where one address is sensitive, Terraform marks the whole document, and its parts with it.
        parts = chain.from_iterable(_hiding(entry) for entry in value.entries)
    for part in parts:
        yield from _texts(part, hidden)


def _hiding(entry: Entry) -> Iterator[Value]:
    """The key and the value of an entry, but for what is a name that AWS has published."""
    key = str(entry.key.value) if isinstance(entry.key, Known) else ""
    if not _PUBLISHED.fullmatch(key):
        yield entry.key
    if key not in _OPEN:
        yield entry.value


def _leaves(value: object) -> Iterator[str]:
    """A text, and where it is JSON the texts in it: a policy is shown in parts."""
    text = str(value) if not isinstance(value, bool) else ""
    yield text
    yield from _inside(_decoded(text))


def _decoded(text: str) -> object:
    """What a text of JSON says; None for another one."""
    try:
        return json.loads(text) if text.lstrip().startswith(("{", "[")) else None
    except (ValueError, RecursionError):
        return None


def _inside(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _inside(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in _OPEN:
                yield from _inside(inner)
