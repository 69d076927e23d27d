"""
The roles that resources act with: whether a resource that was to act as one role acts as another.

Which properties hand over roles, and by which call AWS tells the roles that are there, is in `role_calls`. A type or a
property that is handed a role and has no row is said not to be compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from trustproof.live.errors import CannotCheck
from trustproof.live.references import in_answer
from trustproof.live.role_calls import ROWS, Row
from trustproof.live.settings import Setting
from trustproof.sandbox.cloudformation.errors import RefusedRequest

#: What holds a role, or the profile of an instance, and what of names and properties does under other names; roles of
#: GitHub and of the database of OpenSearch are none of IAM.
_ROLE = re.compile(
    r"^(?!approverroles$|masterbackendrole$).*(role(arns?|name)?s?|role(arn)?for[a-z]+|instanceprofile(arn|name)?)$"
    r"|^(authorizer)?credentials(arn)?$|^deliverlogspermissionarn$|^snscallerarn$",
    re.IGNORECASE,
)
#: What holds what people write, in small letters.
_WRITTEN = frozenset(
    (
        "body",
        "defaultarguments",
        "definition",
        "definitionstring",
        "definitionsubstitutions",
        "dockerlabels",
        "environment",
        "labels",
        "parameters",
        "tags",
    )
)
#: Types whose properties are for a function, those that are compared as identities are, and profiles of another kind.
_NOT_HANDED = (
    "Custom::",
    "AWS::CloudFormation::CustomResource",
    "AWS::DMS::InstanceProfile",
    "AWS::IAM::",
    "AWS::RolesAnywhere::",
    "AWS::SSO::",
)
_ARN = re.compile(r"arn:[^:]+:iam::(?P<account>[0-9]{12}):(?:role|instance-profile)/(?P<name>\S+)", re.ASCII)
#: What tells the items of a list apart.
_LABELS = ("Id", "Name", "FeatureName", "id", "name")
#: Roles that are AWS's own: nobody hands over another one in their place.
_LINKED = "/aws-service-role/"
#: What is no role, where one stands elsewhere: a secret, for credentials.
_OTHER_ARN = re.compile(r"arn:[^:]*:(?!iam:)")
#: A role as Redshift Serverless writes it: `IamRole(applyStatus=in-sync, iamRoleArn=arn:…)`.
_IN_WORDS = re.compile(r"\bIamRole\(.*\biamRoleArn=(?P<arn>[^,)\s]+)", re.IGNORECASE)
#: Roles that a resource has where nobody says one:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html
_DEFAULTS = {
    "AWS::CloudFormation::StackSet": re.compile(
        r"AWSCloudFormationStackSet(Administration|Execution)Role|stacksets-exec-\w+"
    )
}
#: Types to the property, and what it says, with which AWS takes roles of its own.
_OF_AWS = {"AWS::CloudFormation::StackSet": ("PermissionModel", "SERVICE_MANAGED")}
#: Types to the property by which a role may come that the resource itself does not say, and where it then stands.
_BROUGHT = {
    "AWS::EC2::Instance": ("LaunchTemplate", "iaminstanceprofile"),
    "AWS::RDS::DBInstance": ("DBClusterIdentifier", "monitoringrolearn"),
}
#: Of these nothing is said then: the cluster is asked for its own.
_ASKED_ELSEWHERE = ("AWS::RDS::DBInstance",)
#: Types to the member of an answer that names the resource, where the answer may be about another one.
_SOURCE = {"AWS::EFS::FileSystem": "SourceFileSystemId"}
#: What tells apart the items of an answer about all whose names begin alike, where it has the physical id.
_ONE_OF = {"AWS::Logs::SubscriptionFilter": "filterName"}
_NONE = "none"


def hands_over(type_name: str, properties: Mapping[str, Any]) -> bool:
    """
    Whether a resource may be one that acts with a role.

    Args:
        type_name: `AWS::Lambda::Function`.
        properties: as the template has them.
    """
    if type_name.startswith(_NOT_HANDED):
        return False
    return type_name in ROWS or any(_mentions({name: value}) for name, value in properties.items())


def settings_of(
    type_name: str,
    physical_id: str,
    given: Mapping[str, Any],
    resolve: Callable[[Any], Any],
    account: str,
    region: str,
) -> Iterator[Setting]:
    """
    The roles that a resource is to act with, for each call that tells some.

    Args:
        type_name: of which `hands_over` is true.
        physical_id: of the resource.
        given: its properties, as the template has them.
        resolve: a value of the template with its functions evaluated; of nothing else any is asked for.
        account: where the resource is.
        region: likewise.

    Raises:
        RefusedRequest: which roles they are is not known.
    """
    parts = {f"id{number}": part for number, part in enumerate(re.split(r"[|_]", physical_id))}
    known = {"id": physical_id, "last": re.split(r"[|/]", physical_id)[-1], **parts}
    rows = ROWS.get(type_name, ())
    if type_name in _OF_AWS and given.get(_OF_AWS[type_name][0]) == _OF_AWS[type_name][1]:
        rows = ()
    for row in rows:
        wanted = _wanted(given, row.properties, resolve, account)
        parameters: dict[str, Any] = {}
        for one in row.parameters:
            name, _, template = one.partition("=")
            value = template
            for variable in re.findall(r"\{(\w+)\}", template):
                found = known.get(variable) or resolve({variable: given.get(variable)}).get(variable)
                value = value.replace(f"{{{variable}}}", "" if found is None else str(found))
            if value:
                parameters[name.removesuffix("[]")] = [value] if name.endswith("[]") else value
        yield Setting(
            f"{type_name.rpartition('::')[2]} {known['last']}",
            wanted,
            (row.service, row.operation, parameters, region),
            _reader(row, wanted, account, _Own(type_name, physical_id, given)),
            row.absent,
        )


def refuse_others(type_name: str, given: Mapping[str, Any], resolve: Callable[[Any], Any], account: str) -> None:
    """
    Refuse the roles of a resource that no call of a row tells.

    Args:
        type_name: of which `hands_over` is true.
        given: its properties, as the template has them.
        resolve: a value of the template with its functions evaluated; of nothing else any is asked for.
        account: where the resource is.

    Raises:
        RefusedRequest: there are some, or which they are is not known.
    """
    told = {name for row in ROWS.get(type_name, ()) for name in row.properties}
    others = _wanted(given, [name for name in given if name not in told], resolve, account)
    if others:
        roles = ", ".join(sorted(set(others.values())))
        where = "" if not told else f", {', '.join(sorted({place.partition('/')[0] for place in others}))},"
        raise RefusedRequest(f"the role{where} of a resource of type {type_name} is not compared ({roles})")


def _wanted(
    given: Mapping[str, Any], names: Iterable[str], resolve: Callable[[Any], Any], account: str
) -> dict[str, str]:
    """The roles of some properties of a template."""
    handing = {name: given[name] for name in names if name in given and _mentions({name: given[name]})}
    return _shown(resolve(_pruned(handing)), account)


def _mentions(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(
            _ROLE.search(str(name)) or _mentions(one)
            for name, one in value.items()
            if str(name).lower() not in _WRITTEN
        )
    return isinstance(value, list) and any(_mentions(one) for one in value)


def _pruned(value: Any) -> Any:
    """What of a property hands over roles: the rest need not be known."""
    if isinstance(value, Mapping) and not any(str(name) == "Ref" or str(name).startswith("Fn::") for name in value):
        return {
            name: one if _ROLE.search(str(name)) or name in _LABELS else _pruned(one)
            for name, one in value.items()
            if _mentions({name: one}) or name in _LABELS
        }
    return [_pruned(one) for one in value] if isinstance(value, list) else value


class _Own(NamedTuple):
    """
    A resource of a template.
    """

    type_name: str
    physical_id: str
    given: Mapping[str, Any]

    def without_others(self, answer: Any) -> Any:
        """What an answer says of this resource."""
        if self.type_name in _ONE_OF and isinstance(answer, list):
            named = (one for one in answer if one.get(_ONE_OF[self.type_name]) == self.physical_id)
            return next(named, {})
        member = _SOURCE.get(self.type_name)
        about = answer.get(member) if member is not None and isinstance(answer, Mapping) else None
        return answer if about in (None, self.physical_id) else None

    def is_default(self, role: str) -> bool:
        """Whether a role is one that AWS takes where nobody says one."""
        default = _DEFAULTS.get(self.type_name)
        return default is not None and default.fullmatch(role) is not None

    def is_brought(self, place: str, role: str) -> bool:
        """
        Whether a role that the template does not say may come from where its template says, and is asked of there.

        Raises:
            CannotCheck: it may, and nobody is asked.
        """
        name, where = _BROUGHT.get(self.type_name, ("", ""))
        if name not in self.given or not place.startswith(where):
            return False
        if self.type_name in _ASKED_ELSEWHERE:
            return True
        raise CannotCheck(f"whether {role} comes by {name} of the template is not known")


def _reader(
    row: Row, wanted: dict[str, str], account: str, own: _Own
) -> Callable[[Mapping[str, Any]], Mapping[str, str]]:
    def read(answer: Mapping[str, Any]) -> Mapping[str, str]:
        there = own.without_others(in_answer(answer, row.place))
        if not isinstance(there, Mapping):
            # A role by itself, or a list of some.
            there = {row.properties[0]: there}
        found = _by_places(_shown(there, account), wanted)
        for name in sorted(set(found) - set(wanted)):
            if own.is_default(found[name]) or own.is_brought(name, found[name]):
                del found[name]
        if set(wanted) - set(found):
            rest = sorted(set(found.values()) - set(wanted.values()))
            found |= dict.fromkeys(set(wanted) - set(found), ", ".join(rest) or _NONE)
        for name in sorted(set(found) - set(wanted)):
            # Nothing was to act with a role there.
            wanted.setdefault(name, _NONE)
        return found

    return read


def _by_places(found: dict[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """
    The roles that are there, by the places that the template calls them by.

    AWS leaves out the name of a property that holds them all, and calls items of lists otherwise. What is left of the
    place tells two roles apart that may have changed places; where nothing does, they are a set.
    """
    for alike in (_inside, _numbers_and_name):
        here = _unique(alike, (one for one in wanted if one not in found))
        there = _unique(_whole if alike is _inside else alike, (one for one in found if one not in wanted))
        names = {place: here[key] for key, place in there.items() if key in here}
        found = {names.get(place, place): role for place, role in found.items()}
    here_only = [one for one in wanted if one not in found]
    there_only = [one for one in found if one not in wanted]
    if sorted(wanted[one] for one in here_only) != sorted(found[one] for one in there_only):
        return found
    return {place: role for place, role in found.items() if place in wanted} | {one: wanted[one] for one in here_only}


def _unique(alike: Callable[[str], str], places: Iterable[str]) -> dict[str, str]:
    """The places by what they have in common with others; without those that are not alone in that."""
    listed = [(alike(place), place) for place in places]
    keys = [key for key, _ in listed]
    return {key: place for key, place in listed if keys.count(key) == 1}


def _whole(place: str) -> str:
    return place


def _inside(place: str) -> str:
    return place.partition("/")[2]


def _numbers_and_name(place: str) -> str:
    steps = place.split("/")
    return "/".join([*(one for one in steps[:-1] if one.isdigit()), steps[-1]])


def _shown(value: Any, account: str) -> dict[str, str]:
    """Every role by where it stands, in words: its name, and the account where that is another one."""
    found: dict[str, str] = {}
    for place, role in _roles(value, ""):
        if _LINKED in role:
            continue
        match = _ARN.fullmatch(role)
        name = role if match is None else match["name"]
        whose = "" if match is None or match["account"] == account else f" of {match['account']}"
        found[place] = name.rpartition("/")[2] + whose
    return found


def _roles(value: Any, place: str, *, named: bool = False) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        # Beside a role stand what it is for and how far it is, which are none.
        told = named and any(_ROLE.search(str(name)) for name in value)
        for name, one in value.items():
            whole = f"{place}/{name}".lower().lstrip("/")
            if str(name).lower() in _WRITTEN or (named and str(name).lower() in ("id", "type")):
                # Of the association of a profile with an instance.
                continue
            yield from _roles(one, whole, named=bool(_ROLE.search(str(name))) or (named and not told))
    elif isinstance(value, (list, tuple)):
        for number, one in enumerate(value):
            label = next((one[key] for key in _LABELS if key in one), number) if isinstance(one, Mapping) else number
            yield from _roles(one, f"{place}/{label}".lower(), named=named)
    elif isinstance(value, str) and value and named and not value.startswith("${"):
        written = _IN_WORDS.search(value)
        role = value if written is None else written["arn"]
        if _OTHER_ARN.match(role) is None:
            yield place, role
