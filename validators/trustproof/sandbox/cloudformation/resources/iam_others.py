"""
The rest of IAM: access keys, memberships, instance profiles, identity providers, MFA devices, service-linked roles and
server certificates.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_IAM.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    INTEGER,
    LIST,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
    changed_tags,
    random_part,
    removed_and_added,
    tags,
)
from trustproof.sandbox.moto.iam import IamError


class AccessKey(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-accesskey.html"""

    name = "AWS::IAM::AccessKey"
    properties: ClassVar[Mapping[str, str]] = {
        "Serial": INTEGER,
        "Status": STRING,
        "UserName": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"UserName"})
    create_only: ClassVar[frozenset[str]] = frozenset({"UserName", "Serial"})

    def create(self, place: Place, properties: Properties) -> Made:
        key = place.iam.create_access_key(str(properties["UserName"]), status=self._status(properties))
        return Made(key.access_key_id, {"Id": key.access_key_id, "SecretAccessKey": key.secret_access_key})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        place.iam.update_access_key(str(new["UserName"]), made.physical_id, self._status(new))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        if made.physical_id in place.iam.access_keys:
            place.iam.delete_access_key_by_name(made.physical_id)

    def _status(self, properties: Properties) -> str:
        status = str(properties.get("Status") or "Active")
        if status not in ("Active", "Inactive"):
            raise ResourceFailed(f"#/Status: {status} is not a valid enum value")
        return status


