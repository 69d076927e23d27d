"""
What a policy stands on: the ARNs of the resources that it is put on, as far as the template names them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from trustproof.aws.lambda_functions import parse_function_name
from trustproof.aws.resource_policies import BY_ARN, BY_NAME, OWN_ARNS
from trustproof.aws.resource_shapes import form_of, shapes_of
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.other_stacks import follow_expressions
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.section.api_methods import named_by
from trustproof.inputs.cloudformation.resources.access.bucket_blocks import bucket_of
from trustproof.inputs.cloudformation.values.catalogue import (
    ACCESS_POINT,
    BUCKET_POLICY,
    BUS_POLICY,
    REGION,
    REPLICAS,
    STANDS_ON,
    STANDS_ON_ARN,
)
from trustproof.inputs.grammar.impossible_arns import read_arn
from trustproof.inputs.grammar.values import NO_VALUE, NoValue, Unreadable
from trustproof.model.policy import Path
from trustproof.model.text import GENERATED_NAME, RESOURCE_NAME, SECRET_ENDING, Symbol, Symbolic, Text, concat

#: Not known which.
_ANY = "*"
#: A queue by its URL: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
_QUEUE_URL = r"https://sqs\.([^./]+)\.[a-z.\x01-\x1f]+/([^/]+)/([^/]+)"
#: What Secrets Manager adds to the name of a secret: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
_RANDOM = Symbol("random", "attribute", holds=SECRET_ENDING)
#: The same, at the end of an ARN.
_ADDED = re.compile(r"-[A-Za-z0-9]{6}\Z")
_PERMISSION = "AWS::Lambda::Permission"
_AUTH_POLICY, _REPLICA_KEY = "AWS::VpcLattice::AuthPolicy", "AWS::KMS::ReplicaKey"
#: What stands for a function with a qualifier: the first has a name.
_OF_A_FUNCTION = ("AWS::Lambda::Alias", "AWS::Lambda::Version")
#: What no ARN has that is written out, and no name.
_OPEN = frozenset("*?$ {")
_NOT_IN_NAMES = _OPEN | {":", "/"}
#: How many colons are before the last field of an ARN, and what stands for what may be anything there.
_BEFORE_RESOURCE, _UNSAID = 5, "\0"
#: What an ``Fn::If`` is given: the condition, and a value for each outcome.
_OF_AN_IF = 3
#: So many resources of one policy are looked at one by one.
_MOST = 16


def place_of(resolver: Resolver, logical_id: str) -> object:
    """
    What a resource with a policy says of what this stands on, as the stack says it that gives that; None where it says
    nothing.
    """
    type_ = resolver.environment.resources[logical_id].get("Type")
    key = "Bucket" if type_ == BUCKET_POLICY else STANDS_ON.get(str(type_), "")
    return follow_expressions(resolver, resolver.environment.properties(logical_id).get(key))


def replica_region(environment: Environment, logical_id: str, path: Path) -> object:
    """
    The Region of the replica that a policy stands on; None for what is in the Region of the template.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-globaltable-replicaspecification.html
    """
    if REPLICAS not in path:
        return None
    value: object = environment.properties(logical_id)
    for step in path[path.index(REPLICAS) :]:
        if isinstance(value, dict) and "Region" in value:
            return value["Region"]
        inside = value.get(step) if isinstance(value, dict) else None
        value = value[step] if isinstance(value, list) and isinstance(step, int) else inside
    return None


def region_of(resolver: Resolver, logical_id: str, path: Path) -> str:
    """The Region of what a policy stands on; empty where it is not known."""
    here = replica_region(resolver.environment, logical_id, path) or resolver.environment.resources[logical_id].get(
        REGION
    )
    found = resolver.pseudo_text("AWS::Region") if here is None else _text(resolver, here)
    return found if isinstance(found, str) else ""


def resource_form(type_: str, arn: Text) -> str:
    """Which of the things that a policy of a type may stand on has an ARN; empty where that is not known."""
    parts = arn.parts if isinstance(arn, Symbolic) else (arn,)
    named = (GENERATED_NAME, RESOURCE_NAME)
    shown = "".join(part if isinstance(part, str) else "x" if part.holds in named else _UNSAID for part in parts)
    fields = shown.split(":", _BEFORE_RESOURCE)
    resource = fields[-1] if len(fields) > _BEFORE_RESOURCE else _UNSAID
    return "" if _UNSAID in resource or {*resource} & {*"*?"} else form_of(type_, resource)


def stands_on(resolver: Resolver, logical_id: str, arn: Callable[[str], Text]) -> list[Text]:
    """
    The ARNs of what the policy of a resource stands on, each ``*`` where it is not known which.

    Args:
        arn: gives that of a resource of the template.
    """
    # What no name can be is what another tool puts there: nobody knows which resource that is.
    return [read_arn(one) for one in _found(resolver, logical_id, arn)]


def _found(resolver: Resolver, logical_id: str, arn: Callable[[str], Text]) -> list[Text]:
    properties = resolver.environment.properties(logical_id)
    resource = resolver.environment.resources[logical_id]
    type_ = str(resource.get("Type"))
    if STANDS_ON_ARN in resource:
        return [_text(resolver, resource[STANDS_ON_ARN]) or _ANY]
    if type_ == BUCKET_POLICY:
        bucket = properties.get("Bucket")
        return [arn(found) if (found := bucket_of(resolver, bucket)) else _bucket(resolver, bucket)]
    if (literal := _literal(resolver, logical_id, type_, properties)) is not None:
        return [literal]
    place = STANDS_ON.get(type_, "")
    if place not in properties:
        return [_here(resolver, logical_id, *OWN_ARNS[type_], "default") if type_ == BUS_POLICY else arn(logical_id)]
    value = _chosen(resolver, place_of(resolver, logical_id))
    every = [_chosen(resolver, one) for one in (value if isinstance(value, list) else [value])]
    named = [one for one in every if one is not NO_VALUE]
    if not 0 < len(named) <= _MOST:
        return [_ANY]
    return [_one(resolver, logical_id, one, type_, arn) for one in named]


def _chosen(resolver: Resolver, value: object) -> object:
    """What conditions choose, as it is written; a value that none chooses, or of which it is not known, as it is."""
    while isinstance(value, dict) and [*value] == ["Fn::If"] and isinstance(value["Fn::If"], list):
        argument = value["Fn::If"]
        if len(argument) != _OF_AN_IF or not isinstance(argument[0], str):
            break
        holds = resolver.decide(argument[0])
        if holds is None and resolver.choices is not None:
            holds = bool(resolver.choices.choose(argument[0], (True, False)))
        if holds is None:
            break
        value = argument[1 if holds else 2]
    return NO_VALUE if value == {"Ref": "AWS::NoValue"} else value


def _literal(resolver: Resolver, logical_id: str, type_: str, properties: Mapping[str, object]) -> Text | None:
    """
    The ARN of what a policy stands on that says which it is by an ARN or by names; None where not all of it is known.
    """
    if type_ in BY_ARN and BY_ARN[type_] in properties:
        found = _text(resolver, properties.get(BY_ARN[type_])) or ""
        shapes = [shape for shape in shapes_of(type_) if not shape.inside]
        kinds = [
            (one.service, one.resource.partition("{")[0]) for one in (shapes[0], *(s for s in shapes if s.instead))
        ]
        fields = _written(found).split(":", _BEFORE_RESOURCE) if not {*_written(found)} & _OPEN else []
        is_one = len(fields) > _BEFORE_RESOURCE and any(
            fields[2] == of and fields[-1].startswith(start) for of, start in kinds
        )
        return found if is_one else None
    if type_ == _AUTH_POLICY:
        return _lattice(resolver, logical_id, properties.get(STANDS_ON[type_]))
    if type_ == _REPLICA_KEY:
        # The id of a key is the same in all Regions: https://docs.aws.amazon.com/kms/latest/developerguide/mrk-how-it-works.html
        key = _fixed(resolver, properties.get("PrimaryKeyArn")).partition(":key/")[2]
        return _here(resolver, logical_id, "kms", "key/", key) if key and not {*key} & _NOT_IN_NAMES else None
    if type_ not in BY_NAME:
        return None
    service, resource = BY_NAME[type_]
    name = [
        _name(resolver, key, properties.get(key)) if number % 2 else key
        for number, key in enumerate(re.split(r"{(\w+)}", resource))
    ]
    return _here(resolver, logical_id, service, *(part for part in name if part)) if None not in name else None


def _name(resolver: Resolver, key: str, value: object) -> Text | None:
    """The name that a property gives, or a resource of the template that has it of the same property."""
    given = resolver.environment.properties(named_by(value)).get(key)
    found = _text(resolver, value if given is None else given)
    return None if found is None or {*_written(found)} & _NOT_IN_NAMES else found


def _written(text: Text) -> str:
    """A text with one character for all that is not known of it, which no ARN has."""
    return "".join(
        p if isinstance(p, str) else _UNSAID for p in (text.parts if isinstance(text, Symbolic) else (text,))
    )


def _lattice(resolver: Resolver, logical_id: str, value: object) -> Text | None:
    """The ARN of a service of VPC Lattice; ``*`` for a network, whose policy is about each of its services."""
    named = named_by(value)
    if (resolver.environment.resource(named) or {}).get("Type") == "AWS::VpcLattice::Service":
        return None
    found = _fixed(resolver, value)
    if ":service/svc-" in found:
        return found
    is_id = re.fullmatch("svc-[0-9a-z]+", found)
    return _here(resolver, logical_id, "vpc-lattice", "service/", found) if is_id else _ANY


def _fixed(resolver: Resolver, value: object) -> str:
    """A text that is the same in all deployments to one place; empty where it is not, or not known."""
    written = value.get("Fn::Sub") if isinstance(value, dict) and len(value) == 1 else value
    if not isinstance(written, str) or "${" in re.sub(r"\$\{AWS::\w+\}", "", written):
        return ""
    found = _text(resolver, value)
    return found if isinstance(found, str) else ""


def _one(resolver: Resolver, logical_id: str, value: object, type_: str, arn: Callable[[str], Text]) -> Text:
    """The ARN of what a value names; a name is that of something in the Region of the resource that gives it."""
    if resolver.environment.resource(named := named_by(value)) is not None:
        qualified = _qualified(resolver, named, arn) if type_ == _PERMISSION else None
        return _of_service(arn(named), type_) if qualified is None else qualified
    found = _text(resolver, value)
    if found is None or type_ not in OWN_ARNS:
        return _ANY
    service, prefix = OWN_ARNS[type_]
    if service == "sqs":
        return _queue(resolver, found)
    if service == "secretsmanager" and _shown(found).startswith("arn:"):
        return _of_service(_whole_secret(found), type_)
    if type_ == _PERMISSION and not _shown(found).startswith("arn:"):
        return _function(resolver, logical_id, found)
    if _shown(found).startswith("arn:") or (isinstance(found, Symbolic) and len(found.parts) == 1):
        # What is not known at all is one of these, whichever.
        return _of_service(found, type_)
    # The policy of a stream takes its ARN and no name.
    if not prefix or service == "kinesis" or ":" in _shown(found):
        return _ANY
    if type_ == "AWS::CodeArtifact::Repository":
        inside = _text(resolver, resolver.environment.properties(logical_id).get("DomainName"))
        return _ANY if inside is None else _here(resolver, logical_id, service, prefix, inside, "/", found)
    end: tuple[Text, ...] = ("-", Symbolic((_RANDOM,))) if service == "secretsmanager" else ()
    return _here(resolver, logical_id, service, prefix, found, *end)


def _qualified(resolver: Resolver, logical_id: str, arn: Callable[[str], Text]) -> Text | None:
    """
    The ARN of an alias or a version of a function, which ``Ref`` gives; None for another resource.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-alias.html
    """
    type_ = (resolver.environment.resource(logical_id) or {}).get("Type")
    properties = resolver.environment.properties(logical_id)
    if type_ not in _OF_A_FUNCTION or "FunctionName" not in properties:
        return None
    function = properties["FunctionName"]
    named = named_by(function)
    is_declared = resolver.environment.resource(named) is not None
    whole = arn(named) if is_declared else _one(resolver, logical_id, function, _PERMISSION, arn)
    if whole == _ANY or named == logical_id:
        return _ANY
    name = _text(resolver, properties.get("Name")) if type_ == _OF_A_FUNCTION[0] else None
    return concat([whole, ":", Symbolic((Symbol(f"{logical_id}.Version", "attribute"),)) if name is None else name])


def _function(resolver: Resolver, logical_id: str, named: Text) -> Text:
    """The ARN of a function that is named in another way: all of these name the same one."""
    shown, restored = _with_placeholders(named)
    if isinstance(named, Symbolic) and len(named.parts) == 1:
        # What is not known at all is one of these, whichever.
        return named
    found = parse_function_name(shown)
    if found is None:
        return _ANY
    region = restored(found.region) if found.region else _region(resolver, logical_id)
    account = restored(found.account) if found.account else resolver.pseudo_text("AWS::AccountId")
    qualifier: tuple[Text, ...] = (":", restored(found.qualifier)) if found.qualifier else ()
    partition = resolver.pseudo_text("AWS::Partition")
    return concat(["arn:", partition, ":lambda:", region, ":", account, ":function:", restored(found.name), *qualifier])


def _whole_secret(arn: Text) -> Text:
    """
    The ARN of a secret, of which a part is accepted, too: what Secrets Manager adds to its name may be missing.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html
    """
    end = arn.parts[-1] if isinstance(arn, Symbolic) else arn
    is_part = isinstance(end, str) and ":secret:" in _with_placeholders(arn)[0] and not _ADDED.search(end)
    return concat([arn, "-", Symbolic((_RANDOM,))]) if is_part else arn


def _of_service(arn: Text, type_: str) -> Text:
    """An ARN; ``*`` for one of another service, which is a mistake, or a name that is given for another thing."""
    parts = arn.parts if isinstance(arn, Symbolic) else (arn,)
    fields = "".join(part if isinstance(part, str) else "\0" for part in parts).split(":")
    is_known = type_ in OWN_ARNS and len(fields) > 5 and "\0" not in fields[2]
    return _ANY if is_known and fields[2] != OWN_ARNS[type_][0] else arn


def _here(resolver: Resolver, logical_id: str, service: str, *name: Text) -> Text:
    """An ARN of the account of the template, and of the Region of a resource."""
    partition, account = resolver.pseudo_text("AWS::Partition"), resolver.pseudo_text("AWS::AccountId")
    return concat(["arn:", partition, f":{service}:", _region(resolver, logical_id), ":", account, ":", *name])


def _region(resolver: Resolver, logical_id: str) -> Text:
    """The Region of a resource; the template's, where it does not say another one."""
    said = _text(resolver, resolver.environment.resources[logical_id].get(REGION))
    return resolver.pseudo_text("AWS::Region") if said is None else said


