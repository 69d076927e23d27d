"""
The outputs of a template, as other templates take them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.conditions.conditions import fault
from trustproof.inputs.cloudformation.evaluation.declarations import foreach
from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.evaluation.functions.branches import branches
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.stacks.passed_values import rename_symbols
from trustproof.inputs.cloudformation.linking.chosen_references import chosen_references
from trustproof.inputs.cloudformation.linking.importing_holders import deciding_values
from trustproof.inputs.cloudformation.linking.relocation import (
    LinkLookup,
    Relocation,
    constant,
    constant_text,
    section,
)
from trustproof.inputs.cloudformation.linking.settings_at_defaults import settings_of
from trustproof.inputs.cloudformation.resources.access.bucket_blocks import (
    bucket_of,
    expression_of,
    name_of,
    readings_of,
)
from trustproof.inputs.cloudformation.resources.holders.same_names import written_names
from trustproof.inputs.cloudformation.resources.holders.unread_loops import whom_loops_may_deny
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.bucket_settings import ALL_BUCKETS, keys_of
from trustproof.inputs.cloudformation.values.catalogue import ACCESS_POINT, AROUND_BUCKETS, BUCKET_POLICY, EXCLUSIVE
from trustproof.inputs.cloudformation.values.exclusive_claims import claims
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, names_in
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues, NotLinkable
from trustproof.inputs.cloudformation.values.references import EXPORT, WRITER, CrossStackReference, symbol_of
from trustproof.inputs.cloudformation.values.symbols import Symbols
from trustproof.inputs.grammar.values import NO_VALUE
from trustproof.model.text import Text

_BUCKET = "AWS::S3::Bucket"
#: At so many values of the parameters that the name of an export is made of it is looked at.
_MAX_NAMES = 64


class Export(NamedTuple):
    """
    What a template exports under a name.
    """

    #: The name.
    name: str
    #: The logical ids of outputs, of which a deployment has one at most.
    outputs: tuple[str, ...]
    #: The parameters that the name is made of, with their values; None for those that they are read at anyway.
    values: Mapping[str, str] | None = None


def outputs(template: Template) -> dict[str, Mapping[str, object]]:
    """The outputs of a template, loops written out."""
    entries = section(template, "Outputs")
    if any(key.startswith(FOREACH) for key in entries):

        def collection(value: object) -> list[str] | None:
            found = constant(template, {"Fn::Join": [",", value]})
            return found.split(",") if isinstance(found, str) else None

        entries = {key: value for key, (value, _) in foreach.expand(entries, (), collection, []).items()}
    return {key: entry for key, entry in entries.items() if isinstance(entry, Mapping)}


def carried_outputs(template: Template) -> dict[tuple[str, str], object]:
    """What the CDK takes to other Regions, by the Region and the name of the parameter that it makes there."""
    found: dict[tuple[str, str], list[object]] = {}
    for logical_id in template.environment.of_types((WRITER,)):
        if "Condition" in template.environment.resources[logical_id]:
            continue
        written = template.environment.properties(logical_id).get("WriterProps")
        region, values = (written.get("region"), written.get("exports")) if isinstance(written, Mapping) else (None, {})
        if isinstance(region, str) and isinstance(values, Mapping):
            for name, value in values.items():
                found.setdefault((region, str(name)), []).append(value)
    # Which of two counts is not known.
    return {key: value for key, (value, *others) in found.items() if not others}


def exports(template: Template) -> dict[str, list[str]]:
    """The names under which a template exports something, as far as they are known, to the outputs."""
    found: dict[str, list[str]] = {}
    for key, entry in outputs(template).items():
        export = entry.get("Export")
        name = constant(template, export.get("Name")) if isinstance(export, Mapping) else None
        if isinstance(name, str) and _may_exist(template.resolver, entry.get("Condition")):
            found.setdefault(name, []).append(key)
    return found


def exports_elsewhere(template: Template) -> dict[str, Export]:
    """
    The names that exports of a template have at further values that its parameters may have, each where these say of
    which deployment it is.
    """
    found: dict[str, dict[tuple[tuple[str, str], ...], list[str]]] = {}
    for key, entry in outputs(template).items():
        export = entry.get("Export")
        written = export.get("Name") if isinstance(export, Mapping) else None
        for values in _values_of_names(template, written):
            resolver = Resolver(template.environment, {**template.resolver.values, **values})
            name = constant_text(resolver, written)
            if isinstance(name, str) and _may_exist(resolver, entry.get("Condition")):
                found.setdefault(name, {}).setdefault(tuple(values.items()), []).append(key)
    first = exports(template) if found else {}
    return {
        name: Export(name, tuple(keys), dict(values))
        for name, there in found.items()
        if name not in first and len(there) == 1
        for values, keys in there.items()
    }


def _values_of_names(template: Template, written: object) -> Iterator[dict[str, str]]:
    """The values of the parameters that the name of an export is made of; none where nobody lists those of any."""
    if not isinstance(written, Mapping):
        return
    declared = template.environment.parameters
    options: dict[str, Sequence[str]] = {}
    for name in _parameters_in(template, written):
        value, one = constant(template, {"Ref": name}), declared[name]
        is_given = name in template.resolver.values or name in template.environment.bindings
        if one.listed and not is_given and not one.is_list:
            options[name] = one.listed
        elif isinstance(value, str):
            options[name] = (value,)
        else:
            return
    if 1 < prod(map(len, options.values())) <= _MAX_NAMES:
        for chosen in product(*options.values()):
            yield dict(zip(options, chosen, strict=True))


def exported(template: Template) -> dict[str, Export]:
    """What a template exports, by all names that it may have."""
    own = {name: Export(name, tuple(keys)) for name, keys in exports(template).items()}
    return {**exports_elsewhere(template), **own}


def _may_exist(resolver: Resolver, condition: object) -> bool:
    """Whether an output with a condition may be there."""
    if not isinstance(condition, str):
        return True
    return fault(resolver.environment, condition) is None and resolver.decide(condition) is not False


def relocate_output(
    template: Template, label: str, keys: Sequence[str], look_up: LinkLookup, *, export: Export | None
) -> tuple[object, LinkedValues, object]:
    """
    The value of outputs of which a deployment has one at most: an expression, what it refers to, and the condition
    under which there is one of them (None where there always is).

    Args:
        label: the name of the stack.
        keys: logical ids of the outputs.
        look_up: answers what the template itself takes from others.
        export: by the name of which it is asked for, which says of which deployment it is; None for no export.

    Raises:
        NotLent: there is no such output in any deployment.
    """
    entries = {key: entry for key, entry in outputs(template).items() if key in keys}
    pinned: Mapping[str, str] = {}
    if export is not None:
        pinned = _named(template, entries.values()) if export.values is None else export.values
    resolver = Resolver(template.environment, {**template.resolver.values, **pinned}) if pinned else template.resolver
    renaming = Relocation(template, label, look_up, pinned=pinned)
    value: object = None
    exists: list[object] = []
    for key in reversed(keys):
        entry = entries.get(key)
        if entry is None or not _may_exist(resolver, condition := entry.get("Condition")):
            continue
        inner = renaming.value(entry.get("Value"))
        if isinstance(condition, str):
            name = renaming.condition(condition)
            exists.append({"Condition": name})
            # Whoever takes the value can only be deployed where there is one.
            value = inner if value is None else {"Fn::If": [name, inner, value]}
        else:
            exists, value = [None], inner
    if not exists:
        raise NotLinkable
    linked_values = renaming.linked_values()
    written = [entries[key].get("Value") for key in keys if key in entries]
    if export is not None and (told := deciding_values(template, written, _values_at(template, export.name))):
        symbol = symbol_of(CrossStackReference(EXPORT, export.name)).name
        deployments = {symbol: {f"{label}/{name}": one for name, one in told.items()}}
        linked_values = linked_values.joined(LinkedValues(deployments=deployments))
    return value, linked_values, None if None in exists else {"Fn::Or": exists}


def _values_at(template: Template, name: str) -> dict[str, str]:
    """The values of all parameters that the name of an export is made of; empty where it has it at several, too."""
    found: list[dict[str, str]] = []
    for entry in outputs(template).values():
        export = entry.get("Export")
        written = export.get("Name") if isinstance(export, Mapping) else None
        for values in _values_of_names(template, written):
            resolver = Resolver(template.environment, {**template.resolver.values, **values})
            if constant_text(resolver, written) == name and values not in found:
                found.append(values)
    declared = template.environment.parameters
    # Another value than the default of one that lists none may give the same name.
    is_told = len(found) == 1 and all(declared[one].listed for one in found[0])
    return found[0] if is_told else {}


def _named(template: Template, entries: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """The values of the parameters that the names of exports are made of, where they have these names."""
    found: dict[str, str] = {}
    for entry in entries:
        export = entry.get("Export")
        for name in _parameters_in(template, export.get("Name") if isinstance(export, Mapping) else None):
            value = constant(template, {"Ref": name})
            found.update({name: value} if isinstance(value, str) else {})
    return found


def _parameters_in(template: Template, expression: object) -> Iterator[str]:
    """The parameters that an expression is made of, as far as these are their own values."""
    renaming = Relocation(template, "", None)
    renaming.value(expression)
    for name, parameter in template.environment.parameters.items():
        if renaming.choice(name) in renaming.parameters and not parameter.is_ssm:
            yield name


def constant_output(template: Template, label: str, keys: Sequence[str]) -> Text | None:
    """
    The value of an output as text, for a template in another Region: what is Regional in it is of its own Region.

    None where a condition decides whether there is one.
    """
    entries = [entry for key in keys if (entry := outputs(template).get(key)) is not None]
    if len(entries) != 1 or "Condition" in entries[0]:
        return None
    return _constant_value(template, label, entries[0].get("Value"))


def constant_carried(template: Template, label: str, region: str, name: str) -> Text | None:
    """The same of what the CDK takes to another Region."""
    return _constant_value(template, label, carried_outputs(template).get((region, name)))


def _constant_value(template: Template, label: str, value: object) -> Text | None:
    text = constant(template, value)
    return None if text is None else rename_symbols(text, label)


def names(template: Template) -> Symbols:
    """By which names a template and others may speak of each other's things."""
    declared, named = template.declared, template.named
    has_exports = "Export" in str(template.data.get("Outputs"))
    wanted = tuple(dict.fromkeys((*template.environment.references.values(), *chosen_references(template))))
    exclusive = claims(template.data.get(EXCLUSIVE))
    environment = template.environment
    is_private = environment.of_types((BUCKET_POLICY, ACCESS_POINT))
    buckets = [arns.value(template.resolver, one, "") for one in environment.of_types((_BUCKET,)) if is_private]
    inline, carrying = written_names(environment), tuple(carried_outputs(template))
    was_there = AROUND_BUCKETS in template.data
    loops = [loop for loop, _ in environment.unread_loops.values()]
    nested, is_whole = template.origin.nested, template.presentation.is_whole_account
    return Symbols(
        tuple(exports(template)) if has_exports else (),
        wanted,
        declared,
        named,
        nested,
        exclusive,
        tuple(buckets),
        inline,
        carrying,
        is_whole_account=is_whole,
        settings=settings_of(template),
        policies_of=tuple(_policies_of_buckets(template)),
        was_there=was_there,
        exports_elsewhere=tuple(exports_elsewhere(template)) if has_exports else (),
        denied_by_loops=tuple(dict.fromkeys(kind for loop in loops for kind in whom_loops_may_deny(loop))),
    )


