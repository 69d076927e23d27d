"""
Of which requests it is known exactly on which resources they act.

The reference says of which types the resources of an action are, and not which parameters name them: a request may
name one thing by its id and another one by its name, or a second resource in a list that nobody looks at. Such a
request is decided only where the answer is the same whatever it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trustproof.sandbox.authorization.actions import named_resources
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.requests.wire import Call

#: Prefixes of services that the sandbox does by hand or the tests use; *assumed* of operations that no test calls.
_BY_HAND = frozenset("dynamodb ecr identitystore kms lambda organizations secretsmanager sns sqs ssm sso".split())
#: Operations of other services of which it is known.
_OPERATIONS = {
    "ec2": """
        AttachVolume CreateNetworkAclEntry CreateTags DeleteNetworkAclEntry DeleteTags DetachVolume RebootInstances
        ReplaceNetworkAclEntry RunInstances StartInstances StopInstances TerminateInstances
    """.split(),
    "events": ["PutEvents"],
    "kinesis": """
        DeleteStream DescribeStream DescribeStreamSummary GetRecords GetShardIterator PutRecord PutRecords
    """.split(),
}
#: Parameters of RunInstances that are looked at, or name nothing. With others it may be about something else besides: a
#: placement group, a reservation, a snapshot, an interface, a template.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
_LOOKED_AT = frozenset(
    """
    ClientToken CpuOptions CreditSpecification DisableApiStop DisableApiTermination DryRun EbsOptimized EnclaveOptions
    HibernationOptions IamInstanceProfile ImageId InstanceInitiatedShutdownBehavior InstanceType Ipv6AddressCount
    Ipv6Addresses KeyName MaintenanceOptions MaxCount MetadataOptions MinCount Monitoring PrivateDnsNameOptions
    PrivateIpAddress SecurityGroupIds SubnetId TagSpecifications UserData
    """.split()
)
#: The same of the parts of its parameters.
_PARTS_LOOKED_AT = {
    "BlockDeviceMappings": frozenset(
        """
        DeleteOnTermination DeviceName Ebs Encrypted Iops NoDevice Throughput VirtualName VolumeSize VolumeType
        """.split()
    ),
    "Placement": frozenset(("AvailabilityZone", "Tenancy")),
}
#: Lower-cased parameters that name nothing on which a request acts.
_NAMES_NOTHING = frozenset(
    """
    clientrequesttoken clienttoken creatorrequestid creationtoken description dryrun filters idempotencytoken marker
    maxitems maxresults nexttoken pagetoken tagkeys taglist tags tagspecification tagspecifications
    """.split()
)
#: Lower-cased ends of parameters that name an account.
_ACCOUNTS = ("account", "accounts", "accountid", "accountids", "catalogid", "ownerid", "ownerids")
#: Of these is asked whose the resource is that they name: `resource_accounts`.
_ASKED = ("registryId", "registryIds", "CatalogId")
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
#: The bus of a rule, which moto takes for the caller's own, whatever its ARN says.
_BUS = "EventBusName"


def is_exact(call: Call, prefix: str, types: Sequence[str], resources: Sequence[str | None]) -> bool:
    """
    Whether a request acts on just the resources that were found.

    Args:
        call: the request.
        prefix: of the service's actions.
        types: the templates of the ARNs of the action's resources.
        resources: what was found.
    """
    if not types or named_resources.resources_of(call, prefix):
        return True
    if prefix in _BY_HAND or call.operation in _OPERATIONS.get(prefix, ()):
        return (prefix, call.operation) != ("ec2", "RunInstances") or _is_looked_at(call.parameters)
    named = [
        (name, text)
        for name, value in call.parameters.items()
        if name.lower() not in _NAMES_NOTHING
        for text in _texts(value)
    ]
    if any("*" in template for template in types) or any(one is None for one in resources):
        return False
    if not named:
        # Something is made, of one type: nothing that is there is named.
        return len(types) == 1
    if len({name for name, _ in named}) > 1 or len(resources) != len({text for _, text in named}):
        return False
    texts = [text for _, text in named]
    if all(text in resources for text in texts):
        return True
    return len(types) == 1 and all(any(_is_of(str(one), text) for one in resources) for text in texts)


def _is_looked_at(given: Mapping[str, Any]) -> bool:
    """Whether RunInstances has nothing but parameters of which is known what they name."""
    return all(
        name in _LOOKED_AT or {part for part, _ in _parameters(value)} <= _PARTS_LOOKED_AT.get(name, frozenset())
        for name, value in given.items()
    )


def is_guessed(call: Call, prefix: str, resource: str | None) -> bool:
    """
    Whether an ARN with a `*` stands for something that a request names, which nobody found: what is denied of that may
    be allowed of the thing itself. What EC2 makes has no id yet, and is any of its type.

    Args:
        call: the request, of which it is not known exactly on what it acts.
        prefix: of the service's actions.
        resource: one of those that were found.
    """
    if resource is None or resource == "*" or "*" not in resource:
        return False
    type_ = resource.split(":", 5)[-1].partition("/")[0].replace("-", "")
    return prefix != "ec2" or any(name.lower().startswith(type_) for name in call.parameters)


def _is_of(arn: str, name: str) -> bool:
    return arn.endswith((f"/{name}", f":{name}"))


def check_accounts(call: Call, prefix: str) -> None:
    """
    See that a request is not about another account than the caller's by a parameter which nobody asks about.

    Raises:
        Undecided: it is.
    """
    if prefix in _BY_HAND:
        return
    bus = str(call.parameters.get(_BUS) or "")
    if prefix == "events" and not is_bus_of(bus, call.account, call.region):
        raise Undecided(f"whether the policy of {bus} lets the caller in is not asked here")
    for name, text in _parameters(call.parameters):
        of_account = name.lower().endswith(_ACCOUNTS) and name not in _ASKED
        if of_account and _ACCOUNT.fullmatch(text) and text != call.account:
            raise Undecided(f"whether {call.operation} may name another account by {name} is not known here")


def is_bus_of(bus: str, account: str, region: str) -> bool:
    """
    Whether a bus is one of an account and Region: its name says nothing else, and its ARN may.

    Args:
        bus: its name, or its ARN.
        account: the account.
        region: likewise.
    """
    return not bus.startswith("arn:") or bus.split(":")[3:5] == [region, account]


def _parameters(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _parameters(one, str(key))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _parameters(one, name)


def _texts(value: Any) -> Iterator[str]:
    return (text for _, text in _parameters(value) if text)
