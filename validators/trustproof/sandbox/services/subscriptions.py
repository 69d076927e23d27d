"""
Whose the subscriptions of topics are: who subscribed, and who has the topic, may end one, and nobody else.

https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html
"""

from __future__ import annotations

from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.carriers import Subscription, subscription, subscriptions_of
from trustproof.sandbox.requests.wire import Call

#: Of the ARN of a subscription.
_PARTS = "arn partition sns region account topic subscription".split()
#: Where whoever has the link of a message ends it, unless the subscription was made otherwise.
_OF_PEOPLE = ("email", "email-json", "http", "https", "sms")


def account_of(state: State, call: Call) -> str | None:
    """
    The account in which a subscription is ended; None for all other requests.

    Args:
        state: of the sandbox.
        call: the request, which the policies of the caller allow.

    Raises:
        Refused: the caller has neither the subscription nor the topic.
        Undecided: whether that is asked is not known.
    """
    if (call.service, call.operation) != ("sns", "Unsubscribe"):
        return None
    arn = str(call.parameters.get("SubscriptionArn"))
    fields = arn.split(":")
    found = subscription(arn) if len(fields) == len(_PARTS) else None
    owner = None if found is None else state.subscribers.get(_key(fields, found))
    if len(fields) != len(_PARTS) or call.account in (fields[4], owner):
        if found is not None:
            state.subscribers.pop(_key(fields, found), None)
        return fields[4] if len(fields) == len(_PARTS) else None
    if found is not None and found.protocol in _OF_PEOPLE:
        raise Undecided("whether whoever has neither the subscription nor the topic ends this one is not known here")
    raise RefusedRequest(
        "User is not authorized to perform: SNS:Unsubscribe on this resource", "AuthorizationError", 403
    )


def remember(state: State, call: Call, account: str) -> None:
    """
    Remember who subscribes to a topic of another account.

    Args:
        state: of the sandbox.
        call: the request, which is allowed.
        account: of the topic.
    """
    if (call.service, call.operation) == ("sns", "Subscribe") and account != call.account:
        topic, protocol, endpoint = (str(call.parameters.get(name)) for name in ("TopicArn", "Protocol", "Endpoint"))
        # Who subscribes the same again gets the subscription that there is.
        if not any((one.protocol, one.endpoint) == (protocol, endpoint) for one in subscriptions_of(topic)):
            state.subscribers[topic, protocol, endpoint] = call.account


def _key(fields: list[str], found: Subscription) -> tuple[str, str, str]:
    return ":".join(fields[:6]), found.protocol, found.endpoint
