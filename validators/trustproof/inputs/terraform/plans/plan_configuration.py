"""
The ``configuration`` of a plan: which arguments are set, which references they are made of, and by which provider.

It has names and no expressions: ``data.d.json`` and ``replace(data.d.json, "Allow", "Deny")`` look the same in it. So
no value is taken from a reference.

https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.errors import InputError
from trustproof.inputs.terraform.snapshots.detect import list_of_objects, object_of, text
from trustproof.inputs.terraform.snapshots.snapshot import (
    ProviderConfiguration,
    by_source,
    is_read,
    is_told,
    whoever_reads,
)
from trustproof.inputs.terraform.types.version_constraints import is_before
from trustproof.inputs.terraform.values.instances import without_keys
from trustproof.inputs.terraform.values.plain_values import from_json_value
from trustproof.inputs.terraform.values.values import Entry, Fields, Items, Known, Symbol, Value

#: How references begin that are to nothing that is made.
_OF_NOTHING = ("each", "count", "self", "path", "terraform")
_WITH_A_TYPE = ("data", "ephemeral")


class PlanConfiguration:
    """
    What the configuration of a plan says.
    """

    def __init__(self) -> None:
        #: Address without keys to the arguments that are set, each with its expression: constants, or references.
        self.expressions: dict[str, Mapping[str, object]] = {}
        #: The same of module calls, outputs and variables: ``module.a``, ``module.a.output.b``, ``var.c``.
        self.others: dict[str, Mapping[str, object]] = {}
        #: The addresses without keys of resources, each with whether something may make none, or several of it.
        self.managed: dict[str, bool] = {}
        #: The same to how many there are of it by a ``count`` that is a constant, in modules that are called once.
        self.numbers: dict[str, int] = {}
        #: Address without keys of a resource or module call to its ``count`` or ``for_each``, each an expression.
        self.repeats: dict[str, Mapping[str, object]] = {}
        #: Address without keys of a resource, module call or output to what it waits for by ``depends_on``.
        self.depends_on: dict[str, list[object]] = {}
        self._providers: dict[str, str] = {}
        self._configurations: Mapping[str, object] = {}
        self.sensitive_variables: frozenset[str] = frozenset()
        #: Whether there is a configuration at all.
        self._is_there = False

    @property
    def references(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Address without keys, and argument, to the references that the argument is made of."""
        return _References(self.expressions)

    def waits_for(self, block: str) -> tuple[str, ...]:
        """
        What a block refers to and waits for, all by their addresses without keys: resources, modules as a whole, and
        also variables, outputs and locals, of which one may ask in turn. Of a local nobody knows what that is made of.
        """
        *calls, last = _with_modules(block)
        around = "".join(f"{one}." for one in calls)
        if last.startswith("var."):
            # What a module is given is evaluated where it is called.
            given = self.others.get(around[:-1], {}).get(last.removeprefix("var.")) if calls else None
            return tuple(_resolved(given, "".join(f"{one}." for one in calls[:-1])))
        found: list[str] = []
        if last.startswith("module."):
            found += (one for one in self.expressions if one.startswith(f"{block}."))
        else:
            given = self.others.get(block) if last.startswith("output.") else self.expressions.get(block)
            found += _resolved([given, self.repeats.get(block)], around)
            found += _resolved({"references": self.depends_on.get(block, [])}, around)
        for count in range(1, len(calls) + 1):
            call, outside = ".".join(calls[:count]), "".join(f"{one}." for one in calls[: count - 1])
            found += _resolved(self.repeats.get(call), outside)
            found += _resolved({"references": self.depends_on.get(call, [])}, outside)
        return tuple(dict.fromkeys(found))

    @property
    def handed_on(self) -> Mapping[str, str]:
        """
        The attributes that outputs of the root module are made of, and what else somebody is told, without keys, also
        through modules; each to who gets it, in words.
        """
        found: dict[str, str] = {}
        waiting: list[tuple[str, str, Mapping[str, object], str]]
        waiting = [("", name, one, whoever_reads(name)) for name, one in self.others.items() if _is_output(name)]
        for name in self.managed:
            *modules, type_, _ = name.split(".")
            arguments = {key: one for key, one in self.expressions[name].items() if is_told(type_, key)}
            waiting.append(("".join(f"{step}." for step in modules), name, arguments, whoever_reads(name)))
        seen = {name for _, name, _, _ in waiting}
        while waiting:
            prefix, _, expression, who = waiting.pop()
            names = list(map(without_keys, _referred(expression)))
            # A plan names what an attribute is of, too.
            for name in (one for one in names if not any(other.startswith(f"{one}.") for other in names)):
                found.setdefault(prefix + name, who)
                module, dot, attribute = name.rpartition(".")
                key, inner = f"{prefix}{module}.output.{attribute}", f"{prefix}{module}."
                told: Mapping[str, object] = {}
                if name.startswith("var."):
                    call = prefix[:-1]
                    key, inner = f"{call}.{attribute}", call[: call.rfind("module.")]
                    told = {"value": self.others.get(call, {}).get(attribute)}
                elif dot and name.startswith("module."):
                    told = self.others.get(key, {})
                if told and key not in seen:
                    seen.add(key)
                    waiting.append((inner, key, told, who))
        return found

    def arguments(self, block: str) -> frozenset[str] | None:
        """The arguments that are set of a block, by its address without keys; None where nobody knows."""
        found = self.expressions.get(block)
        if found is None:
            return None
        return frozenset(found)

    def given(self, block: str) -> dict[str, Value]:
        """What a block is given, by its address without keys: constants, and symbols for the rest."""
        return {key: _argument(one, f"{block}.{key}", {}) for key, one in self.expressions.get(block, {}).items()}

    def provider(self, block: str, type_: str, source: object) -> str:
        """
        The name of the provider configuration of a block.

        Args:
            source: the address of its provider, as far as that is known.
        """
        found = self._providers.get(block, type_.partition("_")[0])
        return by_source(found, source if isinstance(source, str) else "")

    @property
    def is_aws_before_3(self) -> bool:
        """Whether the provider of AWS is asked to be older than version 3.0."""
        entries = [one for one in self._configurations.values() if isinstance(one, Mapping)]
        of_aws = [one for one in entries if is_read(str(one.get("full_name") or one.get("name")))]
        return any(is_before((3,), str(one.get("version_constraint", ""))) for one in of_aws)

    def providers(self, variables: Mapping[str, Value]) -> dict[str, ProviderConfiguration]:
        """The provider configurations, by name."""
        found: dict[str, ProviderConfiguration] = {}
        for key, entry in self._configurations.items():
            source = entry.get("full_name") if isinstance(entry, Mapping) else None
            source = source if isinstance(source, str) else ""
            if isinstance(entry, Mapping) and is_read(source or str(entry.get("name"))):
                name = by_source(key, source)
                expressions = entry.get("expressions")
                given = expressions if isinstance(expressions, Mapping) else {}
                arguments = {one: _argument(value, f"{key}.{one}", variables) for one, value in given.items()}
                found[name] = ProviderConfiguration(name, arguments)
        return found


