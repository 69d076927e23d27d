"""
A role for a vendor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Unpack

from constructs import Construct, Node

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _demands as demands
from trustproof_cdk._constructor import construct
from trustproof_cdk._role import RoleOptions, TrustingRole
from trustproof_cdk._trust import ASSUME_ROLE, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin
from trustproof_cdk.trusted import Trusted, trusted_caller


@construct
class ThirdPartyRole(TrustingRole):
    """
    A role that a vendor's machines may assume for us, and for nobody else.

    A vendor serves many customers with the same identity. The external id says for which of them the vendor calls, so
    that another customer cannot have the vendor use our role (the confused deputy):
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html

    Machines have no MFA device, so none is demanded: name the vendor's account as ``[[third-party]]`` in
    ``trustproof.toml``.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        vendor: the name of the vendor, 1 to 64 characters.
        trusted: the vendor's accounts, users or roles.
        external_id: the one that the vendor gave us. Default: one that is made of the vendor's name and the place of
            this construct, for vendors who let us choose. It is the same in every synthesis, and another one when the
            construct is moved or the vendor renamed; then pass the old one.
        source_ips: public addresses or prefixes that the vendor calls from.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: an argument that IAM would refuse, or a whole organization as the vendor.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vendor: str,
        trusted: Trusted,
        external_id: str | None = None,
        source_ips: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        arguments.matching(vendor, "vendor", r"[\x20-\x7e]{1,64}", "a name of 1 to 64 characters of ASCII")
        if "*" in trusted_caller(trusted).principals:
            raise ValueError(f"trusted must be accounts, users or roles of the vendor, got {trusted!r}")
        if external_id is None:
            external_id = _generated(vendor, Node.of(scope).path, construct_id)
        arguments.external_id(external_id)
        demanded = conjoin(
            trusted.conditions,
            {"StringEquals": {"sts:ExternalId": external_id}},
            demands.network(source_ips, None),
            conditions,
        )
        options.setdefault("description", f"For {vendor}")
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"AWS": trusted.principals}, [ASSUME_ROLE], demanded)],
            trusted=trusted.entities,
            **options,
        )
        self._external_id = external_id

    @property
    def external_id(self) -> str:
        """What the vendor must pass with every call: enter it in the vendor's settings."""
        return self._external_id


def _generated(vendor: str, *path: str) -> str:
    """As long as a random UUID without its hyphens. It identifies; like every external id, it is no secret."""
    return hashlib.sha256("\0".join((vendor, *path)).encode()).hexdigest()[:32]