class UserToGroupAddition(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-usertogroupaddition.html"""

    name = "AWS::IAM::UserToGroupAddition"
    properties: ClassVar[Mapping[str, str]] = {
        "GroupName": STRING,
        "Users": LIST,
    }
    required: ClassVar[frozenset[str]] = frozenset({"GroupName", "Users"})

    def create(self, place: Place, properties: Properties) -> Made:
        try:
            self._bring(place, None, properties)
        except IamError:
            self._bring(place, properties, None)
            raise
        physical_id = f"{place.stack_name[:5]}-{place.logical_id[:4]}-{random_part()}"
        return Made(physical_id, {"Id": physical_id})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._bring(place, old, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._bring(place, properties, None)

    def _bring(self, place: Place, old: Properties | None, new: Properties | None) -> None:
        iam = place.iam
        before, after = (
            [(str(one["GroupName"]), str(user)) for user in one["Users"]] if one else [] for one in (old, new)
        )
        gone, added = removed_and_added(before, after)
        for group, user in gone:
            found = iam.groups.get(group)
            if found is not None and user in {member.name for member in found.users}:
                iam.remove_user_from_group(group, user)
        for group, user in added:
            iam.add_user_to_group(group, user)


class InstanceProfile(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-instanceprofile.html"""

    name = "AWS::IAM::InstanceProfile"
    name_property: str = "InstanceProfileName"
    identifier: str = "InstanceProfileName"
    properties: ClassVar[Mapping[str, str]] = {
        "InstanceProfileName": STRING,
        "Path": STRING,
        "Roles": LIST,
    }
    required: ClassVar[frozenset[str]] = frozenset({"Roles"})
    create_only: ClassVar[frozenset[str]] = frozenset({"InstanceProfileName", "Path"})

    def create(self, place: Place, properties: Properties) -> Made:
        name = str(properties.get("InstanceProfileName") or place.generated_name(128))
        profile = place.iam.create_instance_profile(name, str(properties.get("Path") or "/"), [self._role(properties)])
        return Made(name, {"Arn": profile.arn})

    def existing(self, place: Place, physical_id: str) -> Made:
        return Made(physical_id, {"Arn": place.iam.get_instance_profile(physical_id).arn})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        role = place.iam.get_role(self._role(new))
        place.iam.get_instance_profile(made.physical_id).roles[:] = [role]
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        if made.physical_id in place.iam.instance_profiles:
            place.iam.delete_instance_profile(made.physical_id, ignore_attached_roles=True)

    def _role(self, properties: Properties) -> str:
        roles = properties["Roles"]
        if len(roles) != 1:
            raise ResourceFailed("#/Roles: an instance profile has exactly one role")
        return str(roles[0])


class OIDCProvider(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-oidcprovider.html"""

    name = "AWS::IAM::OIDCProvider"
    identifier = "Arn"
    properties: ClassVar[Mapping[str, str]] = {
        "ClientIdList": LIST,
        "Tags": LIST,
        "ThumbprintList": LIST,
        "Url": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"Url"})
    create_only: ClassVar[frozenset[str]] = frozenset({"Url"})

    def create(self, place: Place, properties: Properties) -> Made:
        provider = place.iam.create_open_id_connect_provider(
            str(properties["Url"]),
            _texts(properties.get("ThumbprintList")),
            _texts(properties.get("ClientIdList")),
            tags(properties),
        )
        return Made(provider.arn, {"Arn": provider.arn})

    def existing(self, place: Place, physical_id: str) -> Made:
        place.iam.get_open_id_connect_provider(physical_id)
        return Made(physical_id, {"Arn": physical_id})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        iam, arn = place.iam, made.physical_id
        if old.get("ThumbprintList") != new.get("ThumbprintList"):
            iam.update_open_id_connect_provider_thumbprint(arn, _texts(new.get("ThumbprintList")))
        provider = iam.get_open_id_connect_provider(arn)
        gone, added = removed_and_added(_texts(old.get("ClientIdList")), _texts(new.get("ClientIdList")))
        for client_id in gone:
            if client_id in provider.client_id_list:
                iam.remove_client_id(arn, client_id)
        for client_id in added:
            iam.add_client_id(arn, client_id)
        keys, given = changed_tags(old, new)
        if keys:
            iam.untag_open_id_connect_provider(arn, keys)
        if given:
            iam.tag_open_id_connect_provider(arn, given)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.iam.delete_open_id_connect_provider(made.physical_id)


class SAMLProvider(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-samlprovider.html"""

    name = "AWS::IAM::SAMLProvider"
    name_property: str = "Name"
    properties: ClassVar[Mapping[str, str]] = {
        "AddPrivateKey": STRING,
        "AssertionEncryptionMode": STRING,
        "Name": STRING,
        "PrivateKeyList": LIST,
        "RemovePrivateKey": STRING,
        "SamlMetadataDocument": STRING,
        "Tags": LIST,
    }
    required: ClassVar[frozenset[str]] = frozenset({"SamlMetadataDocument"})
    create_only: ClassVar[frozenset[str]] = frozenset({"Name"})

    def create(self, place: Place, properties: Properties) -> Made:
        self._refuse_encryption(properties)
        name = str(properties.get("Name") or place.generated_name(128))
        provider = place.iam.create_saml_provider(name, str(properties["SamlMetadataDocument"]))
        provider.tags = tags(properties)
        provider.saml_provider_uuid = random_part()
        return Made(provider.arn, {"Arn": provider.arn, "SamlProviderUUID": provider.saml_provider_uuid})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._refuse_encryption(new)
        if old["SamlMetadataDocument"] != new["SamlMetadataDocument"]:
            place.iam.update_saml_provider(made.physical_id, str(new["SamlMetadataDocument"]))
        provider = place.iam.get_saml_provider(made.physical_id)
        provider.tags = _retagged(provider.tags, old, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.iam.delete_saml_provider(made.physical_id)

    def _refuse_encryption(self, properties: Properties) -> None:
        asked = {"AddPrivateKey", "AssertionEncryptionMode", "PrivateKeyList", "RemovePrivateKey"} & properties.keys()
        if asked:
            raise ResourceFailed(f"the sandbox does not decrypt assertions: {', '.join(sorted(asked))}")


class VirtualMFADevice(DeclaredType):
    """
    A device that nobody has yet: codes are what assigns it to a user, and a template has none.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-virtualmfadevice.html
    """

    name = "AWS::IAM::VirtualMFADevice"
    name_property: str = "VirtualMfaDeviceName"
    properties: ClassVar[Mapping[str, str]] = {
        "Path": STRING,
        "Tags": LIST,
        "Users": LIST,
        "VirtualMfaDeviceName": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"Users"})
    create_only: ClassVar[frozenset[str]] = frozenset({"VirtualMfaDeviceName", "Path"})

    def create(self, place: Place, properties: Properties) -> Made:
        for user in properties["Users"]:
            place.iam.get_user(str(user))
        name = str(properties.get("VirtualMfaDeviceName") or place.generated_name(128))
        device = place.iam.create_virtual_mfa_device(name, str(properties.get("Path") or "/"))
        device.tags = tags(properties)
        return Made(device.serial_number, {"SerialNumber": device.serial_number})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        for user in new["Users"]:
            place.iam.get_user(str(user))
        device = place.iam.virtual_mfa_devices[made.physical_id]
        device.tags = _retagged(device.tags, old, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        device = place.iam.virtual_mfa_devices.get(made.physical_id)
        if device is None:
            return
        if device.user is not None:
            place.iam.deactivate_mfa_device(device.user.name, made.physical_id)
        place.iam.delete_virtual_mfa_device(made.physical_id)


class ServiceLinkedRole(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-servicelinkedrole.html"""

    name = "AWS::IAM::ServiceLinkedRole"
    properties: ClassVar[Mapping[str, str]] = {
        "AWSServiceName": STRING,
        "CustomSuffix": STRING,
        "Description": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"AWSServiceName"})
    create_only: ClassVar[frozenset[str]] = frozenset({"CustomSuffix", "AWSServiceName"})

    def create(self, place: Place, properties: Properties) -> Made:
        service = str(properties["AWSServiceName"])
        if not service.endswith(".amazonaws.com"):
            raise ResourceFailed(f"#/AWSServiceName: {service} is not the name of a service")
        role = place.iam.create_service_linked_role(
            service, str(properties.get("Description") or ""), str(properties.get("CustomSuffix") or "")
        )
        return Made(role.name, {"RoleName": role.name})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        place.iam.update_role(made.physical_id, str(new.get("Description") or ""), None)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        if any(role.name == made.physical_id for role in place.iam.get_roles()):
            place.iam.delete_service_linked_role(made.physical_id)


class ServerCertificate(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-servercertificate.html"""

    name = "AWS::IAM::ServerCertificate"
    name_property: str = "ServerCertificateName"
    properties: ClassVar[Mapping[str, str]] = {
        "CertificateBody": STRING,
        "CertificateChain": STRING,
        "Path": STRING,
        "PrivateKey": STRING,
        "ServerCertificateName": STRING,
        "Tags": LIST,
    }
    required: ClassVar[frozenset[str]] = frozenset({"CertificateBody", "PrivateKey"})
    create_only: ClassVar[frozenset[str]] = frozenset(
        {"ServerCertificateName", "PrivateKey", "CertificateBody", "CertificateChain"}
    )

    def create(self, place: Place, properties: Properties) -> Made:
        name = str(properties.get("ServerCertificateName") or place.generated_name(128))
        certificate = place.iam.upload_server_certificate(
            name,
            str(properties["CertificateBody"]),
            str(properties["PrivateKey"]),
            properties.get("CertificateChain"),
            str(properties.get("Path") or "/"),
        )
        certificate.tags = tags(properties)
        return Made(name, {"Arn": certificate.arn})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        certificate = place.iam.get_server_certificate(made.physical_id)
        if old.get("Path") != new.get("Path"):
            certificate.path = str(new.get("Path") or "/")
        certificate.tags = _retagged(certificate.tags, old, new)
        return Made(made.physical_id, {"Arn": certificate.arn})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        if made.physical_id in {certificate.cert_name for certificate in place.iam.certificates.values()}:
            place.iam.delete_server_certificate(made.physical_id)


def _retagged(held: Any, old: Properties, new: Properties) -> list[dict[str, str]]:
    """The tags that something has when what differs between two states has been changed."""
    keys, given = changed_tags(old, new)
    now = {tag["Key"]: tag for tag in held or [] if tag["Key"] not in keys}
    return list({**now, **{tag["Key"]: tag for tag in given}}.values())


def _texts(values: Any) -> list[str]:
    return [str(value) for value in values or []]
