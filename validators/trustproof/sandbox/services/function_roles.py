"""
What the role of a function must be able to do before Lambda takes what is said of the function: where it sends what
fails, from which network it calls, which file systems it mounts, and what it reads.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.sandbox.authorization.actions.common import account_in
from trustproof.sandbox.authorization.actions.resource_accounts import function_name
from trustproof.sandbox.authorization.authorize import decide_need
from trustproof.sandbox.authorization.context import FORWARDED, Need
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.carriers import file_system_of, networks_of_function, role_of_function
from trustproof.sandbox.moto.policies import resource_policy
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.services.service_roles import session_of

#: What a function needs of what it reads.
#: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaSQSQueueExecutionRole.html
_READS = {
    "dynamodb": ("DescribeStream", "GetRecords", "GetShardIterator"),
    "kinesis": ("DescribeStream", "GetRecords", "GetShardIterator"),
    "sqs": ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage"),
}
#: What Lambda says that it needs "on your stream" as well: `ListStreams` has no resource, and a role that names its
#: stream, as the CDK writes it for streams of Kinesis, is taken. Whether a role without it is, is not known.
_MAY_READ = {"dynamodb": ("ListStreams",), "kinesis": ("ListShards", "ListStreams")}
#: What it takes to send to something: the operation, by the service of its ARN.
_SENDS = {"events": "PutEvents", "lambda": "InvokeFunction", "s3": "PutObject", "sns": "Publish", "sqs": "SendMessage"}
_DEAD_LETTERS, _NETWORK, _FILES = "DeadLetterConfig", "VpcConfig", "FileSystemConfigs"
#: What it takes to be in a network; what Lambda asks for when, but for the first, is not documented.
_IN_NETWORK = ("CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces")
_MOUNTS, _POINT = "elasticfilesystem:ClientMount", "elasticfilesystem:accesspointarn"
_NO_KEYS: Mapping[str, str] = {}
_CHANGES = ("CreateFunction", "UpdateFunctionConfiguration")
_DESTINATIONS = ("PutFunctionEventInvokeConfig", "UpdateFunctionEventInvokeConfig")


class _Role:
    """The role of a function, as Lambda asks what it may do."""

    def __init__(self, state: State, arn: str | None, account: str, region: str) -> None:
        self._state, self._account, self._region = state, account, region
        self._session = None if arn is None else session_of(state, arn, "lambda")

    @property
    def is_known(self) -> bool:
        """Whether there is such a role."""
        return self._session is not None

    def may(self, action: str, about: str | None, keys: Mapping[str, str] = _NO_KEYS) -> bool:
        """Whether it may do something, with some condition keys; about None where nobody knows about what."""
        if self._session is None:
            return False
        arn = str(about)
        owner = (account_in(arn) or self._account) if about else self._account
        policy = resource_policy(action.partition(":")[0], arn)
        need = Need(action, about, owner, policy, keys=dict(keys), unknown=FORWARDED)
        return decide_need(self._state, self._session.caller, self._session, need, {}, self._region) is None


def check_call(state: State, call: Call) -> None:
    """
    See that the role of a function may do what a call of Lambda wants of it.

    Raises:
        Refused: it may not, as Lambda says.
        Undecided: what Lambda says is not known, or whether it may.
    """
    given = call.parameters
    if call.service != "lambda":
        return
    if call.operation == "CreateEventSourceMapping":
        check_event_source(state, call.account, call.region, given)
    elif call.operation in _CHANGES or call.operation in _DESTINATIONS:
        name = function_name(str(given.get("FunctionName") or ""))[0]
        role = given.get("Role") or role_of_function(call.account, call.region, name)
        networks = None if _NETWORK in given or not given.get("Role") else networks_of_function
        more = {} if networks is None else {_NETWORK: networks(call.account, call.region, name)}
        check(state, call.account, call.region, role and str(role), {**more, **given})


def check(state: State, account: str, region: str, role: str | None, given: Mapping[str, Any]) -> None:
    """
    See that the role of a function may do what is said of the function.

    Args:
        state: of the sandbox.
        account: of the function.
        region: of the function.
        role: its ARN; None where there is no such function.
        given: the settings of the function, or where its events go, as Lambda's operations have them.

    Raises:
        Refused: it may not, as Lambda says.
        Undecided: what Lambda says is not known, or whether it may.
    """
    asked = _Role(state, role, account, region)
    if not asked.is_known:
        # There is no such function, or no such role, which is said elsewhere.
        return
    target = str((given.get(_DEAD_LETTERS) or {}).get("TargetArn") or "")
    if target and not _may_send(asked, target):
        service = target.split(":")[2].upper()
        raise _refused(_SENDS.get(service.lower(), ""), service)
    if (given.get(_NETWORK) or {}).get("SubnetIds"):
        if not asked.may(f"ec2:{_IN_NETWORK[0]}", None):
            raise _refused(_IN_NETWORK[0], "EC2")
        for one in _IN_NETWORK[1:]:
            if not asked.may(f"ec2:{one}", None):
                raise _unknown(f"ec2:{one}")
    for point in (str(one.get("Arn")) for one in given.get(_FILES) or ()):
        if not asked.may(_MOUNTS, file_system_of(point), {_POINT: point}):
            raise _unknown(_MOUNTS)
    _check_destinations(asked, given)


def check_destinations(state: State, account: str, region: str, given: Mapping[str, Any]) -> None:
    """
    See that a function may send where a template says that what comes of its calls goes.

    Args:
        state: of the sandbox.
        account: of the function.
        region: of the function.
        given: its name as `FunctionName`, and `DestinationConfig`.

    Raises:
        Undecided: it may not, or whether it may is not known.
    """
    arn = role_of_function(account, region, function_name(str(given.get("FunctionName") or ""))[0])
    check(state, account, region, arn, {"DestinationConfig": given.get("DestinationConfig")})


def _check_destinations(role: _Role, given: Mapping[str, Any]) -> None:
    for kind in ("OnFailure", "OnSuccess"):
        target = str(((given.get("DestinationConfig") or {}).get(kind) or {}).get("Destination") or "")
        if target and not _may_send(role, target):
            raise Undecided(f"whether Lambda takes {target}, to which the function's role may not send, is not known")


def _may_send(role: _Role, target: str) -> bool:
    service = target.split(":")[2] if target.count(":") >= 5 else ""
    if service not in _SENDS:
        raise Undecided(f"what sending to {target} takes is not known here")
    return role.may(f"{service}:{_SENDS[service]}", f"{target}/*" if service == "s3" else target)


def _refused(operation: str, service: str) -> RefusedRequest:
    text = f"The provided execution role does not have permissions to call {operation} on {service}"
    return RefusedRequest(text, "InvalidParameterValueException")


def _unknown(action: str) -> Undecided:
    return Undecided(f"whether Lambda takes a role that may not call {action} is not known here")


def check_event_source(state: State, account: str, region: str, given: Mapping[str, Any]) -> None:
    """
    See that a function may read what it is wired to.

    Args:
        state: of the sandbox.
        account: of the function.
        region: of the function.
        given: the parameters of CreateEventSourceMapping.

    Raises:
        Refused: the function's role may not, which Lambda says.
        Undecided: whether it may is not known.
    """
    source = str(given.get("EventSourceArn") or "")
    fields = source.split(":", 5)
    arn = role_of_function(account, region, function_name(str(given.get("FunctionName") or ""))[0])
    role = _Role(state, arn, account, region)
    if len(fields) != 6 or fields[2] not in _READS or not role.is_known:
        raise Undecided("whether the function may read what it is wired to is not known here")
    service = fields[2]
    for operation in _READS[service]:
        if not role.may(f"{service}:{operation}", source):
            raise _refused(operation, service.upper() if service == "sqs" else service.capitalize())
    for operation in _MAY_READ.get(service, ()):
        action = f"{service}:{operation}"
        if not role.may(action, source) and not role.may(action, "*"):
            raise _unknown(action)
    _check_destinations(role, given)
