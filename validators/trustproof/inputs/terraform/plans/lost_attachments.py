"""
What goes with a user, role, group or bucket that a plan replaces by one of its name, and is left as it is by the plan:
Terraform knows of no change, and so makes it again in the next apply only.

A user or group is given another name in place, and keeps what it has: so whoever is given the name of one that goes, or
has another name now, lacks what is written down for that name.

The provider takes a user out of its groups, and detaches and deletes the policies of a role, before it deletes them.
What names its holder by an attribute that the new one has another of (``id``) is replaced as well.

https://github.com/hashicorp/terraform-provider-aws/issues/46270
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.terraform.accounts.providers import Home, Homes
from trustproof.inputs.terraform.plans.lost_denials import (
    is_same_policy,
    open_policies,
    principals_named,
    texts_with_principals,
    without_principals,
)
from trustproof.inputs.terraform.plans.orders import comes_whenever
from trustproof.inputs.terraform.snapshots.assignments import texts_of
from trustproof.inputs.terraform.snapshots.conditional_instances import with_condition, with_items, with_value
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.values.conditions import AllOf, Condition, Not, Undecided
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.values import Choice, Known, Symbol, Value

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


class Holder(NamedTuple):
    """A holder, by what it is called in AWS."""

    home: Home
    kind: str
    name: str


#: Holders, by kind and name.
_Called = Mapping[tuple[str, str], Sequence[Holder]]


class _Lost(NamedTuple):
    """What goes with holders: an instance, or those items of its arguments that name one."""

    whole: tuple[Holder, ...]
    items: Mapping[str, Mapping[str, Holder]]
    #: By argument that is a policy, those of whom it says something by their ARN, and what is left of it.
    policies: Mapping[str, tuple[tuple[Holder, ...], Value]]
    #: Those that the plan puts it on, or writes it about, now: it may do so before they are replaced.
    put: frozenset[Holder] = frozenset()

    @property
    def holders(self) -> Iterator[Holder]:
        """All of them, each at least once."""
        yield from self._that_it_goes_with
        for denied, _ in self.policies.values():
            yield from denied

    def goes_with(self, holder: Holder) -> bool:
        """Whether it, or an item of it, goes with a holder; else it stays, and says nothing of the new one."""
        return holder in self._that_it_goes_with

    @property
    def _that_it_goes_with(self) -> tuple[Holder, ...]:
        return (*self.whole, *(one for named in self.items.values() for one in named.values()))


def with_lost_attachments(snapshot: Snapshot, homes: Homes) -> Snapshot:
    """
    A plan, in which all is there or not that goes with a holder and is left as it is; with notes.

    Args:
        snapshot: of the plan.
        homes: of what it makes.
    """
    replaced = dict(replaced_holders(snapshot, homes))
    if not replaced:
        return snapshot
    before = {one.address: one for one in snapshot.replaced}
    called: dict[tuple[str, str], list[Holder]] = {}
    for each in replaced:
        called.setdefault((each.kind, each.name), []).append(each)
    lost: dict[str, _Lost] = {}
    by_holder: dict[Holder, list[str]] = {}
    for one in snapshot.instances:
        was = before.get(one.address)
        is_put = not one.existed or (was is not None and one.type not in _FOR_SEVERAL)
        put = _put(snapshot, one, replaced, homes) if is_put else None
        found = _lost(one, was, replaced, homes) if put is None else put
        found = _with_said(snapshot, found, one, was, replaced, called)
        for holder in dict.fromkeys(found.holders):
            lost[one.address] = found
            by_holder.setdefault(holder, []).append(one.address)
    conditions: dict[str, dict[Holder, Condition]] = {}
    notes: list[Note] = []
    for holder, addresses in by_holder.items():
        new = replaced[holder]
        together = [one for one in addresses if holder not in lost[one].put]
        at_once = _until_then(new, holder, together, lost) if together else ""
        for address in addresses:
            # What is left as it is goes at once, and of what is put there each by itself.
            is_put = holder in lost[address].put
            done = "is put on" if lost[address].goes_with(holder) else "is written about"
            alone = f"{address} {done} the old one before {new.address} is made"
            is_lost = Undecided(alone if is_put else at_once, is_expression=False)
            conditions.setdefault(address, {})[holder] = Not(is_lost)
        notes.append(Note(new.address, _reason(new, holder, addresses, lost)))
    instances = tuple(
        _without(one, lost[one.address], conditions[one.address]) if one.address in lost else one
        for one in snapshot.instances
    )
    return snapshot._replace(instances=instances, notes=(*snapshot.notes, *notes))


def _until_then(new: Instance, holder: Holder, addresses: list[str], lost: Mapping[str, _Lost]) -> str:
    """What the next apply ends, as the assumption of a finding."""
    there = "is given the name of another one" if new.existed else "is replaced"
    if not any(lost[one].goes_with(holder) for one in addresses):
        return f"{new.address} {there}, and until the next apply is somebody else to {_joined(addresses)}"
    return f"{new.address} {there}, and until the next apply lacks {_joined(addresses)}"


def _reason(new: Instance, holder: Holder, addresses: list[str], lost: Mapping[str, _Lost]) -> str:
    """What a note says about what is lost, and what keeps it."""
    there = "gives it the name of another one" if new.existed else "replaces it by one of the same name"
    now = [one for one in addresses if holder in lost[one].put]
    put = [one for one in now if lost[one].goes_with(holder)]
    written = [one for one in now if one not in put]
    goes = [one for one in addresses if lost[one].goes_with(holder) and one not in now]
    kept = [one for one in addresses if one not in goes and one not in now]
    reasons = []
    if goes:
        as_before = "it is" if len(goes) == 1 else "they are"
        reasons.append(
            f"leaves {_joined(goes)} as {as_before}: that goes with the old one, and only the next apply puts it on "
            "the new one"
        )
    if put:
        reasons.append(
            f"may put {_joined(put)} on the old one, which that names without a reference: refer to {new.address} "
            "there, and it comes after"
        )
    if written:
        reasons.append(
            f"may write {_joined(written)} while the old one is there, which that names by an ARN without a reference, "
            f"and AWS keeps its unique id instead: refer to {new.address} there, and it comes after"
        )
    if kept:
        reasons.append(
            f"leaves what {_joined(kept)} {'says' if len(kept) == 1 else 'say'} of the old one by its ARN: AWS keeps "
            "its unique id instead, and only the next apply makes that one about the new one"
        )
    instead = "or have replace_triggered_by replace it, too"
    return f"the plan {there}, and {', and '.join(reasons)}; apply again at once, {instead}"


def replaced_holders(snapshot: Snapshot, homes: Homes) -> Iterator[tuple[Holder, Instance]]:
    """The holders that the plan makes or renames, and whose name another one had before, each as it will be."""
    before = {one.address: one for one in snapshot.replaced}
    gone = {
        (kind, name)
        for one in (*snapshot.deleted, *snapshot.replaced)
        if one.type in _HOLDERS
        for kind, argument in (_HOLDERS[one.type],)
        for name in texts_of(one, argument)
    }
    for one in snapshot.instances if gone else ():
        if one.is_data or one.type not in _HOLDERS:
            continue
        kind, argument = _HOLDERS[one.type]
        was = before.get(one.address)
        kept = () if not one.existed else texts_of(one if was is None else was, argument)
        for name in texts_of(one, argument):
            if (kind, name) in gone and name not in kept:
                yield Holder(homes.of(one.provider), kind, name), one


def _lost(
    instance: Instance,
    before: Instance | None,
    replaced: Mapping[Holder, Instance],
    homes: Homes,
) -> _Lost:
    """
    What of an instance goes with holders and is not put on the new ones.

    Args:
        before: the instance as it was, where the plan changes it.
    """
    if not instance.existed or instance.is_data:
        return _Lost((), {}, {})
    home = homes.of(instance.provider)
    whole: tuple[Holder, ...] = ()
    is_for_several = instance.type in _FOR_SEVERAL
    if instance.type in _GOES_WITH and (before is None or is_for_several):
        kind, argument = _GOES_WITH[instance.type]
        holders = (Holder(home, kind, name) for name in texts_of(instance, argument))
        whole = tuple(one for one in holders if one in replaced)
    items: dict[str, Mapping[str, Holder]] = {}
    for kind, argument in _FOR_SEVERAL.get(instance.type, ()):
        stay = texts_of(instance, argument) if before is None else texts_of(before, argument)
        named = {name: Holder(home, kind, name) for name in stay}
        if found := {name: one for name, one in named.items() if one in replaced}:
            items[argument] = found
    return _Lost(whole, items, {})


def _put(snapshot: Snapshot, instance: Instance, replaced: Mapping[Holder, Instance], homes: Homes) -> _Lost | None:
    """What the plan may put on the old holders, which it names and does not wait for; None without any."""
    if instance.is_data or (instance.type not in _GOES_WITH and instance.type not in _FOR_SEVERAL):
        return None
    home = homes.of(instance.provider)

    def named(kind: str, argument: str) -> dict[str, Holder]:
        holders = {name: Holder(home, kind, name) for name in texts_of(instance, argument)}
        return {
            name: one
            for name, one in holders.items()
            if one in replaced and comes_whenever(snapshot, instance, replaced[one])
        }

    whole = named(*_GOES_WITH[instance.type]) if instance.type in _GOES_WITH else {}
    items = {argument: named(kind, argument) for kind, argument in _FOR_SEVERAL.get(instance.type, ())}
    items = {argument: found for argument, found in items.items() if found}
    if not whole and not items:
        return None
    return (found := _Lost(tuple(whole.values()), items, {}))._replace(put=frozenset(found.holders))


def _with_said(
    snapshot: Snapshot,
    lost: _Lost,
    instance: Instance,
    before: Instance | None,
    replaced: Mapping[Holder, Instance],
    called: _Called,
) -> _Lost:
    """
    What is lost of an instance, with what its policies say of holders by their ARN.

    A provider that changes something else of a resource does not write its policy again.

    Args:
        before: the instance as it was, where the plan changes it.
        called: those who are replaced, by kind and name.
    """
    if instance.is_data:
        return lost
    written: set[Holder] = set()

    def may_be_old(argument: str, text: str, holder: Holder) -> bool:
        if instance.existed and (before is None or is_same_policy(before, argument, text)):
            return True
        if comes_whenever(snapshot, instance, replaced[holder]):
            written.add(holder)
            return True
        return False

    policies = dict(_said(instance, called, may_be_old))
    return lost._replace(policies=policies, put=lost.put | written)


def _said(
    instance: Instance, called: _Called, may_be_old: Callable[[str, str, Holder], bool]
) -> Iterator[tuple[str, tuple[tuple[Holder, ...], Value]]]:
    """By argument that is a policy, of whom it says something that counts no more, and what is left of it."""
    for argument, text in texts_with_principals(instance) if called else ():
        found: dict[Holder, None] = {}

        def is_replaced(
            arn: str, found: dict[Holder, None] = found, argument: str = argument, text: str = text
        ) -> bool:
            named = [one for one in _of_arn(arn, called) if may_be_old(argument, text, one)]
            found.update(dict.fromkeys(named))
            return bool(named)

        if (left := without_principals(text, is_replaced)) is not None:
            yield argument, (tuple(found), Known(left))
    for argument, value in open_policies(instance) if called else ():
        named = (one for arn in principals_named(value) for one in _of_arn(arn, called))
        if denied := tuple(one for one in dict.fromkeys(named) if may_be_old(argument, "", one)):
            name = f"{instance.address}.{argument}"
            reason = f"what {name} says of {' and '.join(one.name for one in denied)} may be about the one before"
            yield argument, (denied, Symbol(f"{name} before that", reason=reason))


def _of_arn(arn: str, called: _Called) -> list[Holder]:
    """The users or roles that an ARN may be of, as far as their account is known."""
    start, _, path = arn.partition("/")
    before, _, kind = start.rpartition(":")
    account = before.rpartition(":")[2]
    found = called.get((kind, path.rpartition("/")[2]), ())
    return [one for one in found if one.home.account in (account, None)]


def _without(instance: Instance, lost: _Lost, conditions: Mapping[Holder, Condition]) -> Instance:
    """An instance of which what is lost is there or not."""
    for argument, holders in lost.items.items():
        there = {name: conditions[one] for name, one in holders.items()}

        def decided(item: Value, there: Mapping[str, Condition] = there) -> Condition | None:
            return there.get(item.value) if isinstance(item, Known) and isinstance(item.value, str) else None

        instance = with_value(instance, argument, with_items(instance.values[argument], decided))
    for argument, (denied, left) in lost.policies.items():
        value = instance.values[argument]
        is_about_new = _all(conditions[one] for one in denied)
        without = Choice(is_about_new, value, left, value.place, value.sensitive)
        instance = with_value(instance, argument, without)
    found = dict.fromkeys(lost.whole)
    return with_condition(instance, _all(conditions[one] for one in found)) if found else instance


def _all(conditions: Iterable[Condition]) -> Condition:
    """That each of one or more conditions holds."""
    first, *more = conditions
    return AllOf((first, *more)) if more else first


def _joined(addresses: list[str]) -> str:
    """Some addresses in words; the first ones of many."""
    named, left = addresses[:_NAMED_ONES], len(addresses) - _NAMED_ONES
    if left > 0:
        return f"{', '.join(named)} and {left} more"
    return " and ".join((", ".join(named[:-1]), named[-1])) if len(named) > 1 else named[0]
