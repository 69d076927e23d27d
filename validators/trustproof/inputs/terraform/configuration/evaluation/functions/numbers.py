"""
Functions of numbers.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from trustproof.inputs.terraform.configuration.evaluation.functions.registry import of_known
from trustproof.inputs.terraform.configuration.syntax.numerals import binary, rounded_number
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.work import NotKnown, OverBudget
from trustproof.inputs.terraform.values.values import Known
from trustproof.results.result import BUDGET

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@of_known("number")
def abs_(number: float) -> float:
    return abs(number)


@of_known("number")
def ceil(number: float) -> int:
    return math.ceil(number)


@of_known("number")
def floor(number: float) -> int:
    return math.floor(number)


#: Of which logarithms of their powers are whole numbers, to every library.
_BASES = (2, 4, 16)


@of_known("number number")
def log(number: float, base: float) -> float:
    if number <= 0 or base not in _BASES:
        raise NotKnown("the result has more digits than are known")
    found = math.log(number) / math.log(base)
    # The last digits are those of another library, where it is no whole number for sure.
    if not found.is_integer() or math.copysign(1, found) < 0:
        raise NotKnown("the result has more digits than are known")
    return int(found)


@of_known("number number")
def pow_(number: float, power: float) -> float:
    if power < 0:
        raise NotKnown("the result has more digits than are known")
    if power > 1000 or abs(number) > 1e9:
        raise OverBudget(f"{BUDGET}: size of a power (1000, of numbers up to 1000000000)")
    found: Any = number**power
    # Terraform computes with 53 bits.
    if not isinstance(found, int) or abs(found) >= 2**512 or Decimal(repr(float(found))) != found:
        raise NotKnown("the result has more digits than are known")
    return found


@of_known("whole")
def signum(number: int) -> int:
    return (number > 0) - (number < 0)


@of_known("any whole")
def parseint(text: object, base: int) -> int:
    if not isinstance(text, str):
        raise ValueError("it is no text")
    if not 2 <= base <= 62:
        raise ValueError("the base is none from 2 to 62")
    digits = text[1:] if text[:1] in ("-", "+") else text
    known = _DIGITS[:base] if base > 36 else _DIGITS[: min(base, 36)]
    digits = digits if base > 36 else digits.lower()
    if not digits or len(digits) > 400 or any(digit not in known for digit in digits):
        raise ValueError("the text is no number of that base")
    found = 0
    for digit in digits:
        found = found * base + known.index(digit)
    return -found if text.startswith("-") else found


@of_known("number number*")
def max_(*numbers: float) -> float:
    return max(numbers)


@of_known("number number*")
def min_(*numbers: float) -> float:
    return min(numbers)


@of_known("list")
def sum_(numbers: list[float | str]) -> float:
    if not numbers:
        raise ValueError("the list is empty")
    found: float = 0
    for number in numbers:
        together = rounded_number(binary(Decimal(repr(found))) + binary(Decimal(repr(_numeric(number)))))
        if together is None:
            raise NotKnown("the result has more digits than are known")
        found = together
    return found


def _numeric(found: float | str) -> float:
    number: float = convert.plain(convert.numeric(Known(found)))
    return number


@of_known("number number? number?", "range")
def range_(*limits: float) -> list[float]:
    start, end = (0, limits[0]) if len(limits) == 1 else limits[:2]
    step = limits[2] if len(limits) > 2 else (1 if start <= end else -1)
    if any(isinstance(one, float) and not one.is_integer() for one in (start, end, step)):
        raise NotKnown("the result has more digits than are known")
    if step == 0 or (step > 0) != (start <= end):
        if start == end:
            return []
        raise ValueError("the step leads away from the end")
    found: list[float] = []
    at = start
    while at < end if step > 0 else at > end:
        if len(found) >= 1024:
            raise ValueError("more than 1024 numbers")
        found.append(at)
        at += step
    return found
