"""
What a holder has besides the policies of the template, where it leaves a property open.
"""

from __future__ import annotations

from trustproof.analysis.holdings import TYPES, Holding, holder_name
from trustproof.config.model import Config
from trustproof.properties.base import IdentityProperty
from trustproof.proving.outcomes import Place
from trustproof.results.fingerprint import fingerprint
from trustproof.results.result import UNKNOWN, Result


def left_open(asked: IdentityProperty, holding: Holding) -> tuple[str, ...]:
    """Why what else a holder may do leaves a property open; empty where it does not."""
    if asked.needs_whole_holder and holding.unclear and holding.holder.logical_id:
        return holding.unclear
    if asked.needs_whole_holder and holding.unknown:
        names = ", ".join(holding.unknown_arns)
        return (f"the managed policy {names} is not in the template, and what it allows is not known",)
    return ()


def foreign(
    asked: IdentityProperty, holding: Holding, config: Config, place: Place, reasons: tuple[str, ...]
) -> Result:
    """The result about a holder of whom nobody knows what else it may do."""
    holder = holding.holder
    return Result(
        asked.ident,
        UNKNOWN,
        asked.severity_of(config, UNKNOWN, reasons),
        place.template,
        holder.logical_id or str(holder.name),
        TYPES[holder.kind],
        None,
        place.account,
        holder.path,
        f"not decided whether {asked.summary}: {holder_name(holder)}",
        reasons=reasons,
        fingerprint=fingerprint(asked.ident, holder.logical_id or str(holder.name), "\n".join(reasons)),
    )
