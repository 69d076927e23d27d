"""
Who declares users, groups, roles and managed policies by which names, and who may by the values of parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from math import prod

from trustproof.inputs.cloudformation.linking.members import Member, go_together
from trustproof.inputs.cloudformation.values.exclusive_claims import SAME
from trustproof.inputs.cloudformation.values.mentions import Mention
from trustproof.model.text import Symbol, Text

#: What may have more names than these is not looked for by them.
MAX_NAMES = 64
#: What has policies of its own, in each file that declares it: who gives it more gives that to it in all of them.
_HOLDERS = ("user", "role")


class DeclaredNames:
    """
    What the templates of a run declare by name.

    Args:
        offering: those that others may speak of.
        members: all of them.
        originals: each template to the first one that is the same.
    """

    def __init__(self, offering: Iterable[Member], members: Iterable[Member], originals: Mapping[int, int]) -> None:
        self._originals = originals
        self._members = {member.at: member for member in members}
        self._known: dict[tuple[object, ...], list[int]] = {}
        self._possible: dict[tuple[object, ...], list[int]] = {}
        #: Those of which templates say that they were there before.
        self._existing: dict[tuple[object, ...], set[int]] = {}
        for member in offering:
            for claim in member.names.exclusive:
                if claim.what.startswith(SAME) and claim.name is not None and not claim.is_own:
                    self._existing.setdefault((member.account, claim.kind, claim.name), set()).add(member.at)
            for kind, name in dict.fromkeys(member.names.declared):
                if isinstance(name, str):
                    self._known.setdefault((member.account, kind, name), []).append(member.at)
                for one in _possible_names(name):
                    self._possible.setdefault((member.account, kind, one), []).append(member.at)
        #: Those that go to an account which is known.
        self._placed: dict[tuple[object, ...], list[Member]] = {}
        for member in self._members.values():
            if member.account is not None and originals[member.at] == member.at:
                for declared in dict.fromkeys(all_names(member.names.declared)):
                    self._placed.setdefault(declared, []).append(member)

    def elsewhere(self, member: Member, kind: str, name: Text) -> list[int]:
        """The other templates that declare something by a name."""
        found = self._known.get((member.account, kind, name), []) if isinstance(name, str) else []
        return [index for index in found if index != self._originals[member.at]]

    def meant(self, member: Member, kind: str, name: Text) -> list[int]:
        """
        The other templates that declare what is meant by a name; none where they may speak of different things.

        A user or role that was there before is one, in a plan, in the state from before it, and in one that makes it
        beside them. Two that make it would be two deployments.
        """
        found = self.elsewhere(member, kind, name)
        existing = self._existing.get((member.account, kind, name), set()) if kind in _HOLDERS else set()
        makers = [index for index in found if index not in existing]
        return found if len(found) == 1 or len(makers) <= 1 else []

    def maybe_elsewhere(self, member: Member, kind: str, name: Text) -> Iterator[int]:
        """Those that declare, at some values of parameters, what a template names; not where it may be one of two."""
        for one in (name,) if isinstance(name, str) else _possible_names(name):
            found = {*self.elsewhere(member, kind, one), *self._possible.get((member.account, kind, one), ())}
            if len(others := found - {self._originals[member.at]}) == 1:
                yield from others

    def unclear(self, member: Member, said: Mention) -> dict[Text, list[int]]:
        """
        What a template names, by each name that it may be, and several others declare of which any may be meant; to
        these.

        One that does not say its account may be in any, and in that of the ARN that it attaches: nobody can attach a
        policy of another account. What is declared there is meant as much as what is declared by those that do not say
        their account either.
        """
        out: dict[Text, list[int]] = {}
        for kind, name in all_names((said,)):
            found = self.elsewhere(member, kind, name)
            if len(found) > 1 and not self.meant(member, kind, name):
                out[name] = found
            near = [*dict.fromkeys((*found, *self._possible.get((member.account, kind, name), ())))]
            if member.account is None and (near := [at for at in near if at != self._originals[member.at]]):
                placed = [one for one in self._placed.get((kind, name), ()) if said.account in ("", one.account)]
                is_sure = not said.account and any(go_together(member, self._members[at]) for at in near)
                if near and placed and not is_sure:
                    out[name] = [*near, *(one.at for one in placed)]
        # Before it is known which name it has, it may have each of them.
        return out if isinstance(said.name, str) or not out else {**out, said.name: next(iter(out.values()))}


def all_names(named: Iterable[Mention | tuple[str, Text]]) -> Iterator[tuple[str, Text]]:
    """Kinds and names, each with the names that it may be."""
    for kind, name, *_ in named:
        yield kind, name
        yield from ((kind, one) for one in _possible_names(name))


def _possible_names(name: Text) -> tuple[str, ...]:
    """
    What a name may be, where each part that is not known is one of some values; nothing for any other name, and for one
    that is known.
    """
    if isinstance(name, str):
        return ()
    options = [(part.allowed or ()) if isinstance(part, Symbol) else (part,) for part in name.parts]
    if not 0 < prod(map(len, options)) <= MAX_NAMES:
        return ()
    return tuple(dict.fromkeys("".join(chosen) for chosen in product(*options)))
