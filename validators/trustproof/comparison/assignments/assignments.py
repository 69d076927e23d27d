"""
At which values of parameters two sides are compared, and in which cases of what is decided only when it is deployed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from trustproof.aws.resource_policies import CONSULTED_FOR, INSIDE
from trustproof.comparison.assignments.trust_values import once_for_trust
from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.matching.written_alike import are_given_alike, are_written_alike
from trustproof.comparison.pairs.pairs import Everything, compare
from trustproof.comparison.subjects.own_buckets import BUCKET_POLICY, buckets_by_default
from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.deployments import Assignment, Told, is_chosen
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Guard, Path
from trustproof.model.substitution import bind_text
from trustproof.model.text import REGION, Symbol, Symbolic
from trustproof.results.difference import GAINED
from trustproof.results.result import BUDGET
from trustproof.sets.search import BudgetReached

#: So many assignments of parameters are compared of one resource.
MAX_ASSIGNMENTS = 64
#: What an ARN has whose name is a parameter's value.
_PREFIX_AND_NAME = 2
_WORD = re.compile(r"[\w.-]+")
_OTHERWISE = "which permissions boundary there is depends on a condition that the other side decides otherwise"


def assignments_of(pair: Pair) -> tuple[tuple[Assignment, ...], tuple[str, ...]]:
    """The assignments at which a pair is compared, empty where one comparison says it all; why these are not all."""
    found: dict[Assignment, None] = {}
    reasons: list[str] = [*_decided_elsewhere(pair)]
    if not reasons and _is_one(pair):
        return (), ()
    keys = _keys_apart(pair)
    # CloudFormation refuses what a mapping has no key for; but where a condition says that it is not asked.
    asked = () if any(map(_deciding, pair)) else tuple(keys)
    for classes in _classes(pair, _told_apart(pair, keys)):
        if isinstance(classes, str):
            reasons.append(classes)
        else:
            found.update(dict.fromkeys(one for one in classes if not {*asked} & {*one.not_default}))
    assignments = once_for_trust(tuple(found), pair)
    if len(assignments) <= MAX_ASSIGNMENTS:
        assignments = tuple(one for one in assignments if not _is_refined(one, assignments, pair))
    if len(assignments) > MAX_ASSIGNMENTS:
        reasons.append(f"{BUDGET}: assignments of template parameters ({MAX_ASSIGNMENTS})")
    return assignments[:MAX_ASSIGNMENTS], tuple(dict.fromkeys(reasons))


def _is_one(pair: Pair) -> bool:
    """
    Whether both sides say the same, and whatever decides which of it is there is the same: then they do at each
    assignment.
    """
    new, old = pair
    if new is None or old is None or new.parts or old.parts:
        return False
    if any(one.is_surrounded or one.read_values or one.context.template.container is not None for one in (new, old)):
        return False
    here, there = (one.context.template for one in (new, old))
    if not here.is_as_written or [*map(_held, new.in_each_case)] != [*map(_held, old.in_each_case)]:
        return False
    sections = (("Parameters",), ("Mappings",), ("Rules",))
    is_declared = all(here.written(section) == there.written(section) for section in sections)
    is_given = new.kind != IDENTITY or are_given_alike(new, old)
    if is_declared and is_given and not new.alternatives and _deciding(new) == _deciding(old):
        return True
    return are_written_alike(new, old)


def _held(one: Subject) -> tuple[object, ...]:
    holder = one.holder
    if holder is not None:
        # By their numbers, they would differ wherever a policy stands before them on one side alone.
        limits = tuple(limit if limit.document is None else limit._replace(document=0) for limit in holder.boundaries)
        holder = holder._replace(documents=(), boundaries=limits)
    return one.all_documents, holder, one.opaque, one.arn, one.under


def _is_refined(one: Assignment, every: Iterable[Assignment], pair: Pair) -> bool:
    """
    Whether others say more than an assignment of one side, which does not read all that the other one does: all values
    of what they say besides.
    """
    values = set(one.values)
    finer = [other for other in every if values < set(other.values)]
    besides = {name: {dict(other.values).get(name) for other in finer} for other in finer for name, _ in other.values}
    for subject in pair if finer else ():
        for name in besides.keys() - dict(one.values).keys() if subject is not None else ():
            assert subject is not None
            listed = subject.deployments.listed(name)
            if not listed or not besides[name].issuperset(listed):
                return False
    return bool(finer)


def _decided_elsewhere(pair: Pair) -> Iterator[str]:
    """
    What decides on both sides whether policies are there, or what they say, by one name, and is made of something else
    on each.
    """
    new, old = pair
    if new is None or old is None:
        return
    here, there = (one.context.template for one in (new, old))
    of_policies = dict.fromkeys(guard.name for one in new.all_documents for guard in one.guards)
    statements = (statement for one in new.all_documents for statement in one.policy.statements)
    of_statements = dict.fromkeys(guard.name for one in statements for guard in one.guards)
    read = repr(old.all_documents)
    for name in of_policies | of_statements:
        # What the old side does not speak of decides nothing there.
        if any(word in read for word in _WORD.findall(name)) and here.made_of(name) != there.made_of(name):
            decides = "whether it is there" if name in of_policies else "what it says"
            yield f"{name} decides {decides}, and is made of something else on the new side"


def _classes(pair: Pair, apart: Told) -> Iterator[tuple[Assignment, ...] | str]:
    for subject in pair:
        if subject is not None:
            yield subject.context.assignments.of(_paths(*subject.in_each_case), apart=apart)


def _paths(*cases: Subject) -> list[Path]:
    """Where it stands what somebody has, and on what it is put."""
    found: dict[Path, None] = {}
    for one in cases:
        written = (document.path for document in one.all_documents)
        found.update(dict.fromkeys(path for path in (one.path, *written) if path))
        for document in one.all_documents:
            resource = ("Resources", document.logical_id)
            put_on = one.context.template.put_on(resource)
            if isinstance(put_on, Mapping):
                found.update(dict.fromkeys((*resource, "Properties", str(name)) for name in put_on))
    return list(found)


def _told_apart(pair: Pair, keys: Mapping[str, Iterable[str]]) -> Told:
    """
    Names with the texts that either side compares them with, where both sides have to be compared at each of them.

    Conditions of other names, or defined in other words, may be the same: at values that decide them, they are.

    Args:
        keys: of mappings, by the names of the parameters that are one of these.
    """
    new, old = pair
    found = {name: dict.fromkeys(texts) for name, texts in keys.items()}
    if _deciding(new) == _deciding(old) and not any(one is not None and one.alternatives for one in pair):
        return found or None
    for classes in _classes(pair, {}):
        for assignment in classes if isinstance(classes, tuple) else ():
            for name, text in assignment.values:
                if is_chosen(name) and not name.startswith("AWS::"):
                    found.setdefault(name, {})[text] = None
    return found


def _keys_apart(pair: Pair) -> dict[str, dict[str, None]]:
    """
    The parameters that are keys of mappings, with all keys that either side has, where what is looked up by them may
    not be the same: by its default alone, such a parameter has one of them.
    """
    found: dict[str, dict[str, None]] = {}
    said: list[list[object]] = []
    for subject in pair:
        if subject is None:
            return {}
        template = subject.context.template
        paths = _paths(subject)
        by_name = [
            (name, keys)
            for path in paths
            for name, keys in template.mapped_by(path).items()
            if keys and (name in template.parameter_names or name == REGION)
        ]
        tables = template.written(("Mappings",)) if by_name else None
        said.append([*map(template.written, paths), tables] if by_name else [])
        for name, keys in by_name:
            found.setdefault(name, {}).update(dict.fromkeys(keys))
    return found if said[0] != said[1] else {}


def _deciding(subject: Subject | None) -> set[tuple[str, object]]:
    """The conditions that decide about what somebody has, each with its definition."""
    if subject is None:
        return set()
    statements = (one for document in subject.all_documents for one in document.policy.statements)
    names = {guard.name for statement in statements for guard in statement.guards if isinstance(guard.value, bool)}
    return {(name, repr(subject.context.template.definition(name))) for name in names}


def undecided_together(pair: Pair, parameters: Mapping[str, str]) -> str:
    """Why it is not known whether either side may be deployed with these parameters; empty where it may be."""
    sides = (one.deployments.undecided_together(parameters) for one in pair if one is not None)
    return next(filter(None, sides), "")


def admitted(
    found: Iterable[StatementGain | OpenQuestion], pair: Pair, assignment: Assignment
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What is found at an assignment, without what a side gives there that is not deployed with it: of a value that only
    the parameter of the other side admits, nobody had anything, or has.
    """
    may_be: dict[str, bool] = {}
    for one in found:
        if isinstance(one, StatementGain):
            if one.direction not in may_be:
                giving = pair[0 if one.direction == GAINED else 1]
                may_be[one.direction] = giving is None or is_admitted(giving, assignment.values)
            if not may_be[one.direction]:
                continue
        yield one


