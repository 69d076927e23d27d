"""
What the templates of a run say of the settings around buckets that others of them have policies of: by the name of the
bucket, which is one everywhere, and of all buckets of an account.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from trustproof.inputs.cloudformation.linking.members import Member
from trustproof.inputs.cloudformation.values.bucket_settings import (
    ALL_BUCKETS,
    ON,
    OPEN,
    BucketSettings,
    is_name,
    together,
)
from trustproof.inputs.cloudformation.values.symbols import Symbols


class SettingsOfRun:
    """
    What stands around buckets, by their names.

    Args:
        members: the templates.
        originals: each to the first one that is the same.
    """

    def __init__(self, members: Sequence[Member], originals: Mapping[int, int]) -> None:
        self._originals = originals
        self._by_name: dict[str, list[tuple[Member, BucketSettings]]] = {}
        for member in members:
            for one in member.names.settings:
                self._by_name.setdefault(one.bucket, []).append((member, one))

    def around(self, member: Member, known: Collection[tuple[int, str]]) -> dict[str, BucketSettings]:
        """
        What others say of the buckets that a template has policies of.

        Args:
            known: the templates of which the bucket of a name is known itself, with the name.
        """
        out: dict[str, BucketSettings] = {}
        # What another template exports, or gives back, may be the name of one of its buckets, written out.
        taken = [*filter(is_name, self._by_name)] if member.names.policies_of and member.names.references else []
        for name in dict.fromkeys((*member.names.policies_of, *taken)):
            said = [
                _of(other, one, member)
                for other, one in self._by_name.get(name, ())
                if self._originals[other.at] != self._originals[member.at]
                and (self._originals[other.at], name) not in known
                and _may_be_one(other, member, name)
            ]
            if (found := together(said)) is not None:
                out[name] = found
        return out


def _may_be_one(one: Member, other: Member, name: str) -> bool:
    """Whether what one template says of a bucket may be about that of another one."""
    if name == ALL_BUCKETS:
        # Nobody knows whether it is there for an account that is not known.
        return one.account == other.account is not None
    return one.account == other.account or None in (one.account, other.account)


def _of(by: Member, said: BucketSettings, member: Member) -> BucketSettings:
    """What a template says, to one that has a policy."""
    deployment = by.origin.deployment
    is_one_place = (by.account, by.region) == (member.account, member.region)
    by_expression = not is_name(said.bucket) and said.bucket != ALL_BUCKETS
    # Each deployment of a StackSet has a bucket of its own by such a name.
    if said.state == ON and by_expression and (not is_one_place or member.origin.deployment.is_in_stack_set):
        return said._replace(state=OPEN, said=f"{by.origin.file} may be deployed to another account or Region")
    if said.state == ON and (by.in_doubt or deployment.is_in_stack_set or deployment.presence.conditions):
        return said._replace(state=OPEN, said=f"it is not known whether {by.origin.file} is deployed as it is written")
    return said.around(was_there=by.names.was_there or member.names.was_there)


def may_be_around(all_symbols: Sequence[Symbols]) -> bool:
    """Whether one of several templates may say what is around a bucket that another one has a policy of."""
    said = {one.bucket for symbols in all_symbols for one in symbols.settings}
    takes = any(symbols.policies_of and symbols.references for symbols in all_symbols) and any(map(is_name, said))
    return takes or any(not said.isdisjoint(symbols.policies_of) for symbols in all_symbols)
