"""
What stands around the policies of buckets: settings against public policies, and websites.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from trustproof.inputs.terraform.conditions import Condition, Not
from trustproof.inputs.terraform.expressions import lowered
from trustproof.inputs.terraform.instances import Instance
from trustproof.inputs.terraform.lowering import Lowering
from trustproof.inputs.terraform.values import Choice, Known, Symbol, Value

BLOCK = "PublicAccessBlockConfiguration"
_BUCKET = "aws_s3_bucket"
_SETTINGS = {"BlockPublicPolicy": "block_public_policy", "RestrictPublicBuckets": "restrict_public_buckets"}
_NOTHING: Mapping[str, object] = {"Ref": "AWS::NoValue"}


def settings(made: Lowering, values: Mapping[str, Value], *, absent: bool) -> dict[str, object]:
    """
    The settings against public policies that a block has.

    Args:
        values: its arguments.
        absent: what a setting is that is not set.
    """
    found: dict[str, object] = {}
    for setting, name in _SETTINGS.items():
        value = values.get(name)
        missing = value is None or (isinstance(value, Known) and value.value is None)
        found[setting] = absent if missing or value is None else lowered(value, made)
    return found


def may_be_private(made: Lowering, instance: Instance, document: object) -> bool:
    """Whether a setting of a bucket that nobody knows decides what a policy does, which speaks of everybody."""
    if not _is_for_everybody(document):
        return False
    if isinstance(made.value(instance, "bucket"), Symbol) and any(True for _ in made.of_type(_BUCKET)):
        return True
    # A block of which nobody knows the bucket may be around this one.
    return any(
        isinstance(made.value(one, "bucket"), Symbol) for one in made.of_type("aws_s3_bucket_public_access_block")
    )


def _is_for_everybody(document: object) -> bool:
    if isinstance(document, dict) and isinstance(found := document.get("Fn::If"), list):
        return any(map(_is_for_everybody, found[1:]))
    statements = document.get("Statement") if isinstance(document, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    return any(
        isinstance(one, dict) and ("NotPrincipal" in one or _has_wildcard(one.get("Principal"))) for one in listed
    )


def _has_wildcard(principal: object) -> bool:
    if isinstance(principal, dict):
        return any(map(_has_wildcard, principal.values()))
    return principal == "*" or (isinstance(principal, list) and "*" in principal)


def surround(made: Lowering, instances: Iterable[Instance]) -> None:
    """Put the settings against public policies, and websites, at the buckets that they are about."""
    for instance in instances:
        if instance.type == "aws_s3_bucket_public_access_block":
            _put(made, instance, BLOCK, _of(made, instance))
        elif instance.type == "aws_s3_bucket_website_configuration":
            _put(made, instance, "WebsiteConfiguration", {"IndexDocument": "index.html"})
    for instance in instances:
        if instance.type == "aws_s3_account_public_access_block" and _is_own(made, instance):
            _put_around_all(made, instance)


def _of(made: Lowering, instance: Instance) -> dict[str, object]:
    names = _SETTINGS.values()
    return settings(made, {name: instance.values[name] for name in names if name in instance.values}, absent=False)


def _is_own(made: Lowering, instance: Instance) -> bool:
    """Whether the settings of an account are those of the account that its resources are in."""
    account = made.known(instance, "account_id")
    return account is None or account == made.home.account


def _put_around_all(made: Lowering, instance: Instance) -> None:
    """Put the settings of the account at all its buckets: what they turn on is on whatever a bucket says."""
    on = {key: value for key, value in _of(made, instance).items() if value is True}
    for resource in made.resources.values():
        properties = resource.get("Properties")
        if on and resource["Type"] == "AWS::S3::Bucket" and isinstance(properties, dict):
            block = properties.get(BLOCK)
            properties[BLOCK] = _where(made, _conditions(instance), _with(block, on), block)


def _with(block: object, on: Mapping[str, object]) -> object:
    """The settings of a bucket with others that are on."""
    if isinstance(block, dict) and isinstance(found := block.get("Fn::If"), list):
        name, *sides = found
        return {"Fn::If": [name, *(_with(side, on) for side in sides)]}
    return {**(block if isinstance(block, dict) and block != _NOTHING else {}), **on}


def _put(made: Lowering, instance: Instance, key: str, value: object) -> None:
    """Put something at the bucket that an instance is about, where it is there."""
    named = made.value(instance, "bucket")
    for bucket, conditions in _leaves(named, _conditions(instance)) if named is not None else ():
        found = made.bucket_of(bucket)
        name = found["Ref"] if isinstance(found, dict) and "Ref" in found else None
        resource = made.resources.get(str(name)) if name is not None else None
        otherwise: object = None
        if resource is None and isinstance(found, str):
            # Somebody else makes the bucket, and this is all that is said of it.
            resource = made.resources.setdefault(f"{instance.address}.bucket", {"Type": "AWS::S3::Bucket"})
            resource.setdefault("Properties", {"BucketName": found})
            otherwise = {}
        if resource is not None and resource["Type"] == "AWS::S3::Bucket":
            properties = resource["Properties"]
            assert isinstance(properties, dict)
            properties[key] = _where(made, conditions, value, properties.get(key, otherwise))


def _conditions(instance: Instance) -> tuple[Condition, ...]:
    return () if instance.condition is None else (instance.condition,)


def _leaves(value: Value, conditions: tuple[Condition, ...]) -> Iterator[tuple[Value, tuple[Condition, ...]]]:
    """What a value may be, each with what must hold for it."""
    if isinstance(value, Choice):
        yield from _leaves(value.then, (*conditions, value.condition))
        yield from _leaves(value.otherwise, (*conditions, Not(value.condition)))
    else:
        yield value, conditions


def _where(made: Lowering, conditions: Iterable[Condition], value: object, otherwise: object) -> object:
    """A value that is only there where some conditions hold."""
    other = _NOTHING if otherwise is None else otherwise
    for condition in reversed(tuple(conditions)):
        value = {"Fn::If": [made.condition(condition), value, other]}
    return value
