"""
Programs of a template that are told a role of it, in their environment or their text: they assume it, with no MFA.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.model.document import Source

#: By the type of a program, the service that runs it, the property of its own role, and what it is told by:
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
#: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
#: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
#: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
_PROGRAMS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "AWS::Lambda::Function": ("lambda.amazonaws.com", "Role", ("Environment",)),
    "AWS::Serverless::Function": ("lambda.amazonaws.com", "Role", ("Environment",)),
    "AWS::CodeBuild::Project": ("codebuild.amazonaws.com", "ServiceRole", ("Environment", "Source")),
    "AWS::ECS::TaskDefinition": ("ecs-tasks.amazonaws.com", "TaskRoleArn", ("ContainerDefinitions",)),
    "AWS::StepFunctions::StateMachine": (
        "states.amazonaws.com",
        "RoleArn",
        ("Definition", "DefinitionString", "DefinitionSubstitutions"),
    ),
}


#: Functions that make a text of texts.
_TEXTS = ("Fn::Sub", "Fn::Join")


def programs_that_assume(environment: Environment, role: str, is_arn: Callable[[object], bool]) -> Iterator[Source]:
    """
    The programs of a template that are told a role, by a reference or its ARN, and that do not run as it themselves.

    Args:
        role: its logical id.
        is_arn: whether something written is the ARN of the role.
    """
    for name in environment.of_types(_PROGRAMS):
        service, own, told_by = _PROGRAMS[str(environment.resources[name].get("Type"))]
        properties = environment.properties(name)
        told = [properties.get(key) for key in told_by]
        if role in names_in(properties.get(own)) or is_arn(properties.get(own)):
            continue
        if any(role in names_in(said) for said in told) or any(
            is_arn(value) for said in told for value in _values(said)
        ):
            yield Source(service, name)


def _values(said: object) -> Iterator[object]:
    """What may be an ARN in what a program is told, at any depth: texts, and functions that give one."""
    if isinstance(said, str) or (isinstance(said, dict) and len(said) == 1 and next(iter(said)) in _TEXTS):
        yield said
    elif isinstance(said, (list, dict)):
        for inner in said.values() if isinstance(said, dict) else said:
            yield from _values(inner)
