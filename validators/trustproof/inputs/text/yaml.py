"""
YAML texts as plain values, the way CloudFormation reads them.

The events of PyYAML's parser (libyaml's where it is there) become dicts, lists and strings directly. PyYAML's own
resolver is not used: it would make a date of ``2012-10-17``, and costs more than the parser itself. What YAML 1.1 takes
for a number in another notation is the text of that number, so an account id without quotes may be another one.
Short tags become the long form: ``!Sub x`` is ``{"Fn::Sub": "x"}``.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from trustproof.errors import InputError, TemplateError
from trustproof.inputs.text.json import TOO_DEEP
from trustproof.results.result import BUDGET

#: Plain scalars that are not text, by YAML 1.1. Numbers and dates stay as they are written: IAM compares text.
PLAIN: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
#: Whole numbers in one of the notations of YAML 1.1, base 60 among them: https://yaml.org/type/int.html
_WHOLE = (
    r"[-+]?(?:0b(?P<binary>[01_]+)|0x(?P<hex>[0-9a-fA-F_]+)|0(?P<octal>[0-7_]+)|(?P<decimal>[1-9][0-9_]*)"
    r"|(?P<sixties>[1-9][0-9_]*(?::[0-5]?[0-9])+))"
)
_BASES = {"binary": 2, "hex": 16, "octal": 8, "decimal": 10}
#: Numbers with a decimal point: https://yaml.org/type/float.html
_DECIMAL = r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?"
#: Between these, and with so many digits, a number with a point is written in one way by everybody.
_LEAST, _MOST, _DIGITS = 0.001, 10_000_000.0, 15
#: What such a number begins with, and how long one may be; other texts are not looked at.
_BEFORE_NUMBERS, _LONGEST_NUMBER = frozenset("0123456789+-."), 64
MERGE = "<<"
#: Where a line ends for YAML 1.1 and is not for YAML 1.2, nor for most of what shows a file to people:
#: https://yaml.org/spec/1.2.2/#54-line-break-characters
_OTHER_ENDS = re.compile("[\x85\u2028\u2029]")
#: How many values the aliases of a file may stand for, those inside each other counted as often as they occur. Real
#: templates have some hundred.
MAX_ALIASED = 100_000
_OWN_KEY = {"!Ref": "Ref", "!Condition": "Condition"}


def long_form(tag: str) -> str | None:
    """
    The key that a short tag stands for: ``Fn::Sub`` for ``!Sub``.

    None for a tag that is not local to CloudFormation (``!!str``) and so changes nothing here.
    """
    if not tag.startswith("!") or tag == "!":
        return None
    return _OWN_KEY.get(tag) or "Fn::" + tag[1:].removeprefix("Fn::")


def long_form_of(key: str, value: object) -> dict[str, object]:
    """The long form of a tagged value; ``!GetAtt A.B`` is split at its first dot."""
    if key == "Fn::GetAtt" and isinstance(value, str) and "." in value:
        return {key: value.split(".", 1)}
    return {key: value}


def unquoted(text: str) -> str:
    """
    The text of a plain scalar that is text or a number: CloudFormation reads ``012345670123`` as the number 1402433619.

    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/745
    """
    is_short = text[:1] in _BEFORE_NUMBERS and len(text) <= _LONGEST_NUMBER
    found = re.fullmatch(_WHOLE, text) if is_short else None
    if found is None:
        return _with_point(text) if is_short and "." in text else text
    number = 0
    for digits in (found["sixties"] or "").replace("_", "").split(":"):
        number = number * 60 + int(digits or "0")
    for name, base in _BASES.items():
        if digits := (found[name] or "").replace("_", ""):
            number = int(digits, base)
    return f"-{number}" if text.startswith("-") else str(number)


def unquoted_key(text: str) -> str:
    """The text of a plain scalar that is a key: ``NO`` is the key ``false``."""
    value = PLAIN.get(text) if text else None
    return unquoted(text) if value is None else str(value).lower()


def _with_point(text: str) -> str:
    """The text of a number with a decimal point: ``1.10`` is 1.1. Very large and very small ones are left alone."""
    if re.fullmatch(_DECIMAL, text) is None:
        return text
    number = float(text.replace("_", ""))
    is_plain = number == 0 or _LEAST <= abs(number) < _MOST
    return str(number) if is_plain and sum(map(str.isdigit, text)) <= _DIGITS else text


def parser_for(text: str) -> Any:
    """A parser with a ``get_event`` method: libyaml's, or PyYAML's own where libyaml is missing."""
    import yaml

    # The loaders are parsers too; their constructors are not used.
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)


def load(text: str, file: str) -> object:
    """
    The value of a YAML file with one document.

    Raises:
        TemplateError: with line and column: not YAML, a key twice, an alias without anchor, several documents, a line
            that ends for some readers only.
    """
    import yaml

    try:
        value = _load(text, file)
        if (end := _OTHER_ENDS.search(text)) is not None:
            _compare_lines(value, text, file, end)
        return value
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).splitlines()[0]
        context = getattr(error, "context", None)
        message = f"not YAML: {problem}" + (f" ({context})" if context else "")
        raise TemplateError(message, file, mark.line + 1 if mark else None, mark.column + 1 if mark else None) from None
    except RecursionError:
        raise InputError(TOO_DEEP, file) from None


def documents(text: str) -> Iterator[object]:
    """The values of the documents of a file, up to what is not YAML."""
    import yaml

    try:
        parser = parser_for(text)
        get = parser.get_event
        get()  # Start of the stream.
        while not isinstance(get(), yaml.StreamEndEvent):
            yield _Builder(get, "").value(get())
            get()  # End of the document.
    except (yaml.YAMLError, InputError, RecursionError):
        return


def _load(text: str, file: str) -> object:
    import yaml

    parser = parser_for(text)
    get = parser.get_event
    get()  # Start of the stream.
    if isinstance(get(), yaml.StreamEndEvent):
        return None
    value = _Builder(get, file).value(get())
    get()  # End of the document.
    event = get()
    if not isinstance(event, yaml.StreamEndEvent):
        raise yaml_error("more than one YAML document in the file, expected one", file, event)
    return value


def _compare_lines(value: object, text: str, file: str, end: re.Match[str]) -> None:
    """
    Refuse a text of which readers make different things: what one takes for a comment is a statement to another.

    Args:
        end: the first place where a line ends for YAML 1.1 only.
    """
    import yaml

    try:
        if _words(_load(_OTHER_ENDS.sub(" ", text), file)) == _words(value):
            return
    except (yaml.YAMLError, TemplateError):
        pass
    before = text[: end.start()]
    raise TemplateError(
        f"readers of YAML do not agree whether a line ends at U+{ord(end[0]):04X}: put a line end there, or a blank",
        file,
        before.count("\n") + 1,
        end.start() - before.rfind("\n"),
    )


def _words(value: object) -> object:
    """A value with one blank for all that may be between the words of its texts."""
    if isinstance(value, dict):
        return {_words(key): _words(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_words(inner) for inner in value]
    return " ".join(value.split()) if isinstance(value, str) else value


def yaml_error(message: str, file: str, event: Any) -> TemplateError:
    """The error for something at the place of an event."""
    return TemplateError(message, file, event.start_mark.line + 1, event.start_mark.column + 1)


class _Builder:
    """
    Makes values of the events of one document.

    Args:
        get: gives the next event.
        file: of the text, for errors.
    """

    def __init__(self, get: Callable[[], Any], file: str) -> None:
        import yaml

        self._get = get
        self._file = file
        self._anchors: dict[str, object] = {}
        #: Texts that were met before: a template says the same words in each policy.
        self._texts: dict[str, str] = {}
        #: How many values there are so far with all aliases written out, and how many each anchor stands for.
        self._count = self._aliased = 0
        self._sizes: dict[str, int] = {}
        self._scalar, self._alias = yaml.ScalarEvent, yaml.AliasEvent
        self._mapping_start, self._mapping_end = yaml.MappingStartEvent, yaml.MappingEndEvent
        self._sequence_end = yaml.SequenceEndEvent

    def value(self, event: Any) -> object:
        """The value of a node, from its first event."""
        kind = event.__class__
        before = self._count
        self._count += 1
        value: object
        if kind is self._scalar:
            value = self._texts.setdefault(event.value, event.value)
            if event.implicit[0]:
                value = PLAIN[value] if value in PLAIN else unquoted(value)
        elif kind is self._mapping_start:
            value = self._mapping()
        elif kind is self._alias:
            if event.anchor not in self._anchors:
                raise yaml_error(f"the alias *{event.anchor} has no anchor before it", self._file, event)
            self._spend(self._sizes.get(event.anchor, 1), event)
            return self._anchors[event.anchor]
        else:
            value = self._sequence()
        if event.tag is not None:
            key = long_form(event.tag)
            if key is not None:
                value = long_form_of(key, event.value if kind is self._scalar else value)
        if event.anchor is not None:
            self._anchors[event.anchor] = value
            self._sizes[event.anchor] = self._count - before
        return value

    def _spend(self, size: int, event: Any) -> None:
        """Count the values that an alias stands for, before anybody walks through them."""
        self._count += size
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            raise yaml_error(f"{BUDGET}: values that aliases stand for ({MAX_ALIASED})", self._file, event)

    def _sequence(self) -> list[object]:
        items: list[object] = []
        while (event := self._get()).__class__ is not self._sequence_end:
            items.append(self.value(event))
        return items

    def _mapping(self) -> dict[str, object]:
        result: dict[str, object] = {}
        merged: list[tuple[object, Any]] = []
        while (event := self._get()).__class__ is not self._mapping_end:
            key = self._key(event)
            value = self.value(self._get())
            if key in result and repr(result[key]) != repr(value):
                # CloudFormation takes one of them; where they are alike, it does not matter which.
                raise yaml_error(f'the key "{key}" stands twice in one mapping', self._file, event)
            if key == MERGE and event.implicit[0]:
                merged.append((value, event))
            else:
                result[key] = value
        for value, event in merged:
            _merge(result, value, self._file, event)
        return result

    def _key(self, event: Any) -> str:
        kind = event.__class__
        if kind is self._scalar:
            key = self._texts.setdefault(event.value, event.value)
            key = unquoted_key(key) if event.implicit[0] else key
            if event.anchor is not None:
                self._anchors[event.anchor] = key
            return key
        anchored = self._anchors.get(event.anchor) if kind is self._alias else None
        if isinstance(anchored, str):
            return anchored
        raise yaml_error("a key of a mapping is not text", self._file, event)


def _merge(result: dict[str, object], value: object, file: str, event: Any) -> None:
    """Add the entries of a merge key; a key that is there already wins."""
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, dict):
            raise yaml_error("a merge key takes a mapping or a list of mappings", file, event)
        for key, inner in part.items():
            result.setdefault(key, inner)
