"""
What belongs together of the results of a run: one cause, one remedy, one reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from trustproof.model.made_names import names_macro
from trustproof.model.path_steps import calls_macro
from trustproof.model.policy import Path, written_part
from trustproof.results.fingerprint import without_number
from trustproof.results.remedy_kinds import kind_of_remedy
from trustproof.results.result import (
    NOT_ASKED,
    NOT_DECLARED,
    NOTE,
    PROVED,
    REACHES,
    REFUTED,
    SEVERITIES,
    WORLD,
    Result,
)

#: How a cause begins that findings of different severities have in common.
OF_ANY_SEVERITY = "of any severity: "
#: The property that asks whose the accounts are that get in.
_BOUNDARY = "inside-boundary"
_EXTERNAL_ID = f"{OF_ANY_SEVERITY}external id of "
#: The cause of what whoever may do anything may also do: nobody puts that right there.
ADMINISTRATION = "may do anything"
#: The cause of sessions that are long where nobody has said how long they may be.
LONG_SESSIONS = "nobody says how long sessions may last"
#: How the reason begins that is given where AWS has published no managed policy of a name; and how the one ends that
#: names the policy.
UNPUBLISHED = "none of AWS's policies that this release "
_NOT_HERE = " is not in the template, and what it allows is not known"
#: How the reasons begin and end that ask for a value, and how those end that say what it is a part of.
_GIVE, _LATER = "give the value of ", " is not known before deployment"
#: In how many templates one reason is said once.
_ALIKE_UNKNOWN = 2
#: How the names of calls begin that change nothing.
_READING = re.compile("(Batch)?(Describe|Get|Head|List|Query|Receive|Scan|Search|Select)", re.IGNORECASE)
_OF_RUN = (ADMINISTRATION, LONG_SESSIONS)
#: The Region in the name of a service, and what the names of a partition end with.
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+\.amazonaws\.com(?:\.cn)?")
#: What is no part of the name of what a policy is about: that it is written apart, and that it is of a copy.
_BESIDES = re.compile("Replica(?=Key$)|replica_(?=key$)|Policy$|_policy$")
#: How types of users, groups, roles and their policies begin, and what all of them are.
_OF_IAM, _IAM = ("AWS::IAM::", "aws_iam_"), "IAM"


def cause_of_entry(logical_id: str, path: Path) -> str:
    """
    What lets users in without MFA, which is the cause of all that they reach from there.

    Args:
        logical_id: of the role.
        path: of the statement that lets them in.
    """
    return f"{OF_ANY_SEVERITY}users without MFA in {logical_id} {path}"


def cause_of_external_id(logical_id: str, path: Path) -> str:
    """
    That somebody gets in, or would, who is asked for an external id as a third party is.

    Args:
        logical_id: of the role.
        path: of the statement that lets them in.
    """
    return f"{_EXTERNAL_ID}{logical_id} {path}"


class Group(NamedTuple):
    """
    Results of which one says it all.
    """

    lead: Result
    #: Those of the same kind, at other statements and resources of the template.
    like: tuple[Result, ...] = ()
    #: Those of other properties that are closed with the lead.
    also: tuple[Result, ...] = ()

    @property
    def results(self) -> tuple[Result, ...]:
        """All of them."""
        return (self.lead, *self.like, *self.also)


def is_of_run(result: Result) -> bool:
    """Whether a result is a part of one note of the whole run: it would be put right for all, if at all."""
    return result.verdict == REFUTED and result.severity == NOTE and result.cause in _OF_RUN


def worst_first(results: Iterable[Result]) -> list[Result]:
    """
    Results by how bad they are, then by from how far away somebody gets in, and what lets the world write before what
    lets it read: a site is public on purpose more often than its bucket is everybody's.
    """
    return sorted(
        results,
        key=lambda one: (SEVERITIES.index(one.severity), REACHES.index(one.reach), one.reach == WORLD and _reads(one)),
    )


def _reads(result: Result) -> bool:
    """Whether the call that shows a hole changes nothing, by its name."""
    found = result.counterexample
    return found is not None and _READING.match(found.action.partition(":")[2]) is not None


def groups(results: Sequence[Result]) -> list[Group]:
    """
    What is not proved of some results, put together, the worst first.

    * What is let in by several resources that make one way in, as the permissions of a function's URL do, is one
      finding.
    * What is to be asked of a third party is closed where somebody says whose the account is.
    * What users without MFA reach from a role is closed where they get in.
    * What is let in by a statement that lets in the world is let in by the same mistake, whoever it is, unless it is
      another principal of the statement.
    * What is refuted of one property for one reason, and put right by changes of one kind, is one finding of a
      template; so is all that is hardening.
    * What administrators may do besides is one finding of the whole run; so are sessions that are long where nobody has
      said how long.
    * What is unknown for one reason is one unknown of a template, whatever the properties; so is all that could not be
      read.
    """
    folded = _root_causes(results)
    also: dict[int, list[Result]] = {}
    for number, root in folded.items():
        also.setdefault(root, []).append(results[number])
    found: dict[object, list[Result]] = {}
    closed: dict[object, list[Result]] = {}
    for number, result in enumerate(results):
        if result.verdict == PROVED or number in folded:
            continue
        key = _cause(result)
        found.setdefault(key, []).append(result)
        closed.setdefault(key, []).extend(also.get(number, ()))
    out = [_group(same, closed[key]) for key, same in found.items()]
    order = {id(one): number for number, one in enumerate(worst_first(group.lead for group in out))}
    return sorted(out, key=lambda group: (group.lead.verdict != REFUTED, order[id(group.lead)]))


def alike_elsewhere(
    found: Sequence[Group], templates: int, place: Callable[[Result], str]
) -> list[tuple[Group, tuple[Group, ...]]]:
    """
    Groups in their order, each with those of other templates that say the same and are put right in the same way, which
    stand nowhere else: where stacks are near alike, one of them says it for all.

    Args:
        found: the groups of a run.
        templates: in how many templates the same has to be said, at least; what is not decided for one reason is said
            once in any case, and so is what several templates have from one place, as a module that each of them calls,
            or as a copy. What is refuted at one place is said once whatever there is to be done about each of it.
        place: gives where a result stands; empty where that is not known.
    """
    kinds: dict[object, list[Group]] = {}
    for group in found:
        kinds.setdefault(_kind(group), []).append(group)
    said_in = {kind: len({one.lead.template for one in same}) for kind, same in kinds.items()}
    out: list[tuple[Group, tuple[Group, ...]]] = []
    for group in found:
        kind = _kind(group)
        same = kinds[kind]
        least = templates if group.lead.verdict == REFUTED else _ALIKE_UNKNOWN
        if said_in[kind] < least:
            here = place(group.lead) if len(same) > 1 else ""
            copied = _fingerprints(group)
            same = [
                one
                for one in same
                if one is group or (here and place(one.lead) == here) or (copied and _fingerprints(one) == copied)
            ]
        if same[0] is group:
            out.append((group, tuple(same[1:])))
    return _once_of_each_place(out, place)


def _once_of_each_place(
    found: Sequence[tuple[Group, tuple[Group, ...]]], place: Callable[[Result], str]
) -> list[tuple[Group, tuple[Group, ...]]]:
    """
    Those of which one points at the place of another, of one property and severity, with that one: a line of a module
    that many call is changed once, whatever there is to be said of each role that it makes.
    """
    first: dict[tuple[str, ...], int] = {}
    out: list[tuple[Group, tuple[Group, ...]]] = []
    for group, others in found:
        here = place(group.lead) if group.lead.verdict == REFUTED and group.lead.severity != NOTE else ""
        at = first.setdefault((group.lead.property, group.lead.severity, here), len(out)) if here else len(out)
        if at < len(out):
            out[at] = (out[at][0], (*out[at][1], group, *others))
        else:
            out.append((group, others))
    return out


def _fingerprints(group: Group) -> set[str]:
    """Those of all results of a group, which a copy of the template has too; empty where one has none."""
    found = {without_number(one.fingerprint) for one in group.results}
    return set() if "" in found else found


def reasons_once(results: Iterable[Result]) -> list[str]:
    """The reasons of results with one cause, of which those that differ in what a resource is called say the same."""
    found: dict[str, str] = {}
    for number, result in enumerate(results):
        # Of what is a part of one value that nobody has given, the first says enough.
        is_short = number > 0 and asks_for_a_value(result)
        for reason, said in zip(result.reasons, _without_name(result), strict=True):
            if not (is_short and reason.endswith(_LATER)):
                found.setdefault(said, reason)
    return list(found.values())


def _kind(group: Group) -> object:
    """What groups of different templates have in common that one of them says for all."""
    lead = group.lead
    remedy = kind_of_remedy(lead)
    reasons = tuple(dict.fromkeys(reason for one in group.results for reason in _without_name(one)))
    asked = tuple(dict.fromkeys(one.property for one in group.results)) if lead.verdict != REFUTED else (lead.property,)
    said = (lead.reach, lead.label, remedy, reasons, asked, lead.unread)
    # Whose the value is that nobody has given, it does not matter where it is asked for.
    kind = "" if lead.verdict != REFUTED and asks_for_a_value(lead) else _kind_of_resource(lead.resource_type)
    return lead.verdict, lead.severity, kind, *said


def _group(same: Sequence[Result], also: Sequence[Result]) -> Group:
    """
    Results with one cause, the worst of them first; of what cannot be read, a macro before what it may change, and of
    the partitions the one that most people are in.
    """
    lead = min(
        same, key=lambda one: (not _is_macro(one), SEVERITIES.index(one.severity), _is_in_another_partition(one))
    )
    return Group(lead, tuple(one for one in same if one is not lead), tuple(also))


def _is_in_another_partition(result: Result) -> bool:
    return result.counterexample is not None and result.counterexample.resource.startswith("arn:aws-")


def _is_macro(result: Result) -> bool:
    return result.unread and calls_macro(result.path)


def _root_causes(results: Sequence[Result]) -> dict[int, int]:
    """By the number of a result, that of the one whose remedy closes it."""
    open_to_all: dict[tuple[str, str, Path], int] = {}
    for number, result in enumerate(results):
        if result.verdict == REFUTED and result.reach == WORLD:
            open_to_all.setdefault(_place(result), number)
    out: dict[int, int] = {}
    for number, result in enumerate(results):
        root = open_to_all.get(_place(result))
        if root is None or result.verdict != REFUTED or result.reach == WORLD:
            continue
        if _is_of_another(result, results[root]):
            continue
        if SEVERITIES.index(result.severity) >= SEVERITIES.index(results[root].severity):
            out[number] = root
    together = {**_to_be_declared(results), **_closed_together(results)}
    return {number: _root_of(number, out, together) for number in (*out, *together)}


def _to_be_declared(results: Sequence[Result]) -> dict[int, int]:
    """
    By the number of a note about somebody who passes an external id, that of what asks or says whose the account is.

    As a third party's it is none, and as one's own an error.
    """
    asked = {
        _place(one): number
        for number, one in enumerate(results)
        if one.property == _BOUNDARY and one.verdict != PROVED and not one.unread
    }
    return {
        number: asked[_place(one)]
        for number, one in enumerate(results)
        if one.severity == NOTE and one.cause.startswith(_EXTERNAL_ID) and _place(one) in asked
    }


def _root_of(number: int, open_to_all: Mapping[int, int], together: Mapping[int, int]) -> int:
    """What closes a result, and is closed by none itself: what lets in the world comes first."""
    seen = {number}
    while True:
        root = open_to_all.get(number, together.get(number, number))
        if root in seen:
            return number
        seen.add(root)
        number = root


def _closed_together(results: Sequence[Result]) -> dict[int, int]:
    """By the number of a result, that of another resource's whose remedy changes the most of what both rest on."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for number, result in enumerate(results):
        if result.cause not in ("", *_OF_RUN) and result.verdict == REFUTED:
            severity = "" if result.cause.startswith(OF_ANY_SEVERITY) else result.severity
            found.setdefault((result.template, result.cause, severity), []).append(number)
    out: dict[int, int] = {}
    for numbers in found.values():
        worst = min(SEVERITIES.index(results[number].severity) for number in numbers)
        leads = [number for number in numbers if SEVERITIES.index(results[number].severity) == worst]
        lead = max(leads, key=lambda number: (_changes(results[number]), _is_about_rights(results[number]), -number))
        out.update((number, lead) for number in numbers if number != lead)
    return out


