"""
What stands around the policy of a Multi-Region Access Point: its own settings against public policies, on by default.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/multi-region-access-point-block-public-access.html
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3control_multi_region_access_point
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.inputs.terraform.configuration.values.open_keys import may_be_same
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.resources import public_access
from trustproof.inputs.terraform.resources.refused_policies import is_for_everybody
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.values import Fields, Items, Known, Symbol, Value

_TYPE = "aws_s3control_multi_region_access_point"
_BLOCK = "public_access_block"


def surround(made: Lowering, policy: Instance, details: Mapping[str, Value], document: object) -> dict[str, object]:
    """
    The property by which a policy refers to the access point that it is about, which is put into the template; none
    for an access point that is made elsewhere.

    Args:
        policy: the resource that is the policy.
        details: the block of that name in it.
        document: what the policy says.
    """
    point = _point(made, policy, details)
    if point is None or not is_for_everybody(document):
        return {}
    block = _block(point, made)
    assert block is not None
    settings = public_access.settings(made, block, absent=True)
    made.add(point, "AWS::S3::MultiRegionAccessPoint", {public_access.BLOCK: settings})
    return {"MrapName": {"Ref": point.address}}


def may_be_private(made: Lowering, policy: Instance, details: Mapping[str, Value], document: object) -> str:
    """Why it is not known what keeps a policy private that speaks of everybody; empty where that is known."""
    if not is_for_everybody(document):
        return ""
    point = _point(made, policy, details)
    hint = f"; {made.hint}" if made.hint else ""
    if point is not None:
        return public_access.undecided_setting(_block(point, made) or {})
    others = [one.address for one in made.of_type(_TYPE) if _may_be_of(made, one, details.get("name"))]
    if others:
        return f"it is not known whether it is the policy of {others[0]}, whose settings decide who gets in{hint}"
    return ""


def _point(made: Lowering, policy: Instance, details: Mapping[str, Value]) -> Instance | None:
    """The access point that a policy is surely about, and whose settings are known to be there; None elsewhere."""
    name = details.get("name")
    account = made.text(policy, "account_id")
    found = [one for one in made.of_type(_TYPE) if _is_of(made, one, name) and made.text(one, "account_id") == account]
    point = found[0] if len(found) == 1 else None
    if point is None or _block(point, made) is None:
        return None
    # Where the configuration does not make the access point of this name, somebody else has made it.
    return point if point.condition is None or point.condition == policy.condition else None


def _details(made: Lowering, point: Instance) -> Mapping[str, Value]:
    return next((block for _, block in made.blocks(point, "details")), {})


def _is_of(made: Lowering, point: Instance, name: Value | None) -> bool:
    own = _details(made, point).get("name")
    if isinstance(name, Known):
        return isinstance(own, Known) and own.value == name.value
    # The id is the account and the name, and the documentation of the provider takes the name out of it so.
    return isinstance(name, Symbol) and name.name == f'element(split(":", {point.address}.id), 1)'


def _may_be_of(made: Lowering, point: Instance, name: Value | None) -> bool:
    own = _details(made, point).get("name")
    return name is None or own is None or may_be_same(name, own)


def _block(point: Instance, made: Lowering) -> Mapping[str, Value] | None:
    """The settings that an access point is given, empty for those by default; None where nobody knows them."""
    value = _details(made, point).get(_BLOCK)
    if value is None or (isinstance(value, Known) and value.value is None):
        return {}
    items: Sequence[Value] = value.items if isinstance(value, Items) else (value,)
    if not items:
        return {}
    return items[0].by_key if len(items) == 1 and isinstance(items[0], Fields) else None
