"""
What a configuration hands on: attributes of resources that other configurations, programs or providers get.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.terraform.configuration.module_instances.module_instance import ModuleInstance
from trustproof.inputs.terraform.configuration.modules.static_references import reference_of
from trustproof.inputs.terraform.configuration.syntax.blocks import Body
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression
from trustproof.inputs.terraform.snapshots.snapshot import is_read, is_told, whoever_reads
from trustproof.inputs.terraform.values.instances import without_keys
from trustproof.model.document import WHOEVER

#: What a cluster calls the role that somebody is, who is told nothing by that:
#: https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
_OF_CLUSTERS = "rolearn"
#: What of a call says where the module is, and how many of it there are.
_OF_CALLS = ("source", "version", "providers", "count", "for_each", "depends_on")
#: What assumes a role to read and write the state: https://developer.hashicorp.com/terraform/language/backend/s3
_KEEPS_STATE = ("backend", "cloud")
#: How the ARN of a role goes on after its account.
_ROLE = ":role/"


class _Use(NamedTuple):
    """
    Something that is made of attributes.
    """

    #: The modules that it stands in, the root module first.
    modules: tuple[ModuleInstance, ...]
    #: What stands there: an expression, or a name of one.
    key: str
    expression: Expression
    #: Who gets it, in words.
    who: str
    #: Whether it is told of a role by the name of it: what a module makes of that is not known.
    by_name: bool = False


def exported_attributes(root: ModuleInstance) -> Mapping[str, str]:
    """
    The attributes that somebody is told, without keys (``aws_sns_topic.alarms.arn``), also through locals, variables
    and outputs of modules, and texts with ARNs of roles; each to who gets it, in words. See `is_told`.
    """
    found: dict[str, str] = {}
    waiting = list(_uses((root,)))
    seen = {(use.modules[-1].address, use.key) for use in waiting}
    while waiting:
        use = waiting.pop()
        module = use.modules[-1]
        prefix = without_keys(f"{module.address}x")[:-1]
        said = reference_of(use.expression)
        if said is not None and any(_OF_CLUSTERS in text for text in said.texts):
            continue
        whole = (one for one in said.names if not any(a.startswith(f"{one}.") for a in said.attributes)) if said else ()
        found.update(
            (text, use.who) for text in sorted(said.texts if said else ()) if _ROLE in text and text not in found
        )
        for name in sorted((*said.attributes, *whole)) if said is not None else ():
            if name.partition(".")[0] not in ("local", "var", "module"):
                found.setdefault(prefix + name, use.who)
                role = name.removesuffix(".name")
                if use.by_name and role != name:
                    found.setdefault(f"{prefix}{role}.arn", use.who)
            for inner in _behind(use, name):
                key = (inner.modules[-1].address, inner.key)
                if key not in seen:
                    seen.add(key)
                    waiting.append(inner)
    return found


def _uses(modules: tuple[ModuleInstance, ...]) -> Iterator[_Use]:
    """
    The outputs of the root module, and the arguments of what is of other providers, of modules that are not at hand,
    and of what keeps the state, here and in what is called.
    """
    module = modules[-1]
    if len(modules) == 1:
        for name, block in module.module.outputs.items():
            if (value := block.body.argument("value")) is not None:
                yield _Use(modules, f"output.{name}", value.expression, whoever_reads(f"output.{name}"))
    for resource, block in module.module.resources.items():
        for place, expression in _arguments(block.body):
            if is_told(resource.type, place):
                yield _Use(modules, f"{resource}.{place}", expression, whoever_reads(f"{module.address}{resource}"))
    for name, block in module.module.providers.items():
        if not is_read(name.partition(".")[0]):
            who = f"{WHOEVER}runs provider {name}"
            yield from (_Use(modules, f"provider.{name}.{at}", one, who) for at, one in _arguments(block.body))
    for settings in module.module.settings if len(modules) == 1 else ():
        for block in settings.body.blocks(*_KEEPS_STATE):
            who = f"{WHOEVER}keeps the state"
            yield from (_Use(modules, f"{block.type}.{at}", one, who) for at, one in _arguments(block.body))
    for call, block in module.module.calls.items():
        children = module.children(call)
        for child in children:
            yield from _uses((*modules, child))
        called = f"{module.address}module.{call}"
        if not children and called not in module.shared.absent:
            given = ((at, one) for at, one in _arguments(block.body) if at not in _OF_CALLS)
            who = whoever_reads(called)
            yield from (_Use(modules, f"module.{call}.{at}", one, who, by_name=True) for at, one in given)


def _behind(use: _Use, name: str) -> Iterator[_Use]:
    """What a local, a variable or an output of a module is made of."""
    module = use.modules[-1]
    # A name by itself, as of a `for` that is none, refers to nothing.
    first, named, *rest = name.split(".") if "." in name else (name, "")
    if first == "local" and (local := module.module.locals.get(named)) is not None:
        yield _Use(use.modules, name, local.expression, use.who, use.by_name)
    elif first == "var" and len(use.modules) > 1:
        call = module.address[:-1].rpartition("module.")[2].partition("[")[0]
        block = use.modules[-2].module.calls.get(call)
        given = block.body.argument(named) if block is not None else None
        if given is not None:
            yield _Use(use.modules[:-1], f"module.{call}.{named}", given.expression, use.who, use.by_name)
    elif first == "module" and rest and named in module.module.calls:
        for child in module.children(named):
            block = child.module.outputs.get(rest[0])
            value = block.body.argument("value") if block is not None else None
            if value is not None:
                yield _Use((*use.modules, child), f"output.{rest[0]}", value.expression, use.who, use.by_name)


def _arguments(body: Body, place: str = "") -> Iterator[tuple[str, Expression]]:
    """The arguments of a block and of those inside of it, each with its place."""
    for argument in body.arguments.values():
        yield f"{place}{argument.name}", argument.expression
    for number, block in enumerate(body.blocks()):
        yield from _arguments(block.body, f"{place}{block.type}[{number}].")
