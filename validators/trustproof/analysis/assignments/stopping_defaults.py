"""
Statements that nobody can use at the default of a parameter: whoever deploys the template switches them on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from trustproof.analysis.assignments.defaults import asked_at_most, deciding_defaults
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.inputs.reader import Input
from trustproof.model.document import Document
from trustproof.model.path_steps import is_function
from trustproof.model.policy import ALLOW, Path
from trustproof.properties.base import Property
from trustproof.properties.question import Direction
from trustproof.properties.wording.unmet_condition import ABOUT_NOTHING
from trustproof.proving.template_switches import asking_for
from trustproof.results.result import ERROR, NOTE, REFUTED, WARNING, Remedy, Result, Severity

#: Defaults that nobody deploys with, as they are written: what is empty, and what says that something goes there.
_EMPTY = re.compile(r'""|\[\]|\{\}|<.*>|')
#: How many parameters are named at most.
_MOST_NAMED = 8
#: What stands between the words of a name.
_DELIMITERS = re.compile(r"[-_\s]+")
#: The key of one of several resources of Terraform.
_KEY = re.compile(r"\[[^\]]*\]")


class ChangedDefaults(NamedTuple):
    """
    A template where some parameters have other values than their defaults, and what is found of it.
    """

    context: TemplateContext
    results: Sequence[Result]
    #: Those that stand where the policy in question does, where no other one is to be read; None for all.
    about: Sequence[Document] | None = None

    @property
    def documents(self) -> Sequence[Document]:
        """What there is of policies."""
        return self.context.documents if self.about is None else self.about


def changed_at(opened: TemplateContext, results: Sequence[Result], document: Document) -> ChangedDefaults:
    """What is found of one policy at other values; each has defaults of its own, where nobody asks for the others."""
    if opened.assignment is None or opened.template.container is not None:
        return ChangedDefaults(opened, results)
    about = opened.bound(opened.template.documents_at(document.logical_id, document.path))
    return ChangedDefaults(opened, results, about)


#: Gives what is found where some parameters have other values than their defaults.
Without = Callable[[tuple[str, ...]], "Sequence[ChangedDefaults]"]


def say_what_stops(
    context: TemplateContext, asked: Property, found: Sequence[Result], defaults: Mapping[str, str], without: Without
) -> list[Result]:
    """
    The results of a property, where a refutation that only the default of a parameter makes says so and is milder.

    Args:
        asked: what they are about; of a property that refutes by a request that gets through, nothing is milder.
        defaults: the parameters that something was judged at the default of.
    """
    if getattr(asked, "direction", None) != Direction.WANTED or not defaults or context.assignment is not None:
        return list(found)
    asking = cache(without)
    return [_milder(context, asked, one, defaults, asking) for one in found]


def _milder(
    context: TemplateContext, asked: Property, one: Result, defaults: Mapping[str, str], without: Without
) -> Result:
    names = tuple(defaults)
    # A time that is over is a warning in itself; the parameter that it stands in is still worth a name.
    if one.verdict != REFUTED or one.severity not in {ERROR, WARNING}:
        return one
    here = place_of(context.template, one.path)

    def is_stopped(some: tuple[str, ...]) -> bool:
        return not any(_is_usable(opened, here) for opened in without(some))

    if is_stopped(names):
        return one
    deciding = deciding_defaults(names, is_stopped, asked_at_most(context, names))
    # What is empty is to be given, and is enough: that another value beside it may do as well is no reason to look
    # there.
    given = tuple(name for name in deciding if _is_to_be_given(name, defaults[name]) and not is_stopped((name,)))
    deciding = given or deciding
    switches = " and ".join(f"{name} is {defaults[name] or 'empty'}" for name in deciding)
    if len(deciding) > _MOST_NAMED:
        # Of a large configuration it was not asked which of them it is.
        switches = f"some of {len(deciding)} parameters have the values that they have"
    # That is a value that whoever deploys is to give, and no choice of anybody.
    is_empty = all(_is_to_be_given(name, defaults[name]) for name in deciding)
    if len(deciding) > _MOST_NAMED:
        # Nothing but what is empty makes an empty list, whichever of them that is.
        is_empty = any(said.endswith(ABOUT_NOTHING) for said in one.why)
    at_most: Severity = NOTE if is_empty else WARNING
    called = " and ".join(deciding) if len(deciding) <= _MOST_NAMED else "what it is made of"
    # Where the default stands in the condition itself, the finding says so already.
    meant = f"this is taken to be meant where {switches}, as by default"
    if any(_is_its_own_name(name, defaults[name]) for name in deciding):
        meant = f"{switches} by default, which stands for what whoever deploys it gives"
    return one._replace(
        severity=asked.severity_of(context.config, REFUTED, at_most=at_most),
        why=(meant, *(said for said in one.why if said != meant)),
        # What is empty is no mistake of the policy.
        remedy=Remedy(f"give {called} a value; where there is none, leave the statement out")
        if is_empty
        else asking_for(one.remedy, deciding if len(deciding) <= _MOST_NAMED else ()),
    )


def place_of(template: Input, path: Path) -> tuple[object, ...]:
    """
    The resource of a statement and where it is written: what decides whether it is there may change its path.

    Args:
        template: the reading in which it has this path.
        path: of the statement, or of something in it.
    """
    block = _block(path)
    if (home := template.home_of(path)) is not None:
        template, path, _ = home
    at = path.index("Statement") + 1 if "Statement" in path else len(path)
    while at < len(path) and (isinstance(path[at], int) or is_function(path[at])):
        at += 1
    written = template.locate(path[:at])
    return block, written.file, written.line, written.column


def _is_to_be_given(name: str, value: str) -> bool:
    """Whether nobody deploys with a default: it is empty, or says that something goes there."""
    return bool(_EMPTY.fullmatch(value)) or _is_its_own_name(name, value)


def _is_its_own_name(name: str, value: str) -> bool:
    """Whether a default is what its parameter is called: ``BusArn`` of ``BusArn``, ``bus-arn`` of ``var.bus_arn``."""
    called, said = (_DELIMITERS.sub("", text).lower() for text in (re.split(r"[./]", name)[-1], value.strip('"')))
    return called == said


def _block(path: Path) -> str:
    """What makes a resource: of what there is several times of, other values may make others."""
    return _KEY.sub("", "/".join(map(str, path[:2])))


def _is_usable(opened: ChangedDefaults, here: tuple[object, ...]) -> bool:
    """Whether a statement is there, in one of its forms, and nobody says of that form that it cannot be used."""
    wrong = [one.path for one in opened.results if one.verdict == REFUTED]
    return any(
        statement.effect == ALLOW
        and place_of(opened.context.template, statement.path) == here
        and not any(path[: len(statement.path)] == statement.path for path in wrong)
        for document in opened.documents
        if _block(document.path) == here[0]
        for statement in document.policy.statements
    )
