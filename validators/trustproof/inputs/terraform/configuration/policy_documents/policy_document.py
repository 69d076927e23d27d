"""
``data.aws_iam_policy_document``: the document that its blocks make.

What the provider does was measured with it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trustproof.inputs.terraform.configuration.block_contents.nested_contents import AnyNumber, Content, contents
from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import is_null
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.policy_documents.document_values import (
    as_list,
    is_of_issuer,
    items_of,
    one_or_list,
    place_of,
    spliced,
    texts,
    unknown_part,
    value_name,
    variables_in,
)
from trustproof.inputs.terraform.configuration.policy_documents.merged_statements import MergedStatements, known_sid
from trustproof.inputs.terraform.configuration.policy_documents.opposite_elements import put_undecided_principals
from trustproof.inputs.terraform.configuration.policy_documents.source_documents import ORDER, Provider, read_document
from trustproof.inputs.terraform.configuration.syntax.blocks import Block, Body
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.conditions import Condition, Not
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.provider_documents import DocumentText, SortedItems
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.values import (
    ATTRIBUTE,
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Maybe,
    Rest,
    Symbol,
    Value,
)

TYPE = "aws_iam_policy_document"
#: So many conditions decide at most which blocks a statement has, or of what else a document is made: each is two.
_MOST_ASSUMED = 4
_LISTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)
_PRINCIPALS = (("principals", "Principal"), ("not_principals", "NotPrincipal"))
#: All that a statement may have: Terraform refuses anything else.
_ARGUMENTS = frozenset(("sid", "effect", *(argument for argument, _ in _LISTS)))
_BLOCKS = frozenset(("condition", *(block for block, _ in _PRINCIPALS)))
#: What Terraform 0.11 let pass.
_AS_ARGUMENT = "{0} is written as an argument, and Terraform takes it as a block only: {0} {{ … }}"


def has_others(body: Body) -> bool:
    """Whether a document is made of others, too."""
    return any(body.argument(f"{kind}_policy_documents") is not None for kind in ("source", "override"))


def text(evaluator: Evaluator, block: Block, variables: Variables, name: str, provider: Provider) -> Value:
    """
    The document that a data source makes, as text; one for each outcome of what decides of which others it is made. A
    symbol where Terraform would refuse it.

    Args:
        name: of the text: the address, and ``.json`` or ``.minified_json``.
        provider: that reads other documents.
    """
    found = _Document(evaluator, block.body, variables, block.place, provider)
    try:
        return found.text(is_minified=not name.endswith(".json"))
    except Fault as fault:
        return Symbol(name, ATTRIBUTE, fault.reason, block.place)


class _Undecided(Exception):
    """Whether a block is there, as a condition decides."""

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition.shown)
        self.condition = condition


class _Document:
    def __init__(
        self, evaluator: Evaluator, body: Body, variables: Variables, place: Place, provider: Provider
    ) -> None:
        self._provider = provider
        self._evaluator = evaluator
        self._body = body
        self._variables = variables
        self._place = place
        #: Conditions, as they are shown, to whether they are taken to hold.
        self._assumed: dict[str, bool] = {}

    def text(self, *, is_minified: bool) -> Value:
        """The whole document, with and without the others that are there or not."""
        try:
            return DocumentText(self.value(), self._place, is_minified=is_minified)
        except _Undecided as undecided:
            return self._both(undecided.condition, lambda: self.text(is_minified=is_minified), self._place)

    def _both(self, condition: Condition, make: Callable[[], Value], place: Place) -> Value:
        """What is made where a condition is taken to hold, and where it is not."""

        def assumed(outcome: bool) -> Value:
            self._assumed[condition.shown] = outcome
            try:
                return make()
            finally:
                del self._assumed[condition.shown]

        case = Choice(condition, convert.TRUE, convert.FALSE, place)
        return convert.both(case, lambda: assumed(True), lambda: assumed(False))

    def value(self) -> Fields:
        """The whole document, as far as it is assumed what decides."""
        found = MergedStatements(self._evaluator.work.step)
        self._sources(found, "source_json", "source_policy_documents", unique=True)
        found.add_own(self._statements())
        self._sources(found, "override_json", "override_policy_documents", unique=False)
        version = self._argument("version") or Known("2012-10-17", self._place)
        entries = [Entry(self._key("Version", "version"), found.version(version))]
        policy_id = self._argument("policy_id") or found.id
        if policy_id is not None and not (isinstance(policy_id, Known) and policy_id.value in ("", None)):
            entries.append(Entry(self._key("Id", "policy_id"), policy_id))
        if found.statements:
            statements = Items(tuple(found.statements), False, self._place)
            entries.append(Entry(Known("Statement", self._place), statements))
        return Fields(tuple(entries), self._place)

    def _key(self, name: str, argument: str) -> Known:
        found = self._body.argument(argument)
        return Known(name, found.place if found is not None else self._place)

    def _argument(self, name: str) -> Value | None:
        """An argument; None where it is not set."""
        found = self._body.argument(name)
        value = self._evaluator.value(found.expression, self._variables) if found is not None else None
        return None if value is None or is_null(value) else value

    # -- other documents

    def _sources(self, found: MergedStatements, single: str, several: str, *, unique: bool) -> None:
        sources: list[Value] = []
        first = self._argument(single)
        if first is not None:
            sources.append(first)
        listed = self._argument(several)
        listed = (listed and self._outcome(listed)) or listed
        if isinstance(listed, Items):
            sources += listed.items
        elif listed is not None and not is_null(listed):
            sources.append(Rest(listed))
        sids: set[str] = set()
        for source in sources:
            if isinstance(source, Maybe):
                is_there = self._is_assumed(source.condition)
                if is_there is False:
                    continue
                source = source.value if is_there else Rest(source.of)
            source = self._outcome(source) or source
            statements, policy_id, version = read_document(source, self._provider)
            for sid in filter(None, map(known_sid, statements)) if unique else ():
                if sid in sids:
                    raise Fault(f'two source documents have a statement with the sid "{sid}"')
                sids.add(sid)
            if unique:
                found.add(statements)
            else:
                found.override(statements)
            found.id = policy_id or found.id
            found.versions += [version] if version is not None else []

    # -- own statements

    def _statements(self) -> list[Value]:
        if "statement" in self._body.arguments and "statement" not in self._body.either:
            raise Fault(_AS_ARGUMENT.format("statement"))
        return [
            self._several(content, content.of) if content.of is not None else self._decided(content)
            for content in contents(self._evaluator, self._body, "statement", self._variables)
        ]

    def _several(self, content: Content, of: Value) -> Value:
        """A statement that is there or not, or any number of them."""
        if isinstance(content, AnyNumber):
            return Several(self._decided(content), content.condition, of, content.place)
        if content.condition is None:
            return Rest(of, content.place)
        return Maybe(content.condition, self._decided(content), of, content.place)

    def _decided(self, content: Content) -> Value:
        """A statement, with and without the blocks that are there or not."""
        try:
            return self._statement(content)
        except _Undecided as undecided:
            return self._both(undecided.condition, lambda: self._decided(content), content.place)

    def _inside(self, content: Content, block: str) -> Iterator[Content]:
        """The blocks of a type in a statement that are there, as far as that is assumed."""
        found = list(contents(self._evaluator, content.body, block, content.variables))
        for inner in found:
            several = isinstance(inner, AnyNumber)
            if isinstance(inner, AnyNumber) and not inner.is_alike and block != "principals":
                # Values of several conditions for one key are joined: what one of them lets in does not tell that.
                yield Content(inner.body, inner.variables, inner.place, inner.of)
                continue
            if several and (inner.condition is None or (block != "condition" and len(found) == 1)):
                # Without any, nobody would be named, which IAM refuses.
                yield Content(inner.body, inner.variables, inner.place)
                continue
            is_there = True if inner.condition is None else self._is_assumed(inner.condition)
            if is_there is None or inner.condition is None:
                yield inner
            elif is_there:
                yield Content(inner.body, inner.variables, inner.place)

    def _is_assumed(self, condition: Condition) -> bool | None:
        """Whether a condition is taken to hold; None where too many are."""
        is_not = isinstance(condition, Not)
        of = condition.of if isinstance(condition, Not) else condition
        assumed = self._assumed.get(of.shown)
        if assumed is None and len(self._assumed) < _MOST_ASSUMED:
            raise _Undecided(of)
        return None if assumed is None else assumed != is_not

    def _outcome(self, value: Value) -> Value | None:
        """One of the values of a choice, as far as it is assumed what decides; None where that is not."""
        while isinstance(value, Choice):
            is_first = self._is_assumed(value.condition)
            if is_first is None:
                return None
            value = value.then if is_first else value.otherwise
        return value

    def _chosen(self, value: Value | None) -> Value | None:
        """A word of a statement, as far as it is assumed what decides which it is."""
        return value if value is None else self._outcome(self._evaluator.key(value)) or value

    def _statement(self, content: Content) -> Value:
        self._evaluator.work.step()
        body, variables = content.body, content.variables
        _refuse_unknown(body, _ARGUMENTS, _BLOCKS)
        entries: dict[str, Entry] = {}
        sid = self._inner(body, "sid", variables)
        if sid is not None and not (isinstance(sid, Known) and sid.value == ""):
            entries["Sid"] = Entry(Known("Sid", place_of(body, "sid", content.place)), sid)
        effect = self._inner(body, "effect", variables) or Known("Allow", content.place)
        entries["Effect"] = Entry(Known("Effect", place_of(body, "effect", content.place)), effect)
        for argument, element in _LISTS:
            found = self._inner(body, argument, variables)
            made = as_list(found) if found is not None else None
            if made is not None:
                entries[element] = Entry(Known(element, place_of(body, argument, content.place)), _sorted(made))
        for block, element in _PRINCIPALS:
            self._put_principals(entries, content, block, element)
        if len(entries.keys() & {"Principal", "NotPrincipal"}) != 1:
            kinds = ([*contents(self._evaluator, body, kind, variables)] for kind, _ in _PRINCIPALS)
            put_undecided_principals(entries, *kinds)
        self._put_conditions(entries, content)
        return Fields(tuple(entries[name] for name in ORDER if name in entries), content.place)

    def _inner(self, body: Body, name: str, variables: Variables) -> Value | None:
        argument = body.argument(name)
        value = self._evaluator.value(argument.expression, variables) if argument is not None else None
        if argument is None or value is None or is_null(value):
            return None
        return spliced(argument.expression, value)

    def _put_principals(self, entries: dict[str, Entry], content: Content, block: str, element: str) -> None:
        found: dict[str, list[Value]] = {}
        places: dict[str, Place] = {}
        place: Place | None = None
        unknown: Value | None = None
        #: Types of several blocks, which the provider has in an order of its own.
        joined: set[str] = set()
        for inner in self._inside(content, block):
            place = place or inner.place
            kind = self._chosen(self._inner(inner.body, "type", inner.variables))
            if inner.of is not None or not isinstance(kind, Known):
                several = f"there is a block {block} for each of {value_text(inner.of)}" if inner.of is not None else ""
                unknown = unknown_part(several or f"its type is {value_name(kind)}", inner.of or kind, inner.place)
                continue
            identifiers = self._inner(inner.body, "identifiers", inner.variables)
            joined.update({str(kind.value)} & found.keys())
            found.setdefault(str(kind.value), []).extend(items_of(identifiers) if identifiers is not None else ())
            places.setdefault(str(kind.value), place_of(inner.body, "identifiers", inner.place))
        if place is None:
            return
        key = Known(element, place)
        if unknown is not None:
            entries[element] = Entry(key, unknown)
        elif list(found) == ["*"] and texts(found["*"]) == ["*"]:
            entries[element] = Entry(key, Known("*", found["*"][0].place or place))
        else:
            types = (
                Entry(Known(kind, places[kind]), (variables_in if kind in joined else _sorted)(made))
                for kind, items in found.items()
                for made in [one_or_list(items, places[kind])]
            )
            entries[element] = Entry(key, Fields(tuple(types), place))

    def _put_conditions(self, entries: dict[str, Entry], content: Content) -> None:
        found: dict[str, dict[str, list[Value]]] = {}
        places: dict[tuple[str, str], Place] = {}
        told_at: dict[tuple[str, str], Place] = {}
        place: Place | None = None
        unknown: Value | None = None
        #: Keys that are those of an issuer of which the host is not known here.
        written: dict[str, Value] = {}
        for inner in self._inside(content, "condition"):
            place = place or inner.place
            test, variable = (
                self._chosen(self._inner(inner.body, name, inner.variables)) for name in ("test", "variable")
            )
            variable = variables_in(variable) if variable is not None else None
            if inner.of is not None:
                unknown = unknown_part(
                    f"there is a block condition for each of {value_text(inner.of)}", inner.of, inner.place
                )
            elif not isinstance(test, Known):
                unknown = unknown_part(f"the test of a condition is {value_name(test)}", test, inner.place)
            elif not isinstance(variable, Known) and not (variable is not None and is_of_issuer(variable)):
                unknown = unknown_part(f"the variable of a condition is {value_name(variable)}", variable, inner.place)
            else:
                values = self._inner(inner.body, "values", inner.variables)
                assert variable is not None
                names = (str(test.value), str(variable.value) if isinstance(variable, Known) else value_text(variable))
                written.setdefault(names[1], variable)
                found.setdefault(names[0], {}).setdefault(names[1], []).extend(
                    items_of(values) if values is not None else ()
                )
                places.setdefault(names, inner.place)
                # What lets in is the test where it holds without the key, and the values else: not the word that the
                # block begins with.
                telling = "test" if names[0].lower().endswith("ifexists") else "values"
                told_at.setdefault(names, place_of(inner.body, telling, inner.place))
        if place is None:
            return
        if unknown is not None:
            entries["Condition"] = Entry(Known("Condition", place), unknown)
            return
        tests = []
        for test_name, variables in found.items():
            keys = tuple(
                Entry(
                    Known(name, told_at[test_name, name]) if isinstance(written[name], Known) else written[name],
                    variables_in(one_or_list(values, places[test_name, name])),
                )
                for name, values in variables.items()
            )
            first = places[test_name, next(iter(variables))]
            tests.append(Entry(Known(test_name, first), Fields(keys, first)))
        entries["Condition"] = Entry(Known("Condition", place), Fields(tuple(tests), place))


def _refuse_unknown(body: Body, arguments: frozenset[str], blocks: frozenset[str]) -> None:
    """
    Refuse what a block cannot have: without a condition that Terraform 0.11 took as an argument, a Deny denies all.

    https://developer.hashicorp.com/terraform/language/v1.1.x/upgrade-guides/0-12#attributes-vs-blocks

    Raises:
        Fault: it has that.
    """
    for name in body.arguments.keys() - body.either.keys() - arguments:
        raise Fault(_AS_ARGUMENT.format(name) if name in blocks else f"a statement has no argument {name}")
    for block in body.blocks():
        kind = block.labels[0] if block.type == "dynamic" and block.labels else block.type
        if kind not in blocks:
            raise Fault(f"a statement has no block {kind}")


def _sorted(value: Value) -> Value:
    """The value of an element that is a set of texts."""
    found = variables_in(value)
    return SortedItems(found.items, False, found.place, found.sensitive) if isinstance(found, Items) else found
