"""
Programs of a template that are told a role of it, in their environment or their text: they assume it, with no MFA.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.sam.globals import SECTIONS, global_properties
from trustproof.inputs.cloudformation.values.catalogue import SOURCE
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.inputs.cloudformation.values.references import IMPORT, OUTPUTS
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import Document, Source
from trustproof.model.principals import Program
from trustproof.model.text import Symbol, Symbolic, Text

#: By the type of a program, the service that runs it, the property of its own role, and what it is told by:
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
#: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
#: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
#: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
_PROGRAMS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "AWS::Lambda::Function": ("lambda.amazonaws.com", "Role", ("Environment",)),
    "AWS::Serverless::Function": ("lambda.amazonaws.com", "Role", ("Environment",)),
    "AWS::Serverless::StateMachine": ("states.amazonaws.com", "Role", ("Definition", "DefinitionSubstitutions")),
    "AWS::CodeBuild::Project": ("codebuild.amazonaws.com", "ServiceRole", ("Environment", "Source")),
    "AWS::ECS::TaskDefinition": ("ecs-tasks.amazonaws.com", "TaskRoleArn", ("ContainerDefinitions",)),
    "AWS::StepFunctions::StateMachine": (
        "states.amazonaws.com",
        "RoleArn",
        ("Definition", "DefinitionString", "DefinitionSubstitutions"),
    ),
}


_SERVICES = frozenset(service for service, _, _ in _PROGRAMS.values())
#: Functions that make a text of texts.
_TEXTS = ("Fn::Sub", "Fn::Join")
#: How the ARN of a role goes on after its account.
_ROLE = ":role/"


def programs_that_assume(resolver: Resolver, document: Document) -> Iterator[Source]:
    """The programs of a template that are told a role, by a reference or its ARN, and do not run as it themselves."""
    role, called = document.logical_id, role_name(document.resource_arn)

    def is_arn(value: object) -> bool:
        return called != "" and _ROLE in str(value) and role_name(_text(resolver, value)) == called

    for name, service, own, told in _programs(resolver.environment):
        if role in names_in(own) or is_arn(own):
            continue
        if any(role in names_in(said) for said in told) or any(
            is_arn(value) for said in told for value in _values(said)
        ):
            yield Source(service, name)


def assuming_programs(resolver: Resolver) -> Iterator[Program]:
    """
    The programs of a template, with the ARNs of roles that they are told, and what other stacks export to them.

    A value of another stack is not asked for by this: whoever follows it looks for the export.
    """
    for name, _, own, told in _programs(resolver.environment):
        texts = dict.fromkeys(text for said in told for text in _arns(resolver, said))
        found = tuple(text for text in texts if text != _text(resolver, own))
        if found:
            yield Program(name, found)
    by_name: dict[str, dict[Text, None]] = {}
    for name in resolver.environment.of_types((SOURCE,)):
        said = resolver.environment.properties(name)
        target = _text(resolver, said.get("Target")) if said.get("Service") in _SERVICES else None
        if target is not None:
            by_name.setdefault(str(said.get("Name")), {})[target] = None
    yield from (Program(name, tuple(told)) for name, told in by_name.items())


def role_name(arn: object) -> str:
    """The path and name of a role in an ARN: a template may go to whichever account it is that a program is told."""
    return str(arn).partition(_ROLE)[2]


def _programs(environment: Environment) -> Iterator[tuple[str, str, object, list[object]]]:
    """Programs: the logical id, the service, the role that each runs as, and what it is told."""
    for name in environment.of_types(_PROGRAMS):
        resource = environment.resources[name]
        type_ = str(resource.get("Type"))
        service, own, told_by = _PROGRAMS[type_]
        properties = environment.properties(name)
        common = global_properties({"Globals": environment.globals}, resource) if type_ in SECTIONS else {}
        yield (
            name,
            service,
            properties.get(own, common.get(own)),
            [value for said in (properties, common) for key in told_by if (value := said.get(key)) is not None],
        )


def _arns(resolver: Resolver, said: object) -> Iterator[Text]:
    """The ARNs of roles in what a program is told, and what other stacks give that may be one."""
    if isinstance(said, dict) and len(said) == 1:
        ((function, argument),) = said.items()
        if function == IMPORT:
            name = _text(resolver, argument)
            yield from () if name is None else (Symbolic((Symbol(f"{IMPORT} {name}", "import"),)),)
            return
        if function in (*_TEXTS, "Ref") or (function == "Fn::GetAtt" and f".{OUTPUTS}" in f".{argument}"):
            found = None if IMPORT in str(argument) else _text(resolver, said)
            yield from (found,) if found is not None and _is_role(found) else ()
            return
    if isinstance(said, str):
        yield from (said,) if _ROLE in said else ()
    elif isinstance(said, (list, dict)):
        for inner in said.values() if isinstance(said, dict) else said:
            yield from _arns(resolver, inner)


def _is_role(text: Text) -> bool:
    return _ROLE in str(text)


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
