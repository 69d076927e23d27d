"""
Service and resource control policies of Terraform, and what they are attached to.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/organizations_policy
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/organizations_policy_attachment
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from trustproof.inputs.cloudformation.resources.access.control_policies import CONTROL_POLICY
from trustproof.inputs.cloudformation.values.catalogue import GIVES, KNOWN_AS
from trustproof.inputs.terraform.lowering.expressions import ABSENT, unread
from trustproof.inputs.terraform.lowering.lowering import Lowering, Root
from trustproof.inputs.terraform.snapshots.assignments import texts_of, unknown_in
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Attribute, Known
from trustproof.model.outward_changes import MovedAccount

POLICY, ATTACHMENT = "aws_organizations_policy", "aws_organizations_policy_attachment"
#: What a policy is of which the configuration does not say it.
_TYPE = "SERVICE_CONTROL_POLICY"
_TYPES = (_TYPE, "RESOURCE_CONTROL_POLICY")
_ORGANIZATION = "aws_organizations_organization"
_ENABLED = "enabled_policy_types"
#: Types of accounts, to the arguments that are their id and what they are below.
_ACCOUNTS = {
    "aws_organizations_account": ("id", "parent_id"),
    "awscc_organizations_account": ("account_id", "parent_ids"),
}
_UNITS = ("aws_organizations_organizational_unit", "awscc_organizations_organizational_unit")
#: In the address of what stands for any number of instances, none too.
_ANY = "[*]"


def control_policy(made: Lowering, instance: Instance) -> None:
    """``aws_organizations_policy``"""
    properties = {"Type": _TYPE, **made.properties(instance, {"Name": "name", "Type": "type"})}
    value = made.value(instance, "content")
    document = made.policy(instance, ("content",), value)
    properties["Content"] = unread("its content is not in the file") if document is ABSENT else document
    made.roots[instance.address, ("Content",)] = Root(instance.address, ("content",), value)
    made.add(instance, CONTROL_POLICY, properties)


def attach(made: Lowering, instances: Iterable[Instance]) -> None:
    """
    Say of the control policies of a template what they are attached to, by the attachments that are certainly there and
    certainly those of one of them: a proof rests on no other one. What variables decide is said with its condition.

    Where an organization disables a type of policies, all of that type are detached from everything, and enabling it
    again attaches none of them. Nothing attaches one of a type that is not enabled: AWS refuses it.

    https://docs.aws.amazon.com/organizations/latest/userguide/disable-policy-type.html
    """
    disabled = disabled_types(made)
    without: dict[str, None] = {}
    for address, resource in made.resources.items():
        properties = resource.get("Properties")
        if resource.get("Type") != CONTROL_POLICY or not isinstance(properties, dict):
            continue
        if (instance := made.by_address.get(address)) is not None and isinstance(instance.values, KnownValues):
            # No other file of the run has one that is made anew.
            resource[KNOWN_AS] = [*known_as(instance)] if instance.existed else []
        if not disabled:
            continue
        type_ = properties.get("Type")
        # One that is not known may be any.
        if not isinstance(type_, str) or type_ in disabled:
            properties.pop("TargetIds", None)
            without[address] = None
            why = disabled.get(str(type_)) or next(iter(disabled.values()))
            made.notes.append(Note(address, f"counts as attached to nothing: {why}"))
    for instance in instances:
        if instance.type != ATTACHMENT or _ANY in instance.address:
            continue
        address, target = _attached(made, instance), made.text(instance, "target_id")
        resource = made.resources.get(address, {})
        properties = resource.get("Properties")
        if resource.get("Type") != CONTROL_POLICY or not isinstance(properties, dict) or target is ABSENT:
            continue
        if address in without:
            continue
        targets = properties.setdefault("TargetIds", [])
        if not isinstance(targets, list):
            # Of awscc, and not known how many.
            continue
        made.roots[address, ("TargetIds", len(targets))] = Root(
            instance.address, ("target_id",), instance.values["target_id"]
        )
        targets.append(made.where(instance, target))
        # What it is attached to is compared with what the policy says.
        made.resources.get(instance.address, {}).pop(GIVES, None)


def known_as(policy: Instance) -> tuple[str, ...]:
    """The id and name of a control policy that is or was there, as far as they are known."""
    return tuple(dict.fromkeys(text for name in ("id", "policy_id", "name") for text in texts_of(policy, name)))


def disabled_types(made: Lowering) -> dict[str, str]:
    """
    The types of control policies that an organization has disabled, or that a plan disables in one, to what to say of
    policies of that type.
    """
    now = {one.address: one for one in made.snapshot.instances}
    found: dict[str, str] = {}
    for was in (*made.snapshot.replaced, *made.snapshot.deleted):
        if was.type != _ORGANIZATION:
            continue
        after = now.get(was.address)
        kept = texts_of(after, _ENABLED) if after is not None and after.existed else ()
        before = _TYPES if after is None or not after.existed else texts_of(was, _ENABLED)
        reason = f"the plan makes {was.address} disable policies of its type, or delete them"
        found |= dict.fromkeys((one for one in before if one in _TYPES and one not in kept), reason)
    for one in now.values():
        if one.type == _ORGANIZATION and _says_what_it_enables(one):
            enabled = texts_of(one, _ENABLED)
            reason = f"{one.address} has no policies of its type enabled ({_ENABLED})"
            found = {**dict.fromkeys((type_ for type_ in _TYPES if type_ not in enabled), reason), **found}
    return found


def _says_what_it_enables(organization: Instance) -> bool:
    """Whether it is known of all types of policies whether they are enabled; what nobody sets enables none."""
    if organization.is_data or organization.condition is not None or _ANY in organization.address:
        return False
    if isinstance(organization.values, KnownValues):
        return _ENABLED in organization.values.known and not unknown_in(organization, _ENABLED)
    return not unknown_in(organization, _ENABLED)


def closed_units(made: Lowering) -> Iterator[str]:
    """
    The ids of organizational units that a plan deletes: AWS refuses it while accounts are below, so they are elsewhere.

    https://docs.aws.amazon.com/organizations/latest/userguide/delete-ou.html
    """
    now = {one.address: one for one in made.snapshot.instances}
    for was in (*made.snapshot.replaced, *made.snapshot.deleted):
        if was.type in _UNITS and ((after := now.get(was.address)) is None or not after.existed):
            yield from texts_of(was, "id")


def moved_accounts(made: Lowering) -> Iterator[MovedAccount]:
    """
    The accounts that a plan puts below another unit, or takes out of the organization.

    One that is closed or removed is reached by no control policy that anybody may count on.
    """
    now = {one.address: one for one in made.snapshot.instances}
    for was in (*made.snapshot.replaced, *made.snapshot.deleted):
        if was.type not in _ACCOUNTS:
            continue
        account, parent = _ACCOUNTS[was.type]
        after = now.get(was.address)
        for id_ in texts_of(was, account):
            if after is None or not after.existed:
                yield MovedAccount(id_, None)
            elif (to := texts_of(after, parent)) != texts_of(was, parent):
                yield MovedAccount(id_, to[0] if len(to) == 1 else "")


def _attached(made: Lowering, attachment: Instance) -> str:
    """The address of the policy that is attached; empty where that is not one of the template for sure."""
    value = made.value(attachment, "policy_id")
    if isinstance(value, Attribute):
        return value.address if value.name == "id" and _ANY not in value.address else ""
    named = made.having(POLICY, "id", value.value) if isinstance(value, Known) else ()
    return named[0].address if len(named) == 1 else ""


LOWER: dict[str, Callable[[Lowering, Instance], None]] = {POLICY: control_policy}
