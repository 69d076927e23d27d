"""
Tags of SAML providers, MFA devices and server certificates.
"""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("moto", reason="the extra `sandbox` is not installed")

from botocore.exceptions import ClientError

from tests.sandbox.cast import HOME, Cast, allow, refusal

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"
KEY = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----"


def _tagged_provider(cast: Cast, tags: list[dict[str, str]]) -> tuple[str, dict[str, str]]:
    document = cast.aws.new_provider("tagged")
    made = cast.iam(HOME).create_saml_provider(Name="tagged", SAMLMetadataDocument=document, Tags=tags)
    return "saml_provider", {"SAMLProviderArn": made["SAMLProviderArn"]}


def _tagged_device(cast: Cast, tags: list[dict[str, str]]) -> tuple[str, dict[str, str]]:
    made = cast.iam(HOME).create_virtual_mfa_device(VirtualMFADeviceName="tagged", Tags=tags)
    return "mfa_device", {"SerialNumber": made["VirtualMFADevice"]["SerialNumber"]}


def _tagged_certificate(cast: Cast, tags: list[dict[str, str]]) -> tuple[str, dict[str, str]]:
    name = {"ServerCertificateName": "tagged"}
    cast.iam(HOME).upload_server_certificate(**name, CertificateBody=CERTIFICATE, PrivateKey=KEY, Tags=tags)
    return "server_certificate", name


@pytest.mark.parametrize("make", [_tagged_provider, _tagged_device, _tagged_certificate])
def test_what_moto_keeps_without_tags_has_some(cast: Cast, make: Any) -> None:
    """They are made with it, added, changed by case and taken away; those of AWS and too many are refused."""
    iam = cast.iam(HOME)
    kind, named = make(cast, [{"Key": "team", "Value": "red"}])

    def tags() -> dict[str, str]:
        found = getattr(iam, f"list_{kind}_tags")(**named)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in found}

    tag, untag = getattr(iam, f"tag_{kind}"), getattr(iam, f"untag_{kind}")
    assert tags() == {"team": "red"}
    tag(**named, Tags=[{"Key": "team", "Value": "blue"}, {"Key": "Team", "Value": ""}])
    assert tags() == {"team": "blue", "Team": ""}
    untag(**named, TagKeys=["team", "none"])
    assert tags() == {"Team": ""}
    with pytest.raises(ClientError, match="InvalidInput"):
        tag(**named, Tags=[{"Key": "aws:team", "Value": "red"}])
    for start in (0, 25):
        many = [{"Key": f"k{number}", "Value": ""} for number in range(start, start + 25)]
        if start == 25:
            with pytest.raises(ClientError, match="LimitExceeded"):
                tag(**named, Tags=many)
        else:
            tag(**named, Tags=many)
    assert len(tags()) == 26


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        ("tag_saml_provider", {"SAMLProviderArn": f"arn:aws:iam::{HOME}:saml-provider/none"}),
        ("tag_mfa_device", {"SerialNumber": f"arn:aws:iam::{HOME}:mfa/none"}),
        ("tag_server_certificate", {"ServerCertificateName": "none"}),
    ],
)
def test_what_is_not_there_has_no_tags(cast: Cast, operation: str, named: dict[str, str]) -> None:
    """The error is that of IAM."""
    with pytest.raises(ClientError, match="NoSuchEntity"):
        getattr(cast.iam(HOME), operation)(**named, Tags=[{"Key": "a", "Value": "b"}])


def test_a_certificate_is_named_with_its_path(cast: Cast) -> None:
    """A Deny of the certificates under a path holds for a request that says the name alone, as IAM's own ARN has it."""
    name = {"ServerCertificateName": "with-path"}
    cast.iam(HOME).upload_server_certificate(**name, CertificateBody=CERTIFICATE, PrivateKey=KEY, Path="/cloudfront/")
    deny = {**allow("iam:*", f"arn:aws:iam::{HOME}:server-certificate/cloudfront/*"), "Effect": "Deny"}
    iam = cast.aws.client("iam", cast.user(allow("iam:*"), deny))
    assert refusal(lambda: iam.delete_server_certificate(**name))[0] == "AccessDenied"
