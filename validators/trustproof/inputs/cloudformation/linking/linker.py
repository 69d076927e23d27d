"""
Which templates of a run speak of each other's things: the values that they give, and the policies that go together.

Names of exports are those of one account and Region, names of IAM's those of one account. Templates that do not say
where they go are taken to go to one place, where one of them names what another one declares: without that it could not
be deployed. What two of them declare by the same name may be either, and is not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

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
from trustproof.inputs.cloudformation.linking.exports_of_run import ExportsOfRun
from trustproof.inputs.cloudformation.linking.members import Member, by_label, labels, originals
from trustproof.inputs.cloudformation.linking.passed_expressions import (
    admission_condition,
    passed_resources,
    relocate_passed,
)
from trustproof.inputs.cloudformation.linking.policies_together import mentioned_in, policies_together
from trustproof.inputs.cloudformation.linking.requirements import always_asks
from trustproof.inputs.cloudformation.linking.resolved_values import Taken, UnresolvedValue
from trustproof.inputs.cloudformation.linking.values_of_run import ValuesOfRun, passed_texts
from trustproof.inputs.cloudformation.resources.access.bucket_blocks import BUCKET
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues
from trustproof.inputs.cloudformation.values.references import symbol_of
from trustproof.model.names import has_id_of, role_id
from trustproof.model.text import Symbol, Symbolic

#: So many templates are kept open at a time; each that is asked for again is read again.
_MAX_OPEN = 64


class Links:
    """
    Who gives what to whom.

    Args:
        members: the templates that others may speak of, or that speak of others.
        opened: reads one of them again, by its place.
    """

    def __init__(self, members: Sequence[Member], opened: Callable[[int], Template]) -> None:
        self._members = {member.at: member for member in members}
        self._template = lru_cache(_MAX_OPEN)(opened)
        self._names: dict[int, LinkedValues] = {}
        #: The same file twice is one template.
        self.originals: dict[int, int] = originals(members)
        offering = [m for m in members if self.originals[m.at] == m.at and not m.in_doubt]
        self.labels: dict[int, str] = labels(offering)
        self._settings = SettingsOfRun(members, self.originals)
        self._claims = ClaimsOfRun(members, self.labels, self.originals)
        self._by_label = by_label(offering, self.labels)
        self._exports = ExportsOfRun(offering, self._template)
        self._values = ValuesOfRun(
            self._members, offering, self.originals, self.labels, self._by_label, self._exports, self._template
        )
        #: By the paths of nested stacks, the template that has them and the resources that make them.
        self._nesting = {path: (m.at, name) for m in offering for name, path in m.names.nested.items() if path}
        self._declared = DeclaredNames(offering, members, self.originals)

    # -- values

    def linked_values(self, at: int) -> tuple[LinkedValues, tuple[int, ...]] | None:
        """What others give to a template, and who they are; None where nobody gives anything."""
        member = self._members[at]
        linked_values = LinkedValues(ambiguous=self.ambiguous(at))
        linked_values = linked_values.joined(member.origin.deployment.presence.demanded())
        taken = Taken()
        taken.names(*self._parents(member))
        references = [(member, reference, symbol_of(reference)) for reference in member.names.references]
        for asking, reference, symbol in (*references, *self._values.passed(member)):
            found = self._values.of(asking, reference)
            if isinstance(found, UnresolvedValue):
                linked_values = linked_values.joined(LinkedValues(doubts={symbol.name: found.reason}))
            elif found is not None:
                linked_values = linked_values.joined(found.linked_values).joined(
                    LinkedValues(values={symbol.name: found.value})
                )
                linked_values = linked_values.joined(self._requirement(member, symbol, found.exists))
                taken.add(found)
        if (passed := self._values.expressions(member)) is not None:
            linked_values = linked_values.joined(passed.linked_values)
            taken.add(passed)
        linked_values = linked_values.joined(self._passed_buckets(member, taken))
        linked_values = linked_values.joined(self._named_buckets(member, taken))
        linked_values = linked_values.joined(self._admitted(member, linked_values))
        if member.names.asks_for_exports or linked_values.values:
            linked_values = linked_values._replace(wild_exports=self._exports.wild(member, self.originals[at]))
        if member.names.reads_by_name:
            linked_values = linked_values._replace(patterns=self._exports.patterns(member, self.originals[at]))
        if linked_values == LinkedValues() and not taken.sources:
            return None
        for index in taken.named:
            linked_values = linked_values.joined(self._names_of(index))
        if self._values.is_in_assembly(member):
            linked_values = linked_values.seen_in(member.origin.stack)
        return linked_values, taken.sources

    # -- what is passed

    def _passed_buckets(self, member: Member, taken: Taken) -> LinkedValues:
        """
        What the stacks around a nested one say of the buckets that they pass down.

        Args:
            taken: receives who has a part in that.
        """
        found = LinkedValues()
        stack = member.origin.stack if member.names.policies_of and self._values.is_in_assembly(member) else ""
        while stack in self._nesting:
            index, logical_id = self._nesting[stack]
            parent, label = self._template(index), self.labels[index]
            look_up = self._values.look_up(self._members[index], taken)
            for place in passed_resources(parent, label, logical_id, BUCKET):
                if (one := relocate_passed(parent, place, look_up, None)) is not None:
                    found = found.joined(one[1])
                    taken.names(index)
            stack = self._members[index].origin.stack
        return found

    def _named_buckets(self, member: Member, taken: Taken) -> LinkedValues:
        """The same of the buckets that others make, and that it calls by the same name; and who says all of them."""
        found = LinkedValues()
        others = self._naming_buckets(member)
        wanted = wanted_names(self._template(member.at), self._label(member)) if others else frozenset()
        making = [
            (index, logical_id, names)
            for index in (others if wanted else ())
            for logical_id, names in named_buckets(self._template(index), self.labels[index])
        ]
        said = set[tuple[int, str]]()
        for index, logical_id, names in meant_buckets(wanted, making):
            look_up = self._values.look_up(self._members[index], taken)
            one = relocate_bucket(self._template(index), self.labels[index], logical_id, look_up)
            if one is not None:
                found = found.joined(one).joined(self._values.given_to(self._members[index], taken))
                taken.names(index)
                said.update((index, one[0]) for one in names if len(one) == 1 and isinstance(one[0], str))
        settings = self._settings.around(member, said)
        return found.joined(LinkedValues(bucket_settings=settings))

    def _naming_buckets(self, member: Member) -> list[int]:
        """The templates that may make the buckets which a template names and has policies of."""
        if not member.names.policies_of:
            return []
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
        bindings = member.origin.deployment.bindings
        declared = self._template(member.at).environment.parameters if bindings else {}
        for name, value in bindings.items():
            part = value.parts[0] if isinstance(value, Symbolic) and len(value.parts) == 1 else ""
            expression = passed.values.get(part.name) if isinstance(part, Symbol) else None
            condition = (
                None if expression is None or name not in declared else admission_condition(expression, declared[name])
            )
            if condition is not None:
                key = f"{member.origin.stack} admits {name}"
                found = found.joined(LinkedValues(conditions={key: condition}, requirements=(key,)))
        return found

    def _requirement(self, member: Member, symbol: Symbol, exists: object) -> LinkedValues:
        """That there is a value, where nothing decides whether the template asks for it."""
        if exists is None or not always_asks(self._template(member.at), symbol):
            return LinkedValues()
        name = f"{symbol.name} is there"
        return LinkedValues(conditions={name: exists}, requirements=(name,))

    # -- names

    def _names_of(self, index: int) -> LinkedValues:
        """
        What names of a stack are taken to be in role chains, and to the unique ids of its roles their ARNs, as others
        see these names.
        """
        if index not in self._names:
            template, label = self._template(index), self.labels[index]
            names = template.names_in_chains(self._members[index].number)
            self._names[index] = LinkedValues(
                generated={f"{label}/{name}": value for name, value in names.items()},
                role_ids={
                    role_id(f"{label}/{one.logical_id}"): rename_symbols(one.arn, label) for one in template.roles
                },
            )
        return self._names[index]

    def _parents(self, member: Member) -> Iterator[int]:
        """The stacks whose names a nested stack is given."""
        if not self._values.is_in_assembly(member):
            return
        for value in passed_texts(member):
            yield from mentioned_in(value, self._by_label)
            yield from (index for label, index in self._by_label.items() if has_id_of(str(value), label))

    # -- policies that go together

    def ambiguous(self, at: int) -> dict[tuple[str, str], str]:
        """What a template names and several others declare, to the reason to say."""
        member = self._members[at]
        out: dict[tuple[str, str], str] = {}
        for said in member.names.named:
            for name, found in self._declared.unclear(member, said).items():
                files = " and ".join(sorted({self._members[index].origin.file for index in found}))
                out[said.kind, str(name)] = f"declared by {files}, and it is not known which is meant"
        return {**self._claims.against(member), **out}

    def together(self) -> list[tuple[int, ...]]:
        """The templates whose users, groups and roles are to be judged together, as far as there are several."""
        return policies_together(self.labels, self._members, self._declared, self._by_label, self._root)
