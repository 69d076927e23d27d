"""
Statements by which everybody may ask whether an API answers, as monitors and load balancers do, and nothing else.
"""

from __future__ import annotations

from trustproof.model.policy import Statement

#: What the last part of the path is called at which something says whether it is well.
_NAMES = frozenset(
    "alive health healthcheck health-check health_check healthz heartbeat live liveness livez ping readiness ready "
    "readyz".split()
)
_READING = (["GET"], ["HEAD"])
_WILD = frozenset("*?")


def is_health_check(statement: Statement) -> bool:
    """
    Whether a statement of an API's policy is for health checks only: ``execute-api:/*/GET/health``.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
    """
    return bool(statement.resources) and all(_is_asked_for_health(str(one)) for one in statement.resources or ())


def _is_asked_for_health(resource: str) -> bool:
    # What stands before the stage is the id of the API, or nothing.
    parts = resource.rpartition(":")[2].split("/")
    method, path = parts[2:3], parts[3:]
    return method in _READING and bool(path) and path[-1] in _NAMES and not _WILD & set("".join(path))
