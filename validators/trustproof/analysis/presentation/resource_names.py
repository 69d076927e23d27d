"""
What the resource is called that a policy stands on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from trustproof.analysis.presentation.beside_properties import (
    called_addresses,
    is_of_its_own,
    is_way_into,
    paths_beside,
    place_of,
    put_on,
)
from trustproof.aws.lambda_functions import name_and_qualifier
from trustproof.aws.service_principals import LOG_GROUPS
from trustproof.inputs.reader import Input
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.names import is_nothing_but_a_policy
from trustproof.model.policy import Path
from trustproof.model.text import (
    BUCKET_NAME,
    GENERATED_NAME,
    RESOURCE_NAME,
    SECRET_ENDING,
    Symbol,
    Symbolic,
    Text,
    concat,
)
from trustproof.properties.shared.open_names import writes_a_word

#: Properties of a permission that name who calls.
_OF_CALLERS = ("Principal", "Source")
#: How a reader calls what AWS makes up of the ARN of a resource.
_MADE_UP = re.compile(r"^(?:end|id) of ")
#: What properties that hold a name end in: of some types an identifier that is chosen.
_NAME = "Name"
_IDENTIFIER = "Identifier"
#: What stands before the name in the ARN of a role.
_PATH = "Path"
#: Kinds of symbols that are called the same wherever the template goes.
_GIVEN_KINDS = ("parameter", "pseudo-parameter")
#: What stands before the name in an ARN.
_SEPARATORS = frozenset(":/")
#: Attributes that are names which CloudFormation makes up where the template gives none.
_GENERATED = (GENERATED_NAME, RESOURCE_NAME, BUCKET_NAME)
#: Stands for what is not known.
_OPEN = "\0"
#: The ARN of a secret, what is added to its name being six letters or digits, or not known:
#: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
_SECRET = re.compile(r"arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:([^:]+)-(?:[A-Za-z0-9]{6}|\0)")

#: The ARN of a cluster of Kafka or of the consumer of a stream, which have an id or a number behind the name.
_BEFORE_ID = re.compile(
    r"arn:[^:]*:(?:kafka:[^:]*:[^:]*:cluster|kinesis:[^:]*:[^:]*:stream/[^/]+/consumer)/([^/:\0]+)[/:].+", re.DOTALL
)

#: The ARN of what has slashes in its name, as repositories of ECR have; those of a role are its path.
_WITH_SLASHES = re.compile(r"arn:[^:]*:(?!iam:)[^:]+:[^:]*:[^:]*:[\w-]+/([^:\0]+/[^:\0]+)")


def generated_in(arns: Iterable[Text]) -> Iterator[str]:
    """The logical ids in names that CloudFormation makes up, as they stand there: in those of buckets in lower case."""
    for arn in arns:
        for symbol in arn.symbols if isinstance(arn, Symbolic) else ():
            if symbol.kind == "attribute" and symbol.name.isalnum() and symbol.holds in _GENERATED:
                yield symbol.name.lower() if symbol.holds == BUCKET_NAME else symbol.name


def name_in(arn: Text) -> str:
    """
    What an ARN ends in, also where its Region or account is not known; empty where its end is not. Of a function or a
    layer it is the name, and no alias or version of it.
    """
    arn = _unqualified(arn)
    end = arn if isinstance(arn, str) else arn.parts[-1]
    if not isinstance(end, str) or (end is not arn and not _SEPARATORS & {*end}):
        return ""
    return end.rpartition(":")[2].rpartition("/")[2]


def other_name_in(arn: Text) -> str:
    """
    What else a resource may be called by its ARN, as far as that is known; else empty: a function or a layer with its
    alias or version, a secret without what Secrets Manager has added to its name, a repository with all of its name, a
    cluster of Kafka or the consumer of a stream without the id behind it.
    """
    shown = _shown(arn)
    if before := _BEFORE_ID.fullmatch(shown):
        return before[1]
    if slashes := _WITH_SLASHES.fullmatch(shown):
        return slashes[1]
    if secret := _SECRET.fullmatch(shown):
        return "" if _OPEN in secret[1] else secret[1]
    found = name_and_qualifier(shown)
    name = ":".join(found) if found is not None and found[1] else ""
    return "" if _OPEN in name else name


def _unqualified(arn: Text) -> Text:
    """The ARN of a function or a layer without alias and version; any other as it is."""
    qualified = name_and_qualifier(_shown(arn))
    if qualified is None or not qualified[1]:
        return arn
    # Characters, each part that is not known counted as one.
    length = len(_shown(arn)) - len(qualified[1]) - 1
    out: list[str | Symbol] = []
    for part in arn.parts if isinstance(arn, Symbolic) else (arn,):
        if length > 0:
            out.append(part[:length] if isinstance(part, str) else part)
            length -= len(part) if isinstance(part, str) else 1
    return concat(one if isinstance(one, str) else Symbolic((one,)) for one in out)


def _shown(arn: Text) -> str:
    parts = arn.parts if isinstance(arn, Symbolic) else (arn,)
    return "".join(part if isinstance(part, str) else _OPEN for part in parts)


def open_name_in(arn: Text) -> Symbolic | None:
    """What an ARN ends in where the deployment decides about that; None for what the deployment makes up itself."""
    arn = _unqualified(arn)
    if isinstance(arn, str):
        return None
    parts: list[str | Symbol] = []
    for part in reversed(arn.parts):
        end = part if isinstance(part, Symbol) else part.rpartition(":")[2].rpartition("/")[2]
        parts = [end, *parts] if end else parts
        if end != part:
            break
    else:
        return None
    return _given(tuple(parts))


def _given(parts: tuple[str | Symbol, ...]) -> Symbolic | None:
    """A name of which something is written, or that is one of some values; None for what may be anything."""
    symbols = [one for one in parts if isinstance(one, Symbol)]
    # What Secrets Manager adds is no part of the name. Whatever else stands beside what is written, an attribute of
    # another resource or what a program adds (``name_prefix``), leaves that as it is.
    if not symbols or any(one.holds == SECRET_ENDING for one in symbols):
        return None
    is_written = len(symbols) < len(parts) or all(one.allowed or writes_a_word(one) for one in symbols)
    return Symbolic(parts) if is_written else None


def written_names(template: Input, logical_ids: Iterable[str]) -> Iterator[Text]:
    """
    The names that resources of a template are given, by any of their conditions: some have an ARN that does not say it,
    as secrets have, which ends in letters of its own.
    """
    for logical_id in logical_ids:
        for found in _names_of(template, logical_id):
            name = found if isinstance(found, str) else _given(found.parts)
            if name is not None:
                yield name


#: The logical ids of the resources of a service by the names that they have.
Called = dict[str, dict[Text, list[str]]]


def called_so(template: Input, document: Document, names: Iterable[Text], called: Called) -> Iterator[str]:
    """
    The logical ids of the resources that have one of some names, where a policy says nothing but the name.

    Args:
        called: what has been looked up of this template, by service; what is not there yet is added.
    """
    if document.kind != RESOURCE or not (
        is_nothing_but_a_policy(document.resource_type) or is_of_its_own(template, document) or is_way_into(document)
    ):
        return
    service = document.resource_type.rpartition("::")[0]
    if service not in called:
        called[service] = {}
        at = (*(template.container.path if template.container is not None else ()), "Resources")
        resources = template.written(at)
        for logical_id, resource in resources.items() if isinstance(resources, Mapping) else ():
            type_ = str(resource.get("Type")) if isinstance(resource, Mapping) else ""
            if type_.rpartition("::")[0] == service and not is_nothing_but_a_policy(type_):
                for name in _names_of(template, str(logical_id)):
                    called[service].setdefault(name, []).append(str(logical_id))
    for name in names:
        yield from called[service].get(name, ())


def _names_of(template: Input, logical_id: str) -> Iterator[Text]:
    """All that a resource may be called by what names it, known or not."""
    for path in _naming(template, logical_id):
        yield from template.texts_at(path)


def _naming(template: Input, logical_id: str) -> Iterator[Path]:
    """Where the names of a resource stand."""
    at = (*(template.container.path if template.container is not None else ()), "Resources", logical_id)
    resource = template.written(at)
    properties = resource.get("Properties") if isinstance(resource, Mapping) else None
    if not isinstance(resource, Mapping) or not isinstance(properties, Mapping):
        return
    type_ = str(resource.get("Type")).rpartition("::")[2]
    for key in map(str, properties):
        # A layer is named by the LayerName of its LayerVersion, a policy for log groups by its PolicyName; a RoleName
        # elsewhere names something else.
        # Of a ServerlessCluster it is the ClusterName.
        named = key.removesuffix(_NAME).removesuffix(_IDENTIFIER)
        if named != key and (type_.startswith(named) or type_.endswith(named)):
            yield (*at, "Properties", key)


def open_name_paths(template: Input, document: Document) -> Iterator[Path]:
    """Where it stands what the resource of a policy is called, or which one that is, other than as a text."""
    ids = [document.logical_id, *(logical_ids_of(template, document) if document.kind == RESOURCE else ())]
    at = place_of(document)
    told = put_on(template, document)
    paths = [path for logical_id in dict.fromkeys(ids) for path in _naming(template, logical_id)]
    paths += [(*at, "Properties", key) for key in told]
    paths += paths_beside(template, document)
    paths += [(*at, "Properties", _PATH)] if document.kind == TRUST else []
    # Which log groups a policy is about, it says itself.
    paths += [document.path] if document.resource_type == LOG_GROUPS[0] else []
    for path in dict.fromkeys(paths):
        value = template.written(path)
        if value is not None and not all(
            _is_told(template, one) for one in (value if isinstance(value, list) else [value])
        ):
            yield path


def _is_told(template: Input, value: object) -> bool:
    """Whether a value is a text, or refers to a resource, so that no parameter decides about it by itself."""
    named = template.reference(value)
    return isinstance(value, str) or (named is not None and bool(template.resource_type(_declared(template, named[0]))))


def written_name(template: Input, logical_id: str) -> str:
    """
    The one name that a resource is given, whatever holds, with what parameters give called by these; empty where that
    is not written.
    """
    found = {*_names_of(template, logical_id)}
    name = found.pop() if len(found) == 1 else ""
    if isinstance(name, Symbolic) and all(one.kind in _GIVEN_KINDS for one in name.symbols):
        return "".join(part if isinstance(part, str) else f"<{part.name}>" for part in name.parts)
    return name if isinstance(name, str) else ""


def logical_ids_of(template: Input, document: Document) -> Iterator[str]:
    """The logical ids of the bucket, queue or other resource that a policy of its own resource is for."""
    arn = document.resource_arn
    if document.kind != RESOURCE:
        return
    if not is_nothing_but_a_policy(document.resource_type):
        # What else its properties refer to, such as the key that it is encrypted with, has a policy of its own.
        yield document.logical_id
        if is_of_its_own(template, document) or is_way_into(document):
            # In Terraform a policy of its own, too.
            for value in put_on(template, document).values():
                yield from _referred(template, value)
        yield from called_addresses(template, document)
        return
    yield from called_addresses(template, document)
    # A policy that a resource of Terraform has as an argument is called after that.
    around = document.logical_id.rpartition(".")[0]
    if around and template.resource_type(around):
        yield around
    symbols = arn.symbols if isinstance(arn, Symbolic) else ()
    # What Secrets Manager adds to the name of a secret is no attribute that is called by the secret.
    if made := [one for one in symbols if one.kind == "attribute" and one.holds != SECRET_ENDING]:
        # A policy of several queues is read once for each of them.
        yield from (_declared(template, _MADE_UP.sub("", symbol.name)) for symbol in made)
        if not name_and_qualifier(_shown(arn)):
            return
        # An alias of a function is a resource of its own.
    yield from referred_beside(template, document.path, document.place)


def declaring(template: Input, texts: Iterable[Text]) -> Iterator[str]:
    """The logical ids of the resources of a template whose attributes stand in some texts."""
    for text in texts:
        for symbol in text.symbols if isinstance(text, Symbolic) else ():
            found = _declared(template, _MADE_UP.sub("", symbol.name)) if symbol.kind == "attribute" else ""
            if found and template.resource_type(found):
                yield found


def referred_beside(template: Input, path: Path, place: int | None = None) -> Iterator[str]:
    """
    The logical ids that the properties of a policy refer to, but for those that say who calls.

    Args:
        path: of the policy, or of something in it.
        place: in lists; None for all that is in them.
    """
    start = path[: path.index("Properties") + 1] if "Properties" in path else ()
    properties = template.written(start) if start else None
    for key, value in properties.items() if isinstance(properties, Mapping) else ():
        if not str(key).startswith(_OF_CALLERS):
            is_one = place is not None and isinstance(value, list) and len(value) > place
            yield from _referred(template, value[place] if is_one else value)


def _referred(template: Input, value: object) -> Iterator[str]:
    """The logical ids that a property refers to, alone or in a list."""
    for one in value if isinstance(value, list) else [value]:
        found = template.reference(one)
        if found is not None and "::" not in found[0]:
            yield _declared(template, found[0])


def _declared(template: Input, name: str) -> str:
    """The logical id of the resource whose attribute has a name: of Terraform an address, with dots of its own."""
    start = name
    while start:
        if template.resource_type(start):
            return start
        start = start.rpartition(".")[0]
    return name.partition(".")[0]
