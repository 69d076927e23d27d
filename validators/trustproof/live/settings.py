"""
What decides besides policies who may do what: providers and pools of identities, settings against public access,
function URLs, aliases of keys.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from trustproof.live import buckets
from trustproof.live.account import LiveAccount
from trustproof.live.buckets import BLOCK, BucketAccess, bucket_access, public_access_blocks
from trustproof.live.errors import CannotCheck
from trustproof.live.policy_comparison import DIFFERS, SAME, Comparison, cannot_compare

ALIAS = "AWS::KMS::Alias"
_NONE = "none"


class Setting(NamedTuple):
    """
    Settings of one resource.
    """

    #: What it is called: `provider arn:…`.
    subject: str
    #: Setting to value, in words.
    wanted: Mapping[str, str]
    #: Of the call that tells what is deployed: service, operation, parameters, Region.
    call: tuple[str, str, Mapping[str, Any], str]
    #: Of the answer, which is empty where there is nothing: setting to value.
    read: Callable[[Mapping[str, Any]], Mapping[str, str]]
    #: Codes of errors that mean that there is nothing.
    absent: tuple[str, ...] = ()

    def compare(self, account: LiveAccount) -> Comparison:
        """Compare with what is deployed."""
        service, operation, parameters, region = self.call
        try:
            found = self.read(account.call(service, operation, parameters, region, self.absent) or {})
        except CannotCheck as error:
            return cannot_compare(error)
        return compare_settings(self.wanted, found)


def settings_of(
    type_name: str, physical_id: str, properties: Mapping[str, Any], account: str, region: str
) -> Setting | BucketAccess | None:
    """
    What a resource of a template says; None where it says nothing that is compared.

    Raises:
        Refused: what it says is not known.
    """
    reader = _READERS.get(type_name)
    return None if reader is None else reader(physical_id, properties, account, region)


def _oidc(physical_id: str, properties: Mapping[str, Any], _account: str, region: str) -> Setting:
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html
    clients = properties.get("ClientIdList", properties.get("ClientIDList"))
    wanted = {"client ids": _listed(clients)}
    if properties.get("ThumbprintList"):
        # Without them IAM finds them out.
        wanted["thumbprints"] = _in_small_letters(properties["ThumbprintList"])
    return Setting(
        f"provider {physical_id}",
        wanted,
        ("iam", "GetOpenIDConnectProvider", {"OpenIDConnectProviderArn": physical_id}, region),
        lambda answer: {
            "client ids": _listed(answer.get("ClientIDList")),
            "thumbprints": _in_small_letters(answer.get("ThumbprintList")),
        },
        ("NoSuchEntity",),
    )


def _saml(physical_id: str, properties: Mapping[str, Any], _account: str, region: str) -> Setting | None:
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetSAMLProvider.html
    wanted = {}
    if "SamlMetadataDocument" in properties:
        wanted["metadata"] = _metadata(str(properties["SamlMetadataDocument"]))
    if "AssertionEncryptionMode" in properties:
        wanted["assertion encryption"] = str(properties["AssertionEncryptionMode"])
    return Setting(
        f"provider {physical_id}",
        wanted,
        ("iam", "GetSAMLProvider", {"SAMLProviderArn": physical_id}, region),
        lambda answer: {
            "metadata": _metadata(str(answer.get("SAMLMetadataDocument", ""))),
            "assertion encryption": str(answer.get("AssertionEncryptionMode", _NONE)),
        },
        ("NoSuchEntity",),
    )


def _profile(physical_id: str, properties: Mapping[str, Any], _account: str, region: str) -> Setting:
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html
    return Setting(
        f"instance profile {physical_id}",
        {"roles": _listed(properties.get("Roles"))},
        ("iam", "GetInstanceProfile", {"InstanceProfileName": physical_id}, region),
        lambda answer: {
            "roles": _listed([one["RoleName"] for one in (answer.get("InstanceProfile") or {}).get("Roles") or []])
        },
        ("NoSuchEntity",),
    )


def _url(_id: str, properties: Mapping[str, Any], _account: str, region: str) -> Setting:
    # https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionUrlConfig.html
    function = str(properties["TargetFunctionArn"])
    given = {"FunctionName": function}
    if "Qualifier" in properties:
        given["Qualifier"] = str(properties["Qualifier"])
    return Setting(
        f"function URL of {function}",
        {"AuthType": str(properties["AuthType"])},
        ("lambda", "GetFunctionUrlConfig", given, region),
        lambda answer: {"AuthType": str(answer.get("AuthType", _NONE))},
        ("ResourceNotFoundException",),
    )


def _access_point(physical_id: str, properties: Mapping[str, Any], account: str, region: str) -> Setting | None:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPoint.html
    wanted = public_access_blocks(properties[BLOCK]) if BLOCK in properties else {}
    wanted["VPC"] = str((properties.get("VpcConfiguration") or {}).get("VpcId", _NONE))
    return Setting(
        f"access point {physical_id}",
        wanted,
        ("s3control", "GetAccessPoint", {"AccountId": account, "Name": physical_id}, region),
        lambda answer: {
            **public_access_blocks(answer.get(BLOCK)),
            "VPC": str((answer.get("VpcConfiguration") or {}).get("VpcId", _NONE)),
        },
        ("NoSuchAccessPoint",),
    )


def _alias(physical_id: str, properties: Mapping[str, Any], _account: str, region: str) -> Setting:
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
    return Setting(
        physical_id,
        {"key": str(properties["TargetKeyId"]).rpartition("/")[2]},
        ("kms", "DescribeKey", {"KeyId": physical_id}, region),
        lambda answer: {"key": str((answer.get("KeyMetadata") or {}).get("KeyId", _NONE))},
        ("NotFoundException",),
    )


def _pool(physical_id: str, properties: Mapping[str, Any], _account: str, region: str) -> Setting:
    # https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_DescribeIdentityPool.html
    return Setting(
        f"identity pool {physical_id}",
        _ways_into_a_pool(properties),
        ("cognito-identity", "DescribeIdentityPool", {"IdentityPoolId": physical_id}, region),
        _ways_into_a_pool,
    )


def _users(physical_id: str, properties: Mapping[str, Any], _account: str, region: str) -> Setting | None:
    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html
    given = properties.get("AdminCreateUserConfig") or {}
    if "AllowAdminCreateUserOnly" not in given:
        return None
    return Setting(
        f"user pool {physical_id}",
        _who_registers(given),
        ("cognito-idp", "DescribeUserPool", {"UserPoolId": physical_id}, region),
        lambda answer: _who_registers((answer.get("UserPool") or {}).get("AdminCreateUserConfig") or {}),
    )


def _who_registers(given: Mapping[str, Any]) -> dict[str, str]:
    """Whether people register themselves, and then have what users of the pool have."""
    return {"AllowAdminCreateUserOnly": _is_set(given.get("AllowAdminCreateUserOnly"))}


def _ways_into_a_pool(given: Mapping[str, Any]) -> dict[str, str]:
    """Who gets credentials of a pool, and how; properties and answers have the same names."""
    pools = [
        " ".join(
            (
                str(one.get("ProviderName", _NONE)),
                str(one.get("ClientId", _NONE)),
                # Whether tokens of somebody who has signed out still count.
                f"ServerSideTokenCheck={_is_set(one.get('ServerSideTokenCheck'))}",
            )
        )
        for one in given.get("CognitoIdentityProviders") or ()
    ]
    logins = given.get("SupportedLoginProviders") or {}
    return {
        "AllowUnauthenticatedIdentities": _is_set(given.get("AllowUnauthenticatedIdentities")),
        "AllowClassicFlow": _is_set(given.get("AllowClassicFlow")),
        "CognitoIdentityProviders": _listed(pools),
        "OpenIdConnectProviderARNs": _listed(given.get("OpenIdConnectProviderARNs")),
        "SamlProviderARNs": _listed(given.get("SamlProviderARNs")),
        "SupportedLoginProviders": _listed([f"{name} {client}" for name, client in logins.items()]),
        "DeveloperProviderName": str(given.get("DeveloperProviderName") or _NONE),
    }


def _is_set(value: object) -> str:
    return str(value or False).lower()


_READERS: dict[str, Callable[[str, Mapping[str, Any], str, str], Setting | BucketAccess | None]] = {
    "AWS::Cognito::IdentityPool": _pool,
    "AWS::Cognito::UserPool": _users,
    # What CDK's OpenIdConnectProvider makes with a function of its own.
    "Custom::AWSCDKOpenIdConnectProvider": _oidc,
    "AWS::IAM::InstanceProfile": _profile,
    "AWS::IAM::OIDCProvider": _oidc,
    "AWS::IAM::SAMLProvider": _saml,
    # By its alias a key is found, and policies may say which (`kms:ResourceAliases`).
    ALIAS: _alias,
    "AWS::Lambda::Url": _url,
    "AWS::S3::AccessPoint": _access_point,
    buckets.TYPE: bucket_access,
}
#: The types that have settings.
TYPES = tuple(_READERS)


def compare_settings(wanted: Mapping[str, str], found: Mapping[str, str]) -> Comparison:
    """Compare names and values; what is not wanted is not asked for."""
    lines = [
        f"{name}: template: {value or _NONE}; deployed: {found.get(name) or _NONE}"
        for name, value in wanted.items()
        if value != found.get(name, _NONE)
    ]
    return Comparison(DIFFERS, tuple(lines)) if lines else Comparison(SAME)


def _listed(values: Sequence[Any] | None) -> str:
    return ", ".join(sorted({str(value) for value in values or ()})) or _NONE


def _in_small_letters(values: Sequence[Any] | None) -> str:
    """Numbers in hexadecimal digits, in the order that they have in small letters."""
    return _listed([str(value).lower() for value in values or ()])


def _metadata(text: str) -> str:
    """A document in few words: two are the same where they differ in white space only."""
    bare = re.sub(r">\s+<", "><", " ".join(text.split()))
    return f"sha256 {hashlib.sha256(bare.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
