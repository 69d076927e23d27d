"""
What a project asks of its own roles and resources: who may get in, and under which conditions.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.results.result import OWN_PROPERTY


class Issuer(NamedTuple):
    """
    A provider whose tokens or assertions get in.
    """

    #: A host (``token.actions.githubusercontent.com``), or the ARN of a provider with wildcards.
    provider: str
    #: Patterns with ``*`` and ``?``; empty for every subject.
    subjects: tuple[str, ...] = ()


class Invariant(NamedTuple):
    """
    Who may get into some roles and resources; nobody else may.
    """

    name: str
    #: Patterns with ``*`` and ``?`` for names, logical ids, ARNs and construct paths.
    resources: tuple[str, ...]
    #: What it is for, in a sentence; empty where nothing is written.
    description: str = ""
    #: Whether it says who may; else it only asks for conditions.
    says_who: bool = True
    accounts: tuple[str, ...] = ()
    #: Whether the account of the template itself is one of them.
    own_account: bool = False
    organizations: tuple[str, ...] = ()
    #: Patterns for ARNs; sessions of roles never carry MFA, so it is not asked of those that are named.
    roles: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    issuers: tuple[Issuer, ...] = ()
    #: Whether whoever is no named role must have been authenticated with MFA.
    mfa: bool = False
    #: In seconds; None where the age does not matter.
    max_mfa_age: int | None = None
    #: Whether callers of accounts must send an external id that the policy fixes.
    external_id: bool = False
    #: CIDR blocks, and ids of VPC endpoints: a caller that is no service comes from one of either.
    source_addresses: tuple[str, ...] = ()
    vpc_endpoints: tuple[str, ...] = ()

    @property
    def ident(self) -> str:
        """What it is called as a property."""
        return f"{OWN_PROPERTY}{self.name}"