def _changes(result: Result) -> int:
    return 0 if result.remedy is None else len(result.remedy.edits)


def _is_about_rights(result: Result) -> bool:
    """Whether a request changes what somebody may do: of what is closed together, nothing is worse."""
    return result.counterexample is not None and result.counterexample.action.startswith("iam:")


def _place(result: Result) -> tuple[str, str, Path]:
    """The statement that a result points into."""
    steps = [number for number, step in enumerate(result.path) if step == "Statement"]
    end = steps[-1] + 2 if steps else len(result.path)
    if result.path[end - 1 : end] in (("Principal",), ("NotPrincipal",)):
        end -= 1
    return result.template, result.logical_id, result.path[:end]


def _is_of_another(result: Result, root: Result) -> bool:
    """Whether two results point at principals of one statement of which neither is a part of the other."""
    mine, other = ((*one.path, *written_part(one.caret))[len(_place(one)[2]) :] for one in (result, root))
    if mine[:1] != ("Principal",) or other[:1] != ("Principal",):
        return False
    return any(first != second for first, second in zip(mine, other, strict=False))


def _asked(result: Result) -> tuple[tuple[str, str], ...]:
    """Whose it is that is not known, wherever it stands."""
    return tuple((one.table, one.ident) for one in result.undeclared)


