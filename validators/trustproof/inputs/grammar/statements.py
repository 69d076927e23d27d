"""
The grammar of statements: effect, principals, actions, resources and conditions as typed values.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from trustproof.inputs.grammar.expressions import Expressions
from trustproof.inputs.grammar.impossible_keys import is_impossible_key
from trustproof.inputs.grammar.impossible_texts import (
    read_action,
    read_operand,
    read_principal,
    read_resource,
)
from trustproof.inputs.grammar.left_over import is_left_over_key, is_left_over_text
from trustproof.inputs.grammar.malformed_policies import (
    LIST_OF_TEXTS,
    NONE_EMPTIED,
    MalformedPolicy,
    WithoutPrincipal,
    WithoutResource,
    quote_value,
)
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable, scalar_text
from trustproof.inputs.grammar.variants import MAX_VARIANTS, TooManyVariants, variants
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.model.open_keys import LEFT_OVER_EFFECT, left_over, open_key
from trustproof.model.operators import BASES, parse_operator
from trustproof.model.policy import ALLOW, DENY, Condition, Guard, Path, Principal, Statement
from trustproof.model.text import MAX_VARIABLES, Symbolic, Text, variables_in
from trustproof.results.result import BUDGET

PRINCIPAL_KINDS = ("AWS", "CanonicalUser", "Federated", "Service")
#: The elements of a statement.
ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
#: An object of logs in whose name nothing stands for the account.
_NO_ACCOUNT = re.compile(r"arn:[^:]*:s3:::.*/AWSLogs//")
_ANYONE = (Principal("*", "*"),)
#: How what is listed in an element is read, where a part of it may stand for something else.
_READ = {"Action": read_action, "NotAction": read_action, "Resource": read_resource, "NotResource": read_resource}

#: Gives the elements of a statement, as they are in one reading.
Build: TypeAlias = "Callable[[Expressions], dict[str, object]]"

_operator = lru_cache(maxsize=256)(parse_operator)


class StatementReader:
    """
    Reads the statements of one kind of document.

    Args:
        expressions: what the documents are written in.
        kind: `TRUST`, `IDENTITY` or `RESOURCE`.
        emptied: the statements that have an empty list of resources, or of principals, only where something has its
            default: why nothing is known of whom they let in, and the empty text where they are about nothing.
    """

    def __init__(self, expressions: Expressions, kind: str, emptied: Mapping[Path, str] = NONE_EMPTIED) -> None:
        self._expressions = expressions
        self._kind = kind
        self._emptied = emptied

    def read(self, build: Build, path: Path, guards: tuple[Guard, ...]) -> list[Statement]:
        """
        A statement for every combination of the conditions that it depends on, with the guards of each.

        Args:
            build: gives the elements of the statement, as they are in one reading.
            guards: what holds already.

        Raises:
            Malformed: AWS would refuse the statement.
        """

        def read(reading: Expressions) -> list[Statement] | MalformedPolicy:
            try:
                return _Reading(reading, self._kind, self._emptied).statement(build(reading), path)
            except MalformedPolicy as error:
                return error

        try:
            readings = variants(self._expressions, guards, read)
        except TooManyVariants:
            reason = f"{BUDGET}: combinations of conditions that a statement depends on ({MAX_VARIANTS})"
            return unknown_statement(reason, path, guards)
        found = [(inner, one) for inner, one in readings if not isinstance(one, MalformedPolicy)]
        for _, one in readings:
            if isinstance(one, MalformedPolicy):
                one.in_some_cases = one.in_some_cases or bool(found)
                raise one
        if len(found) == 1 and not found[0][0]:
            return found[0][1]
        return [s._replace(guards=inner) for inner, statements in found for s in statements]


class _Reading:
    """
    One reading of a statement.

    Args:
        expressions: with the choices of the reading.
        kind: of the document.
        emptied: see `StatementReader`.
    """

    def __init__(self, expressions: Expressions, kind: str, emptied: Mapping[Path, str]) -> None:
        self._expressions = expressions
        self._kind = kind
        self._emptied = emptied
        self._plain = not expressions.dynamic

    def statement(self, raw: dict[str, object], path: Path) -> list[Statement]:
        """The statement; two where its effect is not known."""
        if (left := next(filter(self._expressions.is_open, raw), None)) is not None:
            # What gives other elements may change these.
            any_element = f"{left}: it may stand for any element"
            return unknown_statement(left_over(left) if is_left_over_key(left) else any_element, path, ())
        texts: dict[str, tuple[Text, ...] | None] = {}
        principals: dict[str, tuple[Principal, ...] | None] = {}
        conditions: tuple[Condition, ...] = ()
        effect: Text | None = None
        sid: str | None = None
        reasons: list[str] = []
        for key, value in raw.items():
            try:
                if key in _READ:
                    found = self._texts(value, path, key)
                    texts[key] = None if found is None else tuple(map(_READ[key], found))
                elif key == "Effect":
                    effect = value if value in (ALLOW, DENY) else self._effect(value, path)
                elif key in ("Principal", "NotPrincipal"):
                    principals[key] = self._principals(value, path, key)
                elif key == "Condition":
                    conditions = self._conditions(value, path, reasons)
                elif key == "Sid":
                    sid = self._sid(value)
                else:
                    self._unknown_element(key, path)
            except Unreadable as error:
                reasons.append(f"{key}: {error}")
        if self._emptied.get(path) == "" and not {"Resource", "NotResource"} & raw.keys():
            texts["Resource"] = ()
        if isinstance(effect, Symbolic) and is_left_over_text(effect):
            reasons.append(LEFT_OVER_EFFECT)
        self._check(raw, texts, principals, effect, path, reasons)
        for key in ("Action", "NotAction"):
            _check_actions(texts.get(key) or (), (*path, key))
        if self._kind == RESOURCE and effect == ALLOW:
            reasons += _logs_of_nobody(principals.get("Principal") or (), texts.get("Resource") or ())
        statement = Statement(
            effect if isinstance(effect, str) else ALLOW,
            principals.get("Principal"),
            principals.get("NotPrincipal"),
            texts.get("Action"),
            texts.get("NotAction"),
            texts.get("Resource"),
            texts.get("NotResource"),
            conditions,
            sid,
            tuple(reasons),
            (),
            path,
            str(raw.get("Effect")).capitalize() not in (ALLOW, DENY),
        )
        return [statement] if isinstance(effect, str) else _either_effect(statement)

    def _check(
        self,
        raw: dict[str, object],
        texts: dict[str, tuple[Text, ...] | None],
        principals: dict[str, tuple[Principal, ...] | None],
        effect: Text | None,
        path: Path,
        reasons: list[str],
    ) -> None:
        """Refuse what AWS refuses; an element that could not be read counts as present."""
        if effect is None and not any(reason.startswith("Effect: ") for reason in reasons):
            raise MalformedPolicy("a statement has no Effect, expected Allow or Deny", path)
        present = {key for read in (texts, principals) for key, value in read.items() if value is not None}
        present |= {reason.partition(":")[0] for reason in reasons}
        for key in ("Action", "Resource", "Principal"):
            if key in present and f"Not{key}" in present:
                raise MalformedPolicy(f"a statement has both {key} and Not{key}", (*path, f"Not{key}"))
        if "Action" not in present and "NotAction" not in present:
            raise MalformedPolicy("a statement has neither Action nor NotAction", path)
        wants_principal = self._kind != IDENTITY
        if wants_principal != ("Principal" in present or "NotPrincipal" in present):
            if wants_principal:
                raise MalformedPolicy(f"a statement of a {self._kind} policy has no Principal", path)
            key = "Principal" if "Principal" in raw else "NotPrincipal"
            raise MalformedPolicy(f"a statement of an identity policy has a {key}", (*path, key))
        if self._kind == IDENTITY and not present & {"Resource", "NotResource"}:
            raise WithoutResource("a statement of an identity policy has neither Resource nor NotResource", path)
        if self._kind == TRUST and present & {"Resource", "NotResource"}:
            key = "Resource" if "Resource" in present else "NotResource"
            error = MalformedPolicy(f"a statement of a trust policy has a {key}", (*path, key))
            error.in_some_cases = not _is_there(texts.get(key) or ())
            raise error

    def _effect(self, value: object, path: Path) -> Text | None:
        text = self._expressions.text(value)
        if text in (ALLOW, DENY) or isinstance(text, Symbolic):
            return text
        if text is NO_VALUE:
            return None
        if self._kind == TRUST and isinstance(text, str) and text.isascii() and text.capitalize() in (ALLOW, DENY):
            # The manual calls the value case sensitive, and IAM made a managed policy of no "allow". But it makes roles
            # whose trust policy has one: AWS's own Account Factory for Terraform does so in each of its deployments.
            if text.capitalize() == ALLOW:
                return ALLOW
            # To rest a proof on a Deny that has not been seen in force would be too much.
            raise Unreadable(f"whether IAM takes {quote_value(text)} for {DENY} is not known: write {DENY}")
        raise MalformedPolicy(f"the Effect is {quote_value(text)}, expected Allow or Deny", (*path, "Effect"))

    def _sid(self, value: object) -> str | None:
        try:
            text = self._expressions.text(value)
        except Unreadable:
            # It decides nothing about who gets in.
            return None
        return str(text) if isinstance(text, (str, Symbolic)) else None

    def _texts(self, value: object, path: Path, key: str) -> tuple[Text, ...] | None:
        """The texts of an element: one or a list; None for ``AWS::NoValue``."""
        if value.__class__ is str and self._plain:
            return (value,)
        if value.__class__ is list and value and all(i.__class__ is str for i in value):
            return tuple(value) if self._plain else tuple(map(self._expressions.literal, value))
        if value is None or value == []:
            raise MalformedPolicy(f"{key} is {quote_value(value)}, {LIST_OF_TEXTS}", (*path, key))
        resolved = self._expressions.resolve(value)
        if resolved is NO_VALUE:
            return None
        if isinstance(resolved, dict):
            raise MalformedPolicy(f"{key} is an object, expected text or a list of texts", (*path, key))
        for index, item in enumerate(resolved if isinstance(resolved, list) else ()):
            if item is None or (isinstance(item, (dict, list)) and self._expressions.function(item) is None):
                raise MalformedPolicy(f"{key} holds {quote_value(item)}, expected texts", (*path, key, index))
        return tuple(self._expressions.items(resolved))

    def _principals(self, value: object, path: Path, key: str) -> tuple[Principal, ...] | None:
        place = (*path, key)
        resolved = self._expressions.resolve(value)
        if resolved == "*":
            return _ANYONE
        if resolved is NO_VALUE:
            return None
        if isinstance(resolved, Symbolic):
            raise Unreadable(f"it is the value of {resolved}")
        if not isinstance(resolved, dict) or not resolved:
            expected = f'expected "*" or an object with {", ".join(PRINCIPAL_KINDS)}'
            raise MalformedPolicy(f"{key} is {quote_value(resolved)}, {expected}", place)
        found: list[Principal] = []
        # What is made of lists that a module is given has kinds that nobody is of, and IAM takes it beside another one.
        names_nobody = {kind for kind, names in resolved.items() if names == []}
        for kind, names in resolved.items():
            if kind in names_nobody and len(names_nobody) < len(resolved):
                continue
            if kind in names_nobody:
                if self._emptied.get(path):
                    raise Unreadable(self._emptied[path])
                raise WithoutPrincipal(f"{kind} is {quote_value(names)}, {LIST_OF_TEXTS}", (*place, kind))
            if kind not in PRINCIPAL_KINDS:
                if self._expressions.is_open(kind):
                    raise Unreadable(left_over(f"the kind {kind}") if is_left_over_key(kind) else f"it holds {kind}")
                raise MalformedPolicy(
                    f'unknown kind of principal "{kind}", expected one of {", ".join(PRINCIPAL_KINDS)}', (*place, kind)
                )
            found += [Principal(kind, read_principal(kind, name)) for name in self._texts(names, place, kind) or ()]
        return tuple(found)

    # -- conditions

    def _conditions(self, value: object, path: Path, reasons: list[str]) -> tuple[Condition, ...]:
        place = (*path, "Condition")
        resolved = self._expressions.resolve(value)
        if resolved is NO_VALUE:
            return ()
        if isinstance(resolved, Symbolic):
            raise Unreadable(f"it is the value of {resolved}")
        if not isinstance(resolved, dict):
            raise MalformedPolicy(f"Condition is {quote_value(resolved)}, expected an object", place)
        found: list[Condition] = []
        for operator, keys in resolved.items():
            try:
                found += self._operator(operator, keys, (*place, operator), reasons)
            except Unreadable as error:
                reasons.append(f"Condition: {operator}: {error}")
        return tuple(found)

    def _operator(self, operator: str, keys: object, place: Path, reasons: list[str]) -> list[Condition]:
        resolved = self._expressions.resolve(keys)
        if resolved is NO_VALUE:
            return []
        if self._expressions.is_open(operator):
            unknown = "the operator is not known before deployment"
            raise Unreadable(left_over("the operator") if is_left_over_key(operator) else unknown)
        if isinstance(resolved, Symbolic):
            raise Unreadable(f"its keys are the value of {resolved}")
        if not isinstance(resolved, dict):
            raise MalformedPolicy(f"{operator} is {quote_value(resolved)}, expected an object of condition keys", place)
        parsed = _operator(operator)
        if parsed is None:
            raise _unknown_operator(operator, place)
        found: list[Condition] = []
        if (left := next((key for key in resolved if key.startswith("Fn::")), None)) is not None:
            raise Unreadable(f"the key {left} is not known before deployment, and may change the others")
        for key, operands in resolved.items():
            if self._expressions.is_open(key):
                reasons.append(open_key(operator, key, left_over=is_left_over_key(key)))
                continue
            if is_impossible_key(key, is_of_sts=self._kind == TRUST):
                reasons.append(open_key(operator, key, left_over=True))
                continue
            texts = self._operands(operands, place, key)
            if texts is None:
                continue
            if any(variables_in(text) > MAX_VARIABLES for text in texts):
                # Each of them would be decided with all of the others, for each kind of request.
                reasons.append(f"{BUDGET}: policy variables of one text ({MAX_VARIABLES})")
                continue
            texts = tuple(read_operand(operator, key, text, is_of_sts=self._kind == TRUST) for text in texts)
            found.append(Condition(operator, key, texts, (*place, key)))
            if parsed.negated and any(_is_list(text) for text in texts):
                # One symbol stands for several values, and a negated operator excludes all of them.
                reasons.append(f"Condition: {operator}: {key}: a list that is not known before deployment")
        return found

    def _operands(self, value: object, place: Path, key: str) -> tuple[Text, ...] | None:
        if value.__class__ is bool:
            return ("true" if value else "false",)
        if value == []:
            return ()
        if isinstance(value, list) and any(isinstance(item, (bool, int, float)) for item in value):
            value = [item if (text := scalar_text(item)) is None else text for item in value]
        return self._texts(value, place, key)

    def _unknown_element(self, key: str, path: Path) -> None:
        expected = ", ".join(ELEMENTS)
        raise MalformedPolicy(f'unknown element "{key}" in a statement, expected one of {expected}', (*path, key))


def _is_list(text: Text) -> bool:
    return isinstance(text, Symbolic) and any(symbol.is_list for symbol in text.symbols)


def _unknown_operator(operator: str, place: Path) -> MalformedPolicy:
    """The error for an operator that IAM does not know, with one that may be meant."""
    # Compares texts, where somebody has mistyped one.
    from difflib import get_close_matches

    base = operator.rpartition(":")[2].removesuffix("IfExists")
    near = get_close_matches(base, BASES, 1) or ["StringEquals"]
    such = ("ForAnyValue:" if ":" in operator else "") + near[0]
    return MalformedPolicy(f'unknown condition operator "{operator}", expected one such as {such}', place)


def unknown_statement(reason: str, path: Path, guards: tuple[Guard, ...]) -> list[Statement]:
    """A statement of which nothing is known: it may allow, and it may deny."""
    return _either_effect(Statement(ALLOW, unreadable=(reason,), guards=guards, path=path))


def _is_there(texts: Sequence[Text]) -> bool:
    """Whether something in an element is there: else a variable gives it, and may leave it out."""
    symbols = [one for text in texts if not isinstance(text, str) for one in text.symbols]
    is_given = any(one.kind == "attribute" or one.written is not None for one in symbols)
    return is_given or any(isinstance(text, str) for text in texts)


def _logs_of_nobody(principals: Sequence[Principal], resources: Sequence[Text]) -> list[str]:
    """
    Why it is not known for whom services write logs, where an empty default stands for the account: no service writes
    there, so that whoever has logs written gives another value.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    if not principals or any(principal.kind != "Service" for principal in principals):
        return []
    found = [text for text in resources if isinstance(text, str) and _NO_ACCOUNT.match(text)]
    given = "where that is a parameter, give it a value with --parameter"
    return [f"Resource: {quote_value(text)} has no account behind AWSLogs/: {given}" for text in found[:1]]


def _check_actions(actions: Sequence[Text], path: Path) -> None:
    """
    Refuse an action of no service.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    for action in actions:
        if isinstance(action, str) and ":" not in action and "*" not in action and "?" not in action:
            raise MalformedPolicy(f'"{action}" is no action, expected SERVICE:ACTION or *', path)


def _either_effect(statement: Statement) -> list[Statement]:
    unreadable = statement.unreadable or ("Effect: not known before deployment",)
    return [statement._replace(effect=effect, unreadable=unreadable) for effect in (ALLOW, DENY)]
