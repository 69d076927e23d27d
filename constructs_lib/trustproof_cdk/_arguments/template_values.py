"""
What a value of a template can come to: the functions of CloudFormation done, as far as the template says of what.

A value that the template leaves open (a parameter, the key of a mapping) is taken for what lets in many, where that is
among what it says; other defaults, and entries for other environments, may be there to be replaced, or never used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

#: A range of addresses, or an account in the place of somebody, which a part of a text makes of it.
_WIDE_AS_A_WHOLE = re.compile(r"^[0-9a-f.:]+/[0-9]+$|:root$")
#: That, or a wildcard in it.
WIDE = re.compile(rf"[*?]|{_WIDE_AS_A_WHOLE.pattern}")
#: What stands for everybody in an account or organization by itself, and in a text says only whose something is.
_EVERYBODY = re.compile(r"^(?:[0-9]{12}|o-[a-z0-9]{10,32})$")
#: In a text that CloudFormation fills in: what it fills in, or, after an exclamation mark, leaves.
FILLED_IN = re.compile(r"\$\{(!?)([^}]*)\}")
#: Templates that import from one another, and functions in one another.
_DEEPEST = 30
#: Ways in which what is left open may go together; of more, those that come first are looked at.
_MOST = 256
_READ_LATER = "{{resolve:"
_STORED, _NAME_OF_STORED = "AWS::SSM::Parameter", "AWS::SSM::Parameter::Value<"


class Template(NamedTuple):
    """
    What a template says, as far as it is known; each part in the shape that it has there.
    """

    parameters: Mapping[str, Mapping[str, Any]] = {}
    #: Of parameters that another template gives a value, as to a nested stack, that template, and the value there.
    given: Mapping[str, tuple[Template, Any]] = {}
    mappings: Mapping[str, Mapping[str, Mapping[str, Any]]] = {}
    resources: Mapping[str, Mapping[str, Any]] = {}
    #: Pseudo parameters that are known, as `AWS::Region`.
    environment: Mapping[str, str] = {}
    #: By the name of an export, or what `output_name` says, the template that has it, and the value there.
    exports: Mapping[str, tuple[Template, Any]] = {}
    #: The values of its outputs, by logical id, and of those that it exports, by name.
    outputs: Mapping[str, Any] = {}
    exported: Mapping[str, Any] = {}
    #: The templates of the nested stacks in it, with what it gives them, by the logical ids of their resources.
    nested: Mapping[str, Template] = {}


def template_said(written: Mapping[str, Any]) -> Template:
    """What the JSON of a template says by itself."""
    outputs = written.get("Outputs", {})
    names = {logical_id: one.get("Export", {}).get("Name") for logical_id, one in outputs.items()}
    return Template(
        parameters=written.get("Parameters", {}),
        mappings=written.get("Mappings", {}),
        resources=written.get("Resources", {}),
        outputs={logical_id: one.get("Value") for logical_id, one in outputs.items()},
        exported={name: outputs[one].get("Value") for one, name in names.items() if isinstance(name, str)},
    )


class End(NamedTuple):
    """
    What a value can come to.
    """

    #: A text, or a function of CloudFormation where a deployment knows more.
    value: Any
    #: What is assumed of what the template leaves open, to end a sentence; empty where nothing is.
    assumed: str


def ends_of(value: Any, template: Template) -> Iterator[End]:
    """
    What a resolved value can come to, over the branches of conditions and what the template leaves open.
    """
    choices = _Choices()
    for _ in range(_MOST):
        found = _Evaluation(template, choices).of(value, 0)
        is_narrow = choices.is_narrow() and not (isinstance(found, str) and _WIDE_AS_A_WHOLE.search(found))
        # What may be there to be replaced is none, unless what it is a part of lets in many by it.
        if not is_narrow:
            yield End(found, choices.assumed())
        if not choices.advance():
            return


def only_text(value: Any, template: Template) -> str | None:
    """
    The one text that a value comes to; None where the template says several, or leaves a part of it open, as what
    CloudFormation reads elsewhere when it deploys it.
    """
    ends = [one.value for one in islice(ends_of(value, template), 2)]
    return ends[0] if len(ends) == 1 and isinstance(ends[0], str) and _READ_LATER not in ends[0] else None


class _Option(NamedTuple):
    value: Any
    assumed: str = ""
    #: Whether it is assumed, and lets in nobody by itself.
    is_narrow: bool = False


class _Choices:
    """
    One way to decide what is left open, and the next: what is asked again is decided alike.
    """

    def __init__(self) -> None:
        self._taken: dict[tuple[int, str], tuple[int, Sequence[_Option]]] = {}

    def of(self, asked: tuple[int, str], options: Sequence[_Option]) -> Any:
        """One of the options; the conditions of a template have as many wherever they are asked."""
        index, _ = self._taken.setdefault(asked, (0, options))
        return options[index].value

    def assumed(self) -> str:
        found = (options[index].assumed for index, options in self._taken.values())
        return ", ".join(filter(None, found))

    def is_narrow(self) -> bool:
        """Whether something is assumed that lets in nobody by itself."""
        return any(options[index].is_narrow for index, options in self._taken.values())

    def advance(self) -> bool:
        """Go on to the next way; False where there is none."""
        while self._taken:
            asked, (index, options) = self._taken.popitem()
            if index + 1 < len(options):
                self._taken[asked] = (index + 1, options)
                return True
        return False


class _Evaluation:
    """
    The functions of one template, where what is left open is decided.
    """

    def __init__(self, template: Template, choices: _Choices, texts_around: int = 0) -> None:
        self._template, self._choices = template, choices
        #: Functions that make a text of others, in which the one that is asked stands.
        self._texts_around = texts_around

    def of(self, value: Any, depth: int) -> Any:
        """A resolved value without the functions that can be done."""
        if isinstance(value, list):
            return [self.of(one, depth) for one in value]
        if not isinstance(value, dict) or len(value) != 1 or depth > _DEEPEST:
            return value
        ((name, inside),) = value.items()
        done = _FUNCTIONS.get(name)
        return value if done is None else done(self, value, inside, depth + 1)

    def _part(self, value: Any, depth: int) -> Any:
        """What a text is made of, where a value that says nothing by itself may make it one that does."""
        self._texts_around += 1
        found = self.of(value, depth)
        self._texts_around -= 1
        return found

    def _assumed(self, found: Any, assumed: str) -> list[_Option]:
        """A value that is one of several, where it is worth a look."""
        is_wide = _is_wide(found) or (not self._texts_around and is_everybody(found))
        is_asked = is_wide or (self._texts_around > 0 and isinstance(found, (str, list)))
        return [_Option(found, assumed, is_narrow=not is_wide)] if is_asked else []

    def _open(self, asked: str, options: Sequence[_Option]) -> Any:
        """One of the options of what the template leaves open; there are more of them in a text."""
        return self._choices.of(self._asked(f"{asked} in a text" if self._texts_around else asked), options)

    def _asked(self, name: str) -> tuple[int, str]:
        """What is decided once: other templates have other parameters by that name."""
        return id(self._template), name

    def _branch(self, value: Any, inside: Any, depth: int) -> Any:
        if not isinstance(inside, list) or len(inside) != 3:
            return value
        options = [_Option(branch) for branch in inside[1:]]
        return self.of(self._choices.of(self._asked(f"condition {inside[0]}"), options), depth)

    def _joined(self, value: Any, inside: Any, depth: int) -> Any:
        if not isinstance(inside, list) or len(inside) != 2:
            return value
        texts = self._part(inside[1], depth)
        if not isinstance(texts, list):
            return {"Fn::Join": [inside[0], texts]}
        return inside[0].join(texts) if _are_texts(texts) else {"Fn::Join": [inside[0], texts]}

    def _substituted(self, value: Any, inside: Any, depth: int) -> Any:
        text, given = inside if isinstance(inside, list) and len(inside) == 2 else (inside, {})
        if not isinstance(text, str) or not isinstance(given, dict):
            return value
        parts: list[Any] = []
        end = 0
        for found in FILLED_IN.finditer(text):
            parts.append(text[end : found.start()])
            end = found.end()
            parts.append(f"${{{found[2]}}}" if found[1] else self._filled_in(found[2], given, depth))
        parts.append(text[end:])
        return "".join(parts) if _are_texts(parts) else {"Fn::Join": ["", parts]}

    def _filled_in(self, name: str, given: Mapping[str, Any], depth: int) -> Any:
        if name in given:
            return self._part(given[name], depth)
        asked = {"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}
        found = self._part(asked, depth)
        return {"Fn::Sub": f"${{{name}}}"} if found == asked else found

    def _selected(self, value: Any, inside: Any, depth: int) -> Any:
        if not isinstance(inside, list) or len(inside) != 2:
            return value
        index, among = self.of(inside[0], depth), self.of(inside[1], depth)
        if isinstance(among, list) and str(index).isdecimal() and int(index) < len(among):
            return among[int(index)]
        return value

    def _split(self, value: Any, inside: Any, depth: int) -> Any:
        if not isinstance(inside, list) or len(inside) != 2 or not inside[0]:
            return value
        text = self.of(inside[1], depth)
        return text.split(inside[0]) if isinstance(text, str) else value

    def _mapped(self, value: Any, inside: Any, depth: int) -> Any:
        if not isinstance(inside, list) or len(inside) not in (3, 4):
            return value
        name, *keys = (self._key(one, depth) for one in inside[:3])
        mapping = self._template.mappings.get(name) if isinstance(name, str) else None
        if mapping is None:
            return value
        default = inside[3].get("DefaultValue") if len(inside) == 4 and isinstance(inside[3], dict) else None
        default = self.of(default, depth)
        if _are_texts(keys):
            return mapping.get(keys[0], {}).get(keys[1], value if default is None else default)
        entries = [
            (found, f"{one}.{two}")
            for one, inner in mapping.items()
            for two, found in inner.items()
            if all(not isinstance(key, str) or key == there for key, there in zip(keys, (one, two), strict=True))
        ]
        entries.append((default, "the default"))
        options = [one for found, where in entries for one in self._assumed(found, f"{where} of the mapping {name}")]
        return self._open(f"mapping {json.dumps(inside)}", [_Option(value), *options])

    def _key(self, value: Any, depth: int) -> Any:
        """The key of a mapping: the account or Region of a deployment is known by the stack, where it says them."""
        asked = value.get("Ref") if isinstance(value, dict) else None
        known = self._template.environment.get(asked) if isinstance(asked, str) else None
        return known or self.of(value, depth)

    def _referred_to(self, value: Any, name: Any, depth: int) -> Any:
        if not isinstance(name, str):
            return value
        parameter = self._template.parameters.get(name)
        if parameter is None:
            return value
        kind, allowed = parameter.get("Type", "String"), parameter.get("AllowedValues") or []
        # Of a stored value the name is given, and nobody knows what is stored by it.
        if name in self._template.given and not kind.startswith(_NAME_OF_STORED):
            found = self._of_another(value, *self._template.given[name], depth)
            is_text_of_list = kind.startswith(("CommaDelimitedList", "List<")) and isinstance(found, str)
            return [one.strip() for one in found.split(",")] if is_text_of_list else found
        if kind == "CommaDelimitedList":
            found = parameter.get("Default")
            listed = [one.strip() for one in found.split(",")] if isinstance(found, str) else []
            return self._open(f"parameter {name}", [_Option(value), *self._assumed(listed, _said_by(name))])
        if kind != "String":
            return value
        if len(set(map(str, allowed))) == 1:
            return str(allowed[0])
        said = dict.fromkeys((parameter.get("Default"), *allowed))
        options = [option for one in said for option in self._assumed(one, _said_by(name))]
        return self._open(f"parameter {name}", [_Option(value), *options])

    def _attribute(self, value: Any, inside: Any, depth: int) -> Any:
        names = inside.split(".", 1) if isinstance(inside, str) else inside
        if not isinstance(names, list) or not _are_texts(names) or len(names) != 2:
            return value
        nested = self._template.nested.get(names[0])
        output = names[1].removeprefix("Outputs.")
        if nested is not None and output in nested.outputs:
            return self._of_another(value, nested, nested.outputs[output], depth)
        if names[1] != "Value":
            return value
        resource = self._template.resources.get(names[0], {})
        properties = resource.get("Properties", {})
        if resource.get("Type") != _STORED or properties.get("Type") != "String":
            return value
        return self.of(properties.get("Value"), depth)

    def _output(self, value: Any, inside: Any, depth: int) -> Any:
        if not isinstance(inside, dict) or not _are_texts([inside.get("StackName"), inside.get("OutputName")]):
            return value
        return self._imported(value, output_name(inside["StackName"], inside["OutputName"]), depth)

    def _imported(self, value: Any, name: Any, depth: int) -> Any:
        exported = self._template.exports.get(name) if isinstance(name, str) else None
        if exported is None:
            return value
        return self._of_another(value, *exported, depth)

    def _of_another(self, value: Any, template: Template, there: Any, depth: int) -> Any:
        """What a value comes to that another template says."""
        found = _Evaluation(template, self._choices, self._texts_around).of(there, depth)
        # What is left is of another template, where its names mean something else.
        return found if isinstance(found, str) or (isinstance(found, list) and _are_texts(found)) else value


_FUNCTIONS = {
    "Fn::FindInMap": _Evaluation._mapped,
    "Fn::GetAtt": _Evaluation._attribute,
    "Fn::GetStackOutput": _Evaluation._output,
    "Fn::If": _Evaluation._branch,
    "Fn::ImportValue": _Evaluation._imported,
    "Fn::Join": _Evaluation._joined,
    "Fn::Select": _Evaluation._selected,
    "Fn::Split": _Evaluation._split,
    "Fn::Sub": _Evaluation._substituted,
    "Ref": _Evaluation._referred_to,
}


def output_name(stack: str, logical_id: str) -> str:
    """What an output of a stack is known by where it is not exported."""
    return f"{stack} {logical_id}"


def _said_by(parameter: str) -> str:
    return f"of the parameter {parameter}, as its default or an allowed value"


def _is_wide(value: Any) -> bool:
    return any(map(_is_wide, value)) if isinstance(value, list) else isinstance(value, str) and bool(WIDE.search(value))


def is_everybody(value: Any) -> bool:
    """Whether a value is, or a list has, an account or organization, and so everybody in it where somebody is named."""
    values = value if isinstance(value, list) else [value]
    return any(isinstance(one, str) and bool(_EVERYBODY.search(one)) for one in values)


def _are_texts(values: Sequence[Any]) -> bool:
    return all(isinstance(one, str) for one in values)
