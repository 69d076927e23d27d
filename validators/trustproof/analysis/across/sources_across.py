"""
What one template has services come to of another one, which a remedy would stop that bounds them to the own account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trustproof.inputs.written_input import NamedTarget
from trustproof.properties.no_confused_deputy import NoConfusedDeputy
from trustproof.results.result import REFUTED, Remedy, Result

#: A test that holds for other accounts of the organization, too.
_FOR_ORGANIZATION = "SourceOrgID"


def for_sources_elsewhere(results: Iterable[Result], named: Mapping[str, tuple[NamedTarget, ...]]) -> list[Result]:
    """
    The results, with words for a remedy that would stop what other templates have a service come for.

    Args:
        named: what the templates of the run name, by their files.
    """
    by_name: dict[str, list[tuple[str, NamedTarget]]] = {}
    for template, targets in named.items():
        for one in targets:
            by_name.setdefault(one.name, []).append((template, one))
    return [_kept_in(result, by_name) for result in results] if by_name else [*results]


def _kept_in(result: Result, by_name: Mapping[str, list[tuple[str, NamedTarget]]]) -> Result:
    remedy, request = result.remedy, result.counterexample
    is_asked = result.property == NoConfusedDeputy.ident and result.verdict == REFUTED
    if not is_asked or remedy is None or not remedy.edits or request is None or _FOR_ORGANIZATION in str(remedy.edits):
        return result
    fields = request.resource.split(":", 5)
    meant = (one for one in by_name.get(fields[-1], ()) if one[0] != result.template)
    templates = [name for name, one in meant if _may_be(one, result.account)]
    if not templates:
        return result
    said = f"{templates[0]} has a service come here, and may be of another account"
    text = f"say for whom the service may call, with the account that {templates[0]} is deployed to among them"
    return result._replace(why=(*result.why, said), remedy=Remedy(text))


def _may_be(named: NamedTarget, account: str | None) -> bool:
    """Whether a template may name something of an account, and be in another one itself."""
    if account is None:
        return True
    return named.account in (None, account) and named.own != account
