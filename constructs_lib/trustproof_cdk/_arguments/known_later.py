"""
Arguments that are tokens when they are given, and come out in the synthesis as a text that would have been refused, or
as `AWS::NoValue`, which takes out of the template what it stands for.

Nothing is resolved before: what the CDK makes lazily may not be there yet, and is kept as it first comes out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import partly_known
from trustproof_cdk._arguments.template_values import Template, ends_of, is_everybody
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.lazy import lazily_checked
from trustproof_cdk._synthesis.stack_checks import check_later

#: Refuses a text, and returns nothing of interest.
Check = Callable[[str], object]

#: Refer to the deployment itself, and are never nothing.
_PSEUDO_PARAMETERS = re.compile(r"\$\{Token\[AWS\.(AccountId|Partition|Region|StackId|StackName|URLSuffix)\.\d+\]\}")
#: What a resource may do without, which keeps nobody out; names that the CDK makes cannot be resolved.
_DISPENSABLE = frozenset(
    ("description", "group_name", "managed_policy_name", "path", "policy_name", "role_name", "stack_set_name")
)
#: How the names of arguments end that are accounts themselves.
_ACCOUNTS = ("account", "accounts")
_NO_VALUE = {"Ref": "AWS::NoValue"}
#: Stands in a list for all of a list; a text has none.
_LIST = "#{Token["
#: Of what may be a parameter, in the JSON of resolved values.
_REFERENCE = re.compile(r'"Ref": "(?!AWS::)|\$\{(?!AWS::|!)')
_GIVE = "give a value for each case"


class Noted(NamedTuple):
    """
    A token in the place of a text.
    """

    value: str
    argument: str
    #: What the text would have been refused by; None where any text will do.
    check: Check | None
    #: Whether something stays where there is no value: a list has other entries.
    may_be_nothing: bool
    #: Whether the check reads parts of an ARN, and is given `partly_known.UNKNOWN` for what only a deployment knows.
    reads_parts: bool = False


#: Of the constructor that runs; None outside of all of them.
_NOTES: ContextVar[list[Noted] | None] = ContextVar("_NOTES", default=None)
#: Made outside of constructors, for the object that is about to be made of them.
_LOOSE: list[Noted] = []
_OF_STACKS: WeakKeyDictionary[cdk.Stack, list[tuple[Construct, Noted]]] = WeakKeyDictionary()
_LEFT: WeakKeyDictionary[cdk.Stack, list[tuple[Construct, Noted, Any]]] = WeakKeyDictionary()


def note(value: object, argument: str, check: Check | None = None) -> None:
    """
    Have a token looked at again in the synthesis, if a constructor takes it.

    Args:
        value: what the caller gave: a text, or the entry that stands for all of a list.
        argument: the name of the argument, as the caller wrote it.
        check: raises a ValueError for a text that is refused.
    """
    if argument in _DISPENSABLE or not isinstance(value, str) or not ("${Token[" in value or _LIST in value):
        return
    written = _PSEUDO_PARAMETERS.sub(r"${AWS::\1}", value)
    if "${Token[" in written or _LIST in written:
        _notes().append(Noted(value, argument, check, may_be_nothing=False))
    elif check is not None:
        partly_known.refuse({"Fn::Sub": written}, check)


def note_place(value: object, argument: str, check: Check) -> None:
    """
    Have a token looked at again by a check of where it is: of which account, Region or partition.

    That nothing is there is said by whoever needs something.

    Args:
        value: what the caller gave.
        argument: the name of the argument, as the caller wrote it.
        check: raises a ValueError; of an ARN it is given `partly_known.UNKNOWN` in the place of what only a deployment
            knows, and in the place of all of a value of which nothing is known.
    """
    # Outside of constructors it is asked when everything is there, and there is nobody to ask again.
    if _NOTES.get() is None or not isinstance(value, str) or "${Token[" not in value:
        return
    if "${Token[" in _PSEUDO_PARAMETERS.sub("", value):
        _notes().append(Noted(value, argument, check, may_be_nothing=True, reads_parts=True))


@contextmanager
def in_a_list(has_others: Callable[[], bool]) -> Iterator[None]:
    """
    Take notes of the entries of a list.

    Args:
        has_others: asked at the end, whether an entry is a text, so that another may come to nothing.
    """
    before = len(_notes())
    yield
    notes = _notes()
    if len(notes) > before and has_others():
        notes[before:] = [one._replace(may_be_nothing=True) for one in notes[before:]]


def loose() -> tuple[Noted, ...]:
    """The notes that were taken outside of constructors since this was asked for last."""
    found = tuple(_LOOSE)
    _LOOSE.clear()
    return found


@contextmanager
def noted() -> Iterator[list[Noted]]:
    """The notes that are taken meanwhile."""
    notes: list[Noted] = []
    before = _NOTES.set(notes)
    try:
        yield notes
    finally:
        _NOTES.reset(before)


@contextmanager
def apart() -> Iterator[None]:
    """
    Take no notes for the constructor that runs: what is made meanwhile is in a stack of its own, which is asked itself.
    """
    before = _NOTES.set(None)
    try:
        yield
    finally:
        _NOTES.reset(before)


def look_again(construct: Construct, notes: Sequence[Noted]) -> None:
    """Fail the synthesis where what was noted comes out as what would have been refused."""
    if not notes:
        return
    stack = stacks.stack_of(construct)
    _OF_STACKS.setdefault(stack, []).extend((construct, one) for one in dict.fromkeys(notes))
    check_later(stack, _refused)


def held_to(value: Any, notes: Sequence[Noted], shown: str) -> Any:
    """
    A value in which each token that was noted fails the synthesis where it comes out as what would have been refused:
    what is made outside of constructs belongs to no stack that could look again.

    Args:
        value: a text, or lists and mappings of texts.
        notes: what was noted of it.
        shown: what is made of it, to begin the message.
    """
    if isinstance(value, str):
        found = [one for one in notes if one.value == value]
        return cdk.Token.as_string(_held(found, shown)) if found else value
    if isinstance(value, Mapping):
        return {key: held_to(one, notes, shown) for key, one in value.items()}
    listed = [one for one in notes if value == [one.value] and _LIST in one.value]
    if listed:
        return cdk.Token.as_list(_held(listed, shown))
    return [held_to(one, notes, shown) for one in value]


def refuse_nothing_in(document: Any, argument: str) -> None:
    """
    Refuse a resolved document with AWS::NoValue in it, which is to be a text: what CloudFormation takes out leaves no
    JSON behind.

    Raises:
        ValueError: it is there, perhaps in the branch of a condition.
    """
    if document == _NO_VALUE:
        raise ValueError(f"{argument} cannot have AWS::NoValue, also not of a condition of the template: {_GIVE}")
    inside = document.values() if isinstance(document, Mapping) else document if isinstance(document, list) else ()
    for one in inside:
        refuse_nothing_in(one, argument)


def _held(notes: Sequence[Noted], shown: str) -> Any:
    def check(value: Any) -> None:
        for one in notes:
            if said := said_of(one, value, Template()):
                raise ValueError(f"{shown}: {said}")

    token = notes[0].value
    return lazily_checked([token] if _LIST in token else token, check)


def _notes() -> list[Noted]:
    notes = _NOTES.get()
    return _LOOSE if notes is None else notes


def _refused(stack: cdk.Stack, there: Sequence[IConstruct]) -> list[str]:
    found = _OF_STACKS[stack]
    # One call for all: each takes long. A value that comes to nothing is left out of its list.
    resolved = stack.resolve([[[one.value] if _LIST in one.value else one.value] for _, one in found])
    template = Template()
    if _REFERENCE.search(json.dumps(resolved)):
        template = Template(parameters=_parameters(stack, there), given=_given(stack))
    said: dict[tuple[str, str], str] = {}
    left = _LEFT[stack] = []
    for (construct, one), value in zip(found, resolved, strict=True):
        message = said_of(one, value[0] if value else None, template)
        path = stacks.path_of(construct) if message else ""
        # What is wrong with an argument is wrong again with the condition that is made of it, alone or with other text.
        if message and not any(path == place and part in one.value for place, part in said):
            said[path, one.value] = f"{path}: {message}"
        elif value:
            left.append((construct, one, value[0]))
    return list(dict.fromkeys(said.values()))


def left_of(stack: cdk.Stack) -> Sequence[tuple[Construct, Noted, Any]]:
    """What the last synthesis found nothing wrong with: by which construct it was noted, and what it came out as."""
    return _LEFT.get(stack, ())


def stacks_left() -> list[cdk.Stack]:
    """The stacks of which that is asked."""
    return list(_LEFT)


def said_of(one: Noted, value: Any, template: Template) -> str:
    """What is wrong with a resolved value, as far as the template says what it comes to; empty where nothing is."""
    for end in ends_of(value, template):
        # A default that is another account than it has to be may be there to be replaced, and lets in nobody else.
        if end.assumed and one.argument.endswith(_ACCOUNTS) and is_everybody(end.value):
            continue
        if said := _said(one, end.value):
            return f"{said} ({end.assumed})" if end.assumed else said
    return ""


def _parameters(stack: cdk.Stack, there: Sequence[IConstruct]) -> dict[str, dict[str, Any]]:
    """The parameters of a stack, as its template has them; stacks in it have others, also of the same name."""
    return {
        stack.resolve(one.logical_id): {"Type": one.type, "Default": one.default, "AllowedValues": one.allowed_values}
        for one in there
        if isinstance(one, cdk.CfnParameter) and stacks.stack_of(one) is stack
    }


def _given(stack: cdk.Stack) -> dict[str, tuple[Template, Any]]:
    """What the stack around gives a nested one, by parameter, with what is said of that stack's own parameters."""
    around, resource = stack.nested_stack_parent, stack.nested_stack_resource
    if around is None or not isinstance(resource, cdk.CfnStack):
        return {}
    values = around.resolve(resource.parameters) or {}
    outer = Template()
    if _REFERENCE.search(json.dumps(values)):
        outer = Template(parameters=_parameters(around, around.node.find_all()), given=_given(around))
    return {name: (outer, value) for name, value in values.items()}


def _said(one: Noted, end: Any) -> str:
    """What is wrong with one end of a value; empty where nothing is, or only a deployment knows."""
    # Of a list that has come to nothing IAM defines no meaning.
    is_nothing = all(part in (None, _NO_VALUE) for part in (end if isinstance(end, list) else [end]))
    if is_nothing and not one.may_be_nothing:
        return (
            f"{one.argument} cannot be AWS::NoValue, also not of a condition of the template, nor nothing (None of a "
            "cdk.Lazy): what it stands for is taken out, and everybody gets in whom it keeps out; " + _GIVE
        )
    if one.check is not None:
        try:
            if one.reads_parts:
                one.check(partly_known.with_unknown(end))
            else:
                partly_known.refuse(end, one.check)
        except (TypeError, ValueError) as error:
            return str(error)
    return ""
