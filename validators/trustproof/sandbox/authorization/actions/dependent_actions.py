"""
What a request needs besides the action of its own name: to hand over the roles that it names, and to put on the tags.

The service authorization reference lists such dependent actions, and far from all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from trustproof.aws.published import service
from trustproof.model.request import ContextValue
from trustproof.sandbox.authorization.actions import documented_actions
from trustproof.sandbox.authorization.actions.common import (
    TAGS_OF_REQUEST,
    account_in,
    named_members,
    pass_role,
    region_in,
    roles_in,
    tag_keys,
    tags_by_type,
)
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.credentials.credentials import iam_of
from trustproof.sandbox.moto.task_definitions import roles_of_tasks
from trustproof.sandbox.requests.wire import Call

#: Parameters that hold a role: `Role`, `roleArn`, `ExecutionRoleArn`, `serviceRole`, and those in which "role" is not
#: the last word, or no word: `serviceRoleOverride`, `SnsCallerArn`, `KeyCacheSecretIamArn`, `CredentialsArn`.
_ROLE = re.compile(r"(role(arns?|name)?s?(override|forlogging)?|(caller|iam|credentials)arn)$", re.IGNORECASE)
_TAGS = re.compile(r"(?<!image)tags?(et|list)?$", re.IGNORECASE)
#: Beginnings of operations that change nothing: a role in them is looked for, not handed over.
_READS = ("BatchGet", "Describe", "Get", "List", "Search", "Simulate", "Test")
#: Services whose manuals say that whoever makes something with tags needs the tagging action.
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html
_TAGGING = {
    "dynamodb": "TagResource",
    "ecr": "TagResource",
    "ecs": "TagResource",
    "events": "TagResource",
    "kms": "TagResource",
    "lambda": "TagResource",
    "logs": "TagResource",
    "secretsmanager": "TagResource",
    "sns": "TagResource",
    "sqs": "TagQueue",
    "ssm": "AddTagsToResource",
    "states": "TagResource",
}
#: Names of tagging actions of other services.
_NAMES = ("TagResource", "TagResources", "AddTagsToResource", "AddTags", "CreateTags")
#: Operations that their page says to take another one.
_OF_OPERATION = {
    ("firehose", "CreateDeliveryStream"): "TagDeliveryStream",
    ("kinesis", "CreateStream"): "AddTagsToStream",
}
_MAKES = tuple("Allocate Copy Create Import Publish Put Register Replicate Request Restore Run Start".split())


def roles_handed_over(call: Call, prefix: str, listed: bool) -> list[str]:
    """
    The ARNs of the roles that a request hands to a service.

    Args:
        call: the request.
        prefix: of the service's actions.
        listed: whether the reference says that the operation hands over roles; then one may be anywhere in it.
    """
    if call.operation.startswith(_READS):
        return []
    found = list(roles_in(call.parameters)) if listed else []
    for name, value in named_members(call.parameters):
        if not _ROLE.search(name):
            continue
        found += roles_in(value)
        if isinstance(value, str) and value and ":" not in value and (listed or (prefix, name) in _BY_NAME):
            found.append(_by_name(call, value))
    if _ROLE.search(str(call.parameters.get("AttributeName") or "")):
        # Operations that set one attribute have its value beside its name.
        found += roles_in(call.parameters.get("AttributeValue"))
    return list(dict.fromkeys(found))


#: Parameters that take the name of a role, where the reference does not list that it is handed over:
#: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
_BY_NAME = {
    ("batch", "executionRoleArn"),
    ("batch", "jobRoleArn"),
    ("codebuild", "serviceRoleOverride"),
    ("ecs", "executionRoleArn"),
    ("ecs", "role"),
    ("ecs", "taskRoleArn"),
    ("elasticmapreduce", "JobFlowRole"),
    ("elasticmapreduce", "ServiceRole"),
    ("events", "RoleArn"),
    ("glue", "Role"),
}


#: Services to operations by which a role may be handed over that no parameter is for: it has a name of its own, or
#: stands in a text, in a list of settings, or in what was stored before. That they hand one over says the service
#: authorization reference, or the manual of the service:
#: https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/iam-instanceprofile.html
#: https://docs.aws.amazon.com/datapipeline/latest/DeveloperGuide/dp-iam-roles.html
#: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-security-overview.html
#: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/constraints-launch.html
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-iam.html
_UNNAMED = {
    "config": """
        PutConformancePack PutOrganizationConfigRule PutOrganizationConformancePack
        PutServiceLinkedConfigurationRecorder StartRemediationExecution
    """,
    "datapipeline": "ActivatePipeline PutPipelineDefinition",
    "dms": "CreateInstanceProfile CreateReplicationInstance",
    "elasticbeanstalk": """
        CloneEnvironment ComposeEnvironments CreateConfigurationTemplate CreateEnvironment UpdateConfigurationTemplate
        UpdateEnvironment
    """,
    "mediastore": "StartAccessLogging",
    "osis": "CreatePipeline UpdatePipeline",
    "sagemaker": "CreateEdgeDeploymentPlan CreateEdgeDeploymentStage",
    "servicecatalog": "CreateConstraint UpdateConstraint",
    "ssm": "CreateAssociation CreateDocument StartAutomationExecution StartChangeRequestExecution UpdateDocument",
    "transfer": "UpdateWebAppCustomization",
}
#: Operations that run what was registered with a task role and an execution role. Of those that do it by a service the
#: reference does not say that the roles are handed over; that they are not is said nowhere either.
_RUN = frozenset(("RunTask", "StartTask"))
_RUN_BY_SERVICE = frozenset(("CreateService", "CreateTaskSet", "UpdateService"))


def may_hand_over_unnamed(prefix: str, operation: str) -> bool:
    """
    Whether an operation may hand over a role that none of its parameters is for.

    Args:
        prefix: of the service's actions.
        operation: its name.
    """
    return operation in _UNNAMED.get(prefix, "").split()


def stored_roles(call: Call, prefix: str) -> Iterator[Need]:
    """
    Handing over roles that the request does not name.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    if may_hand_over_unnamed(prefix, call.operation):
        doubt = f"which role {prefix}:{call.operation} hands over, if any, is not known here"
        yield Need("iam:PassRole", None, None, computed=TAGS_OF_REQUEST, delegated=True, doubt=doubt)
    if prefix != "ecs" or call.operation not in (*_RUN, *_RUN_BY_SERVICE):
        return
    definition = str(call.parameters.get("taskDefinition") or "")
    if not definition:
        # A service goes on with what it was given.
        return
    overrides = call.parameters.get("overrides") or {}
    account = account_in(definition) or call.account
    for kind, role in roles_of_tasks(account, region_in(definition) or call.region, definition).items():
        doubt = f"whether {prefix}:{call.operation} hands over {role} of the task definition is not known here"
        sure = call.operation in _RUN and not overrides.get(kind)
        yield replace(pass_role(role, "ecs-tasks.amazonaws.com"), doubt=None if sure else doubt)


