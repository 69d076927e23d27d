"""
Checks what was judged against the template itself: what each policy says where every parameter has a value.

A certificate shows that the policy that was judged lets nobody in. That it is the policy of the template is shown here,
at one full assignment after the other, by a second reading that shares nothing with the first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.aws.partitions import url_suffix
from trustproof.errors import CertificateError
from trustproof.inputs.reads_again import NotReadAgain, ReadsAgain
from trustproof.model.deployments import Assignment
from trustproof.model.document import Document
from trustproof.model.policy import Condition, Guard, Path, Principal, Statement
from trustproof.model.text import ACCOUNT_ID, PARTITION, URL_SUFFIX, Symbol, Symbolic, Text
from trustproof.results.result import Result

#: What a hole looks like where one text is held against another one.
_HOLE = "\x00"
#: Stands for a hole in the text of a policy; for private use, so that no policy has it.
_MARK = "\ue000"


class Differs(Exception):
    """What was judged is not what the template says."""


def read_again(context: TemplateContext, results: Iterable[Result]) -> Iterator[Result]:
    """
    Results whose proofs name the assignments at which the policy was read again.

    Raises:
        CertificateError: a policy that was judged is not the one of the template.
    """
    lines: dict[Path, tuple[str, ...]] = {}
    places = sorted({document.path for document in context.documents if not document.is_foreign}, key=len, reverse=True)
    for result in results:
        place = next((path for path in places if path and result.path[: len(path)] == path), None)
        if not result.certificate or place is None:
            yield result
            continue
        if place not in lines:
            lines[place] = tuple(_lines(context, place))
        yield result._replace(certificate=(*result.certificate, *lines[place]))


def _lines(context: TemplateContext, path: Path) -> Iterator[str]:
    template = context.template
    documents = [one for one in context.documents if one.path == path and not one.is_foreign]
    if not isinstance(template, ReadsAgain) or not documents:
        return
    forms: dict[Assignment, list[Document]] = {}
    for document in dict.fromkeys(documents):
        for assignment, form in context.forms(document):
            forms.setdefault(assignment, []).append(form)
    # Nothing was judged of what could not be read, or is an error.
    is_whole = not template.errors and not any(place[: len(path)] == path for place, _ in template.unread)
    skipped = ""
    readings: list[tuple[Assignment | None, list[Document]]] = [*forms.items()] if forms else [(None, documents)]
    # What does not decide together with others is judged at its other values by itself.
    kept = {name for one, _ in readings if one is not None for name, _ in one.named}
    for one, judged in readings:
        here = context if one is None else context.at(one)
        for values in template.full_assignments(path, _given(here, one), kept):
            try:
                _compare(template, path, values, judged, is_whole=is_whole)
            except NotReadAgain as reason:
                skipped = str(reason)
            except Differs as difference:
                where = _named(values)
                message = f"{template.name}: what was judged at {'.'.join(map(str, path))} is not what stands there"
                raise CertificateError(f"{message} where {where}: {difference}; please report it") from None
            else:
                yield f"read again where {_named(values)}"
    if skipped:
        yield f"not read again at every value: {skipped}"


def _given(context: TemplateContext, assignment: Assignment | None) -> dict[str, str]:
    """What is known of a deployment."""
    known = {PARTITION: context.template.partition}
    if context.account:
        known[ACCOUNT_ID] = context.account
    if assignment is not None:
        known.update(assignment.named)
        known.update((name, value) for name, value in assignment.values if "[" not in name)
    return known


def _named(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(values.items()))


def _compare(
    template: ReadsAgain, path: Path, values: Mapping[str, str], judged: Sequence[Document], *, is_whole: bool
) -> None:
    """
    Hold what was judged against what stands in the template at one assignment.

    Args:
        is_whole: whether all that stands there could be read the first time.

    Raises:
        Differs: they are not the same.
        NotReadAgain: that cannot be told.
    """
    written = template.read_again(path, values)
    there = [one for one in judged if _hold(template, one.guards, values)]
    if written is None and any(_hold(template, s.guards, values) for one in there for s in one.policy.statements):
        raise Differs("nothing stands there")
    if written is not None and not there:
        if not is_whole:
            raise NotReadAgain("a part of the policy is not known before deployment")
        raise Differs("no policy was judged")
    if written is None:
        return
    known = {**values, URL_SUFFIX: url_suffix(values.get(PARTITION, "aws"))}
    for document in there:
        statements = [s for s in document.policy.statements if _hold(template, s.guards, values)]
        if any(statement.unreadable for statement in statements):
            raise NotReadAgain("a part of the policy is not known before deployment")
        raw = _statements(written)
        if len(raw) != len(statements):
            if _is_from_elsewhere(template, raw) and _may_be_refused(template, document, values):
                raise NotReadAgain("another stack may refuse a value that it is given")
            raise Differs(f"{len(statements)} statements were judged, and {len(raw)} stand there")
        for number, (one, other) in enumerate(zip(statements, raw, strict=True), 1):
            _compare_statements(one, other, known, number)


def _may_be_refused(template: ReadsAgain, document: Document, values: Mapping[str, str]) -> bool:
    """Whether what was judged holds at the conditions of some values, and at other ones of the parameters."""
    for statement in document.policy.statements:
        conditions = [guard for guard in statement.guards if isinstance(guard.value, bool)]
        if _hold(template, conditions, values) and not _hold(template, statement.guards, values):
            return True
    return False


def _is_from_elsewhere(template: ReadsAgain, value: object) -> bool:
    """Whether what another stack gives has a part in something."""
    if isinstance(value, Symbolic):
        return any(map(template.is_from_elsewhere, value.symbols))
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(_is_from_elsewhere(template, part) for part in parts)


def _hold(template: ReadsAgain, guards: Sequence[Guard], values: Mapping[str, str]) -> bool:
    found = True
    for guard in guards:
        if isinstance(guard.value, bool):
            found = found and template.condition_holds(guard.name, values) is guard.value
        elif guard.name in values:
            found = found and values[guard.name] == guard.value
        else:
            raise NotReadAgain(f"the value of {guard.name} is not known")
    return found


def _statements(written: object) -> list[Mapping[str, object]]:
    if isinstance(written, (str, Symbolic)):
        try:
            written = _with_holes(json.loads(_marked(written)))
        except ValueError:
            raise NotReadAgain("the policy is text that is no JSON") from None
    if not isinstance(written, Mapping) or "Statement" not in written:
        raise NotReadAgain("what stands there is no policy, but makes one")
    listed = written["Statement"]
    found = listed if isinstance(listed, list) else [listed]
    if not all(isinstance(one, Mapping) for one in found):
        raise NotReadAgain("a statement is not known before deployment")
    return found


def _marked(text: Text) -> str:
    """A text with a mark for each hole, which leaves JSON what it is."""
    parts = (text,) if isinstance(text, str) else text.parts
    return "".join(_MARK if isinstance(part, Symbol) else part for part in parts)


def _with_holes(value: object) -> object:
    """The content of a text with marks, with the holes that these stand for."""
    if isinstance(value, list):
        return [_with_holes(item) for item in value]
    if isinstance(value, dict):
        if any(_MARK in key for key in value):
            raise NotReadAgain("a key of the policy is not known before deployment")
        return {key: _with_holes(inner) for key, inner in value.items()}
    if isinstance(value, str) and _MARK in value:
        hole = Symbol("a value that is not known", "hole")
        between = [part for text in value.split(_MARK) for part in (hole, text)][1:]
        return Symbolic(tuple(part for part in between if part))
    return value


def _compare_statements(
    judged: Statement, written: Mapping[str, object], values: Mapping[str, str], number: int
) -> None:
    pairs: list[tuple[str, list[Text] | None, list[Text] | None]] = [
        ("Effect", [judged.effect], _texts(written.get("Effect"))),
        ("Action", _listed(judged.actions), _texts(written.get("Action"))),
        ("NotAction", _listed(judged.not_actions), _texts(written.get("NotAction"))),
        ("Resource", _listed(judged.resources), _texts(written.get("Resource"))),
        ("NotResource", _listed(judged.not_resources), _texts(written.get("NotResource"))),
        ("Principal", _principals(judged.principals), _written_principals(written.get("Principal"))),
        ("NotPrincipal", _principals(judged.not_principals), _written_principals(written.get("NotPrincipal"))),
        ("Condition", _conditions(judged.conditions), _written_conditions(written.get("Condition"))),
    ]
    for element, one, other in pairs:
        if not _same(one, other, values):
            shown = ", ".join(map(str, one)) if one is not None else "nothing"
            stands = ", ".join(map(str, other)) if other is not None else "nothing"
            raise Differs(f"the {element} of statement {number} was judged as {shown}, and is {stands}")


def _same(judged: list[Text] | None, written: list[Text] | None, values: Mapping[str, str]) -> bool:
    if judged is None or written is None:
        return not judged and not written
    if len(judged) != len(written):
        # One of several values may stand for more than one text.
        return any(isinstance(text, Symbolic) for text in (*judged, *written))
    bound = [text.bind(dict(values)) if isinstance(text, Symbolic) else text for text in judged]
    return all(_may_be(one, other) for one, other in zip(bound, written, strict=True))


def _may_be(one: Text, other: Text) -> bool:
    """Whether two texts may be the same, whatever is in the holes of either."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return any(
        re.fullmatch(_pattern(first), _shown(second), re.DOTALL) is not None
        for first, second in ((one, other), (other, one))
    )


