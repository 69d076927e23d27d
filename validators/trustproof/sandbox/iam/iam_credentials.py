"""
What users of IAM do about their own credentials, as far as moto has it not: their password, their credentials for
single services, and devices that are still in use.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html
"""

from __future__ import annotations

import secrets
from typing import Any, TypeAlias, cast

from trustproof.sandbox.iam.iam_rules import unique_id
from trustproof.sandbox.moto.iam import ActionResult, Backend, EmptyResult, IamError, IamResponse, User, utcnow

#: What has credentials of its own, and how many of them a user may have for each.
SERVICES = ("bedrock.amazonaws.com", "cassandra.amazonaws.com", "codecommit.amazonaws.com", "logs.amazonaws.com")
_QUOTA = 2
#: Without a password policy of the account.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
_SHORTEST = 8
_KINDS_OF_FOUR = 3
#: Of one user: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_DEVICES_QUOTA = 8
_STATUSES = ("Active", "Inactive")

_Credential: TypeAlias = "dict[str, Any]"


class CredentialsBackend(Backend):
    """
    Passwords, devices and credentials for single services of the users of an account.
    """

    def enable_mfa_device(
        self, user_name: str, serial_number: str, authentication_code_1: str, authentication_code_2: str
    ) -> None:
        """Give a user a device, of which it may have a few."""
        if len(self.get_user(user_name).mfa_devices) >= _DEVICES_QUOTA:
            raise IamError("LimitExceeded", f"Cannot exceed quota for MfaDevicesPerUser: {_DEVICES_QUOTA}")
        super().enable_mfa_device(user_name, serial_number, authentication_code_1, authentication_code_2)

    def delete_virtual_mfa_device(self, serial_number: str) -> None:
        """Delete a device that nobody uses."""
        if any(serial_number in user.mfa_devices for user in self.users.values()):
            raise IamError("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
        super().delete_virtual_mfa_device(serial_number)

    def change_password(self, user_name: str, new: str) -> None:
        """Change the password of a user who has one, and was asked for it."""
        user = self.get_user(user_name)
        if not user.password:
            raise IamError("NoSuchEntity", f"Login Profile for User {user_name} cannot be found.")
        self._check_password(user_name, new)
        user.password = new
        user.password_reset_required = False

    def create_login_profile(self, user_name: str, password: str) -> User:
        """Give a user a password."""
        if not self.get_user(user_name).password:
            self._check_password(user_name, password)
        made: User = super().create_login_profile(user_name, password)
        return made

    def update_login_profile(self, user_name: str, password: str | None, password_reset_required: bool | None) -> User:
        """
        Change what is given; moto would erase a password that is not.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html
        """
        user = self.get_login_profile(user_name)
        if password is not None:
            self._check_password(user_name, password)
            user.password = password
        if password_reset_required is not None:
            user.password_reset_required = password_reset_required
        return user

    def _check_password(self, user_name: str, password: str) -> None:
        policy = self.account_password_policy
        kinds = {
            "uppercase_characters": any(one.isupper() for one in password),
            "lowercase_characters": any(one.islower() for one in password),
            "numbers": any(one.isdigit() for one in password),
            "symbols": any(not one.isalnum() for one in password),
        }
        if policy is None:
            fits = len(password) >= _SHORTEST and sum(kinds.values()) >= _KINDS_OF_FOUR and password != user_name
        else:
            required = [has for kind, has in kinds.items() if getattr(policy, f"require_{kind}")]
            fits = len(password) >= int(policy.minimum_password_length) and all(required)
        if not fits:
            raise IamError("PasswordPolicyViolation", "Password does not conform to the account password policy.")

    def service_credentials(self, user_name: str) -> list[_Credential]:
        """Those of a user, in the order in which they were made."""
        user: User = self.get_user(user_name)
        return cast("list[_Credential]", vars(user).setdefault("service_credentials", []))

    def create_service_credential(self, user_name: str, service: str) -> _Credential:
        """Make one; its password is shown this once."""
        held = self.service_credentials(user_name)
        if service not in SERVICES:
            raise IamError("ServiceNotSupportedException", f"{service} has no service-specific credentials.")
        if sum(one["ServiceName"] == service for one in held) >= _QUOTA:
            raise IamError(
                "LimitExceeded", f"Cannot exceed quota for ServiceSpecificCredentialsPerUserPerService: {_QUOTA}"
            )
        made = {
            "CreateDate": utcnow(),
            "ServiceName": service,
            "ServiceUserName": f"{user_name}-at-{self.account_id}" + (f"-{len(held)}" if held else ""),
            "ServicePassword": secrets.token_urlsafe(32),
            "ServiceSpecificCredentialId": unique_id("ACCA"),
            "UserName": user_name,
            "Status": "Active",
        }
        held.append(made)
        return made

    def service_credential(self, user_name: str, ident: str) -> _Credential:
        """One of a user's, by its id."""
        for one in self.service_credentials(user_name):
            if one["ServiceSpecificCredentialId"] == ident:
                return one
        raise IamError("NoSuchEntity", f"Service Specific Credential {ident} cannot be found.")


class CredentialsResponse(IamResponse):
    """
    The operations about them.
    """

    def change_password(self) -> ActionResult:
        """ChangePassword, of the caller, whose name the gateway adds to what the operation has."""
        user = str(self.form_data.get("UserName"))
        self._of_credentials.change_password(user, self._get_param("NewPassword"))
        return EmptyResult()

    def create_login_profile(self) -> ActionResult:
        """CreateLoginProfile, of a user who may have to change the password, which moto would ignore."""
        made, is_required = super().create_login_profile(), self._get_param("PasswordResetRequired")
        if is_required is None:
            return made
        self._of_credentials.update_login_profile(self._get_param("UserName"), None, is_required)
        return super().get_login_profile()

    def create_service_specific_credential(self) -> ActionResult:
        """CreateServiceSpecificCredential."""
        made = self._of_credentials.create_service_credential(
            self._get_param("UserName"), self._get_param("ServiceName")
        )
        return ActionResult({"ServiceSpecificCredential": made})

    def list_service_specific_credentials(self) -> ActionResult:
        """ListServiceSpecificCredentials, without the passwords."""
        service = self._get_param("ServiceName")
        held = [
            {key: value for key, value in one.items() if key != "ServicePassword"}
            for one in self._of_credentials.service_credentials(self._get_param("UserName"))
            if service in (None, one["ServiceName"])
        ]
        return ActionResult({"ServiceSpecificCredentials": held})

    def reset_service_specific_credential(self) -> ActionResult:
        """ResetServiceSpecificCredential: another password."""
        found = self._named()
        found["ServicePassword"] = secrets.token_urlsafe(32)
        return ActionResult({"ServiceSpecificCredential": found})

    def update_service_specific_credential(self) -> ActionResult:
        """UpdateServiceSpecificCredential: in use, or not."""
        found, status = self._named(), self._get_param("Status")
        if status not in _STATUSES:
            raise IamError("ValidationError", f"Status must be one of {', '.join(_STATUSES)}")
        found["Status"] = status
        return EmptyResult()

    def delete_service_specific_credential(self) -> ActionResult:
        """DeleteServiceSpecificCredential."""
        found = self._named()
        self._of_credentials.service_credentials(self._get_param("UserName")).remove(found)
        return EmptyResult()

    def _named(self) -> _Credential:
        return self._of_credentials.service_credential(
            self._get_param("UserName"), self._get_param("ServiceSpecificCredentialId")
        )

    @property
    def _of_credentials(self) -> CredentialsBackend:
        return cast("CredentialsBackend", super().backend)
