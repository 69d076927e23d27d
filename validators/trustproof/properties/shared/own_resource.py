"""
What a request to a resource policy is about: the resource that the policy stands on, in its account and Region.

``"*"`` in the policy of a key means that key, and a Deny on the queue's own ARN is about every request to the queue.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
"""

from __future__ import annotations

import re
from zlib import crc32

from trustproof.aws.cross_account import across_accounts, in_own_account_only, services
from trustproof.aws.partitions import USUAL_PARTITIONS, first_region
from trustproof.aws.resource_policies import CONSULTED_FOR, INSIDE, OWN_ARNS
from trustproof.aws.resource_shapes import Shape, shapes_of
from trustproof.engine.domains import not_text, text
from trustproof.model.arn import Arn
from trustproof.model.document import RESOURCE, Document
from trustproof.model.policy import ALLOW
from trustproof.model.text import ACCOUNT_ID, PARTITION, REGION, SECRET_ENDING, Symbol, Symbolic, Text, concat
from trustproof.properties.question import Subject
from trustproof.properties.shared.possible_resources import possible_resources, type_of
from trustproof.properties.shared.regions import Constraints
from trustproof.sets.patterns import ANY_RUN, exact, join, like, matches

#: How an entry of an API's policy may begin, which API Gateway completes:
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
_APIS, _OF_THE_API = ("AWS::ApiGateway::RestApi", "AWS::Serverless::Api"), "execute-api:"
#: Of the policy of a private domain it completes ``execute-api:/*``, which is all that is shown of such policies:
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-custom-domains-tutorial.html
_COMPLETED = (*_APIS, "AWS::ApiGateway::DomainNameV2")
_DOMAIN = ":/domainnames/"
#: Services whose policies are about other things than what they stand on, too: recovery points, packages.
_OF_OTHERS = ("aps", "backup", "codeartifact", "comprehend", "kafka", "lex", "s3-object-lambda", "schemas")
#: The key of the Region that was called.
_REQUESTED = "aws:requestedregion"
_PLACES = (PARTITION, REGION, ACCOUNT_ID)
_BUCKET = tuple(f"arn:{partition}:s3:" for partition in USUAL_PARTITIONS)
#: The ARN of a bucket by its name, and not by something else that a user may have written there.
_NAMED_BUCKET = re.compile(r"arn:[a-z-]+:s3:::[^:/]+")
#: What is in no name, and in what makes one: `Fn::If [Prod, q-prod, q-dev]`. And so long is a name that is made up.
_EXPRESSION, _LONG = re.compile(r"[({]|\[[^\]]*\s"), 11
#: How many fields the ARN of a resource has.
_FIELDS = 6


def with_own_resource(subject: Subject) -> Subject:
    """
    The subject with a name for what CloudFormation calls the resource, and for its Region: whichever it is, it is one.

    It stays as it is where an entry of Resource may or may not be about the resource, as the name decides.
    """
    if subject.document.kind != RESOURCE:
        return subject
    own = _own(subject)
    named = None if own is None else _with_name(own, subject)
    if own is None or named is None or _is_any_region_asked(own, subject):
        return subject
    policy = subject.policy
    if not _is_settled(subject, own, named):
        # API Gateway completes an entry whichever API it is.
        statements = tuple(
            s._replace(resources=_completed(s.resources, named), not_resources=_completed(s.not_resources, named))
            for s in policy.statements
        )
        return subject._replace(document=subject.document._replace(policy=policy._replace(statements=statements)))
    statements = tuple(
        s._replace(resources=_entries(s.resources, own, named), not_resources=_entries(s.not_resources, own, named))
        for s in policy.statements
    )
    document = subject.document._replace(policy=policy._replace(statements=statements), resource_arn=named)
    return subject._replace(document=document)


def with_own_resource_as_any(document: Document) -> Document:
    """
    A resource policy with ``"*"`` for the ARN of what it stands on, where the service asks it about nothing else.

    So the same is written alike, whichever of the two somebody writes, and whatever of the ARN is not known.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-based-policies.html
    """
    own, shape = document.resource_arn, OWN_ARNS.get(document.resource_type)
    fields = str(own).split(":")
    service = shape[0] if shape is not None else fields[2] if len(fields) > _FIELDS - 1 and fields[0] == "arn" else ""
    if document.kind != RESOURCE or own == "*" or not service or service in INSIDE or service in _OF_OTHERS:
        return document
    if isinstance(own, str) and set(own) & set("*?$"):
        return document
    statements = tuple(
        s._replace(
            resources=None if s.resources is None else tuple("*" if entry == own else entry for entry in s.resources),
            not_resources=(
                None if s.not_resources is None else tuple("*" if entry == own else entry for entry in s.not_resources)
            ),
        )
        for s in document.policy.statements
    )
    return document._replace(policy=document.policy._replace(statements=statements))