class _References(Mapping[tuple[str, str], tuple[str, ...]]):
    """References, looked for when somebody asks."""

    def __init__(self, expressions: Mapping[str, Mapping[str, object]]) -> None:
        self.expressions = expressions

    def __getitem__(self, key: tuple[str, str]) -> tuple[str, ...]:
        block, argument = key
        found = list(dict.fromkeys(_referred(self.expressions[block][argument])))
        # Each is followed by what it is a part of.
        return tuple(one for one in found if not any(other.startswith((f"{one}.", f"{one}[")) for other in found))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((block, argument) for block, found in self.expressions.items() for argument in found)

    def __len__(self) -> int:
        return sum(map(len, self.expressions.values()))


def _with_modules(name: str) -> tuple[str, ...]:
    """An address without keys as the calls of modules around it, and what it is in the last one: a call, too."""
    found: list[str] = []
    while name.startswith("module.") and name.count(".") > 1:
        _, module, name = name.split(".", 2)
        found.append(f"module.{module}")
    return (*found, name)


def _resolved(expression: object, around: str) -> Iterator[str]:
    """
    What an expression refers to, by addresses without keys.

    Args:
        around: the module that it stands in, with a dot; empty in the root module.
    """
    names = list(map(without_keys, _referred(expression)))
    for name in names:
        first, *steps = name.split(".")
        # Each is followed by what it is a part of. What an instance has of the repetition stands where that does.
        if first in _OF_NOTHING or not steps or any(one.startswith(f"{name}.") for one in names):
            continue
        if first == "module":
            yield f"{around}module.{steps[0]}" + (f".output.{steps[1]}" if steps[1:] else "")
        else:
            yield around + ".".join((first, *steps[: 2 if first in _WITH_A_TYPE else 1]))


def _is_output(name: str) -> bool:
    return name.startswith("output.")