def _pattern(text: Text) -> str:
    parts = (text,) if isinstance(text, str) else text.parts
    return "".join(".*" if isinstance(part, Symbol) else re.escape(part) for part in parts)


def _shown(text: Text) -> str:
    parts = (text,) if isinstance(text, str) else text.parts
    return "".join(_HOLE if isinstance(part, Symbol) else part for part in parts)


# -- elements as lists of texts


def _listed(texts: tuple[Text, ...] | None) -> list[Text] | None:
    return None if texts is None else list(texts)


def _texts(value: object) -> list[Text] | None:
    """The texts of an element; None where it is not there."""
    if value is None:
        return None
    if isinstance(value, list):
        return [text for item in value for text in _texts(item) or ()]
    if isinstance(value, (bool, int, float)):
        return [json.dumps(value)]
    return [value] if isinstance(value, (str, Symbolic)) else None


def _principals(entries: tuple[Principal, ...] | None) -> list[Text] | None:
    if entries is None:
        return None
    return [text for entry in entries for text in (entry.kind, entry.value)]


def _written_principals(value: object) -> list[Text] | None:
    if isinstance(value, Mapping):
        return [text for kind, names in value.items() for name in _texts(names) or () for text in (kind, name)]
    found = _texts(value)
    return None if found is None else [text for one in found for text in (one, one)]


def _conditions(conditions: tuple[Condition, ...]) -> list[Text] | None:
    return [text for one in conditions for text in (one.operator, one.key, *one.operands)] or None


def _written_conditions(value: object) -> list[Text] | None:
    found: list[Text] = []
    operators = value if isinstance(value, Mapping) else {}
    if isinstance(value, Symbolic) or any(isinstance(keys, Symbolic) for keys in operators.values()):
        raise NotReadAgain("a condition is not known before deployment")
    for operator, keys in operators.items():
        for key, operands in keys.items() if isinstance(keys, Mapping) else ():
            found += [operator, key, *(_texts(operands) or ())]
    return found or None
