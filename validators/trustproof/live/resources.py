"""
Policies of resources: what the templates say that stands on each, and what stands there.

A resource that a template makes is compared whole, so that a policy which somebody put on it is found, too. Of one to
which templates only add statements it is compared whether these are there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from string import Formatter
from typing import Any

from trustproof.aws.resource_policies import CONSULTED_FOR
from trustproof.live.account import LiveAccount
from trustproof.live.canonical_users import has_canonical_users, with_origin_access_identities
from trustproof.live.errors import CannotCheck
from trustproof.live.policy_bounds import PolicyBounds, compare_bounds
from trustproof.live.policy_comparison import DIFFERS, SAME, Comparison, about, cannot_compare, compare, of_parts
from trustproof.live.references import DeployedReferences, in_answer, text_in
from trustproof.live.resource_documents import MORE_PLACES, granted, instances
from trustproof.live.resource_policies import ROWS, Row
from trustproof.live.resource_properties import ResourceProperties
from trustproof.model.document import RESOURCE
from trustproof.sandbox.cloudformation.errors import RefusedRequest

_API = "AWS::ApiGateway::RestApi"
_LAYER_VERSION = re.compile(r"(?P<layer>.+):(?P<version>\d+)")
_NAMESPACES = {"AWS::Redshift::Cluster": "ClusterNamespaceArn", "AWS::RedshiftServerless::Namespace": "NamespaceArn"}
#: https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
_FUNCTION = re.compile(
    r"(?:arn:[^:]+:lambda:[^:]*:[^:]*:function:|\d{12}:(?:function:)?)?(?P<function>[^:]+)(?::(?P<qualifier>.+))?"
)
#: Types whose physical id names the function, with the alias or the version.
_FUNCTIONS = ("AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::Lambda::Version")


@dataclass
class PolicyResource:
    """
    A resource with a policy.

    Args:
        subject: what it is called: `queue orders`.
        row: how its policy is read.
        parameters: of the call.
        region: to ask in.
        about: the ARN that all requests are about which the policy decides; empty where that is not known.
        actions: prefixes of the actions that it decides; empty where they are open.
        defaults: texts of the policies that AWS gives to it where nobody else does.
        documents: place in a template to the text of a policy, or of a part of one.
        bounds: likewise to the bounds of one of which not all is known.
        statements: ids of the statements that templates make, where each makes one.
        whole: whether nothing else may stand there.
        unclear: whether something is not known of what the templates say.
        grants: whether its policy gives access by itself.
    """

    subject: str
    row: Row
    parameters: dict[str, Any]
    region: str
    about: str
    actions: str
    defaults: tuple[str, ...] = ()
    documents: dict[str, str] = field(default_factory=dict)
    bounds: dict[str, PolicyBounds] = field(default_factory=dict)
    statements: set[str] = field(default_factory=set)
    whole: bool = False
    unclear: bool = False
    grants: bool = True

    def own_part(self, text: str) -> str:
        """The statements of templates in the text of a policy; empty where it has none of them."""
        try:
            document = json.loads(text)
        except ValueError:
            return ""
        given = document.get("Statement") if isinstance(document, dict) else None
        listed = given if isinstance(given, list) else [given]
        found = [one for one in listed if isinstance(one, dict) and one.get("Sid") in self.statements]
        return json.dumps({**document, "Statement": found}) if found else ""


Key = tuple[str, str, str, str]


def read_resource(
    held: dict[Key, PolicyResource],
    type_name: str,
    place: str,
    physical_id: str,
    properties: ResourceProperties,
    deployed: DeployedReferences,
) -> None:
    """
    Add what a resource of a template says of policies.

    Args:
        held: of the account, by what is asked for; added to.
        type_name: one of `ROWS`.
        place: the stack and the logical id.
        physical_id: of the resource.
        properties: with every value known.
        deployed: the references of its stack.

    Raises:
        RefusedRequest: what it says, or where it stands, is not known.
    """
    row = ROWS[type_name]
    unknown: RefusedRequest | None = None
    try:
        found = list(instances(type_name, properties, deployed.place["region"]))
    except RefusedRequest as error:
        found, unknown = [(deployed.place["region"], [])], error
    fields = _fields(row, type_name, physical_id, properties, deployed)
    for region, documents in found:
        fields["region"] = region
        for each in _listed(properties.get(row.each)) if row.each else [""]:
            one = _held(held, row, type_name, {**fields, "each": str(each)})
            one.whole = one.whole or not row.part
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-permission.html
            one.statements.add(str(properties.get("StatementId") or re.split(r"[|#]", physical_id)[-1]))
            one.grants = type_name not in MORE_PLACES
            one.unclear = one.unclear or unknown is not None
            for number, document in enumerate(documents):
                normal = partial(_normal, type_name, one.about)
                if isinstance(document, PolicyBounds):
                    one.bounds[f"{place}/{number}"] = document.changed(normal)
                else:
                    text = text_in(_on_its_own(row, properties, document, fields))
                    one.documents[f"{place}/{number}"] = normal(text)
    if unknown is not None:
        raise unknown


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _on_its_own(row: Row, properties: Mapping[str, Any], document: Any, fields: Mapping[str, str]) -> Any:
    """A policy that is made of properties, with the ARN that AWS writes into it."""
    if not row.own or "Statement" in properties:
        return document
    return {**document, "Statement": {**document["Statement"], "Resource": _filled(row.own, fields)}}


def _fields(
    row: Row, type_name: str, physical_id: str, properties: Mapping[str, Any], deployed: DeployedReferences
) -> dict[str, str]:
    """What the parameters of a row are filled in with."""
    names = _names(" ".join((*row.parameters, row.where, row.about, row.own)))
    found = {name: str(properties[name]) for name in names if name[0].isupper() and name in properties}
    found |= {"id": physical_id, **deployed.place, "last": _last(physical_id)}
    found |= {f"id{number}": part for number, part in enumerate(physical_id.split("|"))}
    if "function" in names:
        given = physical_id if type_name in _FUNCTIONS else str(properties.get("FunctionName"))
        match = _FUNCTION.fullmatch(given)
        if match is None:
            raise RefusedRequest(f"{given!r} is no name of a function")
        found |= {name: value or "" for name, value in match.groupdict().items()}
        found["qualified"] = ":".join(filter(None, match.groups()))
    if "bus" in names:
        found["bus"] = _last(str(properties.get("EventBusName") or properties.get("Name") or "default"))
    if "layer" in names:
        layer = _LAYER_VERSION.fullmatch(found.get("LayerVersionArn", ""))
        found |= {} if layer is None else layer.groupdict()
    if "api" in names:
        found["api"] = "arn:{partition}:execute-api:{region}:{account}:{id}".format_map(found)
    arn = deployed.arn(type_name, physical_id) if "arn" in names else None
    if arn is not None:
        found["arn"] = arn.removesuffix(":*")
    for name, attribute in (("point", "S3AccessPointArn"), ("namespace", _NAMESPACES.get(type_name, ""))):
        if name in names:
            asked = deployed.asked(type_name, physical_id, attribute)
            if asked is None:
                raise RefusedRequest(f"the attribute {attribute} is not known")
            found[name] = asked
    return found


def _held(held: dict[Key, PolicyResource], row: Row, type_name: str, fields: Mapping[str, str]) -> PolicyResource:
    """The resource that a row with its values is about: one, however it is named."""
    parameters: dict[str, Any] = {}
    for parameter in row.parameters:
        name, _, template = parameter.partition("=")
        value = _filled(template, fields)
        if value:
            parameters[name.removesuffix("[]")] = [value] if name.endswith("[]") else _typed(name, value)
    where = _filled(row.where, fields)
    region = row.region or fields["region"]
    row = row._replace(where=where)
    key = (row.service, row.operation, region, json.dumps([parameters, where], sort_keys=True))
    if key not in held:
        unsaid = (fields["account"], "default")
        named = [value for value in parameters.values() if isinstance(value, str) and value not in unsaid]
        named = named or [one for value in parameters.values() if isinstance(value, list) for one in value]
        shown = where.partition("=")[2] or "/".join(named)
        known = {**fields, "queue": _queue_arn(parameters.get("QueueUrl", ""), fields)}
        arn = _filled(row.about, known) if row.about else ""
        held[key] = PolicyResource(
            f"{row.noun} {shown}".strip(),
            row,
            parameters,
            region,
            arn if arn.startswith("arn:") else "",
            CONSULTED_FOR.get(type_name, ""),
            tuple(
                text.replace("ACCOUNT", fields["account"]).replace("PARTITION", fields["partition"]).replace("ARN", arn)
                for text in row.defaults
            ),
        )
    return held[key]


def _typed(name: str, value: str) -> Any:
    return int(value) if name == "VersionNumber" else value


def _names(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def _filled(template: str, fields: Mapping[str, str]) -> str:
    """A template with its values; empty where the one that it consists of is left out."""
    names = _names(template)
    missing = [name for name in names if name not in fields]
    if missing and template != f"{{{missing[0]}}}":
        raise RefusedRequest(f"{missing[0]} is not known")
    return "" if missing else template.format_map(fields)


def _queue_arn(url: str, fields: Mapping[str, str]) -> str:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html"""
    return "arn:{partition}:sqs:{region}:{account}:".format_map(fields) + _last(url) if url else ""


