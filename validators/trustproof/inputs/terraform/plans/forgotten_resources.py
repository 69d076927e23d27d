"""
What a plan forgets: it stays in AWS as it is, and is to be judged with the rest.

https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources
https://opentofu.org/docs/language/resources/removing/
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.terraform.accounts.providers import DEFAULT, Home, Homes, account_of
from trustproof.inputs.terraform.snapshots.assignments import (
    Assignment,
    assignments,
    assignments_and_names,
    own_policy,
    policy_of,
    texts_of,
)
from trustproof.inputs.terraform.snapshots.deposed_objects import DEPOSED
from trustproof.inputs.terraform.snapshots.holders import HOLDERS, NewHolders
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.types.types_of_aws import AWS
from trustproof.inputs.terraform.values.conditions import AllOf, Condition, Not, Undecided
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Fields, Items, Known

#: Where a change is a replacement, and what was there is not deleted.
FORGOTTEN_OBJECT = " (forgotten object)"
_REASON = "is forgotten by the plan, and read as it was: it stays in AWS, and no later plan shows it"
#: Why what an exclusive resource has attached is read.
_LEFT = "goes, which detaches nothing: what it has attached is read as it was, and no later plan shows it"
#: Types that have all managed policies of somebody, to the kind of holder, and the arguments that name the holder and
#: the policies; see `is_exclusive`.
_EXCLUSIVE = {
    **{
        f"aws_iam_{kind}_policy_attachments_exclusive": (kind, f"{kind}_name", "policy_arns")
        for kind in ("user", "role", "group")
    },
    "aws_ssoadmin_managed_policy_attachments_exclusive": (
        "permission_set_arn",
        "permission_set_arn",
        "managed_policy_arns",
    ),
    "aws_ssoadmin_customer_managed_policy_attachments_exclusive": ("permission_set_arn", "permission_set_arn", ""),
}
_PERMISSION_SET = "aws_ssoadmin_permission_set"
#: What stands around one bucket: another resource of the type replaces it.
_OF_BUCKETS = "aws_s3_bucket_public_access_block"


def is_exclusive(type_: str) -> bool:
    """
    Whether resources of a type attach policies, and detach none of them when they are deleted: "Destruction of this
    resource means Terraform will no longer manage reconciliation of the configured policy attachments. It will not
    detach the configured policies."

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_user_policy_attachments_exclusive
    """
    return type_ in _EXCLUSIVE


def with_forgotten_resources(snapshot: Snapshot, homes: Homes) -> Snapshot:
    """
    A plan with what it forgets, as far as nothing that it makes takes the place of that; with notes.

    Args:
        snapshot: of the plan.
        homes: of what the plan makes.
    """
    planned = _Planned(snapshot, homes)
    found: list[Instance] = []
    notes: list[Note] = []
    doubt = snapshot.doubt
    for one in snapshot.forgotten:
        instance, is_told = _with_provider(one, planned)
        if not is_told and not doubt:
            doubt = f"the plan does not say which account {one.address} is in, which it forgets"
        if planned.has_gone(instance):
            continue
        instance = planned.without_deleted(instance)
        same = tuple(planned.same_as(instance))
        if any(is_certain for _, is_certain in same):
            continue
        if same:
            shown = dict.fromkeys(address for address, _ in same)
            different: tuple[Condition, ...] = tuple(
                Not(Undecided(f"{address} is the same to AWS as {one.address}", is_expression=False))
                for address in shown
            )
            instance = _copy(instance, instance.provider, different[0] if len(different) == 1 else AllOf(different))
        found.append(instance)
        notes.append(Note(one.address, _LEFT if is_exclusive(one.type) else _REASON))
    instances = (*snapshot.instances, *found)
    return snapshot._replace(instances=instances, notes=(*snapshot.notes, *notes), doubt=doubt)


class _Planned:
    """
    What a plan makes, or keeps, by what it is to AWS.

    Args:
        snapshot: of the plan.
        homes: of what it makes.
    """

    def __init__(self, snapshot: Snapshot, homes: Homes) -> None:
        self.homes = homes
        self.new = NewHolders(snapshot.instances)
        self.holders: dict[tuple[str, str], Instance] = {}
        self._arns: dict[str, str] = {}
        self._given: dict[Assignment, list[Instance]] = {}
        for one in snapshot.instances:
            if one.is_data or DEPOSED in one.address:
                continue
            for arn in texts_of(one, "arn"):
                self._arns.setdefault(f"{one.type} {arn}", one.address)
            if one.type in HOLDERS:
                for name in texts_of(one, HOLDERS[one.type]):
                    self.holders.setdefault((one.type.removeprefix("aws_iam_"), name), one)
            for given in _given_by(one):
                self._given.setdefault(given, []).append(one)
        self._deleted = frozenset(
            (one.type.removeprefix("aws_iam_"), name)
            for one in snapshot.deleted
            if one.type in HOLDERS
            for name in texts_of(one, HOLDERS[one.type])
        ) | _deleted_permission_sets(snapshot)
        after = {one.address: one for one in snapshot.instances}
        kept = {
            one.address: frozenset(assignments(after[one.address])) for one in snapshot.replaced if one.address in after
        }
        #: What attachments that the plan deletes, or gives something else, have given.
        self._taken = frozenset(
            given
            for one in (*snapshot.deleted, *snapshot.replaced)
            for given in assignments(one)
            if one.type.startswith(AWS) and given not in kept.get(one.address, ())
        )

        self._no_policies = frozenset(
            arn for one in snapshot.deleted if one.type == "aws_iam_policy" for arn in texts_of(one, "arn")
        )

    def without_deleted(self, instance: Instance) -> Instance:
        """What an exclusive resource has attached, but for what other attachments detach since they are deleted."""
        kind, holder, argument = _EXCLUSIVE.get(instance.type, ("", "", ""))
        if not argument or not isinstance(instance.values, KnownValues):
            return instance
        holders = texts_of(instance, holder)
        left = [
            one
            for one in texts_of(instance, argument)
            if one not in self._no_policies
            and all(Assignment("managed", kind, name, one) not in self._taken for name in holders)
        ]
        values = instance.values.with_value(argument, Items(tuple(map(Known, left))))
        return Instance(instance.address, instance.type, instance.provider, values, key=instance.key, existed=True)

    def has_gone(self, instance: Instance) -> bool:
        """Whether all whom an instance gives something to are deleted, or replaced, by the plan."""
        holders: set[tuple[str, str | None]] = {(one.kind, one.holder) for one in assignments(instance)}
        if instance.type in _EXCLUSIVE:
            kind, holder, _ = _EXCLUSIVE[instance.type]
            holders = {(kind, name) for name in texts_of(instance, holder)}
        return bool(holders) and all(
            isinstance(name, str) and ((kind, name) in self._deleted or self.new.has(kind, name))
            for kind, name in holders
        )

    def same_as(self, instance: Instance) -> Iterator[tuple[str, bool]]:
        """The addresses of what takes the place of an instance, each with whether that is certain."""
        for arn in texts_of(instance, "arn"):
            if (address := self._arns.get(f"{instance.type} {arn}")) is not None:
                yield address, True
        if instance.type in HOLDERS:
            for name in texts_of(instance, HOLDERS[instance.type]):
                one = self.holders.get((instance.type.removeprefix("aws_iam_"), name))
                if one is not None and self._is_of_same_account(one, instance):
                    yield one.address, True
        given = list(_given_by(instance))
        # One of several that it gives may be given by another one, and the others not.
        for each in given if len(given) == 1 else ():
            for other in _or_open(each):
                for one in self._given.get(other, ()):
                    is_open = None in (other.holder, other.name)
                    if not self._is_of_same_account(one, instance) or (is_open and self._is_other(one, other)):
                        continue
                    yield one.address, not is_open and self._is_of_same_region(one, instance, each)

    def _is_of_same_account(self, one: Instance, other: Instance) -> bool:
        home = self.homes.of(one.provider)
        return other.provider in home.providers

    def _is_of_same_region(self, one: Instance, other: Instance, given: Assignment) -> bool:
        """Whether two that give the same in one account do so in one Region: IAM has none."""
        return given.kind in ("user", "role", "group") or (
            one.provider == other.provider and len(self.homes.of(one.provider).providers) == 1
        )

    def _is_other(self, one: Instance, given: Assignment) -> bool:
        """
        Whether something that gives what nobody knows cannot take the place of another thing: it stands beside that, or
        is for a holder that the plan makes. Of inline policies of one holder it is looked at what they may be called.
        """
        is_beside = given.what in ("managed", "member") or (given.what == "inline" and given.holder is not None)
        return is_beside or self.new.is_of_new(one, given.kind)


def _deleted_permission_sets(snapshot: Snapshot) -> frozenset[tuple[str, str]]:
    """The permission sets that a plan deletes, or makes again."""
    new = {one.address for one in snapshot.instances if not one.existed}
    gone = (*snapshot.deleted, *(one for one in snapshot.replaced if one.address in new))
    return frozenset(
        ("permission_set_arn", arn) for one in gone if one.type == _PERMISSION_SET for arn in texts_of(one, "arn")
    )


def _or_open(given: Assignment) -> Iterator[Assignment]:
    """What is given, and the same to or by whom nobody knows."""
    for holder in dict.fromkeys((given.holder, None)):
        yield from (given._replace(holder=holder, name=name) for name in dict.fromkeys((given.name, None)))


def _given_by(instance: Instance) -> Iterator[Assignment]:
    """What an instance gives, also by arguments of its own."""
    if instance.type == _OF_BUCKETS:
        for bucket in texts_of(instance, "bucket"):
            yield Assignment("block", "aws_s3_bucket", bucket)
    for given, _ in assignments_and_names(instance):
        yield given
    if own_policy(instance):
        kind, holders = policy_of(instance)
        yield from (Assignment("policy", kind, holder) for holder in holders)
    if instance.type == "aws_iam_role" and isinstance(instance.values, KnownValues):
        inline = instance.values["inline_policy"] if instance.values.sets("inline_policy") else None
        for block in inline.items if isinstance(inline, Items) else ():
            name = block.by_key.get("name") if isinstance(block, Fields) else None
            if isinstance(name, Known) and isinstance(name.value, str):
                for holder in texts_of(instance, "name"):
                    yield Assignment("inline", "role", holder, name.value)


def _with_provider(instance: Instance, planned: _Planned) -> tuple[Instance, bool]:
    """What a plan forgets, with a provider configuration of its account, and whether that could be told."""
    if instance.provider:
        return instance, True
    kind = instance.type.partition("_")[0]
    homes = planned.homes.homes
    if account := account_of(instance):
        home = next((one for one in homes if one.account == account), None)
        open_ = [one for one in homes if one.account is None]
        if home is None and len(homes) == len(open_) == 1:
            home = open_[0]
        provider = f"{kind}.{account}" if home is None else _provider(home)
        return _copy(instance, provider, None), home is not None or not open_
    about = [planned.holders.get((one.kind, one.holder or "")) for one in assignments(instance)]
    providers = {one.provider for one in about if one is not None}
    if len(providers) == 1:
        return _copy(instance, providers.pop(), None), True
    return _copy(instance, _provider(homes[0]) if homes else DEFAULT, None), len(homes) < 2


def _provider(home: Home) -> str:
    return home.providers[0]


def _copy(instance: Instance, provider: str, condition: Condition | None) -> Instance:
    return Instance(
        instance.address,
        instance.type,
        provider,
        instance.values,
        key=instance.key,
        condition=condition,
        existed=True,
    )
