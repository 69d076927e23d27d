"""
What a template says where every parameter has a value: intrinsic functions written out one after the other.

It is slow, does not search, and takes nothing from the reading that judges templates, so that a mistake in one of them
shows. What only a deployment gives (an import, an attribute of a resource) is a hole in the text.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from trustproof.aws.partitions import url_suffix
from trustproof.inputs.reads_again import ADMITS, Declaration, NotReadAgain
from trustproof.model.policy import Path
from trustproof.model.text import Symbol, Symbolic, Text

#: What a macro makes of a template, nobody knows here.
_MACROS = ("Fn::Transform", "Fn::ForEach")
_SUB = re.compile(r"\$\{([^}]*)\}")
#: How deep values may be nested.
_MAX_DEPTH = 100


class _Nothing:
    """What ``AWS::NoValue`` gives."""


NOTHING = _Nothing()


class PlainReading:
    """
    One template with one value for each parameter and pseudo-parameter.

    Args:
        template: its content, as it is written.
        values: by the names of parameters and pseudo-parameters; what is not among them is a hole.
    """

    def __init__(self, template: Mapping[str, object], values: Mapping[str, str]) -> None:
        self._template = template
        self._values = values
        self._depth = 0

    def type_of(self, path: Path) -> str:
        """The type of the resource that a path leads to; empty for any other path."""
        resource = self._section("Resources").get(str(path[1])) if len(path) > 1 and path[0] == "Resources" else None
        return str(resource.get("Type", "")) if isinstance(resource, Mapping) else ""

    def at(self, path: Path) -> object | None:
        """
        What stands at a path, written out; None where it is not there, since a condition does not hold.

        Args:
            path: leads through ``Fn::If`` by the number of the argument.

        Raises:
            NotReadAgain: that cannot be told.
        """
        found = self.resolve(self.written(path, missing=NOTHING))
        return None if found is NOTHING else found

    def written(self, path: Path, missing: object = None) -> object | None:
        """
        What stands at a path as it is written.

        Args:
            missing: what to give where it is not there, since a condition does not hold.

        Raises:
            NotReadAgain: that cannot be told, or nothing stands there.
        """
        value: object = self._template
        if len(path) > 1 and path[0] == "Resources":
            resource = self._section("Resources").get(str(path[1]))
            if not isinstance(resource, Mapping):
                raise NotReadAgain(f"no resource is called {path[1]}")
            condition = resource.get("Condition", "")
            if not isinstance(condition, str):
                raise NotReadAgain(f"the condition of {path[1]} is not a name")
            if condition and not self.holds(condition):
                return missing
        steps = list(path)
        while steps:
            step = steps.pop(0)
            if step == "Fn::If":
                argument = _only(value, "Fn::If")
                chosen = steps.pop(0)
                if not isinstance(argument, list) or len(argument) != 3 or not isinstance(chosen, int):
                    raise NotReadAgain("an Fn::If has no such argument")
                if (1 if self.holds(str(argument[0])) else 2) != chosen:
                    return missing
                value = argument[chosen]
            elif isinstance(value, Mapping) and step in value:
                value = value[step]
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                item: object = value[step]
                value = item
            else:
                raise NotReadAgain(f"nothing stands at {'.'.join(map(str, path))}")
        return value

    def resolve(self, value: object) -> object:
        """
        A value with its functions written out: text, lists and objects; `NOTHING` where it is left out.

        Raises:
            NotReadAgain: a macro stands in it, or CloudFormation refuses it.
        """
        if value is NOTHING:
            return value
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NotReadAgain("values are nested too deeply")
        try:
            return self._resolve(value)
        finally:
            self._depth -= 1

    def _resolve(self, value: object) -> object:
        if isinstance(value, list):
            return [one for item in value if (one := self.resolve(item)) is not NOTHING]
        if not isinstance(value, Mapping):
            return _scalar(value)
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, argument)
        if any(key.startswith(_MACROS) for key in value):
            raise NotReadAgain("a macro stands in it")
        found = {key: self.resolve(inner) for key, inner in value.items()}
        return {key: inner for key, inner in found.items() if inner is not NOTHING}

    def _function(self, name: str, argument: object) -> object:
        match name:
            case "Ref":
                return self._named(str(argument))
            case "Fn::Sub":
                return self._sub(argument)
            case "Fn::If":
                if not isinstance(argument, list) or len(argument) != 3:
                    raise NotReadAgain("an Fn::If has three arguments")
                return self.resolve(argument[1 if self.holds(str(argument[0])) else 2])
            case "Fn::Join":
                return self._join(argument)
            case "Fn::FindInMap":
                return self._find(argument)
            case "Fn::Select" | "Fn::Split":
                return self._part(name, argument)
            case "Fn::ToJsonString":
                return self.resolve(argument)
        if name.startswith(_MACROS):
            raise NotReadAgain("a macro stands in it")
        return _hole(name)

    # -- text

    def _named(self, name: str) -> object:
        """What ``Ref`` gives: of a parameter or pseudo-parameter its value, of a resource a hole."""
        if name == "AWS::NoValue":
            return NOTHING
        if name == "AWS::URLSuffix" and "AWS::Partition" in self._values:
            return url_suffix(self._values["AWS::Partition"])
        if name not in self._values:
            return _hole(name)
        declared = self._section("Parameters").get(name)
        type_ = str(declared.get("Type", "")) if isinstance(declared, Mapping) else ""
        if type_.startswith("AWS::SSM::Parameter::Value"):
            return _hole(name)
        value = self._values[name]
        is_list = type_.startswith(("List<", "CommaDelimitedList"))
        return [_scalar(item.strip()) for item in value.split(",")] if is_list else value

    def _sub(self, argument: object) -> Text:
        text, given = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
        if not isinstance(text, str) or not isinstance(given, Mapping):
            raise NotReadAgain("an Fn::Sub has a text")
        parts: list[Text] = []
        end = 0
        for match in _SUB.finditer(text, 0, text.rfind("}") + 1):
            parts.append(text[end : match.start()])
            end = match.end()
            name = match[1].strip()
            if name.startswith("!"):
                parts.append(f"${{{name[1:]}}}")
            elif name in given:
                parts.append(self._text(given[name]))
            elif ":" in name and not name.startswith("AWS::"):
                # A policy variable without its exclamation mark.
                parts.append(match[0])
            else:
                parts.append(self._text({"Ref": name} if "." not in name else {"Fn::GetAtt": name}))
        return _together([*parts, text[end:]])

    def _join(self, argument: object) -> Text:
        between, listed = argument if isinstance(argument, list) and len(argument) == 2 else ("", None)
        items = self.resolve(listed)
        if not isinstance(items, list) or not isinstance(between, str):
            if isinstance(items, Symbolic):
                return _hole("Fn::Join")
            raise NotReadAgain("an Fn::Join has a text and a list")
        parts: list[Text] = []
        for index, item in enumerate(items):
            parts += [between, self._as_text(item)] if index else [self._as_text(item)]
        return _together(parts)

    def _part(self, name: str, argument: object) -> object:
        """What ``Fn::Select`` and ``Fn::Split`` give."""
        first, second = argument if isinstance(argument, list) and len(argument) == 2 else (None, None)
        whole = self.resolve(second)
        if name == "Fn::Split":
            return [*whole.split(str(first))] if isinstance(whole, str) else _hole(name)
        index = self.resolve(first)
        if not isinstance(whole, list) or not isinstance(index, str):
            return _hole(name)
        if not index.isdigit() or int(index) >= len(whole):
            raise NotReadAgain("an Fn::Select names no item")
        return whole[int(index)]

    def _find(self, argument: object) -> object:
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            raise NotReadAgain("an Fn::FindInMap has three arguments")
        keys = [self.resolve(key) for key in argument[:3]]
        if any(isinstance(key, Symbolic) for key in keys):
            return _hole("Fn::FindInMap")
        found: object = self._section("Mappings")
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        if found is None and len(argument) == 4 and isinstance(argument[3], Mapping):
            return self.resolve(argument[3].get("DefaultValue"))
        if found is None:
            raise NotReadAgain("a mapping has no such key")
        return self.resolve(found)

    def _text(self, value: object) -> Text:
        return self._as_text(self.resolve(value))

    def _as_text(self, value: object) -> Text:
        if isinstance(value, (str, Symbolic)):
            return value
        if isinstance(value, list):
            return _together([text for item in value for text in (",", self._as_text(item))][1:])
        raise NotReadAgain("a text is expected")

    # -- conditions

    def holds(self, name: str) -> bool:
        """
        Whether a condition holds.

        Raises:
            NotReadAgain: what it compares is not known, or it is not declared.
        """
        body = self._section("Conditions").get(name)
        if body is None:
            raise NotReadAgain(f"no condition is called {name}")
        return self._condition(body)

    def may_hold(self, bodies: Iterable[object]) -> bool:
        """Whether conditions hold, as they are written, as far as that can be told."""
        for body in bodies:
            try:
                if not self._condition(body):
                    return False
            except NotReadAgain:
                continue
        return True

    def _condition(self, body: object) -> bool:
        if not isinstance(body, Mapping) or len(body) != 1:
            raise NotReadAgain("a condition is one function")
        ((function, argument),) = body.items()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NotReadAgain("conditions are nested too deeply")
        try:
            if function == "Condition":
                return self.holds(str(argument))
            if not isinstance(argument, list):
                raise NotReadAgain("a condition has a list of arguments")
            if function == "Fn::Not":
                return not self._condition(argument[0])
            if function in ("Fn::And", "Fn::Or"):
                found = [self._condition(part) for part in argument]
                return all(found) if function == "Fn::And" else any(found)
            if function == "Fn::Equals" and len(argument) == 2:
                return self._equal(*argument)
            if function == ADMITS and isinstance(value := self.resolve(argument[0]), str):
                return isinstance(argument[1], Declaration) and argument[1].refusal(value) is None
        finally:
            self._depth -= 1
        raise NotReadAgain(f"{function} is no condition")

    def _equal(self, one: object, other: object) -> bool:
        left, right = self.resolve(one), self.resolve(other)
        if not isinstance(left, str) or not isinstance(right, str):
            if isinstance(left, list) and isinstance(right, list) and all(isinstance(i, str) for i in (*left, *right)):
                return left == right
            raise NotReadAgain("what a condition compares is not known")
        return left == right

    def _section(self, name: str) -> Mapping[str, object]:
        found = self._template.get(name)
        if not isinstance(found, Mapping):
            return {}
        if any(key.startswith(_MACROS) for key in found):
            raise NotReadAgain("a macro stands in it")
        return found


def _only(value: object, name: str) -> object:
    if not isinstance(value, Mapping) or name not in value:
        raise NotReadAgain(f"no {name} stands there")
    return value[name]


def _scalar(value: object) -> object:
    """A value that is no object and no list, as the text that CloudFormation makes of it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise NotReadAgain("null is no value")
    if isinstance(value, (int, float)):
        return json.dumps(value)
    if isinstance(value, str) and "{{resolve:" in value:
        return _hole(value)
    return value


def _hole(name: str) -> Symbolic:
    return Symbolic((Symbol(name, "hole"),))


def _together(parts: Sequence[Text]) -> Text:
    """Texts one after the other."""
    out: list[str | Symbol] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Symbolic) else (part,):
            if isinstance(piece, str) and out and isinstance(out[-1], str):
                out[-1] += piece
            elif piece != "":
                out.append(piece)
    if not out:
        return ""
    return out[0] if len(out) == 1 and isinstance(out[0], str) else Symbolic(tuple(out))
