"""
What goes with a user, role, group or bucket that a plan replaces by one of its name, and is left as it is by the plan:
Terraform knows of no change, and so makes it again in the next apply only.

The provider takes a user out of its groups, and detaches and deletes the policies of a role, before it deletes them.
What names its holder by an attribute that the new one has another of (``id``) is replaced as well.

https://github.com/hashicorp/terraform-provider-aws/issues/46270
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.terraform.accounts.providers import Home, Homes
from trustproof.inputs.terraform.snapshots.assignments import texts_of
from trustproof.inputs.terraform.snapshots.conditional_instances import with_condition, with_items, with_value
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.values.conditions import AllOf, Condition, Not, Undecided
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.values import Known, Value

_KINDS = ("user", "role", "group")
_BUCKET = "bucket"
#: Types of holders, to what they are and the argument that is their name.
_HOLDERS = {
    **{f"aws_iam_{kind}": (kind, "name") for kind in _KINDS},
    **{f"awscc_iam_{kind}": (kind, f"{kind}_name") for kind in _KINDS},
    "aws_s3_bucket": (_BUCKET, "bucket"),
    "awscc_s3_bucket": (_BUCKET, "bucket_name"),
}
#: Types of what goes as a whole with a holder, to what that is and the argument that names it. A block against public
#: policies goes with its bucket, too: a new bucket has all of them on, and nothing is lost.
_GOES_WITH = {
    **{f"aws_iam_{kind}_policy": (kind, kind) for kind in _KINDS},
    **{f"aws_iam_{kind}_policy_attachment": (kind, kind) for kind in _KINDS},
    **{f"aws_iam_{kind}_policy_attachments_exclusive": (kind, f"{kind}_name") for kind in _KINDS},
    **{f"awscc_iam_{kind}_policy": (kind, f"{kind}_name") for kind in _KINDS},
    "aws_iam_user_group_membership": ("user", "user"),
    "aws_iam_group_membership": ("group", "group"),
    "aws_s3_bucket_policy": (_BUCKET, "bucket"),
    "awscc_s3_bucket_policy": (_BUCKET, "bucket"),
}
#: Types of what is for several holders, to what these are and the argument that names them: a change of these is one
#: for those that come or go, and does nothing to those that stay.
_FOR_SEVERAL = {
    "aws_iam_policy_attachment": tuple((kind, f"{kind}s") for kind in _KINDS),
    "aws_iam_user_group_membership": (("group", "groups"),),
    "aws_iam_group_membership": (("user", "users"),),
    "awscc_iam_managed_policy": tuple((kind, f"{kind}s") for kind in _KINDS),
    "awscc_iam_user": (("group", "groups"),),
}
#: So many that are lost are named one by one.
_NAMED_ONES = 3


class _Holder(NamedTuple):
    """A holder, by what it is called in AWS."""

    home: Home
    kind: str
    name: str


class _Lost(NamedTuple):
    """What goes with holders: an instance, or those items of its arguments that name one."""

    whole: tuple[_Holder, ...]
    items: Mapping[str, Mapping[str, _Holder]]

    @property
    def holders(self) -> Iterator[_Holder]:
        """All of them, each at least once."""
        yield from self.whole
        for named in self.items.values():
            yield from named.values()


def with_lost_attachments(snapshot: Snapshot, homes: Homes) -> Snapshot:
    """
    A plan, in which all is there or not that goes with a holder and is left as it is; with notes.

    Args:
        snapshot: of the plan.
        homes: of what it makes.
    """
    replaced = dict(_replaced(snapshot, homes))
    if not replaced:
        return snapshot
    before = {one.address: one for one in snapshot.replaced}
    lost: dict[str, _Lost] = {}
    by_holder: dict[_Holder, list[str]] = {}
    for one in snapshot.instances:
        found = _lost(one, before.get(one.address), replaced, homes)
        for holder in dict.fromkeys(found.holders):
            lost[one.address] = found
            by_holder.setdefault(holder, []).append(one.address)
    conditions: dict[_Holder, Condition] = {}
    notes: list[Note] = []
    for holder, addresses in by_holder.items():
        new = replaced[holder].address
        shown = _joined(addresses)
        is_lost = Undecided(f"{new} is replaced, and until the next apply lacks {shown}", is_expression=False)
        conditions[holder] = Not(is_lost)
        as_before = "it is" if len(addresses) == 1 else "they are"
        reason = (
            f"the plan replaces it by one of the same name, and leaves {shown} as {as_before}: that goes with the old "
            "one, and only the next apply puts it on the new one; apply again at once, or have replace_triggered_by "
            "replace it, too"
        )
        notes.append(Note(new, reason))
    instances = tuple(
        _without(one, lost[one.address], conditions) if one.address in lost else one for one in snapshot.instances
    )
    return snapshot._replace(instances=instances, notes=(*snapshot.notes, *notes))


def _replaced(snapshot: Snapshot, homes: Homes) -> Iterator[tuple[_Holder, Instance]]:
    """The holders that the plan makes, and that were there by the same name before, each as it will be."""
    gone = {
        (kind, name)
        for one in (*snapshot.deleted, *snapshot.replaced)
        if one.type in _HOLDERS
        for kind, argument in (_HOLDERS[one.type],)
        for name in texts_of(one, argument)
    }
    for one in snapshot.instances if gone else ():
        if one.existed or one.is_data or one.type not in _HOLDERS:
            continue
        kind, argument = _HOLDERS[one.type]
        for name in texts_of(one, argument):
            if (kind, name) in gone:
                yield _Holder(homes.of(one.provider), kind, name), one


def _lost(instance: Instance, before: Instance | None, replaced: Mapping[_Holder, Instance], homes: Homes) -> _Lost:
    """
    What of an instance goes with holders and is not put on the new ones.

    Args:
        before: the instance as it was, where the plan changes it.
    """
    if not instance.existed or instance.is_data:
        return _Lost((), {})
    home = homes.of(instance.provider)
    whole: tuple[_Holder, ...] = ()
    is_for_several = instance.type in _FOR_SEVERAL
    if instance.type in _GOES_WITH and (before is None or is_for_several):
        kind, argument = _GOES_WITH[instance.type]
        holders = (_Holder(home, kind, name) for name in texts_of(instance, argument))
        whole = tuple(one for one in holders if one in replaced)
    items: dict[str, Mapping[str, _Holder]] = {}
    for kind, argument in _FOR_SEVERAL.get(instance.type, ()):
        stay = texts_of(instance, argument) if before is None else texts_of(before, argument)
        named = {name: _Holder(home, kind, name) for name in stay}
        if found := {name: one for name, one in named.items() if one in replaced}:
            items[argument] = found
    return _Lost(whole, items)


def _without(instance: Instance, lost: _Lost, conditions: Mapping[_Holder, Condition]) -> Instance:
    """An instance of which what is lost is there or not."""
    for argument, holders in lost.items.items():
        there = {name: conditions[one] for name, one in holders.items()}

        def decided(item: Value, there: Mapping[str, Condition] = there) -> Condition | None:
            return there.get(item.value) if isinstance(item, Known) and isinstance(item.value, str) else None

        instance = with_value(instance, argument, with_items(instance.values[argument], decided))
    found = tuple(conditions[one] for one in dict.fromkeys(lost.whole))
    if not found:
        return instance
    return with_condition(instance, found[0] if len(found) == 1 else AllOf(found))


def _joined(addresses: list[str]) -> str:
    """Some addresses in words; the first ones of many."""
    named, left = addresses[:_NAMED_ONES], len(addresses) - _NAMED_ONES
    if left > 0:
        return f"{', '.join(named)} and {left} more"
    return " and ".join((", ".join(named[:-1]), named[-1])) if len(named) > 1 else named[0]
