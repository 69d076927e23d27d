"""
Resources of the provider hashicorp/awscc: those of CloudFormation, with names in Terraform's manner.

https://registry.terraform.io/providers/hashicorp/awscc/latest/docs
"""

from __future__ import annotations

from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.resources.access.control_policies import CONTROL_POLICY
from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.terraform.lowering.expressions import ABSENT, lower_value
from trustproof.inputs.terraform.lowering.lowering import Lowering, Root
from trustproof.inputs.terraform.resources import access_without_policies, unknown_types
from trustproof.inputs.terraform.types.cloud_control_names import cloudformation_type, property_name
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.values import Choice, Fields, Items, Known, Value
from trustproof.model.policy import Path

_POLICIES: dict[str, tuple[catalogue.Place, ...]] = {
    catalogue.ROLE: (("AssumeRolePolicyDocument",), ("Policies", "*", "PolicyDocument")),
    catalogue.USER: (("Policies", "*", "PolicyDocument"),),
    catalogue.GROUP: (("Policies", "*", "PolicyDocument"),),
    catalogue.PERMISSION_SET: (("InlinePolicy",),),
    **dict.fromkeys(catalogue.ATTACHED, (("PolicyDocument",),)),
    CONTROL_POLICY: (("Content",),),
}
#: Its definition may hold a policy.
_API = "AWS::ApiGateway::RestApi"


def lower(made: Lowering, instance: Instance) -> None:
    """``awscc_iam_role`` and all the others."""
    type_ = cloudformation_type(instance.type)
    if type_ is None:
        unknown_types.name_policy(made, instance)
        return
    places = (*_POLICIES.get(type_, ()), *catalogue.RESOURCE_POLICIES.get(type_, ()))
    properties: dict[str, object] = {}
    for name in instance.values:
        value = made.value(instance, name)
        if value is None or name in ("id", "arn") or (type_, name) == (_API, "body"):
            continue
        key = property_name(name, type_)
        inner = tuple(place[1:] for place in places if place[0] == key)
        found = _lowered(made, instance, value, inner, (key,), (name,))
        if found is not ABSENT:
            properties[key] = found
    name = next(iter(arns.naming_properties(type_)), "")
    if name and name not in properties:
        properties[name] = {"Ref": f"{instance.address}.{name}"}
    if type_ == _API:
        access_without_policies.define(made, instance, properties)
    made.add(instance, type_, properties)


def _lowered(
    made: Lowering, instance: Instance, value: Value, places: tuple[Path, ...], path: Path, argument: Path
) -> object:
    """A value with the names of CloudFormation in it; at the places are policies, as JSON text."""
    if () in places:
        made.roots[instance.address, path] = Root(instance.address, argument, value)
        return made.policy(instance, argument, value)
    if isinstance(value, Choice):
        name = made.condition(value.condition)
        sides = (
            _lowered(made, instance, side, places, (*path, "Fn::If", index), argument)
            for index, side in ((1, value.then), (2, value.otherwise))
        )
        return {"Fn::If": [name, *({"Ref": "AWS::NoValue"} if side is ABSENT else side for side in sides)]}
    if isinstance(value, Known) and value.value is None:
        return {"Ref": "AWS::NoValue"}
    if isinstance(value, Fields):
        found: dict[str, object] = {}
        for key, inner in value.by_key.items():
            if isinstance(inner, Known) and inner.value is None:
                continue
            name = property_name(key, cloudformation_type(instance.type))
            below = tuple(place[1:] for place in places if place[0] == name)
            one = _lowered(made, instance, inner, below, (*path, name), (*argument, key))
            if one is not ABSENT:
                found[name] = one
        return found
    if isinstance(value, Items):
        below = tuple(place[1:] for place in places if place[0] == "*")
        return [
            _lowered(made, instance, item, below, (*path, number), (*argument, number))
            for number, item in enumerate(value.items)
        ]
    made.roots[instance.address, path] = Root(instance.address, argument, value)
    return lower_value(value, made)
