"""
What one template gives to a role of another one: then what the other one gives does not say how bad it is that somebody
gets the role.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trustproof.properties.given_elsewhere import may_be_among
from trustproof.results.result import Result


def for_roles_given_more(
    results: Iterable[Result], owners: Sequence[int], given: Sequence[tuple[str, ...]]
) -> list[Result]:
    """
    The results, as bad as they are where a role may do more than its own template says.

    Args:
        owners: of each result, which of the templates it is of.
        given: of each template, the roles to which it gives something by their names.
    """
    return [_unless_more(result, own, given) for result, own in zip(results, owners, strict=True)]


def _unless_more(result: Result, own: int, given: Sequence[tuple[str, ...]]) -> Result:
    milder = result.milder
    if milder is None:
        return result
    others = (names for number, names in enumerate(given) if number != own)
    if not any(may_be_among(milder.role, names) for names in others):
        return result
    why = tuple(one for one in result.why if one != milder.why)
    return result._replace(severity=milder.otherwise, why=why, milder=None)
