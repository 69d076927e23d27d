"""
From ``[[boundary.tokens]]`` tables to values: which tokens of an identity provider are one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trustproof.aws.oidc_issuers import tenancy
from trustproof.aws.oidc_tenants import naming_claims, why_not_one_customer
from trustproof.config.model import OwnTokens
from trustproof.config.tables import TableReader, issuer, show
from trustproof.config.toml import KeyPath

_KEYS = ("boundary", "tokens")
#: The lists that are called otherwise than their claims.
_LISTS = {"subjects": "sub", "audiences": "aud"}
#: Each pattern is looked for in every token that a question is about.
MAX_PATTERNS = 1_000


class TokenReader(TableReader):
    """
    Reads which tokens are one's own.
    """

    __slots__ = ()

    def tokens(self, value: object) -> tuple[OwnTokens, ...]:
        """
        The declarations, one for each provider.

        Raises:
            ConfigError: one of them is none, or two are about the same provider.
        """
        if not isinstance(value, (list, tuple)):
            self.fail(f"boundary.tokens must be tables, each under a [[boundary.tokens]], got {show(value)}", _KEYS)
        found: dict[str, OwnTokens] = {}
        patterns = 0
        for index, entry in enumerate(value):
            keys: KeyPath = (*_KEYS, index)
            one = self._tokens(entry, keys)
            if one.provider.lower() in found:
                self.fail(f'two tables of boundary.tokens are about "{one.provider}"', (*keys, "provider"))
            found[one.provider.lower()] = one
            patterns += sum(len(listed) for _, listed in one.claims)
            if patterns > MAX_PATTERNS:
                self.fail(f"boundary.tokens has more than {MAX_PATTERNS} patterns", keys)
        return tuple(found.values())

    def _tokens(self, value: object, keys: KeyPath) -> OwnTokens:
        table = self.table(value, keys, ("provider", *_LISTS, "claims"), required=("provider",))
        try:
            provider = issuer(table["provider"])
            if provider.startswith("sha256:"):
                raise ValueError(f'provider {show(provider)} must be a host, such as "gitlab.com"')
        except ValueError as error:
            self.fail(str(error), (*keys, "provider"))
        claims = dict(self._claims(provider, table, keys))
        if not claims:
            said = f"one of {', '.join(_names(provider))}"
            self.fail(f'boundary.tokens of "{provider}" does not say which are yours: {said}', keys)
        return OwnTokens(provider, tuple(claims.items()))

    def _claims(
        self, provider: str, table: Mapping[str, object], keys: KeyPath
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        for name, claim in _LISTS.items():
            if name in table:
                yield claim, self._patterns(provider, claim, table[name], (*keys, name))
        claims = table.get("claims", {})
        if not isinstance(claims, Mapping):
            self.fail(f"boundary.tokens.claims must be a table, got {show(claims)}", (*keys, "claims"))
        names: set[str] = set()
        for name, listed in claims.items():
            where: KeyPath = (*keys, "claims", str(name))
            if str(name).lower() in names:
                self.fail(f"boundary.tokens.claims has {show(name)} twice: letter case tells no claims apart", where)
            names.add(str(name).lower())
            if name in _LISTS.values():
                other = next(one for one, claim in _LISTS.items() if claim == name)
                self.fail(f'the claim "{name}" is written as {other} of boundary.tokens', where)
            yield str(name).lower(), self._patterns(provider, str(name).lower(), listed, where)

    def _patterns(self, provider: str, claim: str, value: object, keys: KeyPath) -> tuple[str, ...]:
        found = tenancy(provider)
        if claim not in naming_claims(found):
            said = f"{show(claim)} does not say whose a token of {found.name or provider} is"
            self.fail(f"{said}; accepted: {', '.join(_names(provider))}", keys)
        patterns = self.strings(value, keys, _pattern(lambda one: why_not_one_customer(one, claim, found)))
        if not patterns:
            name = ".".join(key for key in keys if isinstance(key, str))
            self.fail(f"{name} must name at least one pattern", keys)
        return patterns


def _names(provider: str) -> list[str]:
    """What may be written of a provider."""
    lists = {claim: name for name, claim in _LISTS.items()}
    return [lists.get(claim, f"claims.{claim}") for claim in naming_claims(tenancy(provider))]


def _pattern(why: Callable[[str], str]) -> Callable[[object], str]:
    def check(value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f'pattern {show(value)} must be a string such as "repo:our-org/*"')
        if wrong := why(value):
            raise ValueError(f"pattern {show(value)} {wrong}")
        return value

    return check
