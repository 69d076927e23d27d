"""
What runs where a template points at something: with which roles.

Services of ECS, aliases of functions, and the rules, schedules and pipes that start tasks of ECS. Tools of deployment
point them at a new image, or at a new version, day by day, and that is no difference: with another role it is one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from trustproof.live.account import LiveAccount
from trustproof.live.errors import CannotCheck
from trustproof.live.policy_comparison import DIFFERS, SAME, Comparison, cannot_compare

_SERVICE, _ALIAS = "AWS::ECS::Service", "AWS::Lambda::Alias"
_RULE, _SCHEDULE, _PIPE = "AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::Pipes::Pipe"
#: Types to the property that says what runs, and the one that says where the resource is.
_PROPERTIES = {
    _SERVICE: ("TaskDefinition", "Cluster"),
    _ALIAS: ("FunctionVersion", "FunctionName"),
    _RULE: ("Targets", "EventBusName"),
    _SCHEDULE: ("Target", "GroupName"),
    _PIPE: ("TargetParameters", ""),
}
#: Of those that start tasks, what says of which definition.
_TASKS = ("EcsParameters", "EcsTaskParameters")
_ROLES = ("taskRoleArn", "executionRoleArn")
_INPUTS = ("Input", "InputTransformer")
#: A role in what an input is made of.
_WRITTEN = re.compile(r'"(taskRoleArn|executionRoleArn)"\s*:\s*"([^"]*)"')
_NONE = "none"


class _Run(NamedTuple):
    """
    A task definition or version that runs.

    Args:
        target: by which target of a rule; empty where there is one only.
        name: of the definition or version.
        roles: those that take the place of its own: `taskRoleArn`, and its ARN.
    """

    target: str
    name: str
    roles: tuple[tuple[str, str], ...] = ()


class Running(NamedTuple):
    """
    A resource that runs what others say.
    """

    #: What it is called: `Service arn:…`.
    subject: str
    type_name: str
    physical_id: str
    #: What the template points it at.
    wanted: tuple[_Run, ...]
    #: The cluster, the function, the bus of the rule or the group of the schedule.
    parent: str
    region: str

    def compare(self, account: LiveAccount) -> Comparison:
        """Compare the roles of what runs with those of what the template points at."""
        wanted = {one.target: one for one in self.wanted}
        lines = []
        try:
            for one in sorted({*self._deployed(account)} - {*self.wanted}):
                roles = self._roles(account, wanted[one.target]) if one.target in wanted else {}
                lines += [
                    f"{name} of {one.name}: template: {roles.get(name, _NONE)}; deployed: {value}"
                    for name, value in self._roles(account, one).items()
                    if value != roles.get(name, _NONE)
                ]
        except CannotCheck as error:
            return cannot_compare(error)
        return Comparison(DIFFERS, tuple(lines)) if lines else Comparison(SAME)

    def _deployed(self, account: LiveAccount) -> Iterable[_Run]:
        last = self.physical_id.rpartition("|")[2]
        match self.type_name:
            case "AWS::Lambda::Alias":
                given = {"FunctionName": self.parent, "Name": self.physical_id.rpartition(":")[2]}
                answer = self._call(account, "lambda", "GetAlias", given)
                weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
                return [_Run("", str(one)) for one in (answer.get("FunctionVersion"), *weights)]
            case "AWS::ECS::Service":
                return self._of_service(account)
            case "AWS::Events::Rule":
                given = {"Rule": last.rpartition("/")[2]} | ({"EventBusName": self.parent} if self.parent else {})
                return _started(self._call(account, "events", "ListTargetsByRule", given).get("Targets"))
            case "AWS::Scheduler::Schedule":
                given = {"Name": last} | ({"GroupName": self.parent} if self.parent else {})
                return _started(self._call(account, "scheduler", "GetSchedule", given).get("Target"))
            case _:
                answer = self._call(account, "pipes", "DescribePipe", {"Name": self.physical_id})
                return _started(answer.get("TargetParameters"))

    def _of_service(self, account: LiveAccount) -> Iterable[_Run]:
        given: dict[str, Any] = {"services": [self.physical_id]}
        if self.parent:
            given["cluster"] = self.parent
        found = self._call(account, "ecs", "DescribeServices", given).get("services") or []
        if not found:
            raise CannotCheck("AWS does not tell what the service runs")
        # Where something else than ECS deploys, each set of tasks has a definition of its own.
        places = (found[0], *(found[0].get("taskSets") or ()))
        return [_Run("", str(one["taskDefinition"])) for one in places if one.get("taskDefinition")]

    def _roles(self, account: LiveAccount, run: _Run) -> dict[str, str]:
        if self.type_name == _ALIAS:
            given = {"FunctionName": self.parent, "Qualifier": run.name}
            return {"Role": str(self._call(account, "lambda", "GetFunctionConfiguration", given).get("Role"))}
        answer = self._call(account, "ecs", "DescribeTaskDefinition", {"taskDefinition": run.name})
        found = answer.get("taskDefinition") or {}
        return {role: str(found.get(role) or _NONE) for role in _ROLES} | dict(run.roles)

    def _call(self, account: LiveAccount, service: str, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        return account.call(service, operation, given, self.region) or {}


def _started(targets: Any) -> list[_Run]:
    """The tasks that targets start, as a template or an answer has them."""
    found = []
    for target in targets if isinstance(targets, list) else [targets or {}]:
        for tasks in (target[name] for name in _TASKS if target.get(name)):
            # A rule and a schedule say by their input what of the definition does not hold, a pipe by a member.
            text = target.get("Input") or (target.get("InputTransformer") or {}).get("InputTemplate")
            given = tasks.get("Overrides") or _read(str(text or ""))
            roles = {str(name)[:1].lower() + str(name)[1:]: str(value) for name, value in given.items()}
            overridden = tuple((name, roles[name]) for name in _ROLES if name in roles)
            found.append(_Run(str(target.get("Id", "")), str(tasks.get("TaskDefinitionArn")), overridden))
    return found


def _read(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        # With places for what an event says.
        return dict(_WRITTEN.findall(text))
    return found if isinstance(found, dict) else {}


def _starting(value: Any) -> Any:
    """What of targets says which tasks they start: the rest need not be known."""
    if isinstance(value, list):
        return [_starting(one) for one in value if _starts(one)]
    if not isinstance(value, Mapping) or any(str(name) == "Ref" or str(name).startswith("Fn::") for name in value):
        return value
    kept = {name: one for name, one in value.items() if name == "Id" or (name in _INPUTS and _may_say_roles(one))}
    for name in _TASKS:
        tasks = value.get(name)
        if isinstance(tasks, Mapping) and "TaskDefinitionArn" in tasks:
            tasks = {key: tasks[key] for key in ("TaskDefinitionArn", "Overrides") if key in tasks}
        kept |= {name: tasks} if tasks else {}
    return kept


def _starts(value: Any) -> bool:
    return any(f'"{name}"' in json.dumps(value, default=str) for name in _TASKS)


def _may_say_roles(value: Any) -> bool:
    return "Ref" in value if isinstance(value, Mapping) and len(value) == 1 else "oleArn" in json.dumps(value)


def running(
    type_name: str, physical_id: str, given: Mapping[str, Any], resolve: Callable[[Any], Any], region: str
) -> Running | None:
    """
    What a template says that runs.

    Args:
        type_name: `AWS::ECS::Service`.
        physical_id: of the resource.
        given: its properties, as the template has them.
        resolve: a mapping of the template with its functions evaluated; of nothing else any is asked for.
        region: where it is.

    Returns:
        None where the type runs nothing, or the template does not say what.

    Raises:
        Refused: what it says is not known.
    """
    name, place = _PROPERTIES.get(type_name, ("", ""))
    starts = type_name not in (_SERVICE, _ALIAS)
    if name not in given or (starts and not _starts(given[name])):
        return None
    asked = {name: _starting(given[name]) if starts else given[name]}
    said = resolve(asked | ({place: given[place]} if place in given else {}))
    if said.get(name) is None:
        return None
    wanted = _started(said[name]) if starts else [_Run("", str(said[name]))]
    if not wanted:
        return None
    subject = f"{type_name.rpartition('::')[2]} {physical_id}: roles of what runs"
    return Running(subject, type_name, physical_id, tuple(wanted), str(said.get(place) or ""), region)
