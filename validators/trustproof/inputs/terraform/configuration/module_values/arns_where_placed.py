"""
ARNs of what is made, by their parts: the name is written, and where a provider is known to deploy to, the account and
the partition are known.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from trustproof.inputs.terraform.configuration.block_contents import resource_blocks
from trustproof.inputs.terraform.configuration.block_contents.block_instances import variables_of
from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.evaluation.expansion import Made
from trustproof.inputs.terraform.configuration.modules.lifecycle import ignored_changes
from trustproof.inputs.terraform.configuration.modules.modules import ResourceName
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.values import convert, value_shapes
from trustproof.inputs.terraform.values.parts_of_arns import ACCOUNT, NAME, PARTITION
from trustproof.inputs.terraform.values.values import Attribute, Known, Value


class Placed(Protocol):
    """
    The module that a resource stands in.
    """

    shared: Any

    @property
    def evaluator(self) -> Evaluator:
        """What evaluates its expressions."""
        ...

    def provider_of(self, name: ResourceName, block: Block, made: Made) -> str:
        """The provider configuration of an instance."""
        ...


def where_placed(named: Attribute, module: Placed, name: ResourceName, block: Block, made: Made) -> Value:
    """
    What AWS calls an instance: of IAM an ARN by its parts, where it is asked what is known of where that is deployed
    to; else what is given.
    """
    places: Callable[[str], Mapping[str, str]] | None = module.shared.known_places
    kind = value_shapes.KINDS.get(name.type)
    if places is None or kind is None or named.name != "arn":
        return named
    told = places(module.provider_of(name, block, made))
    variables = variables_of(block, made, "")

    def part(place: str, called: str) -> Value:
        return Known(told[place]) if place in told else Attribute(named.address, called)

    written = resource_blocks.value(module.evaluator, block.body, "name", variables)
    path = resource_blocks.value(module.evaluator, block.body, "path", variables) or Known("/")
    ending: Value = Attribute(named.address, NAME)
    kept = ignored_changes(block)
    is_written = not kept.leaves("name") and not kept.leaves("path")
    if is_written and isinstance(written, Known) and isinstance(written.value, str) and isinstance(path, Known):
        ending = Known(f"{path.value or '/'}{written.value}".removeprefix("/"), sensitive=written.sensitive)
    account = part("AWS::AccountId", ACCOUNT)
    pieces = (Known("arn:"), part("AWS::Partition", PARTITION), Known(":iam::"), account, Known(f":{kind}"), ending)
    return convert.join_texts(pieces, named.place)