def is_admitted(subject: Subject, values: Iterable[tuple[str, str]]) -> bool:
    """Whether a side may be deployed with some values of its parameters."""
    declared = subject.context.template.parameter_names
    given = [(name, value) for name, value in values if name in declared]
    if not all(subject.deployments.admits(Symbol(name, "parameter"), value) for name, value in given):
        return False
    try:
        return not given or subject.deployments.satisfy([Guard(name, value) for name, value in given]) is not None
    except BudgetReached:
        return True


def compare_each_case(
    new: Subject | None, old: Subject | None, renamed: Mapping[str, str], everything: Everything
) -> Iterator[StatementGain | OpenQuestion]:
    """
    As `compare`, for each permissions boundary that conditions may give, on either side under the same conditions.
    """
    if not any(one is not None and one.under for one in (new, old)):
        yield from compare(new, old, renamed, everything)
        return
    cases = [[None] if one is None else [*one.in_each_case] for one in (new, old)]
    for now, before in product(*cases):
        there = [one for one in (now, before) if one is not None]
        guards = tuple(dict.fromkeys(guard for one in there for guard in one.under))
        if len({guard.name for guard in guards}) < len(guards):
            # One of them holds where the other does not.
            continue
        if len(there) > 1 and any(_is_otherwise(guard, there) for guard in guards):
            yield OpenQuestion(there[0], (_OTHERWISE,))
            return
        now, before = (None if one is None else one.where(guards) for one in (now, before))
        yield from compare(now, before, renamed, everything)


