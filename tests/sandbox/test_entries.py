"""
Requests of several parts: each part is decided on the resource that it names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, refusal

REGION = "eu-central-1"
OWN, FOREIGN = (f"arn:aws:dynamodb:{REGION}:{account}:table/one" for account in (HOME, OTHER))
BUS = f"arn:aws:events:{REGION}:{HOME}:event-bus"
KEY = {"k": {"S": "a"}}
PUT = {"PutRequest": {"Item": KEY}}
GET = {"Get": {"TableName": "one", "Key": KEY}}
EVENT = {"Source": "a", "DetailType": "b", "Detail": "{}"}


@pytest.fixture(scope="module", autouse=True)
def _made(cast: Cast) -> None:
    for account in (HOME, OTHER):
        tables = cast.aws.client("dynamodb", account=account)
        for name in ("one", "two"):
            tables.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
    cast.aws.client("events", account=HOME).create_event_bus(Name="mine")


Call = Callable[[Any], Any]
PARTS: list[tuple[str, Call, bool]] = [
    ("dynamodb", lambda client: client.batch_write_item(RequestItems={"one": [PUT]}), True),
    ("dynamodb", lambda client: client.batch_write_item(RequestItems={OWN: [PUT]}), True),
    ("dynamodb", lambda client: client.batch_write_item(RequestItems={"two": [PUT]}), False),
    ("dynamodb", lambda client: client.batch_write_item(RequestItems={"one": [PUT], "two": [PUT]}), False),
    ("dynamodb", lambda client: client.batch_write_item(RequestItems={FOREIGN: [PUT]}), False),
    ("dynamodb", lambda client: client.batch_get_item(RequestItems={"one": {"Keys": [KEY]}}), True),
    ("dynamodb", lambda client: client.batch_get_item(RequestItems={"two": {"Keys": [KEY]}}), False),
    ("dynamodb", lambda client: client.batch_get_item(RequestItems={FOREIGN: {"Keys": [KEY]}}), False),
    (
        "dynamodb",
        lambda client: client.transact_get_items(TransactItems=[{"Get": {"TableName": "one", "Key": KEY}}]),
        True,
    ),
    (
        "dynamodb",
        lambda client: client.transact_write_items(TransactItems=[{"Put": {"TableName": "one", "Item": KEY}}]),
        True,
    ),
    (
        "dynamodb",
        lambda client: client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "one", "Item": KEY}},
                {"Delete": {"TableName": "two", "Key": KEY}},
            ]
        ),
        False,
    ),
    ("events", lambda client: client.put_events(Entries=[EVENT]), True),
    ("events", lambda client: client.put_events(Entries=[{**EVENT, "EventBusName": "default"}]), True),
    ("events", lambda client: client.put_events(Entries=[{**EVENT, "EventBusName": f"{BUS}/default"}]), True),
    ("events", lambda client: client.put_events(Entries=[{**EVENT, "EventBusName": "mine"}]), False),
    ("events", lambda client: client.put_events(Entries=[EVENT, {**EVENT, "EventBusName": "mine"}]), False),
]


@pytest.mark.parametrize(("service", "call", "allowed"), PARTS)
def test_each_part_is_asked_for(cast: Cast, service: str, call: Call, allowed: bool) -> None:
    """A request gets through when each of its parts does; a table of another account is not one's own of that name."""
    client = cast.aws.client(service, cast.user(allow("dynamodb:*", OWN), allow("events:*", f"{BUS}/default")))
    if allowed:
        call(client)
    else:
        assert refusal(lambda: call(client))[0] == "AccessDeniedException"


def test_the_actions_of_a_transaction(cast: Cast) -> None:
    """A part of a transaction needs the action of its kind, and says that it is part of one."""
    whole = {"StringEquals": {"dynamodb:EnclosingOperation": "TransactWriteItems"}}
    client = cast.aws.client("dynamodb", cast.user(allow("dynamodb:PutItem", OWN, Condition=whole)))
    client.transact_write_items(TransactItems=[{"Put": {"TableName": "one", "Item": KEY}}])
    deletion = [{"Delete": {"TableName": "one", "Key": KEY}}]
    code, message = refusal(lambda: client.transact_write_items(TransactItems=deletion))
    assert (code, "dynamodb:DeleteItem" in message) == ("AccessDeniedException", True)


def test_several_messages_are_published_like_one(cast: Cast) -> None:
    """PublishBatch needs what Publish needs."""
    topic = cast.aws.client("sns", account=HOME).create_topic(Name="parts")["TopicArn"]
    given = {"TopicArn": topic, "PublishBatchRequestEntries": [{"Id": "a", "Message": "a"}]}
    cast.aws.client("sns", cast.user(allow("sns:Publish", topic))).publish_batch(**given)
    nobody = cast.aws.client("sns", cast.user({**allow("sns:Publish", topic), "Effect": "Deny"}))
    assert refusal(lambda: nobody.publish_batch(**given))[0] == "AuthorizationError"
