"""
Resources of types that are not known here, with a property that looks like a policy: nobody has looked into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.access.access_by_property import LETS_IN, LETTING_IN
from trustproof.inputs.cloudformation.resources.access.granting_calls import called_by_definition, granting_call
from trustproof.inputs.cloudformation.resources.collection.relevant_types import is_relevant
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.grammar.values import Unreadable
from trustproof.inputs.reader import ExternalTemplate
from trustproof.model.text import Symbol, Symbolic

_RESTRICTS = "it restricts what others grant, and grants nothing by itself"
_OTHER_LANGUAGE = "a policy in another language than IAM's"
_TEMPLATE = "a template, which is read as one, or said to be out of reach"
_PROGRAM = "a text for a program, which is no policy until that has run"

#: Types that may hold what looks like a policy and is left unread on purpose, each with the reason.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
LEFT_UNREAD = {
    "AWS::AutoScaling::LaunchConfiguration": _PROGRAM,
    "AWS::CloudFormation::Stack": _TEMPLATE,
    "AWS::CloudFormation::StackSet": _TEMPLATE,
    "AWS::CloudFront::Function": _PROGRAM,
    "AWS::CodeBuild::Project": _PROGRAM,
    "AWS::EC2::Instance": _PROGRAM,
    "AWS::EC2::LaunchTemplate": _PROGRAM,
    "AWS::EC2::VPCEndpoint": _RESTRICTS,
    "AWS::EC2::VerifiedAccessEndpoint": _OTHER_LANGUAGE,
    "AWS::EC2::VerifiedAccessGroup": _OTHER_LANGUAGE,
    "AWS::EKS::PodIdentityAssociation": _RESTRICTS,
    # It names nobody: it is of devices, for whose keys the authority or the certificate is asked about.
    "AWS::IoT::Policy": _OTHER_LANGUAGE,
    "AWS::Lambda::Function": _PROGRAM,
    "AWS::Logs::AccountPolicy": _OTHER_LANGUAGE,
    "AWS::NetworkManager::CoreNetwork": _OTHER_LANGUAGE,
    "AWS::ODB::OdbNetwork": _RESTRICTS,
    "AWS::OpenSearchServerless::LifecyclePolicy": _OTHER_LANGUAGE,
    "AWS::OpenSearchServerless::SecurityPolicy": _OTHER_LANGUAGE,
    "AWS::RAM::Permission": "a list of actions, which grants nothing before somebody shares a resource",
    "AWS::SSM::Parameter": _PROGRAM,
    "AWS::SecretsManager::Secret": _PROGRAM,
    "AWS::Transfer::User": _RESTRICTS,
}
#: Types whose definitions call actions of AWS's, with what these are given, to the properties that have the definition:
#: a policy therein is put into effect by ``iam:UpdateAssumeRolePolicy`` and the like.
#: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeawsapi.html
CALLING: Mapping[str, tuple[str, ...]] = {
    "AWS::SSM::Document": ("Content",),
    "AWS::Scheduler::Schedule": ("Target",),
    "AWS::Serverless::StateMachine": ("Definition", "DefinitionSubstitutions"),
    "AWS::StepFunctions::StateMachine": ("Definition", "DefinitionString", "DefinitionSubstitutions"),
}
#: Types that attach managed policies to users, groups and roles later on, to the property that says so.
#: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-controls.html
ATTACHING: Mapping[str, str] = {"AWS::Budgets::BudgetsAction": "Definition"}
_ATTACHED, DENIES_ALL = "IamActionDefinition", ":iam::aws:policy/AWSDenyAll"
#: What a statement has besides its effect. AWS reads the names of elements without case.
_SAYS_WHAT = frozenset(("action", "notaction", "principal", "notprincipal"))
#: The names of elements in a text, which may be the text of a text.
_STATEMENT = re.compile(r"""\bstatement\\*["']\s*:""", re.IGNORECASE)
_EFFECT = re.compile(r"""\beffect\\*["']\s*:""", re.IGNORECASE)
_SAID = re.compile(r"""\b(?:not)?(?:action|principal)\\*["']\s*:""", re.IGNORECASE)
#: An effect with its value, which tells a list of statements that stands in no policy from anything else.
_DECIDES = re.compile(r"""\beffect\\*["']\s*:\s*\\*["'](?:allow|deny)\b""", re.IGNORECASE)
#: How types and properties are called, in one text, where the property holds a policy: what is called a policy alone is
#: most often one of scaling, of encryption or the like.
_LIKE_POLICY = r"(?i:policy_?(?:document|text|json)$|policy (?:resource)?policy$)"


