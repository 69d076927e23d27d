"""
The grammar of policy documents: from what a template says to typed statements.

Shapes that AWS would refuse are errors; what only the deployment knows makes a statement unreadable in part.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from trustproof.inputs.grammar import policy_text
from trustproof.inputs.grammar.expressions import Expressions
from trustproof.inputs.grammar.left_over import is_left_over_text
from trustproof.inputs.grammar.malformed_policies import NONE_EMPTIED, MalformedPolicy, quote_value
from trustproof.inputs.grammar.statements import ELEMENTS, Build, StatementReader, unknown_statement
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable
from trustproof.inputs.grammar.variants import variants
from trustproof.model.open_keys import left_over
from trustproof.model.policy import Guard, Path, Policy, Statement
from trustproof.model.query import texts
from trustproof.model.text import Symbol, Symbolic
from trustproof.results.result import NOT_DECLARED

VERSIONS = ("2012-10-17", "2008-10-17")


class PolicyReader:
    """
    Reads the documents of one kind.

    Args:
        expressions: what the documents are written in.
        kind: `TRUST`, `IDENTITY` or `RESOURCE`.
        emptied: the statements that have an empty list of resources, or of principals, only where something has its
            default: why nothing is known of whom they let in, and the empty text where they are about nothing.
    """

    def __init__(self, expressions: Expressions, kind: str, emptied: Mapping[Path, str] = NONE_EMPTIED) -> None:
        self._expressions = expressions
        self._reader = StatementReader(expressions, kind, emptied)

    def read(self, value: object, path: Path, guards: tuple[Guard, ...] = ()) -> Policy | None:
        """
        The policy at a place of a template; None where there is none (``AWS::NoValue``).

        Args:
            value: a document, its JSON text, or an intrinsic function that gives one.
            guards: what holds whenever the document exists; the statements' guards do not repeat it.

        Raises:
            Malformed: AWS would refuse the document.
            Unreadable: nothing of the document is known before deployment.
        """
        statements: list[Statement] = []
        versions: dict[str | None, None] = {}
        objects = list(self._objects(value, path, guards))
        if not objects:
            return None
        errors: list[Unreadable] = []
        for raw, inner_path, inner_guards in objects:
            try:
                if isinstance(raw, Unreadable):
                    raise raw
                version, found = self._object(raw, inner_path, inner_guards)
            except Unreadable as error:
                # What it is in another case says what it says all the same.
                errors.append(error)
                statements += unknown_statement(str(error), inner_path, inner_guards)
                continue
            statements += found
            versions.update(dict.fromkeys(version if found else ()))
        if len(errors) == len(objects):
            raise errors[0]
        if len(versions) > 1:
            statements = [_version_unknown(s) if _has_variables(s) else s for s in statements]
        if guards:
            statements = [s._replace(guards=tuple(g for g in s.guards if g not in guards)) for s in statements]
        return Policy(tuple(statements), next(iter(versions), VERSIONS[0]), path)

    def structured(self, build: Build, path: Path, guards: tuple[Guard, ...] = ()) -> Policy:
        """
        The policy of one statement that a resource spells out in properties of its own.

        Args:
            build: gives the elements of the statement, as they are in one reading.
        """
        found = self._reader.read(build, path, guards)
        return Policy(tuple(s._replace(guards=tuple(g for g in s.guards if g not in guards)) for s in found), path=path)

    # -- document

    def _objects(
        self, value: object, path: Path, guards: tuple[Guard, ...]
    ) -> Iterator[tuple[dict[str, object] | Unreadable, Path, tuple[Guard, ...]]]:
        """
        The document as an object, for every outcome of the conditions that decide which it is; why not where nothing of
        it is known.
        """
        for inner, inner_path, inner_guards in self._expressions.branches(value, path, guards):
            quoted = self._expressions.quoted(inner, inner_path)
            try:
                if quoted is not None:
                    yield from self._objects(*quoted, inner_guards)
                elif self._expressions.function(inner) is not None:
                    yield from self._resolved(inner, inner_path, inner_guards)
                else:
                    yield self._one_object(inner, inner_path), inner_path, inner_guards
            except Unreadable as error:
                yield error, inner_path, inner_guards

    def _resolved(
        self, value: object, path: Path, guards: tuple[Guard, ...]
    ) -> Iterator[tuple[dict[str, object] | Unreadable, Path, tuple[Guard, ...]]]:
        for found_guards, found in variants(self._expressions, guards, lambda reading: reading.resolve(value)):
            if found is not NO_VALUE:
                yield self._one_object(found, path), path, found_guards

    def _one_object(self, value: object, path: Path) -> dict[str, object]:
        if isinstance(value, (str, Symbolic)):
            text = self._expressions.literal(value) if isinstance(value, str) else value
            if isinstance(text, Symbolic) and len(text.parts) == 1:
                undeclared = f", {NOT_DECLARED}" if _is_a_name_of_nothing(text) else ""
                raise Unreadable(f"the policy is the value of {text}{undeclared}")
            try:
                value = policy_text.parse(text)
            except policy_text.NotJson as error:
                raise MalformedPolicy(f"the policy is text, and {error}", path) from None
        if not isinstance(value, dict):
            raise MalformedPolicy(f"a policy is an object or its JSON text, not {quote_value(value)}", path)
        return value

    def _object(
        self, raw: dict[str, object], path: Path, guards: tuple[Guard, ...]
    ) -> tuple[tuple[str | None, ...], list[Statement]]:
        version: tuple[str | None, ...] = (None,)
        for key in raw:
            if key == "Version":
                version = tuple(self._versions(raw[key], (*path, key), guards))
            elif key not in ("Statement", "Id"):
                if self._expressions.is_open(key):
                    raise Unreadable(f"the policy holds {key}")
                if key in ELEMENTS:
                    message = f"{key} stands in the policy itself, expected in a Statement, with an Effect"
                    raise MalformedPolicy(message, (*path, key))
                raise MalformedPolicy(
                    f'unknown element "{key}" in a policy, expected Version, Id, Statement', (*path, key)
                )
        if "Statement" not in raw:
            raise MalformedPolicy("a policy has no Statement", path)
        return version, self._statements(raw["Statement"], (*path, "Statement"), guards)

    def _versions(self, value: object, path: Path, guards: tuple[Guard, ...]) -> Iterator[str | None]:
        """The versions that there may be: both, where a parameter or a function decides it that is not known."""
        if value in VERSIONS:
            yield str(value)
            return
        for _, resolved in variants(self._expressions, guards, lambda reading: reading.resolve(value)):
            if isinstance(resolved, Symbolic):
                yield from VERSIONS
            elif resolved is NO_VALUE:
                yield None
            elif resolved in VERSIONS:
                yield str(resolved)
            else:
                message = f"the Version is {quote_value(resolved)}, expected one of {', '.join(VERSIONS)}"
                raise MalformedPolicy(message, path)

    def _statements(self, value: object, path: Path, guards: tuple[Guard, ...]) -> list[Statement]:
        if value == []:
            raise MalformedPolicy("a policy has no statements", path)
        found: list[Statement] = []
        if isinstance(value, list):
            # The usual list needs no walk through branches.
            for index, item in enumerate(value):
                place = (*path, index)
                if isinstance(item, dict) and len(item) > 1:
                    found += self._reader.read(partial(_same, item), place, guards)
                else:
                    found += self._branched(item, place, guards)
            return found
        return self._branched(value, path, guards)

    def _branched(self, value: object, path: Path, guards: tuple[Guard, ...]) -> list[Statement]:
        found: list[Statement] = []
        refused: list[MalformedPolicy] = []
        for inner, inner_path, inner_guards in self._expressions.branched_items(value, path, guards):
            if self._expressions.function(inner) is not None:
                found += self._from_function(inner, inner_path, inner_guards)
            elif isinstance(inner, dict):
                try:
                    found += self._reader.read(partial(_same, inner), inner_path, inner_guards)
                except MalformedPolicy as error:
                    refused.append(error)
            elif isinstance(inner, str) and isinstance(text := self._expressions.literal(inner), Symbolic):
                found += unknown_statement(_value_of(text), inner_path, inner_guards)
            else:
                raise MalformedPolicy(f"a statement is an object, not {quote_value(inner)}", inner_path)
        for one in refused:
            # What stands there otherwise may be what is deployed.
            one.in_some_cases = one.in_some_cases or bool(found)
            raise one
        return found

    def _from_function(self, value: object, path: Path, guards: tuple[Guard, ...]) -> list[Statement]:
        """Statements that an intrinsic function other than ``Fn::If`` gives: a mapping may hold some."""
        found: list[Statement] = []
        try:
            read = variants(self._expressions, guards, lambda reading: reading.resolve(value))
        except Unreadable as error:
            return unknown_statement(str(error), path, guards)
        for inner, resolved in read:
            if isinstance(resolved, (dict, list)) and self._expressions.function(resolved) is None:
                found += self._statements(resolved, path, inner)
            elif resolved is not NO_VALUE:
                found += unknown_statement(_value_of(resolved), path, inner)
        return found


def _value_of(value: object) -> str:
    """Why a statement is not read that is no object before deployment."""
    is_left_over = isinstance(value, Symbolic) and is_left_over_text(value)
    said = f"the statement is the value of {value}"
    return left_over(f"{said}, which") if is_left_over else said


def _same(value: dict[str, object], _reading: Expressions) -> dict[str, object]:
    return value


def _has_variables(statement: Statement) -> bool:
    """Whether it matters to a statement of which version its policy is: whether it may hold policy variables."""
    parts = [part for text, _ in texts(statement) for part in (text.parts if isinstance(text, Symbolic) else (text,))]
    return any("$" in text for part in parts for text in ((part,) if isinstance(part, str) else part.allowed or ()))


def _version_unknown(statement: Statement) -> Statement:
    return statement._replace(unreadable=(*statement.unreadable, "Version: it depends on a condition"))


def _is_a_name_of_nothing(text: Symbolic) -> bool:
    """Whether a text is what ``Ref`` gives for a name that is no parameter's and no resource's."""
    (part,) = text.parts
    return isinstance(part, Symbol) and part.is_name_of_nothing
