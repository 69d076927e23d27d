"""
What a call that is allowed does besides: what SNS sends to the queues that are subscribed to a topic, what a function
does that is invoked, and whether a new key policy locks its author out.

https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from trustproof.model.request import SERVICE, Caller
from trustproof.sandbox.actions.common import account_in
from trustproof.sandbox.authorize import judged
from trustproof.sandbox.context import Need
from trustproof.sandbox.credentials import Credentials
from trustproof.sandbox.errors import Refused, Undecided
from trustproof.sandbox.moto.encryption import of_queue, queues_of_topic
from trustproof.sandbox.moto.policies import resource_policy
from trustproof.sandbox.state import State
from trustproof.sandbox.wire import Call

_INVOKING = ("Invoke", "InvokeAsync", "InvokeWithResponseStream")
_PUBLISHING = ("Publish", "PublishBatch")
_SNS = "sns.amazonaws.com"
_AWS_MANAGED = "alias/aws/"


def check(state: State, call: Call, needs: Iterable[Need]) -> None:
    """
    See that a call that is allowed does what it would do on AWS.

    Raises:
        Refused: a key policy would not let the caller change it again.
        Undecided: AWS would take a message and not deliver it to some queue, or moto would deliver it elsewhere; or a
            function would run.
    """
    if call.service == "lambda" and call.operation in _INVOKING:
        raise Undecided("the caller may invoke the function; functions are not run here")
    if call.service == "kms" and call.operation == "PutKeyPolicy":
        _check_lockout(state, call, needs)
    if call.service != "sns" or call.operation not in _PUBLISHING:
        return
    for topic in {one.resource for one in needs if one.resource and one.resource.startswith("arn:")}:
        for account, queue in queues_of_topic(topic):
            _check(state, call.region, topic, account, queue)


def _check_lockout(state: State, call: Call, needs: Iterable[Need]) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"""
    if call.parameters.get("BypassPolicyLockoutSafetyCheck") or call.credentials is None:
        return
    for need in needs:
        later = replace(need, policy=str(call.parameters.get("Policy") or ""))
        if judged(state, call.credentials.caller, call.credentials, later, dict(call.http.headers), call.region):
            text = "The new key policy will not allow you to update the key policy in the future."
            raise Refused(text, "MalformedPolicyDocumentException")


def _check(state: State, region: str, topic: str, account: str, queue: str) -> None:
    owner = account_in(queue)
    if owner is None or owner != account:
        raise Undecided(f"{queue} is in another account than its subscription to {topic}, and gets nothing here")
    key = of_queue(owner, *queue.split(":")[3:6:2])
    if key is not None and _AWS_MANAGED not in key:
        raise Undecided(f"whether SNS may use the key of {queue} is not asked here")
    caller = Caller(SERVICE, _SNS)
    kept = {"aws:sourcearn": topic, "aws:sourceaccount": account_in(topic) or ""}
    credentials = Credentials("", "", caller, kept=kept)
    need = Need("sqs:SendMessage", queue, owner, resource_policy("sqs", queue))
    denial = judged(state, caller, credentials, need, {}, region)
    if denial is not None:
        raise Undecided(f"AWS would take the message and not deliver it to {queue}: {denial.message}")
