"""
Inline policies that replace those of other templates: whoever has one of a name loses it where another one is put.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.values.exclusive_claims import INLINE, REPLACED, Claim, text_of
from trustproof.inputs.cloudformation.values.intrinsics import MADE_UP
from trustproof.inputs.terraform.claims_to_others import claims_to_others, leaves, pieces_of
from trustproof.inputs.terraform.lowering import Lowering

_KINDS = {"AWS::IAM::RolePolicy": "Role", "AWS::IAM::UserPolicy": "User", "AWS::IAM::GroupPolicy": "Group"}


def replaced_policies(made: Lowering) -> Iterator[Claim]:
    """What the inline policies of a template take away of what other templates give."""
    for resource in made.resources.values():
        kind, properties = _KINDS.get(str(resource["Type"])), resource.get("Properties")
        if kind is None or not isinstance(properties, dict):
            continue
        names = [pieces_of(one) for one in leaves(properties.get("PolicyName", {})) if not _is_made_up(one)]
        owners = [*leaves(properties.get(f"{kind}Name"))]
        text = text_of(properties.get("PolicyDocument"))
        for claim in claims_to_others(made, f"{INLINE} {kind.lower()}", kind, owners, ()) if names else ():
            only = tuple(dict.fromkeys(names))
            yield claim._replace(only=only, kept=(text,) if text else (), how=REPLACED)


def _is_made_up(name: object) -> bool:
    """Whether the provider makes up a name, which then is that of no other policy."""
    joined = name.get("Fn::Join") if isinstance(name, dict) else None
    parts = joined[1] if isinstance(joined, list) and len(joined) == 2 and isinstance(joined[1], list) else ()
    return any(isinstance(part, dict) and MADE_UP in part for part in parts)
