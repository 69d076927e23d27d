"""
Tags of what moto keeps without any: SAML providers, virtual MFA devices and server certificates.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagSAMLProvider.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagMFADevice.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagServerCertificate.html
"""

from __future__ import annotations

from typing import Any

from trustproof.sandbox.iam.iam_credentials import CredentialsResponse
from trustproof.sandbox.iam.iam_tags import check_not_reserved, check_number
from trustproof.sandbox.moto.iam import ActionResult, EmptyResult, IamError


class FurtherTagsResponse(CredentialsResponse):
    """
    The operations about them.
    """

    def create_saml_provider(self) -> ActionResult:
        """CreateSAMLProvider, with tags."""
        tags = self._given_tags()
        made = super().create_saml_provider()
        provider: Any = self.backend.saml_providers[self._get_param("Name")]
        provider.tags = tags
        return made

    def create_virtual_mfa_device(self) -> ActionResult:
        """CreateVirtualMFADevice, with tags."""
        tags = self._given_tags()
        before = set(self.backend.virtual_mfa_devices)
        made = super().create_virtual_mfa_device()
        for serial in self.backend.virtual_mfa_devices.keys() - before:
            device: Any = self.backend.virtual_mfa_devices[serial]
            device.tags = tags
        return made

    def upload_server_certificate(self) -> ActionResult:
        """UploadServerCertificate, with tags."""
        tags = self._given_tags()
        made = super().upload_server_certificate()
        self._certificate().tags = tags
        return made

    def tag_saml_provider(self) -> ActionResult:
        """TagSAMLProvider."""
        return self._tag(self._saml_provider())

    def untag_saml_provider(self) -> ActionResult:
        """UntagSAMLProvider."""
        return self._untag(self._saml_provider())

    def list_saml_provider_tags(self) -> ActionResult:
        """ListSAMLProviderTags."""
        return _listed(self._saml_provider())

    def tag_mfa_device(self) -> ActionResult:
        """TagMFADevice."""
        return self._tag(self._mfa_device())

    def untag_mfa_device(self) -> ActionResult:
        """UntagMFADevice."""
        return self._untag(self._mfa_device())

    def list_mfa_device_tags(self) -> ActionResult:
        """ListMFADeviceTags."""
        return _listed(self._mfa_device())

    def tag_server_certificate(self) -> ActionResult:
        """TagServerCertificate."""
        return self._tag(self._certificate())

    def untag_server_certificate(self) -> ActionResult:
        """UntagServerCertificate."""
        return self._untag(self._certificate())

    def list_server_certificate_tags(self) -> ActionResult:
        """ListServerCertificateTags."""
        return _listed(self._certificate())

    def _given_tags(self) -> list[dict[str, str]]:
        return _together([], self._get_param("Tags") or [])

    def _tag(self, entity: Any) -> ActionResult:
        entity.tags = _together(getattr(entity, "tags", None) or [], self._given_tags())
        return EmptyResult()

    def _untag(self, entity: Any) -> ActionResult:
        gone = self._get_param("TagKeys") or []
        entity.tags = [tag for tag in getattr(entity, "tags", None) or [] if tag["Key"] not in gone]
        return EmptyResult()

    def _saml_provider(self) -> Any:
        return self.backend.get_saml_provider(self._get_param("SAMLProviderArn"))

    def _mfa_device(self) -> Any:
        serial = self._get_param("SerialNumber")
        found = self.backend.virtual_mfa_devices.get(serial)
        if found is None:
            raise IamError("NoSuchEntity", f"MFA device with serial number {serial} does not exist.")
        return found

    def _certificate(self) -> Any:
        return self.backend.get_server_certificate(self._get_param("ServerCertificateName"))


def _together(held: list[dict[str, str]], new: list[dict[str, str]]) -> list[dict[str, str]]:
    """
    Tags with others added; other than those of users and roles, their keys are told apart by case.

    Raises:
        IamError: one is AWS's, or there are too many.
    """
    check_not_reserved(new)
    found = {tag["Key"]: str(tag.get("Value") or "") for tag in (*held, *new)}
    check_number(set(found))
    return [{"Key": key, "Value": value} for key, value in found.items()]


def _listed(entity: Any) -> ActionResult:
    tags = getattr(entity, "tags", None) or []
    return ActionResult({"Tags": sorted(tags, key=lambda tag: str(tag["Key"])), "IsTruncated": False})
