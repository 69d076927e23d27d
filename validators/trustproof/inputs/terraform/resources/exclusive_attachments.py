"""
Resources that take away what they do not list: whether it is there beside them, nobody knows.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_user_policies_exclusive
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy_attachment
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from trustproof.inputs.cloudformation.values.catalogue import ATTACHMENT
from trustproof.inputs.cloudformation.values.exclusive_claims import ATTACHED, HOLDERS, INLINE, MEMBERS, Claim
from trustproof.inputs.terraform.lowering.claims_to_others import NOTHING, POLICY, claims_to_others, leaves
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.resources.conditional_items import (
    all_,
    both,
    guarded_leaves,
    in_any_case,
    move_policy,
)
from trustproof.inputs.terraform.resources.exclusive_lists import ListClaim, ListClaims, Names, Removal, where_set
from trustproof.inputs.terraform.values.conditions import Condition, Not, Undecided
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Items

_KINDS = ("User", "Role", "Group")
_HOLDERS = tuple(f"{kind}s" for kind in _KINDS)
_MEMBERSHIP = "AWS::IAM::UserToGroupAddition"


def exclude(made: Lowering, instances: Iterable[Instance]) -> list[Claim]:
    """
    Let what one resource declares, and another one does not list, be there or not.

    Returns:
        What it takes away of what other templates give.
    """
    found: list[Claim] = []
    by_type: dict[str, list[Instance]] = {}
    forgotten = _forgotten(made)
    for instance in instances:
        if instance.address in forgotten:
            # What Terraform knows no more takes nothing away.
            continue
        by_type.setdefault(instance.type, []).append(instance)
    for kind in _KINDS:
        names = Names(made, kind)
        of_inline, of_managed = ([*claims(made, by_type, kind)] for claims in (_inline_claims, _claims_of_holders))
        found += _outward(made, f"{INLINE} {kind.lower()}", kind, of_inline)
        found += _outward(made, f"{ATTACHED} {kind.lower()}", kind, of_managed)
        _inline(made, kind, ListClaims(names, of_inline))
        _managed(made, f"{kind}s", ListClaims(names, of_managed), by_holder=True)
        of_policies = [*_claims_of_policies(made, by_type, kind)]
        found += _outward(made, f"{HOLDERS} {kind.lower()}", POLICY, of_policies)
        _managed(made, f"{kind}s", ListClaims(names, of_policies), by_holder=False)
    memberships = [_claim(made, one, "group", "users") for one in by_type.get("aws_iam_group_membership", ())]
    _members(made, memberships)
    return [*found, *_outward(made, f"{MEMBERS} group", "Group", memberships)]


def _outward(made: Lowering, what: str, kind: str, claims: Iterable[ListClaim]) -> Iterator[Claim]:
    """What claims are to other templates."""
    for claim in claims:
        yield from claims_to_others(made, what, kind, claim.of, in_any_case(claim.lists))


def _members(made: Lowering, listed: Sequence[ListClaim]) -> None:
    """Let those be in a group or not whom a resource does not list that has all its members."""
    users, groups = Names(made, "User"), Names(made, "Group")
    claims = ListClaims(groups, listed)
    for logical_id, resource in [*made.resources.items()] if claims else ():
        properties = _properties(made, logical_id)
        if resource["Type"] == _MEMBERSHIP:
            about = claims.about(leaves(properties.get("GroupName")))
            _keep(made, logical_id, properties, "Users", partial(users.removals, about))
        elif resource["Type"] == "AWS::IAM::User":
            for group in [*leaves(properties.get("Groups"))]:
                against = users.removals(claims.about([group]), {"Ref": logical_id})
                _keep(made, logical_id, properties, "Groups", groups.only(group, against))


def _claim(made: Lowering, instance: Instance, of: str, lists: str) -> ListClaim:
    whom, listed = made.text(instance, of), made.text(instance, lists)
    return ListClaim(instance, tuple(leaves(whom)), tuple(guarded_leaves(listed)))


def _inline_claims(made: Lowering, by_type: Mapping[str, list[Instance]], kind: str) -> Iterator[ListClaim]:
    """What has all inline policies of somebody."""
    lower = kind.lower()
    for instance in by_type.get(f"aws_iam_{lower}_policies_exclusive", ()):
        yield _claim(made, instance, f"{lower}_name", "policy_names")
    for instance in by_type.get("aws_iam_role", ()) if kind == "Role" else ():
        if _sets(made, instance, "inline_policy"):
            listed = [
                found
                for one, guards in guarded_leaves(_properties(made, instance.address).get("Policies"))
                if isinstance(one, dict)
                for found in guarded_leaves(one.get("PolicyName"), guards)
            ]
            said = where_set(instance.values["inline_policy"], blocks=True)
            yield ListClaim(instance, ({"Ref": instance.address},), tuple(listed), said)


def _claims_of_holders(made: Lowering, by_type: Mapping[str, list[Instance]], kind: str) -> Iterator[ListClaim]:
    """What has all managed policies of somebody."""
    lower = kind.lower()
    for instance in by_type.get(f"aws_iam_{lower}_policy_attachments_exclusive", ()):
        yield _claim(made, instance, f"{lower}_name", "policy_arns")
    for instance in by_type.get("aws_iam_role", ()) if kind == "Role" else ():
        if _sets(made, instance, "managed_policy_arns"):
            claim = _claim(made, instance, "managed_policy_arns", "managed_policy_arns")
            said = where_set(instance.values["managed_policy_arns"], blocks=False)
            yield claim._replace(of=({"Ref": instance.address},), said=said)


def _claims_of_policies(made: Lowering, by_type: Mapping[str, list[Instance]], kind: str) -> Iterator[ListClaim]:
    """What has all that a managed policy is attached to."""
    for instance in by_type.get("aws_iam_policy_attachment", ()):
        yield _claim(made, instance, "policy_arn", f"{kind.lower()}s")


def _sets(made: Lowering, instance: Instance, name: str) -> bool:
    """Whether the configuration sets an argument that shows what others have set where it does not."""
    value = made.value(instance, name)
    if value is None or (name == "inline_policy" and isinstance(value, Items) and not value.items):
        return False
    return not isinstance(instance.values, KnownValues) or instance.values.sets(name)


def _inline(made: Lowering, kind: str, claims: ListClaims) -> None:
    names = claims.names
    for logical_id, resource in [*made.resources.items()] if claims else ():
        properties = _properties(made, logical_id)
        if resource["Type"] == f"AWS::IAM::{kind}Policy":
            about = claims.about(leaves(properties.get(f"{kind}Name")))
            found = _there(made, logical_id, names.removals(about, properties.get("PolicyName")))
            if found is not None:
                before = resource.get("Condition")
                resource["Condition"] = found if not isinstance(before, str) else both(made, before, found)
        elif resource["Type"] == f"AWS::IAM::{kind}" and "Policies" in properties:
            about = claims.about([{"Ref": logical_id}])
            entries = properties["Policies"]
            assert isinstance(entries, list)
            for number, entry in enumerate(entries):
                found = _there(made, logical_id, names.removals(about, _name_in(entry)))
                if found is not None:
                    entries[number] = {"Fn::If": [found, entry, NOTHING]}
                    move_policy(made, logical_id, number)


def _name_in(entry: object) -> object:
    """The name of what may be an inline policy."""
    if not isinstance(entry, dict) or entry == NOTHING:
        return entry
    if isinstance(found := entry.get("Fn::If"), list):
        return {"Fn::If": [found[0], *map(_name_in, found[1:])]}
    return entry.get("PolicyName", {})


def _managed(made: Lowering, key: str, claims: ListClaims, *, by_holder: bool) -> None:
    """
    Attachments of managed policies.

    Args:
        key: the property that has the holders.
        by_holder: whether each claim is one to all policies of a holder, or to all holders of a policy.
    """
    names = claims.names
    for logical_id, resource in [*made.resources.items()] if claims else ():
        properties = _properties(made, logical_id)
        if resource["Type"] == f"AWS::IAM::{key[:-1]}" and "ManagedPolicyArns" in properties:
            holders: list[object] = [{"Ref": logical_id}]
            policies, is_alone = "ManagedPolicyArns", True
        elif resource["Type"] == ATTACHMENT and key in properties:
            holders, policies = [*leaves(properties[key])], "PolicyArns"
            # What is taken from one of several holders is left to the others, of whatever kind they are.
            is_alone = len(holders) == 1 and not any(properties.get(one) for one in _HOLDERS if one != key)
        else:
            continue
        if by_holder and is_alone:
            _keep(made, logical_id, properties, policies, partial(names.removals, claims.about(holders)))
        elif by_holder:
            for holder in holders:
                against = names.removals(claims.about([holder]), properties.get("PolicyArns"))
                _keep(made, logical_id, properties, key, names.only(holder, against))
        else:
            for arn in [*leaves(properties.get(policies))]:
                about = claims.about([arn])
                if is_alone:
                    against = names.removals(about, properties.get(key, holders))
                    _keep(made, logical_id, properties, policies, names.only(arn, against))
                else:
                    _keep(made, logical_id, properties, key, partial(names.removals, about))


def _keep(
    made: Lowering,
    logical_id: str,
    properties: dict[str, object],
    key: str,
    against: Callable[[object], Sequence[Removal]],
) -> None:
    """
    Let items of a list be there or not that some resources do not list.

    Args:
        against: gives what takes an item away.
    """
    if key in properties:
        properties[key] = _kept(properties[key], lambda leaf: _there(made, logical_id, against(leaf)))


def _kept(value: object, there: Callable[[object], str | None]) -> object:
    if isinstance(value, list):
        return [_kept(item, there) for item in value]
    if isinstance(value, dict) and isinstance(found := value.get("Fn::If"), list):
        return {"Fn::If": [found[0], *(_kept(side, there) for side in found[1:])]}
    name = there(value) if value != NOTHING else None
    return value if name is None else {"Fn::If": [name, value, NOTHING]}


def _there(made: Lowering, logical_id: str, removals: Sequence[Removal]) -> str | None:
    """The name of the condition that no claim has taken away what a resource gives; None without any."""
    address = logical_id.partition("#")[0]
    against = [one for one in removals if one.claim.instance.address != address]
    conditions: list[Condition] = []
    for claim, where in against:
        by = claim.instance.address
        removes = Undecided(f"{by} removes {address}", is_expression=False)
        conditions.append(Not(all_((*(one for one in (claim.condition, where) if one is not None), removes))))
        listed = "does not list it" if where is None else f"does not list it where {where.shown}"
        note = Note(address, f"{by} {listed}, and removes it when it is applied")
        if note not in made.notes:
            made.notes.append(note)
    if not conditions:
        return None
    if any(_removes(made, address, one.claim) for one in against if one.where is None):
        name = f"{address} is not removed"
        made.conditions[name] = {"Fn::Equals": ["removed", "not removed"]}
        return name
    return made.condition(all_(conditions))


def _forgotten(made: Lowering) -> frozenset[str]:
    """The addresses of what a plan forgets: it is applied no more."""
    return frozenset(one.address for one in made.snapshot.forgotten)


def _removes(made: Lowering, address: str, claim: ListClaim) -> bool:
    """
    Whether a claim takes away for sure what a plan forgets: what nobody applies again, and is not listed where the
    claim is applied.
    """
    instance = claim.instance
    changed = (one.address for one in made.snapshot.replaced)
    is_applied = not instance.existed or instance.address in changed
    # What is about anything, or lists what nobody knows, may be about something else.
    is_known = all(isinstance(one, str) for one, _ in claim.lists) and not any(map(_is_open, claim.of))
    return is_applied and is_known and claim.condition is None and address in _forgotten(made)


def _is_open(value: object) -> bool:
    return not isinstance(value, str)


def _properties(made: Lowering, logical_id: str) -> dict[str, object]:
    found = made.resources.get(logical_id, {}).get("Properties")
    return found if isinstance(found, dict) else {}
