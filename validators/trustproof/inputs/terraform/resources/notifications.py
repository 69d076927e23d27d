"""
What of a configuration notifies topics, and calls functions, in the name of a service, besides rules, alarms, buckets
and topics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trustproof.inputs.terraform.lowering.expressions import lower_value
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.lowering.service_uses import ServiceUse
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.values import Attribute, Items, Known, Value


def _at(service: str, argument: str, block: str = "") -> Callable[[Lowering, Instance], Iterator[ServiceUse]]:
    """Reads what an argument names, one or a list, of the resource or of each block of a kind."""

    def read(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
        if block:
            said = [inner.get(argument) for _, inner in made.blocks(instance, block)]
        else:
            said = [made.value(instance, argument)]
        for value in said:
            for one in value.items if isinstance(value, Items) else (value,):
                if one is not None:
                    yield ServiceUse(service, lower_value(one, made), None, instance.address)

    return read


def _triggers(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
    """The functions that a user pool calls."""
    own = Attribute(instance.address, "arn")
    for _, config in made.blocks(instance, "lambda_config"):
        for one in config.values():
            if not _is_nothing(one) and not isinstance(one, Items):
                yield ServiceUse("cognito-idp.amazonaws.com", lower_value(one, made), own, instance.address)


def _is_nothing(value: Value) -> bool:
    return isinstance(value, Known) and value.value is None


#: By the type of a resource, what it comes to and by which service; the manuals are named beside what CloudFormation
#: has of the same kind.
NOTIFYING: Mapping[str, Callable[[Lowering, Instance], Iterator[ServiceUse]]] = {
    "aws_db_event_subscription": _at("events.rds.amazonaws.com", "sns_topic"),
    "aws_budgets_budget": _at("budgets.amazonaws.com", "subscriber_sns_topic_arns", "notification"),
    "aws_ses_event_destination": _at("ses.amazonaws.com", "topic_arn", "sns_destination"),
    "aws_ses_identity_notification_topic": _at("ses.amazonaws.com", "topic_arn"),
    "aws_codestarnotifications_notification_rule": _at("codestar-notifications.amazonaws.com", "address", "target"),
    "aws_config_config_rule": _at("config.amazonaws.com", "source_identifier", "source"),
    "aws_cognito_user_pool": _triggers,
    "aws_secretsmanager_secret_rotation": _at("secretsmanager.amazonaws.com", "rotation_lambda_arn"),
    "aws_cloudwatch_log_subscription_filter": _at("logs.amazonaws.com", "destination_arn"),
}
