"""
The outputs of a template, as other templates take them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation import arns, foreach
from trustproof.inputs.cloudformation.evaluation.branches import branches
from trustproof.inputs.cloudformation.evaluation.conditions import fault
from trustproof.inputs.cloudformation.evaluation.passed_values import rename_symbols
from trustproof.inputs.cloudformation.linking.chosen_references import chosen_references
from trustproof.inputs.cloudformation.linking.relocation import LinkLookup, Relocation, constant, section
from trustproof.inputs.cloudformation.resources.bucket_blocks import bucket_of, name_of, said_of_buckets
from trustproof.inputs.cloudformation.resources.same_names import written_names
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.bucket_settings import ALL_BUCKETS, BucketSettings
from trustproof.inputs.cloudformation.values.catalogue import ACCESS_POINT, AROUND_BUCKETS, BUCKET_POLICY, EXCLUSIVE
from trustproof.inputs.cloudformation.values.exclusive_claims import claims
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, names_in
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues, NotLinkable
from trustproof.inputs.cloudformation.values.references import EXPORT, WRITER, CrossStackReference, symbol_of
from trustproof.inputs.cloudformation.values.symbols import Symbols
from trustproof.inputs.grammar.values import NO_VALUE
from trustproof.model.text import Text

_BUCKET = "AWS::S3::Bucket"


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
        if isinstance(name, str) and _may_exist(template, entry.get("Condition")):
            found.setdefault(name, []).append(key)
    return found


def _may_exist(template: Template, condition: object) -> bool:
    """Whether an output with a condition may be there."""
    if not isinstance(condition, str):
        return True
    return fault(template.environment, condition) is None and template.resolver.decide(condition) is not False


def relocate_output(
    template: Template, label: str, keys: Sequence[str], look_up: LinkLookup, *, by_name: bool
) -> tuple[object, LinkedValues, object]:
    """
    The value of outputs of which a deployment has one at most: an expression, what it refers to, and the condition
    under which there is one of them (None where there always is).

    Args:
        label: the name of the stack.
        keys: logical ids of the outputs.
        look_up: answers what the template itself takes from others.
        by_name: whether it is asked for by the name of an export, which says of which deployment it is.

    Raises:
        NotLent: there is no such output in any deployment.
    """
    entries = {key: entry for key, entry in outputs(template).items() if key in keys}
    renaming = Relocation(template, label, look_up, pinned=_named(template, entries.values()) if by_name else {})
    value: object = None
    exists: list[object] = []
    for key in reversed(keys):
        entry = entries.get(key)
        if entry is None or not _may_exist(template, condition := entry.get("Condition")):
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
    return value, renaming.linked_values(), None if None in exists else {"Fn::Or": exists}


def _named(template: Template, entries: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """The values of the parameters that the names of exports are made of, where they have these names."""
    found: dict[str, str] = {}
    for entry in entries:
        export = entry.get("Export")
        renaming = Relocation(template, "", None)
        renaming.value(export.get("Name") if isinstance(export, Mapping) else None)
        for name, parameter in template.environment.parameters.items():
            if renaming.choice(name) in renaming.parameters and not parameter.is_ssm:
                value = constant(template, {"Ref": name})
                found.update({name: value} if isinstance(value, str) else {})
    return found


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
    exported = tuple(exports(template)) if "Export" in str(template.data.get("Outputs")) else ()
    wanted = tuple(dict.fromkeys((*template.environment.references.values(), *chosen_references(template))))
    exclusive = claims(template.data.get(EXCLUSIVE))
    environment = template.environment
    is_private = environment.of_types((BUCKET_POLICY, ACCESS_POINT))
    buckets = [arns.value(template.resolver, one, "") for one in environment.of_types((_BUCKET,)) if is_private]
    inline, carrying = written_names(environment), tuple(carried_outputs(template))
    was_there = AROUND_BUCKETS in template.data
    settings = (*said_of_buckets(template.resolver, template.origin.file, was_there=was_there), *_of_account(template))
    nested, is_whole = template.origin.nested, template.presentation.is_whole_account
    return Symbols(
        exported,
        wanted,
        declared,
        named,
        nested,
        exclusive,
        tuple(buckets),
        inline,
        carrying,
        is_whole_account=is_whole,
        settings=settings,
        policies_of=tuple(_policies_of_buckets(template)),
        was_there=was_there,
    )


def _of_account(template: Template) -> tuple[BucketSettings, ...]:
    """What a template says of all buckets of its account."""
    found = template.data.get(AROUND_BUCKETS)
    return tuple(one for one in found if isinstance(one, BucketSettings)) if isinstance(found, list) else ()


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


def exported_roles(template: Template) -> dict[str, Text]:
    """The ARNs of its roles that a template exports, by the names of the symbols that stand for them elsewhere."""
    if "Export" not in str(template.data.get("Outputs")):
        return {}
    roles = {role.logical_id for role in template.roles}
    entries = outputs(template)
    found: dict[str, Text] = {}
    for name, keys in exports(template).items():
        for value in (entries[key].get("Value") for key in keys):
            # Of what is no role, nobody asks here what it is.
            arn = constant(template, value) if roles & {*names_in(value)} else None
            if arn is not None:
                found[symbol_of(CrossStackReference(EXPORT, name)).name] = arn
    return found
