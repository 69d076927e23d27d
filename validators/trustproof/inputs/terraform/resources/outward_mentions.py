"""
What a configuration tells to other accounts: a topic that an alarm of another provider names is for that account, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.inputs.cloudformation.values.catalogue import FURTHER, SOURCE
from trustproof.inputs.terraform.accounts.providers import Homes
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.values import Attribute, JsonText, Value

#: What services come to, and may do so from other accounts.
_REACHED = ("aws_lambda_function", "aws_s3_bucket", "aws_sns_topic", "aws_sqs_queue")
#: How types begin of what says who may do something, and has no service do it.
_NO_SENDERS = ("aws_iam_", "aws_kms_", "aws_s3_bucket_policy", "aws_sns_topic_policy", "aws_sqs_queue_policy")
#: What makes stacks in other accounts, and tells them what it is told.
_STACK_SETS = (
    "aws_cloudformation_stack_instances",
    "aws_cloudformation_stack_set",
    "aws_cloudformation_stack_set_instance",
)


class Mentions:
    """
    Which resources the arguments of others refer to: each is asked for every place that something is deployed to.
    """

    def __init__(self) -> None:
        self._found: dict[int, tuple[Instance, tuple[str, ...]]] = {}

    def of(self, instance: Instance) -> tuple[str, ...]:
        """The addresses of the resources that an instance refers to."""
        if id(instance) not in self._found:
            addresses = (one.address for value in instance.values.values() for one in _attributes(value))
            self._found[id(instance)] = instance, tuple(dict.fromkeys(addresses))
        return self._found[id(instance)][1]


def lower(made: Lowering, instances: Sequence[Instance], homes: Homes, mentions: Mentions) -> None:
    """Say in a template which of its resources something of another place, or of a StackSet, refers to."""
    own = {one.address for one in instances if one.type in _REACHED}
    if not own:
        return
    told: dict[str, None] = {}
    for instance in made.snapshot.instances:
        if instance.is_data or instance.type.startswith(_NO_SENDERS):
            continue
        if instance.type in _STACK_SETS or homes.of(instance.provider) != made.home:
            told.update((address, None) for address in mentions.of(instance) if address in own)
    for address in told:
        target = made.attribute(Attribute(address, "arn"))
        said: dict[str, object] = {"Service": FURTHER, "Target": target, "Elsewhere": True}
        made.resources[f"{address}.outward_mentions"] = {"Type": SOURCE, "Properties": said}


def _attributes(value: Value) -> Iterator[Attribute]:
    """The attributes of resources in a value, at any depth."""
    if isinstance(value, Attribute):
        yield value
    else:
        for part in (value.of,) if isinstance(value, JsonText) else value.parts():
            yield from _attributes(part)