def unread_policies(resolver: Resolver) -> Iterator[ExternalTemplate]:
    """
    The properties that look like a policy, of resources whose type is not known here.

    Args:
        resolver: of the template that has them.
    """
    environment = resolver.environment
    for logical_id, resource in environment.resources.items():
        type_ = resource.get("Type")
        if not isinstance(type_, str):
            continue
        if type_ in CALLING:
            properties = environment.properties(logical_id)
            for name in CALLING[type_]:
                if holds_policy(properties.get(name)):
                    which = "has a policy that it may put into effect"
                elif (called := called_by_definition(properties.get(name))) is not None:
                    which = f"calls {called} when it runs, which may change who has access"
                else:
                    continue
                yield ExternalTemplate(f"{name} of {logical_id}", "", which, resource=logical_id)
            continue
        if type_ in ATTACHING:
            if _attaches(environment.properties(logical_id).get(ATTACHING[type_])):
                which = "attaches a policy when a budget is exceeded"
                yield ExternalTemplate(f"{ATTACHING[type_]} of {logical_id}", "", which, resource=logical_id)
            continue
        if type_ in LEFT_UNREAD or type_ in LETTING_IN or type_ == LETS_IN or is_relevant(type_):
            continue
        for name, value in environment.properties(logical_id).items():
            if (called := granting_call(type_, value)) is not None:
                which = f"calls {called} when it is deployed, which may change who has access"
                yield ExternalTemplate(f"{name} of {logical_id}", "", which, resource=logical_id)
            elif holds_policy(value) or (
                intrinsic_name(value) is not None and _may_be_policy(resolver, f"{type_} {name}", value)
            ):
                which = f"may be a policy, and is of a type that is not known here, {type_}"
                yield ExternalTemplate(f"{name} of {logical_id}", "", which, resource=logical_id)


def _attaches(definition: object) -> bool:
    """Whether what an action of a budget does may attach a policy that allows something."""
    if not isinstance(definition, dict) or intrinsic_name(definition) is not None:
        return definition is not None
    found = definition.get(_ATTACHED)
    return found is not None and not (isinstance(found, dict) and str(found.get("PolicyArn")).endswith(DENIES_ALL))


def holds_policy(value: object) -> bool:
    """Whether a value has a statement of a policy in it, as an object or, where all its texts are seen, as JSON."""
    texts: list[str] = []
    left = [value]
    # What aliases of YAML repeat is one object.
    met: set[int] = set()
    while left:
        one = left.pop()
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, (dict, list)) and id(one) not in met:
            met.add(id(one))
            if isinstance(one, dict):
                names = {str(key).lower() for key in one}
                if "effect" in names and not names.isdisjoint(_SAYS_WHAT):
                    return True
                left.extend(one.values())
            else:
                left.extend(one)
    said = any(map(_SAID.search, texts))
    in_policy = any(map(_STATEMENT.search, texts)) and any(map(_EFFECT.search, texts))
    return said and (in_policy or any(map(_DECIDES.search, texts)))


def _may_be_policy(resolver: Resolver, name: str, value: object) -> bool:
    """Whether what a function gives may be a policy: by its value or, where that is not known, as it is called."""
    if intrinsic_name(value) is None:
        return False
    try:
        found = resolver.resolve(value)
    except Unreadable:
        return re.search(_LIKE_POLICY, name) is not None
    if isinstance(found, Symbolic):
        known = [part for part in found.parts if isinstance(part, str)]
        given = any(isinstance(part, Symbol) and part.kind in ("parameter", "import") for part in found.parts)
        return holds_policy([*known, *found.choices]) or (given and re.search(_LIKE_POLICY, name) is not None)
    return holds_policy(found)
