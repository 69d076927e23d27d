"""
Regular expressions of RE2, as Python reads them: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trustproof.inputs.terraform.configuration.evaluation.functions import arns, oidc_provider_arns
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, function
from trustproof.inputs.terraform.configuration.values import convert, value_shapes
from trustproof.inputs.terraform.configuration.values.expression_names import short_name, value_text
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown, OverBudget, of_constants
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import (
    EXPRESSION,
    UNSAID,
    Entry,
    Fields,
    Items,
    Known,
    Rest,
    Symbol,
    Text,
    Value,
)
from trustproof.model import regex_match
from trustproof.results.result import BUDGET

#: Escapes, flags, named classes, and repetitions that are none in RE2, or none in Python.
_DIFFERS = re.compile(r"\\(?:[pPQCzAZGKuUN]|[^\x00-\x7f])|\(\?[^:P]|\[:\^?\w+:\]|\{,|\{(?:\d*,)?\d{4}|[*+?}]\+")
#: Flags at the beginning that Python has, too, and about all that follows.
_FLAGS = re.compile(r"\(\?([ims]+)\)")
#: The named classes of ASCII that RE2 has, as Python writes them inside a class.
_NAMED = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t\x20",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r"\t\n\v\f\r\x20",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
#: An escape, the beginning of a class with what stands for itself there, a named class, or any other character.
_PART = re.compile(r"\\.|\[\^?\]?|\[:(\w+):\]|.", re.DOTALL)
_NAMED_CLASS = re.compile(rf"\[:(?:{'|'.join(_NAMED)}):\]")
_NO_MATCH = "the expression does not match"
_NOT_READ = "the regular expression is not one that is read"


def _spelled(pattern: str, *, of_lines: bool) -> str:
    """
    An expression with its named classes written out, and an end of the text that is no end of a line.

    Args:
        of_lines: whether lines have ends of their own.
    """
    out: list[str] = []
    inside = False
    at = 0
    while at < len(pattern):
        named = re.compile(r"\[:(\w+):\]").match(pattern, at) if inside else None
        if named is not None and named[1] in _NAMED:
            out.append(_NAMED[named[1]])
            at = named.end()
            continue
        found = _PART.match(pattern, at)
        assert found is not None
        part = written = found[0]
        if inside and part.startswith("[") and len(part) > 1:
            # Inside a class a bracket is a character.
            part = written = "["
        elif not inside and part.startswith("["):
            inside = True
            # Where a named class follows the bracket, it is that of the class.
            part = written = part if not part.startswith("[:") else "["
        elif part == "]":
            inside = False
        elif part == "$" and not inside and not of_lines:
            part = r"\Z"
        out.append(part)
        at += len(written)
    return "".join(out)


def _read(pattern: str, text: str) -> tuple[str, str]:
    """
    An expression as Python writes it, without the flags that it begins with, and these.

    Raises:
        NotKnown: Python reads it otherwise.
    """
    begin = _FLAGS.match(pattern)
    flags, pattern = (begin[1], pattern[begin.end() :]) if begin is not None else ("", pattern)
    is_other_space = "\v" in text and re.search(r"\\[sS]", pattern) is not None
    # Of what is not ASCII, RE2 folds the case of some letters that Python does not.
    is_other_case = "i" in flags and not (text.isascii() and pattern.isascii())
    if _DIFFERS.search(_NAMED_CLASS.sub("", pattern)) or is_other_space or is_other_case:
        raise NotKnown(_NOT_READ)
    found = _spelled(pattern, of_lines="m" in flags) if "[:" in pattern or "$" in pattern else pattern
    if "[:" in found:
        raise NotKnown(_NOT_READ)
    return found, flags


def compile_pattern(pattern: str, text: str) -> re.Pattern[str]:
    """
    An expression that Python's matcher reads the same way, and in a time that is known before.

    Raises:
        NotKnown: there is none.
    """
    read, flags = _read(pattern, text)
    found = regex_match.plain(f"(?a{flags}){read}")
    if found is None:
        raise NotKnown(_NOT_READ)
    return found


@function(2)
def regex(context: Context, arguments: Sequence[Value]) -> Value:
    """What matches; where that would take Python's matcher too long, only whether there is something."""
    issuer = oidc_provider_arns.host_of(arguments[1])
    if issuer is not None and isinstance(arguments[0], Known) and oidc_provider_arns.captures(str(arguments[0].value)):
        return Items((issuer,), False, context.place)
    value = convert.text(arguments[1])
    if isinstance(arguments[0], Known) and not value.is_known:
        of_arn = arns.captured(value, str(arguments[0].value))
        if of_arn is not None:
            return Items((of_arn,), False, context.place)
        by = str(arguments[0].value)
        if (found_ := arns.at_samples(value, lambda text: _found(by, text), context.place, by)) is not None:
            return found_
        if (of_all := _of_every_value(by, value, context)) is not None:
            return of_all
    pattern, text = (str(convert.plain(convert.text(argument))) for argument in arguments)
    read, flags = _read(pattern, text)
    quick = regex_match.plain(f"(?a{flags}){read}", len(text))
    if quick is not None:
        found = quick.search(text)
        if found is not None:
            return convert.value_of(_captured(found), context.place)
    else:
        # Of other texts, classes have other characters in Python.
        matches = _has(rf"(?:.|\n)*(?:{read})(?:.|\n)*", text) if text.isascii() and not flags else None
        if matches is None:
            raise NotKnown(_NOT_READ)
        if matches:
            why = of_constants(_NOT_READ)
            return _unknown(re.compile(f"(?a){read}"), pattern, convert.to_json(text), context.place, why)
    raise Fault(_NO_MATCH)


