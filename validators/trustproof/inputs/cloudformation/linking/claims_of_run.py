"""
What the templates of a run may take away of what others of them give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.linking.members import Member
from trustproof.inputs.cloudformation.values.bucket_settings import is_name
from trustproof.inputs.cloudformation.values.exclusive_claims import BUCKET, HOW, Claim, keyed, pattern_of
from trustproof.inputs.cloudformation.values.symbols import Symbols
from trustproof.model.text import Symbolic, Text


class _Found(NamedTuple):
    """
    A claim, and the template that has it.
    """

    by: Member
    claim: Claim


class ClaimsOfRun:
    """
    The claims of all templates, by what they are about.

    Args:
        members: the templates.
        labels: what they are called; one that nobody builds on is called by its file.
        originals: each to the first one that is the same.
    """

    def __init__(self, members: Iterable[Member], labels: Mapping[int, str], originals: Mapping[int, int]) -> None:
        self._labels = labels
        self._originals = originals
        #: By kind and name; and those of which the name is not known.
        self._named: dict[str, dict[str, list[_Found]]] = {}
        self._open: list[_Found] = []
        for member in members:
            for claim in member.names.exclusive:
                if claim.name is None:
                    self._open.append(_Found(member, claim))
                else:
                    self._named.setdefault(claim.kind, {}).setdefault(claim.name, []).append(_Found(member, claim))

    def against(self, member: Member) -> dict[tuple[str, str], str]:
        """What others may take away of what a template gives, as `keyed` writes it."""
        out: dict[tuple[str, str], str] = {}
        for other, claim in self._near(known_names(member.names)) if self._named or self._open else ():
            if self._originals[other.at] == self._originals[member.at] or not claim.may_find(member.names.inline):
                continue
            if other.account == member.account or None in (other.account, member.account):
                # An account that is not known may be this one.
                file = other.origin.file
                if member.names.is_whole_account:
                    claim = claim._replace(is_own=False)
                key, reason = keyed(claim, self._labels.get(other.at, file), HOW[claim.how].format(file))
                out[key] = reason
        return out

    def _near(self, names: Sequence[tuple[str, Text]]) -> Iterator[_Found]:
        """Those that may be about one of several names."""
        unlike: dict[str, dict[str, Symbolic]] = {}
        for kind, name in dict.fromkeys(names):
            if isinstance(name, str):
                yield from self._named.get(kind, {}).get(name, ())
            else:
                # Most names that CloudFormation generates may be the same ones.
                unlike.setdefault(kind, {})[pattern_of(name)] = name
        for kind, patterns in unlike.items():
            if claims := self._named.get(kind):
                may_be = re.compile("|".join(f"(?:{one})" for one in patterns), re.DOTALL)
                yield from (one for name, found in claims.items() if may_be.fullmatch(name) for one in found)
        for one in self._open:
            kind = one.claim.kind
            meant: list[Text] = [*unlike.get(kind, {}).values()]
            meant += (name for other, name in names if other == kind and isinstance(name, str))
            if any(one.claim.may_mean(each) for each in meant):
                yield one


def known_names(symbols: Symbols) -> list[tuple[str, Text]]:
    """Kind and name of what a template declares or names, as far as something of it may be taken away."""
    return [
        *((one.kind, one.name) for one in symbols.named),
        *symbols.declared,
        *((BUCKET, name) for name in symbols.buckets),
        *((BUCKET, name) for name in symbols.policies_of if is_name(name)),
    ]


def may_take_away(all_symbols: Sequence[Symbols]) -> bool:
    """Whether one of several templates may take away what another one gives; a quick look."""
    inline = frozenset[str | None]().union(*(symbols.inline for symbols in all_symbols))
    by_name: dict[tuple[str, str], set[int]] = {}
    unlike: set[str] = set()
    for at, symbols in enumerate(all_symbols):
        for kind, name in known_names(symbols):
            if isinstance(name, str):
                by_name.setdefault((kind, name), set()).add(at)
            else:
                unlike.add(kind)
    return any(
        claim.name is None or claim.kind in unlike or not by_name.get((claim.kind, claim.name), {at}) <= {at}
        for at, symbols in enumerate(all_symbols)
        for claim in symbols.exclusive
        if claim.may_find(inline)
    )
