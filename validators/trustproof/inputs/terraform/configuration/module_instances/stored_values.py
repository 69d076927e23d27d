"""
What a configuration puts where others read it, and which data sources read it there: parameters of Systems Manager,
secrets, and outputs in its state.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping

from trustproof.inputs.terraform.accounts.remote_states import OF_WORKSPACE, TYPE, outputs_read
from trustproof.inputs.terraform.configuration.module_instances.made_up_texts import MADE_UP, may_have_wildcard
from trustproof.inputs.terraform.configuration.module_instances.module_instance import ModuleInstance
from trustproof.inputs.terraform.configuration.module_instances.remote_states import kept_outputs
from trustproof.inputs.terraform.configuration.module_instances.value_origins import (
    addresses_behind,
    defaults_behind,
    made_of,
    module_of,
    modules_from,
    resources_read,
)
from trustproof.inputs.terraform.configuration.modules.lifecycle import is_kept
from trustproof.inputs.terraform.configuration.modules.modules import ResourceName
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.instances import KEY_PATTERN, Instance, steps, without_keys
from trustproof.inputs.terraform.values.values import Known, Value, is_sensitive
from trustproof.inputs.terraform.values.yaml_texts import YamlText
from trustproof.model.stored_values import (
    EXPORTED,
    PARAMETER,
    SECRET,
    StoredValue,
    add,
    name_of_secret,
    output_of_stack,
)
from trustproof.model.wildcards import may_stand_for_wildcard

#: The data source of an export of CloudFormation.
_EXPORT = "aws_cloudformation_export"
#: The resource that makes a stack of CloudFormation, and the data source of one.
_STACK = "aws_cloudformation_stack"
#: An output in the name of a value of a stack.
_OUTPUT = re.compile(r"\.outputs(?:\.|\[\")([\w-]+)")
#: The resource and the data source, the data source of all parameters below a path, and the arguments of a value.
_PARAMETER, _PARAMETERS, _VALUES = "aws_ssm_parameter", "aws_ssm_parameters_by_path", ("value", "insecure_value")
#: The resources that keep a parameter, and the argument of a value that no state has.
_KEEPING, _WRITTEN_ONLY = (_PARAMETER, "awscc_ssm_parameter"), "value_wo"
#: The argument of a secret that is written in base64, and read back as what that stands for.
_BINARY = "secret_binary"
#: The resources that keep a secret, and the arguments of its value.
_SECRETS = {
    "aws_secretsmanager_secret_version": ("secret_string", "secret_string_wo", _BINARY),
    "awscc_secretsmanager_secret": ("secret_string",),
}
#: The argument of an object that names a file, of which nobody has said what it has.
_FILE = "source"
#: Data sources to the argument that they hand on.
_HANDED_ON = {TYPE: "defaults", "null_data_source": "inputs"}
#: Resources that a data source of the same type reads, to the arguments that say what it reads there.
_CONTENTS = {
    **dict.fromkeys(("aws_s3_bucket_object", "aws_s3_object"), ("content", "content_base64", _FILE)),
    **_SECRETS,
    **dict.fromkeys((_STACK, "awscc_cloudformation_stack"), ("template_body", "parameters")),
}
#: A function that reads a file, in the name of what is not known because the name of the file is not.
_OF_FILE = re.compile(r"\b(?:file|templatefile)\(")
#: In the name of a value: the type of a resource that no state keeps, and a variable, with the module that has it.
_EPHEMERAL = re.compile(r"(?<![\w.-])ephemeral\.([\w-]+)\.")
_VARIABLE = re.compile(rf"(?<![\w.-])((?:module\.[\w-]+{KEY_PATTERN}\.)*)var\.([\w-]+)")


def stored_values(root: ModuleInstance) -> dict[str, StoredValue]:
    """The parameters and secrets that resources make, and the outputs, by the names under which they are read."""
    out = dict(kept_outputs(root))
    for module in modules_from(root):
        for name in module.module.resources:
            if name.is_data or name.type not in (*_KEEPING, *_SECRETS):
                continue
            for instance in _instances(module, name):
                arguments = _SECRETS.get(name.type, (*_VALUES, _WRITTEN_ONLY))
                given = [_read_back(one, instance.values[one]) for one in arguments if one in instance.values]
                said = repr(given)
                value = given[0].value if len(given) == 1 and isinstance(given[0], Known) else None
                # What is kept encrypted is compared, and never shown.
                is_hidden = "SecureString" in repr(instance.values.get("type")) or any(map(is_sensitive, given))
                is_hidden = is_hidden or name.type in _SECRETS
                is_told = isinstance(value, str) and instance.condition is None and not is_hidden
                behind = f"{said} {made_of(root, said)}".strip()
                is_open = is_kept(behind) or _may_be_made_of_pattern(root, said)
                stored = StoredValue(str(value) if is_told else None, behind, is_set_by_others=is_open)
                called = instance.values.get("secret_id", instance.values.get("name"))
                add(out, _kept(called, SECRET if name.type in _SECRETS else PARAMETER), stored)
    return out


def read_from(root: ModuleInstance, name: str, stored: Mapping[str, StoredValue]) -> dict[str, bool]:
    """
    Under which names a value is kept, or what it is made of, to whether it is the whole of that.

    Args:
        root: the root module.
        name: of the value, such as ``data.aws_ssm_parameter.a.value``.
        stored: what the configuration keeps itself.
    """
    out: dict[str, bool] = {}
    for address in addresses_behind(root, name):
        wanted = steps(address)
        is_whole = name in {f"{address}.{one}" for one in _VALUES}
        for module in (root,) if wanted[0] == "module" else modules_from(root):
            inside, rest = module_of(module, address)
            if len(rest) < 3 or rest[0] != "data":
                continue
            called = ResourceName(True, rest[1], without_keys(rest[2]))
            for instance in _instances(inside, called) if called in inside.module.resources else ():
                if rest[1] == _PARAMETER:
                    is_it = is_whole and module is root and instance.address == address
                    out[_kept(instance.values.get("name"))] = is_it
                elif rest[1] == _PARAMETERS:
                    start = _kept(instance.values.get("path")).rstrip("/") + "/"
                    out.update((one, False) for one in stored if one.startswith(start))
                elif rest[1] == _EXPORT:
                    given = instance.values.get("name")
                    exported = given.value if isinstance(given, Known) else None
                    out[EXPORTED + (exported if isinstance(exported, str) else f"<{rest[2]}>")] = False
                elif rest[1] == _STACK:
                    outputs = set(_OUTPUT.findall(f"{name}\n{made_of(root, name)}")) or {"<output>"}
                    stack = instance.values.get("name")
                    called_so = stack.value if isinstance(stack, Known) and isinstance(stack.value, str) else "<stack>"
                    whole = re.fullmatch(rf"{re.escape(address)}{_OUTPUT.pattern}(?:\"\])?", name)
                    is_it = module is root and whole is not None
                    out.update((output_of_stack(one, called_so), is_it) for one in outputs)
                elif rest[1] in (TYPE, OF_WORKSPACE):
                    is_it = module is root and instance.address == address
                    read = outputs_read(instance.values, address, name, made_of(root, name))
                    out.update((one, is_it and is_whole) for one, is_whole in read.items())
    # Names in expressions may be those of any module.
    return out if len(out) < 2 else dict.fromkeys(out, False)


def may_be_pattern(root: ModuleInstance, name: str) -> bool:
    """
    Whether a value is made of what a data source hands on as it is written, or a resource keeps, with a wildcard in it,
    of a default that has one, or of a file that may be any.

    Args:
        root: the root module.
        name: of the value, such as ``data.null_data_source.a.outputs["subject"]``.
    """
    if _OF_FILE.search(name) or is_kept(name) or may_stand_for_wildcard(" ".join(defaults_behind(root, name))):
        return True
    for address in addresses_behind(root, name):
        wanted = steps(address)
        read = resources_read(root, address) if any(one in wanted for one in _CONTENTS) else ()
        if any(_may_hold_pattern(one) or _may_be_made_of_pattern(root, " ".join(_contents(one))) for one in read):
            return True
        for module in (root,) if wanted[0] == "module" else modules_from(root):
            inside, rest = module_of(module, address)
            is_data = len(rest) > 2 and rest[0] == "data"
            type_, *called = rest[1:] if is_data else rest
            holds = _HOLDING.get((type_, is_data))
            one = ResourceName(is_data, type_, without_keys(called[0])) if called and holds is not None else None
            if holds is None or one is None or (len(called) > 1 and not is_data):
                continue
            if one in inside.module.resources and any(map(holds, _instances(inside, one))):
                return True
    return False


def _may_hold_pattern(instance: Instance) -> bool:
    """Whether what others read of a resource may be made of something with a wildcard."""
    is_of_file = instance.type not in _SECRETS and _FILE in instance.values
    return is_of_file or any(may_stand_for_wildcard(one) or is_kept(one) for one in _contents(instance))


def _contents(instance: Instance) -> list[str]:
    """What others read of a resource, as it is shown; a text of YAML with what it says, and not by its name alone."""
    given = [one for one in _CONTENTS[instance.type] if one in instance.values]
    found = [_read_back(one, instance.values[one]) for one in given]
    return [repr(one.value if isinstance(one, YamlText) else one) for one in found]


def _read_back(argument: str, value: Value) -> Value:
    """
    What others read of an argument.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret_version
    """
    if argument != _BINARY or not isinstance(value, Known) or not isinstance(value.value, str):
        return value
    try:
        found = base64.b64decode(value.value, validate=True).decode(errors="replace")
    except ValueError:
        # The provider refuses it.
        return value
    return Known(found, value.place, value.sensitive)


def _may_be_made_of_pattern(root: ModuleInstance, said: str) -> bool:
    """
    Whether what is kept may have a wildcard that stands in no state: of a resource that makes up a text each time, or
    of a variable that is ephemeral.
    """
    if not MADE_UP.isdisjoint(_EPHEMERAL.findall(said)):
        return True
    for around, name in _VARIABLE.findall(said):
        module, _ = module_of(root, f"{around}var.{name}")
        block = module.module.variables.get(name)
        ephemeral = None if block is None else block.body.argument("ephemeral")
        if ephemeral is None:
            continue
        if module is not root or may_stand_for_wildcard(repr(root.shared.variable(name, block, root.evaluator))):
            return True
    return False


def _hands_on_pattern(instance: Instance) -> bool:
    """Whether a data source hands on something with a wildcard."""
    return may_stand_for_wildcard(repr(instance.values.get(_HANDED_ON[instance.type])))


#: Types, and whether they are data sources, to whether what is read of one may be made of something with a wildcard.
_HOLDING: dict[tuple[str, bool], Callable[[Instance], bool]] = {
    (_STACK, False): _may_hold_pattern,
    **dict.fromkeys(((one, True) for one in _HANDED_ON), _hands_on_pattern),
    **dict.fromkeys(((one, one.startswith(OF_AWS)) for one in MADE_UP), may_have_wildcard),
}


def _instances(module: ModuleInstance, name: ResourceName) -> Iterator[Instance]:
    block = module.module.resources[name]
    for made in module.expansion(name, block, f"{module.address}{name}").instances:
        yield module.instance(name, block, made)


def _kept(name: Value | None, kind: str = PARAMETER) -> str:
    """What something is read by; where its name is not known, what that is made of, which no other template has."""
    if isinstance(name, Known) and isinstance(name.value, str):
        return kind + (name_of_secret(name.value) if kind == SECRET else name.value)
    return f"{kind}<{'no name' if name is None else value_text(name)}>"
