"""
What the templates of one run give each other: the values of outputs, as expressions that another template can read.

An expression of another stack is read like one of the template's own. So its names are put behind the name of that
stack (``Hub/Entry``), and the parameters, conditions, mappings and resources that it refers to come along: then what a
condition over there decides is decided once, for all that depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from trustproof.inputs.cloudformation.evaluation.conditions.conditions import fault
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.work import OverBudget
from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.parameters.rules import rules_about
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.catalogue import AROUND
from trustproof.inputs.cloudformation.values.intrinsics import render, variables_of
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues, NotLinkable
from trustproof.inputs.cloudformation.values.parameter import ANYTHING, Parameter
from trustproof.inputs.cloudformation.values.references import (
    CROSS_STACK_FUNCTIONS,
    OUTPUTS,
    CrossStackReference,
    reference_of,
    symbol_of,
)
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.policy import Guard
from trustproof.model.text import ACCOUNT_ID, REGION, Symbol, Symbolic, Text

#: Gives the value of another stack that an expression asks for; None where nobody does.
LinkLookup = Callable[[CrossStackReference], "tuple[object, LinkedValues] | None"]


def section(template: Template, name: str) -> Mapping[str, object]:
    """A section of a template; empty where there is none."""
    found = template.data.get(name)
    return found if isinstance(found, Mapping) else {}


def constant(template: Template, value: object) -> Text | None:
    """The text of an expression, parameters at their defaults; None where there is none."""
    return constant_text(template.resolver, value)


def constant_text(resolver: Resolver, value: object) -> Text | None:
    """The text of an expression at what a resolver is given; None where there is none."""
    try:
        text = resolver.text(value)
    except Unreadable:
        return None
    return text if isinstance(text, (str, Symbolic)) else None


def over_budget(template: Template, value: object) -> str:
    """Why an expression is not read, or one of those in a mapping, where that takes too much; empty elsewhere."""
    written = value.values() if isinstance(value, dict) and len(value) > 1 else (value,)
    for one in written:
        try:
            template.resolver.text(one)
        except OverBudget as error:
            return str(error)
        except Unreadable:
            continue
    return ""


class Relocation:
    """
    Rewrites expressions of a template for others, and collects what they refer to.

    Args:
        label: the name of the stack.
        look_up: answers what the template itself takes from others; None where its functions stay as they are, and
            are answered where they are read.
        same_region: whether the other template is in the same Region.
        pinned: values that parameters have in the deployment that is meant; there may be others of the same template.
        is_elsewhere: whether it is read in other accounts and Regions, by the stacks of a StackSet.
    """

    def __init__(
        self,
        template: Template,
        label: str,
        look_up: LinkLookup | None,
        *,
        same_region: bool = True,
        pinned: Mapping[str, str] | None = None,
        is_elsewhere: bool = False,
    ) -> None:
        self._template = template
        self._environment: Environment = template.environment
        self._label = label
        self._look_up = look_up
        self._same_region = same_region
        self._is_elsewhere = is_elsewhere
        self._pinned = {**self._environment.pinned, **(pinned or {})}
        shown = ", ".join(f"{name}={value}" for name, value in sorted((pinned or {}).items()))
        self._scope = f"{label} ({shown})" if pinned else label
        self.parameters: dict[str, Parameter] = {}
        self.mappings: dict[str, object] = {}
        self.conditions: dict[str, object] = {}
        self.resources: dict[str, dict[str, object]] = {}
        self.roles: dict[str, str] = {}
        #: Whether a resource may be another one in another deployment.
        self._varies: dict[str, bool] = {}
        self._more = LinkedValues()

    def linked_values(self) -> LinkedValues:
        """What the expressions so far refer to."""
        environment = self._environment
        rules = self._rules()
        names = {name: self.choice(name) for name in environment.parameters if self.choice(name) in self.parameters}
        passed, around = environment.bindings, environment.at_default
        own = LinkedValues(
            parameters=dict(self.parameters),
            mappings=dict(self.mappings),
            conditions=dict(self.conditions),
            resources=dict(self.resources),
            roles=dict(self.roles),
            pinned={shown: self._pinned[name] for name, shown in names.items() if name in self._pinned},
            bindings={shown: passed[name] for name, shown in names.items() if name in passed},
            rules=tuple(rules),
            at_default={shown: around[name] for name, shown in names.items() if name in around},
        )
        return self._more.joined(own)

    def _rules(self) -> dict[str, None]:
        """The rules about the parameters so far, and about others that have to do with these by a rule."""
        found: dict[str, None] = {}
        if not self._environment.rules:
            return found
        known = -1
        while known != len(self.parameters):
            known = len(self.parameters)
            there = [Guard(name, "") for name in self._environment.parameters if self.choice(name) in self.parameters]
            rules = rules_about(
                self._environment.rules, self._environment.conditions, there, self._environment.bindings, {}
            )
            found.update((self.condition(rule), None) for rule in rules)
        return found

    def name(self, name: str) -> str:
        """A name of the template, as others see it."""
        return f"{self._label}/{name}"

    def resource(self, logical_id: str) -> str:
        """
        The name of a resource, as others see it: what is called or protected otherwise in another deployment of the
        template is a resource of its own.
        """
        if self._scope == self._label or logical_id in self._environment.generated_roles:
            return self.name(logical_id)
        if logical_id not in self._varies:
            self._varies[logical_id] = depends(self._template, list(self._noted(logical_id).values()))
        return self.choice(logical_id) if self._varies[logical_id] else self.name(logical_id)

    def choice(self, name: str) -> str:
        """The name of a parameter or a condition, as others see it."""
        return f"{self._scope}/{name}"

    # -- expressions

    def value(self, value: object) -> object:
        """
        An expression.

        Raises:
            NotLent: it depends on a condition that CloudFormation refuses.
        """
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, argument),) = value.items()
            rewrite = _REWRITES.get(function)
            if rewrite is not None and (found := rewrite(self, argument)) is not None:
                return found
        return {key: self.value(inner) for key, inner in value.items()}

    def condition(self, name: str) -> str:
        """
        A condition of the template.

        Raises:
            NotLent: CloudFormation refuses it.
        """
        # What looks at the place is another condition where it is read there.
        shown = f"{self.choice(name)} around the set" if self._is_elsewhere else self.choice(name)
        if shown not in self.conditions:
            if fault(self._environment, name) is None:
                # No condition depends on itself, or there would be a fault.
                self.conditions[shown] = self.expression(self._environment.conditions[name])
            elif self._look_up is not None:
                raise NotLinkable
        return shown

    def expression(self, expression: object) -> object:
        """
        A condition as an expression.

        Raises:
            NotLent: it depends on a condition that CloudFormation refuses.
        """
        assert isinstance(expression, dict)
        ((function, argument),) = expression.items()
        if function == "Condition":
            return {function: self.condition(str(argument))}
        if function in ("Fn::And", "Fn::Or", "Fn::Not") and isinstance(argument, list):
            return {function: [self.expression(inner) for inner in argument]}
        return {function: self.value(argument)}

    # -- references

    def reference(self, name: str) -> object:
        """What ``Ref`` gives for a name."""
        deployment = self._environment.deployment
        if name == "AWS::StackName" and deployment.stack_name is not None:
            return deployment.stack_name
        if name == "AWS::Region" and not self._same_region and deployment.region is not None:
            return deployment.region
        if self._is_elsewhere and name in (ACCOUNT_ID, REGION):
            return deployment.place.get(name, {"Ref": self.name(name)})
        if name in ("AWS::StackName", "AWS::StackId", "AWS::NotificationARNs"):
            return {"Ref": self.name(name)}
        if name.startswith("AWS::"):
            return {"Ref": name}
        if name in self._environment.parameters:
            parameter = self._environment.parameters[name]
            if (deciding := parameter.depends_on) is not None:
                deciding = tuple(one if one == ANYTHING else self.choice(one) for one in deciding)
            self.parameters[self.choice(name)] = parameter._replace(name=self.choice(name), depends_on=deciding)
            return {"Ref": self.choice(name)}
        self._resource(name)
        return {"Ref": self.resource(name)}

    def attribute(self, logical_id: str, name: object) -> object:
        """What ``Fn::GetAtt`` gives."""
        self._resource(logical_id)
        if self._look_up is not None and isinstance(name, str) and name.startswith(OUTPUTS):
            found = self._look_up(CrossStackReference("nested", logical_id, name.removeprefix(OUTPUTS)))
            if found is not None:
                return self._borrowed(found)
        return {"Fn::GetAtt": [self.resource(logical_id), self.value(name)]}

    def _resource(self, logical_id: str) -> None:
        """Note what gives a resource its name, and what stands around its policies."""
        made_for = self._environment.generated_roles.get(logical_id)
        if made_for is not None:
            self.roles[self.name(logical_id)] = self.name(made_for)
            return
        resource = self._environment.resources.get(logical_id)
        if resource is None or (name := self.resource(logical_id)) in self.resources:
            return
        noted = self.resources[name] = {"Type": resource.get("Type")}
        noted["Properties"] = {key: self.value(value) for key, value in self._noted(logical_id).items()}

    def _noted(self, logical_id: str) -> dict[str, object]:
        """The properties that give a resource its name, or stand around its policies; none of what is no resource."""
        type_ = self._environment.resources.get(logical_id, {}).get("Type")
        keys = (*arns.naming_properties(type_), *AROUND.get(str(type_), ()))
        given = self._environment.properties(logical_id) if logical_id in self._environment.resources else {}
        return {key: given[key] for key in keys if key in given}

    def _borrowed(self, found: tuple[object, LinkedValues]) -> object:
        value, linked_values = found
        self._more = self._more.joined(linked_values)
        return value

    # -- functions

    def _ref(self, argument: object) -> object:
        return self.reference(argument) if isinstance(argument, str) else None

    def _get_att(self, argument: object) -> object:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) != 2 or not isinstance(parts[0], str):
            return None
        return self.attribute(parts[0], parts[1])

    def _sub(self, argument: object) -> object:
        template, given = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
        if not isinstance(template, str) or not isinstance(given, dict):
            return None
        found = {name: self.value(inner) for name, inner in given.items()}
        for name in variables_of(argument):
            logical_id, dot, attribute = name.partition(".")
            found[name] = self.attribute(logical_id, attribute) if dot else self.reference(name)
        return {"Fn::Sub": [template, found]}

    def _if(self, argument: object) -> object:
        if not isinstance(argument, list) or not argument or not isinstance(argument[0], str):
            return None
        return {"Fn::If": [self.condition(argument[0]), *map(self.value, argument[1:])]}

    def _find_in_map(self, argument: object) -> object:
        if not isinstance(argument, list) or not argument or not isinstance(argument[0], str):
            return None
        name = argument[0]
        if name in self._environment.mappings:
            self.mappings[self.name(name)] = self._environment.mappings[name]
        return {"Fn::FindInMap": [self.name(name), *map(self.value, argument[1:])]}

    def _taken(self, argument: object, function: str) -> object:
        """The value of another stack."""
        if self._look_up is None:
            return None
        reference = reference_of(lambda value: constant(self._template, value), function, argument)
        if reference is None or depends(self._template, argument):
            doubt = over_budget(self._template, argument)
            return Symbolic((Symbol(f"{self._label}/{function} {render(argument)}", "import", doubt=doubt),))
        found = self._look_up(reference)
        return Symbolic((symbol_of(reference),)) if found is None else self._borrowed(found)


def depends(template: Template, value: object) -> bool:
    """Whether parameters or conditions decide what an expression is: then it is not the same in all deployments."""
    renaming = Relocation(template, "", None)
    renaming.value(value)
    return bool(renaming.parameters or renaming.conditions)


#: Functions with names in them.
_REWRITES: dict[str, Callable[[Relocation, object], object]] = {
    "Ref": Relocation._ref,
    "Fn::GetAtt": Relocation._get_att,
    "Fn::Sub": Relocation._sub,
    "Fn::If": Relocation._if,
    "Fn::FindInMap": Relocation._find_in_map,
    **{name: partial(Relocation._taken, function=name) for name in CROSS_STACK_FUNCTIONS},
}
