"""
The settings against public policies that a template puts around buckets.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.evaluation.functions.branches import outcomes
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.section.loop_collections import when_made
from trustproof.inputs.cloudformation.evaluation.texts.chosen_texts import conditions_of_texts
from trustproof.inputs.cloudformation.parameters.rules import names_of_condition
from trustproof.inputs.cloudformation.values.bucket_settings import (
    MAX_READINGS,
    OF_PLACE,
    OFF,
    ON,
    OPEN,
    SILENT,
    BucketSettings,
    key_of,
    symbols_in,
)
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name, names_in
from trustproof.inputs.cloudformation.values.presence import NOT_KNOWN
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable
from trustproof.inputs.grammar.variants import TooManyVariants, variants
from trustproof.model.document import OF_NEW_BUCKETS
from trustproof.model.policy import Guard
from trustproof.model.text import Symbol, Symbolic, Text

#: Each alone keeps everybody outside the account out of a bucket with a public policy; the first keeps out the services
#: of AWS too, since S3 refuses the policy.
SETTINGS = ("BlockPublicPolicy", "RestrictPublicBuckets")
BLOCK = "PublicAccessBlockConfiguration"
BUCKET = "AWS::S3::Bucket"
#: New buckets have all settings on, unless they say otherwise:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-bucket.html
_OF_NEW_BUCKETS = f"BlockPublicPolicy of {{}}, {OF_NEW_BUCKETS}"
#: What decides about a setting whose value no template says.
_NOBODY_KNOWS = NOT_KNOWN


def bucket_of(resolver: Resolver, value: object) -> str:
    """
    The logical id of the bucket whose name is a value, of the template or of one that gives it the name; empty where it
    is none of them.
    """
    environment = resolver.environment
    if isinstance(value, dict) and (environment.resource(str(value.get("Ref"))) or {}).get("Type") == BUCKET:
        return str(value["Ref"])
    buckets = environment.indexes.of(resolver, _buckets_by_name)
    try:
        name = resolver.text(value) if buckets else ""
    except Unreadable:
        return ""
    return buckets.get(name, "") if name else ""


def _buckets_by_name(resolver: Resolver) -> Mapping[object, str]:
    """The logical ids of buckets by their names: of two of one name, the first."""
    environment = resolver.environment
    own, linked = environment.resources, environment.linked_resources
    buckets = [name for name, resource in linked.items() if resource.get("Type") == BUCKET and name not in own]
    buckets += environment.of_types((BUCKET,))
    found: dict[object, str] = {}
    for one in buckets:
        try:
            found.setdefault(arns.value(resolver, one, ""), one)
        except Unreadable:
            # Whether this is the one that is meant, nobody knows.
            break
    return found


def name_of(resolver: Resolver, named: object) -> Text:
    """The name of a bucket; empty where it cannot be read."""
    try:
        found = resolver.text(named)
    except Unreadable:
        return ""
    return found if isinstance(found, (str, Symbolic)) else ""


def expression_of(resolver: Resolver, named: object) -> str:
    """
    The name of a bucket with no value of a parameter chosen (``acme-<Env>``), where that is an expression by which
    templates may mean one bucket; else empty.
    """
    declared = resolver.environment.parameters
    # Whatever its default is, which of the listed values a parameter has is not known.
    listed = {name: f"<{name}>" for name, one in declared.items() if one.listed and not one.is_list}
    written = str(name_of(Resolver(resolver.environment, listed), named))
    names = {*symbols_in(written)}
    return written if names and names <= {*OF_PLACE, *declared} else ""


def around_bucket(
    resolver: Resolver,
    named: object,
    bucket: str,
    guards: tuple[Guard, ...],
    settings: Sequence[str] = SETTINGS,
) -> list[tuple[str, tuple[Guard, ...]]]:
    """
    What the template puts around a bucket.

    Args:
        named: what names it.
        bucket: its logical id.
        guards: what holds in any case.
        settings: those that count.

    Returns:
        A setting, in words, and what must hold for it; an empty text where there is none.
    """
    block = resolver.environment.properties(bucket).get(BLOCK)
    condition = (resolver.environment.resource(bucket) or {}).get("Condition")
    if not isinstance(condition, str) or _refers(named, bucket):
        return settings_in(resolver, block, bucket, guards, settings, default=_OF_NEW_BUCKETS)
    # Where the template does not make the bucket of this name, somebody else has made it.
    made = [(index == 1, inner) for index, inner in outcomes(resolver, condition, guards)]
    return [
        pair
        for is_made, inner in made
        for pair in (
            settings_in(resolver, block, bucket, inner, settings, default=_OF_NEW_BUCKETS) if is_made else [("", inner)]
        )
    ]


def said_of_buckets(
    resolver: Resolver, file: str, defaults: Callable[[str], Mapping[str, str]], *, was_there: bool
) -> Iterator[BucketSettings]:
    """
    What a template says of the settings around its buckets, as far as their names are written out, or are made of
    parameters and of where it is deployed.

    Args:
        file: that of the template.
        defaults: gives the parameters at whose defaults a bucket has its name and its settings, and the defaults.
        was_there: whether its buckets may have been there before.
    """
    environment = resolver.environment
    for logical_id in environment.of_types((BUCKET,)):
        named = environment.properties(logical_id).get("BucketName")
        if named is None:
            continue
        # A proof that it is there would have to be one at each list over which a loop may go.
        is_always_made = not when_made(resolver, logical_id)
        by_name: dict[str, list[BucketSettings]] = {}
        by_key: dict[str, list[BucketSettings]] = {}
        expression = expression_of(resolver, named)
        readings = readings_of(resolver, [named, environment.properties(logical_id).get(BLOCK)])
        at = tuple((f"{name} of {file}", default) for name, default in defaults(logical_id).items())
        for reading in readings:
            name = arns.value(reading, logical_id, "")
            if name and isinstance(name, str):
                one = _said_of(reading, logical_id, name, file, at, was_there=was_there)
                by_name.setdefault(name, []).append(one if is_always_made else _if_made(one, file))
            if name and expression:
                said_here = _said_of(reading, logical_id, str(name), file, at, was_there=was_there)
                given = {*OF_PLACE, *resolver.values, *environment.bindings}
                one = _to_others(said_here, [each for each in symbols_in(expression) if each not in given], file)
                by_key.setdefault(key_of(expression, name), []).append(one if is_always_made else _if_made(one, file))
        for said in by_name.values():
            # Where one value lets everybody in, somebody gets in.
            one = next((each for each in said if each.state == OFF), said[0])
            # At a value at which it has another name, somebody else has made the bucket of this one.
            if one.state == OFF or len(said) == len(readings):
                yield one
        for key, said in by_key.items():
            yield next((each for each in said if each.state == OFF), said[0])._replace(bucket=key)


def _if_made(said: BucketSettings, file: str) -> BucketSettings:
    """What is around a bucket that a loop makes of some lists only, and may be somebody else's."""
    if said.state != ON:
        return said
    return said._replace(state=OPEN, said=f"whether a loop of {file} makes it is not known", restricting="")