def _by_name(call: Call, name: str) -> str:
    name = name.rpartition("/")[2]
    for role in list(iam_of(call.account).roles.values()) if call.account else ():
        if role.name == name:
            return str(role.arn)
    return f"arn:{call.partition}:iam::{call.account}:role/{name}"


def other_actions(call: Call, prefix: str, listed: Iterable[str]) -> Iterator[Need]:
    """
    Actions that a request needs besides, as the service authorization reference has them for the operation.

    What of them is asked with which parameters it does not say: to whoever may not, the request is undecided. Those
    that only read what the request is about are left out.

    Args:
        call: the request.
        prefix: of the service's actions.
        listed: the actions that the reference lists for the operation.
    """
    given, of_call = call.parameters, (prefix, call.operation)
    image = str(given.get("ImageId") or (given.get("LaunchTemplateData") or {}).get("ImageId") or "")
    asked = {
        # https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html
        ("backup", "CreateBackupVault", "backup-storage:MountCapsule"): True,
        ("ec2", "CreateLaunchTemplate", "ssm:GetParameters"): image.startswith(_STORED_IMAGE),
        ("ec2", "CreateLaunchTemplateVersion", "ssm:GetParameters"): image.startswith(_STORED_IMAGE),
        ("ec2", "RunInstances", "ssm:GetParameters"): image.startswith(_STORED_IMAGE),
        ("route53", "CreateHostedZone", "ec2:DescribeVpcs"): bool(given.get("VPC")),
    }
    found = [
        action for (prefix_, operation, action), needed in asked.items() if needed and (prefix_, operation) == of_call
    ]
    found += documented_actions.besides(prefix, call.operation, given)
    found += [
        one for one in sorted(listed) if _changes(one) and one != ":".join(of_call) and _is_asked_for(call, prefix, one)
    ]
    doubt = f"whether {':'.join(of_call)} needs it is not known here"
    for action in dict.fromkeys(found):
        about = "*" if action in _ABOUT_NOTHING else None
        # What is made in another Region is asked for there.
        unknown = ("aws:requestedregion",) if of_call in documented_actions.IN_OTHER_REGIONS else ()
        yield Need(action, about, call.account or None, unknown=unknown, doubt=doubt, delegated=True)