def _last(name: str) -> str:
    return name.rpartition("|")[2].rpartition("/")[2].rpartition("+")[2]


def _normal(type_name: str, api: str, text: str) -> str:
    """A policy as AWS keeps it: API Gateway completes the ARNs of its own methods."""
    return text.replace('"execute-api:/', f'"{api}/') if type_name == _API and api else text


def compare_resource(account: LiveAccount, one: PolicyResource, partition: str) -> Comparison:
    """Compare a resource with what stands on it."""
    try:
        found = deployed_texts(account, one)
    except CannotCheck as error:
        return cannot_compare(error)
    wanted, found = _with_identities(account, list(one.documents.values()), found, partition)
    if not wanted and not one.bounds and (not found or not one.whole):
        return Comparison(SAME)
    if (wanted or one.bounds) and not found:
        return Comparison(DIFFERS, (f"the {one.row.noun} has no policy",))

    def compared(wanted: Sequence[str], found: Sequence[str] = found) -> Comparison:
        return compare(
            wanted,
            found,
            kind=RESOURCE,
            account=account.id,
            partition=partition,
            resource=one.about or "*",
            constraints=about(one.about, one.actions),
            grants=one.grants,
        )

    if one.bounds:
        return compare_bounds(list(one.bounds.values()), wanted, found, compared)
    if not one.whole:
        # What else stands there is not the template's: its own statements must be among them, and what has their ids
        # may not be more.
        own = [text for text in map(one.own_part, found) if text]
        there = compared([*wanted, *found])
        return of_parts(compared(wanted, own), there) if own else there
    if wanted:
        return compared(wanted)
    results = [compared([text]) for text in one.defaults] or [compared([])]
    return next((result for result in results if result.verdict == SAME), results[0])


