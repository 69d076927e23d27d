"""
Role chains at each assignment of the parameters of the templates that have the roles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set

from trustproof.analysis.assignments.assignments import undecided_result
from trustproof.analysis.assignments.defaults import MAX_ASKED
from trustproof.analysis.role_chains.graph_memory import GraphMemory, Place
from trustproof.analysis.role_chains.judging import MAX_TOGETHER, Resource, judged, resource_of
from trustproof.analysis.role_chains.other_accounts import MAX_ACCOUNTS
from trustproof.analysis.role_chains.readings import ChainedTemplate, ChainReading, OtherReadings
from trustproof.engine.allowance import check_what_is_left
from trustproof.escaping.text import first_of
from trustproof.inputs.reader import Number
from trustproof.properties.base import RunProperty
from trustproof.proving.answers import cut_short
from trustproof.results.result import BUDGET, PROVED, REFUTED, Result
from trustproof.sets.search import BudgetReached

#: So many steps between roles are looked for at other values than defaults, before another default is asked about.
MAX_STEPS_AT_OTHER_VALUES = 100_000
_IN_TOO_MANY = f"{BUDGET}: accounts that a template which does not say its own may be in ({MAX_ACCOUNTS})"
_TOO_MANY = f"{BUDGET}: assignments of the parameters of all templates that may lead to it ({MAX_TOGETHER})"


def chain_results(
    templates: Sequence[ChainedTemplate], asked: RunProperty, *, certify: bool, memory: GraphMemory | None = None
) -> list[Result]:
    """
    The results about all roles, over all assignments: of each role the worst.

    Args:
        memory: of what has been asked with the same allowance.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
    """
    memory = memory or GraphMemory()
    # What is asked besides is asked without checking the proofs again.
    unchecked = GraphMemory() if certify else memory
    several = [template for template in templates if template.readings]
    reasons = [template.left_open for template in several if template.left_open]
    results, met, left = judged(
        several, [template.readings for template in several], asked, certify=certify, memory=memory
    )
    # First, since to decide the others may take all the work that there is room for.
    demanded = _where_demanded(several, asked, results, met.switching, memory, certify=certify)
    results = [*_decided(several, asked, results, met.involved, memory, certify=certify), *demanded]
    results, are_all = _in_accounts(several, asked, results, unchecked)
    reasons += [] if are_all else [_IN_TOO_MANY]
    results = _in_open_accounts(several, asked, results, met.entered, unchecked)
    results = _in_named_accounts(several, asked, results, unchecked)
    further = [reading.further for template in several for reading in template.readings if reading.further]
    too_many = {resource: [_TOO_MANY] for resource in left}
    open_ = [
        (one, reasons or too_many.get(resource_of(one)) or (further if resource_of(one) in met.entered else []))
        for one in results
    ]
    return [undecided_result(asked, one, why[0]) if why and one.verdict == PROVED else one for one, why in open_]


def _in_accounts(
    templates: Sequence[ChainedTemplate], asked: RunProperty, results: list[Result], memory: GraphMemory
) -> tuple[list[Result], bool]:
    """
    The results, with what is wrong where the templates that do not say their account are in one of another template;
    and whether these are all such accounts.

    A role of that one then enters them, or is entered by theirs, as a role of their own.
    """
    known = {one.account for one in templates if one.account is not None}
    are_all = True
    for number, account in enumerate(sorted(_named_by(templates) & known)):
        there = [one._replace(readings=_readings_in(one, account) or one.readings) for one in templates]
        # An account that is named beside many others is read when it is asked about.
        left = [one for one in templates if account in one.other_accounts]
        if left and (number >= MAX_ACCOUNTS or not all(_readings_in(one, account) for one in left)):
            are_all = False
            continue
        wrong, _ = _wrong(there, asked, memory)
        worse = {resource_of(one) for one in results if one.verdict == PROVED} & {*map(resource_of, wrong)}
        # What is not decided of any account is decided there.
        reached = {resource_of(one) for one in wrong if one.verdict == REFUTED}
        worse |= {resource_of(one) for one in results if one.verdict != REFUTED} & reached
        results = [one for one in results if resource_of(one) not in worse]
        results += [one for one in wrong if resource_of(one) in worse]
    return results, are_all


def _named_by(templates: Sequence[ChainedTemplate]) -> set[str]:
    """The accounts that those templates name which do not say their own."""
    return {account for one in templates for account in (*one.in_accounts, *one.other_accounts)}


def _readings_in(template: ChainedTemplate, account: str) -> tuple[ChainReading, ...]:
    """The roles of a template in an account that it names; none where it names it not, or it is not known."""
    if account in template.other_accounts and template.elsewhere is not None:
        return template.elsewhere(account)
    return template.in_accounts.get(account, ())


def _in_named_accounts(
    templates: Sequence[ChainedTemplate], asked: RunProperty, results: list[Result], memory: GraphMemory
) -> list[Result]:
    """
    The results, with what is wrong where the templates that do not say their account are in one that they name: a
    chain of their own roles there is one of a deployment that they are written for.
    """
    known = {one.account for one in templates if one.account is not None}
    naming: dict[str, list[int]] = {}
    for number, template in enumerate(templates):
        for account in template.in_accounts:
            naming.setdefault(account, []).append(number)
    for account in sorted(naming.keys() - known):
        if all(one.verdict == REFUTED for one in results):
            break
        try:
            check_what_is_left()
        except BudgetReached as reached:
            # Nothing is found in this account any more, nor in the others, of which a template may name thousands.
            (why,) = cut_short(reached).reasons
            return [undecided_result(asked, one, why) if one.verdict == PROVED else one for one in results]
        there = [*templates]
        for number in naming[account]:
            there[number] = templates[number]._replace(readings=templates[number].in_accounts[account])
        goers = {templates[number].name: templates[number].name for number in naming[account]}
        found = {resource_of(one): one for one in _wrong(there, asked, memory)[0]}
        for index, one in enumerate(results):
            wrong = found.get(resource_of(one))
            if wrong is None or one.verdict == REFUTED:
                continue
            on_the_way = {wrong.template, *(place.template for place in wrong.related)}
            if wrong.verdict == REFUTED and on_the_way <= goers.keys():
                results[index] = wrong
            elif one.verdict == PROVED:
                results[index] = undecided_result(asked, one, _if_there(wrong, goers, account))
    return results


def _in_open_accounts(
    templates: Sequence[ChainedTemplate],
    asked: RunProperty,
    results: list[Result],
    entered: Set[Resource],
    memory: GraphMemory,
) -> list[Result]:
    """
    The results without proofs that do not hold where templates which do not say their account are in one of another
    template, though nothing names that account; what is not decided of such templates is wrong where it is in one.

    Args:
        entered: the roles that let in sessions of some role; the others are reached by none in any account.
    """
    if all(one.elsewhere is None for one in templates):
        # Each says its account, and is in no other one.
        return results
    known = {one.account for one in templates if one.account is not None}
    # One is taken to be where nothing that it says is, or in each account that it has something for: others may be too.
    taken = {account for one in templates if one.elsewhere is not None for account in _accounts(one)} - known
    for number, account in enumerate((*sorted(taken), *sorted(known))):
        is_so = account in taken
        proved = {resource_of(one) for one in results if one.verdict == PROVED} & entered
        open_ = {resource_of(one) for one in results if one.verdict != REFUTED} & entered if is_so else proved
        if number == MAX_ACCOUNTS and any(one.elsewhere for one in templates):
            return [
                undecided_result(asked, one, _IN_TOO_MANY) if resource_of(one) in proved else one for one in results
            ]
        moved = _moved(templates, account) if open_ else {}
        if not moved and not (proved and is_so and any(account in one.in_accounts for one in templates)):
            continue
        there = [
            one._replace(readings=moved.get(one.number) or one.in_accounts.get(account, one.readings))
            for one in templates
        ]
        found, involved = _wrong(there, asked, memory)
        wrong = {resource_of(one): one for one in found if resource_of(one) in proved}
        goers = [one for one in templates if one.number in moved]
        names = {
            one.name: f"a StackSet of {one.name}" if one.targets.written else one.name
            for one in [one for one in goers if one.number in involved] or goers
        }
        for index, one in enumerate(results):
            if one.verdict == PROVED and (worse := wrong.get(resource_of(one))) is not None:
                results[index] = worse if is_so else undecided_result(asked, one, _if_there(worse, names, account))
        reached = [one for one in found if one.verdict == REFUTED and resource_of(one) in open_ - proved]
        decided = {*map(resource_of, reached)}
        results = [*(one for one in results if resource_of(one) not in decided), *reached]
    return results


def _if_there(wrong: Result, names: Mapping[str, str], account: str) -> str:
    """
    What is wrong where some templates are in an account, in which they may be or not.

    Args:
        names: the files of the templates, and what they are called.
    """
    who = names.get(wrong.template) or first_of([*names.values()], 3)
    what = wrong.message if wrong.verdict == REFUTED else "; ".join(wrong.reasons)
    return f"whether {who} goes to {account} is not known, where {what}"


def _moved(templates: Sequence[ChainedTemplate], account: str) -> dict[Number, tuple[ChainReading, ...]]:
    """The roles in an account of those templates that may be in it, though nothing names it."""
    taken = {arn for one in templates if one.account == account for arn in _arns(one.readings)}
    found: dict[Number, tuple[ChainReading, ...]] = {}
    for one in templates:
        is_told = account in one.in_accounts or account in _accounts(one)
        if one.elsewhere is not None and not is_told and one.targets.may_have(account):
            readings = one.elsewhere(account)
            # Of two roles of one name an account has one.
            if readings and not taken & _arns(readings):
                found[one.number] = readings
    return found


def _accounts(template: ChainedTemplate) -> set[str]:
    """Those that the readings of a template are for."""
    nodes = {node.account for reading in template.readings for node in reading.nodes}
    return nodes | {one.account for reading in template.readings for one in reading.attached}


def _arns(readings: Sequence[ChainReading]) -> set[str]:
    return {node.arn for reading in readings for node in reading.nodes}


def _wrong(
    templates: Sequence[ChainedTemplate], asked: RunProperty, memory: GraphMemory
) -> tuple[list[Result], set[Number]]:
    """What is not proved at the readings of some templates, and the templates with roles of chains that were found."""
    found, met, left = judged(templates, [one.readings for one in templates], asked, certify=False, memory=memory)
    found = [
        undecided_result(asked, one, _TOO_MANY) if one.verdict == PROVED and resource_of(one) in left else one
        for one in found
    ]
    return [one for one in found if one.verdict != PROVED], met.involved


def _decided(
    templates: Sequence[ChainedTemplate],
    asked: RunProperty,
    results: list[Result],
    involved: set[Number],
    memory: GraphMemory,
    *,
    certify: bool,
) -> list[Result]:
    """
    The results, with those about chains that conditions take part in from where each condition is decided: what two
    roles need of one parameter they have at one value of it, or they are no chain.
    """
    taken: set[Number] = set()
    while any(one.verdict != PROVED for one in results):
        files = {number[0] for number in involved}
        about = [one for one in templates if one.number[0] in files]
        if any(one.is_optional and not one.decided for one in about):
            # Whether it is there is left to a search for one role alone.
            break
        more = {one.number for one in about if one.decided} - taken
        if not more:
            break
        taken |= more
        options = [one.decided if one.number in taken else one.readings for one in templates]
        left = {resource_of(one) for one in results if one.verdict != PROVED}
        of = {one.number for one in templates if one.name in {name for name, _, _ in left}}
        found = judged(templates, options, asked, certify=certify, memory=memory, of=of, or_first=False, or_one=False)
        if not found.results:
            break
        there, involved = found.results, found.met.involved
        open_ = left & {*map(resource_of, there)}
        results = [
            *(one for one in results if resource_of(one) not in open_),
            *(one for one in there if resource_of(one) in open_),
        ]
    return results


def _where_demanded(
    templates: Sequence[ChainedTemplate],
    asked: RunProperty,
    results: Sequence[Result],
    switching: Set[Number],
    memory: GraphMemory,
    *,
    certify: bool,
) -> list[Result]:
    """What is not proved of roles that demand MFA in some deployments alone, in those."""
    about = {one.number for one in templates if one.decided and one.number in switching}
    options = [one.decided if one.number in about else one.readings for one in templates]
    if not about:
        return []
    there, _, left = judged(templates, options, asked, certify=certify, memory=memory, or_first=False)
    known = {*map(resource_of, results)}
    return [
        undecided_result(asked, one, _TOO_MANY) if one.verdict == PROVED else one
        for one in there
        if resource_of(one) not in known and (one.verdict != PROVED or resource_of(one) in left)
    ]


def chains_at_defaults(templates: Sequence[ChainedTemplate], asked: RunProperty, results: list[Result]) -> list[Result]:
    """The results about all roles, where proofs that rest on defaults of parameters say so."""
    proved = {_at_home(one) for one in results if one.verdict == PROVED}
    widest = {number: one.at_other_values[0] for number, one in enumerate(templates) if one.at_other_values}
    if not proved or not widest:
        return results
    memory = GraphMemory(proved)
    resting: dict[Place, dict[str, str]] = {key: {} for key in proved}
    deciding: dict[Place, dict[int, set[str]]] = {key: {} for key in proved}

    def ask(place: int, defaults: Mapping[int, Mapping[str, str]], keys: Set[Place]) -> None:
        # What there is no time for may decide: a proof is said to rest on it.
        is_asked = place < MAX_ASKED and memory.asked <= MAX_STEPS_AT_OTHER_VALUES
        for key in (keys & _unproved(templates, asked, defaults, memory)) if is_asked else keys:
            for number, names in defaults.items():
                deciding[key].setdefault(number, set()).update(names)
                resting[key].update(_named(names, templates[number], key))

    single = [(n, other) for n in widest for other in templates[n].at_other_values if len(other.defaults) == 1]
    for place, (number, other) in enumerate(single):
        ask(place, {number: other.defaults}, proved)
    # Beside what decides alone, others may do so together.
    alike: dict[tuple[tuple[int, tuple[str, ...]], ...], set[Place]] = {}
    for key in proved:
        alone = tuple((number, tuple(sorted(names))) for number, names in sorted(deciding[key].items()))
        alike.setdefault(alone, set()).add(key)
    for place, (alone, keys) in enumerate(sorted(alike.items())):
        left = {number: _without(dict(alone).get(number, ()), other) for number, other in widest.items()}
        if sum(map(len, left.values())) > 1:
            ask(place, {number: names for number, names in left.items() if names}, keys)
    return [one._replace(at_defaults=tuple(resting.get(_at_home(one), {}).items())) for one in results]


def _without(names: Collection[str], other: OtherReadings) -> dict[str, str]:
    """The defaults of some readings without those of some parameters."""
    return {name: default for name, default in other.defaults.items() if name not in names}


def _at_home(result: Result) -> Place:
    return result.template, result.stack, result.path


def _unproved(
    templates: Sequence[ChainedTemplate],
    asked: RunProperty,
    defaults: Mapping[int, Mapping[str, str]],
    memory: GraphMemory,
) -> set[Place]:
    """The places at and around what is not proved of a role, where some templates have other values than defaults."""
    there = [
        template if (names := defaults.get(number)) is None else template.at_other(template.others(names))
        for number, template in enumerate(templates)
    ]
    # A role that tests no MFA there is asked nothing. What is wrong stands at the statement that lets somebody in.
    wrong = (one for one in chain_results(there, asked, certify=False, memory=memory) if one.verdict != PROVED)
    return {(one.template, one.stack, one.path[:length]) for one in wrong for length in range(len(one.path) + 1)}


def _named(defaults: Mapping[str, str], template: ChainedTemplate, of: Place) -> Iterator[tuple[str, str]]:
    """Parameters with their defaults, as a result calls them; those of another template with its name."""
    home = next((node.place.template for reading in template.readings for node in reading.nodes), template.name)
    for name, value in defaults.items():
        yield name if home == of[0] else f"{name} of {home}", value
