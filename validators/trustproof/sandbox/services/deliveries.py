"""
What a call that is allowed does besides: what SNS and EventBridge send on, what a function does that is invoked or that
reads a queue, what a service writes for the caller, and whether a new key policy locks its author out.

https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from trustproof.model.request import SERVICE, Caller
from trustproof.sandbox.authorization.actions.common import account_in
from trustproof.sandbox.authorization.authorize import decide_need
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.carriers import (
    has_subscription_filters,
    is_read_by_a_function,
    subscriptions_of,
    targets_of,
)
from trustproof.sandbox.moto.encryption import of_queue, state_of_key
from trustproof.sandbox.moto.policies import resource_policy
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.resource_policies.public_access import is_public
from trustproof.sandbox.services import (
    bucket_notifications,
    dead_letters,
    event_targets,
    function_roles,
    invoking_services,
    key_lockout,
    load_balancer_logs,
)
from trustproof.sandbox.services.alarm_actions import check_actions

_INVOKING = ("Invoke", "InvokeAsync", "InvokeWithResponseStream")
_AWS_MANAGED = "alias/aws/"
#: Ways of SNS that moto does not go: nothing is sent.
_UNSENT = ("application", "email", "email-json", "sms")
_USES_A_KEY = frozenset(
    f"kms:{name}"
    for name in (
        "CreateGrant Decrypt Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext "
        "GenerateDataKeyWithoutPlaintext GenerateMac ReEncryptFrom ReEncryptTo Sign Verify VerifyMac"
    ).split()
)
#: What is written to where a function may read it.
_WRITES = {
    "dynamodb": ("BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"),
    "kinesis": ("PutRecord", "PutRecords"),
    "sqs": ("SendMessage", "SendMessageBatch"),
}
#: https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
_REPLICAS = "which policy and which key the replica has in the other Region"
_SHARED = "what is shared: nobody is let in by it here"
#: What moto does in another service, or for somebody else, and AWS would ask about there.
_BY_OTHERS = {
    ("athena", "StartQueryExecution"): "what Athena reads and writes for the caller",
    ("backup", "CreateReportPlan"): "whether the bucket lets Backup write",
    ("batch", "SubmitJob"): "what a job does; jobs are not run here",
    ("cloudtrail", "CreateTrail"): "whether the bucket lets CloudTrail write",
    ("cloudtrail", "UpdateTrail"): "whether the bucket lets CloudTrail write",
    ("config", "PutDeliveryChannel"): "whether the bucket lets Config write",
    ("dynamodb", "ExportTableToPointInTime"): "whether the caller may write to the bucket",
    ("dynamodb", "ImportTable"): "whether the caller may read the bucket",
    ("ec2", "CreateFlowLogs"): "whether the destination lets the logs in",
    ("firehose", "PutRecord"): "whether the role of the stream may write",
    ("firehose", "PutRecordBatch"): "whether the role of the stream may write",
    ("logs", "CreateExportTask"): "whether the bucket lets the logs in",
    ("ram", "AcceptResourceShareInvitation"): _SHARED,
    ("ram", "AssociateResourceShare"): _SHARED,
    ("ram", "CreateResourceShare"): _SHARED,
    ("ram", "EnableSharingWithAwsOrganization"): _SHARED,
    ("ram", "UpdateResourceShare"): _SHARED,
    ("route53", "CreateQueryLoggingConfig"): "whether the log group lets Route 53 write",
    ("sagemaker-runtime", "InvokeEndpointAsync"): "whether the model may read and write the buckets",
    ("secretsmanager", "RotateSecret"): "what the function that rotates does; functions are not run here",
    ("servicecatalog", "AcceptPortfolioShare"): _SHARED,
    ("servicecatalog", "AssociatePrincipalWithPortfolio"): _SHARED,
    ("servicecatalog", "CreatePortfolioShare"): _SHARED,
    ("servicecatalog", "CreateProduct"): "whether the caller may read the template",
    ("servicecatalog", "CreateProvisioningArtifact"): "whether the caller may read the template",
    ("servicecatalog", "DescribeProduct"): "which products a portfolio gives the caller",
    ("servicecatalog", "UpdatePortfolioShare"): _SHARED,
    ("ses", "SetIdentityNotificationTopic"): "whether SES may publish",
}
_SECRETS_AS_PARAMETERS = "/aws/reference/secretsmanager/"


def check(state: State, call: Call, needs: Iterable[Need]) -> None:
    """
    See that a call that is allowed does what it would do on AWS.

    Raises:
        Refused: AWS would refuse it for what it leads to.
        Undecided: AWS would take a message and not deliver it to somebody, or moto would deliver it elsewhere; or a
            function would run, or a service act for the caller.
    """
    needs = list(needs)
    _check_keys(needs)
    if call.service == "lambda" and call.operation in _INVOKING:
        raise Undecided("the caller may invoke the function; functions are not run here")
    if about := _BY_OTHERS.get((call.service, call.operation)):
        raise Undecided(f"{call.service}:{call.operation} is allowed; not asked here is {about}")
    if call.service == "secretsmanager" and call.parameters.get("AddReplicaRegions"):
        raise Undecided(f"secretsmanager:{call.operation} is allowed; not asked here is {_REPLICAS}")
    if call.service == "lambda" and call.operation.endswith("FunctionUrlConfig") and call.parameters.get("Qualifier"):
        raise Undecided("an alias of a function has no address of its own here")
    if call.service == "secretsmanager" and call.operation == "PutResourcePolicy":
        _check_public(call)
    if call.service == "kms" and call.operation in ("CreateKey", "PutKeyPolicy") and call.parameters.get("Policy"):
        _check_lockout(state, call, needs)
    load_balancer_logs.check_call(state, call)
    bucket_notifications.check_call(state, call)
    _check_wiring(state, call, needs)
    if call.service == "ssm" and _SECRETS_AS_PARAMETERS in str(call.parameters):
        raise Undecided("a parameter stands for a secret; whether the caller may read that is not asked here")
    group = str(call.parameters.get("logGroupName") or "")
    if call.operation == "PutLogEvents" and has_subscription_filters(call.account, call.region, group):
        raise Undecided("the log group is carried elsewhere; whether it may is not asked here")
    if call.operation in _WRITES.get(call.service, ()):
        _check_readers(needs)
    if call.service == "events" and call.operation == "PutEvents":
        _check_events(state, call)
    if call.service == "sns" and call.operation in ("Publish", "PublishBatch"):
        for topic in {one.resource for one in needs if one.resource and one.resource.startswith("arn:")}:
            for one in subscriptions_of(topic):
                _check_subscription(state, call.region, topic, *one)


def _check_events(state: State, call: Call) -> None:
    for entry in call.parameters.get("Entries") or ():
        found = targets_of(call.account, call.region, entry)
        owner = account_in(str(entry.get("EventBusName") or "")) or call.account
        if found != targets_of(owner, call.region, entry):
            raise Undecided(f"a rule looks at the account of an event; here it would be {owner}")
        for target in found:
            _check_target(state, call.region, target.rule, target.arn)


def _check_wiring(state: State, call: Call, needs: Iterable[Need]) -> None:
    if call.service == "cloudwatch" and call.operation == "PutMetricAlarm":
        check_actions(call.parameters)
    if call.service == "sqs":
        dead_letters.check_call(call, next((one.owner for one in needs if one.owner), call.account))
    event_targets.check_call(state, call)
    invoking_services.check_call(state, call)
    function_roles.check_call(state, call)


def _check_keys(needs: Iterable[Need]) -> None:
    """See that keys can be used: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"""
    for need in needs:
        key = str(need.resource)
        if need.action not in _USES_A_KEY or ":key/" not in key or (state := state_of_key(key)) in ("", "Enabled"):
            continue
        if need.delegated:
            raise Undecided(f"{key} is {state}; what the service answers then is not known here")
        disabled = state == "Disabled"
        raise RefusedRequest(
            f"{key} is {'disabled' if disabled else 'pending deletion'}.",
            "DisabledException" if disabled else "KMSInvalidStateException",
        )


def _check_readers(needs: Iterable[Need]) -> None:
    for need in needs:
        if need.resource and not need.delegated and is_read_by_a_function(need.resource):
            raise Undecided(f"a function reads {need.resource}; functions are not run here")


def _check_public(call: Call) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html"""
    if call.parameters.get("BlockPublicPolicy") and is_public(str(call.parameters.get("ResourcePolicy") or "")):
        raise RefusedRequest(
            "You can't attach a policy that allows broad access to the secret.", "PublicPolicyException"
        )