def _to_others(said: BucketSettings, names: Sequence[str], file: str) -> BucketSettings:
    """
    What is around a bucket, to a template that writes its name in the same way.

    Args:
        names: the parameters that the name is made of and that nobody gives a value.
    """
    if said.state != ON:
        return said
    if not names:
        where = ", where that is deployed to the same account and Region"
        return said._replace(said=f"{said.said}{where}", restricting=said.restricting and f"{said.restricting}{where}")
    # Two stacks may have other values of a parameter, whatever it is called: then somebody else makes this bucket.
    given = " and ".join(names)
    reason = f"that is said in {file}, which may be deployed with another {given}: give {given} with --parameter"
    return said._replace(state=OPEN, said=reason, restricting="")


def _deciding(resolver: Resolver, value: object) -> list[str]:
    """The parameters that a value depends on and that nobody has given one, sorted."""
    environment = resolver.environment
    names = {*names_in(value)}
    for condition in conditions_of_texts(value, is_text=True):
        names |= names_of_condition(environment.conditions, condition)
    open_ = environment.parameters.keys() - resolver.values.keys() - environment.bindings.keys()
    return sorted(names & open_)


def readings_of(resolver: Resolver, value: object) -> list[Resolver]:
    """The template at each of the ``AllowedValues`` of parameters that a value depends on; none of too many."""
    environment = resolver.environment
    listed = {name: environment.parameters[name].listed for name in _deciding(resolver, value)}
    chosen = [name for name, values in listed.items() if len(values) > 1]
    if prod(len(listed[name]) for name in chosen) > MAX_READINGS:
        return []
    at = (zip(chosen, values, strict=True) for values in product(*(listed[name] for name in chosen)))
    return [Resolver(environment, {**resolver.values, **dict(values)}) for values in at]


def _said_of(
    resolver: Resolver,
    logical_id: str,
    name: str,
    file: str,
    at: tuple[tuple[str, str], ...],
    *,
    was_there: bool,
) -> BucketSettings:
    """
    What is around a bucket of a name.

    Args:
        at: the parameters at whose defaults it is, as `BucketSettings` has them.
    """
    if was_there and resolver.environment.properties(logical_id).get(BLOCK) == {}:
        return BucketSettings(name, SILENT, f"{name} was there before, and {file} does not say what is around it")
    around = around_bucket(resolver, name, logical_id, ())
    found = [setting for setting, _ in around]
    restricting = [setting for setting, _ in around_bucket(resolver, name, logical_id, (), SETTINGS[1:])]
    if all(found):
        names = ", ".join(one.partition(" of ")[0] for one, _ in at)
        where = f"in {file}" + (f" (at the default of {names})" if names else "")
        words = f"{restricting[0]} {where}" if all(restricting) else ""
        return BucketSettings(name, ON, f"{found[0]}, {where}", words, at)
    is_open = any(guard.name.startswith(_NOBODY_KNOWS) for _, guards in around for guard in guards)
    if (was_there or is_open) and any(found):
        return BucketSettings(name, OPEN, f"what decides about {next(filter(None, found))} in {file} is not known")
    # Where a parameter decides, one of its values lets everybody in.
    return BucketSettings(name, OFF)