def from_another_account(subject: Subject) -> Constraints:
    """
    The requests that can be for a resource of another account than the caller's.

    Of services whose actions are listed these are the ones for actions that exist, or that the policy writes out.
    """
    type_ = type_of(subject.document)
    known = CONSULTED_FOR.get(type_, " ".join(services())).split()
    own = {action for service in known for action in in_own_account_only(service, type_)}
    listed = [across_accounts(service, type_) for service in known]
    if all(found is not None for found in listed) and type_ in CONSULTED_FOR:
        written = {str(a).lower() for s in subject.policy.statements for a in s.actions or () if isinstance(a, str)}
        exist = {action for found in listed for action in found or ()}
        exist |= {action for action in written if not set(action) & set("*?")} - own
        return (("action", text(*map(exact, sorted(exist)))), *_of_the_vault(subject))
    return (("action", not_text(*map(exact, sorted(own)))),) if own else ()


def _of_the_vault(subject: Subject) -> Constraints:
    """
    The requests to the vault, where the policy stands on one: nobody of another account reaches what is in it.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
    """
    own, type_ = subject.document.resource_arn, subject.document.resource_type
    if not isinstance(own, str) or own.count(":") < _FIELDS - 1 or OWN_ARNS.get(type_, ("",))[0] != "backup":
        return ()
    return (("resource", text(exact(own))),) if _is_settled(subject, own, own) else ()


def about_the_resource(subject: Subject) -> Constraints:
    """
    The requests to the resource, or to what is in it, where `with_own_resource` has found out which it is; else to an
    ARN that it may have.
    """
    own = subject.document.resource_arn
    entries = [e for s in subject.policy.statements for e in (*(s.resources or ()), *(s.not_resources or ()))]
    if type_of(subject.document) in _COMPLETED and any(_of_the_api(entry, "") is not None for entry in entries):
        # What they mean is not said yet.
        return ()
    possible = possible_resources(subject) if subject.document.kind == RESOURCE else None
    if possible is not None:
        return (("resource", possible),)
    if subject.document.kind != RESOURCE or not isinstance(own, str) or own.count(":") < _FIELDS - 1:
        return ()
    if not _is_settled(subject, own, own):
        return ()
    own = own.removesuffix(":*")
    if own.split(":")[2] in _OF_OTHERS and any(entry != "*" for entry in entries):
        return ()
    inside = INSIDE.get(own.split(":")[2])
    return (("resource", text(exact(own), *([join(own + inside, ANY_RUN)] if inside else ()))),)


def names_another_bucket(subject: Subject) -> bool:
    """Whether the policy of a bucket whose name is known allows something of another one."""
    own = subject.document.resource_arn
    if subject.document.kind != RESOURCE or not isinstance(own, str) or not _NAMED_BUCKET.fullmatch(own):
        return False
    entries = (str(entry) for s in subject.policy.statements if s.effect == ALLOW for entry in s.resources or ())
    return any(one.startswith(_BUCKET) and not matches(like(one.partition("/")[0]), own) for one in entries)


def _is_settled(subject: Subject, own: Text, named: str) -> bool:
    """Whether it is known of each entry of Resource whether it is about the resource."""
    entries = [e for s in subject.policy.statements for e in (*(s.resources or ()), *(s.not_resources or ()))]
    is_ours = named.split(":", _FIELDS - 1)[4] in ("", subject.account)
    is_known = subject.account_known or subject.accounts_apart
    if is_ours and not is_known and any(_names_an_account(str(e), subject.account) for e in entries):
        # It may be the account of the template.
        return False
    if subject.document.region and any(_has(entry, REGION) for entry in entries):
        # It stands in a Region that it names, as a replica does, and the template may be in another one.
        return False
    return all(_entry(entry, own, named) is not None for entry in entries)


def _has(entry: Text, name: str) -> bool:
    return isinstance(entry, Symbolic) and any(symbol.name == name for symbol in entry.symbols)


def _names_an_account(entry: str, account: str) -> bool:
    """Whether an entry names another account."""
    found = Arn.parse(entry)
    return found is not None and found.account not in ("", "*", account)


