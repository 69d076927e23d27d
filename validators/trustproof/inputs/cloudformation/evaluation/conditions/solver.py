"""
For which parameter values several conditions hold together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trustproof.aws.partitions import may_be_together
from trustproof.inputs.cloudformation.evaluation.conditions.comparison_sides import (
    choosing_comparisons,
    is_part_of,
    is_whole,
    names_to_blame,
    put_deciding_names,
    single_symbol,
    solved_values,
    symbols_compared,
    texts_compared,
)
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import (
    ConditionReader,
    fault,
    is_free,
    is_never,
)
from trustproof.inputs.cloudformation.evaluation.conditions.contradictions import contradicts
from trustproof.inputs.cloudformation.evaluation.conditions.distinct_values import (
    fresh_values,
    pseudo_values,
    values_of_symbol,
)
from trustproof.inputs.cloudformation.evaluation.conditions.missing_entries import without_missing
from trustproof.inputs.cloudformation.evaluation.conditions.searched_names import SearchedNames
from trustproof.inputs.cloudformation.evaluation.conditions.separate_searches import (
    fixed_among,
    key_of,
    searched_together,
)
from trustproof.inputs.cloudformation.evaluation.conditions.values_alike import ValuesAlike
from trustproof.inputs.cloudformation.evaluation.conditions.wanted_conditions import Decisions, WantedConditions
from trustproof.inputs.cloudformation.evaluation.declarations.condition_outcomes import (
    Equality,
    Key,
    Together,
    excluded_by_name,
)
from trustproof.inputs.cloudformation.evaluation.declarations.found_values import Found, SharedKey
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.evaluation.declarations.work import OverBudget
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.reads_again import ADMITS
from trustproof.model.policy import Guard
from trustproof.model.text import Symbol, Symbolic, Text

#: Partial assignments that `satisfy` tries before it gives up.
MAX_STEPS = 4000
#: Of fewer values of one name, each is tried.
_MANY = 4
#: What it costs to prepare a search: steps for each of its conditions, and one for so many rules.
_PREPARED, _LOOKED_AT = 4, 4
#: Where no value says the partition: that of the template, and whether it is for that one only.
_PARTITION = "AWS::Partition of the template"
#: Names, each with a value that it has.
Pairs = Collection[tuple[str, str]]


def satisfy(scope: Scope, guards: tuple[Guard, ...], *, other_than: Pairs = ()) -> dict[str, str] | None:
    """
    Parameter values under which all guards hold; None where no deployment has them.

    A parameter that may stay at its default is not listed. A comparison whose outcome parameters do not tell may go
    either way: then the result has what it takes, by the name of a symbol or the `key` of an `Equality`.

    Args:
        scope: one that knows what is pinned, and no defaults.
        guards: names of conditions with a bool, names of parameters with text.
        other_than: names, each with a value that it shall not have.

    Raises:
        Undetermined: neither an assignment nor a proof that there is none was found.
    """
    here = scope.environment
    key = _key(scope, guards, other_than)
    if key is not None and (found := here.found_values.get(key)) is not None:
        try:
            here.work.step(found.steps)
        except OverBudget as error:
            raise UndeterminedGuards(str(error)) from None
        return _given(found)
    before, hits = here.work.steps, here.work.hits
    try:
        with here.work.told():
            found = Found(_satisfy(scope, guards, other_than), "", 0)
    except OverBudget as error:
        raise UndeterminedGuards(str(error)) from None
    except UndeterminedGuards as error:
        found = Found(None, str(error), 0)
    # Where a budget was reached on the way, it may not be elsewhere.
    if key is not None and here.work.hits == hits:
        here.found_values.keep(key, found._replace(steps=here.work.steps - before))
    return _given(found)


def _given(found: Found) -> dict[str, str] | None:
    if found.undecided:
        raise UndeterminedGuards(found.undecided)
    return None if found.values is None else dict(found.values)


def _key(scope: Scope, guards: tuple[Guard, ...], other_than: Pairs) -> SharedKey | None:
    """What the answer is kept by; None where it may depend on more than on values of parameters."""
    here, kept, values = scope.environment, scope.environment.found_values, scope.values
    excluded = excluded_by_name(values, here.parameters) if here.outcomes.are_plain else None
    if excluded is None:
        return None
    question = (kept.number(here.declared_besides), guards, tuple(other_than), scope.closed)
    if not kept.is_known(question):
        about = (*guards, *(Guard(*one) for one in other_than))
        rules = here.rules_about(about) if here.rules else ()
        conditions = [*(one.name for one in guards if isinstance(one.value, bool)), *rules]
        reads = [here.outcomes.reads(name) for name in conditions]
        names = {one.name for one in about if not isinstance(one.value, bool)}
        # What is wrong with a condition has to be met wherever it is asked for.
        is_sound = all(fault(here, name) is None for one in reads for name in one.conditions)
        is_kept = is_sound and all(one.names is not None for one in reads)
        names.update(*(one.names or () for one in reads))
        kept.put_names(question, sorted(names) if is_kept else None)
    if (found := kept.names(question)) is None:
        return None
    place = {_PARTITION: f"{here.partition} {here.partition_known}"}
    return kept.key(question, found, {**values, **place}, excluded, here.parameters)


def _satisfy(scope: Scope, guards: tuple[Guard, ...], other_than: Pairs) -> dict[str, str] | None:
    here, linked_values = scope.environment, scope.environment.deployment.linked_values
    here.work.step(1 + (len(here.rules) + len(guards)) // _LOOKED_AT)
    fixed: dict[str, str] = {}
    wanted: dict[tuple[str, bool], None] = {}
    #: Conditions that depend on nothing, and on which nothing depends but who names them: each is as it is wanted.
    free: dict[str, str] = {}
    for guard in guards:
        if isinstance(guard.value, bool):
            if not is_free(scope, guard.name):
                wanted[guard.name, guard.value] = None
            elif free.setdefault(guard.name, str(guard.value).lower()) != str(guard.value).lower():
                return None
        elif fixed.setdefault(guard.name, guard.value) != guard.value or is_never(scope, guard.name, guard.value):
            return None
    required = [(name, True) for name in (linked_values.requirements if linked_values is not None else ())]
    wanted.update(dict.fromkeys(required))
    if any(fixed.get(name) == value for name, value in other_than):
        return None
    if here.rules:
        about = (*guards, *(Guard(*one) for one in required), *(Guard(*one) for one in other_than))
        wanted.update(dict.fromkeys((rule, True) for rule in here.rules_about(about)))
    if not free and len(found := searched_together(scope, [*wanted], fixed)) > 1:
        return _each(scope, fixed, found, other_than)
    return _search(scope, fixed, [*wanted], other_than, free)


def _search(
    scope: Scope, fixed: dict[str, str], wanted: list[tuple[str, bool]], other_than: Pairs, free: dict[str, str]
) -> dict[str, str] | None:
    here = scope.environment
    here.work.step(_PREPARED * len(wanted))
    if here.outcomes.are_plain and (
        any((name, not holds) in wanted for name, holds in wanted)
        or contradicts(here, dict(wanted), {**scope.values, **fixed})
    ):
        return None
    return _Search(scope, fixed, wanted, other_than).run(free)


def _each(
    scope: Scope, fixed: dict[str, str], searches: Sequence[Together], other_than: Pairs
) -> dict[str, str] | None:
    """What several searches find, none of which has to do with another one."""
    outcomes, values, undecided = scope.environment.outcomes, dict(fixed), ""
    for one in searches:
        own, others = fixed_among(fixed, one), [pair for pair in other_than if pair[0] in one.names]
        key = key_of(scope, one, own, others)
        if (found := outcomes.searched(key)) is None:
            found = _searched(scope, own, one, others, key)
        if found.values is None and not found.undecided:
            return None
        undecided = undecided or found.undecided
        new = found.values or {}
        if any(values.get(name, value) != value for name, value in new.items()):
            # What no value of a parameter decides has come out twice.
            return _search(scope, fixed, [pair for each in searches for pair in each.wanted], other_than, {})
        values.update(new)
    if undecided:
        raise UndeterminedGuards(undecided)
    declared = scope.environment.parameters
    defaults = {name: declared[name].judged_default for name in values if name in declared}
    return {name: value for name, value in values.items() if value != defaults.get(name)}


def _searched(scope: Scope, fixed: dict[str, str], search: Together, other_than: Pairs, key: Key) -> Found:
    """What a search finds that has not been made at this assignment."""
    here = scope.environment
    everywhere = SharedKey((here.found_values.number(here.declared_besides), *key.values), key.parameters)
    if (found := here.found_values.get(everywhere)) is not None:
        here.work.step(found.steps)
        here.outcomes.keep_searched(key, found)
        return found
    before, hits = here.work.steps, here.work.hits
    try:
        found = Found(_search(scope, fixed, search.wanted, other_than, {}), "", 0)
    except UndeterminedGuards as error:
        found = Found(None, str(error), 0)
    if here.work.hits == hits:
        here.outcomes.keep_searched(key, found)
        here.found_values.keep(everywhere, found._replace(steps=here.work.steps - before))
    return found


class _Search:
    """Assigns one parameter after the other until every wanted condition is decided the wanted way."""

    def __init__(self, scope: Scope, fixed: dict[str, str], wanted: list[tuple[str, bool]], other_than: Pairs) -> None:
        self.scope = scope
        self.fixed = fixed
        self.wanted = wanted
        self.other_than = other_than
        self.steps = 0
        there = SearchedNames(scope, [name for name, _ in wanted], fixed.values())
        self.there = there
        self.names, self.partial, self.literals, self.own = there.names, there.partial, there.literals, there.own
        #: For each name, values that nothing is compared with.
        self.fresh: dict[str, list[str]] = {}
        #: Those of any name.
        self.fresh_anywhere: dict[str, None] = {}
        #: The names that are left open.
        self.open: set[str] = set()
        #: Where nothing was found: what would have to be otherwise for that.
        self.blamed: set[str] = set()
        self.conditions = WantedConditions(scope, wanted)
        outcomes = scope.environment.outcomes
        #: Whether it is known which names matter: not where a condition takes what resources or other stacks give.
        self.is_plain: bool = outcomes.are_plain and all(outcomes.reads(name).names is not None for name, _ in wanted)
        self.alike = ValuesAlike(scope, [name for name, _ in wanted])

    def run(self, given: dict[str, str]) -> dict[str, str] | None:
        """
        The assignment, or None where there is none.

        Args:
            given: how some conditions come out.
        """
        declared = self.scope.environment.parameters
        for name in self.names:
            if name in declared and not declared[name].listed:
                # One for each name that may have to differ.
                count, asked = len(self.names) + len(self.other_than), self.there.admitting.get(name, ())
                self.fresh[name], are_enough = fresh_values(declared[name], asked, self.literals, count)
                self.partial.update(() if are_enough else (name,))
        self.fresh_anywhere = dict.fromkeys(value for values in self.fresh.values() for value in values)
        if len(self.there.shapes) > 1:
            # Whether two parameters have a value in common is only tried for values that suit both.
            for name in [name for names in self.there.shapes.values() for name in names]:
                self.there.in_part(name)
        self.there.spread()
        found = self._assign({**self.fixed, **given})
        if found is None and self.partial:
            # No value that was tried will do. Left open, their comparisons may go either way.
            self.open, self.steps = self.partial, 0
            found = self._assign({**self.fixed, **given})
        return found

    def _assign(self, values: dict[str, str], known: tuple[Decisions, str] | None = None) -> dict[str, str] | None:
        # What is known is how the conditions come out without the last of the values, and what that is the value of.
        place = {**self.scope.values, **values}
        if not may_be_together(place.get("AWS::Region"), place.get("AWS::Partition")):
            self.blamed = {name for name in values if name.startswith("AWS::")}
            return None
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise UndeterminedGuards(f"the conditions need more than {MAX_STEPS} combinations of parameters")
        found = self.conditions.decide(values, known)
        for state, (name, holds) in zip(found.states, self.wanted, strict=True):
            if state not in (None, holds):
                self.blamed = self._to_blame(values, [name])
                return None
        if None not in found.states:
            kept = ((name, value) for name, value in values.items() if not name.startswith(ADMITS))
            return {name: value for name, value in kept if value != self._default(name)}
        opened = self.scope.opened(values)
        reading = ConditionReader(opened)
        reading.open.update(found.together())
        # Where nothing is left, nothing decides what a lookup of what is not there leaves undecided.
        left = without_missing(reading.open, opened, self.scope.opened({})) if values else reading.open
        if not left:
            open_ = [name for state, (name, _) in zip(found.states, self.wanted, strict=True) if state is None]
            self.blamed = self._to_blame(values, open_)
            return None
        options, blamed = self._branch(reading, left, values)
        failed: set[tuple[bool, ...] | None] = set()
        for name, value in options:
            if (name, value) not in self.other_than and not (failed and self._outcome(name, value) in failed):
                if (solved := self._assign({**values, name: value}, (found, name))) is not None:
                    return solved
                if name not in self.blamed:
                    # Whatever else it is, the same is in the way.
                    return None
                blamed |= self.blamed
                failed |= {self._outcome(name, value)} - {None} if len(options) >= _MANY else set()
        self.blamed = blamed - {name for name, _ in options}
        return None

    def _outcome(self, name: str, value: str) -> tuple[bool, ...] | None:
        """How all comes out that reads a name; None where that is not known of its value alone."""
        is_alone = self.is_plain and name in self.scope.environment.parameters
        return self.alike.outcome(name, value) if is_alone else None

    def _to_blame(self, values: dict[str, str], conditions: list[str]) -> set[str]:
        return names_to_blame(self.scope, values, conditions) if self.is_plain else {*values}

    def _default(self, name: str) -> str | None:
        parameter = self.scope.environment.parameters.get(name)
        return parameter.judged_default if parameter is not None else None

    # -- what to decide next

    def _branch(
        self,
        reading: ConditionReader,
        equalities: dict[str, Equality],
        values: dict[str, str],
        around: Sequence[Equality] = (),
    ) -> tuple[list[tuple[str, str]], set[str]]:
        """
        What is to be decided next, and how it may be: a parameter, else a symbol, else a comparison as a whole; and the
        names on which it depends what it may be.

        Args:
            around: comparisons of what others choose.
        """
        about: dict[str, None] = {}
        for equality in equalities.values():
            for name in self._referred(equality, about):
                if name not in values and name not in self.open and (options := self._domain(name, equality)):
                    options = [option for option in options if not is_never(self.scope, name, option)]
                    return [(name, option) for option in options], {*about} & values.keys()
        inner, chosen = choosing_comparisons(reading, equalities, self.scope)
        around = (*around, *chosen)
        if inner:
            # What an ``Fn::If`` gives is no value of its own: its condition decides it.
            return self._branch(reading, inner, values, around)
        pairs = symbols_compared(equalities, values)
        for _, symbol, _ in pairs:
            others = [other for inner, s, other in pairs if s == symbol and equalities[inner].admitting is None]
            # What a pattern admits is certain of texts alone.
            plain = symbol._replace(pattern=None) if all(isinstance(other, str) for other in others) else symbol
            simple = all(map(self._is_simple, (Symbolic((plain,)), *others)))
            found = (
                self._values_of(symbol, pairs, equalities, around) if simple and symbol.name not in self.open else None
            )
            if found:
                return [(symbol.name, option) for option in found], {*values}
        for key, symbol, other in pairs:
            if isinstance(other, str):
                # One value for all its comparisons, so that it is not two things at once.
                parameter = self.scope.environment.parameters.get(symbol.name)
                may_be = parameter is None or parameter.refusal(other) is None
                return [(key, "false"), *([(symbol.name, other)] if may_be else [])], {*values}
        key = next(iter(equalities))
        return [(key, "false"), (key, "true")], {*values}

    def _referred(self, equality: Equality, about: dict[str, None]) -> list[str]:
        """
        The parameters in a comparison; last those that are a side by themselves, which can be what the other is.

        Args:
            about: is given all names that decide what is compared.
        """
        there: dict[str, None] = {}
        put_deciding_names(self.scope, [*equality.sides], there, set())
        about.update(there)
        sides = {symbol.name for side in (equality.left, equality.right) if (symbol := single_symbol(side)) is not None}
        return sorted((name for name in there if name in self.names), key=lambda name: name in sides)

    def _is_simple(self, text: Text | None) -> bool:
        """Whether a text is known, or a symbol that can still be what another one is."""
        symbol = single_symbol(text)
        return isinstance(text, str) or (
            symbol is not None and symbol.pattern is None and symbol.name not in self.names
        )

    def _values_of(
        self,
        symbol: Symbol,
        pairs: list[tuple[str, Symbol, Text | None]],
        equalities: dict[str, Equality],
        around: Sequence[Equality],
    ) -> list[str] | None:
        """The values of a symbol that is no parameter, which may be a part of other texts, or choose among some."""
        own = texts_compared(symbol, pairs)
        asked = [one.admitting for one in equalities.values() if one.admitting and single_symbol(one.left) == symbol]
        parts = [one for one in (*equalities.values(), *around) if is_part_of(symbol.name, one)]
        if not symbol.allowed and (parts or not all(is_whole(self.scope, one) for one in around)):
            self.partial.add(symbol.name)
        others = dict.fromkeys(value for one in parts for value in solved_values(symbol.name, one))
        # Where it chooses what is compared, any text may be one that matters there.
        others.update(self.literals if around else {})
        found = values_of_symbol(symbol, asked, {**own, **others})
        return found and sorted(found, key=lambda value: value in others and value not in own)

    def _domain(self, name: str, equality: Equality) -> list[str]:
        """The values of a parameter that make a difference: its default first."""
        parameter = self.scope.environment.parameters.get(name)
        solved = solved_values(name, equality)
        if parameter is None:
            fresh = pseudo_values(self.scope, name, {*self.literals, *(value for _, value in self.other_than)})
            return [*dict.fromkeys((*fresh[:1], *solved, *self.own.get(name, ()), *fresh[1:], *self.literals))]
        default = self.scope.environment.declared.get(name, parameter).judged_default
        is_first = default is not None and (default == parameter.judged_default or not parameter.refusal(default))
        values = dict.fromkeys([default] if default is not None and is_first else [])
        if parameter.listed and not parameter.is_ssm:
            if parameter.is_list:
                # A list is any number of them.
                values.update((value, None) for value in self.own.get(name, ()) if parameter.refusal(value) is None)
            values.update(dict.fromkeys(parameter.listed))
            if parameter.is_list:
                values.update(dict.fromkeys((",".join(parameter.listed), ",".join(parameter.listed[:2]))))
            return [*values]
        values.update(dict.fromkeys(solved))
        values.update(self.own.get(name, {}))
        values.update(dict.fromkeys(self.fresh.get(name, ())))
        values.update(self.literals)
        # Two parameters that must be equal need a fresh value in common.
        values.update(self.fresh_anywhere)
        return [value for value in values if value == parameter.judged_default or parameter.refusal(value) is None]
