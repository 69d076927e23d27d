"""
Programs of a template that are told a role of it, in their environment or their text: they assume it, with no MFA.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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


def programs_that_assume(environment: Environment, role: str) -> Iterator[Source]:
    """The programs of a template that are told a role, by its logical id, and that do not run as it themselves."""
    for name in environment.referring.get(role, ()):
        found = _PROGRAMS.get(str(environment.resources[name].get("Type"))) if name else None
        if found is None:
            continue
        service, own, told_by = found
        properties = environment.properties(name)
        told = any(role in names_in(properties.get(key)) for key in told_by)
        if told and role not in names_in(properties.get(own)):
            yield Source(service, name)
