"""
The roles of an account that no template makes, and whom of outside they let in; and who else holds what templates make.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.engine.domains import Values
from trustproof.errors import PolicySyntaxError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.live.account import LiveAccount, is_linked
from trustproof.live.expectation import Expectation
from trustproof.live.policy_comparison import UNKNOWN, Comparison
from trustproof.model.document import TRUST
from trustproof.model.request import SAML, SERVICE, WEB_IDENTITY
from trustproof.proving.first_excess import first_excess
from trustproof.proving.own_account import callers_of
from trustproof.proving.sides import Scene, Side
from trustproof.sets.strings import StringSet

#: Who is in no account, and so is outside of every one.
_WITHOUT_ACCOUNT = (SERVICE, SAML, WEB_IDENTITY)
_WHO = ("Principal", "NotPrincipal")


def other_roles(account: LiveAccount, expected: Expectation) -> Iterator[tuple[str, Comparison]]:
    """Roles that no template makes, and whom of outside they let in."""
    for (kind, name), identity in sorted(account.identities.items()):
        if kind != "role" or (kind, name) in expected.holdings or identity.trust is None:
            continue
        try:
            outsiders = outsiders_of(account.id, identity.trust, identity.arn.split(":")[1])
        except (ValueError, RecursionError):
            yield f"role {name}: no template makes it", Comparison(UNKNOWN, ("its trust policy cannot be read",))
            continue
        if not outsiders:
            continue
        whose = " (of AWS: a service, a stack set or Identity Center)" if is_linked(identity) else ""
        said = tuple(f"lets in {one}" for one in outsiders)
        yield f"role {name}: no template makes it{whose}", Comparison("other", said)


def other_holders(account: LiveAccount, expected: Expectation) -> Iterator[tuple[str, Comparison]]:
    """Users, groups and roles that hold a managed policy of the templates, and to which none of these attaches it."""
    made = {*expected.managed, *expected.managed_bounds}
    for (kind, name), identity in sorted(account.identities.items()):
        holding = expected.holdings.get((kind, name))
        if holding is not None and holding.made:
            # All that it holds is compared.
            continue
        attached = set() if holding is None else holding.attached | holding.names
        said = tuple(
            f"holds the managed policy {arn} of the templates" for arn in sorted(made & {*identity.attached} - attached)
        )
        if said:
            yield f"{kind} {name}: no template attaches it", Comparison("other", said)


def outsiders_of(account: str, trust: str, partition: str = "aws") -> list[str]:
    """
    Whom a trust policy lets in from outside, and under which conditions: nobody of whom it is sure that he gets no
    credentials, since a Deny keeps him out, a condition is never met, or what he may call is a part of another call.

    Args:
        account: that of the role.
        trust: the text of the policy.
        partition: of the role.

    Raises:
        ValueError: it is no policy.
        RecursionError: it is deeper than can be read.
    """
    statements = _statements(trust)
    denies = [one for one in statements if one.get("Effect") == "Deny"]
    limited = ", unless a Deny keeps them out" if denies else ""
    found: dict[str, None] = {}
    for statement in statements:
        if statement.get("Effect") != "Allow":
            continue
        asked = _conditions(_mapping(statement.get("Condition") or {}))
        for said, principal in _principals(statement):
            alone = {name: value for name, value in statement.items() if name not in _WHO} | principal
            if _may_let_in(account, partition, {**_mapping(json.loads(trust)), "Statement": [alone, *denies]}):
                found[f"{said}{asked}{limited}"] = None
    return list(found)


def _principals(statement: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each that a statement names, in words and as the statement would name it alone."""
    if "NotPrincipal" in statement:
        named = statement["NotPrincipal"]
        yield f"everybody but {json.dumps(named)}", {"NotPrincipal": named}
    principals = statement.get("Principal")
    if isinstance(principals, str):
        yield principals, {"Principal": principals}
    elif principals is not None:
        for kind, values in _mapping(principals).items():
            for value in values if isinstance(values, list) else [values]:
                yield f"{kind} {value}", {"Principal": {kind: value}}


def _may_let_in(account: str, partition: str, document: Mapping[str, Any]) -> bool:
    """Whether a trust policy lets anybody in who is not of the account, or it is not known that it does not."""
    try:
        side = Side((parse_policy(json.dumps(document), kind=TRUST),))
    except PolicySyntaxError:
        return True
    scene = Scene(TRUST, account, partition)
    dimension, inside = callers_of(account)
    assert isinstance(inside.present, StringSet)
    (patterns,) = inside.present.clauses
    outside = (dimension, Values(False, StringSet.outside(patterns)))
    of_accounts = tuple(kind for kind in scene.kinds if kind not in _WITHOUT_ACCOUNT)
    scenes = (
        scene._replace(callers=of_accounts, constraints=(outside,)),
        scene._replace(callers=_WITHOUT_ACCOUNT),
    )
    return any(first_excess(side, Side(()), one) != () for one in scenes)


def _statements(policy: str) -> list[Mapping[str, Any]]:
    found = _mapping(json.loads(policy)).get("Statement") or []
    return [*map(_mapping, found if isinstance(found, list) else [found])]


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("an object is expected")
    return value


def _conditions(blocks: Mapping[str, Mapping[str, Any]]) -> str:
    """What a statement asks for besides, in short: an external id is a secret of two, and its value is not told."""
    found = [
        f"{operator} {key}"
        + (
            ""
            if key.lower() == "sts:externalid" and operator.lower() != "null"
            else f" {', '.join(map(str, given if isinstance(given, list) else [given]))}"
        )
        for operator, block in blocks.items()
        for key, given in _mapping(block).items()
    ]
    return f", if {' and '.join(found)}" if found else ""
