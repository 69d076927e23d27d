"""
Resources that take away what they do not list: whether it is there beside them, nobody knows.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_user_policies_exclusive
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy_attachment
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from trustproof.inputs.cloudformation.values.catalogue import ATTACHMENT
from trustproof.inputs.cloudformation.values.exclusive_claims import ATTACHED, HOLDERS, INLINE, MEMBERS, Claim
from trustproof.inputs.terraform.lowering.claims_to_others import NOTHING, POLICY, claims_to_others, leaves
from trustproof.inputs.terraform.lowering.expressions import ABSENT
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.values.conditions import AllOf, Condition, Not, Undecided
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Items

_KINDS = ("User", "Role", "Group")
_MEMBERSHIP = "AWS::IAM::UserToGroupAddition"


class _Claim(NamedTuple):
    """
    A resource that has all that there is of something.
    """

    instance: Instance
    #: Of whom, or of which policy or group: lowered values.
    of: tuple[object, ...]
    #: All that is to be there.
    lists: tuple[object, ...]


class _Names:
    """
    Whom and what lowered values name.

    Args:
        made: the template.
        kind: of whom: ``User``.
    """

    def __init__(self, made: Lowering, kind: str) -> None:
        self._kind = kind
        self._resources = made.resources

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], str]:
        """Type and name to the logical id: most templates have no claims, and nobody asks."""
        found: dict[tuple[str, str], str] = {}
        for logical_id, resource in self._resources.items():
            type_, properties = str(resource["Type"]).rpartition("::")[2], resource.get("Properties")
            name = properties.get(f"{type_}Name") if isinstance(properties, dict) else None
            if isinstance(name, str):
                found[type_, name] = logical_id
        return found

    def is_known(self, value: object) -> bool:
        """Whether a value names one thing for sure."""
        return isinstance(value, str) or (isinstance(value, dict) and value.get("Ref") in self._resources)

    def key(self, value: object) -> str:
        """What is the same for all values that name the same."""
        if isinstance(value, dict) and value.get("Ref") in self._resources:
            return str(value["Ref"])
        if not isinstance(value, str):
            return json.dumps(value, sort_keys=True, default=str)
        if ":policy/" not in value:
            return self._by_name.get((self._kind, value), value)
        # One of AWS's is none of these.
        own = "" if "::aws:" in value else value.rpartition("/")[2]
        return self._by_name.get(("ManagedPolicy", own), value)

    def lists(self, claim: _Claim, value: object) -> bool:
        """Whether something is among what a resource lists."""
        return self.key(value) in map(self.key, claim.lists)


class _Claims:
    """
    Claims, by what they are about.

    Args:
        names: whom and what values name.
        claims: all of them.
    """

    def __init__(self, names: _Names, claims: Iterable[_Claim]) -> None:
        self.names = names
        self._by_key: dict[str, list[_Claim]] = {}
        #: Of those nobody knows what they are about, and so they may be about anything.
        self._open: list[_Claim] = []
        for claim in claims:
            for one in claim.of:
                (self._by_key.setdefault(names.key(one), []) if names.is_known(one) else self._open).append(claim)

    def __bool__(self) -> bool:
        return bool(self._by_key or self._open)

    def about(self, values: Iterable[object]) -> list[_Claim]:
        """Those that are, or may be, about one of some things."""
        found = [claim for value in values for claim in self._by_key.get(self.names.key(value), ())]
        return [*found, *(claim for claim in self._open if claim not in found)]


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
        names = _Names(made, kind)
        of_inline, of_managed = ([*claims(made, by_type, kind)] for claims in (_inline_claims, _claims_of_holders))
        found += _outward(made, f"{INLINE} {kind.lower()}", kind, of_inline)
        found += _outward(made, f"{ATTACHED} {kind.lower()}", kind, of_managed)
        _inline(made, kind, _Claims(names, of_inline))
        _managed(made, f"{kind}s", _Claims(names, of_managed), by_holder=True)
        of_policies = [*_claims_of_policies(made, by_type, kind)]
        found += _outward(made, f"{HOLDERS} {kind.lower()}", POLICY, of_policies)
        _managed(made, f"{kind}s", _Claims(names, of_policies), by_holder=False)
    memberships = [_claim(made, one, "group", "users") for one in by_type.get("aws_iam_group_membership", ())]
    _members(made, memberships)
    return [*found, *_outward(made, f"{MEMBERS} group", "Group", memberships)]


def _outward(made: Lowering, what: str, kind: str, claims: Iterable[_Claim]) -> Iterator[Claim]:
    """What claims are to other templates."""
    for claim in claims:
        yield from claims_to_others(made, what, kind, claim.of, claim.lists)


def _members(made: Lowering, listed: Sequence[_Claim]) -> None:
    """Let those be in a group or not whom a resource does not list that has all its members."""
    users, groups = _Names(made, "User"), _Names(made, "Group")
    claims = _Claims(groups, listed)
    for logical_id, resource in [*made.resources.items()] if claims else ():
        properties = _properties(made, logical_id)
        if resource["Type"] == _MEMBERSHIP:
            about = claims.about(leaves(properties.get("GroupName")))
            _keep(made, users, logical_id, properties, "Users", about)
        elif resource["Type"] == "AWS::IAM::User":
            for group in [*leaves(properties.get("Groups"))]:
                about = [one for one in claims.about([group]) if not users.lists(one, {"Ref": logical_id})]
                _keep(made, groups, logical_id, properties, "Groups", about, only=group)


def _claim(made: Lowering, instance: Instance, of: str, lists: str) -> _Claim:
    whom, listed = made.text(instance, of), made.text(instance, lists)
    return _Claim(instance, tuple(leaves(whom)), () if listed is ABSENT else tuple(leaves(listed)))


def _inline_claims(made: Lowering, by_type: Mapping[str, list[Instance]], kind: str) -> Iterator[_Claim]:
    """What has all inline policies of somebody."""
    lower = kind.lower()
    for instance in by_type.get(f"aws_iam_{lower}_policies_exclusive", ()):
        yield _claim(made, instance, f"{lower}_name", "policy_names")
    for instance in by_type.get("aws_iam_role", ()) if kind == "Role" else ():
        if _sets(made, instance, "inline_policy"):
            entries = leaves(_properties(made, instance.address).get("Policies", []))
            listed = tuple(one.get("PolicyName") for one in entries if isinstance(one, dict))
            yield _Claim(instance, ({"Ref": instance.address},), listed)


def _claims_of_holders(made: Lowering, by_type: Mapping[str, list[Instance]], kind: str) -> Iterator[_Claim]:
    """What has all managed policies of somebody."""
    lower = kind.lower()
    for instance in by_type.get(f"aws_iam_{lower}_policy_attachments_exclusive", ()):
        yield _claim(made, instance, f"{lower}_name", "policy_arns")
    for instance in by_type.get("aws_iam_role", ()) if kind == "Role" else ():
        if _sets(made, instance, "managed_policy_arns"):
            claim = _claim(made, instance, "managed_policy_arns", "managed_policy_arns")
            yield claim._replace(of=({"Ref": instance.address},))


def _claims_of_policies(made: Lowering, by_type: Mapping[str, list[Instance]], kind: str) -> Iterator[_Claim]:
    """What has all that a managed policy is attached to."""
    for instance in by_type.get("aws_iam_policy_attachment", ()):
        yield _claim(made, instance, "policy_arn", f"{kind.lower()}s")


def _sets(made: Lowering, instance: Instance, name: str) -> bool:
    """Whether the configuration sets an argument that shows what others have set where it does not."""
    value = made.value(instance, name)
    if value is None or (name == "inline_policy" and isinstance(value, Items) and not value.items):
        return False
    return not isinstance(instance.values, KnownValues) or instance.values.sets(name)


def _inline(made: Lowering, kind: str, claims: _Claims) -> None:
    names = claims.names
    for logical_id, resource in [*made.resources.items()] if claims else ():
        properties = _properties(made, logical_id)
        if resource["Type"] == f"AWS::IAM::{kind}Policy":
            about = claims.about(leaves(properties.get(f"{kind}Name")))
            against = [one for one in about if not names.lists(one, properties.get("PolicyName"))]
            found = _there(made, logical_id, against)
            if found is not None:
                before = resource.get("Condition")
                resource["Condition"] = found if not isinstance(before, str) else _both(made, before, found)
        elif resource["Type"] == f"AWS::IAM::{kind}" and "Policies" in properties:
            about = claims.about([{"Ref": logical_id}])
            entries = properties["Policies"]
            assert isinstance(entries, list)
            for number, entry in enumerate(entries):
                listed = [leaf.get("PolicyName") for leaf in leaves(entry) if isinstance(leaf, dict)]
                against = [one for one in about if not all(names.lists(one, name) for name in listed)]
                found = _there(made, logical_id, against)
                if found is not None:
                    entries[number] = {"Fn::If": [found, entry, NOTHING]}
                    _move(made, logical_id, number)


def _move(made: Lowering, logical_id: str, number: int) -> None:
    """Keep in mind what an inline policy was made of that is in a condition now."""
    for key in [*made.roots]:
        if key[0] == logical_id and key[1][:2] == ("Policies", number):
            made.roots[logical_id, (*key[1][:2], "Fn::If", 1, *key[1][2:])] = made.roots.pop(key)


def _managed(made: Lowering, key: str, claims: _Claims, *, by_holder: bool) -> None:
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
            policies = "ManagedPolicyArns"
        elif resource["Type"] == ATTACHMENT and key in properties:
            holders, policies = [*leaves(properties[key])], "PolicyArns"
        else:
            continue
        if by_holder and len(holders) == 1:
            about = claims.about(holders)
            _keep(made, names, logical_id, properties, policies, about)
        elif by_holder:
            for holder in holders:
                arns = [*_arns(properties)]
                about = [one for one in claims.about([holder]) if not all(names.lists(one, arn) for arn in arns)]
                _keep(made, names, logical_id, properties, key, about, only=holder)
        else:
            for arn in [*leaves(properties.get(policies))]:
                about = [one for one in claims.about([arn]) if not all(names.lists(one, who) for who in holders)]
                if len(holders) == 1:
                    _keep(made, names, logical_id, properties, policies, about, only=arn)
                else:
                    _keep(made, names, logical_id, properties, key, about)


def _arns(properties: Mapping[str, object]) -> Iterator[object]:
    return leaves(properties.get("PolicyArns"))


def _keep(
    made: Lowering,
    names: _Names,
    logical_id: str,
    properties: dict[str, object],
    key: str,
    claims: Sequence[_Claim],
    only: object = None,
) -> None:
    """
    Let items of a list be there or not that some resources do not list.

    Args:
        only: the one item that the claims are about; None for each that they do not list.
    """

    def there(leaf: object) -> str | None:
        if only is not None:
            return _there(made, logical_id, claims if names.key(leaf) == names.key(only) else ())
        return _there(made, logical_id, [one for one in claims if not names.lists(one, leaf)])

    if claims and key in properties:
        properties[key] = _kept(properties[key], there)


def _kept(value: object, there: Callable[[object], str | None]) -> object:
    if isinstance(value, list):
        return [_kept(item, there) for item in value]
    if isinstance(value, dict) and isinstance(found := value.get("Fn::If"), list):
        return {"Fn::If": [found[0], *(_kept(side, there) for side in found[1:])]}
    name = there(value) if value != NOTHING else None
    return value if name is None else {"Fn::If": [name, value, NOTHING]}


def _there(made: Lowering, logical_id: str, claims: Sequence[_Claim]) -> str | None:
    """The name of the condition that no claim has taken away what a resource gives; None without any."""
    address = logical_id.partition("#")[0]
    against = [one for one in claims if one.instance.address != address]
    conditions: list[Condition] = []
    for claim in against:
        removes: Condition = Undecided(f"{claim.instance.address} removes {address}", is_expression=False)
        if claim.instance.condition is not None:
            removes = AllOf((claim.instance.condition, removes))
        conditions.append(Not(removes))
        note = Note(address, f"{claim.instance.address} does not list it, and removes it when it is applied")
        if note not in made.notes:
            made.notes.append(note)
    if not conditions:
        return None
    if any(_removes(made, address, claim) for claim in against):
        name = f"{address} is not removed"
        made.conditions[name] = {"Fn::Equals": ["removed", "not removed"]}
        return name
    return made.condition(conditions[0] if len(conditions) == 1 else AllOf(tuple(conditions)))


def _forgotten(made: Lowering) -> frozenset[str]:
    """The addresses of what a plan forgets: it is applied no more."""
    return frozenset(one.address for one in made.snapshot.forgotten)


def _removes(made: Lowering, address: str, claim: _Claim) -> bool:
    """
    Whether a claim takes away for sure what a plan forgets: what nobody applies again, and is not listed where the
    claim is applied.
    """
    instance = claim.instance
    changed = (one.address for one in made.snapshot.replaced)
    is_applied = not instance.existed or instance.address in changed
    # What is about anything, or lists what nobody knows, may be about something else.
    is_known = all(isinstance(one, str) for one in claim.lists) and not any(map(_is_open, claim.of))
    return is_applied and is_known and instance.condition is None and address in _forgotten(made)


def _is_open(value: object) -> bool:
    return not isinstance(value, str)


def _both(made: Lowering, one: str, other: str) -> str:
    name = f"({one}) && ({other})"
    made.conditions[name] = {"Fn::And": [{"Condition": one}, {"Condition": other}]}
    return name


def _properties(made: Lowering, logical_id: str) -> dict[str, object]:
    found = made.resources.get(logical_id, {}).get("Properties")
    return found if isinstance(found, dict) else {}