def _own(subject: Subject) -> Text | None:
    """The ARN of what the policy stands on; None where it is not known which that is."""
    document = subject.document
    if type_of(document) in _APIS and document.resource_arn == "*":
        partition = subject.partition or "aws"
        region = document.region or first_region(partition)
        return f"arn:{partition}:execute-api:{region}:{subject.account}:{document.logical_id or 'api'}"
    return None if document.resource_arn == "*" else document.resource_arn


def _is_any_region_asked(own: Text, subject: Subject) -> bool:
    """Whether the policy looks at which Region is called, and it is not known in which one the resource is."""
    if subject.document.region or isinstance(own, str):
        return False
    tested = (c.key.lower() for d in subject.documents for s in d.policy.statements for c in s.conditions)
    return (len(own.parts) == 1 or any(one.is_region for one in own.symbols)) and _REQUESTED in tested


def _with_name(own: Text, subject: Subject) -> str | None:
    """An ARN with a name for what is not known of it; None where what is not known may be anything."""
    if isinstance(own, str):
        return own if own.count(":") >= _FIELDS - 1 else None
    partition = subject.partition
    listed, only = OWN_ARNS.get(subject.document.resource_type), _stands_on_one(subject)
    if len(own.parts) == 1 and (listed is not None or only is not None):
        # It is one of the template's account, since nobody puts a policy on what is another one's.
        # Where several are listed, it is each of them.
        symbol = own.symbols[0]._replace(holds="")
        name, region = _value(symbol, partition, subject.account), subject.document.region or first_region(partition)
        if not name or not region:
            return None
        if listed is not None:
            end = "-xxxxxx" if listed[0] == "secretsmanager" else ""
            return f"arn:{partition}:{listed[0]}:{region}:{subject.account}:{listed[1]}{name}{end}"
        assert only is not None
        return f"arn:{partition}:{only.service}:{region}:{subject.account}:{re.sub('{[a-z]+}', name, only.resource)}"
    values: dict[str, str] = {}
    for symbol in own.symbols:
        value = _value(symbol, partition, subject.account)
        if value is None:
            return None
        values[symbol.name] = value
    found = own.bind(values)
    return found if isinstance(found, str) and found.count(":") >= _FIELDS - 1 else None


def _stands_on_one(subject: Subject) -> Shape | None:
    """The ARN of what a policy stands on; None where one of its type may stand on things of several kinds."""
    first, *others = shapes_of(type_of(subject.document)) or (None,)
    if first is None or any(one.instead for one in others):
        return None
    return first if first.asked and first.has_region and first.has_account and not first.of_aws else None


def _value(symbol: Symbol, partition: str, account: str) -> str | None:
    if symbol.is_region:
        return first_region(partition) or None
    if symbol.name == PARTITION:
        return partition or None
    if symbol.name == ACCOUNT_ID:
        return account
    if symbol.is_list or symbol.doubt:
        return None
    name = "".join(char for char in symbol.name.lower() if char.isascii() and char.isalnum())
    if _EXPRESSION.search(symbol.name):
        # Without its signs nobody would know it again: each has a name of its own.
        name = f"example{crc32(symbol.name.encode()):08x}"[:_LONG]
    return f"{name}xxxxxx"[:6] if symbol.holds == SECRET_ENDING else name or None


def _entries(entries: tuple[Text, ...] | None, own: Text, named: str) -> tuple[Text, ...] | None:
    """Entries of Resource with the name."""
    return None if entries is None else tuple(_entry(entry, own, named) or entry for entry in entries)


def _completed(entries: tuple[Text, ...] | None, named: str) -> tuple[Text, ...] | None:
    """Entries of Resource with the name of the API in those that leave it to API Gateway to say it."""
    return None if entries is None else tuple(_of_the_api(entry, named) or entry for entry in entries)


def _of_the_api(entry: Text, named: str) -> Text | None:
    """An entry that API Gateway completes, with the name of the API; None for any other entry."""
    first = entry if isinstance(entry, str) else entry.parts[0]
    if not isinstance(first, str) or not first.startswith(_OF_THE_API):
        return None
    if _DOMAIN in named:
        return f"{named}*" if entry == f"{_OF_THE_API}/*" else None
    begins = f"{named}/{first.removeprefix(_OF_THE_API).removeprefix('/')}"
    return begins if isinstance(entry, str) else concat([begins, *(_as_text(part) for part in entry.parts[1:])])


