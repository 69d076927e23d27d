"""
Laws of the search for parameter values, against brute force.

Where some values make guards hold, the search finds values; where it finds values of parameters alone, they make the
guards hold; and a value that it says has no alternative has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.strategies import examples
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import ConditionReader, decide_named
from trustproof.inputs.cloudformation.evaluation.conditions.solver import satisfy
from trustproof.inputs.cloudformation.evaluation.conditions.wanted_conditions import WantedConditions
from trustproof.inputs.cloudformation.evaluation.declarations.constant_parts import TemplateText
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.model.policy import Guard

NAMES = ("Free", "Other", "Few", "Letter")
PARAMETERS: dict[str, Any] = {
    "Free": {"Type": "String"},
    "Other": {"Type": "String", "Default": "a"},
    "Few": {"Type": "String", "AllowedValues": ["a", "b"]},
    "Letter": {"Type": "String", "AllowedPattern": "[a-c]"},
}
VALUES = {
    "Free": ("", "a", "b", "z", "a-b", "b-a", "z-z"),
    "Other": ("", "a", "b", "z", "a-b"),
    "Few": ("a", "b"),
    "Letter": ("a", "b", "c"),
}
MAPPINGS = {"M": {"a": {"K": "a"}, "b": {"K": "z"}}}

LITERALS = st.sampled_from(["", "a", "b", "a-b", "q"])
REFERENCES = st.sampled_from(NAMES).map(lambda name: {"Ref": name})
COMPOSED = st.sampled_from(
    [
        {"Fn::Sub": "${Free}-${Few}"},
        {"Fn::Join": ["-", [{"Ref": "Letter"}, {"Ref": "Other"}]]},
        {"Fn::Sub": "${Other}"},
        {"Fn::FindInMap": ["M", {"Ref": "Few"}, "K"]},
        {"Fn::ImportValue": "x"},
    ]
)
EQUALITIES = st.tuples(st.one_of(REFERENCES, COMPOSED), st.one_of(LITERALS, REFERENCES, COMPOSED)).map(
    lambda sides: {"Fn::Equals": list(sides)}
)
EXPRESSIONS = st.recursive(
    EQUALITIES,
    lambda inner: st.one_of(
        inner.map(lambda one: {"Fn::Not": [one]}),
        st.lists(inner, min_size=2, max_size=3).map(lambda several: {"Fn::And": several}),
        st.lists(inner, min_size=2, max_size=3).map(lambda several: {"Fn::Or": several}),
    ),
    max_leaves=4,
)
CONDITIONS = st.lists(EXPRESSIONS, min_size=1, max_size=3)
HOLDS = st.lists(st.booleans(), min_size=3, max_size=3)


def resolver(conditions: list[Any], values: Mapping[str, str] | None = None) -> Resolver:
    """A resolver of a template with these conditions, called ``C0``, ``C1`` and so on."""
    named = {f"C{number}": condition for number, condition in enumerate(conditions)}
    data = {"Parameters": PARAMETERS, "Mappings": MAPPINGS, "Conditions": named}
    return Resolver(Environment(TemplateText(data, ""), Deployment()), values or {}, defaults=False)


def guards(conditions: list[Any], holds: list[bool]) -> tuple[Guard, ...]:
    """Every condition, with whether it is wanted to hold."""
    return tuple(Guard(f"C{number}", holds[number]) for number in range(len(conditions)))


def satisfying(conditions: list[Any], holds: list[bool]) -> Iterator[dict[str, str]]:
    """The combinations of a few values under which all conditions are as wanted."""
    for chosen in product(*(VALUES[name] for name in NAMES), ("a", "q", "other")):
        values = dict(zip((*NAMES, "Fn::ImportValue x"), chosen, strict=True))
        opened = resolver(conditions, values)
        if all(decide_named(guard.name, opened) is guard.value for guard in guards(conditions, holds)):
            yield values


#: What one parameter must be is known from a mapping only, and another one must be equal to it.
_EQUAL_TO_A_MAPPED_VALUE = [
    {
        "Fn::And": [
            {"Fn::Equals": [{"Ref": "Free"}, {"Ref": "Other"}]},
            {"Fn::Equals": [{"Fn::FindInMap": ["M", {"Ref": "Few"}, "K"]}, {"Ref": "Free"}]},
        ]
    },
    {"Fn::Equals": [{"Ref": "Few"}, "b"]},
]


@examples(80, in_deep=3_750)
@example(_EQUAL_TO_A_MAPPED_VALUE, [True, True])
@given(CONDITIONS, HOLDS)
def test_values_are_found_where_there_are_some(conditions: list[Any], holds: list[bool]) -> None:
    """The search never says that guards exclude each other while some deployment has them."""
    if next(satisfying(conditions, holds), None) is not None:
        assert satisfy(resolver(conditions), guards(conditions, holds)) is not None


@examples(300)
@given(CONDITIONS, HOLDS)
def test_the_values_that_are_found_do(conditions: list[Any], holds: list[bool]) -> None:
    """Deployed with what was found, and with defaults elsewhere, every condition is as wanted."""
    found = satisfy(resolver(conditions), guards(conditions, holds))
    if found is None or any(name.startswith("Fn::Equals ") for name in found):
        # A comparison as a whole is no value of anything.
        return
    deployed = resolver(conditions, {"Other": "a", **found})
    decided = [decide_named(guard.name, deployed) for guard in guards(conditions, holds)]
    assert all(state in (None, guard.value) for state, guard in zip(decided, guards(conditions, holds), strict=True))


@examples(150)
@example(_EQUAL_TO_A_MAPPED_VALUE[:1], [True])
@given(CONDITIONS, HOLDS)
def test_a_value_without_alternative_has_none(conditions: list[Any], holds: list[bool]) -> None:
    """Where the search finds no other value of a parameter, no deployment has another one."""
    found = satisfy(resolver(conditions), guards(conditions, holds)) or {}
    forced = [
        name
        for name in NAMES
        if name in found
        and satisfy(resolver(conditions), guards(conditions, holds), other_than=[(name, found[name])]) is None
    ]
    for values in satisfying(conditions, holds) if forced else ():
        assert {name: values[name] for name in forced} == {name: found[name] for name in forced}


def _with_a_shared_one(conditions: list[Any]) -> list[Any]:
    """Conditions, each but the first with the one before it inside."""
    return [
        {"Fn::Or": [one, {"Condition": f"C{number - 1}"}]} if number else one for number, one in enumerate(conditions)
    ]


@examples(150)
@example([{"Fn::Equals": [{"Ref": "Free"}, "a"]}, {"Fn::Equals": [{"Ref": "Few"}, "a"]}], ["Few", "Free"], False)
@example([{"Fn::Equals": [{"Fn::FindInMap": ["M", {"Ref": "Few"}, "K"]}, "z"]}], ["Free", "Few"], False)
@given(CONDITIONS, st.permutations([*NAMES, "Fn::ImportValue x"]), st.booleans())
def test_what_a_value_does_not_matter_to_is_decided_as_before(
    conditions: list[Any], order: list[str], are_shared: bool
) -> None:
    """Decided value by value, conditions come out as they do with all values at once, and leave the same open."""
    template = resolver(_with_a_shared_one(conditions) if are_shared else conditions)
    wanted = [(f"C{number}", True) for number in range(len(conditions))]
    asked, values = WantedConditions(template, wanted), dict[str, str]()
    found = asked.decide(values, None)
    for name in order:
        values[name] = "a"
        found = asked.decide(values, (found, name))
        # Another template, which remembers nothing of what was decided here.
        whole = ConditionReader(resolver(_with_a_shared_one(conditions) if are_shared else conditions).opened(values))
        assert found.states == [whole.named(condition) for condition, _ in wanted]
        assert [*found.together().items()] == [*whole.open.items()]
