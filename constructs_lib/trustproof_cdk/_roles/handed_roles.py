"""
Roles that a template hands to a service that they do not let in: it is deployed, or refused at the end of a deployment,
and does not work.

The templates say it, those of all stacks: who is handed a role need not be a construct that knows it as a role.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments.service_principals import everywhere
from trustproof_cdk._arguments.template_values import Template
from trustproof_cdk._policies.calls import Call, arn_pattern, may_allow, may_be_one, statements_of
from trustproof_cdk._policies.known_keys import KnownKey
from trustproof_cdk._roles import handed_values, pod_targets
from trustproof_cdk._roles.handed_places import PLACES
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import Broken

_ASSUME, _BY_TOKEN = "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"
_ROLE, _ASSOCIATION = "AWS::IAM::Role", "AWS::EKS::PodIdentityAssociation"
_POOL = "AWS::Cognito::IdentityPool"
#: By type, where roles are handed to people of identity pools, and to which of them. Who is in a group of a user pool
#: has signed in, and gets the role of the group by the identity pool that says so.
_POOL_PLACES: dict[str, list[tuple[tuple[str, ...], str]]] = {
    "AWS::Cognito::IdentityPoolRoleAttachment": [
        (("Roles", "authenticated"), "authenticated"),
        (("Roles", "unauthenticated"), "unauthenticated"),
        # Rules are about the claims of tokens, which nobody has who has not signed in.
        (("RoleMappings", "*", "RulesConfiguration", "Rules", "*", "RoleARN"), "authenticated"),
    ],
    "AWS::Cognito::UserPoolGroup": [(("RoleArn",), "authenticated")],
}
_COGNITO, _SUFFIX = "cognito-identity.amazonaws.com", ".amazonaws.com"
#: What makes roles for a service that needs more than a principal.
_CONSTRUCTS = {
    "pods.eks.amazonaws.com": "EksPodIdentityRole",
    "rolesanywhere.amazonaws.com": "RolesAnywhereRole",
}
_NESTED = "*.nested.template.json"
#: Ends the name of what has no file: a template in another one, as JSON text.
_CARRIED = "TemplateBody"
_STACK, _OUTPUTS = "AWS::CloudFormation::Stack", "Outputs."
#: Stacks in one another that a value is followed through.
_DEEPEST = 20
#: What is acknowledged of a role that nobody it is for can use.
_USABLE = "statement-usable"

#: By type, what a service says of whom it calls for: its ARN without the Region and the account, and the property that
#: it ends with.
_SOURCES = {
    "AWS::CodeBuild::Project": ("arn:*:codebuild:{}:project/", "Name", "*"),
    "AWS::Pipes::Pipe": ("arn:*:pipes:{}:pipe/", "Name", "*"),
    "AWS::Scheduler::Schedule": ("arn:*:scheduler:{}:schedule-group/", "GroupName", "default"),
    "AWS::StepFunctions::StateMachine": ("arn:*:states:{}:stateMachine:", "StateMachineName", "*"),
}
#: By type, whose ARN it sends where that is not its own: the property that names it, and its type.
_NAMED = {
    "AWS::EKS::PodIdentityAssociation": ("ClusterName", "AWS::EKS::Cluster"),
    "AWS::Scheduler::Schedule": ("GroupName", "AWS::Scheduler::ScheduleGroup"),
}
#: What EKS says by session tags of a pod, unless an association leaves them out.
_POD_TAGS = (
    "eks-cluster-arn",
    "eks-cluster-name",
    "kubernetes-namespace",
    "kubernetes-service-account",
    "kubernetes-pod-name",
    "kubernetes-pod-uid",
)
_NO_TAGS = tuple(KnownKey(one, (None,)) for one in ("aws:TagKeys", *(f"aws:RequestTag/{tag}" for tag in _POD_TAGS)))
#: Operators that no value outside of their lists meets.
_NAMING = ("stringequals", "stringlike", "arnequals", "arnlike")


#: Where a stack is deployed to, in a cloud assembly.
_ENVIRONMENT, _UNKNOWN = re.compile("aws://([^/]+)/([^/]+)"), ("unknown-account", "unknown-region")
#: An ARN of a role, in whichever partition: account, path and name.
_ARN = re.compile(r"arn:[^:]*:iam::([0-9]{12}):role(/(?:[^*?]*/)?)([^*?/]+)")


class _Role(NamedTuple):
    """
    A role of a template.
    """

    template: Path
    logical_id: str
    properties: Mapping[str, Any]
    #: That of the ARN by which the role is meant; empty where it is meant by a reference.
    account: str = ""


@runtime_checkable
class _Carrier(Protocol):
    """
    A StackSet whose template is made from a stack of its own.
    """

    @property
    def template(self) -> dict[str, Any]: ...


class _Templates(NamedTuple):
    """
    What the values of a template may lead to; see `handed_values.Files`.
    """

    #: By file.
    texts: Mapping[Path, str]
    #: By the name of the export, its value, and the template that has it.
    exports: Mapping[str, tuple[Any, Path, Mapping[str, Any]]]
    #: By the file of a nested stack, that of the stack around, and its logical id there.
    callers: Mapping[Path, tuple[Path, str]]
    #: By the file of a stack that is deployed to one environment, that, as ARNs have it.
    environments: Mapping[Path, str]
    #: What those say that were asked about.
    said: dict[Path, Template]

    def environment_of(self, template: Path) -> str:
        """The Region and account of what a template makes, as ARNs have them; ``*`` where they are not known."""
        # A nested stack is where the stack around is. A template of a StackSet is anywhere, and no stack's.
        for _ in range(_DEEPEST):
            if template not in self.callers:
                break
            template, _ = self.callers[template]
        return self.environments.get(template, "*:*")


class _User(NamedTuple):
    """
    A resource that is handed a role.
    """

    type_name: str
    properties: Mapping[str, Any]
    #: All of its template, by their logical ids.
    resources: Mapping[str, Any]
    template: Path
    logical_id: str
    #: Its Region and account, as ARNs have them.
    environment: str


#: What the text of a template has where something in it is handed a role, and where it exports something.
_HANDED, _EXPORT = re.compile("|".join(f'"{one}"' for one in (*PLACES, *_POOL_PLACES))), '"Export"'
#: Where it has the name of a role that is put together.
_PUT = re.compile(r'"RoleName": ?\{')
#: By stack, the roles that constructs of this library have made.
_MADE: WeakKeyDictionary[cdk.Stack, list[iam.Role]] = WeakKeyDictionary()


def note_made(role: iam.Role) -> None:
    """Have the plugin look whether those whom a role is handed to are let in by it."""
    _MADE.setdefault(stacks.stack_of(role), []).append(role)


def roles_of(stack: cdk.Stack) -> list[iam.Role]:
    """The roles that constructs of this library have made in a stack."""
    return list(_MADE.get(stack, ()))


def handed_in_vain(app: IConstruct, templates: Sequence[Path]) -> Iterator[Broken]:
    """
    Where roles of this library are handed to a service that surely does not get in.

    Args:
        app: the construct that was synthesized.
        templates: the files.
    """
    ours, paths = None, None
    # The CDK gives no files of nested stacks. One that an earlier synthesis has left has no role of this one.
    nested = [one for folder in sorted({one.parent for one in templates}) for one in sorted(folder.glob(_NESTED))]
    texts = {one: one.read_text("utf-8") for one in dict.fromkeys([*templates, *nested])} if _MADE else {}
    carried = dict(_carried(app))
    texts |= {file: text for file, (_, text) in carried.items()}
    users = [one for one, text in texts.items() if _HANDED.search(text)]
    exporting = {one: json.loads(text) for one, text in texts.items() if users and _EXPORT in text}
    callers = dict(_callers(app, texts)) if users and nested else {}
    environments = dict(_environments(texts)) if users else {}
    for template in users:
        # A stage has its stacks in a folder, and what one exports is imported in it.
        exports = _exports({one: written for one, written in exporting.items() if one.parent == template.parent})
        there = _Templates(texts, dict(exports), callers, environments, {})
        for logical_id, handed, why in _in_template(template, json.loads(texts[template]), there):
            ours = made_in(app) if ours is None else ours
            path, account = ours.get((handed.template.resolve(), handed.logical_id), ("", ""))
            if path and template in carried:
                yield _in_carried(carried[template][0], f"{logical_id} is handed {path}, {why}")
            elif path and handed.account in ("", account):
                paths = _paths(app) if paths is None else paths
                user = paths.get((template.resolve(), logical_id), logical_id)
                yield Broken(template, logical_id, user, f"{user} is handed {path}, {why}", _USABLE)


def made_in(app: IConstruct) -> dict[tuple[Path | None, str], tuple[str, str]]:
    """The paths and accounts of the roles of an app that this library has made, by template and logical id."""
    found = {}
    for stack, roles in list(_MADE.items()):
        carrier = stacks.carrier_of(stack)
        stage = stacks.stage_of(carrier)
        if stage is not None and stacks.root_of(stage) is app.node.root:
            for role in roles:
                made = role.node.default_child
                if isinstance(made, cdk.CfnResource):
                    where = _file_of(carrier), str(stack.resolve(made.logical_id))
                    path = role.node.path if carrier is stack else where[1]
                    found[where] = path, stacks.account_of(stack)
    return found


def _file_of(made: IConstruct) -> Path | None:
    """The file of a stack; what stands for one, of the StackSet that carries its template."""
    stage = stacks.stage_of(made)
    name = made.template_file if isinstance(made, cdk.Stack) else f"{made.node.path}/{_CARRIED}"
    return None if stage is None else (Path(stage.outdir) / name).resolve()


def _carried(app: IConstruct) -> Iterator[tuple[Path, tuple[cdk.CfnResource, str]]]:
    """The StackSets of an app with a template that is made from a stack, by what stands for its file, and the text."""
    for one in stacks.carriers_of(app.node.root):
        file = _file_of(one)
        if isinstance(one, cdk.CfnResource) and isinstance(one, _Carrier) and file is not None:
            yield file, (one, json.dumps(one.template))


def _in_carried(carrier: cdk.CfnResource, said: str) -> Broken:
    """What is said of something in the template of a StackSet, said of that."""
    stack, path = stacks.stack_of(carrier), carrier.node.path
    file = _file_of(stack) or Path()
    return Broken(file, stack.resolve(carrier.logical_id), path, f"in the template of {path}, {said}", _USABLE)


def _paths(app: IConstruct) -> dict[tuple[Path | None, str], str]:
    """The paths of all resources of an app that may be handed a role, likewise."""
    found = {}
    for one in app.node.find_all():
        # What only has a type by its argument is asked too.
        if isinstance(one, cdk.CfnResource) and one.cfn_resource_type in (*PLACES, *_POOL_PLACES):
            stack = stacks.stack_of(one)
            found[_file_of(stack), str(stack.resolve(one.logical_id))] = one.node.path
    return found


def _callers(app: IConstruct, texts: Mapping[Path, str]) -> Iterator[tuple[Path, tuple[Path, str]]]:
    """What `_Templates.callers` are."""
    files = {one.resolve(): one for one in texts}
    for one in app.node.find_all():
        if not isinstance(one, cdk.NestedStack) or one.nested_stack_resource is None:
            continue
        around = stacks.stack_of(one.nested_stack_resource)
        inner, outer = _file_of(one), _file_of(around)
        if inner in files and outer in files:
            yield files[inner], (files[outer], str(around.resolve(one.nested_stack_resource.logical_id)))


def _environments(templates: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """What `_Templates.environments` are, as the cloud assemblies say it."""
    for folder in dict.fromkeys(one.parent for one in templates):
        manifest = folder / "manifest.json"
        artifacts = json.loads(manifest.read_text("utf-8")).get("artifacts", {}) if manifest.is_file() else {}
        for one in artifacts.values():
            file = one.get("properties", {}).get("templateFile")
            known = _ENVIRONMENT.fullmatch(one.get("environment", ""))
            if file is not None and known is not None:
                account, region = ("*" if part in _UNKNOWN else part for part in known.groups())
                yield folder / file, f"{region}:{account}"


def _exports(read: Mapping[Path, Any]) -> Iterator[tuple[str, tuple[Any, Path, Mapping[str, Any]]]]:
    """What templates export, by name."""
    for template, written in read.items():
        for one in written.get("Outputs", {}).values():
            name = one.get("Export", {}).get("Name")
            if isinstance(name, str):
                yield name, (one.get("Value"), template, written)


def _in_template(template: Path, written: Mapping[str, Any], there: _Templates) -> Iterator[tuple[str, _Role, str]]:
    resources = written.get("Resources", {})
    for logical_id, one in resources.items():
        for place in PLACES.get(one.get("Type"), ()):
            user = _user(one, resources, template, logical_id, there)
            for value in _at(one.get("Properties", {}), place.steps):
                found = [
                    (role, _why(role, user, place.service, there)) for role in _meant(value, template, written, there)
                ]
                # Of several roles of one name, any may be the one in the account.
                if all(why for _, why in found):
                    yield from ((logical_id, role, why) for role, why in found)
        if one.get("Type") == _ASSOCIATION:
            yield from _onward(logical_id, one.get("Properties", {}), template, written, there)
        for steps, kind in _POOL_PLACES.get(one.get("Type"), ()):
            user = _user(one, resources, template, logical_id, there)
            for value in _at(one.get("Properties", {}), steps):
                found = [
                    (role, _why_not_of_pool(role, user, kind, there))
                    for role in _meant(value, template, written, there)
                ]
                if all(why for _, why in found):
                    yield from ((logical_id, role, why) for role, why in found)


def _user(
    made: Mapping[str, Any], resources: Mapping[str, Any], template: Path, logical_id: str, there: _Templates
) -> _User:
    properties = handed_values.document_in(made.get("Properties", {}), template, there)
    return _User(made["Type"], properties, resources, template, logical_id, there.environment_of(template))


def _trust(role: _Role, there: _Templates) -> Any:
    """The trust policy of a role, with what is known of where it is deployed to."""
    return handed_values.document_in(role.properties.get("AssumeRolePolicyDocument"), role.template, there)


def _onward(
    logical_id: str, properties: Mapping[str, Any], template: Path, written: Mapping[str, Any], there: _Templates
) -> Iterator[tuple[str, _Role, str]]:
    """The role that EKS Pod Identity goes on to for an association, if the role of that does not get into it."""
    targets = _meant(properties.get("TargetRoleArn"), template, written, there)
    callers = _meant(properties.get("RoleArn"), template, written, there)
    said = handed_values.document_in(properties.get("DisableSessionTags", False), template, there)
    has_tags = said in (False, "false")
    found = [
        (target, _why_not_onward(target, caller, there, has_tags=has_tags)) for target in targets for caller in callers
    ]
    if all(why for _, why in found):
        yield from ((logical_id, role, why) for role, why in found)


def _why_not_onward(target: _Role, caller: _Role, there: _Templates, *, has_tags: bool) -> str:
    resources = json.loads(there.texts[target.template]).get("Resources", {})
    caller_id = caller.logical_id if caller.template == target.template else None
    trust = _trust(target, there)
    return pod_targets.why_not_onward(trust, caller.properties, caller_id, resources, has_tags=has_tags)


def _at(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    """The values at a place."""
    if not steps:
        yield value
    elif steps[0] == "*":
        each = value.values() if isinstance(value, Mapping) else value
        for one in each if isinstance(value, (list, Mapping)) else ():
            yield from _at(one, steps[1:])
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])


def _meant(value: Any, template: Path, written: Mapping[str, Any], there: _Templates) -> list[_Role]:
    """The roles of which a value of a template may mean one: by a reference, an import or its ARN as a text."""
    value, template, written = _traced(value, template, written, there)
    known = handed_values.text_in(value, template, there)
    if known is not None:
        return _named(known, there)
    imported = value.get("Fn::ImportValue") if isinstance(value, Mapping) else None
    if isinstance(imported, str):
        # What is exported under a name is not imported by it.
        others = {name: one for name, one in there.exports.items() if name != imported}
        exported = there.exports.get(imported)
        return [] if exported is None else _meant(*exported, there._replace(exports=others))
    if (role := _referred(value, template, written)) is not None:
        return [role]
    return _named(arn_pattern(value), there)


def _named(written: str, there: _Templates) -> list[_Role]:
    """The roles of templates that an ARN is of."""
    arn = _ARN.fullmatch(written)
    if arn is None:
        return []
    account, path, name = arn.groups()
    # Few templates have the name, or one that is put together, and they are read for few values.
    having = [(one, json.loads(text)) for one, text in there.texts.items() if f'"{name}"' in text or _PUT.search(text)]
    return [
        _Role(one, logical_id, properties, account)
        for one, other in having
        for logical_id, made in other.get("Resources", {}).items()
        if made.get("Type") == _ROLE
        and handed_values.text_in((properties := made.get("Properties", {})).get("RoleName"), one, there) == name
        and handed_values.text_in(properties.get("Path", "/"), one, there) == path
    ]


def _traced(
    value: Any, template: Path, written: Mapping[str, Any], there: _Templates
) -> tuple[Any, Path, Mapping[str, Any]]:
    """Where a value comes from that goes into a nested stack by a parameter, or out of one as an output."""
    for _ in range(_DEEPEST):
        name, named = (value.get("Ref"), value.get("Fn::GetAtt")) if isinstance(value, Mapping) else (None, None)
        if template in there.callers and isinstance(name, str) and name in written.get("Parameters", {}):
            template, logical_id = there.callers[template]
            written = json.loads(there.texts[template])
            value = written["Resources"][logical_id].get("Properties", {}).get("Parameters", {}).get(name)
        elif isinstance(named, list) and str(named[1]).startswith(_OUTPUTS):
            inner = next((one for one, called in there.callers.items() if called == (template, named[0])), None)
            if inner is None:
                break
            template, written = inner, json.loads(there.texts[inner])
            value = written.get("Outputs", {}).get(named[1].removeprefix(_OUTPUTS), {}).get("Value")
        else:
            break
    return value, template, written


def _referred(value: Any, template: Path, written: Mapping[str, Any]) -> _Role | None:
    """The role of a template that a value of it means, by its name or its ARN."""
    if not isinstance(value, Mapping):
        return None
    named = value.get("Fn::GetAtt")
    logical_id = named[0] if isinstance(named, list) and named[1:] == ["Arn"] else value.get("Ref")
    found = written.get("Resources", {}).get(logical_id) if isinstance(logical_id, str) else None
    if found is None or found.get("Type") != _ROLE:
        return None
    return _Role(template, str(logical_id), found.get("Properties", {}))


def _why(role: _Role, user: _User, service: str, there: _Templates) -> str:
    """Why a service does not get into a role for a resource, in words; empty where it may."""
    statements = statements_of(_trust(role, there))
    if statements is None:
        return ""
    own = [one for one in statements if _is_about(one, "Service", service)]
    if not may_allow({"Statement": own}, Call(_ASSUME)):
        makes = _CONSTRUCTS.get(service, "ServiceRole")
        return f"which does not let {service} in: give it a role that does, as {makes} makes one"
    if _leaves_tags_out(user):
        if may_allow({"Statement": own}, Call(_ASSUME, None, _NO_TAGS)):
            return ""
        return (
            "which demands session tags that the association does not send (DisableSessionTags): take that out, or "
            "give it a role that demands none"
        )
    if not may_allow({"Statement": own}, Call(_ASSUME, None, _tags(user))):
        return (
            "which is for other pods: the namespace, the service account or the cluster of the association is none of "
            "those that it trusts"
        )
    for key, expected in _said_by_service(user):
        kept = [one for one in own if not _excludes(one, key, expected)]
        if not may_allow({"Statement": kept}, Call(_ASSUME)):
            return f"which lets {service} in for others only: the call has {expected} as {key}"
        if role.template == user.template and (meant := _meant_by(user)):
            kept = [one for one in own if not _excludes_resource(one, key, meant, user.resources)]
            if not may_allow({"Statement": kept}, Call(_ASSUME)):
                return f"which lets {service} in for others only: the call has the ARN of {meant} as {key}"
    return ""


def _meant_by(user: _User) -> str:
    """The logical id of the resource of the template whose ARN is sent; empty where it is none of it."""
    if user.type_name not in _NAMED:
        return user.logical_id
    name, kind = _NAMED[user.type_name]
    given = user.properties.get(name)
    found = given.get("Ref") if isinstance(given, Mapping) else None
    return found if isinstance(found, str) and user.resources.get(found, {}).get("Type") == kind else ""


def _excludes_resource(statement: Any, key: str, meant: str, resources: Mapping[str, Any]) -> bool:
    """Whether a statement demands the ARN of other resources of the template than one."""
    return any(all(_is_of_another(one, meant, resources) for one in values) for values in _demanded(statement, key))


def _is_of_another(value: Any, meant: str, resources: Mapping[str, Any]) -> bool:
    """Two resources of a template have two ARNs, unless a condition leaves one of them out."""
    named = value.get("Fn::GetAtt", [value.get("Ref")]) if isinstance(value, Mapping) else [None]
    other = named[0] if isinstance(named, list) else None
    if not isinstance(other, str) or other not in resources or other == meant:
        return False
    both = (resources[other], resources[meant])
    return both[0].get("Type") == both[1].get("Type") and not any("Condition" in one for one in both)


def _leaves_tags_out(user: _User) -> bool:
    """Whether an association surely has EKS pass no session tags."""
    return user.type_name == _ASSOCIATION and str(user.properties.get("DisableSessionTags")).lower() == "true"


def _tags(user: _User) -> tuple[KnownKey, ...]:
    """What EKS says by session tags of a pod."""
    if user.type_name != _ASSOCIATION:
        return ()
    tags = {
        "eks-cluster-name": "ClusterName",
        "kubernetes-namespace": "Namespace",
        "kubernetes-service-account": "ServiceAccount",
    }
    given = {tag: user.properties.get(name) for tag, name in tags.items()}
    return tuple(
        KnownKey(f"aws:RequestTag/{tag}", ((value,),)) for tag, value in given.items() if isinstance(value, str)
    )


def _said_by_service(user: _User) -> Iterator[tuple[str, str]]:
    """Keys that a service sends, and a pattern of what each is."""
    if user.type_name == _ASSOCIATION:
        name = arn_pattern(user.properties.get("ClusterName", "*"))
        yield "aws:RequestTag/eks-cluster-arn", f"arn:*:eks:{user.environment}:cluster/{name}"
    if user.type_name in _SOURCES:
        start, name, usual = _SOURCES[user.type_name]
        yield "aws:SourceArn", f"{start.format(user.environment)}{arn_pattern(user.properties.get(name, usual))}"


def _excludes(statement: Any, key: str, expected: str) -> bool:
    """Whether a statement demands another value of a key than a pattern has."""
    return any(
        not any(may_be_one(arn_pattern(one), expected) for one in values) for values in _demanded(statement, key)
    )


def _demanded(statement: Any, key: str) -> Iterator[list[Any]]:
    """The lists of which a key has to be one."""
    conditions = statement.get("Condition") if isinstance(statement, Mapping) else None
    for operator, keys in conditions.items() if isinstance(conditions, Mapping) else ():
        if str(operator).lower().removeprefix("foranyvalue:") in _NAMING and isinstance(keys, Mapping):
            yield from (_listed(values) for name, values in keys.items() if str(name).lower() == key.lower())


def _why_not_of_pool(role: _Role, user: _User, kind: str, there: _Templates) -> str:
    """Why people of an identity pool do not get into a role, likewise."""
    statements = statements_of(_trust(role, there))
    if statements is None:
        return ""
    own = [one for one in statements if _is_about(one, "Federated", _COGNITO)]
    if not may_allow({"Statement": own}, Call(_BY_TOKEN)):
        return f"which does not let {_COGNITO} in: give it a role that does, as CognitoIdentityPoolRole makes one"
    # Who has signed in has more methods than this one.
    other = {"authenticated": "unauthenticated", "unauthenticated": "authenticated"}[kind]
    of_kind = [one for one in own if [other] not in _demanded(one, f"{_COGNITO}:amr")]
    if not may_allow({"Statement": of_kind}, Call(_BY_TOKEN)):
        return f"which is for {other} users: hand it over as their role"
    pool = user.properties.get("IdentityPoolId")
    of_pool = [one for one in of_kind if not _is_of_other(one, pool, user.resources)]
    if not may_allow({"Statement": of_pool}, Call(_BY_TOKEN)):
        return "which is for another identity pool"
    return ""


def _is_of_other(statement: Any, pool: Any, resources: Mapping[str, Any]) -> bool:
    """Whether a statement demands tokens of other pools than one."""
    return any(
        all(_are_two(one, pool, resources) for one in values) for values in _demanded(statement, f"{_COGNITO}:aud")
    )


def _are_two(one: Any, other: Any, resources: Mapping[str, Any]) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one != other and not any(mark in one for mark in "*?$")
    # Of two pools that the template makes, each has its own id.
    both = [value.get("Ref") if isinstance(value, Mapping) else None for value in (one, other)]
    return both[0] != both[1] and all(
        isinstance(name, str) and resources.get(name, {}).get("Type") == _POOL for name in both
    )


def _is_about(statement: Any, kind: str, asked: str) -> bool:
    """Whether a statement of a trust policy may be about a service or provider; what cannot be read may."""
    principal = statement.get("Principal") if isinstance(statement, Mapping) else None
    if not isinstance(principal, Mapping):
        return True
    listed = _listed(principal.get(kind, []))
    # What is not written out may be any, as an account or an ARN of somebody may not.
    return any(not isinstance(one, str) or _may_be(one, asked) for one in listed)


def _may_be(written: str, asked: str) -> bool:
    """Whether a principal is a service or provider, in whichever partition: some have other domains."""
    name = everywhere(written)
    is_elsewhere = not name.endswith(_SUFFIX) and name.startswith(f"{asked.removesuffix(_SUFFIX)}.")
    return name in (asked, "*") or is_elsewhere


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
