"""
What a holder has besides the policies of the template, where it leaves a property open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from trustproof.analysis.holders.held_policies import HeldPolicies
from trustproof.analysis.holders.holdings import GROUP, TYPES, Holding, holder_name, in_words
from trustproof.analysis.holders.tallies import Tally
from trustproof.aws.published import managed_policy_names, release_day
from trustproof.config.model import Config
from trustproof.model.policy import ALLOW
from trustproof.properties.base import IdentityProperty
from trustproof.proving.hints import hints_of_text
from trustproof.proving.outcomes import Place
from trustproof.results.fingerprint import fingerprint
from trustproof.results.groups import UNPUBLISHED
from trustproof.results.result import UNKNOWN, Result

_OF_AWS = ":iam::aws:policy/"


def idle_additions(asked: IdentityProperty, holdings: Sequence[Holding], policies: HeldPolicies) -> frozenset[str]:
    """
    The doubts that leave nobody's answer open: what each holder may be given besides is known, and allows nothing that
    the property asks about, whoever is given it.
    """
    opening: dict[str, bool] = {}
    for holding in holdings:
        if holding.holder.logical_id or not holding.holder.doubts:
            continue
        opens = bool(holding.unknown) or any(
            statement.effect == ALLOW and asked.concerns(held.subject, statement)
            for held in policies.of(holding)
            for statement in held.subject.policy.statements
        )
        for doubt in holding.holder.doubts:
            opening[doubt] = opens or opening.get(doubt, False)
    return frozenset(doubt for doubt, opens in opening.items() if not opens)


def left_open(asked: IdentityProperty, holding: Holding, config: Config, idle: Collection[str] = ()) -> tuple[str, ...]:
    """
    Why what else a holder may do leaves a property open, and what would settle it; empty where it does not.

    Args:
        idle: doubts about what it may be allowed besides that leave nothing open.
    """
    if not asked.asks_about(holding.holder, config):
        return ()
    unclear = tuple(doubt for doubt in holding.unclear if doubt in holding.may_stop or doubt not in idle)
    if asked.needs_whole_holder and unclear and holding.holder.logical_id:
        return unclear
    # A policy that a permission set names is taken to be the one of that name that the template has.
    here = {str(name) for name, _ in holding.holder.by_reference}
    unknown = [one for one in holding.unknown if str(one.arn) not in here]
    if not asked.needs_whole_holder or not unknown:
        return ()
    reasons = [f"{one} is not in the template, and what it allows is not known" for one in in_words(unknown)]
    if all(_OF_AWS in str(one.arn) for one in unknown):
        return (*reasons, *dict.fromkeys(_why_unpublished(str(one.arn)) for one in unknown))
    given = dict.fromkeys(hint for one in unknown for hint in hints_of_text(one.arn))
    said = "the template that makes it, or what 'trustproof pull' saves of its account, given as a file besides"
    return (*reasons, *given, f"{said}, says what it allows")


def _why_unpublished(arn: str) -> str:
    """Why nothing is known of a managed policy of AWS."""
    head, _, name = arn.partition(_OF_AWS)
    if name in managed_policy_names():
        said = "a name in braces needs a $ before it, in a text that is filled in"
        return f"no partition is called {head.removeprefix('arn:')}: {said}"
    last = name.rpartition("/")[2]
    if meant := [one for one in managed_policy_names() if one.rpartition("/")[2] == last]:
        return f"AWS has {last} with another path: arn:aws{_OF_AWS}{meant[0]}"
    return (
        f"{UNPUBLISHED}of Trustproof knows, of {release_day()}, has that name: AWS has "
        "withdrawn it, or never had it, and lets nobody attach it; or has published it since"
    )


def is_said(holding: Holding, tallies: Iterable[Tally]) -> bool:
    """Whether an answer about a policy of a holder says enough: it refutes, or names what is not known or not read."""
    if holding.unclear and holding.holder.logical_id in holding.holder.unread:
        return True
    name = holder_name(holding.holder)
    tallies = list(tallies)
    # Where something is refuted, it does not matter what is open besides.
    if any(name in one.reached for one in tallies):
        return True
    if all(one.kind == GROUP for one in holding.unknown) and not holding.unclear:
        return any(name in one.undecided for one in tallies)
    undecided = [one for one in tallies if one.unknown is not None and not one.refuted and name in one.undecided]
    return any(one.unknown is not None and one.unknown[1].reasons == holding.doubts for one in undecided)


def foreign(
    asked: IdentityProperty, holding: Holding, config: Config, place: Place, reasons: tuple[str, ...]
) -> Result:
    """The result about a holder of whom nobody knows what else it may do."""
    holder = holding.holder
    # Somebody whom the template does not declare stands where it is attached to them.
    path = holder.path or next((one.path for one in holder.foreign if one.path), ())
    return Result(
        asked.ident,
        UNKNOWN,
        asked.severity_of(config, UNKNOWN, reasons),
        place.template,
        holder.logical_id or str(holder.name),
        TYPES[holder.kind],
        None,
        place.account,
        path,
        f"not decided whether {asked.summary}: {holder_name(holder)}",
        reasons=reasons,
        fingerprint=fingerprint(asked.ident, holder.logical_id or str(holder.name), reasons[0]),
    )
