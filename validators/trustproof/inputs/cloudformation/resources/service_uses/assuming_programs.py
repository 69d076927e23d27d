"""
Programs of a template that are told a role, in their environment or their text: they assume it, with no MFA.

Of a few types it is known by which properties; anything else that names a role is told it too, but where it is handed
the role to act with, or speaks of it in a policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.access.access_by_property import LETS_IN
from trustproof.inputs.cloudformation.resources.service_uses.role_arns import ROLE, role_name, roles_in
from trustproof.inputs.cloudformation.values.catalogue import (
    GRANTS,
    NESTED_STACK,
    SOURCE,
    STACK_SET,
    TELLS,
    TEMPLATE_BODY,
)
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.inputs.cloudformation.values.program_inputs import ProgramInputs
from trustproof.inputs.cloudformation.values.references import IMPORT, OUTPUTS
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import WHOEVER, Document, Source
from trustproof.model.policy import ALLOW
from trustproof.model.principals import Program
from trustproof.model.text import Symbol, Symbolic, Text

#: By the type of a program, the service that runs it, the property of its own role, and what it is told by:
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
#: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
#: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
#: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
_PROGRAMS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "AWS::Lambda::Function": ("lambda.amazonaws.com", "Role", ("Environment", "Code")),
    "AWS::Serverless::Function": ("lambda.amazonaws.com", "Role", ("Environment", "InlineCode")),
    "AWS::Serverless::StateMachine": ("states.amazonaws.com", "Role", ("Definition", "DefinitionSubstitutions")),
    "AWS::CodeBuild::Project": ("codebuild.amazonaws.com", "ServiceRole", ("Environment", "Source")),
    "AWS::ECS::TaskDefinition": ("ecs-tasks.amazonaws.com", "TaskRoleArn", ("ContainerDefinitions",)),
    "AWS::StepFunctions::StateMachine": (
        "states.amazonaws.com",
        "RoleArn",
        ("Definition", "DefinitionString", "DefinitionSubstitutions"),
    ),
}
_SERVICES = frozenset((TELLS, *(service for service, _, _ in _PROGRAMS.values())))
#: Functions that make a text of texts.
_TEXTS = ("Fn::Sub", "Fn::Join")
_TOPIC = "AWS::SNS::Topic"
#: The beginning of the ARN of one, as it is written.
_OF_TOPICS = re.compile(r"arn:[^'\"]*:sns\b")
#: How many colons of an ARN stand before the account.
_ACCOUNT_FIELD = 4
#: What keeps a text for whoever reads it.
_STORES = (
    "AWS::AppConfig::HostedConfigurationVersion",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::Secret",
)
#: Its actions may have roles, which its own role assumes.
_PIPELINE = "AWS::CodePipeline::Pipeline"
#: Kinds of symbols that may be somebody of the account that a template goes to, and are not given by its deployer.
_KNOWN_HERE = ("pseudo-parameter", "attribute", "import")
#: What gives all that it is told to a function.
_CUSTOM, _CUSTOM_RESOURCE = "Custom::", "AWS::CloudFormation::CustomResource"
#: Properties that hand a role to a service, or let it in.
_HANDS = re.compile(
    r"(?!Target|Assum)\w*(Role|Profile)(s|Id|Name|Names|Arn|Arns|ARN|ARNs)?|\w*Principal\w*|\w*Admins|Credentials"
)
#: Properties that are policies, of which some are given as text: whom these name is let in, and told nothing.
_SPEAKS = re.compile(r"\w*(Policy|PolicyDocument|PolicyText|Policies)")
#: Properties below which whoever writes a template chooses the names.
_FREE = re.compile(r"\w*(Environment|Variables|Arguments|Parameters|Substitutions|Settings)|mainSteps")
#: How the types begin that CloudFormation knows itself, and those of Terraform; what handles any other is a program.
_KNOWN = ("AWS::", "Alexa::", "Trustproof::")
#: What makes stacks, and whoever reads their template is told what it passes.
_STACKS = (NESTED_STACK, STACK_SET)
#: Where CDK has put the template of a nested stack.
_ASSET = "aws:asset:path"
#: What calls others with a text: the text is for them.
_CALLING = ("AWS::Events::Rule", "AWS::Scheduler::Schedule")
#: What says to Kubernetes who somebody is: https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
_OF_CLUSTERS = "Manifest"
#: What makes a machine of an instance: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-init.html
_INIT = "AWS::CloudFormation::Init"


def programs_that_assume(resolver: Resolver, document: Document) -> Iterator[Source]:
    """The programs of a template that are told a role, by a reference or its ARN, and do not run as it themselves."""
    role, called = document.logical_id, role_name(document.resource_arn)

    def is_arn(value: object) -> bool:
        text = _text(resolver, value)
        return text is not None and any(role_name(arn) == called for arn in roles_in(text))

    environment = resolver.environment
    programs, others = environment.indexes.of(resolver, _programs_told), environment.indexes.of(resolver, _others_told)
    naming = (*programs.of(role, called), *environment.referring.get(role, ()), *others.of(role, called))
    for name in dict.fromkeys(naming):
        is_pipeline = environment.resources.get(name, {}).get("Type") == _PIPELINE
        one = _inputs(environment, name) if name and not is_pipeline else None
        if one is None or role in one.own_names or (called and any(map(is_arn, one.own_spelled))):
            continue
        is_told = role in one.names or (called != "" and any(map(is_arn, one.spelled)))
        if is_told and _may_be_let_in(resolver, document, name):
            yield Source(one.service, one.called)
    for name in environment.indexes.of(environment, _exporting).get(role, ()):
        if _may_let_in_importers(document, environment):
            yield Source(TELLS, f"{WHOEVER}imports output {name}")


class _Told:
    """
    Which resources are told roles.

    Args:
        resolver: of the template.
        names: their logical ids.
    """

    def __init__(self, resolver: Resolver, names: Iterable[str]) -> None:
        self._names: list[str] = [*names]
        self._by_reference: dict[str, list[int]] = {}
        self._by_role_name: dict[str, list[int]] = {}
        environment = resolver.environment
        for place, name in enumerate(self._names):
            is_pipeline = environment.resources.get(name, {}).get("Type") == _PIPELINE
            one = _inputs(environment, name) if name and not is_pipeline else None
            if one is None:
                continue
            for referred in one.names:
                self._by_reference.setdefault(referred, []).append(place)
            texts = (_text(resolver, value) for value in one.spelled)
            for called in {role_name(arn) for text in texts if text is not None for arn in roles_in(text)}:
                self._by_role_name.setdefault(called, []).append(place)

    def of(self, role: str, called: str) -> Iterator[str]:
        """Those that are told a role of some logical id, or one that is called something."""
        places = {*self._by_reference.get(role, ()), *(self._by_role_name.get(called, ()) if called else ())}
        return (self._names[place] for place in sorted(places))


def _programs_told(resolver: Resolver) -> _Told:
    return _Told(resolver, resolver.environment.of_types(_PROGRAMS))


def _others_told(resolver: Resolver) -> _Told:
    return _Told(resolver, resolver.environment.naming_roles)


def _exporting(environment: Environment) -> Mapping[str, Sequence[str]]:
    """By what outputs refer to, the names of those that other stacks may import."""
    found: dict[str, list[str]] = {}
    for name, output in environment.outputs.items():
        if isinstance(output, Mapping) and "Export" in output:
            for referred in set(names_in(output.get("Value"))):
                found.setdefault(referred, []).append(name)
    return found


def _may_be_let_in(resolver: Resolver, document: Document, name: str) -> bool:
    """Whether a role may let in the function behind a custom resource; of what else is told one, that is not asked."""
    environment = resolver.environment
    if not _is_custom(str(environment.resources[name].get("Type"))):
        return True
    token = environment.properties(name).get("ServiceToken")
    if isinstance(token, Mapping) and {*names_in(token)} & environment.resources.keys():
        return _may_let_in_importers(document, environment)
    text = _text(resolver, token)
    parts = text.parts if isinstance(text, Symbolic) else (text or "",)
    fields = "".join(part if isinstance(part, str) else "?" for part in parts).split(":")
    account = fields[_ACCOUNT_FIELD] if len(fields) > _ACCOUNT_FIELD else ""
    allows = [one for one in document.policy.statements if one.effect == ALLOW]
    values = [entry.value for one in allows for entry in one.principals or ()]
    is_open = any(one.not_principals is not None for one in allows)
    named = any(isinstance(value, Symbolic) or value == "*" or account in value for value in values)
    return not account.isdecimal() or is_open or named


def _is_custom(type_: str) -> bool:
    return type_.startswith(_CUSTOM) or type_ == _CUSTOM_RESOURCE


def _is_behind_a_topic(environment: Environment, token: object) -> bool:
    """
    Whether what makes a custom resource is told by a topic, and not called.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources-sns.html
    """
    types = [str(environment.resources[name].get("Type")) for name in names_in(token) if name in environment.resources]
    return _TOPIC in types or _OF_TOPICS.search(str(token)) is not None


def _may_let_in_importers(document: Document, environment: Environment) -> bool:
    """
    Whether a role lets in somebody of its own account, where alone its name can be imported; not where it names others,
    or whom its deployer gives.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
    """
    for statement in document.policy.statements:
        if statement.effect == ALLOW and statement.not_principals is not None:
            return True
        for entry in (statement.principals or ()) if statement.effect == ALLOW else ():
            symbols = entry.value.symbols if isinstance(entry.value, Symbolic) else ()
            own = environment.deployment.account
            if entry.kind in ("AWS", "*") and (
                any(symbol.kind in _KNOWN_HERE for symbol in symbols)
                or (not symbols and (entry.value == "*" or own in str(entry.value).split(":")))
            ):
                return True
    return False


def assuming_programs(resolver: Resolver) -> Iterator[Program]:
    """
    The programs of a template, with the ARNs of roles that they are told, and what other stacks export to them.

    A value of another stack is not asked for by this: whoever follows it looks for the export.
    """
    for name in resolver.environment.resources:
        one = _inputs(resolver.environment, name)
        if one is None or not (one.service != TELLS or _may_name_a_role(resolver.environment, one)):
            continue
        texts = dict.fromkeys(_arns(resolver, one.values))
        own = [_text(resolver, value) for value in one.own] if texts else []
        if found := tuple(text for text in texts if text not in own):
            yield Program(one.called, found, one.own_names)
    by_name: dict[str, dict[Text, None]] = {}
    for name in resolver.environment.of_types((SOURCE,)):
        said = resolver.environment.properties(name)
        target = _text(resolver, said.get("Target")) if said.get("Service") in _SERVICES else None
        if target is not None:
            by_name.setdefault(str(said.get("Name")), {}).update(dict.fromkeys(roles_in(target)))
    yield from (Program(name, tuple(told)) for name, told in by_name.items())


def action_roles(properties: Mapping[str, object]) -> Iterator[object]:
    """
    The roles that the role of a pipeline assumes for its actions.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
    """
    for stage in _mappings(properties.get("Stages")):
        for action in _mappings(stage.get("Actions")):
            if "RoleArn" in action:
                yield action["RoleArn"]


def _inputs(environment: Environment, name: str) -> ProgramInputs | None:
    """What a resource is told; None of one that tells nobody anything."""
    if name not in environment.program_inputs:
        environment.program_inputs[name] = _read(environment, name)
    return environment.program_inputs[name]


def _read(environment: Environment, name: str) -> ProgramInputs | None:
    resource = environment.resources.get(name, {})
    type_ = str(resource.get("Type"))
    properties = environment.properties(name)
    if type_ in _PROGRAMS:
        service, own, told_by = _PROGRAMS[type_]
        values = [value for key in told_by if (value := properties.get(key)) is not None]
        return _as_inputs(name, [properties.get(own)], values, service)
    if type_.startswith(GRANTS) or type_ == LETS_IN:
        # Whom these name is let in, and told nothing.
        return None
    if type_ == _PIPELINE:
        return _as_inputs(name, [properties.get("RoleArn")], list(action_roles(properties)))
    if _is_custom(type_):
        values = [value for key, value in properties.items() if key != _OF_CLUSTERS]
        if _is_behind_a_topic(environment, properties.get("ServiceToken")):
            # It is not known who listens, and what takes down an ARN is seldom what assumes the role.
            return _as_inputs(f"{WHOEVER}listens to the topic behind {name}", [], values)
        return _as_inputs(f"the function behind {name}", [], values)
    if not type_.startswith(_KNOWN):
        return _as_inputs(f"the program behind {name}", [], [properties])
    metadata = resource.get("Metadata")
    if type_ in _STACKS and _is_at_hand(properties, metadata):
        return None
    roles: list[object] = []
    told: list[object] = []
    _part(roles, told, properties, is_free=False)
    if isinstance(metadata, Mapping):
        told.append(metadata.get(_INIT))
    return _as_inputs(_called(environment, name), roles, told)


def _as_inputs(called: str, own: list[object], values: list[object], service: str = TELLS) -> ProgramInputs:
    said = str(values)
    return ProgramInputs(
        service,
        called,
        own,
        values,
        frozenset(names_in(own)),
        frozenset(names_in(values)),
        [value for value in own if ROLE in str(value)],
        [value for value in _values(values) if ROLE in str(value)],
        any(word in said for word in (ROLE, IMPORT, f".{OUTPUTS}", f"'{OUTPUTS}")),
        "'Ref'" in said,
    )


def _is_at_hand(properties: Mapping[str, object], metadata: object) -> bool:
    """Whether the template of a stack is read too, which says what of it is told what."""
    location = properties.get("TemplateURL")
    is_elsewhere = not isinstance(location, str) or "://" in location
    return TEMPLATE_BODY in properties or not is_elsewhere or (isinstance(metadata, Mapping) and _ASSET in metadata)


def _called(environment: Environment, name: str) -> str:
    """Who gets what a resource is told, in words: of what calls others with a text, these."""
    type_ = environment.resources[name].get("Type")
    if type_ in _STORES:
        return f"{WHOEVER}reads {name}"
    if type_ not in _CALLING:
        return name
    properties = environment.properties(name)
    targets = properties.get("Targets", [properties.get("Target")])
    called: list[str] = []
    for target in _mappings(targets):
        if any(key.startswith("Input") for key in target):
            called += [one for one in sorted(names_in(target.get("Arn"))) if one in environment.resources]
    return " and ".join(dict.fromkeys(called)) or f"what {name} calls"


def _part(roles: list[object], told: list[object], value: object, *, is_free: bool) -> None:
    """Tell apart what a resource is told, and which roles it hands on."""
    if isinstance(value, list):
        for item in value:
            _part(roles, told, item, is_free=is_free)
    elif isinstance(value, dict) and not _is_function(value):
        if "Statement" in value:
            return
        for key, inner in value.items():
            if key == _OF_CLUSTERS:
                continue
            if not is_free and _SPEAKS.fullmatch(str(key)):
                continue
            if not is_free and _HANDS.fullmatch(str(key)):
                roles.extend(inner if isinstance(inner, list) else [inner])
            else:
                _part(roles, told, inner, is_free=is_free or _FREE.fullmatch(str(key)) is not None)
    else:
        told.append(value)


def _is_function(value: Mapping[object, object]) -> bool:
    """Whether something is a function of CloudFormation, and no mapping."""
    return len(value) == 1 and str(next(iter(value))).startswith(("Ref", "Fn::"))


def _may_name_a_role(environment: Environment, one: ProgramInputs) -> bool:
    """A quick look whether something speaks of the ARN of a role, or of what may be one."""
    return one.speaks_of_roles or (one.refers and environment.deployment.linked_values is not None)


def _arns(resolver: Resolver, said: object) -> Iterator[Text]:
    """The ARNs of roles in what a program is told, and what other stacks give that may be one."""
    if isinstance(said, dict) and len(said) == 1:
        ((function, argument),) = said.items()
        if function == IMPORT:
            name = _text(resolver, argument)
            yield from () if name is None else (Symbolic((Symbol(f"{IMPORT} {name}", "import"),)),)
            return
        is_text = function in (*_TEXTS, "Ref") or (function == "Fn::GetAtt" and f".{OUTPUTS}" in f".{argument}")
        if is_text and IMPORT not in str(argument):
            found = _text(resolver, said)
            yield from roles_in(found) if found is not None else ()
            if function == "Ref" and isinstance(found, Symbolic) and "role" in str(found).lower():
                # What whoever deploys the template gives, and calls a role.
                yield found
            return
    if isinstance(said, str):
        yield from roles_in(said)
    elif isinstance(said, (list, dict)):
        for inner in said.values() if isinstance(said, dict) else said:
            yield from _arns(resolver, inner)


def _text(resolver: Resolver, value: object) -> Text | None:
    try:
        found = resolver.text(value)
    except Unreadable:
        return None
    return found if isinstance(found, (str, Symbolic)) else None


def _values(said: object) -> Iterator[object]:
    """What may be an ARN in what a program is told, at any depth: texts, and functions that give one."""
    if isinstance(said, str) or (isinstance(said, dict) and len(said) == 1 and next(iter(said)) in _TEXTS):
        yield said
    elif isinstance(said, (list, dict)):
        for inner in said.values() if isinstance(said, dict) else said:
            yield from _values(inner)


def _mappings(listed: object) -> Iterator[Mapping[str, object]]:
    return (entry for entry in (listed if isinstance(listed, list) else ()) if isinstance(entry, dict))
