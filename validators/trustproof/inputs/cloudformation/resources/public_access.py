"""
What stands around a resource policy and decides what it does: settings against public policies, and networks.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from trustproof.aws.lambda_functions import parse_function_name
from trustproof.inputs.cloudformation.evaluation import arns
from trustproof.inputs.cloudformation.evaluation.branches import branches, outcomes
from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.values.catalogue import (
    ACCESS_POINT,
    BUCKET_POLICY,
    IN_A_VPC,
    MRAP_POLICY,
    SECRET_POLICY,
)
from trustproof.inputs.cloudformation.values.exclusive_claims import BLOCK, Claims
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.cloudformation.values.presence import NOT_KNOWN
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable
from trustproof.inputs.grammar.variants import TooManyVariants, variants
from trustproof.model.names import in_stack
from trustproof.model.policy import Guard
from trustproof.model.text import Symbol, Symbolic

#: Each alone keeps everybody outside the account out of a bucket with a public policy; the first keeps out the services
#: of AWS too, since S3 refuses the policy.
_SETTINGS = ("BlockPublicPolicy", "RestrictPublicBuckets")
_BLOCK = "PublicAccessBlockConfiguration"
#: Of a function, by which others may call it or its URL.
PERMISSION = "AWS::Lambda::Permission"
_URL = "AWS::Lambda::Url"
_BUCKET, _MRAP = "AWS::S3::Bucket", "AWS::S3::MultiRegionAccessPoint"
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
_WEBSITE = "WebsiteConfiguration"
#: New buckets have all settings on, unless they say otherwise:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-bucket.html
_OF_NEW_BUCKETS = "BlockPublicPolicy of {}, which S3 turns on for every bucket made since April 2023"


class PublicAccess(NamedTuple):
    """
    What stands around a policy in some deployments.
    """

    #: A setting that keeps everybody outside the account out if the policy is public, in words; empty without one.
    kept_private: str
    #: What lets in nobody but from a VPC, in words; empty without it.
    in_vpc: str
    #: All of them must hold for it.
    guards: tuple[Guard, ...]


def public_access_of(resolver: Resolver, logical_id: str, guards: tuple[Guard, ...]) -> Iterator[PublicAccess]:
    """
    What stands around a policy, for each outcome of what decides it.

    Args:
        logical_id: of a resource of one of `SURROUNDED`, which has the policy.
        guards: what holds in any case.
    """
    type_ = str(resolver.environment.resources[logical_id].get("Type"))
    properties = resolver.environment.properties(logical_id)
    place = IN_A_VPC.get(type_)
    if place is None or place[0] not in properties:
        return (
            PublicAccess(setting, "", inner) for setting, inner in _kept_private(resolver, logical_id, type_, guards)
        )
    out: list[PublicAccess] = []
    for there, inner in _is_there(resolver, properties, place, guards):
        if there:
            # S3 never calls an access point public that is in a VPC, whatever its policy.
            out.append(PublicAccess("", f"{place[0]} of {logical_id}", inner))
        else:
            out += (PublicAccess(kept, "", more) for kept, more in _kept_private(resolver, logical_id, type_, inner))
    return iter(out)


def takes_signed_only(resolver: Resolver, logical_id: str) -> bool:
    """
    Whether all URLs of a function ask for a signature, as far as the template writes them.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html

    Args:
        logical_id: of a permission of the function.
    """
    urls = [resolver.environment.properties(one) for one in urls_of(resolver, logical_id)]
    return bool(urls) and all(one.get("AuthType") == "AWS_IAM" for one in urls)


def urls_of(resolver: Resolver, logical_id: str) -> list[str]:
    """The URLs of the function that a permission is about, and those of which that is not known, by logical id."""
    environment = resolver.environment
    function = _function(environment.properties(logical_id).get("FunctionName"))
    urls = environment.of_types((_URL,))
    # Terraform's URL that asks for no signature is the permission that its provider makes for it.
    made = [one for one in environment.of_types((PERMISSION,)) if "AuthType" in environment.properties(one)]
    named = {one: environment.properties(one).get("TargetFunctionArn") for one in urls}
    named |= {one: environment.properties(one).get("FunctionName") for one in made}
    return [one for one, value in named.items() if _may_be(_function(value), function)]


def _function(value: object) -> tuple[str, str]:
    """How a function is named, and the name; both empty where that is not known."""
    if isinstance(value, dict) and len(value) == 1:
        ((how, named),) = value.items()
        found = named[0] if isinstance(named, list) and len(named) == 2 and named[1] == "Arn" else named
        return ("logical id", found) if how in ("Ref", "Fn::GetAtt") and isinstance(found, str) else ("", "")
    if not isinstance(value, str):
        return "", ""
    found = parse_function_name(value)
    return ("", "") if found is None else ("name", found.name)


def _may_be(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two names may be those of one function."""
    return one == other or one[0] != other[0] or not one[0]


