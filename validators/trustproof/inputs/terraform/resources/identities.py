"""
Users, groups, roles and permission sets of Terraform, and what is attached to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from trustproof.inputs.cloudformation.values.catalogue import (
    ACCESS_KEY,
    ACCOUNT_ASSIGNMENT,
    ATTACHMENT,
    LOGIN_PROFILE,
    NAMED_PERMISSION_SET,
    PERMISSION_SET,
)
from trustproof.inputs.cloudformation.values.exclusive_claims import ATTACHED, BOUNDARY, INLINE, Claim
from trustproof.inputs.cloudformation.values.intrinsics import UNCLEAR
from trustproof.inputs.terraform.configuration.evaluation.open_instances import OfInstances
from trustproof.inputs.terraform.lowering.claims_to_others import pieces_of
from trustproof.inputs.terraform.lowering.expressions import ABSENT, lower_value, recognisable_text, reference, unread
from trustproof.inputs.terraform.lowering.lowering import Lowering, Root
from trustproof.inputs.terraform.lowering.tags import tags_of
from trustproof.inputs.terraform.resources.computed_values import attached_policies
from trustproof.inputs.terraform.resources.inline_policies import inline_policies, policy_of_role
from trustproof.inputs.terraform.types.table import SHAPES
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import (
    KEPT,
    Attribute,
    Choice,
    Fields,
    Items,
    Known,
    Maybe,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)
from trustproof.results.result import BUDGET


def role(made: Lowering, instance: Instance) -> None:
    """``aws_iam_role``"""
    properties = _entity(made, instance)
    settings = {"MaxSessionDuration": "max_session_duration", "PermissionsBoundary": "permissions_boundary"}
    properties |= made.properties(instance, {**settings, "Description": "description"})
    _document(made, instance, properties, "AssumeRolePolicyDocument", "assume_role_policy")
    if "AssumeRolePolicyDocument" not in properties:
        is_read = isinstance(instance.values, KnownValues)
        reason = (
            "it is not in the file" if is_read else "it has no assume_role_policy, or null, which Terraform refuses"
        )
        properties["AssumeRolePolicyDocument"] = unread(reason)
    if found := inline_policies(made, instance):
        properties["Policies"] = found
    attached = attached_policies(made, instance)
    if attached is not ABSENT and attached != []:
        properties["ManagedPolicyArns"] = attached
        made.roots[instance.address, ("ManagedPolicyArns",)] = Root(instance.address, ("managed_policy_arns",))
    made.add(instance, "AWS::IAM::Role", properties)


def entity(made: Lowering, instance: Instance) -> None:
    """``aws_iam_user``, ``aws_iam_group``"""
    properties = _entity(made, instance)
    if instance.type == "aws_iam_user":
        properties |= made.properties(instance, {"PermissionsBoundary": "permissions_boundary"})
    made.add(instance, SHAPES[instance.type].type, properties)


def _entity(made: Lowering, instance: Instance) -> dict[str, object]:
    """Name, path and tags."""
    shape = SHAPES[instance.type]
    key = next(iter(shape.properties))
    properties: dict[str, object] = {}
    properties[key] = _name(made, instance, key, shape.properties[key])
    properties |= made.properties(instance, {"Path": "path"})
    tags = tags_of(made, instance)
    return properties if tags is ABSENT else {**properties, "Tags": tags}


def _name(made: Lowering, instance: Instance, property_: str, argument: str) -> object:
    """A name, which a property is, with the place where it is written."""
    value = made.value(instance, argument)
    if value is not None:
        made.roots[instance.address, (property_,)] = Root(instance.address, (argument,), value)
    return made.name(instance, argument, "name_prefix")


def managed_policy(made: Lowering, instance: Instance) -> None:
    """``aws_iam_policy``"""
    properties = made.properties(instance, {"Path": "path"})
    properties["ManagedPolicyName"] = _name(made, instance, "ManagedPolicyName", "name")
    _document(made, instance, properties, "PolicyDocument", "policy")
    made.add(instance, "AWS::IAM::ManagedPolicy", properties)


def inline(made: Lowering, instance: Instance) -> None:
    """``aws_iam_role_policy``, ``aws_iam_user_policy``, ``aws_iam_group_policy``"""
    kind = instance.type.split("_")[2]
    properties = _naming(made, instance, {f"{kind.title()}Name": kind})
    properties["PolicyName"] = _name(made, instance, "PolicyName", "name")
    _document(made, instance, properties, "PolicyDocument", "policy")
    made.add(instance, f"AWS::IAM::{kind.title()}Policy", properties)


def _document(made: Lowering, instance: Instance, properties: dict[str, object], property_: str, argument: str) -> None:
    value = made.value(instance, argument)
    is_of_role = instance.type == "aws_iam_role_policy"
    document = (policy_of_role if is_of_role else Lowering.policy)(made, instance, (argument,), value)
    if document is not ABSENT:
        properties[property_] = document
        made.roots[instance.address, (property_,)] = Root(instance.address, (argument,), value)


def _naming(made: Lowering, instance: Instance, names: Mapping[str, str]) -> dict[str, object]:
    """Properties that name users, groups and roles: one that nobody knows may be any of them."""
    found = made.properties(instance, names)
    for property_, name in names.items():
        value = made.value(instance, name)
        if value is None or property_ not in found:
            continue
        if isinstance(value, Choice) and isinstance(value.then, Symbol) and value.then.kind == KEPT:
            _anybody(made, instance, property_, value)
            written = _named_ones(made, instance, value.otherwise, are_several=property_.endswith("s"))
            found[property_] = {"Fn::If": [made.condition(value.condition), {"Ref": "AWS::NoValue"}, written]}
        else:
            found[property_] = _named_ones(made, instance, value, are_several=property_.endswith("s"))
    return found


#: Who is named by a property, to the type of resource, and the property of an attachment.
_HOLDERS = {
    "Group": ("aws_iam_group", "Groups"),
    "Role": ("aws_iam_role", "Roles"),
    "User": ("aws_iam_user", "Users"),
}


def _anybody(made: Lowering, instance: Instance, property_: str, value: Choice) -> None:
    """
    Where it is not known who has been given a policy, each may have one that nobody knows: that neither hides nor
    excuses what is written.
    """
    kind = "User" if "member" in instance.type else property_.removesuffix("s").removesuffix("Name")
    type_, holders = _HOLDERS[kind]
    policies = [{"Fn::If": [made.condition(value.condition), lower_value(value.then, made), {"Ref": "AWS::NoValue"}]}]
    properties = {"PolicyArns": policies, holders: [{"Ref": one.address} for one in made.of_type(type_)]}
    made.add(instance, ATTACHMENT, properties, f"{instance.address}#{property_}")


def _named_ones(made: Lowering, instance: Instance, value: Value, *, are_several: bool) -> object:
    value = _only_piece(value)
    if isinstance(value, Symbol) or (are_several and isinstance(value, Variable)):
        return _any(instance, value)
    if isinstance(value, Items):
        return [one for item in value.items for one in (*_of_instances(made, item), _named_one(made, instance, item))]
    if isinstance(value, Choice):
        sides = (_named_ones(made, instance, side, are_several=are_several) for side in (value.then, value.otherwise))
        return {"Fn::If": [made.condition(value.condition), *sides]}
    return lower_value(value, made)


def _of_instances(made: Lowering, item: Value) -> list[object]:
    """The one of a block that is judged, where all of its instances are named."""
    if not isinstance(item, OfInstances):
        return []
    one, condition = lower_value(item.one, made), item.instances.condition
    if condition is None:
        return [one]
    return [{"Fn::If": [made.condition(condition), one, {"Ref": "AWS::NoValue"}]}]


def _named_one(made: Lowering, instance: Instance, item: Value) -> object:
    item = _only_piece(item)
    if isinstance(item, Maybe):
        there = _named_one(made, instance, item.value)
        return {"Fn::If": [made.condition(item.condition), there, {"Ref": "AWS::NoValue"}]}
    if isinstance(item, Rest):
        return _any(instance, item.of)
    return _any(instance, item) if isinstance(item, Symbol) else lower_value(item, made)


def _only_piece(value: Value) -> Value:
    """What a text consists of that nobody knows: ``format("%s", …)`` names whoever that does."""
    pieces = [one for one in value.pieces if not isinstance(one, Known) or one.value] if isinstance(value, Text) else []
    return pieces[0] if len(pieces) == 1 and isinstance(pieces[0], Symbol) else value


def _any(instance: Instance, value: Value) -> object:
    name = recognisable_text(value)
    # A budget is named wherever it was reached.
    over = f": {value.reason}" if isinstance(value, Symbol) and BUDGET in value.reason else ""
    return {UNCLEAR: [name, f"whom {instance.address} is about is not known ({name}{over}), and it may be anybody"]}


#: Types of attachments, to the argument that has the policies and the properties that name the holders.
_ATTACHMENTS = {
    "aws_iam_role_policy_attachment": ("policy_arn", {"Roles": "role"}),
    "aws_iam_user_policy_attachment": ("policy_arn", {"Users": "user"}),
    "aws_iam_group_policy_attachment": ("policy_arn", {"Groups": "group"}),
    "aws_iam_role_policy_attachments_exclusive": ("policy_arns", {"Roles": "role_name"}),
    "aws_iam_user_policy_attachments_exclusive": ("policy_arns", {"Users": "user_name"}),
    "aws_iam_group_policy_attachments_exclusive": ("policy_arns", {"Groups": "group_name"}),
    "aws_iam_policy_attachment": ("policy_arn", {"Roles": "roles", "Users": "users", "Groups": "groups"}),
}


def attachment(made: Lowering, instance: Instance) -> None:
    """Managed policies that are attached."""
    policies, holders = _ATTACHMENTS[instance.type]
    properties = made.properties(instance, {"PolicyArns": policies}) | _naming(made, instance, holders)
    made.add(instance, ATTACHMENT, properties)


def memberships(made: Lowering, instance: Instance) -> None:
    """``aws_iam_user_group_membership``, ``aws_iam_group_membership``"""
    if instance.type == "aws_iam_group_membership":
        made.add(
            instance,
            "AWS::IAM::UserToGroupAddition",
            _naming(made, instance, {"GroupName": "group", "Users": "users"}),
        )
        return
    named = _naming(made, instance, {"User": "user", "Groups": "groups"})
    groups = named.get("Groups", [])
    for number, group in enumerate(groups if isinstance(groups, list) else [groups]):
        properties = {"GroupName": group, "Users": [named["User"]] if "User" in named else []}
        made.add(
            instance, "AWS::IAM::UserToGroupAddition", properties, f"{instance.address}#{number}" if number else ""
        )


def credentials(made: Lowering, instance: Instance) -> None:
    """``aws_iam_access_key``, ``aws_iam_user_login_profile``"""
    type_ = ACCESS_KEY if instance.type == "aws_iam_access_key" else LOGIN_PROFILE
    made.add(instance, type_, made.properties(instance, {"UserName": "user"}))


# -- Identity Center


def permission_set(made: Lowering, instance: Instance) -> None:
    """``aws_ssoadmin_permission_set``"""
    properties = made.properties(instance, {"Name": "name", "SessionDuration": "session_duration"})
    before = made.resources.get(instance.address, {}).get("Properties")
    made.add(instance, PERMISSION_SET, {**(before if isinstance(before, dict) else {}), **properties})


def permission_set_policy(made: Lowering, instance: Instance) -> None:
    """``aws_ssoadmin_permission_set_inline_policy``"""
    # A permission set has one, so that several are of one name.
    properties: dict[str, object] = {"PermissionSet": {"Ref": _permission_set(made, instance)}, "PolicyName": "inline"}
    _document(made, instance, properties, "PolicyDocument", "inline_policy")
    made.add(instance, "Trustproof::SSO::InlinePolicy", properties)


def permission_set_attachment(made: Lowering, instance: Instance) -> None:
    """What is attached to a permission set: policies of AWS, policies by their name, a boundary."""
    logical_id = _permission_set(made, instance)
    properties = made.resources[logical_id].setdefault("Properties", {})
    assert isinstance(properties, dict)
    for name in ("managed_policy_arn", "managed_policy_arns"):
        given = made.text(instance, name)
        if given is not ABSENT:
            listed = given if isinstance(given, list) else [given]
            properties.setdefault("ManagedPolicies", []).extend(made.where(instance, one) for one in listed)
    if instance.type == "aws_ssoadmin_permissions_boundary_attachment":
        for _, block in made.blocks(instance, "permissions_boundary"):
            before = properties.get("PermissionsBoundary")
            properties["PermissionsBoundary"] = made.where(instance, _boundary(made, block), before)
        if isinstance(value := made.value(instance, "permissions_boundary"), Unknown):
            properties["PermissionsBoundary"] = {"ManagedPolicyArn": reference(value.shown)}
        return
    references = properties.setdefault("CustomerManagedPolicyReferences", [])
    references += (
        made.where(instance, _named(made, block))
        for _, block in made.blocks(instance, "customer_managed_policy_reference")
    )
    if isinstance(value := made.value(instance, "customer_managed_policy_reference"), Unknown):
        references.append({"Name": reference(value.shown)})


def _boundary(made: Lowering, block: Mapping[str, Value]) -> object:
    arn = block.get("managed_policy_arn")
    if arn is not None and not (isinstance(arn, Known) and arn.value in (None, "")):
        return {"ManagedPolicyArn": lower_value(arn, made)}
    reference = block.get("customer_managed_policy_reference")
    items = reference.items if isinstance(reference, Items) else ()
    named = next((item.by_key for item in items if isinstance(item, Fields)), {})
    return {"CustomerManagedPolicyReference": _named(made, named)}


def _named(made: Lowering, block: Mapping[str, Value]) -> dict[str, object]:
    return {
        name.title(): lower_value(block[name], made)
        for name in ("name", "path")
        if name in block and not (isinstance(block[name], Known) and getattr(block[name], "value", None) is None)
    }


def permission_set_assignment(made: Lowering, instance: Instance) -> None:
    """``aws_ssoadmin_account_assignment``"""
    named = {"PrincipalId": "principal_id", "PrincipalType": "principal_type", "TargetId": "target_id"}
    properties = made.properties(instance, named)
    properties["PermissionSetArn"] = {"Ref": _permission_set_id(made, instance)}
    made.add(instance, ACCOUNT_ASSIGNMENT, properties)


#: What replaces what others give to a permission set, to what it has all of, and the arguments that say what stays.
_REPLACES = {
    "aws_ssoadmin_permission_set_inline_policy": (INLINE, ()),
    "aws_ssoadmin_managed_policy_attachments_exclusive": (ATTACHED, ("managed_policy_arns",)),
    "aws_ssoadmin_customer_managed_policy_attachments_exclusive": (ATTACHED, ()),
    "aws_ssoadmin_permissions_boundary_attachment": (BOUNDARY, ()),
}


def replaced(made: Lowering, instances: Iterable[Instance]) -> Iterator[Claim]:
    """What is taken away of permission sets of other templates: by its ARN nobody knows which one is meant."""
    for instance in instances:
        what, arguments = _REPLACES.get(instance.type, ("", ()))
        address = _permission_set_id(made, instance) if what else ""
        own = made.resources.get(address, {})
        is_own = own.get("Type") == PERMISSION_SET
        if what and not (is_own and address in made.by_address and not made.by_address[address].existed):
            properties = own.get("Properties")
            named = pieces_of(properties.get("Name")) if is_own and isinstance(properties, dict) else (None,)
            listed = [made.text(instance, name) for name in arguments]
            kept = [arn for one in listed if isinstance(one, list) for arn in one if isinstance(arn, str)]
            yield Claim(f"{what} permission set", named, tuple(kept))


def _permission_set(made: Lowering, instance: Instance) -> str:
    """The logical id of the permission set that a resource is about; one that nobody declares is made up."""
    found = _permission_set_id(made, instance)
    made.resources.setdefault(found, {"Type": NAMED_PERMISSION_SET, "Properties": {}})
    return found


def _permission_set_id(made: Lowering, instance: Instance) -> str:
    value = made.value(instance, "permission_set_arn")
    if isinstance(value, Attribute) and value.address in made.by_address:
        return value.address
    if isinstance(value, Known):
        own = [one for name in ("arn", "id") for one in made.having("aws_ssoadmin_permission_set", name, value.value)]
        return own[0].address if own else str(value.value)
    return "" if value is None else recognisable_text(value)


def profile(made: Lowering, instance: Instance) -> None:
    """``aws_rolesanywhere_profile``"""
    named = {
        "DurationSeconds": "duration_seconds",
        "Enabled": "enabled",
        "ManagedPolicyArns": "managed_policy_arns",
        "RoleArns": "role_arns",
        "SessionPolicy": "session_policy",
    }
    made.add(instance, "AWS::RolesAnywhere::Profile", made.properties(instance, named))


LOWER: dict[str, Callable[[Lowering, Instance], None]] = {
    "aws_iam_role": role,
    "aws_iam_user": entity,
    "aws_iam_group": entity,
    "aws_iam_policy": managed_policy,
    "aws_iam_role_policy": inline,
    "aws_iam_user_policy": inline,
    "aws_iam_group_policy": inline,
    **dict.fromkeys(_ATTACHMENTS, attachment),
    "aws_iam_user_group_membership": memberships,
    "aws_iam_group_membership": memberships,
    "aws_iam_access_key": credentials,
    "aws_iam_user_login_profile": credentials,
    "aws_ssoadmin_permission_set": permission_set,
    "aws_ssoadmin_account_assignment": permission_set_assignment,
    "aws_ssoadmin_permission_set_inline_policy": permission_set_policy,
    "aws_ssoadmin_managed_policy_attachment": permission_set_attachment,
    "aws_ssoadmin_managed_policy_attachments_exclusive": permission_set_attachment,
    "aws_ssoadmin_customer_managed_policy_attachment": permission_set_attachment,
    "aws_ssoadmin_customer_managed_policy_attachments_exclusive": permission_set_attachment,
    "aws_ssoadmin_permissions_boundary_attachment": permission_set_attachment,
    "aws_rolesanywhere_profile": profile,
}