def _referred(expression: object) -> Iterator[str]:
    if isinstance(expression, list):
        for item in expression:
            yield from _referred(item)
    elif isinstance(expression, Mapping):
        for key, value in expression.items():
            if key == "references" and isinstance(value, list):
                yield from (name for name in value if isinstance(name, str))
            else:
                yield from _referred(value)


def _argument(expression: object, name: str, variables: Mapping[str, Value]) -> Value:
    """The value of an argument of a provider: what is written, or something unknown."""
    if isinstance(expression, list):
        return Items(tuple(_argument(item, f"{name}[{i}]", variables) for i, item in enumerate(expression)))
    if not isinstance(expression, Mapping):
        return Symbol(name)
    if "constant_value" in expression:
        return from_json_value(expression["constant_value"])
    if "references" in expression:
        listed_ = expression["references"]
        return Symbol(f"{name} ({', '.join(map(str, listed_))})" if isinstance(listed_, list) else name)
    entries = tuple(
        Entry(Known(str(key)), _argument(value, f"{name}.{key}", variables)) for key, value in expression.items()
    )
    return Fields(entries)


def read_configured(content: object, file: str) -> PlanConfiguration:
    """
    The configuration of a plan; an empty one where there is none.

    Raises:
        InputError: it is malformed.
    """
    configured = PlanConfiguration()
    whole = object_of(content, "configuration", file)
    configured._configurations = object_of(whole.get("provider_config"), "provider_config", file)
    root = object_of(whole.get("root_module"), "configuration.root_module", file)
    variables = object_of(root.get("variables"), "the variables of the configuration", file)
    configured.sensitive_variables = frozenset(
        name for name, entry in variables.items() if isinstance(entry, Mapping) and entry.get("sensitive") is True
    )
    _module(configured, root, "", file, many=False)
    return configured


def _module(
    configured: PlanConfiguration,
    module: Mapping[str, object],
    prefix: str,
    file: str,
    *,
    many: bool,
) -> None:
    for resource in list_of_objects(module.get("resources"), "the resources of the configuration", file):
        address = prefix + text(resource.get("address"), "the address of a resource of the configuration", file)
        if "." not in address:
            raise InputError(f'the address of a resource of the configuration is "{address}", expected TYPE.NAME', file)
        configured.expressions[address] = object_of(resource.get("expressions"), f"the expressions of {address}", file)
        configured.repeats[address] = _repeats(resource)
        configured.depends_on[address] = _listed(resource.get("depends_on"))
        if resource.get("mode") == "managed":
            configured.managed[address] = many or _is_repeated(resource)
            number = object_of(resource.get("count_expression"), "count_expression", file).get("constant_value")
            if not many and isinstance(number, int) and not isinstance(number, bool):
                configured.numbers[address] = number
        key = resource.get("provider_config_key")
        if isinstance(key, str):
            configured._providers[address] = key
    for name, output in object_of(module.get("outputs"), "outputs", file).items():
        if isinstance(output, Mapping) and isinstance(output.get("expression"), Mapping):
            configured.others[f"{prefix}output.{name}"] = {"value": output["expression"]}
            configured.depends_on[f"{prefix}output.{name}"] = _listed(output.get("depends_on"))
    for name, variable in object_of(module.get("variables"), "variables", file).items():
        if isinstance(variable, Mapping) and isinstance(variable.get("default"), (str, int, float, list, dict)):
            configured.others[f"{prefix}var.{name}"] = {"default": {"constant_value": variable["default"]}}
    calls = object_of(module.get("module_calls"), "module_calls", file)
    for name, call in calls.items():
        called = object_of(call, f"the module call {name}", file)
        inner, arguments = called.get("module"), called.get("expressions")
        if isinstance(arguments, Mapping):
            configured.others[f"{prefix}module.{name}"] = arguments
            configured.repeats[f"{prefix}module.{name}"] = _repeats(called)
        configured.depends_on[f"{prefix}module.{name}"] = _listed(called.get("depends_on"))
        below = object_of(inner, f"the module {name}", file)
        is_many = many or _is_repeated(called)
        _module(configured, below, f"{prefix}module.{name}.", file, many=is_many)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_repeated(block: Mapping[str, object]) -> bool:
    return "count_expression" in block or "for_each_expression" in block


def _repeats(block: Mapping[str, object]) -> Mapping[str, object]:
    return {name: block[f"{name}_expression"] for name in ("count", "for_each") if f"{name}_expression" in block}
