"""
Templates next to each other, as the analysis asks about them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trustproof.inputs.cloudformation.linking import merge
from trustproof.inputs.cloudformation.linking.bucket_settings import may_be_around
from trustproof.inputs.cloudformation.linking.claims_of_run import may_take_away
from trustproof.inputs.cloudformation.linking.declared_names import all_names
from trustproof.inputs.cloudformation.linking.exports import exported_roles, names
from trustproof.inputs.cloudformation.linking.linker import Links
from trustproof.inputs.cloudformation.linking.members import Member
from trustproof.inputs.cloudformation.linking.wild_exports import (
    asks_for_exports,
    keeps_by_name,
    reads_by_name,
    wild_exports,
)
from trustproof.inputs.cloudformation.template import Origin, Template
from trustproof.inputs.cloudformation.values.bucket_settings import ON
from trustproof.inputs.cloudformation.values.exclusive_claims import MANAGED
from trustproof.inputs.cloudformation.values.symbols import Symbols
from trustproof.inputs.linking import Linkable, Part
from trustproof.inputs.linking import Member as InputMember
from trustproof.inputs.reader import Input
from trustproof.model.names import has_id
from trustproof.model.policy import Path
from trustproof.model.text import Symbolic, Text


class TemplateLinking:
    """
    What CloudFormation templates say next to each other; inputs of any other kind speak of nobody.
    """

    def linkable(self, found: Input) -> Linkable | None:
        """A template as others see it; of one that goes to several accounts nobody knows which it meets."""
        if not isinstance(found, Template) or found.container is not None or found.environment.text_functions:
            return None
        if found.source.needs_caller:
            return Linkable(_of_one_elsewhere(names(found)), found.origin)
        wild, asks = tuple(wild_exports(found)), asks_for_exports(found)
        reads, keeps = reads_by_name(found), keeps_by_name(found)
        symbols = names(found)._replace(
            wild_exports=wild, asks_for_exports=asks, reads_by_name=reads, keeps_by_name=keeps
        )
        return Linkable(symbols, found.origin) if found.stack or any(symbols) else None

    def exported_roles(self, found: Input) -> Mapping[str, Text]:
        """The ARNs of roles that a template exports."""
        return exported_roles(found) if isinstance(found, Template) and not found.source.needs_caller else {}

    def may_speak_of_each_other(self, there: Sequence[Linkable]) -> bool:
        """Whether it is worth to look whether templates speak of each other's things; a quick look."""
        if len(there) < 2:
            return False
        read = [_read(one) for one in there]
        exported = {one for symbols, _ in read for one in (*symbols.exports, *symbols.exports_elsewhere)}
        exported.update(name for symbols, _ in read for _, name in symbols.carried)
        stacks = {origin.deployment.stack_name for _, origin in read}
        known = {one for symbols, _ in read for one in all_names(symbols.declared)}
        all_symbols = [symbols for symbols, _ in read]
        if may_take_away(all_symbols) or may_be_around(all_symbols):
            return True
        if any(one.denied_by_loops for one in all_symbols):
            return True
        if any(one.reads_by_name for one in all_symbols) and any(one.keeps_by_name for one in all_symbols):
            return True
        if any(one.wild_exports for one in all_symbols) and any(one.asks_for_exports for one in all_symbols):
            return True
        for symbols, origin in read:
            wanted = symbols.references
            if any(
                reference.name in exported or reference.name in stacks or reference.name in symbols.nested
                for reference in wanted
            ):
                return True
            passed = origin.deployment.bindings.values()
            if any(isinstance(value, Symbolic) or has_id(value) for value in passed):
                return True
            if origin.deployment.presence.demanded().requirements:
                # Whether it is there, a parameter of the stack around it decides.
                return True
            # Two that name the same may be about the same, whoever declares it.
            named = {*all_names(symbols.named)}
            if not known.isdisjoint(named):
                return True
            known |= named
        return False

    def links(self, members: Sequence[InputMember], opened: Callable[[int], Input]) -> Links:
        """Who gives what to whom."""
        found = [Member(one.at, one.number, *_read(one.linkable), one.in_doubt, one.called) for one in members]
        return Links(found, lambda at: _template(opened(at)))

    def join(self, parts: Sequence[Part], ambiguous: Mapping[tuple[str, str], str]) -> Input:
        """Templates that go to one account, as one."""
        return merge.join(_parts(parts), ambiguous)

    def at_home(self, path: Path, parts: Sequence[Part]) -> tuple[Part, Path]:
        """The part in which a path of the joined template leads somewhere, and where there."""
        found, home = merge.at_home(path, _parts(parts))
        return Part(*found), home


def _of_one_elsewhere(said: Symbols) -> Symbols:
    """
    What others hear of a template that nobody deploys as it is. It gives them nothing, and takes nothing from them; but
    whoever deploys it somewhere may take away there what others give.
    """
    return Symbols(
        exports=(),
        references=(),
        declared=(),
        named=(),
        nested={},
        exclusive=tuple(claim for claim in said.exclusive if claim.how != MANAGED),
        settings=tuple(one for one in said.settings if one.state != ON),
    )


def _parts(parts: Sequence[Part]) -> list[merge.TemplatePart]:
    return [merge.TemplatePart(part.label, _template(part.template)) for part in parts]


def _template(found: Input) -> Template:
    assert isinstance(found, Template)
    return found


def _read(one: Linkable) -> tuple[Symbols, Origin]:
    symbols, origin = one
    assert isinstance(symbols, Symbols)
    assert isinstance(origin, Origin)
    return symbols, origin
