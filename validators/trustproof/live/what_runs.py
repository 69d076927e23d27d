"""
What a service of ECS or an alias of a function was pointed at: with which roles that runs.

Tools of deployment point them at a new image, or at a new version, day by day, and that is no difference: with another
role it is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from trustproof.live.account import LiveAccount
from trustproof.live.errors import CannotCheck
from trustproof.live.policy_comparison import DIFFERS, SAME, Comparison, cannot_compare

_SERVICE, _ALIAS = "AWS::ECS::Service", "AWS::Lambda::Alias"
#: Types to the property that says what runs.
_PROPERTIES = {_SERVICE: "TaskDefinition", _ALIAS: "FunctionVersion"}
_ROLES = ("taskRoleArn", "executionRoleArn")
_NONE = "none"


class Running(NamedTuple):
    """
    A resource that runs what others say.
    """

    #: What it is called: `Service arn:…`.
    subject: str
    type_name: str
    physical_id: str
    #: The task definition or the version that the template points it at.
    wanted: str
    #: The cluster, or the function.
    parent: str
    region: str

    def compare(self, account: LiveAccount) -> Comparison:
        """Compare the roles of what runs with those of what the template points at."""
        try:
            deployed = set(self._deployed(account)) - {self.wanted}
            roles = self._roles(account, self.wanted) if deployed else {}
            lines = [
                f"{name} of {one}: template: {roles.get(name, _NONE)}; deployed: {value}"
                for one in sorted(deployed)
                for name, value in self._roles(account, one).items()
                if value != roles.get(name, _NONE)
            ]
        except CannotCheck as error:
            return cannot_compare(error)
        return Comparison(DIFFERS, tuple(lines)) if lines else Comparison(SAME)

    def _deployed(self, account: LiveAccount) -> Iterable[str]:
        if self.type_name == _ALIAS:
            alias = self.physical_id.rpartition(":")[2]
            answer = self._call(account, "lambda", "GetAlias", {"FunctionName": self.parent, "Name": alias})
            weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
            return [str(answer.get("FunctionVersion")), *weights]
        given: dict[str, Any] = {"services": [self.physical_id]}
        if self.parent:
            given["cluster"] = self.parent
        found = self._call(account, "ecs", "DescribeServices", given).get("services") or []
        if not found:
            raise CannotCheck("AWS does not tell what the service runs")
        # Where something else than ECS deploys, each set of tasks has a definition of its own.
        places = (found[0], *(found[0].get("taskSets") or ()))
        return [str(one["taskDefinition"]) for one in places if one.get("taskDefinition")]

    def _roles(self, account: LiveAccount, name: str) -> dict[str, str]:
        if self.type_name == _ALIAS:
            given = {"FunctionName": self.parent, "Qualifier": name}
            return {"Role": str(self._call(account, "lambda", "GetFunctionConfiguration", given).get("Role"))}
        answer = self._call(account, "ecs", "DescribeTaskDefinition", {"taskDefinition": name})
        found = answer.get("taskDefinition") or {}
        return {role: str(found.get(role) or _NONE) for role in _ROLES}

    def _call(self, account: LiveAccount, service: str, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        return account.call(service, operation, given, self.region) or {}


def running(type_name: str, physical_id: str, properties: Mapping[str, Any], region: str) -> Running | None:
    """
    What a template says that runs.

    Args:
        type_name: `AWS::ECS::Service`.
        physical_id: of the resource.
        properties: with their values.
        region: where it is.

    Returns:
        None where the type runs nothing, or the template does not say what.

    Raises:
        Refused: what it says is not known.
    """
    name = _PROPERTIES.get(type_name, "")
    if name not in properties:
        return None
    parent = str(properties.get("Cluster" if type_name == _SERVICE else "FunctionName") or "")
    subject = f"{type_name.rpartition('::')[2]} {physical_id}: roles of what runs"
    return Running(subject, type_name, physical_id, str(properties[name]), parent, region)