def _check_lockout(state: State, call: Call, needs: Iterable[Need]) -> None:
    if call.parameters.get("BypassPolicyLockoutSafetyCheck") or call.credentials is None:
        return
    for need in needs:
        if need.action not in ("kms:CreateKey", "kms:PutKeyPolicy"):
            continue
        if call.operation == "CreateKey":
            arn = key_lockout.new_key(call.region, call.account)
            need = replace(need, resource=arn, owner=call.account)
        policy = str(call.parameters.get("Policy") or "")
        key_lockout.check(state, call.credentials, need, policy, dict(call.http.headers), call.region)


def _check_subscription(state: State, region: str, topic: str, account: str, protocol: str, endpoint: str) -> None:
    if protocol in _UNSENT:
        return
    if protocol != "sqs":
        raise Undecided(f"whether SNS may send to {endpoint} ({protocol}) is not asked here")
    if account_in(endpoint) != account:
        raise Undecided(f"{endpoint} is in another account than its subscription to {topic}, and gets nothing here")
    _check_queue(state, region, "sns.amazonaws.com", topic, endpoint)


def _check_target(state: State, region: str, rule: str, target: str) -> None:
    if target.split(":")[2:3] != ["sqs"]:
        raise Undecided(f"whether {rule} may send to {target} is not asked here")
    if account_in(target) != account_in(rule):
        raise Undecided(f"{target} is in another account than {rule}, and gets nothing here")
    _check_queue(state, region, "events.amazonaws.com", rule, target)


def _check_queue(state: State, region: str, service: str, source: str, queue: str) -> None:
    """See that a service may send to a queue for its resource."""
    _, _, _, place, owner, name = queue.split(":", 5)
    key = of_queue(owner, place, name)
    if key is not None and _AWS_MANAGED in key:
        # https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
        raise Undecided(f"AWS would take the message and not deliver it to {queue}: {key} lets no service in")
    if key is not None:
        raise Undecided(f"whether {service} may use the key of {queue} is not asked here")
    if is_read_by_a_function(queue):
        raise Undecided(f"a function reads {queue}; functions are not run here")
    caller = Caller(SERVICE, service)
    kept = {"aws:sourcearn": source, "aws:sourceaccount": account_in(source) or ""}
    credentials = Credentials("", "", caller, kept=kept)
    need = Need("sqs:SendMessage", queue, owner, resource_policy("sqs", queue))
    denial = decide_need(state, caller, credentials, need, {}, region)
    if denial is not None:
        raise Undecided(f"AWS would take the message and not deliver it to {queue}: {denial.message}")
