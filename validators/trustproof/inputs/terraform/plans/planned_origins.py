"""
What values are made of that a plan does not know, as far as its configuration says: constants, and the names of what
expressions refer to; and what a plan or state keeps where others read it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from trustproof.inputs.terraform.accounts.remote_states import OF_WORKSPACE, TYPE, outputs_read
from trustproof.inputs.terraform.plans.plan import Plan
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.instances import KEY_PATTERN, Instance, without_keys
from trustproof.inputs.terraform.values.values import Known
from trustproof.model.stored_values import (
    NOT_KNOWN,
    PARAMETER,
    SECRET,
    StoredValue,
    add,
    name_of_secret,
    output_of_state,
)

#: The resource and the data source of a parameter of Systems Manager.
_PARAMETER = "aws_ssm_parameter"
#: The resources that keep one.
_KEEPING = (_PARAMETER, "awscc_ssm_parameter")

#: The resource that keeps what a secret says.
_SECRET = "aws_secretsmanager_secret_version"

#: An argument in the name of a value: ``module.a["k"].aws_lambda_permission.b[0].source_arn``.
_ARGUMENT = re.compile(
    rf"(?P<block>(?:module\.[\w-]+{KEY_PATTERN}\.)*(?:data\.)?[A-Za-z_]\w*\.[\w-]+){KEY_PATTERN}(?:\.(?P<argument>\w+))?"
)


def made_of(plan: Plan, name: str) -> str:
    """
    What a value is made of that has a name because a plan does not know it, and what that is made of: equal where two
    plans make it alike, as far as these say it; empty where the name says all.

    Args:
        name: such as ``aws_lambda_permission.p.source_arn``.
    """
    found = {
        f"{block}.{argument}" if argument else block: said for (block, argument), said in _behind(plan, name).items()
    }
    return "\n".join(f"{called}: {said}" for called, said in sorted(found.items()) if said)


def _behind(plan: Plan, name: str) -> dict[tuple[str, str], str]:
    """What makes the arguments that the name of a value names, and what these are made of, by block and argument."""
    found: dict[tuple[str, str], str] = {}
    waiting = [(without_keys(one["block"]), one["argument"] or "") for one in _ARGUMENT.finditer(name)]
    while waiting:
        block, argument = waiting.pop()
        if (block, argument) not in found:
            said, prefix = _said(plan, block, argument)
            found[block, argument] = json.dumps(said, sort_keys=True, ensure_ascii=False, default=repr) if said else ""
            waiting += _referred_to(said, prefix)
    return found


def stored_values(plan: Plan) -> dict[str, StoredValue]:
    """
    The parameters of Systems Manager, secrets and outputs that there will be, by the names under which they are read;
    none is shown. A plan does not say which state it is for.
    """
    out = _kept_in(plan.instances)
    for name, output in plan.outputs.items():
        written = json.dumps(plan.configured.others.get(f"output.{name}"), sort_keys=True, ensure_ascii=False)
        is_known = isinstance(output, Mapping) and "value" in output
        said = repr(output) if is_known else f"{written}\n{made_of(plan, written)}"
        add(out, output_of_state(name, NOT_KNOWN, (NOT_KNOWN,)), StoredValue(None, said))
    return out


def stored_in_state(instances: Iterable[Instance], outputs: Mapping[str, object]) -> dict[str, StoredValue]:
    """
    The parameters of Systems Manager, secrets and outputs that there are, by the names under which they are read; none
    is shown. A state does not say what keeps it.

    Args:
        instances: all that are in the state.
        outputs: by name, each with its value.
    """
    out = _kept_in(instances)
    for name, output in outputs.items():
        add(out, output_of_state(name, NOT_KNOWN, (NOT_KNOWN,)), StoredValue(None, repr(output)))
    return out


def _kept_in(instances: Iterable[Instance]) -> dict[str, StoredValue]:
    out: dict[str, StoredValue] = {}
    for one in instances:
        if one.type in _KEEPING and not one.is_data:
            given = repr([one.values.get(name) for name in ("value", "insecure_value")])
            add(out, _kept(one), StoredValue(None, given))
        elif one.type == _SECRET and not one.is_data:
            secret = one.values.get("secret_id")
            said = secret.value if isinstance(secret, Known) else None
            called = name_of_secret(said) if isinstance(said, str) else f"<secret of {without_keys(one.address)}>"
            add(out, SECRET + called, StoredValue(None, repr(one.values.get("secret_string"))))
    return out


def read_from(plan: Plan, name: str) -> dict[str, bool]:
    """Under which names what is kept that a value is made of, each with whether it is the whole of that."""
    behind = _behind(plan, name)
    blocks = {block for block, _ in behind if f"data.{_PARAMETER}." in block}
    found = {
        _kept(one): False
        for one in plan.instances
        if one.type == _PARAMETER and one.is_data and without_keys(one.address) in blocks
    }
    wanted = [(block, one) for block, _ in behind for one in (TYPE, OF_WORKSPACE) if f"data.{one}." in block]
    for block, type_ in dict.fromkeys(wanted):
        # Whoever refers to it is in its module.
        address = block[block.index(f"data.{type_}.") :]
        read = outputs_read(plan.configured.given(block), address, name, "\n".join(behind.values()))
        found.update(dict.fromkeys(read, False))
    return found


def _kept(parameter: Instance) -> str:
    name = parameter.values.get("name")
    if isinstance(name, Known) and isinstance(name.value, str):
        return PARAMETER + name.value
    return f"{PARAMETER}<name of {without_keys(parameter.address)}>"


def _said(plan: Plan, block: str, argument: str) -> tuple[object, str]:
    """What makes an argument, output or variable, and the address of the module in which its references are read."""
    configured = plan.configured
    *modules, type_, name = block.split(".")
    if modules and modules[-1] == "data":
        modules, type_ = modules[:-1], f"data.{type_}"
    prefix = "".join(f"{step}." for step in modules)
    if type_ == "var":
        if not prefix:
            return repr(plan.variable(name)), ""
        call = prefix[:-1]
        return configured.others.get(call, {}).get(name), call[: call.rfind("module.")]
    if type_ == "module":
        return configured.others.get(f"{block}.output.{argument}"), f"{block}."
    expressions = configured.expressions.get(block)
    if expressions is None:
        return None, prefix
    if type_.startswith(OF_AWS):
        # What AWS gives it says its name; what it is given has a name that says no more than that.
        return expressions.get(argument), prefix
    return expressions, prefix


def _referred_to(said: object, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(said, list):
        for item in said:
            yield from _referred_to(item, prefix)
    elif isinstance(said, Mapping):
        for key, value in said.items():
            if key == "references" and isinstance(value, list):
                for reference in value:
                    found = _ARGUMENT.match(reference) if isinstance(reference, str) else None
                    if found is not None:
                        yield prefix + without_keys(found["block"]), found["argument"] or ""
            else:
                yield from _referred_to(value, prefix)
