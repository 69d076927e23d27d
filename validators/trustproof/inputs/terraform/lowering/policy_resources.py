"""
What a policy stands on: the ARN of another resource, as far as an argument names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.inputs.terraform.lowering.expressions import lower_value
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.snapshots.data_sources import arn_attribute
from trustproof.inputs.terraform.types.table import SHAPES, is_name_of, is_put_on, names_nothing, naming
from trustproof.inputs.terraform.values.instances import Instance, without_keys
from trustproof.inputs.terraform.values.values import Attribute, Known, Symbol, Unknown, Value

#: ``https://sqs.eu-west-1.amazonaws.com/111122223333/name``
_QUEUE_URL = re.compile(r"https://sqs\.([\w-]+)\.amazonaws\.com(?:\.cn)?/(\d{12})/(.+)")
#: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
_ALIAS = re.compile(r"(?:arn:[^:]*:kms:[^:]*:[^:]*:)?alias/")
_ALIASES = "aws_kms_alias"
#: A resource or a data source in a reference.
_BLOCK = re.compile(r"(?:data\.)?aws_\w+\.[\w-]+")
#: How arguments end that say the beginning of a name, behind which the provider makes up the end.
_PREFIX = "_prefix"
#: What is a copy of something in another Region, to the argument that says of what: with its policy it lets in to that.
#: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
_COPIES = dict.fromkeys(("aws_kms_replica_external_key", "aws_kms_replica_key"), "primary_key_arn")
#: An attribute inside another one: ``outputs.feed``, ``queue_urls[0]``.
_INSIDE = re.compile(r"[.\[]")


def stands_on(made: Lowering, instance: Instance, style: str, value: Value) -> object | None:
    """
    The ARN of what a policy stands on; None where that cannot be told.

    Args:
        instance: the policy: what it names stands in its Region, which need not be the template's.
        style: how the value names it: ``arn``, ``queue`` (by its URL), ``key`` (by id or ARN), or the service and
            what stands before the name: ``ecr:repository/``.
    """
    value = made.told(value)
    one = made.by_address.get(value.address) if isinstance(value, Attribute) else None
    if isinstance(value, Attribute) and one is not None:
        if one.is_data:
            value = arn_attribute(one.type, value) or value
        elif one.type in SHAPES:
            # A name means what it is the name of; one of several ARNs means itself.
            return made.attribute(value if value.name.endswith("_arn") else Attribute(one.address, "arn"))
    if isinstance(value, Attribute) and value.name.endswith("arn"):
        return made.attribute(value)
    text = value.value if isinstance(value, Known) else None
    if style == "key" and isinstance(text, str) and _ALIAS.match(text):
        # KMS takes no alias there, and which key has it nobody knows.
        return None
    if style == "arn" or (isinstance(text, str) and text.startswith("arn:")):
        return lower_value(value, made)
    if style == "queue":
        url = _QUEUE_URL.fullmatch(text) if isinstance(text, str) else None
        return _arn(f"sqs:{url[1]}:{url[2]}:{url[3]}") if url is not None else None
    if style == "key":
        style = "kms:key/"
    if ":" not in style or isinstance(value, Symbol):
        return None
    service, _, prefix = style.partition(":")
    here = [made.region_of(instance), ":", {"Ref": "AWS::AccountId"}, f":{prefix}", lower_value(value, made)]
    return _arn(f"{service}:", *here)


def what_names(made: Lowering, value: Value) -> object:
    """
    What names something whose ARN is not known: whichever attribute of another block it is, that block; the attribute
    too where a block may give several things, as the outputs of a state, a list, and what is no resource of AWS do.
    """
    value = made.told(value)
    if isinstance(value, Attribute):
        is_of_several = _INSIDE.search(value.name) or ".aws" not in f".{value.address}"
        return {"Ref": value.shown if is_of_several else value.address}
    if isinstance(value, Known) and isinstance(value.value, str) and (alias := _ALIAS.match(value.value)):
        return value.value[alias.end() - len("alias/") :]
    return lower_value(value, made)


def put_on(made: Lowering, instance: Instance) -> dict[str, object] | None:
    """
    All that a policy is told which may say what it is put on; None for what is no policy of another resource. An
    argument says so unless it is known that it does not: no type is left out whose arguments nobody has looked at.
    """
    if instance.type not in _COPIES and not is_put_on(instance.type):
        return None
    said = names_nothing(instance.type)
    names = [_COPIES[instance.type]] if instance.type in _COPIES else sorted({*instance.values} - {*said})
    given = {name: made.value(instance, name) for name in names}
    return {name: what_names(made, value) for name, value in given.items() if value is not None}


def called(made: Lowering, instance: Instance) -> dict[str, dict[str, object]]:
    """
    By the addresses of what a policy is put on, and of the aliases of a key, the names that these are given.
    """
    put_on_any = {one.address: one for one in _put_on_instances(made, instance)}
    keys = {one for one in (instance.address, *put_on_any) if ".aws_kms_" in f".{one}"}
    for alias in made.of_type(_ALIASES) if keys else ():
        target = made.value(alias, "target_key_id")
        found = [one.address for one in _referred_to(made, alias, "target_key_id")]
        if keys & {*([target.address] if isinstance(target, Attribute) else found)}:
            put_on_any[alias.address] = alias
    return {address: _names(made, one) for address, one in put_on_any.items()}


def _put_on_instances(made: Lowering, instance: Instance) -> Iterator[Instance]:
    """The resources and data sources that a policy of its own refers to, or that have the name that it says."""
    if not is_put_on(instance.type):
        yield instance
        return
    said = names_nothing(instance.type) - {"arn"}
    for name in sorted({*instance.values} - {*said}):
        value = made.value(instance, name)
        if isinstance(value, Attribute) and value.address in made.by_address and value.address != instance.address:
            yield made.by_address[value.address]
        elif isinstance(value, Unknown):
            yield from _referred_to(made, instance, name)
        elif isinstance(value, Known) and is_name_of(instance.type, name):
            # The type of a policy begins like that of what it is put on: ``aws_ecr_repository_policy``.
            start = instance.type.rpartition("_")[0]
            while start.count("_") > 1:
                for each in naming(start) if made.of_type(start) else ():
                    yield from made.having(start, each, value.value)
                start = start.rpartition("_")[0]


def _referred_to(made: Lowering, instance: Instance, argument: str) -> Iterator[Instance]:
    """What an argument refers to that a plan knows after it is applied, in the module of the resource itself."""
    module, type_, name = instance.address.rpartition(f"{instance.type}.")
    key = name[len(without_keys(name)) :] if type_ else ""
    for reference in made.snapshot.references.get((without_keys(instance.address), argument), ()):
        block = _BLOCK.match(reference)
        addresses = (f"{module}{block[0]}", f"{module}{block[0]}{key}") if block is not None else ()
        yield from (made.by_address[one] for one in dict.fromkeys(addresses) if one in made.by_address)


def _names(made: Lowering, instance: Instance) -> dict[str, object]:
    """The names that a resource or data source is given, by the arguments that say them."""
    given = {each for each in instance.values if made.value(instance, each) is not None}
    return {
        name: made.name(instance, name, f"{name}{_PREFIX}")
        for name in sorted({each.removesuffix(_PREFIX) for each in given})
        if is_name_of(instance.type, name)
    }


def _arn(*parts: object) -> object:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":", *parts]]}
