"""
Texts that a search makes of what is never shown: a value that a pattern admits says what the pattern is.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from trustproof.model.request import Request
from trustproof.results.result import Counterexample

_WILDCARDS = re.compile(r"\$\{[^}]*\}|[*?]+")
#: What tells nothing, whatever it was made of.
_PLAIN = re.compile(r"|true|false|any|[*?]+")
#: Parts of ARNs and tokens that many texts have.
_PUBLIC = frozenset(
    "arn aws iam sts s3 kms sqs sns lambda repo ref refs heads main user role root assumed-role".split()
)
#: A user or role by its ARN: its path and name.
_PRINCIPAL = re.compile(r"arn:[^:]*:(?:iam|sts)::[^:]*:(?:user|role|assumed-role)/(.+)", re.DOTALL)
#: Shorter pieces of a pattern would be found in any word.
_LEAST = 3


def pieces(secrets: Iterable[str]) -> frozenset[str]:
    """What patterns among some secrets say between their wildcards."""
    found = (piece for secret in secrets if _is_pattern(secret) for piece in _split(secret))
    return frozenset(one for one in found if len(one) >= _LEAST and not {*re.split("[:/@]", one)} <= {"", *_PUBLIC})


def names(secrets: Iterable[str]) -> frozenset[str]:
    """What some secrets call users and roles, with their path and without it: a sentence says no more than that."""
    paths = [one[1] for secret in secrets if (one := _PRINCIPAL.fullmatch(secret))]
    found = (one for path in paths for one in (path, path.rsplit("/", 1)[-1]) if not _PLAIN.fullmatch(one))
    return frozenset(one for one in found if not _is_pattern(one) and one not in _PUBLIC)


def names_pattern(called: frozenset[str]) -> str:
    """
    The regular expression that finds names of users and roles in a sentence; nothing for none.

    They are words there: a name is no part of an address, of another word, or of an ARN but that of a role's session.
    One that is as short as an article is looked for beside what it is the name of only.
    """
    found = []
    for one in sorted(called, key=lambda text: (-len(text), text)):
        name = rf"(?<![\w./:@+=,\"-]){re.escape(one)}(?![\w/:@+=\"-]|\.\w)"
        found.append(rf"(?<=:assumed-role/){re.escape(one)}(?![^/\"' ])")
        found.append(name if len(one) >= _LEAST else rf"(?:(?<=user )|(?<=role )){name}|{name}(?='s )")
    return "|".join(found)


def _split(secret: str) -> list[str]:
    """What stands between the wildcards of a text; behind its last brace, no variable is looked for."""
    end = secret.rfind("}") + 1
    closed, rest = _WILDCARDS.split(secret[:end]), re.split(r"[*?]+", secret[end:])
    return [*closed[:-1], closed[-1] + rest[0], *rest[1:]]


def texts_of_secrets(found: object, secrets: frozenset[str], keys: frozenset[str]) -> frozenset[str]:
    """
    The texts in requests that were made of secrets.

    Args:
        found: what was found: results, or whatever has requests in it.
        secrets: texts that are never shown.
        keys: condition keys, in lower case, that are compared with some of them.
    """
    texts: set[str] = set()
    for request in _requests(found):
        for key, value in request.context.items():
            for text in (value,) if isinstance(value, str) else value or ():
                if key.lower() in keys or _is_made_of(text, secrets):
                    texts.add(text)
        texts.update(text for text in _words(request) if _is_made_of(text, secrets))
    return frozenset(text for text in texts if not _PLAIN.fullmatch(text))


def _words(request: Counterexample | Request) -> Iterator[str]:
    """What a request is about, and who makes it, as far as these are texts."""
    yield request.resource
    if isinstance(request, Counterexample):
        yield request.caller
        yield from request.parameters.values()


def _requests(found: object) -> Iterator[Counterexample | Request]:
    if isinstance(found, (Counterexample, Request)):
        yield found
    if isinstance(found, Mapping):
        found = tuple(found.values())
    if isinstance(found, (tuple, list)):
        for one in found:
            yield from _requests(one)


def _is_pattern(secret: str) -> bool:
    return len(_split(secret)) > 1 and not _PLAIN.fullmatch(secret)


def _is_made_of(text: str, secrets: frozenset[str]) -> bool:
    return any(one.fullmatch(text) for one in _patterns(secrets)) or _is_in_network(text, secrets)


@lru_cache(maxsize=8)
def _patterns(secrets: frozenset[str]) -> tuple[re.Pattern[str], ...]:
    found: list[re.Pattern[str]] = []
    for secret in sorted(secrets):
        # A pattern that is all wildcards but for public words admits what anybody could think of.
        if _is_pattern(secret) and pieces((secret,)):
            first, *others = map(re.escape, _split(secret))
            # Each wildcard but the last takes the first place that will do: there may be any number of them.
            inner = "".join(f"(?>.*?{piece})" for piece in others[:-1])
            last = f".*{others[-1]}" if others else ""
            found.append(re.compile(first + inner + last, re.DOTALL | re.IGNORECASE))
    return tuple(found)


def _is_in_network(text: str, secrets: frozenset[str]) -> bool:
    """Whether a text is an address of a network that is a secret."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in _networks(secrets) if network.version == address.version)


@lru_cache(maxsize=8)
def _networks(secrets: frozenset[str]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    found: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for secret in sorted(secrets):
        try:
            found.append(ipaddress.ip_network(secret, strict=False))
        except ValueError:
            continue
    return tuple(found)
