"""
A third reading: trust policies as SMT formulas over strings, integers and booleans.

A key is a boolean (is it there?) beside a variable of its type; a multi-valued key has as many elements as conditions
can ask for. Wildcards are regular expressions. Neither the engine's sets nor the evaluator's operators are used.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise
from typing import Any

import z3  # type: ignore[import-untyped]

from tests.differential.atoms import Token, Tokens, arn_wildcards, ignoring_case, wildcards
from tests.differential.partition import SHAPES
from trustproof.aws.accounts import RELEASED
from trustproof.aws.condition_keys import ALWAYS, NEVER, lookup
from trustproof.model.operators import FOR_ALL_VALUES, Operator, parse_operator
from trustproof.model.policy import DENY, Condition, Policy, Principal, Statement
from trustproof.model.request import USER_KEY_MFA, USER_SESSION_MFA
from trustproof.spec.operators.date import parse_date
from trustproof.spec.operators.numeric import parse_number

Formula = Any
#: The last character that the solver has.
_LAST = 0x2FFFF


class Encoding:
    """
    One policy, for users of one kind who call one action.

    Args:
        mfa: what ``aws:MultiFactorAuthPresent`` is; None where the key is absent.
    """

    def __init__(self, policy: Policy, kind: str, action: str, mfa: str | None) -> None:
        self.policy = policy
        self.kind = kind
        self.action = action
        self.mfa = mfa
        self.axioms: list[Formula] = []
        self.account, self.path, self.name, self.unique = (z3.String(n) for n in ("account", "path", "name", "unique"))
        self.arn = z3.Concat(z3.StringVal("arn:aws:iam::"), self.account, z3.StringVal(":user/"), self.path, self.name)
        self.axioms += [
            z3.InRe(self.account, regex(SHAPES["account"])),
            z3.InRe(self.name, regex(SHAPES["session-name"][1:])),
            z3.Or(self.path == "", z3.InRe(self.path, z3.Concat(z3.Star(z3.Range("!", "~")), z3.Re("/")))),
            z3.InRe(self.unique, z3.Concat(z3.Re("AIDA"), z3.Plus(z3.Union(z3.Range("0", "9"), z3.Range("A", "Z"))))),
        ]
        self._variables: dict[str, tuple[Formula, list[Formula]]] = {}

    def question(self, index: int) -> Formula:
        """That some request is let in by one Allow statement, and stopped by no Deny."""
        denies = [s for s in self.policy.statements if s.effect == DENY]
        allowed = self.statement(self.policy.statements[index])
        return z3.And(allowed, *(z3.Not(self.statement(s)) for s in denies), *self.axioms)

    def statement(self, statement: Statement) -> Formula:
        """That a statement applies."""
        named = [self._names(pattern) for pattern in statement.actions or statement.not_actions or ()]
        action = any(named) if statement.actions is not None else not any(named)
        principals = z3.Or(*(self._covers(entry) for entry in statement.principals or ()))
        return z3.And(z3.BoolVal(action), principals, *(self.condition(c) for c in statement.conditions))

    def _names(self, pattern: object) -> bool:
        solver = z3.Solver()
        solver.add(z3.InRe(z3.StringVal(self.action), regex(wildcards(str(pattern).lower()))))
        return bool(solver.check() == z3.sat)

    def _covers(self, entry: Principal) -> Formula:
        value = str(entry.value)
        if entry.kind == "*" or (entry.kind == "AWS" and value == "*"):
            return z3.BoolVal(True)
        if entry.kind != "AWS":
            return z3.BoolVal(False)
        root = z3.Concat(z3.StringVal("arn:aws:iam::"), self.account, z3.StringVal(":root"))
        return z3.Or(self.account == value, root == value, self.arn == value, self.unique == value)

    def condition(self, condition: Condition) -> Formula:
        """That a condition holds."""
        operator = parse_operator(condition.operator)
        assert operator is not None
        there, elements = self._key(condition.key)
        if operator.base == "Null":
            wanted = {str(operand).lower() for operand in condition.operands}
            null = z3.Or(z3.Not(there), *([elements[0] == ""] if _is_single_text(condition.key) else []))
            if operator.quantifier:
                return z3.BoolVal(operator.quantifier == FOR_ALL_VALUES)
            return z3.Or(z3.And(null, "true" in wanted), z3.And(z3.Not(null), "false" in wanted))
        tests = [self._matches(operator, condition, element) for element in elements]
        if operator.quantifier:
            # A null value is no value.
            used = [element != "" if _is_text(condition.key) else z3.BoolVal(True) for element in elements]
            if operator.quantifier == FOR_ALL_VALUES:
                return z3.Implies(there, z3.And(*(z3.Implies(u, t) for u, t in zip(used, tests, strict=True))))
            return z3.And(there, z3.Or(*(z3.And(u, t) for u, t in zip(used, tests, strict=True))))
        absent = operator.if_exists or operator.negated
        return z3.If(there, tests[0], z3.BoolVal(absent))

    def _matches(self, operator: Operator, condition: Condition, value: Formula) -> Formula:
        compare = _COMPARE[operator.family]
        found = z3.Or(*(compare(operator.base, str(operand), value) for operand in condition.operands))
        return z3.Not(found) if operator.negated else found

    def _key(self, name: str) -> tuple[Formula, list[Formula]]:
        lowered = name.lower()
        found = self._variables.get(lowered)
        if found is None:
            found = self._variables[lowered] = self._declare(lowered)
        return found

    def _declare(self, name: str) -> tuple[Formula, list[Formula]]:
        views = {"aws:principalarn": self.arn, "aws:principalaccount": self.account, "aws:userid": self.unique}
        views["aws:username"] = self.name
        views["aws:principaltype"] = z3.StringVal("User")
        if name in views:
            return z3.BoolVal(True), [views[name]]
        if name == "aws:multifactorauthpresent":
            return z3.BoolVal(self.mfa is not None), [z3.StringVal(self.mfa or "")]
        key = lookup(name)
        presence = key.presence(self.kind, self.action)
        there = {ALWAYS: z3.BoolVal(True), NEVER: z3.BoolVal(False)}.get(presence, z3.Bool(f"{name} is there"))
        if not key.multi:
            return there, [self._element(name, 0)]
        mentioned = sum(c.key.lower() == name for s in self.policy.statements for c in s.conditions)
        elements = [self._element(name, place) for place in range(mentioned)]
        # Unused places hold the empty string, which is no value; one is used.
        self.axioms.append(z3.Or(*(element != "" for element in elements)))
        return there, elements

    def _element(self, name: str, place: int) -> Formula:
        key = lookup(name)
        if key.type in ("numeric", "date"):
            number = z3.Int(name)
            self.axioms.append(number >= (RELEASED if name in ("aws:currenttime", "aws:epochtime") else 0))
            oldest = {USER_KEY_MFA: 60, USER_SESSION_MFA: 129600}.get(self.kind)
            if name == "aws:multifactorauthage" and oldest is not None:
                self.axioms.append(number <= oldest)
            return number
        if key.type == "ip":
            # IPv6 addresses follow behind all IPv4 addresses.
            address = z3.Int(name)
            self.axioms.append(z3.And(address >= 0, address < 2**32 + 2**128))
            return address
        text = z3.String(f"{name} {place}")
        shape = SHAPES.get("arn" if key.type == "arn" else key.shape)
        if key.type == "bool":
            # STS is called with TLS only.
            self.axioms.append(z3.Or(text == "true", text == "false" if name != "aws:securetransport" else False))
        elif shape is not None:
            inside = z3.InRe(text, regex(shape))
            self.axioms.append(z3.Or(inside, text == "") if key.multi else inside)
        return text


def _is_text(name: str) -> bool:
    return lookup(name).type in ("string", "arn", "bool")


def _is_single_text(name: str) -> bool:
    return _is_text(name) and not lookup(name).multi


def _text(base: str, operand: str, value: Formula) -> Formula:
    if base.endswith("IgnoreCase"):
        return z3.InRe(value, regex(ignoring_case(operand)))
    return z3.InRe(value, regex(wildcards(operand))) if base.endswith("Like") else value == z3.StringVal(operand)


def _arn(base: str, operand: str, value: Formula) -> Formula:
    return z3.InRe(value, regex(arn_wildcards(operand)))


def _boolean(base: str, operand: str, value: Formula) -> Formula:
    return value == z3.StringVal(operand.lower())


def _ordered(read: Callable[[str], Any], word: str) -> Callable[[str, str, Formula], Formula]:
    def compare(base: str, operand: str, value: Formula) -> Formula:
        number = read(operand)
        if number is None:
            return z3.BoolVal(False)
        right = z3.Q(number.numerator, number.denominator)
        left = z3.ToReal(value)
        relations = {
            "LessThan": left < right,
            "LessThanEquals": left <= right,
            "GreaterThan": left > right,
            "GreaterThanEquals": left >= right,
        }
        return relations.get(base.removeprefix(word), left == right)

    return compare


def _address(base: str, operand: str, value: Formula) -> Formula:
    network = ipaddress.ip_network(operand, strict=False)
    shift = 0 if network.version == 4 else 2**32
    low, high = int(network.network_address) + shift, int(network.broadcast_address) + shift
    return z3.And(value >= low, value <= high)


_COMPARE: dict[str, Callable[[str, str, Formula], Formula]] = {
    "string": _text,
    "arn": _arn,
    "bool": _boolean,
    "numeric": _ordered(parse_number, "Numeric"),
    "date": _ordered(parse_date, "Date"),
    "ip": _address,
}


def regex(tokens: Tokens) -> Formula:
    """A sequence of tokens as a regular expression."""
    parts = [_regex_of(token) for token in tokens]
    if not parts:
        return z3.Re("")
    return parts[0] if len(parts) == 1 else z3.Concat(*parts)


def _regex_of(token: Token) -> Formula:
    codes = sorted(map(ord, token.chars))
    if token.negated:
        ends = [-1, *codes, _LAST + 1]
        runs = [(low + 1, high - 1) for low, high in pairwise(ends) if low + 1 <= high - 1]
    else:
        runs = [(code, code) for code in codes]
    one = _union([z3.Range(_char(low), _char(high)) for low, high in _joined(runs)])
    return z3.Star(one) if token.star else one


def _joined(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs that touch become one."""
    out: list[tuple[int, int]] = []
    for low, high in runs:
        if out and out[-1][1] + 1 == low:
            out[-1] = out[-1][0], high
        else:
            out.append((low, high))
    return out


def _char(code: int) -> str:
    return f"\\u{{{code:x}}}"


def _union(parts: Sequence[Formula]) -> Formula:
    if not parts:
        return z3.Empty(z3.ReSort(z3.StringSort()))
    return reduce(z3.Union, parts)