def bucket_behind(resolver: Resolver, logical_id: str, arn: Callable[[str], Text]) -> Text | None:
    """
    The ARN of the bucket that an access point leads to; None where that is not known, and for any other resource.

    Args:
        arn: gives that of a resource of the template.
    """
    if resolver.environment.resources[logical_id].get("Type") != ACCESS_POINT:
        return None
    named = resolver.environment.properties(logical_id).get("Bucket")
    found = arn(bucket) if (bucket := bucket_of(resolver, named)) else _bucket(resolver, named)
    return None if found == _ANY else found


def _bucket(resolver: Resolver, name: object) -> Text:
    found = _text(resolver, name)
    return _ANY if found is None else concat(["arn:", resolver.pseudo_text("AWS::Partition"), ":s3:::", found])


def _queue(resolver: Resolver, url: Text) -> Text:
    """The ARN of a queue of which the URL is given."""
    shown, restored = _with_placeholders(url)
    match = re.fullmatch(_QUEUE_URL, shown)
    if match is None:
        return _ANY
    region, account, name = (restored(piece) for piece in match.groups())
    return concat(["arn:", resolver.pseudo_text("AWS::Partition"), ":sqs:", region, ":", account, ":", name])


def _with_placeholders(text: Text) -> tuple[str, Callable[[str], Text]]:
    """
    A text with one character for each symbol, which no ARN and no URL has, and what makes a text of a piece of it.

    It is empty where there are more symbols than such characters, or one of these stands in the text.
    """
    parts = text.parts if isinstance(text, Symbolic) else (text,)
    symbols = [part for part in parts if isinstance(part, Symbol)]
    has_one = any(isinstance(part, str) and any(char < " " for char in part) for part in parts)
    shown = "".join(part if isinstance(part, str) else chr(1 + symbols.index(part)) for part in parts)

    def restored(piece: str) -> Text:
        return concat(Symbolic((symbols[ord(char) - 1],)) if char < " " else char for char in piece)

    return ("" if has_one or len(symbols) >= ord(" ") - 1 else shown), restored


def _text(resolver: Resolver, value: object) -> Text | None:
    try:
        found = resolver.text(value)
    except Unreadable:
        return None
    return None if isinstance(found, NoValue) or not found else found


def _shown(text: Text) -> str:
    """A text, as far as it is known at its beginning."""
    first = text.parts[0] if isinstance(text, Symbolic) else text
    return first if isinstance(first, str) else ""
