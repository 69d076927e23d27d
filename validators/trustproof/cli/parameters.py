"""
Parameter values from the command line and from a parameters file.

A file has one of the forms that deployment tools read:

* ``[{"ParameterKey": "Name", "ParameterValue": "value"}]``, of ``aws cloudformation``; with a ``ResolvedValue``, as
  ``aws cloudformation describe-stacks`` prints it, of what stands in the Parameter Store;
* ``{"Parameters": {"Name": "value"}}``, of CodePipeline's template configuration;
* ``{"Name": "value"}``.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.errors import InputError, UsageError
from trustproof.inputs.settings import RESOLVED
from trustproof.inputs.text.source import read
from trustproof.model.arn import is_account


def collect_parameters(assignments: Sequence[str], file: str | None) -> dict[str, str]:
    """
    Parameter names to values; an assignment wins over the file.

    Args:
        assignments: ``NAME=VALUE`` each.
        file: JSON or YAML; None for no file.

    Raises:
        UsageError: an assignment has no name or no ``=``, or a name comes with two values.
        InputError: the file is not one of the forms, or leaves a value open.
    """
    given: dict[str, str] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not name:
            raise UsageError(f'--parameter must be NAME=VALUE, got "{assignment}"')
        if given.setdefault(name, value) != value:
            raise UsageError(f'--parameter {name} is given twice: "{given[name]}" and "{value}"')
    found = {} if file is None else _read(file)
    for name in found:
        if found[name] is None and name not in given:
            message = f"the previous value of {name} is not known here; give it with --parameter {name}=VALUE"
            raise InputError(message, file or "")
    return {name: value for name, value in {**found, **given}.items() if value is not None}


def collect_provider_accounts(assignments: Sequence[str]) -> dict[str, str]:
    """
    Provider configurations of Terraform to the accounts that they are for.

    Args:
        assignments: ``PROVIDER=ID`` each.

    Raises:
        UsageError: an assignment is none, or a provider comes with two accounts.
    """
    given: dict[str, str] = {}
    for assignment in assignments:
        name, equals, account = assignment.rpartition("=")
        if not equals or not name or not is_account(account):
            raise UsageError(
                f'--provider-account must be PROVIDER=ACCOUNT, as aws.hub=111122223333, got "{assignment}"'
            )
        if given.setdefault(name, account) != account:
            raise UsageError(f"--provider-account {name} is given twice: {given[name]} and {account}")
    return given


def _read(file: str) -> dict[str, str | None]:
    """The parameters of a file; None is the previous value of a deployed stack, which is not in the file."""
    content = read(file).load()
    if isinstance(content, dict) and isinstance(content.get("Parameters"), (dict, list)):
        content = content["Parameters"]
    if isinstance(content, dict):
        return {name: _value(name, content[name], file) for name in content}
    if not isinstance(content, list):
        raise InputError("must be a mapping of parameters, or a list with ParameterKey and ParameterValue", file)
    found: dict[str, str | None] = {}
    for entry in content:
        if not isinstance(entry, dict) or not isinstance(entry.get("ParameterKey"), str):
            raise InputError("every entry of the list must have a ParameterKey and a ParameterValue", file)
        name = entry["ParameterKey"]
        if name in found:
            raise InputError(f"the parameter {name} stands twice in the list", file)
        previous = entry.get("UsePreviousValue") in (True, "true")
        if isinstance(entry.get("ResolvedValue"), str):
            # As of a deployed stack: its value is a name in the Parameter Store.
            found[f"{name}{RESOLVED}"] = entry["ResolvedValue"]
        found[name] = None if previous else _value(name, entry.get("ParameterValue"), file)
    return found


def _value(name: str, value: object, file: str) -> str:
    """The text that CloudFormation would receive."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list) and value and not any(isinstance(part, (dict, list, type(None))) for part in value):
        return ",".join(_value(name, part, file) for part in value)
    kind = {dict: "a mapping", list: "a list", type(None): "nothing"}[type(value)]
    raise InputError(f"the value of {name} must be text, a number, true or false, or a list of them, got {kind}", file)
