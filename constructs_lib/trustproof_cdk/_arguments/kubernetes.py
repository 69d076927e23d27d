"""
Names in a Kubernetes cluster.

https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
"""

from __future__ import annotations

from collections.abc import Iterable

import aws_cdk as cdk

from trustproof_cdk._arguments import arguments

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


def namespace(value: str, argument: str = "namespace") -> str:
    """The name of a namespace: a label of DNS."""
    return arguments.matching(value, argument, _LABEL, "the name of one namespace like 'payments'")


def service_account(value: str, argument: str = "service_account") -> str:
    """The name of a service account: labels of DNS."""
    pattern = rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*"
    return arguments.matching(value, argument, pattern, "the name of one service account like 'ledger'")


def accounts(space: str | None, account: str | None, several: Iterable[str] | None) -> list[tuple[str, str]]:
    """
    Namespace and name of each service account.

    Args:
        space: the argument ``namespace``.
        account: the argument ``service_account``.
        several: the argument ``service_accounts``: texts like ``payments/ledger``.

    Raises:
        ValueError: neither one nor several, both, or a name that Kubernetes would refuse.
    """
    if several is None:
        if space is None or account is None:
            raise ValueError("namespace and service_account, or service_accounts, must be given")
        return [(namespace(space), service_account(account))]
    if space is not None or account is not None:
        raise ValueError("service_accounts cannot be given with namespace or service_account, which are for one")
    accepted = "service accounts with their namespace like 'payments/ledger'"
    listed = arguments.each(
        several, "service_accounts", lambda value, name: arguments.matching(value, name, "[^/]+/[^/]+", accepted)
    )
    pairs = [_pair(value) for value in listed]
    return [(namespace(one, "service_accounts"), service_account(name, "service_accounts")) for one, name in pairs]


def _pair(value: str) -> tuple[str, str]:
    """Namespace and name, which a deployment takes apart where only that knows them."""
    if arguments.is_looked_up(value):
        return value, value
    space, slash, name = value.partition("/")
    if slash:
        return space, name
    parts = cdk.Fn.split("/", value)
    return cdk.Fn.select(0, parts), cdk.Fn.select(1, parts)
