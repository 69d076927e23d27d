"""
The door to the task definitions that moto keeps, and the roles in them.

All of it is internal to moto 5.2, which is pinned. The back end is imported when a request is for ECS.
"""

from __future__ import annotations

from typing import Any


def roles_of_tasks(account: str, region: str, definition: str) -> dict[str, str]:
    """
    The roles that tasks of a definition have.

    Args:
        account: of the definition.
        region: of the definition.
        definition: its ARN, its family, of which the latest revision is meant, or `family:revision`.

    Returns:
        the ARNs by the parameters that have them: `taskRoleArn`, `executionRoleArn`; none where there is no such
        definition.
    """
    from moto.ecs.exceptions import TaskDefinitionNotFoundException
    from moto.ecs.models import ecs_backends

    try:
        found: Any = ecs_backends[account][region].describe_task_definition(definition)
    except (KeyError, ValueError, TaskDefinitionNotFoundException):
        return {}
    # A definition has these attributes where it was given the roles only.
    attributes = {"taskRoleArn": "task_role_arn", "executionRoleArn": "execution_role_arn"}
    given = {name: getattr(found, attribute, None) for name, attribute in attributes.items()}
    return {name: str(arn) for name, arn in given.items() if arn}