def _of_every_value(pattern: str, value: Value, context: Context) -> Value | None:
    """
    What an expression finds in a text that is not known, where it finds something whatever that is; None where that
    depends on it.

    Raises:
        Fault: it finds nothing, whatever that is.
    """
    context.work.step(value_shapes.STEPS)
    is_found = matches(pattern, value)
    if is_found is False:
        raise Fault(_NO_MATCH)
    if not is_found:
        return None
    return _unknown(re.compile(f"(?a){_read(pattern, '')[0]}"), pattern, value_text(value), value.place)


def matches(pattern: str, value: Value) -> bool | None:
    """
    Whether an expression finds something in a text that is not known; None where that depends on it.

    Raises:
        NotKnown: the expression is not one that is read.
    """
    read, flags = _read(pattern, "")
    return value_shapes.matches(value, read, flags)


def _found(pattern: str, text: str) -> object:
    found = compile_pattern(pattern, text).search(text)
    if found is None:
        raise ValueError(_NO_MATCH)
    return _captured(found)


def _has(whole: str, text: str) -> bool | None:
    """
    Whether an expression matches a text as a whole; None where it is not read.

    Raises:
        OverBudget: it would take too many steps.
    """
    try:
        return regex_match.matches_in_steps(whole, text)
    except regex_match.OverSteps:
        limit = regex_match.MAX_STEPS
        raise OverBudget(f"{BUDGET}: places of a text that a regular expression is tried at ({limit})") from None


def _unknown(read: re.Pattern[str], pattern: str, text: str, place: Place | None, why: str = "") -> Value:
    """
    What has been found and is not known: as many groups as there are.

    Args:
        text: that it was found in, as it might be written.
        why: it is not known, a clause; empty where the text is not.
    """

    def part(name: object) -> Value:
        return Symbol(
            short_name(f"regex({convert.to_json(pattern)}, {text})[{name}]"), UNSAID if why else EXPRESSION, why
        )

    if read.groupindex:
        return Fields(tuple(Entry(Known(name), part(name)) for name in read.groupindex), place)
    if read.groups:
        return Items(tuple(part(number) for number in range(read.groups)), False, place)
    return Text((part(0),), place)


@function(2)
def regexall(context: Context, arguments: Sequence[Value]) -> Value:
    """All that matches; of a text that is not known, where that is nothing or one, whatever the text is."""
    by, value = map(convert.text, arguments)
    if isinstance(by, Known) and not value.is_known:
        try:
            found = _of_every_value(str(by.value), value, context)
        except NotKnown:
            raise
        except Fault:
            return Items((), False, context.place)
        if found is not None:
            read, flags = _read(str(by.value), "")
            others = () if value_shapes.matches_once(value, read, flags) else (Rest(context.unknown()),)
            return Items((found, *others), False, context.place)
    pattern, text = (str(convert.plain(one)) for one in (by, value))
    return convert.value_of(
        [_captured(found) for found in _matches(compile_pattern(pattern, text), text)], context.place
    )


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """All matches from left to right, as Go finds them: none that is empty where the one before ends."""
    at, end = 0, -1
    while at <= len(text) and (found := pattern.search(text, at)) is not None:
        if found.start() < found.end() or found.start() != end:
            yield found
        end = found.end()
        # An empty one at the place where was looked for it is passed.
        at = end + 1 if end == at else end


def _captured(found: re.Match[str]) -> object:
    """The named groups as an object, the others as a list, or the whole where there are none."""
    if found.groupdict():
        if len(found.groupdict()) < found.re.groups:
            raise Fault("the expression has groups with names and without")
        return found.groupdict()
    return list(found.groups()) if found.re.groups else found[0]


def replace_matches(pattern: str, other: str, text: str) -> str:
    """
    A text with something else for each match.

    Raises:
        NotKnown: the expression is not one that is read.
    """
    out: list[str] = []
    at = 0
    for found in _matches(compile_pattern(pattern, text), text):
        out += (text[at : found.start()], _expanded(found, other))
        at = found.end()
    return "".join((*out, text[at:]))


#: The number of a group, which never begins with 0.
_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


def _expanded(found: re.Match[str], template: str) -> str:
    """The replacement for one match: ``$1``, ``${1}`` and ``${name}`` are groups, ``$$`` is a dollar sign."""

    def group(name: re.Match[str]) -> str:
        key = name[1] or name[2]
        if not key:
            return "$"
        try:
            is_number = key == "0" or _NUMBER.fullmatch(key) is not None
            return found[int(key) if is_number else key] or ""
        except (IndexError, KeyError):
            return ""

    return re.sub(r"\$(?:\{(\w+)\}|(\w+)|\$)", group, template)
