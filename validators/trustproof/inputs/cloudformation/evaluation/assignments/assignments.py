"""
Which values the parameters of a template may have together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import combinations, product

from trustproof.aws.partitions import all_partitions, partition_of, regions_in
from trustproof.inputs.cloudformation.evaluation.conditions import solver
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import decide_named
from trustproof.inputs.cloudformation.evaluation.conditions.missing_entries import asks_in_vain, has_no_row
from trustproof.inputs.cloudformation.evaluation.declarations.constant_parts import regions_written, signs_of
from trustproof.inputs.cloudformation.evaluation.functions.lookups_in_vain import regions_with_entries
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.stacks.stack_conditions import is_there
from trustproof.inputs.cloudformation.parameters import samples
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.cloudformation.values.parameter import is_one, undecided
from trustproof.inputs.cloudformation.values.presence import NOT_KNOWN
from trustproof.inputs.text.source import Source
from trustproof.model.deployments import Assignment, excluded_values
from trustproof.model.document import Document
from trustproof.model.policy import Guard
from trustproof.model.query import texts
from trustproof.model.text import PARTITION, REGION, Symbol, Symbolic


class Assignments:
    """
    Values of parameters and other symbols, as the declarations of a template admit them.

    Args:
        resolver: of the template.
        source: of the template.
        assignment: the values at which the template is read, where not at the defaults.
    """

    def __init__(self, resolver: Resolver, source: Source, assignment: Assignment | None = None) -> None:
        self._resolver = resolver
        self._source = source
        assigned = {} if assignment is None else dict(assignment.values)
        #: How comparisons and values came out to which nothing refers any more where the template is read with them.
        self._read_at: Mapping[str, str] = {} if assignment is None else dict(assignment.named)
        #: The partition, where it and not the Region is known.
        self._partition = assigned.get(PARTITION) if REGION not in assigned else None
        #: The names by which a mapping can be asked for what it has in one place.
        self._place = {name for name in (PARTITION, REGION) if name in assigned}
        #: Many policies ask the same of the conditions.
        self._realised: dict[object, dict[str, str] | None] = {}
        self._instead: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
        #: Each question about a policy asks for a value of the same symbols.
        self._samples: dict[Symbol, str | None] = {}

    def refuses(self, document: Document) -> bool:
        """
        Whether a mapping has nothing for the Region or partition of a document, so that CloudFormation refuses the
        template.
        """
        return bool(self._place) and any(
            isinstance(text, Symbolic) and any(map(self._has_nothing, text.symbols))
            for statement in document.policy.statements
            if not statement.guards
            for text, _ in texts(statement)
        )

    def _has_nothing(self, symbol: Symbol) -> bool:
        """Whether a symbol stands for what a mapping has not."""
        if not symbol.name.startswith("Fn::FindInMap ") or symbol.doubt:
            return False
        if self._partition is not None and has_no_row(self._resolver, symbol, self._partition):
            return True
        # One that names no place is missing everywhere, and not refused here.
        return any(place in symbol.name for place in self._place) and asks_in_vain(self._resolver, symbol)

    def is_there(self) -> bool | None:
        """Whether the stack is there, by the conditions of the stacks around it; None where that is not known."""
        return is_there(self._resolver)

    def satisfy(self, guards: Iterable[Guard], *, other_than: Iterable[tuple[str, str]] = ()) -> dict[str, str] | None:
        """
        Parameter values under which all guards hold together; None where no deployment has them.

        A parameter that may keep its ``Default`` is not in the result.

        Args:
            other_than: names, each with a value that it shall not have.

        Raises:
            Undetermined: that could not be decided in `solver.MAX_STEPS` steps.
        """
        wanted, unwanted = tuple(guards), tuple(other_than)
        regions = [guard.value for guard in wanted if guard.name == REGION]
        if regions and (listed := self.listed(REGION)) and not {*regions} <= {*listed}:
            return None
        if (key := (wanted, unwanted)) not in self._realised:
            found = solver.satisfy(self._resolver, wanted, other_than=unwanted)
            self._realised[key] = found and self._admitted(found, wanted, unwanted)
        return self._realised[key]

    def has(self, assignment: Assignment, *, other_than: Sequence[tuple[str, str]] = ()) -> bool:
        """
        Whether some deployment has an assignment, with the stack in it; so it is taken where nobody knows.

        Args:
            other_than: names, each with a value that it shall not have.
        """
        declared = self._resolver.environment.parameters
        guards = [Guard(name, value) for name, value in assignment.values if name in declared]
        defaults = {name: declared[name].judged_default for name in assignment.not_default if name in declared}
        kept = [(name, default) for name, default in defaults.items() if default is not None]
        try:
            return self.satisfy(guards, other_than=(*excluded_values(assignment), *kept, *other_than)) is not None
        except UndeterminedGuards:
            return True

    def _admitted(
        self, found: dict[str, str], wanted: tuple[Guard, ...], unwanted: tuple[tuple[str, str], ...]
    ) -> dict[str, str]:
        """The same with values that the source admits, where it is known to refuse what stands for any other one."""
        given = {guard.name for guard in wanted}
        refused = [name for name, value in found.items() if name not in given and self._source.refuses(name, value)]
        for guard in (Guard(name, value) for name in refused for value in self._source.admitted_values(name)):
            there = (*wanted, guard)
            if (again := solver.satisfy(self._resolver, there, other_than=unwanted)) is not None:
                return self._admitted(again, there, unwanted)
        return found

    def opened(self, values: Mapping[str, str]) -> Resolver:
        """The expressions of the template next to values of parameters, where nothing has its default."""
        return self._resolver.opened(values)

    def demanded(self, given: Mapping[str, str]) -> tuple[Sequence[object], Mapping[str, str]]:
        """
        The conditions that hold since CloudFormation refuses other deployments, and values at which they do.

        Args:
            given: values that are known.
        """
        environment = self._resolver.environment
        conditions = {rule: environment.conditions[rule] for rule in environment.own_rules} | environment.demands
        try:
            known = [Guard(name, value) for name, value in given.items() if name in environment.declared]
            found = self.satisfy((*known, *(Guard(name, True) for name in conditions))) if conditions else {}
        except UndeterminedGuards:
            found = {}
        usual = {name: value for name, value in (found or {}).items() if name in environment.parameters}
        for name, one in environment.declared.items():
            # Nothing is deployed with a default that is refused.
            if one.default is not None and not one.is_ssm and one.judged_default is None and name not in usual:
                usual |= {} if (value := self.sample(one.symbol)) is None else {name: value}
        return [*conditions.values()], usual

    def holds(self, guards: Iterable[Guard]) -> bool:
        """Whether guards hold in a template as it is deployed; where that is not decided, what they guard is there."""
        for guard in guards:
            if isinstance(guard.value, bool):
                found = decide_named(guard.name, self._resolver)
                if found is not None and found is not guard.value:
                    return False
            elif self._resolver.values.get(guard.name, guard.value) != guard.value:
                return False
        return True

    def listed(self, name: str) -> tuple[str, ...]:
        """All values that a parameter, or the Region, may have, whatever others have; empty where that is not known."""
        environment = self._resolver.environment
        if name == REGION and name not in self._resolver.values:
            return self._regions
        parameter = environment.parameters.get(name)
        if parameter is None or name in environment.bindings or name in self._resolver.values:
            return ()
        # What is listed of a list is what its items are, and of one of the Parameter Store where the value stands.
        listed = () if parameter.is_list or parameter.is_ssm else parameter.listed
        default = parameter.judged_default
        return (*listed, default) if listed and default is not None and default not in listed else listed

    @cached_property
    def _regions(self) -> tuple[str, ...]:
        """
        The Regions of all partitions, and those that nobody has published and something names, for which mappings have
        what they are asked for in any case.
        """
        environment = self._resolver.environment
        lent = environment.deployment.linked_values
        given = f"{environment.mappings} {environment.bindings} {lent}"
        named = dict.fromkeys((*signs_of(self._source.text).possible_regions, *regions_written(given)))
        known = [one for partition in sorted(all_partitions()) for one in regions_in(partition)]
        return tuple(regions_with_entries(environment, dict.fromkeys((*known, *named))))

    def undecided_together(self, values: Mapping[str, str]) -> str:
        """
        Why it is not known whether a deployment has some values, and those at which the template is read, together: two
        of them are outcomes of expressions that depend on the same; empty where nothing stands in the way.
        """
        if apart := self._apart(values):
            return apart
        # Where it is read at values, no guard says what they decide; and where something else decides besides, nobody
        # has told of those alone that have to do with each other.
        related = self._related({**self._read_at, **values})
        return next(filter(None, (self._apart(one) for one in related if one != values)), "")

    def _apart(self, values: Mapping[str, str]) -> str:
        if (open_ := next((name for name in sorted(values) if NOT_KNOWN in name), None)) is not None:
            return open_[open_.index(NOT_KNOWN) :]
        if (told := self._source.doubt_about(values)) is not None:
            return told
        deciding, outcomes = self._deciding(values)
        for name, other in combinations(deciding, 2) if outcomes else ():
            if name in outcomes or other in outcomes:
                shared = next((a for a, b in product(deciding[name], deciding[other]) if is_one(a, b)), "")
                if shared:
                    return undecided(name, other, shared)
        return ""

    def _deciding(self, values: Iterable[str]) -> tuple[Mapping[str, Sequence[str]], Set[str]]:
        """What decides some values, by their names, and those of them that are outcomes of expressions."""
        parameters = self._resolver.environment.parameters
        deciding: dict[str, Sequence[str]] = {}
        for name in sorted(values):
            found = parameters[name].depends_on if name in parameters else None
            deciding[name] = (name,) if found is None else found
        return deciding, {name for name in deciding if name in parameters and parameters[name].depends_on is not None}

    def _related(self, values: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
        """The values that have to do with each other, since the same decides them; not those that are alone."""
        declared = self._resolver.environment.parameters
        deciding, outcomes = self._deciding(values)
        # A text that an expression makes is no parameter, and the source knows what it is made of.
        made = {name: found for name in values if name not in declared and (found := self._source.decided_by(name))}
        deciding, outcomes = {**deciding, **made}, {*outcomes, *made}
        left = [*deciding] if outcomes else []
        while left:
            group, left = left[:1], left[1:]
            for name in group:
                near = [other for other in left if _meet(deciding[name], deciding[other])]
                group += near
                left = [other for other in left if other not in near]
            if len(group) > 1 and not outcomes.isdisjoint(group):
                yield {name: values[name] for name in group}

    @cached_property
    def _accounts(self) -> Sequence[str]:
        # A megabyte is looked through once, and not for each symbol of each policy.
        return samples.example_accounts(self._source.text)

    def sample(self, symbol: Symbol) -> str | None:
        """A value that a symbol admits, one that does not stand in the template if it can be; None without one."""
        if symbol not in self._samples:
            self._samples[symbol] = self._sample(symbol)
        return self._samples[symbol]

    def _sample(self, symbol: Symbol) -> str | None:
        if symbol.is_region:
            partition = self._resolver.values.get("AWS::Partition", self._resolver.environment.partition)
            return next(iter(regions_in(partition)), None)
        candidates = samples.candidates(symbol, self._accounts)
        return next((value for value in candidates if self.admits(symbol, value)), None)

    def admits(self, symbol: Symbol, value: str) -> bool:
        """Whether a symbol may have a value, as far as its declaration says."""
        parameter = self._resolver.environment.parameters.get(symbol.name)
        if parameter is not None and symbol.kind == "parameter":
            return parameter.refusal(value) is None and not self._source.refuses(symbol.name, value)
        if asks_in_vain(self._resolver, symbol):
            return False
        partition = self._resolver.values.get("AWS::Partition")
        if symbol.is_region and partition is not None and partition_of(value) != partition:
            return False
        return samples.admits(symbol, value)

    def completed(self, values: Mapping[str, str]) -> Mapping[str, str] | None:
        """
        Values with what rules make of other parameters; None where no deployment is known that has them.
        """
        if not self._resolver.environment.rules:
            return values
        try:
            found = self.satisfy(Guard(name, value) for name, value in values.items())
        except UndeterminedGuards:
            return None
        return None if found is None else {**found, **values}

    def instead_of_defaults(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """
        What parameters are, next to some values, of which rules refuse the default (or what else CloudFormation refuses
        a template for, or a stack around it is not made with); nothing where that is not known.
        """
        environment = self._resolver.environment
        linked_values = environment.deployment.linked_values
        if not environment.rules and (linked_values is None or not linked_values.requirements):
            return {}
        if (key := tuple(values.items())) not in self._instead:
            self._instead[key] = self._instead_of_defaults(values)
        return self._instead[key]

    def _instead_of_defaults(self, values: Mapping[str, str]) -> Mapping[str, str]:
        environment = self._resolver.environment
        linked_values = environment.deployment.linked_values
        wanted = [Guard(name, value) for name, value in values.items()]
        try:
            found = self.satisfy((*wanted, *(Guard(rule, True) for rule in environment.rules)))
        except UndeterminedGuards:
            return {}
        declared = {name: one.judged_default for name, one in environment.declared.items()}
        # What stacks around it demand may have taken a default away.
        around = linked_values.parameters if linked_values is not None else {}
        return {
            name: value
            for name, value in (found or {}).items()
            if name not in environment.bindings and (declared.get(name) not in (None, value) or name in around)
        }


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether something decides both of two values, whichever part of it (`the keys of var.m`)."""
    return any(is_one(a.rpartition(" ")[2], b.rpartition(" ")[2]) for a, b in product(one, other))
