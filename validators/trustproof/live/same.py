"""
Do two sets of policies mean the same? And if not: a request that tells them apart.

What AWS changes when it stores a policy is no difference: the order of lists, whitespace, a list of one as text, an
account id as the ARN of its root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trustproof.aws.resource_policies import INSIDE
from trustproof.engine.domains import Values, text
from trustproof.errors import PolicySyntaxError
from trustproof.inputs.policy_json import parse_policy
from trustproof.model.document import TRUST
from trustproof.model.policy import Policy
from trustproof.model.request import CREDENTIALS, Request
from trustproof.proving.excess import Scene, Side, first_denied, first_excess, same
from trustproof.sets.patterns import ANY_RUN, exact, join

SAME = "same"
DIFFERS = "differs"
UNKNOWN = "unknown"

#: Which side lets a request in that the other does not.
ONLY_DEPLOYED = "deployed: allowed; template: not"
ONLY_TEMPLATE = "template: allowed; deployed: not"
#: Likewise what one side denies, whatever other policies allow.
DENIED_BY_TEMPLATE = "template: denied; deployed: not"
DENIED_BY_DEPLOYED = "deployed: denied; template: not"


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
    expected: Sequence[str],
    deployed: Sequence[str],
    *,
    kind: str,
    account: str,
    partition: str,
    resource: str = "*",
    constraints: tuple[tuple[str, Values], ...] = (),
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
        constraints: what the requests are about that the policies decide; see `about`.
    """
    try:
        wanted, found = (Side(tuple(parsed(texts, kind))) for texts in (expected, deployed))
    except PolicySyntaxError as error:
        return Comparison(UNKNOWN, (str(error),))
    if same(wanted, found):
        return Comparison(SAME)
    scene = Scene(kind, account, partition, resource, constraints=constraints)
    both = ((found, wanted), (wanted, found))
    asked = [(first_excess, (ONLY_DEPLOYED, ONLY_TEMPLATE))]
    if kind != TRUST:
        # Without a trust policy that allows it nobody assumes a role; elsewhere other policies allow, too.
        asked.append((first_denied, (DENIED_BY_DEPLOYED, DENIED_BY_TEMPLATE)))
    doubts: list[str] = []
    for ask, words in asked:
        for (first, others), said in zip(both, words, strict=True):
            answer = ask(first, others, scene)
            if isinstance(answer, Request):
                return Comparison(DIFFERS, (said, *describe(answer)))
            doubts += answer
    return Comparison(UNKNOWN, tuple(dict.fromkeys(doubts))) if doubts else Comparison(SAME)


def about(arn: str, actions: str) -> tuple[tuple[str, Values], ...]:
    """
    What the requests are about that the policy of a resource decides: for any others its service does not look at it.

    Args:
        arn: of the resource; empty where it is not known, or where the policy is about others as well.
        actions: prefixes of the actions, apart by spaces; empty where they are open.
    """
    out: list[tuple[str, Values]] = []
    if actions:
        out.append(("action", text(*(join(f"{prefix}:", ANY_RUN) for prefix in actions.split()))))
    if arn:
        inside = INSIDE.get(arn.split(":")[2])
        out.append(("resource", text(exact(arn), *([join(arn + inside, ANY_RUN)] if inside else ()))))
    return tuple(out)


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