def _refers(value: object, logical_id: str) -> bool:
    """Whether a value is made of what a resource is called, so that there is no value without the resource."""
    if isinstance(value, dict):
        return value.get("Ref") == logical_id or any(_refers(inner, logical_id) for inner in value.values())
    if isinstance(value, list):
        return any(_refers(inner, logical_id) for inner in value)
    return isinstance(value, str) and f"${{{logical_id}}}" in value


def settings_in(
    resolver: Resolver,
    block: object,
    name: str,
    guards: tuple[Guard, ...],
    settings: Sequence[str] = SETTINGS,
    *,
    default: str = "",
) -> list[tuple[str, tuple[Guard, ...]]]:
    """
    The setting that keeps a public policy from having an effect, for each outcome of what decides it.

    Args:
        block: the settings.
        name: the logical id of what has them.
        guards: what holds in any case.
        settings: those that count.
        default: the setting that is on where there are no settings:
            https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html

    Returns:
        The setting, in words, and what must hold for it; an empty text where there is none.
    """
    if block is None:
        return [(_shown(default, name), guards)]
    if (
        isinstance(block, dict)
        and intrinsic_name(block) is None
        and not any(isinstance(v, dict) or "{{" in str(v) for v in block.values())
    ):
        return [(_shown(_first(block, settings), name), guards)]
    try:
        found = variants(resolver, guards, lambda reading: _in_one_reading(reading, block, settings, default))
    except (TooManyVariants, Unreadable):
        found = [(guards, (settings[0], _NOBODY_KNOWS))]
    out: dict[tuple[str, tuple[Guard, ...]], None] = {}
    for inner, (setting, open_) in found:
        if isinstance(open_, str):
            shown = _shown(setting, name)
            is_on = f"{open_}{shown} is true"
            out |= {(shown, (*inner, Guard(is_on, True))): None, ("", (*inner, Guard(is_on, False))): None}
            continue
        if open_ is None:
            out[_shown(setting, name), inner] = None
            continue
        # CloudFormation takes no value of a Boolean but these.
        for value in ("true", "false"):
            if open_.allowed is None or value in (one.lower() for one in open_.allowed):
                shown = _shown(setting, name) if value == "true" else ""
                out[shown, (*inner, Guard(open_.name, value))] = None
    shown_ = {setting for setting, _ in out}
    return [(shown_.pop(), guards)] if len(shown_) == 1 else list(out)


def _in_one_reading(
    resolver: Resolver, block: object, settings: Sequence[str], default: str
) -> tuple[str, Symbol | str | None]:
    """
    A setting that is on, else one of which nobody knows whether it is on, with `_NOBODY_KNOWS`; else one that a
    parameter decides, with the parameter.
    """
    block = resolver.resolve(block)
    if block is NO_VALUE:
        return default, None
    if not isinstance(block, dict) or intrinsic_name(block) is not None:
        return settings[0], _NOBODY_KNOWS
    values = {setting: _text_or_none(resolver, block[setting]) for setting in settings if setting in block}
    if found := _first(values, settings):
        return found, None
    decided = [(setting, _parameter(value)) for setting, value in values.items()]
    for setting, symbol in decided:
        is_open = symbol is None and not isinstance(values[setting], str)
        # Whoever deploys it decides what is made of a parameter.
        if is_open and not resolver.environment.parameters.keys() & {*names_in(block[setting])}:
            return setting, _NOBODY_KNOWS
    return next(((setting, symbol) for setting, symbol in decided if symbol is not None), ("", None))


def _text_or_none(resolver: Resolver, value: object) -> Text | None:
    """The text of a value; None where it cannot be read."""
    try:
        found = resolver.text(value)
    except Unreadable:
        return None
    return found if isinstance(found, (str, Symbolic)) else ""


def _first(block: Mapping[str, object], settings: Sequence[str]) -> str:
    """The first setting that is on."""
    return next((setting for setting in settings if str(block.get(setting)).lower() == "true"), "")


def _parameter(value: object) -> Symbol | None:
    """The parameter that is a value; None where it is none."""
    if not isinstance(value, Symbolic) or len(value.parts) != 1:
        return None
    (symbol,) = value.symbols
    return symbol if symbol.kind == "parameter" else None


def _shown(setting: str, name: str) -> str:
    if setting == _OF_NEW_BUCKETS:
        return setting.format(name)
    return f"{setting} of {name}" if setting else ""
