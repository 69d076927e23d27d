"""
What of a configuration has a service come to another resource of it: notifications of buckets, subscriptions, targets
of rules, actions of alarms, origins of distributions, actions of pipelines.

None of them is a policy, and each decides what a remedy may ask of a service.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.values.catalogue import FURTHER, SOURCE, TELLS
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.json_values import from_json_text
from trustproof.inputs.terraform.lowering.expressions import lower_value
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.lowering.service_uses import ServiceUse
from trustproof.inputs.terraform.resources.distributions import DOMAINS, origins
from trustproof.inputs.terraform.resources.notifications import NOTIFYING
from trustproof.inputs.terraform.values.instances import Instance, without_keys
from trustproof.inputs.terraform.values.values import Attribute, Items, JsonText, Known, Text, Value
from trustproof.inputs.text import json as json_reader
from trustproof.model.document import IDENTITY_POOLS, SIGNED_IN, WHOEVER

#: What may be handed on to other configurations, whose services may come there too, and by which attributes.
_HANDED_ON, _ARNS = ("aws_sns_topic", "aws_sqs_queue"), ("arn", "id")
_ROLE, _NAMES_ROLE = "aws_iam_role", ":role/"
_RULE, _BUCKET, _KEY, _TOPIC = "aws_cloudwatch_event_rule", "aws_s3_bucket", "aws_kms_key", "aws_sns_topic"
#: Attributes that name a bucket, a key or a topic.
_NAMES = ("id", "bucket", "arn", "key_id", "name")
#: Services that deliver logs to buckets.
_LOGS, _BALANCER = "delivery.logs.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"
#: Blocks of the notification of a bucket, and what each names.
_NOTIFIED = (("topic", "topic_arn"), ("queue", "queue_arn"), ("lambda_function", "lambda_function_arn"))
#: A key of ``for_each`` that only a deployment knows: the address has what it is made of in its place.
_UNKNOWN_KEY = re.compile(r'\["(?:aws_\w+|data|each|local|module|var)\.')
_ON_ALARM = ("alarm_actions", "ok_actions", "insufficient_data_actions")


def lower(made: Lowering, instances: Sequence[Instance], handed_on: Mapping[str, str]) -> None:
    """
    Say in a template what of it has services come to what.

    Args:
        handed_on: the attributes that others get, without keys, to who that is.
    """
    for instance in instances:
        plain = without_keys(instance.address)
        if instance.type in _HANDED_ON and any(f"{plain}.{name}" in handed_on for name in _ARNS):
            target = made.attribute(Attribute(instance.address, "arn"))
            made.add(instance, SOURCE, {"Service": FURTHER, "Target": target}, f"{instance.address}.handed_on")
        elif instance.type == _BUCKET and any(f"{plain}.{name}" in handed_on for name in DOMAINS):
            # Nothing but a distribution asks for the domain of a bucket.
            target = made.attribute(Attribute(instance.address, "arn"))
            made.add(instance, SOURCE, {"Service": FURTHER, "Target": target}, f"{instance.address}.handed_on")
        elif instance.type == _ROLE and (who := _told_whom(handed_on, plain)):
            target = made.attribute(Attribute(instance.address, "arn"))
            told: dict[str, object] = {"Service": TELLS, "Target": target, "Name": who}
            made.add(instance, SOURCE, told, f"{instance.address}.handed_on")
        reads = (_KINDS.get(instance.type), _TOLD.get(instance.type))
        for number, one in enumerate(use for read in reads if read is not None for use in read(made, instance)):
            properties: dict[str, object] = {"Service": one.service, "Target": one.target, "Name": one.name}
            if one.source is not None:
                arn = lower_value(one.source, made)
                properties["SourceArn"] = {"Fn::Join": ["", [arn, one.suffix]]} if one.suffix else arn
                if isinstance(one.source, Attribute):
                    is_called = not _UNKNOWN_KEY.search(one.source.address)
                    properties["Reference"], properties["Suffix"] = one.source.shown if is_called else "", one.suffix
            made.add(instance, SOURCE, properties, f"{instance.address}.sends[{number}]")


def _told_whom(handed_on: Mapping[str, str], role: str) -> str:
    """Who is told a role; the empty string where nobody is."""
    return handed_on.get(f"{role}.arn") or handed_on.get(role, "")


def lower_outside(made: Lowering, handed_on: Mapping[str, str]) -> None:
    """Say in a template who is told a role outside of the resources that are read."""
    for number, (text, who) in enumerate((text, who) for text, who in handed_on.items() if _NAMES_ROLE in text):
        told: dict[str, object] = {"Service": TELLS, "Target": text, "Name": who}
        made.resources[f"{who}.told[{number}]"] = {"Type": SOURCE, "Properties": told}
    for number, (name, role) in enumerate(_assumed_by_providers(made)):
        told = {"Service": TELLS, "Target": lower_value(role, made), "Name": f"{WHOEVER}runs provider {name}"}
        made.resources[f"provider.{name}.assumes[{number}]"] = {"Type": SOURCE, "Properties": told}


def _assumed_by_providers(made: Lowering) -> Iterator[tuple[str, Value]]:
    """
    The roles that a configuration of the provider assumes, whoever runs it: mostly a pipeline.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs#assuming-an-iam-role
    """
    for name, provider in made.providers.items():
        given = provider.arguments.get("assume_role")
        for block in given.items if isinstance(given, Items) else (given,):
            role = _argument(block, "role_arn") if isinstance(block, Value) else None
            for one in _roles(made, role) if role is not None else ():
                yield name, one


def _notification(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
    bucket = made.value(instance, "bucket")
    told = made.told(bucket) if bucket is not None else None
    source = Attribute(told.address, "arn") if isinstance(told, Attribute) and told.name in ("id", "bucket") else None
    for block, argument in _NOTIFIED:
        for _, inner in made.blocks(instance, block):
            if argument in inner:
                yield ServiceUse("s3.amazonaws.com", lower_value(inner[argument], made), source, instance.address)


def _subscription(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
    endpoint, topic = made.value(instance, "endpoint"), made.value(instance, "topic_arn")
    if isinstance(topic, Attribute) and topic.name == "id":
        topic = Attribute(topic.address, "arn")
    redrive = made.value(instance, "redrive_policy")
    left = _argument(_structure(redrive), "deadLetterTargetArn") if redrive is not None else None
    for target in (one for one in (endpoint, left) if one is not None):
        yield ServiceUse("sns.amazonaws.com", lower_value(target, made), topic, instance.address)


def _target(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
    arn, rule = made.value(instance, "arn"), made.value(instance, "rule")
    if arn is None:
        return
    source = None
    if isinstance(rule, Attribute) and rule.name in ("name", "id"):
        source = Attribute(rule.address, "arn")
    elif isinstance(rule, Known):
        named = made.having(_RULE, "name", rule.value)
        source = Attribute(named[0].address, "arn") if len(named) == 1 else None
    dead_letters = (inner.get("arn") for _, inner in made.blocks(instance, "dead_letter_config"))
    for target in (one for one in (arn, *dead_letters) if one is not None):
        yield ServiceUse("events.amazonaws.com", lower_value(target, made), source, instance.address)


def _alarm(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
    own = Attribute(instance.address, "arn")
    for name in _ON_ALARM:
        listed = made.value(instance, name)
        for item in listed.items if isinstance(listed, Items) else ():
            yield ServiceUse("cloudwatch.amazonaws.com", lower_value(item, made), own, instance.address)


def _deliveries(*given: tuple[str, str, str]) -> Callable[[Lowering, Instance], Iterator[ServiceUse]]:
    """Reads what a service delivers to, or encrypts with: a block or none, the argument, and the service."""

    def read(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
        for block, argument, service in given:
            if block:
                said = [inner.get(argument) for _, inner in made.blocks(instance, block)]
            else:
                said = [made.value(instance, argument)]
            for value in said:
                kind = (_TOPIC, "name") if argument == "sns_topic_name" else (_BUCKET, "bucket")
                target = _kept_in(made, made.told(value) if value is not None else None, kind)
                if target is not None:
                    yield ServiceUse(service, made.attribute(target), None, instance.address)

    return read


def _balancer(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
    """Reads who delivers the logs of a load balancer, which another service does for one of a network."""
    kind = made.value(instance, "load_balancer_type")
    is_network = isinstance(kind, Known) and kind.value == "network"
    yield from _deliveries(("access_logs", "bucket", _LOGS if is_network else _BALANCER))(made, instance)


def _kept_in(made: Lowering, value: Value | None, kind: tuple[str, str]) -> Attribute | None:
    """
    The ARN of the bucket, key or topic of the configuration that a value names.

    Args:
        kind: the type of what is named by a text, and the argument that is its name.
    """
    if isinstance(value, Items) and len(value.items) == 1:
        value = value.items[0]
    if isinstance(value, Known):
        named = made.having(*kind, value.value)
        return Attribute(named[0].address, "arn") if len(named) == 1 else None
    if not isinstance(value, Attribute):
        return None
    instance = made.by_address.get(value.address)
    is_kept = instance is not None and instance.type in (_BUCKET, _KEY, _TOPIC) and value.name in _NAMES
    return Attribute(value.address, "arn") if is_kept else None


def _pipeline(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
    own = made.value(instance, "role_arn")
    name = own.address if isinstance(own, Attribute) else instance.address
    for _, stage in made.blocks(instance, "stage"):
        actions = stage.get("action")
        for action in actions.items if isinstance(actions, Items) else ():
            role = _argument(action, "role_arn")
            if role is not None:
                yield ServiceUse("codepipeline.amazonaws.com", lower_value(role, made), None, name)


def _programs(
    service: str, own: str, *told_by: tuple[str, str], calls: tuple[str, str] = ("", "")
) -> Callable[[Lowering, Instance], Iterator[ServiceUse]]:
    """
    Reads the roles that a program is told, which it assumes.

    Args:
        own: the argument for the role that it runs as.
        told_by: blocks, or none, and arguments.
        calls: of what calls others with a text, the block, or none, and the argument that says whom.
    """

    def read(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
        runs_as = made.value(instance, own) if own else None
        called = f"{WHOEVER}reads {instance.address}" if instance.type in _STORES else instance.address
        if calls[1]:
            others = [one.address for one in _given(made, instance, *calls) if isinstance(one, Attribute)]
            called = " and ".join(others) or f"what {instance.address} calls"
        for block, argument in told_by:
            said = _given(made, instance, block, argument)
            for role in (role for value in said if value is not None for role in _roles(made, _structure(value))):
                if role != runs_as:
                    yield ServiceUse(service, lower_value(role, made), None, called)

    return read


def _given(made: Lowering, instance: Instance, block: str, argument: str) -> list[Value | None]:
    """What an argument is given, of each block of a kind; of the resource itself where none is named."""
    if block:
        return [inner.get(argument) for _, inner in made.blocks(instance, block)]
    return [made.value(instance, argument)]


def _roles(made: Lowering, said: Value) -> Iterator[Value]:
    """What may be the ARN of a role in what a program is told, at any depth."""
    parts = tuple(said.parts()) if isinstance(said, Text) else (said,)
    if any(isinstance(part, Known) and _NAMES_ROLE in str(part.value) for part in parts):
        yield said
    elif isinstance(said, Attribute):
        role = made.by_address.get(said.address)
        if role is not None and role.type == _ROLE and said.name == "arn":
            yield said
    else:
        for part in (said.of,) if isinstance(said, JsonText) else said.parts():
            yield from _roles(made, part)


def _route(api: str, uri: str) -> Callable[[Lowering, Instance], Iterator[ServiceUse]]:
    """Reads what of an API calls a function: the arguments that name the API, and the URI of the call."""

    def read(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
        named, called = made.value(instance, api), made.value(instance, uri)
        if not isinstance(named, Attribute) or named.name != "id" or called is None:
            return
        if isinstance(called, Attribute) and called.name == "invoke_arn":
            called = Attribute(called.address, "arn")
        # Whatever stage, method and path it is, or which authorizer.
        source = Attribute(named.address, "execution_arn")
        yield ServiceUse("apigateway.amazonaws.com", lower_value(called, made), source, instance.address, "/*")

    return read


def _quick(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
    """What an HTTP API calls that is made by "quick create"."""
    called = made.value(instance, "target")
    if called is not None:
        source = Attribute(instance.address, "execution_arn")
        yield ServiceUse("apigateway.amazonaws.com", lower_value(called, made), source, instance.address, "/*")


def _identity_pool(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
    """Whom the roles of an identity pool are for; what goes by the claims of a user is for those who have signed in."""
    roles = getattr(made.value(instance, "roles"), "by_key", {})
    for name, role in roles.items():
        yield ServiceUse(IDENTITY_POOLS, lower_value(role, made), None, str(name))
    for _, mapping in made.blocks(instance, "role_mapping"):
        rules = mapping.get("mapping_rule")
        for rule in rules.items if isinstance(rules, Items) else ():
            if (role := _argument(rule, "role_arn")) is not None:
                yield ServiceUse(IDENTITY_POOLS, lower_value(role, made), None, SIGNED_IN)


def _structure(text: Value) -> Value:
    """What a text in JSON says, whichever way it is written."""
    if isinstance(text, Known) and isinstance(text.value, str):
        with contextlib.suppress(ValueError, RecursionError):
            return convert.value_of(json_reader.decode(text.value), text.place)
    found = from_json_text(text)
    return found.of if isinstance(found, JsonText) else found


def _argument(block: Value, name: str) -> Value | None:
    found = getattr(block, "by_key", {}).get(name)
    return None if not isinstance(found, Value) or (isinstance(found, Known) and found.value is None) else found


#: What keeps a text for whoever reads it.
_STORES = (
    "aws_appconfig_hosted_configuration_version",
    "aws_dynamodb_table_item",
    "aws_s3_bucket_object",
    "aws_s3_object",
    "aws_secretsmanager_secret_version",
    "aws_ssm_parameter",
)
#: What of a resource tells a program a role.
_TOLD: Mapping[str, Callable[[Lowering, Instance], Iterator[ServiceUse]]] = {
    "aws_amplify_app": _programs(TELLS, "", ("", "environment_variables")),
    "aws_appconfig_hosted_configuration_version": _programs(TELLS, "", ("", "content")),
    "aws_apprunner_service": _programs(TELLS, "", ("", "source_configuration")),
    "aws_batch_job_definition": _programs(TELLS, "", ("", "container_properties")),
    "aws_cloudformation_stack": _programs(TELLS, "", ("", "parameters")),
    "aws_cloudformation_stack_set": _programs(TELLS, "", ("", "parameters")),
    "aws_cloudformation_stack_set_instance": _programs(TELLS, "", ("", "parameter_overrides")),
    "aws_cloudformation_stack_instances": _programs(TELLS, "", ("", "parameter_overrides")),
    "aws_cloudwatch_event_target": _programs(TELLS, "", ("", "input"), ("", "input_transformer"), calls=("", "arn")),
    "aws_dynamodb_table_item": _programs(TELLS, "", ("", "item")),
    "aws_elastic_beanstalk_environment": _programs(TELLS, "", ("setting", "value")),
    "aws_glue_job": _programs(TELLS, "role_arn", ("", "default_arguments"), ("", "non_overridable_arguments")),
    "aws_instance": _programs(TELLS, "", ("", "user_data"), ("", "user_data_base64")),
    "aws_lambda_invocation": _programs(TELLS, "", ("", "input"), calls=("", "function_name")),
    "aws_launch_configuration": _programs(TELLS, "", ("", "user_data"), ("", "user_data_base64")),
    "aws_launch_template": _programs(TELLS, "", ("", "user_data")),
    "aws_s3_object": _programs(TELLS, "", ("", "content")),
    "aws_s3_bucket_object": _programs(TELLS, "", ("", "content")),
    "aws_scheduler_schedule": _programs(TELLS, "", ("target", "input"), calls=("target", "arn")),
    "aws_secretsmanager_secret_version": _programs(TELLS, "", ("", "secret_string")),
    "aws_servicecatalog_provisioned_product": _programs(TELLS, "", ("provisioning_parameters", "value")),
    "aws_ssm_association": _programs(TELLS, "", ("", "parameters")),
    "aws_ssm_document": _programs(TELLS, "", ("", "content")),
    "aws_ssm_parameter": _programs(TELLS, "", ("", "value"), ("", "insecure_value")),
    "aws_synthetics_canary": _programs(TELLS, "execution_role_arn", ("run_config", "environment_variables")),
}


_KINDS: Mapping[str, Callable[[Lowering, Instance], Iterator[ServiceUse]]] = {
    "aws_s3_bucket_notification": _notification,
    "aws_sns_topic_subscription": _subscription,
    "aws_cloudwatch_event_target": _target,
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_cloudwatch_composite_alarm": _alarm,
    "aws_cloudfront_distribution": origins,
    "aws_codepipeline": _pipeline,
    "aws_cognito_identity_pool_roles_attachment": _identity_pool,
    "aws_lambda_function": _programs("lambda.amazonaws.com", "role", ("environment", "variables")),
    "aws_codebuild_project": _programs("codebuild.amazonaws.com", "service_role", ("", "environment"), ("", "source")),
    "aws_ecs_task_definition": _programs("ecs-tasks.amazonaws.com", "task_role_arn", ("", "container_definitions")),
    "aws_sfn_state_machine": _programs("states.amazonaws.com", "role_arn", ("", "definition")),
    "aws_cloudtrail": _deliveries(
        ("", "s3_bucket_name", "cloudtrail.amazonaws.com"),
        ("", "kms_key_id", "cloudtrail.amazonaws.com"),
        ("", "sns_topic_name", "cloudtrail.amazonaws.com"),
    ),
    "aws_lb": _balancer,
    "aws_alb": _balancer,
    "aws_elb": _deliveries(("access_logs", "bucket", _BALANCER)),
    "aws_flow_log": _deliveries(("", "log_destination", _LOGS)),
    "aws_wafv2_web_acl_logging_configuration": _deliveries(("", "log_destination_configs", _LOGS)),
    "aws_route53_resolver_query_log_config": _deliveries(("", "destination_arn", _LOGS)),
    "aws_s3_bucket": _deliveries(("logging", "target_bucket", "logging.s3.amazonaws.com")),
    "aws_s3_bucket_logging": _deliveries(("", "target_bucket", "logging.s3.amazonaws.com")),
    "aws_config_delivery_channel": _deliveries(
        ("", "s3_bucket_name", "config.amazonaws.com"), ("", "s3_kms_key_arn", "config.amazonaws.com")
    ),
    "aws_guardduty_publishing_destination": _deliveries(
        ("", "destination_arn", "guardduty.amazonaws.com"), ("", "kms_key_arn", "guardduty.amazonaws.com")
    ),
    "aws_cloudwatch_log_group": _deliveries(("", "kms_key_id", "logs.amazonaws.com")),
    "aws_api_gateway_integration": _route("rest_api_id", "uri"),
    "aws_api_gateway_authorizer": _route("rest_api_id", "authorizer_uri"),
    "aws_apigatewayv2_api": _quick,
    "aws_apigatewayv2_integration": _route("api_id", "integration_uri"),
    "aws_apigatewayv2_authorizer": _route("api_id", "authorizer_uri"),
    **NOTIFYING,
}
