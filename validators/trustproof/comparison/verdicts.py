"""
Which properties hold on one side only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.api import check
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.comparison.subjects.subjects import Subject
from trustproof.comparison.unread.unread_policies import refused_resources
from trustproof.config.model import Config
from trustproof.engine.allowance import WORK, answers_files, shared_by
from trustproof.inputs.documents.account_details import NOT_SAID
from trustproof.model.document import IDENTITY
from trustproof.properties import registry
from trustproof.proving.remedies import without_remedies
from trustproof.results.difference import Undecided, VerdictChange, Where
from trustproof.results.report import Report, ResourceVerdict
from trustproof.results.result import BUDGET, OFF, PROVED, REFUTED, UNKNOWN, Result

_WORST = (REFUTED, UNKNOWN, PROVED)
#: What a run may cost that is alone, of which each side has one such part: what is compared takes as long.
_PARTS = 5


class _About(NamedTuple):
    """
    A property of a resource.
    """

    property: str
    #: Of the template, as both sides call it.
    label: str
    logical_id: str
    account: str | None


def verdict_changes(
    old: ComparisonSide,
    new: ComparisonSide,
    pairs: Sequence[Pair],
    properties: Sequence[str] | None,
    changed: Collection[tuple[str, str]],
) -> Iterator[VerdictChange | Undecided]:
    """
    The properties of each resource whose verdict is another one, in the order of the new side and then of the old.

    Of a resource that is new or gone, what is proved is no change; a property that the configuration of one side does
    not ask is not compared, and that is said. Of one that is there on both sides, whose policies are other ones and
    mean the same (`*` of its own, then AdministratorAccess), a property that is asked of the ones only is no change.

    Of files that are too many to be judged with what there is, no verdict is asked, and that is said.

    Args:
        changed: what gives something on one side only, or may: each by the label of its template and its logical id.
    """
    asked = {side.called: _asked(side) for side in (old, new)}
    left_out: dict[tuple[str, str], None] = {}
    with shared_by(_PARTS), without_remedies():
        for side in (new, old):
            files = {named.template.name: len(named.template.text) for named in side.templates}
            if not answers_files(len(files), sum(files.values())):
                reached = f"{BUDGET}: {WORK} ({len(files)} files), so that no verdict could be compared"
                yield Undecided(Where(side.shown(_root(side)), "", "", None, None), (reached,))
                return
        reports = {side.called: _report(side, properties) for side in (old, new)}
    renamed = {
        _about("", old, second): _about("", new, first)
        for first, second in pairs
        if first is not None and second is not None
    }
    before = _verdicts(old, reports[old.called], renamed)
    after = _verdicts(new, reports[new.called], {})
    same = _same(old, new, pairs, changed)
    refused = refused_resources(old, new)
    moved = _moved(before, after)
    settings, told = _differing_settings(old, new), set[str]()
    may_differ, cut_short = {logical_id for _, logical_id in changed}, set[str]()
    there = {side.called: {key._replace(property="") for key in found} for side, found in ((old, before), (new, after))}
    for key in dict.fromkeys((*after, *before)):
        was, now = before.get(key), after.get(key)
        missing = next((one for one, found in ((new, now), (old, was)) if found is None), None)
        if missing is not None and key.property not in asked[missing.called].get(key.label, (key.property,)):
            if (key.property, key.label) not in left_out:
                left_out[key.property, key.label] = None
                yield _not_asked(missing, old if missing is new else new, key, now or was)
            continue
        old_verdict, new_verdict = (None if one is None else one.verdict for one in (was, now))
        if old_verdict == new_verdict == UNKNOWN and key.logical_id.rpartition("/")[2] in may_differ:
            # What a budget leaves open on both sides may be another one.
            for side, one in ((new, now), (old, was)):
                if one is not None and (reached := _budget_of(one)) and key.label not in cut_short:
                    cut_short.add(key.label)
                    place = Where(side.shown(one.template), "", "", None, one.account)
                    yield Undecided(place, (f"{reached}, so that not all verdicts could be compared",))
        if old_verdict == new_verdict or {old_verdict, new_verdict} == {None, PROVED} or key in moved:
            continue
        side, shown = (new, now) if now is not None else (old, was)
        assert shown is not None
        worst = min(shown.parts, key=lambda part: _WORST.index(part.verdict))
        if (key.label, key.logical_id) in refused:
            continue
        if missing is not None and worst.unread and key._replace(property="") in there[missing.called]:
            # What is not read may be about any property, and the resource is neither new nor gone.
            continue
        if missing is not None and key._replace(property="") in same:
            continue
        if was is not None and now is not None and (_is_not_said(was) or _is_not_said(now)):
            continue
        place = _where(side, reports[side.called], shown, worst)
        if (differing := settings.get(key.label)) is not None and differing not in told:
            told.add(differing)
            yield Undecided(Where(side.shown(shown.template), "", "", None, shown.account), (differing,))
        yield VerdictChange(key.property, place, old_verdict, new_verdict, worst.message, worst.counterexample)


def _root(side: ComparisonSide) -> str:
    """What the user has named of a side, or the first template of it where that is a template itself."""
    named = (root.path for root in side.roots if isinstance(root.path, str))
    return next(named, side.templates[0].template.name)


def _same(
    old: ComparisonSide, new: ComparisonSide, pairs: Sequence[Pair], changed: Collection[tuple[str, str]]
) -> set[_About]:
    """What has policies of users, groups and roles that are there on both sides and mean the same, as verdicts do."""
    same: set[_About] = set()
    others: set[_About] = set()
    for first, second in pairs:
        subjects = [(side, one) for side, one in ((new, first), (old, second)) if one is not None]
        if any(one.kind != IDENTITY for _, one in subjects):
            continue
        is_same = len(subjects) > 1 and not any((one.label, one.logical_id) in changed for _, one in subjects)
        for side, one in subjects:
            about = _about("", side, one)
            inside = about.logical_id.removesuffix(one.logical_id)
            ids = dict.fromkeys((one.logical_id, *(document.logical_id for document in one.documents)))
            (same if is_same else others).update(about._replace(logical_id=f"{inside}{found}") for found in ids)
    return same - others


def _is_not_said(found: ResourceVerdict) -> bool:
    """Whether it is not decided for no other reason than that a dump of an account does not say it: no change."""
    reasons = [reason for part in found.parts if part.verdict != PROVED for reason in part.reasons]
    return found.verdict == UNKNOWN and bool(reasons) and all(NOT_SAID in reason for reason in reasons)


def _budget_of(found: ResourceVerdict) -> str:
    """The budget that was reached before something was decided, in words; empty where none was."""
    return next((why for part in found.parts for why in part.reasons if why.startswith(BUDGET)), "")


class _Finding(NamedTuple):
    """
    What is wrong or not decided, wherever it stands.
    """

    property: str
    verdict: str
    message: str
    #: Who asks for what, and with which context; empty without a counterexample.
    request: str
    reasons: tuple[str, ...]


def _moved(before: Mapping[_About, ResourceVerdict], after: Mapping[_About, ResourceVerdict]) -> frozenset[_About]:
    """
    What only says that a policy has moved: from the resource that held it to another one of the same holder (an inline
    policy that has become a managed one), or with its resource to another account.

    A message names the holder, and the request is that of the holder, so that two findings are the same one.
    """
    gone, come = _findings(before, after), _findings(after, before)
    same = gone.keys() & come.keys()
    by_key: dict[_About, list[bool]] = {}
    for findings in (gone, come):
        for finding, keys in findings.items():
            # Of two that went and one that came, nobody knows which has moved.
            is_same = finding in same and len(gone[finding]) == len(come[finding])
            for key in keys:
                by_key.setdefault(key, []).append(is_same)
    return frozenset(key for key, found in by_key.items() if all(found))


def _findings(
    here: Mapping[_About, ResourceVerdict], there: Mapping[_About, ResourceVerdict]
) -> dict[_Finding, list[_About]]:
    """What is wrong or not decided on one side, by what it is, where the other side has another verdict."""
    found: dict[_Finding, list[_About]] = {}
    for key, one in here.items():
        other = there.get(key)
        if other is not None and other.verdict == one.verdict:
            continue
        for part in one.parts:
            if part.verdict != PROVED:
                shown = part.counterexample
                request = "" if shown is None else f"{shown[:4]} {sorted(map(str, shown.context.items()))}"
                finding = _Finding(part.property, part.verdict, part.message, request, part.reasons)
                keys = found.setdefault(finding, [])
                if key not in keys:
                    keys.append(key)
    return found


def _asked(side: ComparisonSide) -> dict[str, set[str]]:
    """The properties that are asked of each template, by what both sides call it."""
    out: dict[str, set[str]] = {}
    for named in side.templates:
        config = side.config_of(named.template)
        there = (*registry.PROPERTIES, *registry.invariant_properties(config))
        asked = {one.ident for one in there if config.severity(one.ident, one.severity) != OFF}
        out.setdefault(side.label(named.template.name), set()).update(asked)
    return out


def _differing_settings(old: ComparisonSide, new: ComparisonSide) -> dict[str, str]:
    """Of the templates of which the sides have other configurations, what is to be known of their verdicts."""
    found: dict[str, str] = {}
    before = {side.label(one.template.name): side.config_of(one.template) for side in (old,) for one in side.templates}
    for named in new.templates:
        label, mine = new.label(named.template.name), new.config_of(named.template)
        was = before.get(label)
        if was is not None and _declared(was) != _declared(mine):
            files = [
                f"{side.shown(one.file) if one.file else 'none'} on the {side.called} side"
                for side, one in ((old, was), (new, mine))
            ]
            found[label] = (
                f"the configurations are not the same ({', '.join(files)}), by which alone a verdict may have changed"
            )
    return found


def _declared(config: Config) -> tuple[object, ...]:
    """What decides about verdicts."""
    said = (config.boundary, config.third_parties, config.sensitive_actions, config.invariants, config.organization)
    return (*said, {name: (one.severity, one.options) for name, one in config.properties.items()})


def _not_asked(side: ComparisonSide, other: ComparisonSide, key: _About, found: ResourceVerdict | None) -> Undecided:
    assert found is not None
    reason = (
        f"{key.property} is asked on the {other.called} side only: the {side.called} side has another configuration"
    )
    return Undecided(Where(other.shown(found.template), "", "", None, found.account), (reason,))


def _report(side: ComparisonSide, properties: Sequence[str] | None) -> Report | None:
    """The report of a side; None where there is nothing on it."""
    if not side.templates:
        return None
    declared = {name for named in side.templates for name in named.template.parameter_names}
    options = {option for named in side.templates for option in named.template.presentation.options}
    settings = side.settings.without_unused(options)
    return check(
        [root.path for root in side.roots],
        config=side.configurations.main,
        account=settings.account,
        region=settings.region,
        # What only the other side has is none of its parameters.
        parameters={name: value for name, value in settings.parameters.items() if name in declared},
        provider_accounts=settings.provider_accounts,
        source=settings.source,
        var_files=settings.var_files,
        policy_kind=settings.policy_kind,
        properties=properties,
    )


def _verdicts(
    side: ComparisonSide, report: Report | None, renamed: Mapping[_About, _About]
) -> dict[_About, ResourceVerdict]:
    out: dict[_About, ResourceVerdict] = {}
    for one in () if report is None else report.verdicts:
        about = _About("", side.label(one.template), one.logical_id, one.account)
        about = renamed.get(about, about)
        out[about._replace(property=one.property)] = one
    return out


def _about(ident: str, side: ComparisonSide, subject: Subject) -> _About:
    template = subject.home
    inside = "" if template.container is None else f"{template.container.name}/"
    return _About(ident, side.label(template.name), f"{inside}{subject.logical_id}", template.account)


def _where(side: ComparisonSide, report: Report | None, found: ResourceVerdict, worst: Result) -> Where:
    place = None
    if report is not None:
        place = report.sources.position(worst.template, (*worst.path, *worst.caret))
    return Where(
        side.shown(found.template),
        found.logical_id,
        worst.resource_type,
        found.construct_path,
        found.account,
        None if place is None else side.position(place, worst.template),
    )
