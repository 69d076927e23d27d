"""
Settings against public policies: of buckets, of the account, and which policies they are around.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trustproof.inputs.terraform.expressions import lowered
from trustproof.inputs.terraform.instances import Instance
from trustproof.inputs.terraform.lowering import Lowering
from trustproof.inputs.terraform.values import Choice, Known, Symbol, Unknown, Value, Variable

BLOCK = "PublicAccessBlockConfiguration"
_BUCKET, _AWS_BUCKET = "aws_s3_bucket", "AWS::S3::Bucket"
_SETTINGS = {"BlockPublicPolicy": "block_public_policy", "RestrictPublicBuckets": "restrict_public_buckets"}


def public_access(made: Lowering, instances: Iterable[Instance]) -> None:
    """Put the settings against public policies, and websites, at the buckets that they are about."""
    for instance in instances:
        if instance.type == "aws_s3_bucket_public_access_block":
            _put(made, instance, BLOCK, _of(made, instance))
        elif instance.type == "aws_s3_bucket_website_configuration":
            _put(made, instance, "WebsiteConfiguration", {"IndexDocument": "index.html"})
    for resource in made.resources.values():
        properties = resource.get("Properties")
        if resource["Type"] == "AWS::S3::BucketPolicy" and isinstance(properties, dict):
            names = (name for name, there in made.elsewhere.items() if there == properties.get("Bucket"))
            if (found := next(names, None)) is not None:
                properties["Bucket"] = {"Ref": found}
    for instance in instances:
        if instance.type == "aws_s3_account_public_access_block":
            settings = {key: value for key, value in _of(made, instance).items() if value is not False}
            for resource in made.resources.values():
                properties = resource.get("Properties")
                if settings and resource["Type"] == _AWS_BUCKET and isinstance(properties, dict):
                    _replace(made, instance, properties, BLOCK, _with_settings(properties.get(BLOCK), settings))


def _with_settings(block: object, settings: Mapping[str, object]) -> object:
    """The settings of a bucket with those of its account, which hold besides."""
    if isinstance(block, dict) and isinstance(found := block.get("Fn::If"), list):
        return {"Fn::If": [found[0], *(_with_settings(side, settings) for side in found[1:])]}
    own = block if isinstance(block, dict) and "Ref" not in block else {}
    return {**settings, **{key: value for key, value in own.items() if value is True or key not in settings}}


def _of(made: Lowering, instance: Instance) -> dict[str, object]:
    given = {name: value for name in _SETTINGS.values() if (value := made.value(instance, name)) is not None}
    return settings(made, given, absent=False)


def _replace(made: Lowering, instance: Instance, properties: dict[str, object], key: str, value: object) -> None:
    """Give a bucket a property that it has where an instance is there, and else the one that it had."""
    found = made.where(instance, value)
    if found is not value and isinstance(found, dict):
        found["Fn::If"][2] = properties.get(key, {"Ref": "AWS::NoValue"})
    properties[key] = found


def _put(made: Lowering, instance: Instance, key: str, value: object) -> None:
    bucket = made.bucket(instance, "bucket")
    resource = made.resources.get(str(bucket["Ref"])) if isinstance(bucket, dict) and "Ref" in bucket else None
    if resource is None and bucket is not None:
        # Somebody else makes the bucket, and this is all that is said of it.
        name = next((name for name, there in made.elsewhere.items() if there == bucket), f"{instance.address}.bucket")
        made.elsewhere[name] = bucket
        resource = made.resources.setdefault(name, {"Type": _AWS_BUCKET, "Properties": {"BucketName": bucket}})
    if resource is not None and resource["Type"] == _AWS_BUCKET:
        properties = resource["Properties"]
        assert isinstance(properties, dict)
        _replace(made, instance, properties, key, value)


def settings(made: Lowering, values: Mapping[str, Value], *, absent: bool) -> dict[str, object]:
    """
    Settings against public policies.

    Args:
        absent: what one is that is not there.
    """
    found: dict[str, object] = {}
    for setting, name in _SETTINGS.items():
        value = values.get(name)
        missing = value is None or (isinstance(value, Known) and value.value is None)
        found[setting] = absent if missing or value is None else lowered(value, made)
    return found


def may_be_private(made: Lowering, instance: Instance, document: object) -> str:
    """
    Why it is not known what a policy does that speaks of everybody: a setting of its bucket decides that. Empty where
    that is known.
    """
    if not _is_for_everybody(document):
        return ""
    blocks = made.of_type("aws_s3_bucket_public_access_block")
    here = {"Ref": instance.address} if instance.type == _BUCKET else made.bucket(instance, "bucket")
    around = [one for one in blocks if made.bucket(one, "bucket") == here]
    # A block of which nobody knows the bucket may be around this one.
    is_open = _is_unknown(made, instance) and made.of_type(_BUCKET)
    if not around and (is_open or any(_is_any(made, one) for one in blocks)):
        return "it is not known which bucket is whose, and so whether a public access block is around it"
    for one in (*around, *made.of_type("aws_s3_account_public_access_block")):
        for name in _SETTINGS.values():
            if (unknown := _unknown_in(made.value(one, name))) is not None:
                why = unknown.reason if isinstance(unknown, Symbol) else ""
                return why or f"it is not known what {unknown.shown} is, which decides who gets in"
    return ""


def _unknown_in(value: Value | None) -> Unknown | None:
    """What nobody knows of a setting, if that may be what it is; a variable may be either."""
    if isinstance(value, Choice):
        return _unknown_in(value.then) or _unknown_in(value.otherwise)
    return value if isinstance(value, Unknown) and not isinstance(value, Variable) else None


def _is_unknown(made: Lowering, instance: Instance) -> bool:
    """Whether nothing is known of the bucket that a resource is about."""
    value = made.value(instance, "bucket")
    return isinstance(value, Symbol) or (isinstance(value, Choice) and isinstance(value.otherwise, Symbol))


def _is_any(made: Lowering, instance: Instance) -> bool:
    """Whether a resource may be about one of several buckets: it is neither known which one, nor declared here."""
    found = made.bucket(instance, "bucket")
    return isinstance(found, dict) and not (set(found) == {"Ref"} and found["Ref"] in made.by_address)


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
