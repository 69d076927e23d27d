"""
A role for people of a SAML 2.0 identity provider.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import region_info
from constructs import Construct

from trustproof_cdk._arguments import arguments, regions
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import objects
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk._trust import demands
from trustproof_cdk._trust.trust import ASSUME_ROLE_WITH_SAML, SET_SOURCE_IDENTITY, TAG_SESSION, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

#: Partition to the endpoint that people of it sign in to the console at.
_SIGN_IN = {
    "aws": "https://signin.aws.amazon.com/saml",
    "aws-cn": "https://signin.amazonaws.cn/saml",
    "aws-us-gov": "https://signin.amazonaws-us-gov.com/saml",
}
_MAPPING = "SamlSignIn"
#: A provider in IAM: its ARN, or an object of the CDK.
_Provider: TypeAlias = "str | iam.ISamlProvider | iam.CfnSAMLProvider"
#: An endpoint of the console, of a Region or of all.
_CONSOLE = re.compile(
    r"https://((?P<region>[a-z0-9-]+)\.)?(?P<domain>signin\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com))"
    r"(?P<path>/.*)?"
)
#: Where the console takes assertions; encrypted ones at a path of each provider:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
_CONSOLE_PATH = re.compile(r"/saml(/acs/.+)?")

#: Attributes with one value, and attributes that may be lists, by the manual's ``[]``:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
_SINGLE = (
    "edupersonorgdn",
    "edupersonprimaryaffiliation",
    "edupersonprimaryorgunitdn",
    "edupersonprincipalname",
)
_LISTS = tuple(
    (
        "cn commonName edupersonaffiliation edupersonassurance edupersonentitlement edupersonnickname "
        "edupersonorgunitdn edupersonscopedaffiliation edupersontargetedid eduorghomepageuri "
        "eduorgidentityauthnpolicyuri eduorglegalname eduorgsuperioruri eduorgwhitepagesuri givenName mail name "
        "organizationStatus primaryGroupSID surname uid x500UniqueIdentifier"
    ).split()
)


@construct
class SamlRole(TrustingRole):
    """
    A role that people of a SAML 2.0 identity provider may assume.

    Which of its people may is for the provider to say, since it names the role in its assertion. `attributes` and
    `subjects` say it here as well.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html

    MFA is for the provider to demand: assertions do not carry ``aws:MultiFactorAuthPresent``. A provider that passes
    the method as a session tag can be held to it with `session_tags`.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        provider: by ARN, or a provider of this app.
        providers: several instead.
        audiences: endpoints that the assertion may be made out to (its *Recipient*). Default: the console's endpoint
            for the partition of the stack, or of a provider that is named by its ARN:
            ``https://signin.aws.amazon.com/saml`` in ``aws``. There are endpoints for Regions too, like
            ``https://eu-central-1.signin.aws.amazon.com/saml``.
        subject_type: how the provider names people: ``persistent``, ``transient``, or the full URI of another format.
            Default: any.
        subjects: names of the people who may, for a provider whose names are persistent. Default: all of its people.
        attributes: attribute to the accepted values, as the provider asserts it: ``eduPersonAffiliation``, ``mail`` and
            the others that IAM knows. Of an attribute with several values one must be accepted.
        session_tags: the assertion must carry exactly these session tags, each with one of the given values; ``*`` is
            any value.
        source_identities: the assertion must set one of these source identities; ``*`` stands for any run of
            characters.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: an attribute that IAM does not know, names of people who have none that lasts, or an argument that
            IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        provider: _Provider | None = None,
        providers: Iterable[_Provider] | None = None,
        audiences: Iterable[str] | None = None,
        subject_type: str | None = None,
        subjects: Iterable[str] | None = None,
        attributes: Mapping[str, str | Iterable[str]] | None = None,
        session_tags: Mapping[str, Iterable[str]] | None = None,
        source_identities: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        trusted = _providers(scope, provider, providers)
        endpoints = [_sign_in(scope, trusted)] if audiences is None else _endpoints(scope, audiences, trusted)
        tags = demands.session_tags(session_tags, None)
        identity = _source_identities(source_identities)
        demanded = conjoin(
            {"StringEquals": {"SAML:aud": endpoints}},
            _subjects(subject_type, subjects),
            _attributes({} if attributes is None else arguments.mapping(attributes, "attributes")),
            tags,
            identity,
            claimed.refuse_optional(conditions, "saml:"),
        )
        actions = [
            ASSUME_ROLE_WITH_SAML,
            *([SET_SOURCE_IDENTITY] if identity else []),
            *([TAG_SESSION] if tags else []),
        ]
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"Federated": trusted}, actions, demanded)],
            **options,
        )


def _providers(scope: Construct, one: _Provider | None, several: Iterable[_Provider] | None) -> list[str]:
    listed = _listed(scope, one, several)
    regions.of_partition(scope, listed, "provider" if several is None else "providers")
    if len(partitions := _partitions(listed)) > 1:
        raise ValueError(f"providers must be of one partition, that of the role, got {', '.join(sorted(partitions))}")
    return listed


def _partitions(providers: Iterable[str]) -> set[str]:
    """The partitions that the ARNs of providers name; those of the app say it when it is deployed."""
    named = (arn.split(":")[1] for arn in providers if arn.startswith("arn:"))
    return {partition for partition in named if not arguments.is_token(partition)}


def _listed(scope: Construct, one: _Provider | None, several: Iterable[_Provider] | None) -> list[str]:
    if several is None:
        return [_provider_arn(scope, one, "provider")]
    if one is not None:
        raise ValueError("provider and providers cannot be given together")
    if isinstance(several, (str, Mapping)) or not isinstance(several, Iterable):
        raise TypeError(f"providers must be a list of ARNs or providers, got {several!r}")
    given = arguments.once(several)
    listed = list(dict.fromkeys(_provider_arn(scope, provider, "providers") for provider in given))
    if not listed:
        raise ValueError("providers must have at least one entry, got none")
    return listed


