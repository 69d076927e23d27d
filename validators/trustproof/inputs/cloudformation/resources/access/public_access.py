"""
What stands around a resource policy and decides what it does: settings against public policies, and networks.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.evaluation.functions.branches import branches
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.access.bucket_blocks import (
    BLOCK,
    SETTINGS,
    around_bucket,
    bucket_of,
    expression_of,
    name_of,
    settings_in,
)
from trustproof.inputs.cloudformation.values.bucket_settings import ALL_BUCKETS, OFF, ON, BucketSettings, keys_of
from trustproof.inputs.cloudformation.values.catalogue import (
    ACCESS_POINT,
    BUCKET_POLICY,
    IN_A_VPC,
    KEPT_BY_ACCOUNT,
    MRAP_POLICY,
    SECRET_POLICY,
)
from trustproof.inputs.cloudformation.values.exclusive_claims import ACCOUNT_BLOCK as ACCOUNT_CLAIM
from trustproof.inputs.cloudformation.values.exclusive_claims import BLOCK as CLAIM
from trustproof.inputs.cloudformation.values.exclusive_claims import Claims
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.cloudformation.values.presence import NOT_KNOWN
from trustproof.inputs.grammar.values import NO_VALUE
from trustproof.model.document import Document
from trustproof.model.names import in_stack
from trustproof.model.policy import DENY, Guard, Policy
from trustproof.model.text import Text

_MRAP = "AWS::S3::MultiRegionAccessPoint"
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
_WEBSITE = "WebsiteConfiguration"


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

    def decided(self, guards: tuple[Guard, ...]) -> PublicAccess:
        """
        The same without what is not known of settings.

        Args:
            guards: what holds in any case.
        """
        known = tuple(one for one in self.guards if one in guards or not one.name.startswith(NOT_KNOWN))
        return self if known == self.guards else PublicAccess("", self.in_vpc, known)


def surrounded(resolver: Resolver, document: Document) -> Iterator[Document]:
    """A policy with what stands around it, once for each outcome of what decides that."""
    logical_id = document.logical_id
    for kept_private, in_vpc, guards in public_access_of(resolver, document):
        yield document._replace(
            kept_private=kept_private,
            kept_at=_behind(resolver, kept_private),
            in_vpc=in_vpc,
            guards=guards,
            meant_for_everybody=website_of(resolver, logical_id),
            opened=opened_of(resolver, logical_id),
            settings_elsewhere=settings_elsewhere(resolver, logical_id),
        )


def public_access_of(resolver: Resolver, document: Document) -> Iterator[PublicAccess]:
    """
    What stands around a policy, for each outcome of what decides it.

    Args:
        document: that of a resource of one of `SURROUNDED`, which has the policy.
    """
    found = _around(resolver, document.logical_id, document.guards)
    if _may_be_public(document.policy):
        return iter(found)
    return iter(dict.fromkeys(one.decided(document.guards) for one in found))


def _may_be_public(policy: Policy) -> bool:
    """Whether a setting may do something to a policy: only what lets everybody in is public."""
    return any(
        statement.principals is None
        or bool(statement.not_principals)
        or any(not isinstance(one.value, str) or "*" in one.value for one in statement.principals)
        for statement in policy.statements
        if statement.effect != DENY
    )


def _around(resolver: Resolver, logical_id: str, guards: tuple[Guard, ...]) -> list[PublicAccess]:
    type_ = str(resolver.environment.resources[logical_id].get("Type"))
    properties = resolver.environment.properties(logical_id)
    place = IN_A_VPC.get(type_)
    if place is None or place[0] not in properties:
        return [
            PublicAccess(setting, "", inner) for setting, inner in _kept_private(resolver, logical_id, type_, guards)
        ]
    out: list[PublicAccess] = []
    for there, inner in _is_there(resolver, properties, place, guards):
        if there:
            # S3 never calls an access point public that is in a VPC, whatever its policy.
            out.append(PublicAccess("", f"{place[0]} of {logical_id}", inner))
        else:
            out += (PublicAccess(kept, "", more) for kept, more in _kept_private(resolver, logical_id, type_, inner))
    return out


def website_of(resolver: Resolver, logical_id: str) -> str:
    """What makes a website of the bucket that a policy is about, in words; empty where nothing does."""
    if resolver.environment.resources[logical_id].get("Type") != BUCKET_POLICY:
        return ""
    bucket = bucket_of(resolver, resolver.environment.properties(logical_id).get("Bucket"))
    return f"{_WEBSITE} of {bucket}" if bucket and resolver.environment.properties(bucket).get(_WEBSITE) else ""


def opened_of(resolver: Resolver, logical_id: str) -> str:
    """What of a bucket that a policy is about is written to let it be public, in words; empty where nothing is."""
    if resolver.environment.resources[logical_id].get("Type") != BUCKET_POLICY:
        return ""
    bucket = bucket_of(resolver, resolver.environment.properties(logical_id).get("Bucket"))
    block = resolver.environment.properties(bucket).get(BLOCK) if bucket else None
    # Of several blocks and values a policy is public at those that let it be. What a block leaves out is off, too:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-publicaccessblockconfiguration.html
    for one, _, _ in branches(resolver, block, (), ()):
        said = [setting for setting in SETTINGS if isinstance(one, dict) and setting in one]
        if SETTINGS[0] in said and isinstance(one, dict) and all(_may_be_off(resolver, one[s]) for s in said):
            return f"{' and '.join(said)} of {bucket} {'is' if len(said) == 1 else 'are'} false"
    return ""


def _may_be_off(resolver: Resolver, value: object) -> bool:
    """Whether a setting is written to be false, in any case or by a condition."""
    return any(str(one).lower() == "false" for one, _, _ in branches(resolver, value, (), ()))


def settings_elsewhere(resolver: Resolver, logical_id: str) -> str:
    """What is not known of a bucket that is made elsewhere and has a policy here, in words; empty for any other."""
    if resolver.environment.resources[logical_id].get("Type") != BUCKET_POLICY:
        return ""
    named = resolver.environment.properties(logical_id).get("Bucket")
    chosen = [*branches(resolver, named, (), (), absent=True)]
    said = _said_elsewhere(resolver)
    others = [one for one, _, _ in chosen if one is not NO_VALUE and not bucket_of(resolver, one)]
    written = [(one, name_of(resolver, one)) for one in others]
    if all(name in said or any(key in said for key, _ in _keys(resolver, one, name)) for one, name in written):
        return ""
    return "whether a public access block is around the bucket is said where the bucket is made, and not here"


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
        own = {name: properties[name] for name in SETTINGS if name in properties}
        return settings_in(resolver, own, logical_id, guards)
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
    block = resolver.environment.properties(logical_id).get(BLOCK)
    return settings_in(resolver, block, logical_id, guards, default=SETTINGS[0])


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
    if access_point is not None:
        found = settings_in(resolver, access_point.get(BLOCK), logical_id, guards, default=SETTINGS[0])
        if any(one.name.startswith(NOT_KNOWN) for _, inner in found for one in inner):
            of_bucket = list(_of_bucket(resolver, logical_id, named, None, guards))
            if all(setting for setting, _ in of_bucket):
                # Whatever the access point says.
                return of_bucket
        # Where the access point keeps nobody out, its bucket may.
        return [
            pair
            for setting, inner in found
            for pair in ([(setting, inner)] if setting else _of_bucket(resolver, logical_id, named, None, inner))
        ]
    bucket = "" if named is NO_VALUE else bucket_of(resolver, named)
    said = _said_elsewhere(resolver)
    if bucket:
        found = _where_kept(resolver, bucket, guards, around_bucket(resolver, named, bucket, guards))
    else:
        name = name_of(resolver, named) if said else ""
        found = _said_of_name(resolver, named, name, guards)
        found = _where_kept(resolver, str(name), guards, found, name)
    return _with(said.get(ALL_BUCKETS), found)


def _said_elsewhere(resolver: Resolver) -> Mapping[str, BucketSettings]:
    linked = resolver.environment.deployment.linked_values
    return linked.bucket_settings if linked is not None else {}


def _behind(resolver: Resolver, setting: str) -> tuple[tuple[str, str], ...]:
    """The parameters of another template at whose defaults that says what is around a bucket."""
    return next((one.at for one in _said_elsewhere(resolver).values() if setting and one.said == setting), ())


def _keys(resolver: Resolver, named: object, name: Text) -> list[tuple[str, tuple[Guard, ...]]]:
    """By which keys others may say what is around a bucket, by its name or as it is written, with what must hold."""
    expression = expression_of(resolver, named) if name else ""
    return keys_of(expression, name) if expression else []


def _said_of_name(
    resolver: Resolver, named: object, name: Text, guards: tuple[Guard, ...]
) -> list[tuple[str, tuple[Guard, ...]]]:
    """What another template puts around a bucket, which it names or writes in the same way."""
    said, none = _said_elsewhere(resolver), [("", guards)]
    if isinstance(name, str) and name in said:
        return _with(said[name] if name else None, none)
    at = [(said.get(key), values) for key, values in _keys(resolver, named, name)]
    if len({one and one._replace(bucket="") for one, _ in at}) <= 1:
        return _with(at[0][0] if at else None, none)
    return [pair for one, values in at for pair in _with(one, [("", (*guards, *values))])]


def _with(
    said: BucketSettings | None, found: list[tuple[str, tuple[Guard, ...]]]
) -> list[tuple[str, tuple[Guard, ...]]]:
    """What is around a bucket, with what another template says of it: one setting is enough."""
    if said is None or said.state == OFF:
        return found
    if said.state == ON:
        return [(setting or said.said, guards) for setting, guards in found]
    goes = f"{NOT_KNOWN}a public access block is around the bucket: {said.said}"
    kept = f"{SETTINGS[1]} of the bucket"
    out: list[tuple[str, tuple[Guard, ...]]] = []
    for setting, guards in found:
        one = (
            [(setting, guards)]
            if setting
            else [(kept, (*guards, Guard(goes, True))), ("", (*guards, Guard(goes, False)))]
        )
        out += one
    return out


def _where_kept(
    resolver: Resolver,
    bucket: str,
    guards: tuple[Guard, ...],
    found: list[tuple[str, tuple[Guard, ...]]],
    name: Text | None = None,
) -> list[tuple[str, tuple[Guard, ...]]]:
    """
    What is around a bucket, where another template may be about it that switches its settings off.

    Args:
        bucket: what it is called in here.
        name: its own; None for that of the resource.
    """
    if not any(setting for setting, _ in found):
        return found
    linked = resolver.environment.deployment.linked_values
    claims = Claims(linked.ambiguous if linked is not None else {})
    if not claims:
        return found
    name = arns.value(resolver, bucket, "") if name is None else name
    by = in_stack(bucket)[0]
    reason = claims.reason(CLAIM, name, (), by, declared=True)
    if not reason and (resolver.environment.resource(bucket) or {}).get(KEPT_BY_ACCOUNT):
        reason = claims.reason(ACCOUNT_CLAIM, name, (), by, declared=True)
    if not reason:
        return found
    goes = f"{NOT_KNOWN}the settings of {bucket} stay: they are {reason}"
    kept = [(setting, (*inner, Guard(goes, False))) for setting, inner in found]
    return [*kept, ("", (*guards, Guard(goes, True)))]
