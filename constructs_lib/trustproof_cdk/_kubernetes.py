"""
Names in a Kubernetes cluster.

https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
"""

from __future__ import annotations

from trustproof_cdk import _arguments as arguments

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"


def namespace(value: str, argument: str = "namespace") -> str:
    """The name of a namespace: a label of DNS."""
    return arguments.matching(value, argument, _LABEL, "the name of one namespace like 'payments'")


def service_account(value: str, argument: str = "service_account") -> str:
    """The name of a service account: labels of DNS."""
    pattern = rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*"
    return arguments.matching(value, argument, pattern, "the name of one service account like 'ledger'")
