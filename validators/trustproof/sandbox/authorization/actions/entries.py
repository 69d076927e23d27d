"""
Requests of several parts, each about a resource of its own: batches and transactions of tables, events for buses.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.model.request import ContextValue
from trustproof.sandbox.authorization.actions import named_resources
from trustproof.sandbox.authorization.actions.common import account_in, arn_of
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.moto.encryption import stream_of_iterator
from trustproof.sandbox.requests.wire import Call

#: Batches, whose parameter has the parts by the names of tables.
BATCHES = ("BatchGetItem", "BatchWriteItem")
#: Transactions, to the parameter with the parts; each part is asked for as the action of its own kind.
TRANSACTIONS = {"TransactGetItems": "TransactItems", "TransactWriteItems": "TransactItems"}
_ACTIONS = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
_DEFAULT_BUS = "default"


def resources_of(call: Call, prefix: str) -> list[str] | None:
    """
    The ARNs of what the parts of a request are about, or of what it is known to name.

    Args:
        call: the request.
        prefix: of the service's actions.

    Returns:
        None where it is no such request, or has no parts.
    """
    if prefix == "dynamodb" and call.operation in BATCHES:
        found = [_named(call, "table", str(name)) for name in call.parameters.get("RequestItems") or ()]
    elif prefix == "events" and call.operation == "PutEvents":
        entries = call.parameters.get("Entries") or ()
        found = [_named(call, "event-bus", str(one.get("EventBusName") or _DEFAULT_BUS)) for one in entries]
    elif prefix == "kinesis" and call.operation == "GetRecords":
        # An iterator is of one stream, whatever stream the request names besides.
        stream = stream_of_iterator(str(call.parameters.get("ShardIterator") or ""))
        found = [str(one) for one in (call.parameters.get("StreamARN"),) if one]
        found += [] if stream is None else [_named(call, "stream", stream)]
    else:
        found = named_resources.resources_of(call, prefix) or []
    return list(dict.fromkeys(found)) or None


def items_of(call: Call, table: str) -> Iterator[object]:
    """
    The items of a table, or their keys, that a batch is about.

    Args:
        call: the batch.
        table: its name.

    Yields:
        as DynamoDB has items; None for one that is not known.
    """
    for name, parts in (call.parameters.get("RequestItems") or {}).items():
        if str(name).rpartition("/")[2] != table:
            continue
        if isinstance(parts, Mapping):
            yield from parts.get("Keys") or ()
            continue
        for part in parts or ():
            for given in part.values():
                yield given.get("Item") or given.get("Key") if isinstance(given, Mapping) else None


def transaction(call: Call) -> Iterator[tuple[Need, object]]:
    """
    What a transaction of DynamoDB needs, and the item, or the key of the item, that each need is about.

    Raises:
        Undecided: a part of it is of a kind that is not known.
    """
    for part in call.parameters.get(TRANSACTIONS[call.operation]) or ():
        for kind, given in part.items():
            if kind not in _ACTIONS or not isinstance(given, Mapping):
                raise Undecided(f"which action {kind} in {call.operation} needs is not known here")
            table = _named(call, "table", str(given.get("TableName") or ""))
            keys: dict[str, ContextValue] = {"dynamodb:enclosingoperation": call.operation}
            need = Need(f"dynamodb:{_ACTIONS[kind]}", table, account_in(table), keys=keys)
            yield need, given.get("Item") or given.get("Key")


def _named(call: Call, kind: str, name: str) -> str:
    return name if name.startswith("arn:") else arn_of(call, call.service, f"{kind}/{name}")