def _with_identities(
    account: LiveAccount, wanted: list[str], found: list[str], partition: str
) -> tuple[list[str], list[str]]:
    """Both with the ARNs of the origin access identities of the account."""
    if not any(map(has_canonical_users, (*wanted, *found))):
        return wanted, found
    try:
        identities = account.origin_access_identities
    except CannotCheck:
        # Whom S3 shows for a canonical id is then not known.
        return wanted, found

    def shown(texts: list[str]) -> list[str]:
        return [with_origin_access_identities(text, partition, identities) for text in texts]

    return shown(wanted), shown(found)


def deployed_texts(account: LiveAccount, one: PolicyResource) -> list[str]:
    """
    The texts of the policies that stand on a resource.

    Raises:
        CannotCheck: AWS does not tell.
    """
    row = one.row
    answer = account.call(row.service, row.operation, one.parameters, one.region, row.absent)
    if answer is None:
        return []
    if not row.items:
        found = [in_answer(answer, row.text)]
    else:
        items = answer.get(row.items) or []
        member, _, value = row.where.partition("=")
        found = [in_answer(item, row.text) for item in items if not member or str(item.get(member)) == value]
    if row.grant:
        found = [granted(row.grant, {f"{name[:1].upper()}{name[1:]}": one[name] for name in one}) for one in found]
    # What some services say where there is none.
    return [unescape_policy(text_in(text)) for text in found if text not in (None, "", "{}")]


def unescape_policy(text: str) -> str:
    """A policy as API Gateway gives it: JSON text inside of JSON text, without its quotes."""
    try:
        json.loads(text)
    except ValueError:
        try:
            found = json.loads(f'"{text}"')
        except ValueError:
            return text
        return str(found)
    return text
