"""
What a statement gives besides what a change shows, in as few lines as say all of it.
"""

from __future__ import annotations

from trustproof.output import counterexamples, humanize
from trustproof.results.difference import AccessChange
from trustproof.results.result import Counterexample


def lines(change: AccessChange) -> list[str]:
    """Each request that a change names besides, in a line with those that differ in one thing; then what is left."""
    shown = {*_circumstances(change.counterexample)}
    # What one of them differs in from what is shown is said together with what it differs in from the others.
    everywhere = shown.intersection(*(_circumstances(one.counterexample) for one in change.further))
    by_caller: dict[tuple[str, tuple[str, ...]], dict[str, list[str]]] = {}
    for one in change.further:
        found = one.counterexample
        there = _circumstances(found)
        other = () if shown.issuperset(there) else tuple(line for line in there if line not in everywhere)
        actions = by_caller.setdefault((found.caller, other), {}).setdefault(_resource(found), [])
        if found.action not in actions:
            actions.append(found.action)
    by_calls: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (caller, other), calls in by_caller.items():
        said = "; ".join(f"{', '.join(sorted(actions))}{resource}" for resource, actions in sorted(calls.items()))
        by_calls.setdefault((said, other), []).append(caller)
    out = [
        f"{', '.join(callers)} {'calls' if len(callers) == 1 else 'call'} {said}"
        + (f", where {' and '.join(other)}" if other else "")
        for (said, other), callers in by_calls.items()
    ]
    if change.not_asked:
        what = humanize.count(change.not_asked, "further combination")
        out.append(f"and {what} of what is written there, not asked about one by one")
    return out


def _resource(found: Counterexample) -> str:
    on = [line for line in counterexamples.request(found)[1:2] if line.startswith("on ")]
    return f" {on[0]}" if on else ""


def _circumstances(found: Counterexample) -> list[str]:
    """The keys that a request carries, and the parameters of its template."""
    keys = counterexamples.request(found._replace(resource=""))[1:]
    return [*keys, *(f"{title} {line}" for _, title, line in counterexamples.cases(found.parameters))]
