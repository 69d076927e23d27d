"""
The intrinsic functions, with every value known.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from trustproof.sandbox.cloudformation.errors import RefusedRequest, Undecided, template_error
from trustproof.sandbox.cloudformation.template import Template

#: What `AWS::NoValue` stands for: the property or the item is not there.
NO_VALUE = object()

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class References(Protocol):
    """What a function may ask of the resources, of other stacks and of the place of deployment."""

    def reference(self, logical_id: str) -> Any:
        """What `Ref` of a resource is."""
        ...

    def attribute(self, logical_id: str, name: str) -> Any:
        """What `Fn::GetAtt` of a resource is."""
        ...

    def import_value(self, name: str) -> str:
        """What another stack of this account and Region exports under a name."""
        ...


#: Functions whose argument may hold dynamic references, which are resolved in what the function has put together.
_CARRYING = ("Fn::If", "Fn::Join", "Fn::Sub")


def _unread(name: str) -> str:
    raise Undecided(f"nobody reads the parameter {name} of Systems Manager here")


@dataclass
class Evaluator:
    """
    Resolves what a template says.

    Args:
        template: the template.
        values: parameters and pseudo parameters by name; `AWS::NoValue` is none of them.
        references: resources and exports.
        zones: the availability zones of a Region.
        read_parameter: the value of a parameter of Systems Manager that a dynamic reference names.
        unresolved: what is said of a dynamic reference that is not resolved.
    """

    template: Template
    values: Mapping[str, Any]
    references: References
    zones: Callable[[str], Sequence[str]]
    read_parameter: Callable[[str], str] = _unread
    unresolved: str = "the sandbox resolves dynamic references in properties of resources only"
    _carries: bool = False
    _conditions: dict[str, bool] = field(default_factory=dict)
    _pending: list[str] = field(default_factory=list)

    def resolve(self, value: Any) -> Any:
        """
        A value with every function evaluated; `NO_VALUE` where nothing is left of it.

        Raises:
            RefusedRequest: when a function is used wrongly, or names what does not exist.
        """
        if isinstance(value, dict):
            if len(value) == 1:
                ((name, argument),) = value.items()
                if name == "Ref":
                    return self._ref(argument)
                if name == "Condition" and isinstance(argument, str) and argument in self.template.conditions:
                    return self.condition(argument)
                if name.startswith("Fn::"):
                    return self._call(name, argument)
            found = {str(key): self.resolve(item) for key, item in value.items()}
            return {key: item for key, item in found.items() if item is not NO_VALUE}
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        return self._checked(value)

    def properties(self, value: Any) -> Any:
        """The same of the properties of a resource, where dynamic references stand as they are."""
        return self._in(True, lambda: self.resolve(value))

    def _in(self, carries: bool, work: Callable[[], Any]) -> Any:
        before, self._carries = self._carries, carries
        try:
            return work()
        finally:
            self._carries = before

    def _checked(self, value: Any) -> Any:
        """
        A value, which is no dynamic reference where these are not resolved.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
        """
        texts = value if isinstance(value, list) else [value]
        if not self._carries and any(isinstance(one, str) and "{{resolve:" in one for one in texts):
            raise Undecided(f"{self.unresolved}: {value!r}")
        return value

    def condition(self, name: str) -> bool:
        """The value of a condition of the template."""
        if name in self._conditions:
            return self._conditions[name]
        if name not in self.template.conditions:
            raise template_error(f"unresolved condition dependency {name}")
        if name in self._pending:
            raise template_error(f"circular dependency between conditions: {', '.join(self._pending)}")
        self._pending.append(name)
        found = bool(self._in(False, lambda: self.truth(self.template.conditions[name])))
        self._pending.pop()
        self._conditions[name] = found
        return found

    def truth(self, value: Any) -> bool:
        """Whether a condition function holds."""
        if isinstance(value, dict) and list(value) == ["Condition"]:
            return self.condition(str(value["Condition"]))
        found = self.resolve(value)
        if found in ("true", "false"):
            return bool(found == "true")
        if not isinstance(found, bool):
            raise template_error(f"every condition must be a boolean function, and {json.dumps(value)} is none")
        return found

    def _ref(self, name: Any) -> Any:
        if not isinstance(name, str):
            raise template_error("Ref expects the name of a parameter or a resource")
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.values:
            return self._checked(self.values[name])
        return self.references.reference(name)

    def _call(self, name: str, argument: Any) -> Any:
        function = _FUNCTIONS.get(name)
        if function is None:
            raise Undecided(f"the sandbox does not evaluate {name}")
        found = self._in(self._carries and name in _CARRYING, lambda: function(self, argument))
        # CloudFormation resolves them in what functions have put together, too.
        return self._checked(found)

    def text(self, value: Any, name: str) -> str:
        """A value that must be a string."""
        found = self.resolve(value)
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, (str, int, float)):
            return str(found)
        raise template_error(f"{name} expects a string, and {json.dumps(value)} is none")

    def items(self, value: Any, name: str) -> list[Any]:
        """A value that must be a list."""
        found = self.resolve(value)
        if not isinstance(found, list):
            raise template_error(f"{name} expects a list, and {json.dumps(value)} is none")
        return found


def _arguments(argument: Any, name: str, counts: tuple[int, ...]) -> list[Any]:
    if not isinstance(argument, list) or len(argument) not in counts:
        raise template_error(f"{name} expects a list of {' or '.join(map(str, counts))} items")
    return argument


def _get_att(evaluator: Evaluator, argument: Any) -> Any:
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    logical_id, name = _arguments(argument, "Fn::GetAtt", (2,))
    return evaluator.references.attribute(str(logical_id), evaluator.text(name, "Fn::GetAtt"))


def _sub(evaluator: Evaluator, argument: Any) -> str:
    names: dict[str, Any] = {}
    if isinstance(argument, list):
        argument, names = _arguments(argument, "Fn::Sub", (2,))
    if not isinstance(argument, str) or not isinstance(names, dict):
        raise template_error("Fn::Sub expects a string, or a string and a map")

    def replaced(found: re.Match[str]) -> str:
        name = found.group(1).strip()
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        if name in names:
            return evaluator.text(names[name], "Fn::Sub")
        if "." in name:
            return evaluator.text({"Fn::GetAtt": name.split(".", 1)}, "Fn::Sub")
        value = evaluator.resolve({"Ref": name})
        if value is NO_VALUE:
            raise template_error("Fn::Sub cannot use AWS::NoValue")
        if isinstance(value, list):
            raise template_error(f"Fn::Sub expects strings, and {name} is a list")
        return str(value)

    return _VARIABLE.sub(replaced, argument)


def _join(evaluator: Evaluator, argument: Any) -> str:
    delimiter, items = _arguments(argument, "Fn::Join", (2,))
    return evaluator.text(delimiter, "Fn::Join").join(
        evaluator.text(item, "Fn::Join") for item in evaluator.items(items, "Fn::Join")
    )


def _split(evaluator: Evaluator, argument: Any) -> list[str]:
    delimiter, text = _arguments(argument, "Fn::Split", (2,))
    return evaluator.text(text, "Fn::Split").split(evaluator.text(delimiter, "Fn::Split"))


def _select(evaluator: Evaluator, argument: Any) -> Any:
    index, items = _arguments(argument, "Fn::Select", (2,))
    found = evaluator.items(items, "Fn::Select")
    number = evaluator.text(index, "Fn::Select")
    if not number.isdecimal() or int(number) >= len(found):
        raise template_error(f"Fn::Select cannot select nonexistent value at index {number}")
    return found[int(number)]


def _find_in_map(evaluator: Evaluator, argument: Any) -> Any:
    if not isinstance(argument, list) or len(argument) not in (3, 4):
        raise template_error("Fn::FindInMap expects a list of 3 items")
    names = [evaluator.text(name, "Fn::FindInMap") for name in argument[:3]]
    found: Any = evaluator.template.mappings
    for name in names:
        if not isinstance(found, dict) or name not in found:
            if len(argument) == 4 and "DefaultValue" in argument[3]:
                return evaluator.resolve(argument[3]["DefaultValue"])
            raise template_error(f"Unable to get mapping for {'::'.join(names)}")
        found = found[name]
    return found


def _if(evaluator: Evaluator, argument: Any) -> Any:
    name, then, otherwise = _arguments(argument, "Fn::If", (3,))
    return evaluator.resolve(then if evaluator.condition(str(name)) else otherwise)


def _equals(evaluator: Evaluator, argument: Any) -> bool:
    left, right = (evaluator.resolve(item) for item in _arguments(argument, "Fn::Equals", (2,)))
    return bool(_comparable(left) == _comparable(right))


def _comparable(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _not(evaluator: Evaluator, argument: Any) -> bool:
    (only,) = _arguments(argument, "Fn::Not", (1,))
    return not evaluator.truth(only)


def _and(evaluator: Evaluator, argument: Any) -> bool:
    # Each is evaluated, so that an error in one that does not matter is seen as well.
    found = [evaluator.truth(item) for item in _several(argument, "Fn::And")]
    return all(found)


def _or(evaluator: Evaluator, argument: Any) -> bool:
    found = [evaluator.truth(item) for item in _several(argument, "Fn::Or")]
    return any(found)


def _several(argument: Any, name: str) -> list[Any]:
    if not isinstance(argument, list) or not 1 <= len(argument) <= 10:
        raise template_error(f"{name} expects between 2 and 10 conditions")
    return argument


def _contains(evaluator: Evaluator, argument: Any) -> bool:
    items, value = _arguments(argument, "Fn::Contains", (2,))
    return _comparable(evaluator.resolve(value)) in map(_comparable, evaluator.items(items, "Fn::Contains"))


def _each_member_in(evaluator: Evaluator, argument: Any) -> bool:
    items, allowed = (
        evaluator.items(item, "Fn::EachMemberIn") for item in _arguments(argument, "Fn::EachMemberIn", (2,))
    )
    return set(map(_comparable, items)) <= set(map(_comparable, allowed))


def _each_member_equals(evaluator: Evaluator, argument: Any) -> bool:
    items, value = _arguments(argument, "Fn::EachMemberEquals", (2,))
    wanted = _comparable(evaluator.resolve(value))
    return all(_comparable(item) == wanted for item in evaluator.items(items, "Fn::EachMemberEquals"))


def _import_value(evaluator: Evaluator, argument: Any) -> str:
    return evaluator.references.import_value(evaluator.text(argument, "Fn::ImportValue"))


def _get_azs(evaluator: Evaluator, argument: Any) -> list[str]:
    region = evaluator.text(argument, "Fn::GetAZs") or str(evaluator.values["AWS::Region"])
    return list(evaluator.zones(region))


def _base64(evaluator: Evaluator, argument: Any) -> str:
    return base64.b64encode(evaluator.text(argument, "Fn::Base64").encode()).decode()


def _cidr(evaluator: Evaluator, argument: Any) -> list[str]:
    block, count, *bits = _arguments(argument, "Fn::Cidr", (2, 3))
    try:
        network = ipaddress.ip_network(evaluator.text(block, "Fn::Cidr"))
        host_bits = int(evaluator.text(bits[0], "Fn::Cidr")) if bits else 8
        subnets = network.subnets(new_prefix=network.max_prefixlen - host_bits)
        found = [str(subnet) for _, subnet in zip(range(int(evaluator.text(count, "Fn::Cidr"))), subnets, strict=False)]
    except ValueError as error:
        raise template_error(f"Fn::Cidr: {error}") from None
    return found


def _to_json_string(evaluator: Evaluator, argument: Any) -> str:
    return json.dumps(evaluator.resolve(argument), separators=(",", ":"))


def _length(evaluator: Evaluator, argument: Any) -> int:
    return len(evaluator.items(argument, "Fn::Length"))


_FUNCTIONS: dict[str, Callable[[Evaluator, Any], Any]] = {
    "Fn::And": _and,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_member_equals,
    "Fn::EachMemberIn": _each_member_in,
    "Fn::Equals": _equals,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Not": _not,
    "Fn::Or": _or,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json_string,
}


def check_rules(template: Template, evaluator: Evaluator) -> None:
    """
    Hold the parameters to the template's rules.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html

    Raises:
        RefusedRequest: when a rule that applies has an assertion that does not hold.
    """
    for name, rule in template.rules.items():
        if "RuleCondition" in rule and not evaluator.truth(rule["RuleCondition"]):
            continue
        for assertion in rule.get("Assertions") or ():
            if not evaluator.truth(assertion.get("Assert")):
                said = assertion.get("AssertDescription", "an assertion does not hold")
                raise RefusedRequest(f"Template validation error: Rule {name} failed: {said}")
