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
from typing import Any, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments.refused_values import stack_names
from trustproof_cdk._arguments.template_values import output_name
from trustproof_cdk._roles import handed_values, pod_targets
from trustproof_cdk._roles.handed_places import ADDON_NAMESPACES, PLACES
from trustproof_cdk._roles.handed_users import ASSOCIATION, UNSURE, User, why_not, why_not_by_token, why_not_of_pool
from trustproof_cdk._roles.meant_roles import MeantRole, Templates, meant, named_otherwise
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import Broken

_ADDON = "AWS::EKS::Addon"
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
#: Stands for where an add-on is handed a role that its pods assume by the tokens of their cluster.
_BY_TOKEN = "ByToken"
#: Begins what is said of an ARN of nobody.
_NOBODY = "by an ARN that is nobody's"
_NESTED = "*.nested.template.json"
#: Ends the name of what has no file: a template in another one, as JSON text.
_CARRIED = "TemplateBody"
#: What is acknowledged of a role that nobody it is for can use.
_USABLE = "statement-usable"

#: Where a stack is deployed to, in a cloud assembly.
_ENVIRONMENT, _UNKNOWN = re.compile("aws://([^/]+)/([^/]+)"), ("unknown-account", "unknown-region")


@runtime_checkable
class _Carrier(Protocol):
    """
    A StackSet whose template is made from a stack of its own.
    """

    @property
    def template(self) -> dict[str, Any]: ...


#: What the text of a template has where something in it is handed a role, and where others may get something of it.
_HANDED, _OUTPUT = re.compile("|".join(f'"{one}"' for one in (*PLACES, *_POOL_PLACES))), '"Outputs"'
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
    carried = dict(_carried(app))
    everything = templates_of(app, templates if _MADE else (), {file: text for file, (_, text) in carried.items()})
    texts = everything.texts
    users = [one for one, text in texts.items() if _HANDED.search(text)]
    exporting = exporting_of(texts) if users else {}
    for template in users:
        there = everything._replace(exports=exports_beside(template, exporting), said={})
        for logical_id, handed, why in _in_template(template, json.loads(texts[template]), there):
            ours = made_in(app) if ours is None else ours
            path, account = ours.get((handed.template.resolve(), handed.logical_id), ("", ""))
            is_elsewhere = handed.account not in ("", account)
            if path and template in carried and not (is_elsewhere and why.startswith(_NOBODY)):
                yield _in_carried(carried[template][0], f"{logical_id} is handed {path}, {why}")
            elif path and not is_elsewhere:
                paths = _paths(app) if paths is None else paths
                user = paths.get((template.resolve(), logical_id), logical_id)
                said = f"{user} is handed {path}, {why}"
                yield Broken(template, logical_id, user, said, _USABLE, is_warning=why.startswith(UNSURE))


def templates_of(app: IConstruct, templates: Sequence[Path], carried: Mapping[Path, str] | None = None) -> Templates:
    """
    The templates of an app, with those of its nested stacks, without what they export.

    Args:
        app: the construct that was synthesized.
        templates: the files.
        carried: further templates, by what stands for a file.
    """
    # The CDK gives no files of nested stacks. One that an earlier synthesis has left has no role of this one.
    nested = [one for folder in sorted({one.parent for one in templates}) for one in sorted(folder.glob(_NESTED))]
    texts = {one: one.read_text("utf-8") for one in dict.fromkeys([*templates, *nested])}
    callers = dict(_callers(app, texts)) if nested else {}
    return Templates({**texts, **(carried or {})}, {}, callers, dict(_environments(texts)), {})


def exporting_of(texts: Mapping[Path, str]) -> dict[Path, Any]:
    """Of some templates, those of which others may get something."""
    return {one: json.loads(text) for one, text in texts.items() if _OUTPUT in text}


def exports_beside(template: Path, exporting: Mapping[Path, Any]) -> dict[str, tuple[Any, Path, Mapping[str, Any]]]:
    """What the stacks export that a template may import from: a stage has its stacks in a folder."""
    return _exports({one: written for one, written in exporting.items() if one.parent == template.parent})


def made_in(app: IConstruct) -> dict[tuple[Path | None, str], tuple[str, str]]:
    """The paths and accounts of the roles of an app that this library has made, by template and logical id."""
    found, root = {}, stacks.node_of(app).root
    for stack, roles in list(_MADE.items()):
        carrier = stacks.carrier_of(stack)
        stage = stacks.stage_of(carrier)
        if stage is not None and stacks.root_of(stage) is root:
            for role in roles:
                made = stacks.node_of(role).default_child
                if isinstance(made, cdk.CfnResource):
                    where = _file_of(carrier), str(stack.resolve(made.logical_id))
                    path = stacks.path_of(role) if carrier is stack else where[1]
                    found[where] = path, stacks.account_of(stack)
    return found


