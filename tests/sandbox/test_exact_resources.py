"""
A request of which nobody knows exactly on what it acts is decided only where policies say the same of everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, model_of, refusal
from tests.sandbox.test_mapping import USER
from trustproof.sandbox import Sandbox
from trustproof.sandbox.authorization.actions.mapping import needs_of
from trustproof.sandbox.authorization.actions.named_resources import _ROWS, resources_of
from trustproof.sandbox.authorization.actions.reference import _PREFIXES, _matches, _service
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.requests.wire import Call, HttpRequest

REGION = "eu-central-1"
GROUP = ["sg-0123456789abcdef0"]
LAUNCH = {"LaunchTemplateName": "mine", "LaunchTemplateData": {"InstanceType": "t2.micro"}}


@pytest.mark.parametrize(
    ("service", "operation", "given", "kind"),
    [
        ("iot", "update_thing_groups_for_thing", {"thingName": "mine", "thingGroupsToAdd": ["x"]}, "thinggroup/x"),
        ("dms", "delete_endpoint", {"EndpointArn": f"arn:aws:dms:{REGION}:{HOME}:endpoint:x"}, "endpoint:x"),
        ("cognito-idp", "delete_user_pool_domain", {"Domain": "d", "UserPoolId": f"{REGION}_mine"}, "userpool/x"),
        ("ec2", "release_address", {"AllocationId": "eipalloc-1", "PublicIp": "1.2.3.4"}, "elastic-ip/x"),
        (
            "ec2",
            "delete_launch_template",
            {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "other"},
            "launch-template/lt-2",
        ),
        (
            "ec2",
            "create_network_acl_entry",
            {
                "NetworkAclId": "acl-1",
                "RuleNumber": 1,
                "Protocol": "-1",
                "RuleAction": "allow",
                "Egress": False,
                "CidrBlock": "0.0.0.0/0",
            },
            "network-acl/acl-1",
        ),
        (
            "ec2",
            "run_instances",
            {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "SecurityGroups": ["x"]},
            "security-group/sg-1",
        ),
        (
            "ec2",
            "modify_network_interface_attribute",
            {"NetworkInterfaceId": "eni-1", "Groups": GROUP},
            f"security-group/{GROUP[0]}",
        ),
        (
            "ec2",
            "replace_route_table_association",
            {"AssociationId": "rtbassoc-1", "RouteTableId": "rtb-1"},
            "subnet/subnet-1",
        ),
    ],
)
def test_a_denied_resource_is_not_passed(
    cast: Cast, service: str, operation: str, given: dict[str, Any], kind: str
) -> None:
    """Who may do everything but to one resource is not told that it may, where nobody knows whether it is that one."""
    deny = {**allow(f"{service}:*", f"arn:aws:{service}:{REGION}:{HOME}:{kind}"), "Effect": "Deny"}
    client = cast.aws.client(service, cast.user(allow("*"), deny))
    code, message = refusal(lambda: getattr(client, operation)(**given))
    assert code == "NotImplemented" or "explicit deny" in message
    only = cast.aws.client(service, cast.user(allow(f"{service}:Nothing")))
    assert "NotImplemented" not in refusal(lambda: getattr(only, operation)(**given))[0]


@pytest.mark.parametrize(
    ("service", "operation", "given", "kind", "code"),
    [
        ("dms", "delete_endpoint", {"EndpointArn": f"arn:aws:dms:{REGION}:{HOME}:endpoint:x"}, "endpoint:x", ""),
        (
            "ec2",
            "create_network_acl_entry",
            {"NetworkAclId": "acl-1", "RuleNumber": 1, "Protocol": "-1", "RuleAction": "allow", "Egress": False},
            "network-acl/acl-1",
            "InvalidNetworkAclID.NotFound",
        ),
        ("ec2", "delete_network_acl", {"NetworkAclId": "acl-1"}, "network-acl/acl-2", "UnauthorizedOperation"),
        ("ec2", "create_launch_template_version", LAUNCH, "launch-template/lt-1", ""),
        ("ec2", "create_subnet", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}, "vpc/vpc-1", "UnauthorizedOperation"),
        ("ec2", "create_subnet", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}, "vpc/vpc-2", "UnauthorizedOperation"),
    ],
)
def test_what_is_named_is_not_denied_by_a_guess(
    cast: Cast, service: str, operation: str, given: dict[str, Any], kind: str, code: str
) -> None:
    """Who may do something to one resource is not denied it since nobody found which one the request names."""
    keys = cast.user(allow(f"{service}:*", f"arn:aws:{service}:{REGION}:{HOME}:{kind}"))
    client = cast.aws.client(service, keys)
    assert refusal(lambda: getattr(client, operation)(**given))[0] == (code or "NotImplemented")


@pytest.mark.parametrize(
    ("service", "operation", "given"),
    [
        ("account", "get_alternate_contact", {"AlternateContactType": "BILLING", "AccountId": OTHER}),
        ("guardduty", "enable_organization_admin_account", {"AdminAccountId": OTHER}),
        ("inspector2", "enable", {"accountIds": [OTHER], "resourceTypes": ["EC2"]}),
    ],
)
def test_other_accounts(cast: Cast, service: str, operation: str, given: dict[str, Any]) -> None:
    """Who may do everything in an account does nothing to another one by a parameter."""
    client = cast.aws.client(service, account=HOME)
    code, message = refusal(lambda: getattr(client, operation)(**given))
    assert (code, "another account" in message) == ("NotImplemented", True)


SNAPSHOT = {"DeviceName": "/dev/sdb", "Ebs": {"SnapshotId": "snap-1"}}


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("instance", {}, "allowed"),
        ("instance", {"Placement": {"AvailabilityZone": "eu-central-1a"}}, "allowed"),
        ("instance", {"BlockDeviceMappings": [{"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 1}}]}, "allowed"),
        ("snapshot", {"BlockDeviceMappings": [SNAPSHOT]}, "NotImplemented"),
        ("placement-group", {"Placement": {"GroupName": "p"}}, "NotImplemented"),
        ("key-pair", {"KeyName": "p"}, "UnauthorizedOperation"),
        (
            "capacity-reservation",
            {"CapacityReservationSpecification": {"CapacityReservationTarget": {"CapacityReservationId": "cr-1"}}},
            "NotImplemented",
        ),
    ],
)
def test_what_instances_are_made_of(cast: Cast, kind: str, given: dict[str, Any], expected: str) -> None:
    """An instance is not made with something that is denied: a snapshot, a reservation, a group."""
    name = "none" if kind == "instance" else "*"
    deny = {**allow("ec2:*", f"arn:aws:ec2:*:*:{kind}/{name}"), "Effect": "Deny"}
    ec2 = cast.aws.client("ec2", cast.user(allow("*"), deny))
    code, _ = refusal(lambda: ec2.run_instances(ImageId=cast.image(), MinCount=1, MaxCount=1, DryRun=True, **given))
    assert code == {"allowed": "DryRunOperation"}.get(expected, expected)


#: Lower-cased parts of parameters that say how often, in which order, or from where on, and name nothing.
_HARMLESS = ("tag", "token", "filter", "marker", "description", "creatorrequestid", "max")


def filled(shape: Any) -> Iterator[tuple[str, Any]]:
    """Each text member of a structure with a text of its own."""
    for one, member in shape.members.items():
        if member.type_name == "string":
            yield one, f"{one.lower()}x"
        elif member.type_name == "list" and member.member.type_name == "string":
            yield one, [f"{one.lower()}x"]


@pytest.mark.parametrize("service", ["backup", "cognito-idp", "dms", "ec2", "efs", "glue", "iot", "rds", "route53"])
def test_every_name_is_asked_about(aws: Sandbox, service: str) -> None:
    """What a request names is in an ARN that it is decided on, or it is decided on whatever resource there may be."""
    model = model_of(service)
    http = HttpRequest("POST", "/", "", {}, b"", {})
    read = {f"{verb}NetworkAclEntry" for verb in ("Create", "Delete", "Replace")}
    read |= {"AttachVolume", "CreateTags", "DeleteTags", "DetachVolume", "RunInstances"}
    read |= {f"{verb}Instances" for verb in ("Reboot", "Start", "Stop", "Terminate")}
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        if shape is None or operation in read:
            continue
        given = dict(filled(shape))
        for parameters in (given, {name: given[name] for name in shape.required_members if name in given}):
            if resources_of(Call(http, service, operation, parameters, REGION, "aws", USER), service):
                continue
            needs = asked(Call(http, service, operation, parameters, REGION, "aws", USER))
            if needs is None or any(one.resource is None for one in needs) or needs[0].resource == "*":
                continue
            told = " ".join(str(one.resource) for one in needs)
            names = [name for name in parameters if not any(part in name.lower() for part in _HARMLESS)]
            assert [name for name in names if f"{name.lower()}x" not in told] == [], (operation, told)


def asked(call: Call) -> list[Need] | None:
    try:
        return needs_of(call)
    except (RefusedRequest, Undecided):
        return None


@pytest.mark.parametrize(("prefix", "operation"), sorted(_ROWS))
def test_what_a_row_names_is_a_resource_of_the_action(prefix: str, operation: str) -> None:
    """Its parameters are those of the operation, and its ARNs those that the reference has for the action."""
    service = next((name for name, other in _PREFIXES.items() if other == prefix and name != "elb"), prefix)
    shape = model_of(service).operation_model(operation).input_shape
    assert shape is not None
    for row in _ROWS[prefix, operation]:
        assert set(row.without) <= set(shape.members)
        parameters = {
            name: [f"{name}x"] if member.type_name == "list" else f"{name}x".lower()
            for name, member in shape.members.items()
            if name not in row.without
        }
        for end in row.ends:
            name, brace, form = end.removeprefix("{").partition("}")
            if brace and form and not form.startswith("/"):
                parameters[name] = f"arn:aws:{prefix}:{REGION}:{HOME}:{form.replace('*', 'x')}"
        http = HttpRequest("POST", "/", "", {}, b"", {})
        found = resources_of(Call(http, service, operation, parameters, REGION, "aws", USER), prefix)
        templates = [
            template.replace("${Partition}", "aws").replace("${Region}", REGION).replace("${Account}", HOME)
            for template, _ in _service(prefix)[operation.lower()]["types"]
        ]
        assert found
        assert [arn for arn in found if not any(_matches(template, arn) for template in templates)] == []


MACHINE, RULE = f"arn:aws:states:{REGION}:{HOME}:stateMachine:m", f"arn:aws:events:{REGION}:{HOME}:rule"


@pytest.mark.parametrize(
    ("service", "operation", "given", "named"),
    [
        ("events", "DescribeRule", {"Name": "r"}, [f"{RULE}/r"]),
        ("events", "DescribeRule", {"Name": "r", "EventBusName": "default"}, [f"{RULE}/r"]),
        ("events", "DescribeRule", {"Name": "r", "EventBusName": "b"}, [f"{RULE}/b/r"]),
        ("events", "DescribeRule", {"Name": "r", "EventBusName": f"arn:aws:events:{REGION}:{HOME}:event-bus/b"}, None),
        ("events", "DescribeRule", {"Name": "b/r"}, None),
        ("stepfunctions", "StartExecution", {"stateMachineArn": MACHINE, "input": "{}"}, [MACHINE]),
        ("stepfunctions", "StartExecution", {"stateMachineArn": f"{MACHINE}:live"}, None),
        ("stepfunctions", "ListExecutions", {"stateMachineArn": MACHINE, "mapRunArn": "x"}, None),
        ("stepfunctions", "StartExecution", {"stateMachineArn": "m"}, None),
        ("ec2", "CreateVolume", {"AvailabilityZone": "a", "SnapshotId": "snap-1"}, None),
        ("ec2", "CreateSecurityGroup", {"GroupName": "g"}, None),
        ("rds", "StartDBInstance", {"DBInstanceIdentifier": "Mine"}, None),
        ("logs", "PutLogEvents", {"logGroupName": "/a", "logStreamName": "x:y"}, None),
    ],
)
def test_what_a_request_names(service: str, operation: str, given: dict[str, Any], named: list[str] | None) -> None:
    """A name that is none, one of something else, or a parameter beside it names nothing that is known."""
    http = HttpRequest("POST", "/", "", {}, b"", {})
    call = Call(http, service, operation, given, REGION, "aws", USER)
    assert resources_of(call, _PREFIXES.get(service, service)) == named


def test_a_role_that_writes_its_logs(cast: Cast) -> None:
    """What a function may write is as its policy says: its own group, and no other."""
    logs = cast.aws.client("logs", account=HOME)
    for group in ("/aws/lambda/own", "/aws/lambda/other"):
        logs.create_log_group(logGroupName=group)
    statement = allow("logs:CreateLogStream", f"arn:aws:logs:{REGION}:{HOME}:log-group:/aws/lambda/own:*")
    own = cast.aws.client("logs", cast.user(statement))
    own.create_log_stream(logGroupName="/aws/lambda/own", logStreamName="s")
    code, _ = refusal(lambda: own.create_log_stream(logGroupName="/aws/lambda/other", logStreamName="s"))
    assert code == "AccessDeniedException"


def test_lists_are_about_the_path_below_which_they_list(cast: Cast) -> None:
    """Whoever may list the users below a path may list those, and no others; an entry for all users allows both."""
    people = cast.aws.client("iam", cast.user(allow("iam:ListUsers", f"arn:aws:iam::{HOME}:user/people/*")))
    assert refusal(people.list_users)[1].partition(" because ")[0].endswith(f"arn:aws:iam::{HOME}:user/")
    assert people.list_users(PathPrefix="/people/")["Users"] == []
    every = cast.aws.client("iam", cast.user(allow(["iam:ListUsers", "iam:ListRoles"], f"arn:aws:iam::{HOME}:user/*")))
    assert every.list_users()["Users"]
    assert refusal(every.list_roles)[0] == "AccessDenied"
