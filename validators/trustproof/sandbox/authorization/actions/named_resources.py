"""
Requests that name what they act on by parameters which are called otherwise than in the reference, or beside others
that name nothing: which parameters these are, operation by operation, from the pages of the services.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trustproof.sandbox.authorization.actions.resource_accounts import owner_named
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.requests.wire import Call

#: Prefix of actions, operations, and what they are about: the end of an ARN of the caller's account and Region with
#: parameters in braces (`=` before what counts where there is none), a whole ARN after which the form of its end
#: stands, or one that begins with `arn:`. With a parameter behind `-` a request is about more than that.
_TABLE = """
cloudwatch PutMetricAlarm alarm:{AlarmName}
codepipeline GetPipeline,GetPipelineState,StartPipelineExecution {name}
codepipeline GetPipelineExecution,StopPipelineExecution {pipelineName}
codepipeline PutApprovalResult {pipelineName}/{stageName}/{actionName}
codepipeline RetryStageExecution {pipelineName}/{stageName}
cognito-idp AdminAddUserToGroup,AdminConfirmSignUp,AdminCreateUser,AdminDeleteUser userpool/{UserPoolId}
cognito-idp AdminDisableUser userpool/{UserPoolId}
cognito-idp AdminEnableUser,AdminGetUser,AdminInitiateAuth,AdminListGroupsForUser userpool/{UserPoolId}
cognito-idp AdminRemoveUserFromGroup,AdminResetUserPassword,AdminRespondToAuthChallenge userpool/{UserPoolId}
cognito-idp AdminSetUserPassword,AdminUpdateUserAttributes,AdminUserGlobalSignOut userpool/{UserPoolId}
ec2 AuthorizeSecurityGroupEgress security-group/{GroupId} -TagSpecifications
ec2 AuthorizeSecurityGroupIngress security-group/{GroupId} -GroupName -TagSpecifications
ec2 RevokeSecurityGroupEgress security-group/{GroupId} -SecurityGroupRuleIds
ec2 RevokeSecurityGroupIngress security-group/{GroupId} -GroupName -SecurityGroupRuleIds
ec2 DeleteSecurityGroup security-group/{GroupId} -GroupName
ec2 CreateSecurityGroup security-group/* vpc/{VpcId}
ec2 CreateVolume volume/* -OutpostArn -SnapshotId
ec2 CreateSnapshot arn:{partition}:ec2:{region}::snapshot/* volume/{VolumeId} -OutpostArn
ec2 ModifyInstanceAttribute instance/{InstanceId} -Attribute -BlockDeviceMappings -Groups
ec2 ModifyVolume volume/{VolumeId}
ecs DescribeServices service/{cluster=default}/{services}
ecs DeleteService,UpdateService service/{cluster=default}/{service}
ecs DescribeTasks task/{cluster=default}/{tasks}
ecs RunTask {taskDefinition}task-definition/*:* -volumeConfigurations
ecs StopTask task/{cluster=default}/{task}
eks DescribeCluster cluster/{name}
elasticloadbalancing DeregisterTargets,RegisterTargets {TargetGroupArn}targetgroup/*/*
events DeleteRule,DescribeRule,DisableRule,EnableRule,PutRule rule/{EventBusName=}{Name}
events ListTargetsByRule,PutTargets,RemoveTargets rule/{EventBusName=}{Rule}
logs CreateLogStream,DeleteLogStream,PutLogEvents log-group:{logGroupName}:log-stream:{logStreamName}
logs GetLogEvents log-group:{logGroupName}:log-stream:{logStreamName} -logGroupIdentifier
rds RebootDBInstance,StartDBInstance db:{DBInstanceIdentifier}
rds StopDBInstance db:{DBInstanceIdentifier} -DBSnapshotIdentifier
rds CreateDBSnapshot db:{DBInstanceIdentifier} snapshot:{DBSnapshotIdentifier}
route53 ChangeResourceRecordSets,ListResourceRecordSets arn:{partition}:route53:::hostedzone/{HostedZoneId}
route53 GetHostedZone arn:{partition}:route53:::hostedzone/{Id}
scheduler CreateSchedule,DeleteSchedule,GetSchedule,UpdateSchedule schedule/{GroupName=default}/{Name}
states DeleteStateMachine,DescribeStateMachine,StartExecution,StartSyncExecution {stateMachineArn}stateMachine:*
states UpdateStateMachine {stateMachineArn}stateMachine:*
states ListExecutions {stateMachineArn}stateMachine:* -mapRunArn
states DescribeExecution,GetExecutionHistory,StopExecution {executionArn}execution:*:*
"""
#: What stands in a name: no wildcard, and nothing that would make another ARN of it.
_NAME = re.compile(r"[^\s*?:/]+")
#: Names of log groups and log streams have slashes in them.
_PATH = re.compile(r"[^\s*?:]+")
_PLACEHOLDER = re.compile(r"\{(\w+)(?:=(\w*))?\}")
_DEFAULT_BUS = "default"


class _Row(NamedTuple):
    #: Ends of ARNs, or whole ones.
    ends: tuple[str, ...]
    #: Parameters with which a request is about more.
    without: tuple[str, ...]


def resources_of(call: Call, prefix: str) -> list[str] | None:
    """
    The ARNs of just what a request is about.

    Args:
        call: the request.
        prefix: of the service's actions.

    Returns:
        None where that does not follow from the table.
    """
    for row in _ROWS.get((prefix, call.operation), ()):
        if any(call.parameters.get(name) for name in row.without):
            continue
        found = [_filled(call, prefix, end) for end in row.ends]
        if all(found):
            return [arn for arns in found for arn in arns]
    return None


def _filled(call: Call, prefix: str, end: str) -> list[str]:
    """The ARNs of an entry; none where a parameter is not there, or is no plain name."""
    whole = _PLACEHOLDER.match(end)
    given = call.parameters.get(whole[1]) if whole is not None else None
    if isinstance(given, str) and given.startswith("arn:"):
        form = re.escape(end[whole.end() :]).replace(r"\*", "[^:/]+") if whole is not None else ""
        return [given] if form and re.fullmatch(f"(?:[^:]*:){{5}}{form}", given) else []
    if whole is not None and whole.end() < len(end) and end[whole.end()] != "/":
        return []
    owner = owner_named(call)
    if not owner and call.credentials is not None:
        # A service has no account in which something could have that name.
        raise Undecided(
            f"{call.operation} names something without its account: say for which account the service calls"
        )
    begin = "" if end.startswith("arn:") else f"arn:{call.partition}:{prefix}:{call.region}:{owner}:"
    filled = [begin + end]
    for match in _PLACEHOLDER.finditer(end):
        values = list(_values(call, prefix, match[1], match[2]))
        filled = [one.replace(match[0], value) for one in filled for value in values]
    return filled


def _values(call: Call, prefix: str, name: str, default: str | None) -> Iterator[str]:
    if name in ("partition", "region"):
        yield getattr(call, name)
        return
    given = call.parameters.get(name)
    if name == "EventBusName":
        # The rules of the default bus have ARNs without it.
        if given in (None, "", _DEFAULT_BUS):
            yield ""
        elif isinstance(given, str) and _NAME.fullmatch(given):
            yield f"{given}/"
        return
    values = given if isinstance(given, list) and given else [given or default]
    if prefix == "route53":
        values = [str(one or "").removeprefix("/hostedzone/") for one in values]
    form = _PATH if prefix == "logs" else _NAME
    plain = [one for one in values if isinstance(one, str) and form.fullmatch(one)]
    # RDS has all names in small letters.
    if len(plain) == len(values) and (prefix != "rds" or all(one == one.lower() for one in plain)):
        yield from plain


def _rows() -> Mapping[tuple[str, str], list[_Row]]:
    found: dict[tuple[str, str], list[_Row]] = {}
    for line in _TABLE.strip().splitlines():
        prefix, operations, *words = line.split()
        ends = tuple(one for one in words if not one.startswith("-"))
        row = _Row(ends, tuple(one[1:] for one in words if one.startswith("-")))
        for operation in operations.split(","):
            found.setdefault((prefix, operation), []).append(row)
    return found


_ROWS: Mapping[tuple[str, str], list[_Row]] = _rows()