def _policies_of_buckets(template: Template) -> Iterator[str]:
    """Of which buckets a template has policies, as far as others may say what is around them."""
    environment = template.environment
    for logical_id in environment.of_types((BUCKET_POLICY, ACCESS_POINT)):
        yield ALL_BUCKETS
        named = environment.properties(logical_id).get("Bucket")
        for one, _, _ in branches(template.resolver, named, (), (), absent=True):
            name = "" if one is NO_VALUE or bucket_of(template.resolver, one) else name_of(template.resolver, one)
            if name and isinstance(name, str):
                yield name
            if name and (expression := expression_of(template.resolver, one)):
                for reading in readings_of(template.resolver, one):
                    yield from (key for key, _ in keys_of(expression, name_of(reading, one)))


def exported_roles(template: Template) -> dict[str, Text]:
    """The ARNs of its roles that a template exports, by the names of the symbols that stand for them elsewhere."""
    if "Export" not in str(template.data.get("Outputs")):
        return {}
    roles = {role.logical_id for role in template.roles}
    entries = outputs(template)
    found: dict[str, Text] = {}
    for name, export in exported(template).items():
        resolver = Resolver(template.environment, {**template.resolver.values, **(export.values or {})})
        for value in (entries[key].get("Value") for key in export.outputs):
            # Of what is no role, nobody asks here what it is.
            arn = constant_text(resolver, value) if roles & {*names_in(value)} else None
            if arn is not None:
                found[symbol_of(CrossStackReference(EXPORT, name)).name] = arn
    return found
