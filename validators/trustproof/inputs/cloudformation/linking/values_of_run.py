"""
The values that the templates of a run give each other, each found out once.

A value may be made of one that was made of another one, through any number of templates. What stands deep below the
one that is asked for is found out first, so that no chain of them needs more room than the program has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from trustproof.inputs.cloudformation.linking.exports import constant_carried, constant_output, relocate_output
from trustproof.inputs.cloudformation.linking.exports_of_run import ExportsOfRun
from trustproof.inputs.cloudformation.linking.members import Member
from trustproof.inputs.cloudformation.linking.passed_expressions import passed_place, relocate_passed
from trustproof.inputs.cloudformation.linking.relocation import LinkLookup
from trustproof.inputs.cloudformation.linking.resolved_values import (
    DECIDED_BY_TOO_MANY,
    MADE_OF_TOO_MANY,
    MAX_DECIDED,
    MAX_MADE_OF,
    MAX_PARTS,
    ExpressionSizes,
    ResolvedValue,
    Taken,
    UnresolvedValue,
)
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
from trustproof.inputs.text.json import TOO_DEEP
from trustproof.model.names import in_stack
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.results.result import BUDGET

#: What a value is found to be.
Answer: TypeAlias = "ResolvedValue | UnresolvedValue | None"
#: So many values are looked into while another one is waiting for each.
_MAX_DEEP = 20


class _Question(NamedTuple):
    """
    What a value is.
    """

    #: Says which value, in a run.
    value: tuple[object, ...]
    #: Finds it out; is given the values that are waiting for it, and itself.
    find: Callable[[Asked], Answer]
    #: The answer where it depends on itself.
    circular: Answer


#: Values that are being looked for, of which each is needed for the one before it.
Asked: TypeAlias = "tuple[tuple[object, ...], ...]"


class _FindFirst(Exception):
    """A value is to be found out before the one that it is needed for: that one is asked for again then."""

    def __init__(self, question: _Question) -> None:
        super().__init__(question.value)
        self.question = question


class _Answers:
    """
    Answers questions that lead to other ones, each once.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Answer] = {}
        #: Values that depend on themselves.
        self._circular: set[tuple[object, ...]] = set()
        #: What is needed for what stands before it.
        self._waiting: dict[tuple[object, ...], _Question] = {}

    def of(self, question: _Question, asked: Asked) -> Answer:
        """
        What a value is.

        Args:
            asked: what it is needed for; nothing where somebody outside wants to know.

        Raises:
            _FindFirst: there is no room to find it out here.
        """
        if question.value in self._known:
            return self._known[question.value]
        if not asked:
            return self._found_first(question)
        around = (*self._waiting, *asked)
        if question.value in around:
            self._circular.update(around[around.index(question.value) :])
            return question.circular
        if len(asked) >= _MAX_DEEP:
            raise _FindFirst(question)
        return self._found(question, asked)

    def _found_first(self, question: _Question) -> Answer:
        """What a value is that nothing else is waiting for."""
        self._waiting = {question.value: question}
        while self._waiting:
            last = next(reversed(self._waiting.values()))
            try:
                self._found(last, ())
            except _FindFirst as first:
                self._waiting[first.question.value] = first.question
                continue
            except RecursionError:
                self._known[last.value] = UnresolvedValue(f"{BUDGET}: {TOO_DEEP}")
            del self._waiting[last.value]
        return self._known[question.value]

    def _found(self, question: _Question, asked: Asked) -> Answer:
        found = question.find((*asked, question.value))
        if question.value in self._circular:
            found = question.circular
        self._known[question.value] = found
        return found


