"""
Which templates of a run speak of each other's things: the values that they give, and the policies that go together.

Names of exports are those of one account and Region, names of IAM's those of one account. Templates that do not say
where they go are taken to go to one place, where one of them names what another one declares: without that it could not
be deployed. What two of them declare by the same name may be either, and is not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from trustproof.inputs.cloudformation.evaluation.stacks.passed_values import rename_symbols
from trustproof.inputs.cloudformation.linking.bucket_settings import SettingsOfRun
from trustproof.inputs.cloudformation.linking.buckets_by_name import (
    may_name_same,
    meant_buckets,
    named_buckets,
    relocate_bucket,
    wanted_names,
)
from trustproof.inputs.cloudformation.linking.claims_of_run import ClaimsOfRun
from trustproof.inputs.cloudformation.linking.declared_names import DeclaredNames
from trustproof.inputs.cloudformation.linking.exports import constant_carried, constant_output, relocate_output
from trustproof.inputs.cloudformation.linking.exports_of_run import ExportsOfRun
from trustproof.inputs.cloudformation.linking.members import Member, by_label, labels, originals
from trustproof.inputs.cloudformation.linking.passed_expressions import (
    admission_condition,
    passed_place,
    passed_resources,
    relocate_passed,
)
from trustproof.inputs.cloudformation.linking.policies_together import mentioned_in, policies_together
from trustproof.inputs.cloudformation.linking.relocation import LinkLookup
from trustproof.inputs.cloudformation.linking.requirements import always_asks
from trustproof.inputs.cloudformation.linking.resolved_values import (
    MAX_PARTS,
    ExpressionSizes,
    ResolvedValue,
    UnresolvedValue,
)
from trustproof.inputs.cloudformation.resources.access.bucket_blocks import BUCKET
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues, NotLinkable
from trustproof.inputs.cloudformation.values.references import (
    CARRIED,
    EXPORT,
    IMPORT,
    NESTED,
    OUTPUTS,
    STACK,
    CrossStackReference,
    symbol_of,
)
from trustproof.model.names import has_id_of, in_stack, role_id
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.results.result import BUDGET

#: Templates and their outputs that are being looked for.
Pending: TypeAlias = "tuple[tuple[int, tuple[str, ...]], ...]"


class Links:
    """
    Who gives what to whom.

    Args:
        members: the templates that others may speak of, or that speak of others.
        opened: reads one of them again, by its place.
    """

    def __init__(self, members: Sequence[Member], opened: Callable[[int], Template]) -> None:
        self._members = {member.at: member for member in members}
        self._opened = opened
        self._templates: dict[int, Template] = {}
        self._passed_values: dict[str, ResolvedValue | None] = {}
        self._resolved: dict[tuple[int, tuple[str, ...], str, bool], ResolvedValue | UnresolvedValue | None] = {}
        self._sizes = ExpressionSizes()
        #: How often a value turned out to depend on itself: what is found meanwhile holds for that question alone.
        self._circles = 0
        self._generated: dict[int, dict[str, str]] = {}
        #: The same file twice is one template.
        self.originals: dict[int, int] = originals(members)
        offering = [m for m in members if self.originals[m.at] == m.at and not m.in_doubt]
        self.labels: dict[int, str] = labels(offering)
        self._settings = SettingsOfRun(members, self.originals)
        self._claims = ClaimsOfRun(members, self.labels, self.originals)
        self._by_label = by_label(offering, self.labels)
        self._exports = ExportsOfRun(offering, self._template)
        self._carrying: dict[tuple[object, ...], list[int]] = {}
        self._stacks: dict[tuple[object, ...], list[int]] = {}
        #: By the paths of nested stacks, the template that has them and the resources that make them.
        self._nesting = {path: (m.at, name) for m in offering for name, path in m.names.nested.items() if path}
        self._declared = DeclaredNames(offering, self.originals)
        for member in offering:
            place = (member.account, member.region)
            for region, name in member.names.carried:
                self._carrying.setdefault((member.account, region, name), []).append(member.at)
            if (stack := member.origin.deployment.stack_name) is not None:
                self._stacks.setdefault((*place, stack), []).append(member.at)

    # -- values

    def linked_values(self, at: int) -> tuple[LinkedValues, tuple[int, ...]] | None:
        """What others give to a template, and who they are; None where nobody gives anything."""
        member = self._members[at]
        linked_values = LinkedValues(ambiguous=self.ambiguous(at))
        linked_values = linked_values.joined(member.origin.deployment.presence.demanded())
        sources: dict[int, None] = dict.fromkeys(self._parents(member))
        references = [(member, reference, symbol_of(reference)) for reference in member.names.references]
        for asking, reference, symbol in (*references, *self._passed(member)):
            found = self._value(asking, reference, ())
            if isinstance(found, UnresolvedValue):
                linked_values = linked_values.joined(LinkedValues(doubts={symbol.name: found.reason}))
            elif found is not None:
                linked_values = linked_values.joined(found.linked_values).joined(
                    LinkedValues(values={symbol.name: found.value})
                )
                linked_values = linked_values.joined(self._requirement(member, symbol, found.exists))
                sources.update(dict.fromkeys(found.sources))
        if (passed := self._expressions(member)) is not None:
            linked_values = linked_values.joined(passed.linked_values)
            sources.update(dict.fromkeys(passed.sources))
        around, lending = self._passed_buckets(member)
        beside, making = self._named_buckets(member)
        linked_values = linked_values.joined(around).joined(beside)
        sources.update(dict.fromkeys((*lending, *making)))
        linked_values = linked_values.joined(self._admitted(member, linked_values))
        if member.names.asks_for_exports or linked_values.values:
            linked_values = linked_values._replace(wild_exports=self._exports.wild(member, self.originals[at]))
        if member.names.reads_by_name:
            linked_values = linked_values._replace(patterns=self._exports.patterns(member, self.originals[at]))
        if linked_values == LinkedValues() and not sources:
            return None
        for index in sources:
            named = LinkedValues(generated=self._names_of(index), role_ids=self._role_ids_of(index))
            linked_values = linked_values.joined(named)
        if self._is_in_assembly(member):
            linked_values = linked_values.seen_in(member.origin.stack)
        return linked_values, tuple(sources)

    def _value(
        self, member: Member, reference: CrossStackReference, asked: Pending
    ) -> ResolvedValue | UnresolvedValue | None:
        """
        Args:
            asked: what is being looked for already, so that a circle comes to an end.
        """
        found = self._sources(member, reference)
        if len(found) > 1:
            files = " and ".join(sorted(self._members[index].origin.file for index in found))
            what = (
                f"the stack {reference.name} is that of"
                if reference.kind == STACK
                else f"the name {reference.name} is exported by"
            )
            return UnresolvedValue(f"{what} {files}, and it is not known which is meant")
        if not found:
            return None
        if reference.kind == CARRIED:
            # Its value is known before the other Region hears of it.
            template, label, region = self._template(found[0]), self.labels[found[0]], member.region or ""
            text = constant_carried(template, label, region, reference.name)
            return None if text is None else ResolvedValue(text, LinkedValues(), None, (found[0],))
        if (found[0], self._keys(found[0], reference)) in asked:
            self._circles += 1
            return UnresolvedValue(f"{symbol_of(reference).name} is a value that depends on itself")
        index, keys = found[0], self._keys(found[0], reference)
        name = reference.name if reference.kind == EXPORT else ""
        same_region = self._members[index].region == member.region
        remembered = (index, keys, name, same_region)
        if remembered in self._resolved:
            return self._resolved[remembered]
        circles = self._circles
        resolved = self._resolve(index, keys, (*asked, (index, keys)), name, same_region=same_region)
        if not asked or circles == self._circles:
            # What depends on itself is another value where it is asked for from outside of the circle.
            self._resolved[remembered] = resolved
        return resolved

    def _resolve(
        self, index: int, keys: tuple[str, ...], asked: Pending, name: str, *, same_region: bool
    ) -> ResolvedValue | UnresolvedValue | None:
        source = self._members[index]
        template, label = self._template(index), self.labels[index]
        if not same_region:
            text = constant_output(template, label, keys)
            return None if text is None else ResolvedValue(text, LinkedValues(), None, (index,))
        sources: dict[int, None] = {index: None}
        try:
            look_up = self._look_up(source, asked, sources)
            export = self._exports.of(index, name) if name else None
            value, linked_values, exists = relocate_output(template, label, keys, look_up, export=export)
        except NotLinkable:
            return None
        if self._sizes.of(value) > MAX_PARTS:
            return UnresolvedValue(f"{BUDGET}: parts of a value of another stack ({MAX_PARTS})")
        linked_values = linked_values.joined(self._given_to(source, asked, sources))
        return ResolvedValue(value, linked_values, exists, tuple(sources))

    def _given_to(self, member: Member, asked: Pending, sources: dict[int, None]) -> LinkedValues:
        """
        What the stacks around a nested one pass to it, and to each other.

        Args:
            sources: receives who has to do with it.
        """
        found = LinkedValues()
        if (passed := self._expressions(member, asked)) is not None:
            found = found.joined(passed.linked_values)
            sources.update(dict.fromkeys(passed.sources))
        for asking, reference, symbol in self._passed(member):
            one = self._value(asking, reference, asked)
            if isinstance(one, UnresolvedValue):
                found = found.joined(LinkedValues(doubts={symbol.name: one.reason}))
            elif one is not None:
                found = found.joined(one.linked_values).joined(LinkedValues(values={symbol.name: one.value}))
                sources.update(dict.fromkeys(one.sources))
        return found

    def _look_up(self, source: Member, asked: Pending, sources: dict[int, None]) -> LinkLookup:
        """
        What answers a template that takes something from others.

        Args:
            sources: receives who has to do with it.
        """

        def look_up(reference: CrossStackReference) -> tuple[object, LinkedValues] | None:
            found = self._value(source, reference, asked)
            if isinstance(found, UnresolvedValue):
                return Symbolic((symbol_of(reference)._replace(doubt=found.reason),)), LinkedValues()
            if found is None:
                return None
            sources.update(dict.fromkeys(found.sources))
            return found.value, found.linked_values

        return look_up

    # -- what is passed

    def _expressions(self, member: Member, asked: Pending = ()) -> ResolvedValue | None:
        """What the stacks around a nested one pass to it, and to each other, by the names of the symbols for it."""
        if not self._is_in_assembly(member):
            return None
        found, sources = LinkedValues(), dict[int, None]()
        for value in _taken(member):
            for symbol in value.symbols if isinstance(value, Symbolic) else ():
                one = self._expression(symbol, asked)
                if one is not None and symbol.name not in found.values:
                    found = found.joined(one.linked_values).joined(LinkedValues(values={symbol.name: one.value}))
                    sources.update(dict.fromkeys(one.sources))
        return ResolvedValue(None, found, None, tuple(sources)) if found.values else None

    def _expression(self, symbol: Symbol, asked: Pending) -> ResolvedValue | None:
        """What a stack passes to a nested one."""
        place = passed_place(symbol)
        index = None if place is None else self._by_label.get(place.label)
        pending = (-1 if index is None else index, (symbol.name,))
        if pending in asked:
            self._circles += 1
        if place is None or index is None or pending in asked:
            return None
        if symbol.name not in self._passed_values:
            circles = self._circles
            parent, template, sources = self._members[index], self._template(index), {index: None}
            child = self._by_label.get(parent.names.nested.get(place.logical_id, ""))
            parameters = self._template(child).environment.parameters if child is not None else {}
            look_up = self._look_up(parent, (*asked, pending), sources)
            found = relocate_passed(template, place, look_up, parameters.get(place.parameter))
            around = self._expressions(parent, (*asked, pending))
            resolved = None
            if found is not None:
                linked_values = found[1] if around is None else found[1].joined(around.linked_values)
                sources.update(dict.fromkeys(around.sources if around is not None else ()))
                resolved = ResolvedValue(found[0], linked_values, None, tuple(sources))
            if asked and circles != self._circles:
                return resolved
            self._passed_values[symbol.name] = resolved
        return self._passed_values[symbol.name]

    def _passed_buckets(self, member: Member) -> tuple[LinkedValues, tuple[int, ...]]:
        """What the stacks around a nested one say of the buckets that they pass down, and who has a part in that."""
        found, sources = LinkedValues(), dict[int, None]()
        stack = member.origin.stack if member.names.policies_of and self._is_in_assembly(member) else ""
        while stack in self._nesting:
            index, logical_id = self._nesting[stack]
            parent, label = self._template(index), self.labels[index]
            look_up = self._look_up(self._members[index], (), sources)
            for place in passed_resources(parent, label, logical_id, BUCKET):
                if (one := relocate_passed(parent, place, look_up, None)) is not None:
                    found = found.joined(one[1])
                    sources[index] = None
            stack = self._members[index].origin.stack
        return found, tuple(sources)

    def _named_buckets(self, member: Member) -> tuple[LinkedValues, tuple[int, ...]]:
        """The same of the buckets that others make, and that it calls by the same name; and who says all of them."""
        found, sources = LinkedValues(), dict[int, None]()
        others = self._naming_buckets(member)
        wanted = wanted_names(self._template(member.at), self._label(member)) if others else frozenset()
        making = [
            (index, logical_id, names)
            for index in (others if wanted else ())
            for logical_id, names in named_buckets(self._template(index), self.labels[index])
        ]
        said = set[tuple[int, str]]()
        for index, logical_id, names in meant_buckets(wanted, making):
            look_up = self._look_up(self._members[index], (), sources)
            one = relocate_bucket(self._template(index), self.labels[index], logical_id, look_up)
            if one is not None:
                found = found.joined(one).joined(self._given_to(self._members[index], (), sources))
                sources[index] = None
                said.update((index, one[0]) for one in names if len(one) == 1 and isinstance(one[0], str))
        settings = self._settings.around(member, said)
        return found.joined(LinkedValues(bucket_settings=settings)), tuple(sources)

    def _naming_buckets(self, member: Member) -> list[int]:
        """The templates that may make the buckets which a template names and has policies of."""
        own, root = self.originals[member.at], self._root(member)
        others = ((index, self._members[index]) for index in self.labels if index != own)
        return [at for at, one in others if may_name_same(member, one, is_nested=self._root(one) == root)]

    def _root(self, member: Member) -> str:
        """The label of the outermost of the stacks that a stack is nested in; its own where it is in none."""
        label = self._label(member)
        while label in self._nesting:
            label = self._label(self._members[self._nesting[label][0]])
        return label

    def _label(self, member: Member) -> str:
        """What a template is called; empty for one that nobody builds on."""
        return self.labels.get(self.originals[member.at], "")

    def _admitted(self, member: Member, passed: LinkedValues) -> LinkedValues:
        """That a nested stack admits what it is passed: else CloudFormation does not make it."""
        found = LinkedValues()
        declared = self._template(member.at).environment.parameters
        for name, value in member.origin.deployment.bindings.items():
            part = value.parts[0] if isinstance(value, Symbolic) and len(value.parts) == 1 else ""
            expression = passed.values.get(part.name) if isinstance(part, Symbol) else None
            condition = (
                None if expression is None or name not in declared else admission_condition(expression, declared[name])
            )
            if condition is not None:
                key = f"{member.origin.stack} admits {name}"
                found = found.joined(LinkedValues(conditions={key: condition}, requirements=(key,)))
        return found

    def _sources(self, member: Member, reference: CrossStackReference) -> list[int]:
        """The templates that may give a value."""
        if reference.kind == NESTED:
            path = member.names.nested.get(reference.name)
            index = self._by_label.get(path) if path is not None and self._is_in_assembly(member) else None
            found = [] if index is None else [index]
        elif reference.kind == CARRIED:
            found = self._carrying.get((member.account, member.region, reference.name), [])
        elif reference.kind == EXPORT:
            found = self._exports.giving(member, reference.name)
        else:
            region = reference.region or member.region
            found = [] if reference.by_role else self._stacks.get((member.account, region, reference.name), [])
        return [index for index in found if index != self.originals[member.at]]

    def _is_in_assembly(self, member: Member) -> bool:
        """Whether the path of a stack is what it is called here: another assembly may have one of the same path."""
        original, stack = self.originals[member.at], member.origin.stack
        return self.labels.get(original) == stack or (bool(member.called) and self._by_label.get(stack) == original)

    def _keys(self, index: int, reference: CrossStackReference) -> tuple[str, ...]:
        """The outputs of a template that are meant."""
        if reference.kind != EXPORT:
            return (reference.output,)
        export = self._exports.of(index, reference.name)
        return () if export is None else export.outputs

    def _requirement(self, member: Member, symbol: Symbol, exists: object) -> LinkedValues:
        """That there is a value, where nothing decides whether the template asks for it."""
        if exists is None or not always_asks(self._template(member.at), symbol):
            return LinkedValues()
        name = f"{symbol.name} is there"
        return LinkedValues(conditions={name: exists}, requirements=(name,))

    def _template(self, index: int) -> Template:
        if index not in self._templates:
            self._templates[index] = self._opened(index)
        return self._templates[index]

    # -- names

    def _names_of(self, index: int) -> dict[str, str]:
        """What names of a stack are taken to be in role chains, as others see these names."""
        if index not in self._generated:
            names = self._template(index).names_in_chains(self._members[index].number)
            self._generated[index] = {f"{self.labels[index]}/{name}": value for name, value in names.items()}
        return self._generated[index]

    def _role_ids_of(self, index: int) -> dict[str, Text]:
        """The unique ids of the roles of a stack, as others see them, to their ARNs."""
        label = self.labels[index]
        roles = self._template(index).roles
        return {role_id(f"{label}/{one.logical_id}"): rename_symbols(one.arn, label) for one in roles}

    def _parents(self, member: Member) -> Iterator[int]:
        """The stacks whose names a nested stack is given."""
        if not self._is_in_assembly(member):
            return
        for value in _taken(member):
            yield from mentioned_in(value, self._by_label)
            yield from (index for label, index in self._by_label.items() if has_id_of(str(value), label))

    def _passed(self, member: Member) -> Iterator[tuple[Member, CrossStackReference, Symbol]]:
        """What the parent of a nested stack asks others for, and passes on."""
        for value in _taken(member) if self._is_in_assembly(member) else ():
            for symbol in value.symbols if isinstance(value, Symbolic) else ():
                if symbol.kind == "import":
                    yield member, CrossStackReference(EXPORT, symbol.name.removeprefix(f"{IMPORT} ")), symbol
                label, name = in_stack(symbol.name)
                logical_id, inside, output = name.partition(f".{OUTPUTS}")
                if inside and label in self._by_label:
                    yield self._members[self._by_label[label]], CrossStackReference(NESTED, logical_id, output), symbol

    # -- policies that go together

    def ambiguous(self, at: int) -> dict[tuple[str, str], str]:
        """What a template names and several others declare, to the reason to say."""
        member = self._members[at]
        out: dict[tuple[str, str], str] = {}
        for kind, name in member.names.named:
            found = self._declared.elsewhere(member, kind, name)
            if len(found) > 1 and not self._declared.meant(member, kind, name):
                files = " and ".join(sorted(self._members[index].origin.file for index in found))
                out[kind, str(name)] = f"declared by {files}, and it is not known which is meant"
        return {**self._claims.against(member), **out}

    def together(self) -> list[tuple[int, ...]]:
        """The templates whose users, groups and roles are to be judged together, as far as there are several."""
        return policies_together(self.labels, self._members, self._declared, self._by_label, self._root)


def _taken(member: Member) -> Iterator[Text]:
    """What a nested stack is passed, and what the stacks around it are that decide whether it is there."""
    deployment = member.origin.deployment
    yield from deployment.bindings.values()
    yield from deployment.presence.linked_values.bindings.values()