def _provider_arn(scope: Construct, provider: _Provider | None, argument: str) -> str:
    accepted = "the ARN of a SAML provider like 'arn:aws:iam::111122223333:saml-provider/Corporate', or a provider"
    attribute = "attr_arn" if isinstance(provider, iam.CfnSAMLProvider) else "saml_provider_arn"
    arn = arguments.arn(provider, argument, attribute, accepted)
    if isinstance(provider, str):
        pattern = r"arn:(aws|aws-[a-z-]+):iam::[0-9]{12}:saml-provider/[\w.-]{1,128}"
        arguments.matching(provider, argument, pattern, accepted)
    objects.refuse_foreign_provider(scope, provider, attribute, argument)
    return arn


def _endpoint(value: str, argument: str) -> str:
    accepted = "an endpoint like 'https://signin.aws.amazon.com/saml', without wildcards"
    return arguments.matching(value, argument, r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(/[\w./-]*)?", accepted)


def _endpoints(scope: Construct, audiences: Iterable[str], providers: Iterable[str]) -> list[str]:
    """Endpoints that exist, and are those of the partition of the stack."""
    listed = arguments.each(audiences, "audiences", _endpoint)
    region = stacks.stack_of(scope).region
    if arguments.is_token(region):
        own = next((_SIGN_IN.get(partition) for partition in _partitions(providers)), None)
    else:
        own = _console(region)
    for endpoint in listed:
        found = None if arguments.is_token(endpoint) else _CONSOLE.fullmatch(endpoint)
        if found is None:
            continue
        if not _CONSOLE_PATH.fullmatch(found["path"] or ""):
            raise ValueError(f"audiences must end in '/saml', where the console takes assertions, got {endpoint!r}")
        if found["region"]:
            regions.region(found["region"], f"audiences (in {endpoint!r})")
        if own and found["domain"] not in own:
            raise ValueError(
                f"audiences must be endpoints of the partition of the stack, like {own!r}, got "
                f"{endpoint!r}, which is the console's of another one"
            )
    return listed


def _console(region: str) -> str | None:
    """The endpoint of the console for a Region, where the CDK knows it."""
    return region_info.RegionInfo.get(region).saml_sign_on_url or None


def _sign_in(scope: Construct, providers: Iterable[str]) -> str:
    """
    The endpoint of the console, which a deployment looks up where neither the Region of the stack is known nor the
    partition of a provider, without which the role is of no use.
    """
    stack = stacks.stack_of(scope)
    if not arguments.is_token(stack.region):
        endpoint = _console(stack.region)
        if endpoint is None:
            raise ValueError(
                f"audiences must be given for a stack in {stack.region}: the endpoint that people sign in to the "
                "console at is not known for the partition of this Region"
            )
        return endpoint
    # Of "aws", which most ARNs name that are written down, the mapping says the same.
    for partition in _partitions(providers) - {"aws"}:
        if partition not in _SIGN_IN:
            raise ValueError(
                f"audiences must be given for a provider in {partition}: the endpoint that people sign in to the "
                "console at is not known for this partition"
            )
        return _SIGN_IN[partition]
    found = stack.node.try_find_child(_MAPPING)
    mapping = (
        found
        if isinstance(found, cdk.CfnMapping)
        else cdk.CfnMapping(stack, _MAPPING, mapping={partition: {"Url": url} for partition, url in _SIGN_IN.items()})
    )
    return mapping.find_in_map(cdk.Aws.PARTITION, "Url")


def _subjects(subject_type: str | None, subjects: Iterable[str] | None) -> ConditionBlock:
    told: dict[str, list[str]] = {}
    if subject_type is not None:
        accepted = "'persistent', 'transient', or the URI of a format like 'urn:oasis:names:tc:SAML:1.1:…'"
        arguments.matching(subject_type, "subject_type", r"persistent|transient|[a-z]+:[\x21-\x7e]+", accepted)
        told["SAML:sub_type"] = [claimed.literal(subject_type, "subject_type")]
    if subjects is not None:
        if subject_type == "transient":
            raise ValueError("subjects cannot be given with subject_type='transient': such a name is used once")
        told["SAML:sub"] = arguments.each(subjects, "subjects", claimed.literal)
    return {"StringEquals": told} if told else {}


def _attributes(attributes: Mapping[str, str | Iterable[str]]) -> ConditionBlock:
    blocks: list[ConditionBlock] = []
    for name, accepted in attributes.items():
        values = arguments.each(claimed.several(accepted), f"attributes[{name!r}]", claimed.literal)
        blocks.append({_operator(name): {f"SAML:{name}": values}})
    return conjoin(*blocks)


def _operator(name: str) -> str:
    """``ForAnyValue`` for a list: ``ForAllValues`` would be true of an assertion without the attribute."""
    folded = name.lower()
    if folded in _SINGLE:
        return "StringEquals"
    if folded in (known.lower() for known in _LISTS):
        return "ForAnyValue:StringEquals"
    known = ", ".join(sorted((*_LISTS, *_SINGLE), key=str.lower))
    raise ValueError(f"attributes must be attributes that IAM knows ({known}), got {name!r}")


def _source_identities(values: Iterable[str] | None) -> ConditionBlock:
    listed = None if values is None else arguments.once(values)
    if isinstance(listed, Sequence) and any(one == demands.USER_NAME for one in listed):
        raise ValueError(f"source_identities cannot have {demands.USER_NAME!r}: people of a provider have no user name")
    return demands.source_identities(listed)
