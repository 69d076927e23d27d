"""
Calls of IAM that are checked here before moto sees them: the codes of MFA devices, and passwords that are changed.
"""

from __future__ import annotations

from trustproof.sandbox.authorization.actions.iam import implied_user, is_own_of_root
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import iam_of
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.iam.protected_roles import is_of_identity_center
from trustproof.sandbox.requests.wire import Answer, Call


def answer_instead(state: State, call: Call) -> Answer | None:
    """
    Check a call that is allowed, and answer it where moto cannot.

    Returns:
        None where moto is to answer.

    Raises:
        Refused: the codes are wrong, or the device is somebody's already.
        Undecided: whether IAM would do it is not known.
    """
    if call.service != "iam":
        return None
    if is_own_of_root(call):
        return _answer_of_root(call)
    _check_old_password(call)
    _check_tagged_role(call)
    if call.operation not in ("EnableMFADevice", "ResyncMFADevice"):
        return None
    parameters = call.parameters
    serial = str(parameters.get("SerialNumber") or "")
    if call.operation == "EnableMFADevice":
        _check_free(call.account, serial)
    else:
        _check_held(call.account, str(parameters.get("UserName") or implied_user(call) or ""), serial)
    first, second = (str(parameters.get(f"AuthenticationCode{number}") or "") for number in (1, 2))
    state.mfa.check_pair(serial, first, second)
    if call.operation == "EnableMFADevice":
        return None
    return _answer(call)


def _answer_of_root(call: Call) -> Answer:
    """
    What the root user asks about itself.

    It has no device here, since no call of the API gives it one.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_cliapi.html
    """
    if call.operation != "ListMFADevices":
        raise Undecided(f"the sandbox does not have {call.operation} of the root user's own")
    result = "<ListMFADevicesResult><MFADevices/><IsTruncated>false</IsTruncated></ListMFADevicesResult>"
    return _answer(call, result)


def _answer(call: Call, result: str = "") -> Answer:
    name = f"{call.operation}Response"
    metadata = f"<ResponseMetadata><RequestId>{call.http.id}</RequestId></ResponseMetadata>"
    return Answer(200, f"<{name}>{result}{metadata}</{name}>".encode())


def _check_old_password(call: Call) -> None:
    name = implied_user(call) if call.operation == "ChangePassword" else None
    user = None if name is None else iam_of(call.account).users.get(name)
    if user is not None and user.password and user.password != call.parameters.get("OldPassword"):
        # Assumed: the manual does not say which error it is.
        raise RefusedRequest("The old password is not that of the user.", "AccessDenied", 403)


def _check_tagged_role(call: Call) -> None:
    if call.operation not in ("TagRole", "UntagRole"):
        return
    name = call.parameters.get("RoleName")
    if any(role.name == name and is_of_identity_center(role) for role in iam_of(call.account).get_roles()):
        # The manual names no error by which IAM would refuse it, and policies let callers in by such tags.
        raise Undecided(f"whether IAM lets others than Identity Center tag {name} is not known")


def _check_held(account: str, name: str, serial: str) -> None:
    user = iam_of(account).users.get(name)
    if user is not None and serial not in user.mfa_devices:
        raise RefusedRequest(f"MFA Device with serial number {serial} not found for user {name}.", "NoSuchEntity", 404)


def _check_free(account: str, serial: str) -> None:
    if any(serial in user.mfa_devices for user in list(iam_of(account).users.values())):
        raise RefusedRequest("MFA Device is already in use.", "EntityAlreadyExists", 409)