def _as_text(part: str | Symbol) -> Text:
    return part if isinstance(part, str) else Symbolic((part,))


def _entry(entry: Text, own: Text, named: str) -> Text | None:
    """
    An entry of Resource with the name; None where it is open whether it is about the resource.
    """
    shown, head = str(entry), str(own)
    if entry == "*":
        return entry
    if (completed := _of_the_api(entry, named)) is not None:
        return completed
    # The name of another bucket may begin with the name of this one.
    follows = ("", "/", "*") if isinstance(own, str) and own.startswith(_BUCKET) else None
    if shown.startswith(head) and "<" not in (rest := shown[len(head) :]) and (follows is None or rest[:1] in follows):
        return named + rest
    # What stands in the Region of the resource stands there whatever Region that is.
    bound = entry.bind(dict(zip(_PLACES, _place(named), strict=True))) if isinstance(entry, Symbolic) else entry
    if isinstance(bound, Symbolic):
        return _of_another(bound, own)
    if "${" in bound:
        return None
    # S3 refuses what is about another bucket, so nobody gets anything by it.
    is_literal = isinstance(own, str) and (not own.startswith(_BUCKET) or bool(_NAMED_BUCKET.fullmatch(own)))
    is_named = isinstance(own, str) or not any(symbol.name not in _PLACES for symbol in own.symbols)
    is_named = is_named and not named.startswith(_BUCKET)
    stands_in = _known_region(own)
    regions = ("*", "", stands_in) if bound is entry else ("*", "", _place(named)[1])
    if is_literal or _is_elsewhere(bound, stands_in) or _is_alike(bound, named, regions, is_named=is_named):
        return bound
    return None


def _known_region(own: Text) -> str:
    """The Region in an ARN that does not wait for a deployment; empty where there is none, or it is not known."""
    first = own if isinstance(own, str) else own.parts[0]
    fields = first.split(":") if isinstance(first, str) else []
    return fields[3] if len(fields) > 4 else ""


def _is_elsewhere(entry: str, region: str) -> bool:
    """Whether an entry is about another Region than a known one."""
    fields = entry.split(":", _FIELDS - 1)
    return len(fields) == _FIELDS and bool(region and fields[3]) and not {*fields[3]} & {*"*?"} and fields[3] != region


def _of_another(entry: Symbolic, own: Text) -> str | None:
    """An entry about a resource of the template that is not this one, with a name; None where it may be this one."""
    ours = own.symbols if isinstance(own, Symbolic) else ()
    made = [symbol for symbol in entry.symbols if symbol.kind == "attribute" and "." not in symbol.name]
    if len(made) < len(entry.symbols) or any(symbol in ours or symbol.doubt for symbol in made):
        return None
    # CloudFormation gives no two resources one name.
    found = entry.bind({symbol.name: f"another-{symbol.name.lower()}" for symbol in made})
    return found if isinstance(found, str) and "${" not in found else None


def _place(arn: str) -> tuple[str, str, str]:
    _, partition, _, region, account, _ = arn.split(":", _FIELDS - 1)
    return partition, region, account


def _is_alike(entry: str, named: str, regions: tuple[str, ...], *, is_named: bool) -> bool:
    """
    Whether an entry is about a resource whatever its name and its Region are, or about none.

    Args:
        regions: what an entry may have in the place of the Region.
        is_named: whether the name is known, and only the Region is not.
    """
    fields, ours = entry.split(":", _FIELDS - 1), named.split(":", _FIELDS - 1)
    if len(fields) < _FIELDS:
        return False
    if not set(fields[2]) & set("*?") and fields[2] != ours[2]:
        return True
    if len(fields[4]) == len(ours[4]) and fields[4].isdigit() and fields[4] != ours[4]:
        return True
    name = ours[5].partition("/")[0] + "/*" if "/" in ours[5] else "*"
    is_about = is_named or fields[5] in ("*", name) or _ends_openly(fields[5], ours[5], ours[2])
    return fields[3] in regions and fields[4] in ("*", ours[4]) and is_about


def _ends_openly(entry: str, named: str, service: str) -> bool:
    """
    Whether an entry is about a secret whatever Secrets Manager adds to its name: six characters.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
    """
    if service != "secretsmanager":
        return False
    stem = named[:-6]
    return entry == stem + "?" * 6 or (entry.endswith("*") and stem.startswith(entry[:-1]) and len(entry) > 1)
