"""
What values are made of that are only known when a configuration is applied: the arguments of data sources, of resources
of other providers and of modules that are not at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from trustproof.inputs.terraform.configuration.evaluation.types import ANY, Type, defaults_within
from trustproof.inputs.terraform.configuration.module_instances.module_instance import ModuleInstance
from trustproof.inputs.terraform.configuration.module_values.providers import configurations
from trustproof.inputs.terraform.configuration.modules.modules import ResourceName
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.instances import KEY_PATTERN, Instance, steps
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Choice, Known, unknowns

#: An address in the name of a value: ``module.a["k"].data.aws_ssm_parameter.b[0]``, ``local.c``, ``module.d``.
_ADDRESS = re.compile(rf"(?:module\.[\w-]+{KEY_PATTERN}\.)*(?:data\.)?[A-Za-z_][\w-]*\.[\w-]+{KEY_PATTERN}")
#: Behind the address of a data source: an attribute that says which resource it reads, and nothing of what that says.
_IDENTITY = re.compile(r"\.(?:arn|id|name|path|unique_id|url|bucket|function_name|account_id|region)\b(?!\.)")
#: Behind the address of a resource: all its tags, which are its own and those of its provider.
_TAGS = re.compile(r"\.tags_all\b")
#: What is inside of a variable, behind its address: attributes, and items by a number or a key.
_INSIDE = re.compile(r'(?:\.[A-Za-z_][\w-]*|\["[^"\\]*"\]|\[\d+\])*')
_STEP = re.compile(r'\.([\w-]+)|\["?([^"\]]*)"?\]')
#: What says of a block how many instances it has, and which values these have.
_HOW_MANY = ("count", "for_each")
#: What stands around the name of a value in what shows that, or nothing.
_QUOTES = ("", "'")
#: The types of which data sources read resources, where these are not of their own type alone.
_READ_BY = {
    read: among
    for among in (
        ("aws_cloudformation_stack", "awscc_cloudformation_stack"),
        ("aws_s3_bucket_object", "aws_s3_object"),
        ("aws_secretsmanager_secret_version", "awscc_secretsmanager_secret"),
    )
    for read in among
}
#: Said of what has a default, which then stands behind it.
_WITHOUT = " is without a value"
#: So many texts of a configuration are remembered, with what they are made of.
_KEPT = 256
#: What says nothing of what a module makes.
_ORDER = ("depends_on",)


def made_of(root: ModuleInstance, name: str) -> str:
    """
    What a value is made of that has a name because nobody knows it, and what that is made of: equal where two
    configurations make it of the same; empty where its name says all.

    Args:
        root: the root module.
        name: such as ``data.aws_ssm_parameter.a.value``.
    """
    return _written(_behind(root, name))


def look_up(root: ModuleInstance, name: str) -> str:
    """
    What a data source is given, and what that is made of, without its own address; empty for what is no attribute of
    one: two resources that are given the same are two.

    Args:
        root: the root module.
        name: such as ``data.aws_ssm_parameter.a.value``.
    """
    found = _ADDRESS.match(name)
    if found is None or "data" not in steps(found[0]) or not name[found.end() :].startswith("."):
        return ""
    module, rest = module_of(root, found[0])
    given = made_of(root, name)
    if len(rest) != 3 or rest[0] != "data" or not given:
        return ""
    # An instance may be one of several that are given the same: with its key, it is this one.
    called = ".".join(("data", rest[1], rest[2].partition("[")[0]))
    key = rest[2].partition("[")[2]
    said = re.sub(rf"(?<![\w.-]){re.escape(module.address + called)}(?![\w-])", f"data.{rest[1]}", given)
    return f"{rest[1]}{name[found.end() :]} [{key} {said}"


def arguments_of(root: ModuleInstance, address: str) -> str:
    """What a resource or module is given, and what that is made of; empty where nothing has that address."""
    said = "; ".join(_said(*module_of(root, address), is_asked=True))
    return said and _written({**_behind(root, said), address: said})


def _written(found: Mapping[str, str]) -> str:
    return "\n".join(f"{address}: {said}" for address, said in sorted(found.items()) if said)


class _Passed(NamedTuple):
    """
    A value that a module is passed and nobody knows, of which the module says what it is where there is none.
    """

    module: ModuleInstance
    #: What it is called where the module reads it.
    shown: re.Pattern[str]
    kind: Type
    #: Of a variable that is never null; None where another value is known to take its place.
    default: Expression | None

    def defaults(self, text: str) -> Iterator[tuple[str, str]]:
        """What it may be instead where a text names it or what is inside, by what that is called."""
        for match in self.shown.finditer(text):
            inside = _inside(text, match.end())
            words = [
                *_defaults(self.module, self.kind, inside),
                *(() if self.default is None else _words(self.module, self.default)),
            ]
            yield f"what {match[0]}{inside}{_WITHOUT} in {self.module.address}", "; ".join(words)


class _Origins(NamedTuple):
    """
    What has been found of the values of a configuration: each is asked about several times, at all that is read of it.
    """

    passed: list[_Passed]
    #: By texts, what `_behind` has found.
    behind: dict[str, dict[str, str]]


@lru_cache(maxsize=1)
def _origins(root: ModuleInstance) -> _Origins:
    # One reading of a configuration is judged after the other: of those before nothing is kept.
    return _Origins(_passed(root), {})


def _passed(root: ModuleInstance) -> list[_Passed]:
    found: list[_Passed] = []
    for module in modules_from(root):
        for name, block in module.module.variables.items() if module is not root else ():
            kind = module.shared.type_of(block) or Type(ANY)
            never_null = block.body.argument("nullable")
            is_never_null = never_null is not None and getattr(never_null.expression, "value", None) is False
            default = block.body.argument("default") if is_never_null else None
            if default is None and not any(True for _ in defaults_within(kind, ())):
                continue
            with suppress(Fault):
                for one in unknowns(module.variable(name)):
                    if isinstance(one, Choice):
                        # What decides between two values is none of them, and where one is missing, that is known.
                        continue
                    # Of a scalar it is known when it is null, and what it is then.
                    is_scalar = isinstance(one, Variable) and bool(one.kind)
                    shown = re.compile(rf"(?<![\w.-]){re.escape(one.shown)}(?![\w-])")
                    found.append(
                        _Passed(module, shown, kind, None if default is None or is_scalar else default.expression)
                    )
    return found


def _behind(root: ModuleInstance, text: str) -> dict[str, str]:
    """What is given to what a text names, and to what that names, by address."""
    known = _origins(root)
    if text not in known.behind:
        if len(known.behind) >= _KEPT:
            known.behind.clear()
        known.behind[text] = _find_behind(root, text, known.passed)
    return known.behind[text]


def _find_behind(root: ModuleInstance, text: str, passed: Sequence[_Passed]) -> dict[str, str]:
    found: dict[str, str] = {}
    waiting = [text]
    of_root: set[str] = set()
    while waiting:
        said_of = waiting.pop()
        for one in passed if said_of not in found.values() else ():
            for within, defaults in one.defaults(said_of):
                if defaults and within not in found:
                    found[within] = defaults
                    waiting.append(defaults)
        for match in _ADDRESS.finditer(said_of):
            address = match[0]
            is_of_root = _is_variable_of_root(match)
            if address not in found or (address in of_root and not is_of_root):
                # An expression is called by names of the module that it stands in, and nobody knows which that is.
                modules = (root,) if is_of_root or address.startswith("module.") else modules_from(root)
                said = (one for module in modules for one in _said(*module_of(module, address)))
                found[address] = "; ".join(said)
                (of_root.add if is_of_root else of_root.discard)(address)
                waiting.append(found[address])
            if address.startswith("var.") and match.string != found[address]:
                inside = _inside(match.string, match.end())
                within = f"what {address}{inside}{_WITHOUT}"
                if within not in found:
                    found[within] = "; ".join(_defaults_of_root(root, address, inside))
                    waiting.append(found[within])
            if _TAGS.match(match.string, match.end()) and f"the tags of {address}" not in found:
                found[f"the tags of {address}"] = "; ".join(_tags(root, address))
            kept = f"what {address} reads"
            if "data" in steps(address) and kept not in found and not _IDENTITY.match(match.string, match.end()):
                found[kept] = "; ".join(_kept(root, address))
                waiting.append(found[kept])
    return found


def _is_variable_of_root(match: re.Match[str]) -> bool:
    """Whether an address is the whole name of a value: that of a variable elsewhere begins with its module."""
    text, end = match.string, match.end() + len(_inside(match.string, match.end()))
    around = text[match.start() - 1 : match.start()] if match.start() else "", text[end : end + 1]
    return match[0].startswith("var.") and all(one in _QUOTES for one in around)


def _defaults_of_root(root: ModuleInstance, address: str, inside: str) -> Iterator[str]:
    """The defaults of optional attributes that a value in a variable of the root module may come from, as written."""
    named, _, key = address.removeprefix("var.").partition("[")
    block = root.module.variables.get(named)
    kind = root.shared.type_of(block) if block is not None else None
    if kind is not None:
        yield from _defaults(root, kind, f"[{key}{inside}" if key else inside)


def _defaults(module: ModuleInstance, kind: Type, inside: str) -> Iterator[str]:
    """The same of a variable of any module."""
    place = [one or other for one, other in _STEP.findall(inside)]
    for default in defaults_within(kind, place):
        yield from _words(module, default)


def _inside(text: str, start: int) -> str:
    """The steps that follow in a text behind the name of a variable."""
    found = _INSIDE.match(text, start)
    return found[0] if found else ""


def _kept(root: ModuleInstance, address: str) -> Iterator[str]:
    """What resources of the configuration are given of which a data source may read one."""
    for one in resources_read(root, address):
        given = (f"{key} = {one.values[key]!r}" for key in sorted(one.values) if key not in _HOW_MANY)
        yield f"{one.address}: {', '.join(given)}"


def resources_read(root: ModuleInstance, address: str) -> Iterator[Instance]:
    """The resources of the configuration of which a data source may read one, by its address."""
    everything = list(modules_from(root))
    for module in (root,) if address.startswith("module.") else everything:
        inside, rest = module_of(module, address)
        if len(rest) < 3:
            continue
        reading = _instances(inside, ResourceName(True, rest[1], rest[2].partition("[")[0]))
        for there in everything if reading else ():
            for name in there.module.resources:
                is_read = not name.is_data and name.type in _READ_BY.get(rest[1], (rest[1],))
                for one in _instances(there, name) if is_read else ():
                    if any(_may_read(data, one) for data in reading):
                        yield one


def _tags(root: ModuleInstance, address: str) -> Iterator[str]:
    """The tags that a resource is given, and those that the providers of the root module give to everything."""
    for module in (root,) if address.startswith("module.") else modules_from(root):
        inside, rest = module_of(module, address)
        named = [step.partition("[")[0] for step in rest]
        for one in _instances(inside, ResourceName(False, named[0], named[1])) if len(named) == 2 else ():
            yield f"{one.address}: {one.values.get('tags')!r}"
    yield from (f"{name}: {given.get('default_tags')!r}" for name, given in configurations(root.module, root.evaluator))


def _may_read(data: Instance, resource: Instance) -> bool:
    """Whether nothing that both are given says that a data source is about another resource."""
    both = ((data.values[name], resource.values[name]) for name in data.values.keys() & resource.values.keys())
    return not any(
        isinstance(first, Known) and isinstance(other, Known) and first.value != other.value for first, other in both
    )


def _instances(module: ModuleInstance, name: ResourceName) -> list[Instance]:
    block = module.module.resources.get(name)
    if block is None:
        return []
    made = module.expansion(name, block, f"{module.address}{name}").instances
    return [module.instance(name, block, one) for one in made]


def defaults_behind(root: ModuleInstance, name: str) -> tuple[str, ...]:
    """What is taken where parts of a value with a name have no value, as it is written."""
    return tuple(said for what, said in _behind(root, name).items() if _WITHOUT in what)


def addresses_behind(root: ModuleInstance, name: str) -> tuple[str, ...]:
    """What a value with a name is made of, and what that is made of, by address."""
    return tuple(_behind(root, name))


def modules_from(module: ModuleInstance) -> Iterator[ModuleInstance]:
    """A module and those that it calls."""
    yield module
    for call in module.module.calls:
        for child in module.children(call):
            yield from modules_from(child)


def _said(module: ModuleInstance, rest: Sequence[str], *, is_asked: bool = False) -> Iterator[str]:
    """
    What the block that the steps of an address lead to is given, each with its value as far as that is known.

    Args:
        is_asked: whether it is asked about itself, and not about a value that it has a name for.
    """
    first, named, *others = (step.partition("[")[0] for step in rest)
    if first == "module":
        call = module.module.calls.get(named)
        if call is not None and not module.children(named):
            for name, given in sorted(call.body.arguments.items()):
                if name not in _ORDER:
                    yield f"{name} = {_value(module, given.expression)}"
        return
    if first == "var":
        if named in module.module.variables:
            with suppress(Fault):
                yield repr(module.variable(named))
        return
    if first == "local":
        named_value = module.module.locals.get(named)
        if named_value is not None:
            yield f"{module.address}local.{named} = {_value(module, named_value.expression)}"
            yield from _words(module, named_value.expression)
        return
    is_data = first == "data" and bool(others)
    resource = ResourceName(True, named, others[0]) if is_data else ResourceName(False, first, named)
    block = module.module.resources.get(resource)
    if block is None:
        return
    yield from (
        f"{one} = {_value(module, argument.expression)}"
        for one in _HOW_MANY
        if (argument := block.body.argument(one)) is not None
    )
    if is_asked or is_data or not resource.type.startswith(OF_AWS):
        for made in module.expansion(resource, block, f"{module.address}{resource}").instances:
            instance = module.instance(resource, block, made)
            yield f"{instance.address} of {instance.provider}"
            yield from (f"{one} = {instance.values[one]!r}" for one in sorted(instance.values) if one not in _HOW_MANY)


def module_of(root: ModuleInstance, address: str) -> tuple[ModuleInstance, tuple[str, ...]]:
    """The module at hand that an address leads into, and the steps that are left from there."""
    module, left = root, steps(address)
    while len(left) > 2 and left[0] == "module":
        name = left[1].partition("[")[0]
        wanted = f"{module.address}module.{left[1]}."
        children = module.children(name) if name in module.module.calls else []
        child = next((one for one in children if one.address == wanted), None)
        if child is None:
            break
        module, left = child, left[2:]
    return module, left


def _value(module: ModuleInstance, expression: Expression) -> str:
    try:
        return repr(module.evaluator.value(expression, {}))
    except (Fault, RecursionError):
        return " ".join(_words(module, expression))


def _words(module: ModuleInstance, expression: Expression) -> Iterator[str]:
    """An expression as it is written, however it is laid out."""
    place = expression.place
    source = next((one for one in module.module.files.values() if one.file == place.file), None)
    if source is not None and place.start >= 0:
        words = " ".join(source.text[place.start : place.end].split())
        # From here on it is read from outside of the module.
        yield _ADDRESS.sub(lambda match: f"{module.address}{match[0]}", words)
