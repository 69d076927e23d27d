"""
What a stack passes to the stacks nested in it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from itertools import product
from math import prod

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.grammar.values import NoValue, Unreadable
from trustproof.inputs.grammar.variants import MAX_VARIANTS, TooManyVariants, variants
from trustproof.inputs.text.source import read
from trustproof.model.text import Symbol, Symbolic, Text

#: Passed for what is not known.
_UNKNOWN = object()


def passed_to(resource: Mapping[str, object], file: str, *, is_known: bool) -> Mapping[str, object]:
    """
    The parameters that a template passes to a nested stack, to what it passes.

    Args:
        resource: the nested stack.
        file: the template of the nested stack.
        is_known: whether nothing may change the template that passes them.
    """
    properties = _mapping(resource.get("Properties"))
    given = properties.get("Parameters", {})
    whole = [resource, properties, given]
    if is_known and isinstance(given, Mapping) and not any(str(key).startswith("Fn::") for one in whole for key in one):  # type: ignore[attr-defined]
        return given
    try:
        declared = _mapping(_mapping(read(file).load()).get("Parameters"))
    except InputError:
        # What is wrong with it is said where it is read for good.
        return {}
    return dict.fromkeys(map(str, declared), _UNKNOWN)


def compared_in(file: str) -> frozenset[str]:
    """The parameters of a template of which its conditions or rules speak; none of one that cannot be read."""
    try:
        content = _mapping(read(file).load())
    except InputError:
        return frozenset()
    written = json.dumps([content.get("Conditions"), content.get("Rules")], default=str)
    return frozenset(name for name in map(str, _mapping(content.get("Parameters"))) if name in written)


def bindings(
    resolver: Resolver, passed: Mapping[str, object], place: str, compared: Container[str] = ()
) -> dict[str, Text]:
    """
    The values of the parameters of a nested stack; those that it leaves to their default are not among them.

    Args:
        resolver: of the template that passes them.
        passed: by the name of the parameter.
        place: what the values are called that are not known.
        compared: parameters that conditions of the nested stack compare. What is passed to these at a default alone
            would decide the conditions the one way only.
    """
    found: dict[str, Text] = {}
    for name, value in passed.items():
        symbol = Symbol(f"{place}.{name}", "parameter")
        try:
            is_open = value is _UNKNOWN or (name in compared and _rests_on_default(resolver, value))
            options = [] if is_open else _options(resolver, value)
        except (Unreadable, TooManyVariants):
            options = []
        texts = [*dict.fromkeys(options)]
        if len(texts) == 1:
            (text,) = texts
            if not isinstance(text, NoValue):
                found[name] = text
        elif texts and all(isinstance(text, str) for text in texts):
            found[name] = Symbolic((symbol._replace(allowed=tuple(map(str, texts))),))
        else:
            doubt = f"what is passed to a nested stack as {name} depends on what is not known here"
            found[name] = Symbolic((symbol._replace(doubt=doubt),))
    return found


def _rests_on_default(resolver: Resolver, value: object) -> bool:
    """Whether a value is made of a parameter that may be anything, and has a default."""
    written = str(value)
    return any(
        name in written and not parameter.listed and parameter.judged_default is not None
        for name, parameter in resolver.environment.parameters.items()
        if name not in resolver.values
    )


def _options(resolver: Resolver, value: object) -> list[Text | NoValue]:
    """
    What a value may be, at every value that a parameter may have which lists them.

    Raises:
        TooManyVariants: there are too many.
        Unreadable: it is no text.
    """
    environment, written = resolver.environment, str(value)
    listed = [
        (name, parameter.listed)
        for name, parameter in environment.parameters.items()
        if parameter.listed and name not in resolver.values and (name in written or "Fn::If" in written)
    ]
    if prod(len(values) for _, values in listed) > MAX_VARIANTS:
        raise TooManyVariants
    found: list[Text | NoValue] = []
    for chosen in product(*(values for _, values in listed)):
        given = dict(zip((name for name, _ in listed), chosen, strict=True))
        reading = Resolver(environment, {**resolver.values, **given})
        found += [text for _, text in variants(reading, (), lambda one: one.text(value))]
    return found


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
