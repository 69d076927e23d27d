"""
Inline policies that replace those of other templates: whoever has one of a name loses it where another one is put.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.values.catalogue import ENTITIES
from trustproof.inputs.cloudformation.values.exclusive_claims import INLINE, REPLACED, Claim, text_of
from trustproof.inputs.cloudformation.values.intrinsics import MADE_UP
from trustproof.inputs.terraform.lowering.claims_to_others import (
    claims_to_others,
    leaves,
    may_have_been_there,
    pieces_of,
)
from trustproof.inputs.terraform.lowering.lowering import Lowering

_KINDS = {"AWS::IAM::RolePolicy": "Role", "AWS::IAM::UserPolicy": "User", "AWS::IAM::GroupPolicy": "Group"}


def replaced_policies(made: Lowering) -> Iterator[Claim]:
    """What the inline policies of a template take away of what other templates give."""
    for kind, owners, policy in _inline(made):
        names = [pieces_of(one) for one in leaves(policy.get("PolicyName", {})) if not _is_made_up(one)]
        claims = [*claims_to_others(made, f"{INLINE} {kind.lower()}", kind, owners, ())] if names else []
        text = text_of(policy.get("PolicyDocument")) if claims else ""
        for claim in claims:
            only = tuple(dict.fromkeys(names))
            yield claim._replace(only=only, kept=(text,) if text else (), how=REPLACED)


def _inline(made: Lowering) -> Iterator[tuple[str, list[object], Mapping[str, object]]]:
    """The inline policies: what kind of holders they are put on, which, and the policy with its name."""
    for address, resource in made.resources.items():
        type_, properties = str(resource["Type"]), resource.get("Properties")
        if not isinstance(properties, dict):
            continue
        if type_ in _KINDS:
            kind = _KINDS[type_]
            yield kind, [*leaves(properties.get(f"{kind}Name"))], properties
        elif type_ in ENTITIES and (one := made.by_address.get(address)) is not None and may_have_been_there(one):
            # What somebody has who was there before may be on somebody whom another template has made.
            for policy in leaves(properties.get("Policies")):
                if isinstance(policy, dict):
                    yield ENTITIES[type_].title(), [{"Ref": address}], policy


def _is_made_up(name: object) -> bool:
    """Whether the provider makes up a name, which then is that of no other policy."""
    joined = name.get("Fn::Join") if isinstance(name, dict) else None
    parts = joined[1] if isinstance(joined, list) and len(joined) == 2 and isinstance(joined[1], list) else ()
    return any(isinstance(part, dict) and MADE_UP in part for part in parts)