def website_of(resolver: Resolver, logical_id: str) -> str:
    """What makes a website of the bucket that a policy is about, in words; empty where nothing does."""
    if resolver.environment.resources[logical_id].get("Type") != BUCKET_POLICY:
        return ""
    bucket = bucket_of(resolver, resolver.environment.properties(logical_id).get("Bucket"))
    return f"{_WEBSITE} of {bucket}" if bucket and resolver.environment.properties(bucket).get(_WEBSITE) else ""


def settings_elsewhere(resolver: Resolver, logical_id: str) -> str:
    """What is not known of a bucket that is made elsewhere and has a policy here, in words; empty for any other."""
    if resolver.environment.resources[logical_id].get("Type") != BUCKET_POLICY:
        return ""
    named = resolver.environment.properties(logical_id).get("Bucket")
    chosen = [*branches(resolver, named, (), (), absent=True)]
    if all(one is NO_VALUE or bucket_of(resolver, one) for one, _, _ in chosen):
        return ""
    return "whether a public access block is around the bucket is said where the bucket is made, and not here"


def bucket_of(resolver: Resolver, value: object) -> str:
    """
    The logical id of the bucket whose name is a value, of the template or of one that gives it the name; empty where it
    is none of them.
    """
    environment = resolver.environment
    if isinstance(value, dict) and (environment.resource(str(value.get("Ref"))) or {}).get("Type") == _BUCKET:
        return str(value["Ref"])
    own, linked = environment.resources, environment.linked_resources
    buckets = [name for name, resource in linked.items() if resource.get("Type") == _BUCKET and name not in own]
    buckets += environment.of_types((_BUCKET,))
    try:
        name = resolver.text(value) if buckets else ""
        return next((one for one in buckets if name and arns.value(resolver, one, "") == name), "")
    except Unreadable:
        return ""


def _is_there(
    resolver: Resolver, value: object, place: tuple[str, ...], guards: tuple[Guard, ...]
) -> Iterator[tuple[bool, tuple[Guard, ...]]]:
    """Whether something stands at a place, for each outcome of the ``Fn::If`` on the way."""
    for inner, _, found in [*branches(resolver, value, (), guards, absent=True)]:
        if inner is NO_VALUE or not inner:
            yield False, found
        elif not place:
            yield True, found
        elif isinstance(inner, dict) and intrinsic_name(inner) is None and place[0] in inner:
            yield from _is_there(resolver, inner[place[0]], place[1:], found)
        else:
            yield False, found


def _kept_private(
    resolver: Resolver, logical_id: str, type_: str, guards: tuple[Guard, ...]
) -> Iterable[tuple[str, tuple[Guard, ...]]]:
    properties = resolver.environment.properties(logical_id)
    if type_ == SECRET_POLICY:
        own = {name: properties[name] for name in _SETTINGS if name in properties}
        return _settings(resolver, own, logical_id, guards)
    if type_ == MRAP_POLICY:
        return [
            pair
            for named, _, inner in [*branches(resolver, properties.get("MrapName"), (), guards, absent=True)]
            for pair in _of_mrap(resolver, named, inner)
        ]
    if type_ not in (BUCKET_POLICY, ACCESS_POINT):
        return [("", guards)]
    # Where a condition of the template chooses the bucket, each has settings of its own.
    chosen = [*branches(resolver, properties.get("Bucket"), (), guards, absent=True)]
    return [
        pair
        for named, _, inner in chosen
        for pair in _of_bucket(resolver, logical_id, named, properties if type_ == ACCESS_POINT else None, inner)
    ]


def _of_mrap(resolver: Resolver, named: object, guards: tuple[Guard, ...]) -> Iterable[tuple[str, tuple[Guard, ...]]]:
    """
    What keeps the policy of a Multi-Region Access Point private: it has settings of its own, all of them on by default.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/multi-region-access-point-block-public-access.html
    """
    logical_id = str(named.get("Ref")) if isinstance(named, dict) else ""
    if (resolver.environment.resource(logical_id) or {}).get("Type") != _MRAP:
        return [("", guards)]
    block = resolver.environment.properties(logical_id).get(_BLOCK)
    return _settings(resolver, block, logical_id, guards, default=_SETTINGS[0])