#: Actions that are about no resource.
_ABOUT_NOTHING = frozenset(
    """
    backup-storage:MountCapsule ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets
    ec2:DescribeVpcs kms:CreateKey
    """.split()
)
#: Listed actions that are asked for with one of these parameters only, by how they begin.
#: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
#: https://docs.aws.amazon.com/redshift/latest/mgmt/redshift-secrets-manager-integration.html
_WITH = {
    ("rds", "secretsmanager:"): ("ManageMasterUserPassword", "RotateMasterUserPassword"),
    ("rds", "rds:CreateTenantDatabase"): ("MultiTenant",),
    ("redshift", "secretsmanager:"): ("ManageMasterPassword",),
    ("states", "states:PublishStateMachineVersion"): ("publish",),
}


def _changes(action: str) -> bool:
    """
    Whether a listed action is one that is asked for here: it changes something, and no other module asks for it.

    Roles, tags and keys are asked for elsewhere.
    """
    prefix, _, name = action.lower().partition(":")
    if action in ("iam:CreateServiceLinkedRole", "iam:PassRole") or "tag" in name:
        return False
    if prefix == "kms" and name != "createkey":
        return False
    found = service(prefix)
    about = None if found is None else found.actions.get(name)
    return about is None or not about.reads


def _is_asked_for(call: Call, prefix: str, action: str) -> bool:
    for (name, begins), parameters in _WITH.items():
        if name == prefix and action.startswith(begins):
            return any(call.parameters.get(one) for one in parameters)
    return True


#: How an image begins that stands in a parameter of Systems Manager.
_STORED_IMAGE = "resolve:ssm:"


def instance_profiles(call: Call, prefix: str) -> Iterator[Need]:
    """
    Handing over a role of which only the instance profile is named, or what has one: a launch template, an instance.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
    """
    if prefix not in ("autoscaling", "ec2") or call.operation.startswith((*_READS, "Delete", "Disassociate")):
        return
    if call.operation in ("CreateLaunchTemplate", "CreateLaunchTemplateVersion", "ModifyLaunchTemplate"):
        # Nothing is handed over before somebody launches something.
        return
    named = dict(named_members(call.parameters))
    profiles = [value for name, value in named_members(call.parameters) if name == _PROFILE and value]
    if profiles:
        for profile in profiles:
            yield from _role_of_profile(call, prefix, profile)
    elif any("LaunchTemplate" in name for name in named) or (prefix == "autoscaling" and named.get("InstanceId")):
        doubt = "whether what is launched has an instance profile is not asked here"
        yield Need("iam:PassRole", None, None, computed=TAGS_OF_REQUEST, delegated=True, doubt=doubt)


#: Operations whose role goes to instances: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/permission-to-pass-iam-roles.html
_TO_INSTANCES = frozenset(
    ("AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation", "RequestSpotInstances", "RunInstances")
)
_PROFILE = "IamInstanceProfile"


