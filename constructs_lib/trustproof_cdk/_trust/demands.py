"""
What a role may demand of a request: the condition block for each demand.

A demand that is not made is an empty block, so all of them can be given to `conjoin`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

import aws_cdk as cdk
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later, references
from trustproof_cdk._synthesis import stacks

Block = dict[str, dict[str, str | list[str]]]

#: The name of the IAM user who calls; absent from the requests of everybody else.
USER_NAME = "${aws:username}"
#: How the keys about MFA begin, in lower case.
_MFA = "aws:multifactorauth"
#: Session tags that AWS STS takes in a call.
_MOST_TAGS = 50
#: Seconds that a session lasts at most that a session of a role begins.
_CHAINED = 3600
# What is routed inside a network only, or nowhere: ``aws:SourceIp`` is the public address that AWS sees.
# https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml
_UNSEEN = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/4 "
            "240.0.0.0/4 ::/128 ::1/128 ::ffff:0:0/96 fc00::/7 fe80::/10 ff00::/8"
        ).split(),
    )
)

#: https://docs.aws.amazon.com/STS/latest/UserGuide/reference_sts_vpc_endpoint_create.html
_STS_ENDPOINTS = ("sts", "sts-fips")
#: The only resource whose Ref is an address, and attributes that are none.
_ADDRESS = "AWS::EC2::EIP"
_NO_ADDRESSES = (references.REF, "Arn", "Id", "AllocationId", "InstanceId", "SubnetId", "VpcId")


def network(source_ips: Iterable[str] | None, vpc_endpoints: Iterable[str] | None) -> Block:
    """
    The caller's network.

    Args:
        source_ips: public addresses or prefixes.
        vpc_endpoints: ids of interface endpoints for STS.

    Raises:
        ValueError: both are given. A request through an endpoint carries no ``aws:SourceIp``, and another one no
            ``aws:SourceVpce``, so no request would have both.
    """
    if source_ips is not None and vpc_endpoints is not None:
        raise ValueError(
            "source_ips and vpc_endpoints cannot be given together: a request through a VPC endpoint carries no "
            "aws:SourceIp; use two roles"
        )
    if source_ips is not None:
        listed = arguments.each(source_ips, "source_ips", _public)
        _refuse_everywhere(listed)
        return {"IpAddress": {"aws:SourceIp": _one_or_more(listed)}}
    if vpc_endpoints is not None:
        endpoints = arguments.each(vpc_endpoints, "vpc_endpoints", _endpoint)
        return {"StringEquals": {"aws:SourceVpce": _one_or_more(endpoints)}}
    return {}


def time_window(valid_from: datetime | None, valid_until: datetime | None) -> Block:
    """
    When the role may be assumed; sessions that were begun inside the window outlast it.

    Args:
        valid_from: with a time zone.
        valid_until: with a time zone.
    """
    for argument, moment in (("valid_from", valid_from), ("valid_until", valid_until)):
        if moment is not None and not isinstance(moment, datetime):
            raise TypeError(f"{argument} must be a datetime with a time zone, got {moment!r}")
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"{argument} must have a time zone, got {moment.isoformat()!r}")
        try:
            _ = None if moment is None else _instant(moment)
        except OverflowError:
            raise ValueError(f"{argument} must be in the years 1 to 9999 of UTC, got {moment}") from None
    if valid_from is not None and valid_until is not None and valid_from >= valid_until:
        raise ValueError(
            f"valid_until must be after valid_from, got {valid_until.isoformat()!r} after {valid_from.isoformat()!r}"
        )
    block: Block = {}
    if valid_from is not None:
        block["DateGreaterThanEquals"] = {"aws:CurrentTime": _instant(valid_from)}
    if valid_until is not None:
        block["DateLessThan"] = {"aws:CurrentTime": _instant(valid_until)}
    return block


def warn_of_the_past(role: Construct, valid_until: datetime | None) -> None:
    """Say in the synthesis where nobody can assume a role any more, which may be forgotten."""
    if valid_until is not None and valid_until <= datetime.now(UTC):
        cdk.Annotations.of(role).add_warning_v2(
            "trustproof:valid-until-is-past",
            f"valid_until is past ({_instant(valid_until)}): nobody can assume {role.node.path} any more; remove it, "
            "or give a later time",
        )


def warn_of_an_hour(role: Construct, duration: cdk.Duration | None) -> None:
    """
    Say in the synthesis where a longer session is in vain, since whoever may begin one has a session already.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
    """
    if duration is not None and duration.to_seconds() > _CHAINED:
        cdk.Annotations.of(role).add_warning_v2(
            "trustproof:chained-for-an-hour",
            f"sessions of roles and of Identity Center get an hour of {role.node.path} at most, and a call that asks "
            "for more fails: leave out max_session_duration",
        )


def refuse_mfa_of(who: str, conditions: Mapping[str, Mapping[str, object]] | None) -> None:
    """
    Refuse conditions on MFA for callers who never carry it: nobody would get in, or, by an operator that is true of
    who has none, everybody.

    Args:
        who: they are, to begin a sentence about several.
        conditions: what the role demands.

    Raises:
        ValueError: with the key.
    """
    for keys in (conditions or {}).values():
        for key in keys:
            if key.lower().startswith(_MFA):
                raise ValueError(
                    f"conditions cannot have {key}: {who} never carry MFA to IAM, so nobody would get in (or, with "
                    "IfExists, everybody); leave it out, and demand it where people sign in"
                )


def session_name_is_user_name() -> Block:
    """The session bears the name of the IAM user who begins it."""
    return {"StringLike": {"sts:RoleSessionName": USER_NAME}}


def source_identities(values: Iterable[str] | None) -> Block:
    """
    The source identity that the caller sets; it stays with the session, and with those chained from it.

    Args:
        values: what is accepted: texts, patterns with ``*``, or ``${aws:username}``.
    """
    if values is None:
        return {}
    listed = arguments.each(values, "source_identities", _source_identity)
    return {_equals_or_like(listed): {"sts:SourceIdentity": _one_or_more(listed)}}


def session_tags(tags: Mapping[str, Iterable[str]] | None, transitive: Iterable[str] | None) -> Block:
    """
    The tags that the caller passes: every one of these, and no other.

    Args:
        tags: key to accepted values; ``*`` accepts any.
        transitive: which of them the caller may pass on to sessions that are chained from this one. None leaves it to
            the caller.
    """
    if tags is None:
        if transitive is not None:
            raise ValueError(f"transitive_tags must be keys of session_tags, got {transitive!r} without session_tags")
        return {}
    keys = arguments.each(list(arguments.mapping(tags, "session_tags")), "session_tags", _tag_key)
    if len(keys) > _MOST_TAGS:
        raise ValueError(f"session_tags must be at most {_MOST_TAGS}, which is what a call can pass, got {len(keys)}")
    block: Block = {"ForAllValues:StringEquals": {"aws:TagKeys": _one_or_more(keys)}}
    for key in keys:
        values = arguments.each(tags[key], f"session_tags[{key!r}]", _tag_value)
        block.setdefault(_equals_or_like(values), {})[f"aws:RequestTag/{key}"] = _one_or_more(values)
    if transitive is not None:
        passed_on = arguments.each(transitive, "transitive_tags", _tag_key)
        for key in passed_on:
            arguments.one_of(key, "transitive_tags", keys)
        block["ForAllValues:StringEquals"]["sts:TransitiveTagKeys"] = _one_or_more(passed_on)
    return block


def _one_or_more(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _equals_or_like(values: list[str]) -> str:
    return "StringLike" if any("*" in value or "?" in value for value in values) else "StringEquals"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _public(value: str, argument: str) -> str:
    arguments.refuse_no_text(value, argument)
    accepted = "a public address or prefix like '192.0.2.0/24', with no bits set after the prefix"
    if arguments.is_token(value):
        _refuse_no_address(value, argument, accepted)
        known_later.note(value, argument, lambda text: _public(text, argument))
        return value
    if not isinstance(value, str):
        # A number is an address to Python.
        raise TypeError(f"{argument} must be {accepted}, got {value!r}")
    try:
        # Python also reads a mask ('/255.255.255.0') and the interface of an address ('%eth0'); what IAM makes of these
        # is not documented.
        found = ip_network(value) if re.fullmatch(r"[0-9a-fA-F.:]+(/[0-9]{1,3})?", value) else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"{argument} must be {accepted}, got {value!r}")
    if found.prefixlen == 0:
        raise ValueError(f"{argument} must be {accepted}, got {value!r}, which is every address")
    if any(found.version == unseen.version and found.subnet_of(unseen) for unseen in _UNSEEN):  # type: ignore[arg-type]
        raise ValueError(f"{argument} must be {accepted}, got {value!r}, which AWS never sees as aws:SourceIp")
    return value


def _refuse_no_address(value: str, argument: str, accepted: str) -> None:
    """Refuse a reference to what is no public address: an id, or an address inside a VPC."""
    found = references.attribute_of(value)
    if found is None:
        return
    kind = found.resource.cfn_resource_type
    if "Private" in found.name or (found.name in _NO_ADDRESSES and (kind, found.name) != (_ADDRESS, references.REF)):
        raise ValueError(f"{argument} must be {accepted}, got {references.shown(found)}")
    # A network may have public addresses of its own, and most have others.
    network = getattr(found.resource, "cidr_block", None) if found.name == "CidrBlock" else None
    if isinstance(network, str) and not arguments.is_token(network):
        _public(network, argument)


def _refuse_everywhere(values: list[str]) -> None:
    """Prefixes that are every address together are no demand, though none of them is by itself."""
    known = [ip_network(value) for value in values if not arguments.is_token(value)]
    fours = collapse_addresses(network for network in known if isinstance(network, IPv4Network))
    sixes = collapse_addresses(network for network in known if isinstance(network, IPv6Network))
    if any(network.prefixlen == 0 for network in fours) or any(network.prefixlen == 0 for network in sixes):
        raise ValueError(f"source_ips must leave some addresses out, got {values!r}, which is every address")


def _endpoint(value: str, argument: str) -> str:
    accepted = "the id of a VPC endpoint like 'vpce-0a1b2c3d'"
    arguments.matching(value, argument, r"vpce-[0-9a-f]{8,17}", accepted, {"AWS::EC2::VPCEndpoint": ("Ref", "Id")})
    if found := references.attribute_of(value):
        _refuse_other_service(found.resource, argument)
    return value


def _refuse_other_service(endpoint: cdk.CfnResource, argument: str) -> None:
    """Refuse an endpoint of the app that is none for AWS STS: no call of it comes that way."""
    service = stacks.stack_of(endpoint).resolve(getattr(endpoint, "service_name", None))
    # The Region in it may be known in a deployment only; a name that is a parameter, or imported, may be any.
    end = service["Fn::Join"][1][-1] if isinstance(service, dict) and "Fn::Join" in service else service
    name = end.rpartition(".")[2] if isinstance(end, str) else None
    if name is not None and name not in _STS_ENDPOINTS:
        raise ValueError(
            f"{argument} must be endpoints for AWS STS, since its calls come through no other, got "
            f"{endpoint.node.path}, which is for {name}"
        )


def _source_identity(value: str, argument: str) -> str:
    if value == USER_NAME:
        return value
    accepted = f"2 to 64 letters, digits or any of _+=,.@- (with * for any run of them), or {USER_NAME!r}"
    return arguments.matching(value, argument, r"\*|[\w+=,.@*-]{2,64}", accepted)


def _tag_key(value: str, argument: str) -> str:
    why = "it is a part of the name of a condition key, where CloudFormation takes no reference: write it out"
    arguments.refuse_token(value, argument, why)
    accepted = "the key of a tag: 1 to 128 letters, digits, spaces or any of _.:/=+-@, not beginning with 'aws:'"
    return arguments.matching(value, argument, r"(?!aws:)[\w .:/=+@-]{1,128}", accepted)


def _tag_value(value: str, argument: str) -> str:
    accepted = "the value of a tag: 1 to 256 letters, digits, spaces or any of _.:/=+-@ (with * for any run of them)"
    return arguments.matching(value, argument, r"[\w .:/=+@*-]{1,256}", accepted)
