"""
A counterexample in lines: a request, and what it carries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.model.made_names import in_short
from trustproof.model.request import ContextValue
from trustproof.model.text import ACCOUNT_ID
from trustproof.results.result import IF_SAME_NAME, REPLACES, Counterexample

#: How the types of Terraform's resources begin.
_OF_TERRAFORM = ("aws_", "awscc_")
#: How the value of a parameter is written that has no character.
_EMPTY = '""'
#: What a remark between the commands of a counterexample begins with, as in a shell.
REMARK = "# "


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
            is_account = name == ACCOUNT_ID and resource_type.startswith(_OF_TERRAFORM)
            line = ("account", f"{found} stands for the one of the provider") if is_account else None
            yield name, *(line or assumption_line(name, found))


def assumption_line(name: str, value: str) -> tuple[str, str]:
    """
    What a case rests on besides the request, as a title and a line: a parameter and its value, or which of two things
    for the same place stays there, as of two policies of one name.
    """
    later, replaces, earlier = name.partition(REPLACES)
    if not replaces and (written := in_short(name)):
        # Nobody gives that: it is what comes out.
        return "where", f"{written} gives {value}"
    if not replaces:
        return "parameter", f"{name} = {value or _EMPTY}"
    earlier, is_open, _ = earlier.partition(IF_SAME_NAME)
    kept = later if value == "true" else earlier
    meet = "may have one name, and so overwrite each other" if is_open else "overwrite each other"
    return "where", f"{later} and {earlier} {meet}, and {kept} is the one that stays"


def _where(key: str, said: ContextValue | None) -> str:
    """
    How a request comes to lack a key that requests over the internet have.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
    """
    return ", as in requests through a VPC endpoint" if key.lower() == "aws:sourceip" and said is None else ""
