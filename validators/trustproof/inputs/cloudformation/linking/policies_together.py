"""
Which templates of a run say together what users, groups and roles may do: one names what another one declares.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.linking.declared_names import DeclaredNames
from trustproof.inputs.cloudformation.linking.disjoint_sets import DisjointSets
from trustproof.inputs.cloudformation.linking.members import Member
from trustproof.inputs.cloudformation.values.exclusive_claims import MANAGED
from trustproof.model.names import in_stack
from trustproof.model.text import Symbolic, Text


def mentioned_in(text: Text, by_label: Mapping[str, int], kinds: Sequence[str] = ("attribute",)) -> Iterator[int]:
    """The templates of which something is named in a text."""
    for symbol in text.symbols if isinstance(text, Symbolic) else ():
        index = by_label.get(in_stack(symbol.name)[0]) if symbol.kind in kinds else None
        if index is not None:
            yield index


def policies_together(
    offering: Collection[int],
    members: Mapping[int, Member],
    declared: DeclaredNames,
    by_label: Mapping[str, int],
    nested_in: Callable[[Member], str],
) -> list[tuple[int, ...]]:
    """
    The templates whose users, groups and roles are to be judged together, as far as there are several.

    Args:
        offering: those that others may build on.
        members: all of them.
        declared: what they declare.
        by_label: those by what they are called.
        nested_in: the label of the outermost of the stacks that one is nested in.
    """
    groups = DisjointSets()
    unclaimed: dict[tuple[object, ...], list[int]] = {}
    for index in offering:
        member = members[index]
        for kind, name, _ in member.names.named:
            found = declared.elsewhere(member, kind, name)
            for other in mentioned_in(name, by_label, ("attribute", "intrinsic", "parameter")):
                if members[other].account == member.account:
                    groups.join(index, other)
            for other in declared.maybe_elsewhere(member, kind, name):
                groups.join(index, other)
            for other in declared.meant(member, kind, name):
                groups.join(index, other)
            if not found and member.account is not None and kind != "policy" and isinstance(name, str):
                unclaimed.setdefault((member.account, kind, name), []).append(index)
        for claim in (one for one in member.names.exclusive if one.how == MANAGED and one.name is not None):
            # What was there before, and another one declares by its name, is one thing.
            for other in declared.elsewhere(member, claim.kind, claim.name or ""):
                if not claim.is_own or members[other].names.is_whole_account:
                    groups.join(index, other)
        kinds = {*member.names.denied_by_loops}
        for other in offering if kinds else ():
            # Whose names a loop is passed that is not written out, stands in the stacks around it.
            is_near = nested_in(members[other]) == nested_in(member) and members[other].account == member.account
            if other != index and is_near and any(kind in kinds for kind, _ in members[other].names.declared):
                groups.join(index, other)
    for first, *others in unclaimed.values():
        for other in others:
            groups.join(first, other)
    return groups.found()
