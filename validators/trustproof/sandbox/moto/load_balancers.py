"""
The door to load balancers: which kind one is, and what its attributes are.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
"""

from __future__ import annotations


def load_balancer(account: str, region: str, arn: str) -> tuple[str, dict[str, str]] | None:
    """The type (`application`) and the attributes of a load balancer; None where there is none."""
    from moto.elbv2.models import elbv2_backends

    found = elbv2_backends[account][region].load_balancers.get(arn)
    return None if found is None else (str(found.type), dict(found.attrs))
