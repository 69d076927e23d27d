"""
Members of a group whom the template does not make: what a group may, those of its users may not whom other policies
keep from it, and whoever else is put into it may.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from trustproof.aws.examples import NAMES
from trustproof.engine.own_names import renamed
from trustproof.model.request import Request
from trustproof.properties.question import Refutation
from trustproof.proving.prover import Prover

#: What another member may be called.
_NAMES = (*NAMES, "carol", "dave", "erin", "frank")


def by_another_member(prover: Prover, found: Refutation, index: int, users: Collection[str]) -> Refutation:
    """
    A refutation by the name of nobody whom the template makes, where there is one; else the same.

    Args:
        prover: of a policy that a group holds, or somebody else, of whom nothing is changed.
        found: at one of its statements.
        index: of the statement.
        users: the ARNs of the users that the template makes.
    """
    holder, caller = prover.subject.holder, found.request.caller
    is_left = holder is None or holder.kind != "group" or caller.arn not in users
    if is_left or found.question.afterwards is not None:
        return found
    for request in _renamed(found.request, users):
        other = prover.again_deployed(found._replace(request=request), prover.subject.policy.statements[index])
        if other is not None:
            return other
    return found


def _renamed(request: Request, users: Collection[str]) -> Iterator[Request]:
    """The same request by other names, about what is called like its caller where that is."""
    arn = request.caller.arn
    head, _, name = arn.rpartition("/")
    for other in _NAMES:
        if f"{head}/{other}" in users:
            continue
        made = renamed(request, f"{head}/{other}")
        begins, slash, named = request.resource.rpartition("/")
        if named == name:
            yield made._replace(resource=begins + slash + other)
        yield made