def _open(result: Result) -> tuple[str, ...]:
    """
    Why something is unknown; where a value is asked for, whatever it is a part of: a principal, a key, an operand.
    """
    if any(reason.startswith(UNPUBLISHED) for reason in result.reasons):
        # Whichever policy it is, there is nothing else to do about it.
        return tuple(one for one in result.reasons if not one.endswith(_NOT_HERE))
    asks = asks_for_a_value(result)
    return tuple(one for one in _without_name(result) if not (asks and one.endswith(_LATER)))


def asks_for_a_value(result: Result) -> bool:
    """Whether something is unknown that whoever runs this may say."""
    return any(reason.startswith(_GIVE) for reason in result.reasons)


def may_say_more_deployed(result: Result) -> bool:
    """Whether what is deployed may say of a part that could not be read what it is."""
    is_said = any(reason.endswith((NOT_ASKED, NOT_DECLARED)) for reason in result.reasons)
    return result.unread and not is_said and not asks_for_a_value(result)


def _without_name(result: Result) -> list[str]:
    """The reasons of a result, which may begin with what the resource is called."""
    return [reason.removeprefix(result.logical_id.rpartition("/")[2] + " ") for reason in result.reasons]


def _cause(result: Result) -> object:
    """What results have in common that one of them says for all."""
    if result.unread or (result.verdict != REFUTED and any(map(names_macro, result.reasons))):
        # What a macro makes, and what it may add beside that, is known as soon as somebody reads what is deployed.
        return (result.template, result.verdict)
    if result.verdict != REFUTED:
        return (result.template, result.verdict, _asked(result), _open(result))
    if is_of_run(result):
        return (result.verdict, result.cause)
    if result.severity == NOTE:
        return (result.template, result.verdict, result.severity, result.property)
    words, changed = kind_of_remedy(result)
    kind = (result.property, _kind_of_resource(result.resource_type), result.reach)
    # A service has a name in each Region, and where that is a parameter, each partition shows another one.
    label, words = (_REGION.sub("amazonaws.com", text) for text in (result.label, words))
    return (result.template, result.verdict, result.severity, *kind, label, words, changed)


def _kind_of_resource(resource_type: str) -> str:
    """
    What policies of a resource are about, whoever has them: a policy of a user says what it says of a group, of a key
    what it says of its replica, and of a bucket not what it says of a queue.
    """
    return _IAM if resource_type.startswith(_OF_IAM) else _BESIDES.sub("", resource_type)