def _of_bucket(
    resolver: Resolver,
    logical_id: str,
    named: object,
    access_point: Mapping[str, object] | None,
    guards: tuple[Guard, ...],
) -> Iterable[tuple[str, tuple[Guard, ...]]]:
    """
    What keeps a policy of one bucket private.

    Args:
        named: what names the bucket.
        access_point: the properties of the access point that the policy stands on; None where it is the bucket's own.
    """
    bucket = "" if named is NO_VALUE else bucket_of(resolver, named)
    if access_point is not None:
        found = _settings(resolver, access_point.get(_BLOCK), logical_id, guards, default=_SETTINGS[0])
        if not bucket or found != [("", guards)]:
            return found
    if not bucket:
        return [("", guards)]
    return _where_kept(resolver, bucket, guards, _around_bucket(resolver, named, bucket, guards))


def _around_bucket(
    resolver: Resolver, named: object, bucket: str, guards: tuple[Guard, ...]
) -> list[tuple[str, tuple[Guard, ...]]]:
    """What the template puts around a bucket."""
    block = resolver.environment.properties(bucket).get(_BLOCK)
    condition = (resolver.environment.resource(bucket) or {}).get("Condition")
    if not isinstance(condition, str) or _refers(named, bucket):
        return _settings(resolver, block, bucket, guards, default=_OF_NEW_BUCKETS)
    # Where the template does not make the bucket of this name, somebody else has made it.
    made = [(index == 1, inner) for index, inner in outcomes(resolver, condition, guards)]
    return [
        pair
        for is_made, inner in made
        for pair in (_settings(resolver, block, bucket, inner, default=_OF_NEW_BUCKETS) if is_made else [("", inner)])
    ]


def _where_kept(
    resolver: Resolver, bucket: str, guards: tuple[Guard, ...], found: list[tuple[str, tuple[Guard, ...]]]
) -> list[tuple[str, tuple[Guard, ...]]]:
    """What is around a bucket, where another template may be about it that switches its settings off."""
    linked = resolver.environment.deployment.linked_values
    claims = Claims(linked.ambiguous if linked is not None else {})
    name = arns.value(resolver, bucket, "") if claims else ""
    reason = claims.reason(BLOCK, name, (), in_stack(bucket)[0], declared=True)
    if not reason or found == [("", guards)]:
        return found
    goes = f"{NOT_KNOWN}the settings of {bucket} stay: they are {reason}"
    kept = [(setting, (*inner, Guard(goes, False))) for setting, inner in found]
    return [*kept, ("", (*guards, Guard(goes, True)))]


def _refers(value: object, logical_id: str) -> bool:
    """Whether a value is made of what a resource is called, so that there is no value without the resource."""
    if isinstance(value, dict):
        return value.get("Ref") == logical_id or any(_refers(inner, logical_id) for inner in value.values())
    if isinstance(value, list):
        return any(_refers(inner, logical_id) for inner in value)
    return isinstance(value, str) and f"${{{logical_id}}}" in value


def _settings(
    resolver: Resolver, block: object, name: str, guards: tuple[Guard, ...], *, default: str = ""
) -> list[tuple[str, tuple[Guard, ...]]]:
    """
    The setting that keeps a public policy from having an effect, for each outcome of what decides it.

    Args:
        block: the settings.
        name: the logical id of what has them.
        guards: what holds in any case.
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
        and not any(isinstance(v, dict) for v in block.values())
    ):
        return [(_shown(_first(block), name), guards)]
    try:
        found = variants(resolver, guards, lambda reading: _in_one_reading(reading, block, default))
    except (TooManyVariants, Unreadable):
        return [("", guards)]
    out: dict[tuple[str, tuple[Guard, ...]], None] = {}
    for inner, (setting, open_) in found:
        if open_ is None:
            out[_shown(setting, name), inner] = None
            continue
        # CloudFormation takes no value of a Boolean but these.
        for value in ("true", "false"):
            if open_.allowed is None or value in (one.lower() for one in open_.allowed):
                shown = _shown(setting, name) if value == "true" else ""
                out[shown, (*inner, Guard(open_.name, value))] = None
    settings = {setting for setting, _ in out}
    return [(settings.pop(), guards)] if len(settings) == 1 else list(out)


def _in_one_reading(resolver: Resolver, block: object, default: str) -> tuple[str, Symbol | None]:
    """A setting that is on, else one that a parameter decides, with the parameter."""
    block = resolver.resolve(block)
    if block is NO_VALUE:
        return default, None
    if not isinstance(block, dict) or intrinsic_name(block) is not None:
        return "", None
    values = {setting: resolver.text(block[setting]) for setting in _SETTINGS if setting in block}
    if found := _first(values):
        return found, None
    decided = ((setting, _parameter(value)) for setting, value in values.items())
    return next(((setting, symbol) for setting, symbol in decided if symbol is not None), ("", None))


def _first(block: Mapping[str, object]) -> str:
    """The first setting that is on."""
    return next((setting for setting in _SETTINGS if str(block.get(setting)).lower() == "true"), "")


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
