"""
A counterexample in lines: a request, and what it carries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from trustproof.model.request import ContextValue
from trustproof.results.result import IF_SAME_NAME, REPLACES, Counterexample

#: What CloudFormation calls the account, and how the types of Terraform's resources begin.
_ACCOUNT, _OF_TERRAFORM = "AWS::AccountId", ("aws_", "awscc_")
#: What a remark between the commands of a counterexample begins with, as in a shell.
REMARK = "# "
#: What YAML takes for a text, or for a number that is written alike, without quotation marks.
_WORD = re.compile(r"[A-Za-z0-9][\w./-]*(?:::\w+)*")


def value(found: ContextValue | None) -> str:
    """What a request carries for a condition key: ``is absent``, ``is "false"``, ``is ["a", "b"]``."""
    if found is None:
        return "is absent"
    if isinstance(found, str):
        return f"is {_quoted(found)}"
    return f"is [{', '.join(_quoted(part) for part in found)}]"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def request(found: Counterexample) -> list[str]:
    """A counterexample in lines: who calls what, then the condition keys that matter."""
    lines = [f"{found.caller} calls {found.action} ({found.credentials})"]
    # The resource of a call that assumes a role is the role, which the finding has named already.
    if found.resource not in ("", "*") and not found.action.lower().startswith("sts:assumerole"):
        lines.append(f"on {found.resource}")
    lines.extend(f"{key} {value(said)}{_where(key, said)}" for key, said in found.context.items())
    return lines


def cases(parameters: Mapping[str, str], resource_type: str = "") -> Iterator[tuple[str, str, str]]:
    """
    What a case rests on besides the request, each as a name, and a title and a line; nothing is said twice.

    Args:
        resource_type: of what it is a case of: Terraform has no name for the account that it deploys to.
    """
    for name, found in sorted(parameters.items()):
        later, _, earlier = name.partition(REPLACES)
        turned = f"{earlier.removesuffix(IF_SAME_NAME)}{REPLACES}{later}{IF_SAME_NAME}"
        if not (name.endswith(IF_SAME_NAME) and found == "false" and parameters.get(turned) == "true"):
            is_account = name == _ACCOUNT and resource_type.startswith(_OF_TERRAFORM)
            line = ("account", f"{found} stands for the one of the provider") if is_account else None
            yield name, *(line or assumption_line(name, found))


def assumption_line(name: str, value: str) -> tuple[str, str]:
    """
    What a case rests on besides the request, as a title and a line: a parameter and its value, or which of two things
    for the same place stays there, as of two policies of one name.
    """
    later, replaces, earlier = name.partition(REPLACES)
    if not replaces and (written := as_function(name)):
        # Nobody gives that: it is what comes out.
        return "where", f"{written} gives {value}"
    if not replaces:
        return "parameter", f"{name} = {value}"
    earlier, is_open, _ = earlier.partition(IF_SAME_NAME)
    kept = later if value == "true" else earlier
    meet = "may have one name" if is_open else "are for the same place"
    return "where", f"{later} and {earlier} {meet}, and {kept} is the one that stays"


def as_function(name: str) -> str:
    """
    What a function gives that is not known before deployment, by the name of its symbol, as a template writes it in
    short: ``!Select [0, !Ref Hubs]``; empty for the name of anything else.
    """
    function, _, argument = name.partition(" ")
    if not function.startswith("Fn::") or not argument.startswith(("[", "{")):
        return ""
    try:
        return f"!{function.removeprefix('Fn::')} {_short(json.loads(argument))}"
    except ValueError:
        return ""


def _short(value: object) -> str:
    """A value with functions as YAML writes it in one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(_short, value))}]"
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref" or name.startswith("Fn::"):
            return f"!{name.removeprefix('Fn::')} {_short(argument)}"
    return value if isinstance(value, str) and _WORD.fullmatch(value) else json.dumps(value, sort_keys=True)


def _where(key: str, said: ContextValue | None) -> str:
    """
    How a request comes to lack a key that requests over the internet have.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
    """
    return ", as in requests through a VPC endpoint" if key.lower() == "aws:sourceip" and said is None else ""
