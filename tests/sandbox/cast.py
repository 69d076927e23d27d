"""
Users, roles and devices for tests, made by real calls.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from itertools import count
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from botocore.session import get_session

from trustproof.sandbox import Sandbox

HOME, OTHER = "111122223333", "222233334444"
VERSION = "2012-10-17"
IMAGE = "Windows_Server-2016-English-Nano-Base-2017.10.13"


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": VERSION, "Statement": list(statements)})


def trust(principal: Any, action: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def root(account: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account}:root"}


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """The code and the message with which a call is refused."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("it was allowed")


@cache
def model_of(service: str) -> ServiceModel:
    """What botocore knows of a service, read once: to make a session takes longer than most that is asked of it."""
    return get_session().get_service_model(service)


class Cast:
    """
    Everybody who calls.
    """

    def __init__(self, aws: Sandbox) -> None:
        self.aws = aws
        #: By account: a client, and until when its session lasts at least.
        self._iam: dict[str, tuple[Any, float]] = {}
        self._numbers = count()

    def iam(self, account: str = HOME) -> Any:
        now = self.aws.clock.now()
        if account not in self._iam or self._iam[account][1] < now:
            self._iam[account] = (self.aws.client("iam", account=account), now + 1_800)
        return self._iam[account][0]

    def user(self, *statements: Mapping[str, Any], account: str = HOME, **more: Any) -> dict[str, str]:
        """A user with these statements: its keys, name and ARN."""
        name = f"user{next(self._numbers)}"
        arn = self.iam(account).create_user(UserName=name, **more)["User"]["Arn"]
        if statements:
            self.iam(account).put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
        keys = self.iam(account).create_access_key(UserName=name)["AccessKey"]
        return {**keys, "Name": name, "Arn": arn, "Account": account}

    def role(self, *statements: Mapping[str, Any], account: str = HOME, may: Any = (), **more: Any) -> str:
        """The ARN of a role with these trust statements."""
        name = f"role{next(self._numbers)}"
        made = self.iam(account).create_role(RoleName=name, AssumeRolePolicyDocument=policy(*statements), **more)
        if may:
            self.iam(account).put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*may))
        return str(made["Role"]["Arn"])

    def device(self, user: Mapping[str, str]) -> str:
        """The serial number of a device that is enabled for a user."""
        iam = self.iam(user["Account"])
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=user["Name"])["VirtualMFADevice"]
        serial = str(made["SerialNumber"])
        self.aws.clock.advance(90)
        iam.enable_mfa_device(
            UserName=user["Name"],
            SerialNumber=serial,
            AuthenticationCode1=self.aws.code(serial),
            AuthenticationCode2=self.aws.code(serial),
        )
        return serial

    def code(self, serial: str) -> str:
        """A code that counts."""
        self.aws.clock.advance(60)
        return self.aws.code(serial)

    def image(self) -> str:
        """An image of Amazon's: one by its name, since to read the list of all of them takes a second."""
        only = [{"Name": "name", "Values": [IMAGE]}]
        (found,) = self.aws.client("ec2", account=HOME).describe_images(Filters=only)["Images"]
        return str(found["ImageId"])

    def sts(self, keys: Mapping[str, Any]) -> Any:
        return self.aws.client("sts", keys)

    def assume(self, keys: Mapping[str, Any], role: str, session: str = "s-1", **more: Any) -> Any:
        return self.sts(keys).assume_role(RoleArn=role, RoleSessionName=session, **more)
