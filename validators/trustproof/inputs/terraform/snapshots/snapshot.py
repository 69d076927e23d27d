"""
What a plan or a state says, in the same form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from trustproof.inputs.terraform.types.types_of_aws import AWS, OF_AWS
from trustproof.inputs.terraform.values.instances import Instance, Note
from trustproof.inputs.terraform.values.values import Value
from trustproof.model.document import WHOEVER

#: Providers whose resources are read, behind the host and before the version.
PROVIDERS = ("hashicorp/aws", "hashicorp/awscc")
#: https://developer.hashicorp.com/terraform/cli/commands/state/replace-provider
_OF_NOBODY = "-/aws"

#: ``aws.hub`` behind the module that has it: ``module.a:``.
_CONFIGURATION = re.compile(r"(?P<module>.*:)?(?P<name>[A-Za-z_][\w-]*)(?P<alias>(?:\.[\w-]+(?:\[.*\])?)?)", re.DOTALL)


class ProviderConfiguration(NamedTuple):
    """
    What is written in the configuration of a provider, as far as it is known.
    """

    #: ``aws``, ``aws.hub``, ``module.a:aws``.
    name: str
    #: Its arguments; those that are not known are unknown values.
    arguments: Mapping[str, Value] = {}


def _nothing(_: str) -> tuple[str, ...]:
    return ()


class Snapshot(NamedTuple):
    """
    What a plan or a state says.
    """

    #: Resources and data sources, in the order of the file.
    instances: tuple[Instance, ...]
    providers: Mapping[str, ProviderConfiguration] = {}
    notes: tuple[Note, ...] = ()
    #: Why nothing can be proved that depends on several resources; empty where nothing stands in the way.
    doubt: str = ""
    #: Address without keys, and argument, to the references that the argument is made of.
    references: Mapping[tuple[str, str], tuple[str, ...]] = {}
    #: Of the root module, by name without ``var.``, as far as they are known.
    variables: Mapping[str, Value] = {}
    #: What is there until a plan deletes it.
    deleted: tuple[Instance, ...] = ()
    #: What resources are until a plan changes or replaces them.
    replaced: tuple[Instance, ...] = ()
    #: What resources are in the state that a plan was made of, and somebody else has changed or deleted by then.
    drifted: tuple[Instance, ...] = ()
    #: What a plan forgets, as it is; of a provider configuration without a name where the plan does not say which.
    forgotten: tuple[Instance, ...] = ()
    #: Attributes that the root module hands on, without keys, to who gets them: ``aws_sns_topic.alarms.arn`` to
    #: ``whoever reads output.topic``.
    handed_on: Mapping[str, str] = {}
    #: Whether the provider of AWS is older than version 3.0, which changed attributes; None where both may be.
    is_aws_before_3: bool | None = False
    #: Whether it says whose credentials a provider configuration uses, or else makes up one for each account.
    has_credentials: bool = True
    #: What a block of a plan refers to and waits for, all by their addresses without keys: variables, outputs, locals
    #: and whole modules, too.
    waits_for: Callable[[str], tuple[str, ...]] = _nothing


def whoever_reads(place: str) -> str:
    """
    Who gets what stands in an output of the root module or in a resource, in words: another configuration, or a
    program. An instance does what it is told by itself.

    https://developer.hashicorp.com/terraform/language/state/remote-state-data
    """
    return place if f".{AWS}" in f".{place}" else f"{WHOEVER}reads {place}"


def is_told(type_: str, argument: str) -> bool:
    """
    Whether an argument of a resource tells somebody what stands in it, who may act on that: whatever a resource of
    another provider has, and what an instance begins with.

    Args:
        type_: ``kubernetes_service_account``.
    """
    return not type_.startswith(OF_AWS) or argument.startswith("user_data")


def is_read(provider: str) -> bool:
    """
    Whether the resources of a provider are read.

    Args:
        provider: its address, ``registry.terraform.io/hashicorp/aws``; before version 0.13 its name, which 0.13 writes
            as an address until somebody says whose it is: ``registry.terraform.io/-/aws``.
    """
    return provider in ("", "aws", "awscc") or provider.endswith(tuple(f"/{name}" for name in (*PROVIDERS, _OF_NOBODY)))


def by_source(configuration: str, provider: str) -> str:
    """
    A provider configuration by what its provider is called everywhere: modules may call it as they like. One that is
    not read is called by its namespace, too: ``acme/aws``.

    https://developer.hashicorp.com/terraform/language/providers/requirements#local-names

    Args:
        configuration: as a module calls it: ``amazon.hub``, ``module.a:amazon``.
        provider: its address, ``registry.terraform.io/hashicorp/aws``; empty where that is not known.
    """
    found = _CONFIGURATION.fullmatch(configuration)
    if found is None or not provider:
        return configuration
    *_, namespace, name = ("hashicorp", *provider.lower().split("/"))
    own = name if f"{namespace}/{name}" in PROVIDERS else f"{namespace}/{name}"
    if "/" in own and found["name"] not in ("aws", "awscc"):
        return configuration
    return f"{found['module'] or ''}{own}{found['alias']}"