def reported_in(app: IConstruct) -> set[tuple[Path | None, str]]:
    """The template and the name by which a report has each of these roles: in one that a StackSet carries, after it."""
    found, root = set(), stacks.node_of(app).root
    for stack, roles in list(_MADE.items()):
        carrier = stacks.carrier_of(stack)
        around = stacks.stack_of(carrier)
        stage = stacks.stage_of(carrier)
        if stage is not None and stacks.root_of(stage) is root:
            before = f"{around.resolve(carrier.logical_id)}/" if isinstance(carrier, cdk.CfnResource) else ""
            made = [role.node.default_child for role in roles]
            ids = [stack.resolve(one.logical_id) for one in made if isinstance(one, cdk.CfnResource)]
            found |= {(_file_of(around), f"{before}{ident}") for ident in ids}
    return found


def _file_of(made: IConstruct) -> Path | None:
    """The file of a stack; what stands for one, of the StackSet that carries its template."""
    stage = stacks.stage_of(made)
    name = made.template_file if isinstance(made, cdk.Stack) else f"{stacks.path_of(made)}/{_CARRIED}"
    return None if stage is None else (Path(stage.outdir) / name).resolve()


def _carried(app: IConstruct) -> Iterator[tuple[Path, tuple[cdk.CfnResource, str]]]:
    """The StackSets of an app with a template that is made from a stack, by what stands for its file, and the text."""
    for one in stacks.carriers_of(stacks.node_of(app).root):
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
            found[_file_of(stack), str(stack.resolve(one.logical_id))] = stacks.path_of(one)
    return found


def _callers(app: IConstruct, texts: Mapping[Path, str]) -> Iterator[tuple[Path, tuple[Path, str]]]:
    """What `Templates.callers` are."""
    files = {one.resolve(): one for one in texts}
    for one in stacks.node_of(app).find_all():
        if not isinstance(one, cdk.NestedStack) or one.nested_stack_resource is None:
            continue
        around = stacks.stack_of(one.nested_stack_resource)
        inner, outer = _file_of(one), _file_of(around)
        if inner in files and outer in files:
            yield files[inner], (files[outer], str(around.resolve(one.nested_stack_resource.logical_id)))


