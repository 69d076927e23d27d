"""
What CloudFormation reads for whoever deploys: parameters of Systems Manager, and the templates of nested stacks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
"""

from __future__ import annotations

from dataclasses import replace

from trustproof.sandbox.authorization.actions import s3, systems_manager
from trustproof.sandbox.authorization.actions.cloudformation import object_of
from trustproof.sandbox.authorization.actions.mapping import needs_of
from trustproof.sandbox.authorization.authorize import Unauthorized, authorize
from trustproof.sandbox.authorization.context import FORWARDED, Need
from trustproof.sandbox.authorization.effective_caller import effective_caller
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.requests.wire import Call, HttpRequest
from trustproof.sandbox.services.service_roles import CLOUDFORMATION_SESSION, session_of


def ask_parameter(
    state: State,
    account: str,
    region: str,
    partition: str,
    role_arn: str | None,
    name: str,
    *,
    in_properties: bool = False,
) -> None:
    """
    See that a parameter of Systems Manager may be read.

    Args:
        state: of the sandbox.
        account: of the stack.
        region: likewise.
        partition: likewise.
        role_arn: of the role that the stack is handed; None without one.
        name: of the parameter, or its ARN.
        in_properties: whether it is the value of a property: then it is not known who of the two reads it.

    Raises:
        Refused: whoever deploys may not read it.
        Undecided: that cannot be decided; also where the caller may, and the role of the stack may not.
    """
    credentials = effective_caller()
    if credentials is None:
        return
    arn = f"arn:{partition}:ssm:{region}:{account}:parameter/{name.partition(':')[0].lstrip('/')}"
    (about,) = systems_manager.as_named([name if name.startswith("arn:") else arn])
    need = Need("ssm:GetParameters", about, account, unknown=FORWARDED)
    if systems_manager.is_of_aws(about):
        need = systems_manager.of_aws(need, account)
    if role_arn is None:
        authorize(state, credentials.caller, credentials, [need], {}, region)
        return
    # The deploy role of the CDK may read the version of its bootstrap stack only, and apps with other parameters are
    # deployed with it, like the public ones of images: so the role of the stack may read for it.
    denials: list[Unauthorized] = []
    for role in (role_arn, None):
        try:
            if role is not None:
                _as_role(state, role, need, region)
            else:
                authorize(state, credentials.caller, credentials, [need], {}, region)
        except Unauthorized as denied:
            denials.append(denied)
        else:
            if not in_properties and not denials:
                return
    if len(denials) == 2:
        raise denials[1]
    if denials:
        raise Undecided(f"whether the caller reads {name}, or the role of the stack: {denials[0].message}")


def ask_secret(state: State, region: str, partition: str, role_arn: str | None, secret: str) -> None:
    """
    See that a secret may be read, and decrypted: whether as the caller or as the role of the stack is not documented.

    Args:
        state: of the sandbox.
        region: of the stack.
        partition: likewise.
        role_arn: of the role that the stack is handed; None without one.
        secret: its name or ARN.

    Raises:
        Refused: it may not be read.
        Undecided: that cannot be decided; also where only one of the two may.
    """
    credentials = effective_caller()
    if credentials is None:
        return
    denials: list[Unauthorized] = []
    readers = [credentials]
    if role_arn is not None:
        session = session_of(state, role_arn, CLOUDFORMATION_SESSION)
        if session is None:
            raise RefusedRequest(f"Role {role_arn} is invalid or cannot be assumed", "ValidationError")
        readers.append(session)
    for reader in readers:
        given = {"SecretId": secret}
        request = HttpRequest("POST", "/", "", {}, b"", {})
        call = Call(request, "secretsmanager", "GetSecretValue", given, region, partition, reader)
        needs = [replace(need, unknown=(*need.unknown, *FORWARDED)) for need in needs_of(call)]
        try:
            authorize(state, reader.caller, reader, needs, {}, region)
        except Unauthorized as denied:
            denials.append(denied)
    if len(denials) == len(readers):
        raise denials[0]
    if denials:
        raise Undecided(f"whether the caller reads the secret, or the role of the stack: {denials[0].message}")


def ask_template(state: State, region: str, partition: str, role_arn: str | None, url: str) -> None:
    """
    See that the template of a nested stack may be read: by the role of the stack, where it has one.

    Args:
        state: of the sandbox.
        region: of the stack.
        partition: likewise.
        role_arn: of the role that the stack is handed; None without one.
        url: of the template.

    Raises:
        Refused: it may not be read.
        Undecided: that cannot be decided.
    """
    credentials = effective_caller()
    if credentials is None:
        return
    # The account that calls is the stack's: there its role is, too.
    call = Call(HttpRequest("GET", "/", "", {}, b"", {}), "s3", "GetObject", {}, region, partition, credentials)
    need = s3.reads_for(call, *object_of(url))
    if role_arn is not None:
        _as_role(state, role_arn, need, region)
    else:
        authorize(state, credentials.caller, credentials, [need], {}, region)


def _as_role(state: State, role_arn: str, need: Need, region: str) -> None:
    session: Credentials | None = session_of(state, role_arn, CLOUDFORMATION_SESSION)
    if session is None:
        raise RefusedRequest(f"Role {role_arn} is invalid or cannot be assumed", "ValidationError")
    authorize(state, session.caller, session, [need], {}, region)