def _is_otherwise(guard: Guard, subjects: list[Subject]) -> bool:
    """Whether a condition is not the same on both sides, or not there on one of them."""
    first, other = (one.context.template.definition(guard.name) for one in subjects)
    return not first or first != other


def own_name(found: StatementGain, assignment: Assignment, every: Iterable[Assignment]) -> dict[str, str]:
    """
    The parameter that the resource of a policy is named by, with the name of what the request is for, where that is one
    of the values of an assignment: with another one, S3 refuses a policy that writes out its bucket.

    Args:
        every: the assignments at which the pair is compared: what one of them gives is no value of another one.

    Returns:
        Empty where the name is no parameter's value, or may not be that.
    """
    subject = found.subject
    if not isinstance(subject.arn, Symbolic):
        return {}
    before, named = subject.arn.parts[0], subject.arn.parts[-1]
    if len(subject.arn.parts) != _PREFIX_AND_NAME or not isinstance(before, str) or not isinstance(named, Symbol):
        return {}
    if named.name not in assignment.not_default or not found.request.resource.startswith(before):
        return {}
    service = CONSULTED_FOR.get(subject.resource_type, "")
    rest = found.request.resource.removeprefix(before)
    value = rest.partition(INSIDE[service])[0] if service in INSIDE else rest
    defaults = subject.context.template.parameter_defaults()
    others = {text for one in every for name, text in one.values if name == named.name}
    if not value or value in others or value == defaults.get(named.name):
        return {}
    return {named.name: value} if is_admitted(subject, [(named.name, value)]) else {}


def where_it_is_its_own(given: StatementGain) -> StatementGain | None:
    """
    The same with the value by which a policy is put on the bucket that it speaks of; None where no value does that.
    """
    subject = given.subject
    if subject.resource_type != BUCKET_POLICY:
        return given
    own = bind_text(subject.documents[given.found.policy].resource_arn, given.parameters)
    bucket = given.request.resource.partition("/")[0]
    if isinstance(own, str):
        names = buckets_by_default(subject)
        if own in ("*", bucket) or not names:
            return given
        said = f"only if the policy is put on {bucket}, and not on what {' and '.join(names)} makes of it by default"
        return given._replace(notes=(*given.notes, said))
    before, named = own.parts[0], own.parts[-1]
    if len(own.parts) != _PREFIX_AND_NAME or not isinstance(before, str) or not isinstance(named, Symbol):
        return given
    value = bucket.removeprefix(before)
    if named.name not in subject.context.template.parameter_names or value in ("", bucket):
        return given
    if not is_admitted(subject, [(named.name, value)]):
        return None
    return given._replace(parameters={**given.parameters, named.name: value})
