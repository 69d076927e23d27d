"""
The assignments of parameters at which a part of a template has to be judged, as classes that it cannot tell apart.

A parameter with ``AllowedValues`` is judged at each of them, in classes where all are too many. One with a default and
no ``AllowedValues`` is judged at its default and, where a condition distinguishes its values, in each class that the
condition makes of them. What only conditions read is no class of its own: the search decides it together with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import prod

from trustproof.aws.partitions import USUAL_PARTITIONS, all_partitions, is_region, partition_of, regions_in
from trustproof.inputs.cloudformation.evaluation.assignments.accounts_with_rows import AccountsWithRows
from trustproof.inputs.cloudformation.evaluation.assignments.assignments import Assignments
from trustproof.inputs.cloudformation.evaluation.assignments.dependencies import Dependencies
from trustproof.inputs.cloudformation.evaluation.assignments.deployable_defaults import DeployableDefaults
from trustproof.inputs.cloudformation.evaluation.assignments.merged_classes import Part, known_to_exist, merged
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.list_choices import classes_of_lists
from trustproof.inputs.cloudformation.evaluation.declarations.names_read import NameReads
from trustproof.inputs.cloudformation.evaluation.declarations.value_classes import (
    class_of_others,
    classes_of_listed,
    distinguished,
    joined,
    pinned,
    sample_value,
)
from trustproof.inputs.cloudformation.parameters.rules import compared_names, names_of_condition
from trustproof.inputs.cloudformation.values.deployment import PLACES
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.model.deployments import IS_THERE, Assignment, Told, excluded_values
from trustproof.model.names import in_stack
from trustproof.model.policy import Guard, Path
from trustproof.model.text import ACCOUNT_ID, Symbolic
from trustproof.sets.search import BudgetReached

PARTITION, REGION = "AWS::Partition", "AWS::Region"
#: What decides by the partition.
_DECIDING = (PARTITION, REGION, "AWS::URLSuffix")
#: So many assignments of one policy are judged also where a search may decide about several at once.
_FEW = 32
#: So many assignments of one policy are judged.
MAX_ASSIGNMENTS = 1024
#: Of so many, those of parts of it that have nothing to do with each other are put together, if all are not more than
#: the second number.
_MANY, _MOST_APART = 128, 8 * MAX_ASSIGNMENTS


class AssignmentClasses:
    """
    Finds the classes of assignments that matter for parts of one template.

    Args:
        data: the template.
        environment: its declarations.
        values: names that have been given a value.
        assignments: which values its parameters may have together.
        prefix: where the template stands in its file.
    """

    def __init__(
        self,
        data: Mapping[str, object],
        environment: Environment,
        values: Mapping[str, str],
        assignments: Assignments,
        prefix: Path,
    ) -> None:
        self._environment = environment
        self._values = values
        self._assignments = assignments
        self._dependencies = Dependencies(data, environment, prefix)
        self._defaults = DeployableDefaults(environment, values, assignments, self._dependencies)

    def of(
        self,
        paths: Sequence[Path],
        *,
        named: bool = False,
        apart: Told = None,
    ) -> tuple[Assignment, ...]:
        """
        The classes at which what stands at some paths has to be judged together; empty where one reading says it all.

        Args:
            named: whether the partition is given too that the template is read for, and can only be deployed to.
            apart: names with texts: each class is to decide, as far as can be, whether the value of a name is one of
                these or of those that conditions compare it with, also where one reading says it all. With `IS_THERE`,
                those are given too at which there is no deployment: what the stack stands inside of may have one.

        Raises:
            BudgetReached: there are more than `MAX_ASSIGNMENTS`.
        """
        environment = self._environment
        is_in_one_place = environment.regions_beside_issuers is None and environment.partition_known
        is_in_one_place = is_in_one_place and not self._has_maps_of_regions and not self._accounts
        is_told = REGION in (apart or {})
        if not environment.parameters and is_in_one_place and not environment.names_partitions and not is_told:
            return ()
        if not named and apart is None and self._is_one:
            return ()
        found: dict[Assignment, None] = {}
        parts: list[Part] = []
        for read in self._in_each_account([*self._dependencies.parts(paths, together=apart is not None)]):
            if IS_THERE in (apart or {}):
                read.add(self._demanded)
            by_region = read.is_called_by_region and self._is_region_open
            is_region_told = by_region or (is_told and self._reads_region(read))
            for name, texts in (apart or {}).items():
                read.compared.setdefault(name, {}).update(dict.fromkeys(texts))
            self._tell_demanded(read)
            self._defaults.tell_apart(read)
            decided = apart is not None
            options = [each for name in sorted(read.values) if (each := self._options(name, read, decided=decided))]
            if prod(map(len, options)) > MAX_ASSIGNMENTS:
                options = [each for name in sorted(read.values) if (each := self._few(name, read, decided=decided))]
            if decided:
                options += self._passed(read, prod(map(len, options)))
                options += self._compared(read, prod(map(len, options)), decided=True)
            else:
                options += self._passed(read, prod(map(len, options)), decided=False)
                options += self._compared(read, prod(map(len, options))) if options else ()
            partitions = self._partitions(read)
            if is_region_told or self._is_regional(read):
                partitions = partitions or [environment.partition]
            if partitions:
                found_regions = (self._regions(one, read, is_told=is_region_told) for one in partitions)
                options.append([one for regions in found_regions for one in regions])
            options += filter(None, [self._accounts.of(read, MAX_ASSIGNMENTS // max(1, prod(map(len, options))))])
            is_there_asked = IS_THERE in (apart or {})
            own: list[tuple[Assignment, ...]] = []
            options, is_known = known_to_exist(options, self._exists_alone, MAX_ASSIGNMENTS, is_asked=is_there_asked)
            for chosen in product(*options):
                assignment = joined(chosen)
                if is_known or self._exists(assignment):
                    there = [assignment] if is_there_asked else [*self._defaults.at(assignment, read)]
                    found.update(dict.fromkeys(there))
                    own += [chosen] if there == [assignment] else [(one,) for one in there]
                if len(own) > MAX_ASSIGNMENTS or len(found) > _MOST_APART:
                    raise BudgetReached("assignments of template parameters", MAX_ASSIGNMENTS)
            parts.append(Part(read.names, own))
        if len(found) > _MANY and len(parts) > 1 and not environment.bindings:
            together, is_alone = self._decided_together, self._is_each_alone
            found = dict.fromkeys(
                merged(parts, together, lambda one: self._exists(one, in_doubt=False), is_each_alone=is_alone)
            )
        if len(found) > MAX_ASSIGNMENTS:
            raise BudgetReached("assignments of template parameters", MAX_ASSIGNMENTS)
        # What one part is at any values stands beside the values of others: at these, it may be in no deployment.
        return () if [*found] == [Assignment((), (), ())] else tuple(map(self._defaults.named, found))

    def _in_each_account(self, reads: list[NameReads]) -> list[NameReads]:
        """Let each part be judged in the accounts that another one tells apart: no account is all of them at once."""
        if self._accounts:
            for tables in ([read.compared for read in reads], [read.keys for read in reads]):
                told = [table[ACCOUNT_ID] for table in tables if ACCOUNT_ID in table]
                for table in tables if told else ():
                    table[ACCOUNT_ID] = dict.fromkeys(text for texts in told for text in texts)
            for read in reads if any(ACCOUNT_ID in read.in_part for read in reads) else ():
                read.in_part[ACCOUNT_ID] = None
        return reads

    @cached_property
    def _accounts(self) -> AccountsWithRows:
        return AccountsWithRows(self._environment, self._values)

    @cached_property
    def _is_each_alone(self) -> bool:
        """Whether a deployment that has a value of one parameter may have any value of another one besides."""
        environment = self._environment
        return not environment.rules and not environment.bindings and environment.deployment.linked_values is None

    @property
    def _exists_alone(self) -> Callable[[Assignment], bool] | None:
        return self._exists if self._is_each_alone else None

    @cached_property
    def _decided_together(self) -> list[set[str]]:
        """For each rule, the names that it compares: the value of one may decide about that of another one."""
        environment = self._environment
        return [names_of_condition(environment.conditions, rule) for rule in environment.rules]

    def _tell_demanded(self, read: NameReads) -> None:
        """Tell values apart, of what there is no stack with the default of, by what decides whether there is one."""
        for name, texts in self._without_default.items():
            if name in read.values:
                read.compared.setdefault(name, {}).update(texts)
                read.in_part.update(dict.fromkeys(self._demanded.in_part.keys() & {name}))

    @cached_property
    def _classes_of_listed(self) -> dict[str, list[Assignment]]:
        return classes_of_listed(self._environment.parameters.values())

    @cached_property
    def _demanded(self) -> NameReads:
        return self._dependencies.demanded()

    @cached_property
    def _without_default(self) -> dict[str, dict[str, None]]:
        """The parameters with the default of which there is no stack, with what they are compared with for that."""
        declared = self._environment.parameters
        defaults = {n: declared[n].judged_default for n in self._demanded.compared if n in declared}
        return {
            name: self._demanded.compared[name]
            for name, default in defaults.items()
            if default is not None and not self._exists(pinned(name, default))
        }

    @cached_property
    def _is_one(self) -> bool:
        """Whether one reading says all, whatever of the template it is about."""
        environment = self._environment
        # Where the partition is known and ARNs name no other one, `_partitions` tells none apart.
        if environment.regions_beside_issuers is not None or self._has_maps_of_regions or self._accounts:
            return False
        told = environment.partition_known and not environment.names_partitions
        if not told and not environment.has_one_partition:
            return False
        return not any(map(self._may_be_several, environment.parameters))

    @cached_property
    def _has_maps_of_regions(self) -> bool:
        """Whether a mapping may be asked for a Region that nobody says."""
        return bool(self._environment.mappings) and self._is_region_open

    @cached_property
    def _is_region_open(self) -> bool:
        """Whether nobody says the Region."""
        return REGION not in self._values and self._environment.deployment.region is None

    @cached_property
    def _compared_in_rules(self) -> frozenset[str]:
        """The names that rules compare: of a list they see more than a choice of values."""
        environment = self._environment
        return frozenset(
            name for rule in environment.rules for name in compared_names(environment.conditions.get(rule))
        )

    @cached_property
    def _rules_of_places(self) -> tuple[str, ...]:
        """The rules that speak of where a stack is."""
        environment = self._environment
        about = {rule: names_of_condition(environment.conditions, rule) for rule in environment.rules}
        return tuple(rule for rule, names in about.items() if not names.isdisjoint(PLACES))

    def _may_be_several(self, name: str) -> bool:
        """Whether something may have to be judged at several values of a parameter: see `_options`."""
        bound = self._environment.bindings.get(name)
        if name in self._values or bound is not None:
            return isinstance(bound, Symbolic) and any(symbol.allowed for symbol in bound.symbols)
        parameter = self._environment.parameters[name]
        is_read = bool(self._environment.conditions) or bool(self._environment.mappings)
        return bool(parameter.listed) or parameter.allowed is not None or is_read

    def _partitions(self, read: NameReads) -> list[str]:
        """The partitions that something tells apart, where that of the template is not known; else empty."""
        environment = self._environment
        is_asked = any(name in read.compared or name in read.keys for name in _DECIDING)
        by_condition = not environment.partition_known and is_asked
        written = read.written_partitions & all_partitions() if environment.names_partitions else set[str]()
        by_name = bool(written) and (written != {environment.partition} or PARTITION in read.values)
        if not by_condition and not by_name:
            return []
        if demanded := {*environment.demanded_partitions, *read.demanded_partitions} & all_partitions():
            # It cannot be deployed to another one.
            return sorted(demanded)
        texts = {text for name in _DECIDING for there in (read.compared, read.keys) for text in there.get(name, ())}
        compared = {text for name in _DECIDING for text in read.compared.get(name, ())}
        if any(name in read.in_part for name in _DECIDING) or not all(map(_tells_partition, compared)):
            # A part of a Region may be that of any partition's.
            return [*dict.fromkeys((environment.partition, *sorted(all_partitions())))]
        named = {partition_of(text) for text in texts} | (texts & all_partitions()) | written
        if ({partition_of(text) for text in compared} | compared).issuperset(USUAL_PARTITIONS):
            # What is none of these is another one.
            named = {*all_partitions()}
        return [*dict.fromkeys((environment.partition, *USUAL_PARTITIONS, *sorted(named)))]

    def _regions(self, partition: str, read: NameReads, *, is_told: bool) -> Iterator[Assignment]:
        """
        A partition; where mappings are asked for its Region, each Region that is told apart, and another.

        Args:
            is_told: whether Regions are told apart also where no mapping is asked.
        """
        of_partition = pinned(PARTITION, partition)
        texts = [*read.keys.get(REGION, ()), *read.compared.get(REGION, ())]
        if self._is_regional(read):
            # Services that are in no Region are called in the first one, which is no Region like others.
            texts += [*sorted(self._environment.regions_beside_issuers or ()), *regions_in(partition)[:1]]
            texts += regions_in(partition) if read.has_pieces_of_regions else ()
        elif not is_told and (REGION not in read.keys or not read.denies):
            yield of_partition
            return
        told = [text for text in dict.fromkeys(texts) if is_region(text) and partition_of(text) == partition]
        possible = self._assignments.listed(REGION) or regions_in(partition)
        told = [region for region in told if region in possible]
        others = [region for region in regions_in(partition) if region in possible and region not in told]
        for region in (*told, *others[:1]):
            yield joined((of_partition, pinned(REGION, region)))

    def _reads_region(self, read: NameReads) -> bool:
        """Whether the Region stands in something, or decides about it, and is not known."""
        return REGION not in self._values and any(REGION in there for there in (read.values, read.keys, read.compared))

    def _is_regional(self, read: NameReads) -> bool:
        """Whether condition keys are called by the Region, so that each Region that is told apart is to be judged."""
        is_open = self._environment.regions_beside_issuers is not None and REGION not in self._values
        return is_open and read.has_regional_issuers

    def _exists(self, assignment: Assignment, *, in_doubt: bool = True) -> bool:
        """Whether some deployment has it, by rules and what other templates demand; `in_doubt` where nobody knows."""
        declared = self._environment.parameters
        guards = [Guard(name, value) for name, value in assignment.values if name in declared or in_stack(name)[0]]
        if rules := self._rules_of_places:
            guards += [Guard(name, value) for name, value in assignment.values if name in PLACES]
            guards += [Guard(rule, True) for rule in rules]
        try:
            return self._assignments.satisfy(guards, other_than=excluded_values(assignment)) is not None
        except UndeterminedGuards:
            return in_doubt

    def _options(self, name: str, read: NameReads, *, decided: bool = False) -> list[Assignment]:
        """
        What a parameter may be; empty where one reading judges it as it has to be.

        Args:
            decided: whether what conditions compare is to be decided also of one that may have any value.
        """
        parameter = self._environment.parameters.get(name)
        if parameter is None or name in self._values or name in self._environment.bindings:
            return []
        default = parameter.judged_default
        if parameter.listed and not parameter.is_ssm and not parameter.is_list:
            return self._classes_of_listed[name]
        if parameter.allowed is not None and parameter.is_list and not parameter.is_ssm:
            is_ordered = name in read.in_order or bool(read.compared.get(name)) or name in self._compared_in_rules
            # Each place where it stands, one item decides; of several requests, each by itself.
            decisive = None if name in read.of_sets or read.of_several else read.uses.get(name, 1)
            return classes_of_lists(parameter, decisive, read.joined.get(name, ()), is_ordered=is_ordered)
        if (
            default is None
            and name in read.free_keys
            and name in read.keys
            and not {name} & (read.texts.keys() | read.compared.keys())
        ):
            return self._keyed(parameter, read.keys[name])
        decided = decided or name in read.in_names
        is_open = default is None and not (decided and not parameter.is_ssm and not parameter.is_list)
        if is_open or name not in read.compared:
            # It is read as anything, or at its default.
            return []
        return distinguished(parameter, default, read.compared[name], in_part=name in read.in_part)

    def _few(self, name: str, read: NameReads, *, decided: bool) -> list[Assignment]:
        """
        As `_options`, where all values of all parameters together are too many: of one of which texts are made, what
        conditions tell apart is a class, and the rest is one that is read as anything.
        """
        options, parameter = self._options(name, read, decided=decided), self._environment.parameters.get(name)
        if parameter is None or parameter.is_ssm or parameter.is_list or not parameter.listed:
            return options
        if name in read.keys or name in read.in_part or name in read.in_names:
            return options
        told = [text for text in read.compared.get(name, ()) if text in parameter.listed]
        default = parameter.judged_default
        known = [*dict.fromkeys(told if default is None else [default, *told])]
        if len(known) + 1 >= len(options):
            return options
        return [*(pinned(name, value) for value in known), class_of_others(parameter, told)]

    def _keyed(self, parameter: Parameter, keys: Iterable[str]) -> list[Assignment]:
        """What a parameter may be that chooses among the rows of mappings: each key, and one that none of them has."""
        if parameter.is_ssm or parameter.is_list:
            return []
        found = [pinned(parameter.name, key) for key in keys if parameter.refusal(key) is None]
        other = [pinned(*named) for named in sample_value(parameter, [*keys])]
        return [*other, *found] if other and len(found) < _FEW else []

    def _compared(self, read: NameReads, count: int, *, decided: bool = False) -> Iterator[list[Assignment]]:
        """
        What parameters may be that only conditions read, as long as that is cheaper than to decide them together.

        Args:
            count: of the assignments of the others.
            decided: see `_options`.
        """
        for name in sorted(read.compared):
            options = [] if name in read.values else self._options(name, read, decided=decided)
            if options and count * len(options) <= _FEW:
                count *= len(options)
                yield options

    def _passed(self, read: NameReads, count: int, *, decided: bool = True) -> Iterator[list[Assignment]]:
        """
        What the parameters of other stacks may be that these pass on, as long as that is cheaper than a search.

        Args:
            count: of the assignments of the others.
            decided: whether of all that is read; else not of what conditions compare as a whole, which the search
                decides.
        """
        bindings = self._environment.bindings
        names = {*read.values, *(read.compared if decided else (*read.in_names, *read.in_part))}
        bound = [bindings[name] for name in sorted(names) if name in bindings]
        symbols = {symbol.name: symbol for text in bound if isinstance(text, Symbolic) for symbol in text.symbols}
        linked_values = self._environment.deployment.linked_values
        # What is made of other parameters is decided by these.
        known = {*self._values, *self._environment.parameters, *(linked_values.values if linked_values else ())}
        for name, symbol in symbols.items():
            is_free = name not in known
            if is_free and symbol.kind == "parameter" and symbol.allowed and count * len(symbol.allowed) <= _FEW:
                count *= len(symbol.allowed)
                yield [pinned(name, value) for value in symbol.allowed]


def _tells_partition(text: str) -> bool:
    """Whether a text can only be compared with the Region, or the name, of the partitions that it says."""
    return is_region(text) or text in all_partitions()
