"""
Do two sets of policies mean the same? And if not: a request that tells them apart.

What AWS changes when it stores a policy is no difference: the order of lists, whitespace, a list of one as text, an
account id as the ARN of its root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.policy_json import parse_policy
from trustproof.model.policy import Policy
from trustproof.model.request import CREDENTIALS, Request
from trustproof.proving.excess import Scene, Side, first_excess, same

SAME = "same"
DIFFERS = "differs"
UNKNOWN = "unknown"

#: Which side lets a request in that the other does not.
ONLY_DEPLOYED = "deployed: allowed; template: not"
ONLY_TEMPLATE = "template: allowed; deployed: not"


@dataclass(frozen=True)
class Comparison:
    """
    What became of comparing.

    Args:
        verdict: `SAME`, `DIFFERS` or `UNKNOWN`.
        lines: a request and who lets it in; or why it is not known.
    """

    verdict: str
    lines: tuple[str, ...] = ()


def parsed(texts: Sequence[str], kind: str) -> list[Policy]:
    """
    Policies as values.

    Raises:
        PolicySyntaxError: one of them is none.
    """
    return [parse_policy(text, kind=kind) for text in texts]


def compare(
    expected: Sequence[str], deployed: Sequence[str], *, kind: str, account: str, partition: str, resource: str = "*"
) -> Comparison:
    """
    Compare what templates say with what is deployed.

    Args:
        expected: texts of policies that stand together.
        deployed: likewise.
        kind: `trust`, `resource` or `identity`.
        account: where they are.
        partition: of that.
        resource: the ARN that a request is shown with, where the policies say nothing of it.
    """
    try:
        wanted, found = (Side(tuple(parsed(texts, kind))) for texts in (expected, deployed))
    except PolicySyntaxError as error:
        return Comparison(UNKNOWN, (str(error),))
    if same(wanted, found):
        return Comparison(SAME)
    scene = Scene(kind, account, partition, resource)
    doubts: list[str] = []
    for first, others, said in (
        (found, wanted, ONLY_DEPLOYED),
        (wanted, found, ONLY_TEMPLATE),
    ):
        answer = first_excess(first, others, scene)
        if isinstance(answer, Request):
            return Comparison(DIFFERS, (said, *describe(answer)))
        doubts += answer
    return Comparison(UNKNOWN, tuple(dict.fromkeys(doubts))) if doubts else Comparison(SAME)


def same_statements(expected: Sequence[str], deployed: Sequence[str], kind: str) -> bool:
    """
    Whether two sets of policies consist of the same statements: then they mean the same beside whatever else.

    Raises:
        PolicySyntaxError: one of them is no policy.
    """
    return same(Side(tuple(parsed(expected, kind))), Side(tuple(parsed(deployed, kind))))


def describe(request: Request) -> list[str]:
    """A request, for people."""
    caller = request.caller
    who = caller.display_arn or "anonymous"
    shown = [f"{who} calls {request.action} on {request.resource} ({CREDENTIALS[caller.kind]})"]
    for name, value in sorted(request.context.items()):
        if name.startswith(("aws:principal", "aws:userid", "aws:username", "aws:currenttime", "aws:epochtime")):
            continue
        shown.append(f"  {name} = {value if isinstance(value, str) else ', '.join(value)}")
    return shown