def _environments(templates: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """What `Templates.environments` are, as the cloud assemblies say it."""
    for folder in dict.fromkeys(one.parent for one in templates):
        manifest = folder / "manifest.json"
        artifacts = json.loads(manifest.read_text("utf-8")).get("artifacts", {}) if manifest.is_file() else {}
        for one in artifacts.values():
            file = one.get("properties", {}).get("templateFile")
            known = _ENVIRONMENT.fullmatch(one.get("environment", ""))
            if file is not None and known is not None:
                account, region = ("*" if part in _UNKNOWN else part for part in known.groups())
                yield folder / file, f"{region}:{account}"


def _exports(read: Mapping[Path, Any]) -> dict[str, tuple[Any, Path, Mapping[str, Any]]]:
    """What `Templates.exports` are: those of one assembly, where one template has the name."""
    found: dict[str, tuple[Any, Path, Mapping[str, Any]]] = {}
    several: set[str] = set()
    folders = {folder: stack_names(folder) for folder in dict.fromkeys(one.parent for one in read)}
    for template, written in read.items():
        stack = folders[template.parent].get(template.name, "")
        for logical_id, one in written.get("Outputs", {}).items():
            for name in (one.get("Export", {}).get("Name"), output_name(stack, logical_id)):
                if isinstance(name, str):
                    # Another account or Region has names of its own, and who imports is not said here.
                    several.update({name} & found.keys())
                    found[name] = one.get("Value"), template, written
    return {name: one for name, one in found.items() if name not in several}


def _in_template(template: Path, written: Mapping[str, Any], there: Templates) -> Iterator[tuple[str, MeantRole, str]]:
    resources = written.get("Resources", {})
    for logical_id, one in ((logical_id, part) for logical_id, made in resources.items() for part in _parts(made)):
        for place in PLACES.get(str(one.get("Type")), ()):
            user = _user(one, resources, template, logical_id, there)
            for value in _at(one.get("Properties", {}), place.steps):
                found = [
                    (role, _why_not(role, user, place.service, there))
                    for role in meant(value, template, written, there)
                ]
                yield from _misnamed(logical_id, value, template, written, there)
                # Of several roles of one name, any may be the one in the account.
                if all(why for _, why in found):
                    yield from ((logical_id, role, why) for role, why in found)
        if one.get("Type") == ASSOCIATION:
            yield from _onward(logical_id, one.get("Properties", {}), template, written, there)
        for role in meant(one.get(_BY_TOKEN), template, written, there) if _BY_TOKEN in one else ():
            if why := why_not_by_token(_trust(role, there)):
                yield logical_id, role, why
        for steps, kind in _POOL_PLACES.get(str(one.get("Type")), ()):
            user = _user(one, resources, template, logical_id, there)
            for value in _at(one.get("Properties", {}), steps):
                found = [
                    (role, why_not_of_pool(_trust(role, there), user, kind))
                    for role in meant(value, template, written, there)
                ]
                if all(why for _, why in found):
                    yield from ((logical_id, role, why) for role, why in found)


def _parts(made: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A resource, or what it is made of: an add-on of Amazon EKS makes associations for its service accounts."""
    if made.get("Type") != _ADDON:
        yield made
        return
    properties = made.get("Properties", {})
    namespace = properties.get("NamespaceConfig")
    given = {"ClusterName": properties.get("ClusterName")}
    if isinstance(namespace, Mapping) and "Namespace" in namespace:
        given["Namespace"] = namespace["Namespace"]
    elif namespace is None and str(properties.get("AddonName")) in ADDON_NAMESPACES:
        given["Namespace"] = ADDON_NAMESPACES[properties["AddonName"]]
    if "ServiceAccountRoleArn" in properties:
        yield {_BY_TOKEN: properties["ServiceAccountRoleArn"]}
    associations = properties.get("PodIdentityAssociations")
    for one in associations if isinstance(associations, list) else ():
        if isinstance(one, Mapping):
            yield {"Type": ASSOCIATION, "Properties": {**one, **given}}


def _user(
    made: Mapping[str, Any], resources: Mapping[str, Any], template: Path, logical_id: str, there: Templates
) -> User:
    properties = handed_values.document_in(made.get("Properties", {}), template, there)
    return User(made["Type"], properties, resources, template, logical_id, there.environment_of(template))


def _why_not(role: MeantRole, user: User, service: str, there: Templates) -> str:
    account = user.environment.rpartition(":")[2]
    if role.account.isdigit() and account.isdigit() and role.account != account:
        return (
            f"which is of account {role.account}: nobody can pass a role to a service of another account, {account} "
            "here; make one there"
        )
    return why_not(_trust(role, there), user, service, is_beside=role.template == user.template)


def _trust(role: MeantRole, there: Templates) -> Any:
    """The trust policy of a role, with what is known of where it is deployed to."""
    return handed_values.document_in(role.properties.get("AssumeRolePolicyDocument"), role.template, there)


def _onward(
    logical_id: str, properties: Mapping[str, Any], template: Path, written: Mapping[str, Any], there: Templates
) -> Iterator[tuple[str, MeantRole, str]]:
    """The role that EKS Pod Identity goes on to for an association, if the role of that does not get into it."""
    yield from _misnamed(logical_id, properties.get("TargetRoleArn"), template, written, there)
    targets = meant(properties.get("TargetRoleArn"), template, written, there)
    callers = meant(properties.get("RoleArn"), template, written, there)
    said = handed_values.document_in(properties.get("DisableSessionTags", False), template, there)
    has_tags = said in (False, "false")
    found = [
        (target, _why_not_onward(target, caller, there, has_tags=has_tags)) for target in targets for caller in callers
    ]
    if all(why for _, why in found):
        yield from ((logical_id, role, why) for role, why in found)


def _why_not_onward(target: MeantRole, caller: MeantRole, there: Templates, *, has_tags: bool) -> str:
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


def _misnamed(
    logical_id: str, value: Any, template: Path, written: Mapping[str, Any], there: Templates
) -> Iterator[tuple[str, MeantRole, str]]:
    """The role of the name in an ARN that has another path, or other letters: IAM takes a name once."""
    for role in meant(value, template, written, there, named_otherwise):
        called = f"{handed_values.text_in(role.properties.get('Path', '/'), role.template, there)}"
        name = handed_values.text_in(role.properties["RoleName"], role.template, there)
        why = f"since the role is {called}{name}, and IAM takes a name once: give the role itself"
        yield logical_id, role, f"{_NOBODY}, {why}"
