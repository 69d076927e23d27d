"""
A declared parameter, and which values it may have.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from trustproof.model import regex_match
from trustproof.model.regex import values
from trustproof.model.text import LIST, Symbol

#: What a parameter depends on of which that is not known.
ANYTHING = "*"
#: The key of a declaration that says what else decides a parameter; no template of CloudFormation has it.
DEPENDS_ON = "Trustproof::DependsOn"
#: How the types of parameters begin whose values stand in the Parameter Store.
SSM = "AWS::SSM::Parameter::Value<"
_HEXADECIMAL = re.compile(r"[+-]?0[xX][0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?(?:[pP][+-]?\d{1,4}[dDfF]?)?")


def is_list_type(type_: str) -> bool:
    """Whether a parameter type is a list: a symbol of such a type stands for one or more values."""
    inner = type_.removeprefix(SSM)
    return inner.startswith(("List<", "CommaDelimitedList"))


class Parameter(NamedTuple):
    """
    One declared parameter; every value as the text CloudFormation compares.
    """

    name: str
    type: str = "String"
    default: str | None = None
    allowed: tuple[str, ...] | None = None
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_value: float | None = None
    max_value: float | None = None
    #: What decides the value, where it is the outcome of an expression; None for what is given.
    depends_on: tuple[str, ...] | None = None
    #: What its author says of it.
    description: str = ""

    @property
    def is_list(self) -> bool:
        """Whether the value is a list, written with commas."""
        return is_list_type(self.type)

    @property
    def is_ssm(self) -> bool:
        """Whether the value is the *name* of an SSM parameter, and what the template sees is what stands there."""
        return self.type.startswith(SSM)

    @property
    def judged_default(self) -> str | None:
        """The default, where it is the value that the template sees: with one that is refused, nothing is deployed."""
        return None if self.default is None or self.is_ssm or _is_default_refused(self) else self.default

    @property
    def is_narrow(self) -> bool:
        """Whether its declaration refuses some text."""
        bounds = (self.allowed, self.pattern, self.min_length or None, self.max_length)
        return not self.is_ssm and (self.type == "Number" or any(one is not None for one in bounds))

    @property
    def listed(self) -> tuple[str, ...]:
        """All values that the parameter may have; empty where that is not known."""
        if self.is_ssm:
            # What is listed are names in the Parameter Store.
            return ()
        if self.max_length == 0 and self.type == "String":
            return ("",)
        if self.allowed is not None or self.pattern is None or self.is_list:
            return self.allowed or ()
        return _spelled_out(self)

    @property
    def symbol(self) -> Symbol:
        """The parameter as an unknown value."""
        if self.is_ssm:
            return Symbol(self.name, "parameter", type=self.type, holds=self._holds)
        least, most = (self.min_value, self.max_value) if self.type == "Number" else (None, None)
        allowed = self.listed or None
        return Symbol(self.name, "parameter", allowed, self.pattern, self.type, least, most, holds=self._holds)

    @property
    def _holds(self) -> str:
        return LIST if self.is_list else ""

    def other_than(self, texts: Collection[str]) -> Parameter:
        """The same where it has neither its default nor some texts, as far as it lists its values."""
        listed = () if self.is_list or self.is_ssm else self.listed
        left = tuple(value for value in listed if value != self.default and value not in texts)
        return self._replace(default=None, allowed=left or self.allowed)

    def refusal(self, value: str) -> str | None:
        """Why CloudFormation would refuse a value: a clause; None where it would not."""
        if self.is_ssm:
            # The Parameter Store takes no empty value, and has no empty name.
            return None if value else "is empty, which nothing in the Parameter Store is"
        items = value.split(",") if self.is_list else [value]
        if self.allowed is not None and not all(item.strip() in self.allowed for item in items):
            return f"is not one of its AllowedValues: {', '.join(self.allowed)}"
        if self.pattern is not None and not all(matches(self.pattern, item.strip()) for item in items):
            return f"does not match its AllowedPattern {self.pattern}"
        if self.type == "Number":
            return self._number_refusal(value)
        most = len(value) if self.max_length is None else self.max_length
        if not self.is_list and not (self.min_length or 0) <= len(value) <= most:
            longest = "any number" if self.max_length is None else self.max_length
            return f"has {len(value)} characters, not {self.min_length or 0} to {longest}"
        return None

    def largest(self, least: int, most: int) -> int | None:
        """The largest whole number, between two others, that the parameter may be; None where there is none."""
        if self.is_ssm or self.is_list:
            return None
        if self.type == "Number" and self.max_value is not None:
            most = min(most, int(self.max_value // 1))
        return next((number for number in range(most, least - 1, -1) if self.refusal(str(number)) is None), None)

    def _number_refusal(self, value: str) -> str | None:
        number = number_of(value)
        if number is None:
            return "is not a number"
        if self.min_value is not None and number < self.min_value:
            return f"is less than its MinValue {self.min_value:g}"
        if self.max_value is not None and number > self.max_value:
            return f"is more than its MaxValue {self.max_value:g}"
        return None


def number_of(text: str) -> float | None:
    """
    The number that a text may be taken for; None for what is certainly none.

    No page says how a number may be written: here it may be as Java reads one, in whose dialect patterns are.

    >>> number_of("1e3"), number_of(" +5"), number_of("1f"), number_of("0x10"), number_of("one")
    (1000.0, 5.0, 1.0, 16.0, None)
    """
    written = text.strip()
    try:
        if _HEXADECIMAL.fullmatch(written):
            return float.fromhex(written.rstrip("dDfF") if "p" in written.lower() else written)
        return float(written if written[-1:] not in ("d", "D", "f", "F") or written.isalpha() else written[:-1])
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=1024)
def _is_default_refused(parameter: Parameter) -> bool:
    """Whether a parameter has to be given a value, as its own declaration refuses its default."""
    default = parameter.default or ""
    is_certain = "{{" not in default and "${" not in default and not (parameter.is_list and "" in default.split(","))
    return is_certain and parameter.refusal(default) is not None


@lru_cache(maxsize=1024)
def _spelled_out(parameter: Parameter) -> tuple[str, ...]:
    """The values that the pattern of a parameter spells out; empty where it does not."""
    return tuple(value for value in values(parameter.pattern or "") if parameter.refusal(value) is None)


@lru_cache(maxsize=4096)
def matches(pattern: str, value: str) -> bool:
    """Whether an ``AllowedPattern`` admits a value; a pattern that cannot be read here admits everything."""
    # CloudFormation's dialect is Java's; what is not understood restricts nothing here.
    return regex_match.matches_in_java(pattern, value) is not False


def is_one(name: str, other: str) -> bool:
    """Whether two references are to the same, or one to a part of the other."""
    if ANYTHING in (name, other):
        return True
    short, long = sorted((name, other), key=len)
    return long.startswith(short) and long[len(short) : len(short) + 1] in ("", ".", "[")


def undecided(name: str, other: str, shared: str) -> str:
    """Why it is not known whether two things are so together that depend on the same."""
    of = "may depend on the same" if shared == ANYTHING else f"depend on {shared}"
    return f"`{name}` and `{other}` both {of}, and it is not known whether they can be so together"