class ValuesOfRun:
    """
    Who gives what value to whom.

    Args:
        members: the templates that others may speak of, or that speak of others, by their places.
        offering: those that others may take something from.
        originals: each to the first one that is the same.
        labels: what they are called.
        by_label: those by what they are called.
        exports: who exports what.
        opened: reads one of them again, by its place.
    """

    def __init__(
        self,
        members: Mapping[int, Member],
        offering: Sequence[Member],
        originals: Mapping[int, int],
        labels: Mapping[int, str],
        by_label: Mapping[str, int],
        exports: ExportsOfRun,
        opened: Callable[[int], Template],
    ) -> None:
        self._members = members
        self._originals = originals
        self._labels = labels
        self._by_label = by_label
        self._exports = exports
        self._opened = opened
        self._answers = _Answers()
        self._sizes = ExpressionSizes()
        self._carrying: dict[tuple[object, ...], list[int]] = {}
        self._stacks: dict[tuple[object, ...], list[int]] = {}
        for member in offering:
            for region, name in member.names.carried:
                self._carrying.setdefault((member.account, region, name), []).append(member.at)
            if (stack := member.origin.deployment.stack_name) is not None:
                self._stacks.setdefault((member.account, member.region, stack), []).append(member.at)

    def is_in_assembly(self, member: Member) -> bool:
        """Whether the path of a stack is what it is called here: another assembly may have one of the same path."""
        original, stack = self._originals[member.at], member.origin.stack
        return self._labels.get(original) == stack or (bool(member.called) and self._by_label.get(stack) == original)

    def of(self, member: Member, reference: CrossStackReference, asked: Asked = ()) -> Answer:
        """
        What others give to a template for something that it refers to; None where nobody gives anything.

        Args:
            asked: what is being looked for already.
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
        index = found[0]
        if reference.kind == CARRIED:
            # Its value is known before the other Region hears of it.
            template, label, region = self._opened(index), self._labels[index], member.region or ""
            text = constant_carried(template, label, region, reference.name)
            return None if text is None else ResolvedValue(text, LinkedValues(), None, (index,), (index,), 1)
        keys = self._keys(index, reference)
        name = reference.name if reference.kind == EXPORT else ""
        same_region = self._members[index].region == member.region
        question = _Question(
            (index, keys, name, same_region),
            lambda asked: self._resolve(index, keys, asked, name, same_region=same_region),
            UnresolvedValue(f"{symbol_of(reference).name} is a value that depends on itself"),
        )
        return self._answers.of(question, asked)

    def _resolve(self, index: int, keys: tuple[str, ...], asked: Asked, name: str, *, same_region: bool) -> Answer:
        source = self._members[index]
        template, label = self._opened(index), self._labels[index]
        if not same_region:
            text = constant_output(template, label, keys)
            return None if text is None else ResolvedValue(text, LinkedValues(), None, (index,), (index,), 1)
        taken = Taken(index)
        try:
            look_up = self.look_up(source, taken, asked)
            export = self._exports.of(index, name) if name else None
            value, linked_values, exists = relocate_output(template, label, keys, look_up, export=export)
        except NotLinkable:
            return None
        if self._sizes.of(value) > MAX_PARTS:
            return UnresolvedValue(f"{BUDGET}: parts of a value of another stack ({MAX_PARTS})")
        linked_values = linked_values.joined(self.given_to(source, taken, asked))
        if exists is None and (same := taken.same_as(value, linked_values)) is not None:
            return same.passed_on_by(index)
        if taken.over_budget is not None:
            return taken.over_budget
        if taken.links >= MAX_MADE_OF:
            return UnresolvedValue(MADE_OF_TOO_MANY)
        if taken.links >= MAX_DECIDED and linked_values.conditions:
            return UnresolvedValue(DECIDED_BY_TOO_MANY)
        if not isinstance(value, str) or any(linked_values):
            taken.names(index)
        return taken.value(value, linked_values, exists)

    def given_to(self, member: Member, taken: Taken, asked: Asked = ()) -> LinkedValues:
        """
        What the stacks around a nested one pass to it, and to each other.

        Args:
            taken: receives who has to do with it.
        """
        found = LinkedValues()
        if (passed := self.expressions(member, asked)) is not None:
            found = found.joined(passed.linked_values)
            taken.add(passed)
        for asking, reference, symbol in self.passed(member):
            one = self.of(asking, reference, asked)
            if isinstance(one, UnresolvedValue):
                found = found.joined(LinkedValues(doubts={symbol.name: one.reason}))
            elif one is not None:
                found = found.joined(one.linked_values).joined(LinkedValues(values={symbol.name: one.value}))
                taken.add(one)
        return found

    def look_up(self, source: Member, taken: Taken, asked: Asked = ()) -> LinkLookup:
        """
        What answers a template that takes something from others.

        Args:
            taken: receives who has to do with it.
        """

        def look_up(reference: CrossStackReference) -> tuple[object, LinkedValues] | None:
            found = self.of(source, reference, asked)
            if isinstance(found, UnresolvedValue):
                taken.fail(found)
                return Symbolic((symbol_of(reference)._replace(doubt=found.reason),)), LinkedValues()
            if found is None:
                return None
            taken.add(found)
            return found.value, found.linked_values

        return look_up

    # -- what is passed

    def expressions(self, member: Member, asked: Asked = ()) -> ResolvedValue | None:
        """What the stacks around a nested one pass to it, and to each other, by the names of the symbols for it."""
        if not self.is_in_assembly(member):
            return None
        found, taken = LinkedValues(), Taken()
        for value in passed_texts(member):
            for symbol in value.symbols if isinstance(value, Symbolic) else ():
                one = self._expression(symbol, asked)
                if isinstance(one, ResolvedValue) and symbol.name not in found.values:
                    found = found.joined(one.linked_values).joined(LinkedValues(values={symbol.name: one.value}))
                    taken.add(one)
        return taken.value(None, found, None) if found.values else None

    def _expression(self, symbol: Symbol, asked: Asked) -> Answer:
        """What a stack passes to a nested one."""
        place = passed_place(symbol)
        index = None if place is None else self._by_label.get(place.label)
        if place is None or index is None:
            return None

        def find(asked: Asked) -> Answer:
            parent, template, taken = self._members[index], self._opened(index), Taken(index)
            child = self._by_label.get(parent.names.nested.get(place.logical_id, ""))
            parameters = self._opened(child).environment.parameters if child is not None else {}
            found = relocate_passed(
                template, place, self.look_up(parent, taken, asked), parameters.get(place.parameter)
            )
            around = self.expressions(parent, asked)
            if found is None:
                return None
            linked_values = found[1] if around is None else found[1].joined(around.linked_values)
            if around is not None:
                taken.add(around)
            taken.names(index)
            return None if taken.links >= MAX_MADE_OF else taken.value(found[0], linked_values, None)

        return self._answers.of(_Question((index, symbol.name), find, None), asked)

    def passed(self, member: Member) -> Iterator[tuple[Member, CrossStackReference, Symbol]]:
        """What the parent of a nested stack asks others for, and passes on."""
        for value in passed_texts(member) if self.is_in_assembly(member) else ():
            for symbol in value.symbols if isinstance(value, Symbolic) else ():
                if symbol.kind == "import":
                    yield member, CrossStackReference(EXPORT, symbol.name.removeprefix(f"{IMPORT} ")), symbol
                label, name = in_stack(symbol.name)
                logical_id, inside, output = name.partition(f".{OUTPUTS}")
                if inside and label in self._by_label:
                    yield self._members[self._by_label[label]], CrossStackReference(NESTED, logical_id, output), symbol

    # -- who is meant

    def _sources(self, member: Member, reference: CrossStackReference) -> list[int]:
        """The templates that may give a value."""
        if reference.kind == NESTED:
            path = member.names.nested.get(reference.name)
            index = self._by_label.get(path) if path is not None and self.is_in_assembly(member) else None
            found = [] if index is None else [index]
        elif reference.kind == CARRIED:
            found = self._carrying.get((member.account, member.region, reference.name), [])
        elif reference.kind == EXPORT:
            found = self._exports.giving(member, reference.name)
        else:
            region = reference.region or member.region
            found = [] if reference.by_role else self._stacks.get((member.account, region, reference.name), [])
        return [index for index in found if index != self._originals[member.at]]

    def _keys(self, index: int, reference: CrossStackReference) -> tuple[str, ...]:
        """The outputs of a template that are meant."""
        if reference.kind != EXPORT:
            return (reference.output,)
        export = self._exports.of(index, reference.name)
        return () if export is None else export.outputs


def passed_texts(member: Member) -> Iterator[Text]:
    """What a nested stack is passed, and what the stacks around it are that decide whether it is there."""
    deployment = member.origin.deployment
    yield from deployment.bindings.values()
    yield from deployment.presence.linked_values.bindings.values()
