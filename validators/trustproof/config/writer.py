"""
A configuration as TOML: what holds, whichever files it was read from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from trustproof.config.invariants import Invariant
from trustproof.config.model import Config, OwnTokens, PropertySettings
from trustproof.results.omissions import NOT_CHECKED
from trustproof.results.result import ERROR, Severity
from trustproof.results.waiver import Waiver


def to_toml(config: Config, severities: Mapping[str, Severity]) -> str:
    """
    The declarations of a configuration, and every property with its severity.

    What it excludes, its baseline and the templates of its waivers are named from its own directory.

    Args:
        severities: identifier of each property to its severity where the configuration does not say.
    """
    return "\n".join(_lines(config, severities)) + "\n"


def _lines(config: Config, severities: Mapping[str, Severity]) -> Iterator[str]:
    excluded = () if config.exclude_file else config.exclude
    top = {"exclude": excluded, "baseline": config.baseline, "template-waivers": config.template_waivers}
    if any(top.values()):
        yield from (f"{name} = {_value(value)}" for name, value in top.items() if value)
        yield ""
    yield from _boundary(config)
    if config.organization is not None:
        yield "[organization]"
        yield f"root = {_value(config.organization.root)}"
        yield f"accounts = {_array(config.organization.accounts)}"
        if config.organization.units:
            yield "[organization.units]"
            yield from (f"{unit} = {_array(accounts)}" for unit, accounts in config.organization.units)
        yield ""
    for party in config.third_parties:
        yield "[[third-party]]"
        yield f"name = {_value(party.name)}"
        yield f"accounts = {_array(party.accounts)}"
        yield ""
    if config.sensitive_actions is not None:
        yield "[sensitive]"
        yield f"actions = {_array(config.sensitive_actions)}"
        yield ""
    for one in config.invariants:
        yield from _invariant(one, config.properties.get(one.ident, PropertySettings()))
    for ident, default in severities.items():
        said = config.properties.get(ident, PropertySettings())
        yield f"[properties.{ident}]"
        # Written out, it would hold of every finding, and each has its own where nobody says anything.
        yield f"severity = {_value(said.severity)}" if said.severity else f"# severity: {default}, or milder by finding"
        if not said.waivable:
            yield "waivable = false"
        yield from (f"{name} = {_value(value)}" for name, value in said.options.items())
        yield ""
    if not config.is_waivable(NOT_CHECKED):
        yield from (f"[properties.{NOT_CHECKED}]", "waivable = false", "")
    for waiver in config.waivers:
        yield from _waiver(waiver)


def _waiver(found: Waiver) -> Iterator[str]:
    said = {
        "property": found.ident,
        "resource": found.resource,
        "fingerprint": found.fingerprint,
        "around": found.around,
        "template": found.template,
        "reason": found.reason,
        "owner": found.owner,
    }
    yield "[[waiver]]"
    yield from (f"{name} = {_value(value)}" for name, value in said.items() if value)
    if found.expires is not None:
        yield f"expires = {found.expires.isoformat()}"
    yield ""


def _boundary(config: Config) -> Iterator[str]:
    # An empty list takes the place of that of a file that is extended, and no list does not.
    is_empty = config.tokens is not None and not config.tokens
    if config.boundary is not None or config.issuers is not None or is_empty:
        yield "[boundary]"
    if config.boundary is not None:
        yield f"accounts = {_array(config.boundary.accounts)}"
        yield f"organizations = {_array(config.boundary.organizations)}"
        yield f"network-bounds = {_value(config.boundary.network_bounds)}"
    if config.issuers is not None:
        yield f"issuers = {_array(config.issuers)}"
    if is_empty:
        yield "tokens = []"
    if config.boundary is not None or config.issuers is not None or is_empty:
        yield ""
    for tokens in config.tokens or ():
        yield from _tokens(tokens)


def _tokens(found: OwnTokens) -> Iterator[str]:
    lists = {"sub": "subjects", "aud": "audiences"}
    yield "[[boundary.tokens]]"
    yield f"provider = {_value(found.provider)}"
    yield from (f"{lists[claim]} = {_array(patterns)}" for claim, patterns in found.claims if claim in lists)
    for claim, patterns in found.claims:
        if claim not in lists:
            yield f"claims.{_value(claim)} = {_array(patterns)}"
    yield ""


def _invariant(found: Invariant, settings: PropertySettings) -> Iterator[str]:
    yield "[[invariant]]"
    yield f"name = {_value(found.name)}"
    yield f"resources = {_array(found.resources)}"
    if found.description:
        yield f"description = {_value(found.description)}"
    yield f"severity = {_value(settings.severity or ERROR)}"
    if not settings.waivable:
        yield "waivable = false"
    if found.says_who:
        yield f"accounts = {_array(found.accounts)}"
    listed = {
        "organizations": found.organizations,
        "roles": found.roles,
        "users": found.users,
        "services": found.services,
        "source-addresses": found.source_addresses,
        "vpc-endpoints": found.vpc_endpoints,
    }
    yield from (f"{name} = {_array(values)}" for name, values in listed.items() if values)
    said = {"own-account": found.own_account, "mfa": found.mfa, "external-id": found.external_id}
    yield from (f"{name} = true" for name, value in said.items() if value)
    if found.max_mfa_age is not None:
        yield f"max-mfa-age = {found.max_mfa_age}"
    for issuer in found.issuers:
        yield ""
        yield "[[invariant.issuers]]"
        yield f"provider = {_value(issuer.provider)}"
        yield f"subjects = {_array(issuer.subjects)}"
    yield ""


def _array(values: Iterable[object]) -> str:
    return f"[{', '.join(map(_value, values))}]"


def _value(value: object) -> str:
    """A value as TOML: of texts, numbers and booleans it is what JSON has, but for DEL."""
    if isinstance(value, (list, tuple)):
        return _array(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
