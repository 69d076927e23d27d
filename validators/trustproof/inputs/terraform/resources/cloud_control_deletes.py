"""
What a plan takes away of what others give, by resources of the provider hashicorp/awscc that it deletes or changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.cloudformation.values.exclusive_claims import ATTACHED, BOUNDARY, HOLDERS, INLINE, MEMBERS, Claim
from trustproof.inputs.terraform.accounts.providers import Homes
from trustproof.inputs.terraform.lowering.claims_to_others import leaves, pieces_of, policy_name
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.resources import cloud_control
from trustproof.inputs.terraform.values.instances import Instance

_KINDS = ("user", "role", "group")
#: Types of inline policies, to the kind of holder.
_INLINE = {f"AWS::IAM::{kind.title()}Policy": kind for kind in _KINDS}


class Former:
    """
    Resources as they were before a plan.

    Args:
        made: what the plan is lowered to.
        homes: all places that it is about.
    """

    def __init__(self, made: Lowering, homes: Homes) -> None:
        self._made = made
        self._homes = homes
        #: Has what was there before, and nothing of the plan.
        self._scratch: Lowering | None = None

    def deleted(self, before: Instance, left: Instance | None) -> Iterator[Claim]:
        """
        What goes with a resource.

        Args:
            left: what is there of it afterwards.
        """
        if self._scratch is None:
            self._scratch = Lowering(self._made.snapshot, self._homes, self._made.home, "")
        cloud_control.lower(self._scratch, before)
        resource = self._scratch.resources.pop(before.address, {})
        after = self._made.resources.get(before.address, {}) if left is not None else {}
        kept = frozenset(_given(after))
        yield from (claim for claim in _given(resource) if claim not in kept)


def _given(resource: Mapping[str, object]) -> Iterator[Claim]:
    """What a resource gives, each as the claim of whoever takes that away."""
    type_, properties = str(resource.get("Type")), resource.get("Properties")
    if not isinstance(properties, Mapping):
        return
    if type_ in _INLINE:
        kind = _INLINE[type_]
        only = (pieces_of(properties.get("PolicyName")),)
        yield Claim(f"{INLINE} {kind}", pieces_of(properties.get(f"{kind.title()}Name")), only=only)
    elif type_ == catalogue.MANAGED_POLICY:
        yield from _of_policy(properties)
    elif type_ in catalogue.ENTITIES:
        yield from _of_holder(properties, catalogue.ENTITIES[type_])


def _of_policy(properties: Mapping[str, object]) -> Iterator[Claim]:
    """What a managed policy gives: itself, and to whom it is attached."""
    path, *more = pieces_of(properties.get("Path", "/"))
    name = (None if path is None else path.removeprefix("/"), *more, *pieces_of(properties.get("ManagedPolicyName")))
    yield from (Claim(f"{HOLDERS} {kind}", name) for kind in _KINDS)
    for kind in _KINDS:
        for holder in leaves(properties.get(f"{kind.title()}s")):
            yield Claim(f"{ATTACHED} {kind}", pieces_of(holder), only=(name,))


def _of_holder(properties: Mapping[str, object], kind: str) -> Iterator[Claim]:
    """What a user, role or group has by its own resource."""
    name = pieces_of(properties.get(f"{kind.title()}Name"))
    for policy in leaves(properties.get("Policies")):
        if isinstance(policy, Mapping):
            yield Claim(f"{INLINE} {kind}", name, only=(pieces_of(policy.get("PolicyName")),))
    for arn in leaves(properties.get("ManagedPolicyArns")):
        pieces = pieces_of(arn)
        yield Claim(f"{ATTACHED} {kind}", name, only=(policy_name(pieces) or pieces,))
    for group in leaves(properties.get("Groups")):
        yield Claim(f"{MEMBERS} group", pieces_of(group), only=(name,))
    for _ in leaves(properties.get("PermissionsBoundary")):
        yield Claim(f"{BOUNDARY} {kind}", name)