def hands_over_profile(call: Call) -> bool:
    """Whether a request hands over a role by its instance profile, which is taken whomever the role lets in."""
    return any(name == _PROFILE and value for name, value in named_members(call.parameters))


def _role_of_profile(call: Call, prefix: str, profile: Any) -> Iterator[Need]:
    """Handing over the role that an instance profile holds; of one that there is not, nobody knows which that is."""
    given = str(profile.get("Arn") or profile.get("Name") or "") if isinstance(profile, Mapping) else str(profile)
    name, owner = given.rpartition("/")[2], account_in(given) or call.account
    held = iam_of(owner).instance_profiles.get(name) if owner == call.account else None
    if held is None or not held.roles or (given.startswith("arn:") and held.arn != given):
        yield Need("iam:PassRole", None, None, computed=TAGS_OF_REQUEST, delegated=True)
        return
    to_instances = prefix == "ec2" and call.operation in _TO_INSTANCES
    for role in held.roles:
        yield pass_role(str(role.arn), "ec2.amazonaws.com" if to_instances else None)


def tagging_needs(
    call: Call,
    prefix: str,
    action: str,
    service: Mapping[str, Mapping[str, Any]],
    needs: Iterable[Need],
    keys: Mapping[str, ContextValue],
) -> Iterator[Need]:
    """
    What a request that makes something with tags needs besides.

    Args:
        call: the request.
        prefix: of the service's actions.
        action: without the prefix.
        service: the reference's entries of the service, by lower-cased action.
        needs: what the request needs itself, with the resources that are tagged.
        keys: of the tags.
    """
    if "Tag" in action or not (prefix == "ec2" or call.operation.startswith(_MAKES)):
        return
    if "aws:tagkeys" not in keys and not any(_TAGS.search(name) and value for name, value in call.parameters.items()):
        # The tag of an image is none.
        return
    name = next((one for one in _NAMES if one.lower() in service), None)
    special = _OF_OPERATION.get((prefix, call.operation))
    name = "CreateTags" if prefix == "ec2" else special or _TAGGING.get(prefix, name)
    if name is None or name.lower() not in service:
        return
    listed = f"{prefix}:{name}" in service[action.lower()]["also"]
    sure = listed or special is not None or prefix in (*_TAGGING, "ec2")
    doubt = (
        None if sure and "aws:tagkeys" in keys else f"whether {prefix}:{action} with tags needs it is not known here"
    )
    types = service[name.lower()]["types"]
    of_tags = TAGS_OF_REQUEST if "aws:tagkeys" in keys else ()
    if prefix == "ec2":
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
        for resource, given in _tagged(call, types, keys):
            said: dict[str, ContextValue] = {**given, "ec2:createaction": action}
            known = (*of_tags, "ec2:createaction")
            yield Need(f"{prefix}:{name}", resource, call.account, keys=said, computed=known, doubt=doubt)
        return
    for need in needs:
        about = None if need.resource == "*" and types else need.resource
        yield Need(f"{prefix}:{name}", about, need.owner, keys=keys, computed=of_tags, doubt=doubt)


def _tagged(
    call: Call, types: Iterable[tuple[str, bool]], keys: Mapping[str, ContextValue]
) -> Iterator[tuple[str | None, Mapping[str, ContextValue]]]:
    """What a request to EC2 makes with tags: any of its type, with the tags of that; None for one that is not known."""
    by_type = tags_by_type(call.parameters)
    if not by_type:
        yield None, keys
    for kind, tags in by_type.items():
        if not tags:
            # AWS asks only where a tag is put on.
            continue
        template = next((one for one, _ in types if one.split(":", 5)[-1].startswith(f"{kind}/")), None)
        if template is None:
            yield None, tag_keys(tags)
            continue
        # An image has no account in its ARN.
        owner = "" if "${Account}" not in template else call.account
        yield f"arn:{call.partition}:ec2:{call.region}:{owner}:{kind}/*", tag_keys(tags)
