"""
What decides, outside of a policy, what it means: the name and the tags of what it stands on, where it speaks of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.assignments.names_that_match import pieces_of
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values.catalogue import ACCESS_POINT, BUCKET_POLICY, STANDS_ON
from trustproof.inputs.cloudformation.values.references import CROSS_STACK_FUNCTIONS
from trustproof.inputs.grammar.open_texts import may_be_same
from trustproof.model.policy import Path

#: Functions that give the resource itself, whatever it is called.
_REFERENCES = frozenset(("Ref", "Fn::GetAtt"))
_BUCKET, _NAME = "Bucket", "BucketName"
_S3_BUCKET = "AWS::S3::Bucket"
_NO_BOUNDARIES = tuple(f"AWS::IAM::{one}Policy" for one in ("", "Group", "Role", "User"))
_NO_VALUE = {"Ref": "AWS::NoValue"}
_RESOURCES = frozenset(("Resource", "NotResource"))
_OF_IAM = ("iam", "sts")
_KEYS_OF_NAMES = ("aws:principalarn", "aws:userid", "aws:username")

#: Properties of what SAM makes a role for, by the type, that say nothing of the role, nor of who may call.
#: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
_OF_PROGRAMS: Mapping[str, frozenset[str]] = {
    "AWS::Serverless::Function": frozenset(
        (
            "Architectures",
            "CodeUri",
            "Description",
            "Environment",
            "EphemeralStorage",
            "Handler",
            "ImageConfig",
            "ImageUri",
            "InlineCode",
            "Layers",
            "MemorySize",
            "ReservedConcurrentExecutions",
            "Runtime",
            "SnapStart",
            "Timeout",
        )
    ),
    "AWS::Serverless::StateMachine": frozenset(("Definition", "DefinitionSubstitutions", "DefinitionUri")),
}


def without_settings(resource: Mapping[str, object]) -> Mapping[str, object]:
    """What SAM makes a role for, without what the program is told and made of, which no policy depends on."""
    properties = resource.get("Properties")
    aside = _OF_PROGRAMS.get(str(resource.get("Type")))
    if aside is None or not isinstance(properties, dict):
        return resource
    return {**resource, "Properties": {key: value for key, value in properties.items() if key not in aside}}


def deciding_properties(
    resource: Mapping[str, object],
    body: object,
    environment: Environment,
    looks_at_tags: Callable[[object], bool],
) -> Iterator[object]:
    """
    The properties of a resource with a policy that decide what this means, and the names of others that do.

    Args:
        body: the policy.
        looks_at_tags: whether a policy looks at the tags of what it stands on.
    """
    properties = resource.get("Properties")
    if not isinstance(properties, dict):
        return
    if isinstance(body, dict) and "Version" in body:
        yield body["Version"]
    type_ = str(resource.get("Type"))
    place = _BUCKET if type_ == BUCKET_POLICY else STANDS_ON.get(type_, "")
    if place in properties and names_resources(body):
        yield properties[place]
    if type_ in (BUCKET_POLICY, ACCESS_POINT):
        yield from _names_of_buckets(properties.get(_BUCKET), environment)
    tags = properties.get("Tags")
    if tags and _has_functions(tags) and looks_at_tags(body):
        yield tags


def _names_of_buckets(named: object, environment: Environment) -> Iterator[object]:
    """
    A text that names a bucket, and the names of those that it may be, each with over what the loops go that make it:
    each has settings of its own.
    """
    if isinstance(named, dict) and _REFERENCES.issuperset(named) and str(named.get("Ref")) in environment.resources:
        return
    if any(function in str(named) for function in CROSS_STACK_FUNCTIONS):
        # What stands around the bucket of another stack comes with its name.
        yield named
    if fitting := environment.indexes.of(environment, _BucketNames).fitting(named):
        yield [named, *fitting]


class _BucketNames:
    """
    The names of the buckets of a template, and of those that other stacks lend it, as they are written.

    Args:
        environment: its declarations.
    """

    def __init__(self, environment: Environment) -> None:
        lent = [name for name, one in environment.linked_resources.items() if one.get("Type") == _S3_BUCKET]
        every = dict.fromkeys([*environment.of_types((_S3_BUCKET,)), *lent])
        named = [one for one in every if environment.properties(one).get(_NAME) is not None]
        self._names: list[object] = [environment.properties(one).get(_NAME) for one in named]
        self._made_by = [environment.collections_of(one) for one in named]
        self._texts: dict[str, list[int]] = {}
        self._open: list[int] = []
        for place, name in enumerate(self._names):
            (self._texts.setdefault(name, []) if isinstance(name, str) else self._open).append(place)

    def fitting(self, named: object) -> list[object]:
        """Those that a text may be that names a bucket, and over what the loops go that make these."""
        places = [*self._texts.get(named, ()), *self._open] if isinstance(named, str) else range(len(self._names))
        own = pieces_of(named)
        meant = [place for place in sorted(places) if may_be_same(own, pieces_of(self._names[place]))]
        return [one for place in meant for one in (self._names[place], *self._made_by[place])]


def speaks_of_holders(body: object, environment: Environment) -> bool:
    """Whether a policy may mean something of IAM by its name: in what it is about, or in a condition on who asks."""
    text = str(body).lower()
    if any(key in text for key in _KEYS_OF_NAMES):
        return True
    return _is_about(body, lambda value: _may_be_of_iam(value, environment))


def _may_be_of_iam(value: object, environment: Environment) -> bool:
    """Whether what a statement is about may be something of IAM that is written out."""
    if isinstance(value, list):
        return any(_may_be_of_iam(one, environment) for one in value)
    if isinstance(value, str):
        parts = value.split(":", 3) if value.startswith("arn:") else []
        return value != "*" and (len(parts) < 4 or parts[2] in _OF_IAM or not parts[2].replace("-", "").isalnum())
    if not isinstance(value, dict) or len(value) != 1:
        return True
    ((key, said),) = value.items()
    if key in _REFERENCES:
        name = said[0] if isinstance(said, list) and said else str(said).partition(".")[0]
        return not isinstance(name, str) or environment.resource(name) is None
    if key == "Fn::Sub" and isinstance(said, str):
        # The partition is a field of its own, with no delimiter in it.
        return _may_be_of_iam(said.replace("${AWS::Partition}", "aws"), environment)
    return True


def names_resources(body: object) -> bool:
    """Whether a policy writes out what it is about, otherwise than by a reference or as everything."""
    return _is_about(body, _is_text)


def _is_about(body: object, is_meant: Callable[[object], bool]) -> bool:
    """Whether something is so of what a statement of a policy is about; a policy in a text is not read, and may be."""
    left = [body]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left.extend(one)
        elif isinstance(one, dict):
            if any(is_meant(value) for key, value in one.items() if key in _RESOURCES):
                return True
            left.extend(one.values())
        elif isinstance(one, str) and '"Statement"' in one:
            return True
    return False


def _is_text(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_is_text, value))
    if isinstance(value, dict):
        return not _REFERENCES.issuperset(value)
    return value != "*"


def _has_functions(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_has_functions, value))
    if not isinstance(value, dict):
        return False
    return any(key == "Ref" or key.startswith("Fn::") or _has_functions(inner) for key, inner in value.items())


def _allowing(body: object) -> list[object] | None:
    """
    The statements of a policy, where all of them are written and none denies; None for anything else. What ``Fn::If``
    gives or leaves out is one of them, where no request needs two of them.
    """
    statements = body.get("Statement") if isinstance(body, dict) else None
    if not isinstance(statements, list):
        return None
    if all(isinstance(one, dict) and one.get("Effect") == "Allow" for one in statements):
        return statements
    return statements if all(map(_is_enough, statements)) else None


def _is_enough(statement: object) -> bool:
    """
    Whether a statement allows, where it is there, and whatever it is about needs no other one: of what STS and IAM do,
    some needs several actions.
    """
    if not isinstance(statement, dict):
        return False
    branches = statement.get("Fn::If")
    if len(statement) == 1 and isinstance(branches, list) and len(branches) == 3:
        return all(one == _NO_VALUE or _is_enough(one) for one in branches[1:])
    return statement.get("Effect") == "Allow" and all(map(_is_of_others, _actions(statement.get("Action"))))


def _actions(value: object) -> Iterator[object]:
    """The actions of a statement, whichever of them ``Fn::If`` gives."""
    if isinstance(value, list):
        for one in value:
            yield from _actions(one)
    elif isinstance(value, dict) and len(value) == 1 and isinstance(chosen := value.get("Fn::If"), list):
        yield from _actions([one for one in chosen[1:] if one != _NO_VALUE])
    else:
        yield value


def _is_of_others(action: object) -> bool:
    if not isinstance(action, str):
        return False
    service = action.lower().partition(":")[0]
    return service.replace("-", "").isalnum() and service not in _OF_IAM


def judged_apart(bodies: Sequence[tuple[Path, object]], whole: int, environment: Environment) -> list[list[object]]:
    """
    What of some parts of a template may be judged by itself: each statement of a policy that denies nothing; of what
    users, groups and roles hold, each beside all that these are besides, where none denies or needs another one, and
    no policy may be a permissions boundary. Nothing for anything else.

    Args:
        bodies: of the holders and the policies, with their paths.
        whole: how many steps lead to a whole resource.
    """
    if len(bodies) == 1:
        return [[one] for one in _allowing(bodies[0][1]) or ()]
    policies = dict(one for one in bodies if len(one[0]) > whole)
    holders: list[object] = []
    #: Under which conditions inline policies are there, of which the policy itself says nothing.
    conditions: dict[Path, str] = {}
    for path, body in bodies:
        if path in policies:
            continue
        properties = body.get("Properties", {}) if isinstance(body, dict) else None
        inline = properties.get("Policies", []) if isinstance(properties, dict) else None
        if not isinstance(body, dict) or not isinstance(properties, dict) or not isinstance(inline, list):
            return []
        place = (*path, "Properties", "Policies")
        for n, entry in enumerate(inline):
            if (*place, n, "PolicyDocument") in policies:
                continue
            if (choice := _chosen(entry)) is None or (at := (*place, n, "Fn::If", 1, "PolicyDocument")) not in policies:
                return []
            conditions[at] = choice
        if "PermissionsBoundary" in properties and any(_may_bound(one, path, environment) for one in policies):
            return []
        holders.append({**body, "Properties": {key: properties[key] for key in properties if key != "Policies"}})
    found = {path: _allowing(body) for path, body in policies.items()}
    if not holders or any(each is None or not all(map(_is_enough, each)) for each in found.values()):
        return []
    under = {path: [{"Fn::If": [name, _NO_VALUE, _NO_VALUE]}] for path, name in conditions.items()}
    return [[*holders, *under.get(path, ()), one] for path, each in found.items() for one in each or ()]


def _chosen(inline: object) -> str | None:
    """The condition under which an inline policy is there, and else nothing; None for anything else."""
    branches = inline.get("Fn::If") if isinstance(inline, dict) and len(inline) == 1 else None
    if not isinstance(branches, list) or len(branches) != 3 or branches[2] != _NO_VALUE:
        return None
    return branches[0] if isinstance(branches[0], str) and isinstance(branches[1], dict) else None


def _may_bound(policy: Path, holder: Path, environment: Environment) -> bool:
    """Whether a policy may be the boundary of somebody: one that is not managed is of those who have it."""
    if policy[: len(holder)] == holder:
        return False
    resource = environment.resource(str(policy[len(holder) - 1])) or {}
    return resource.get("Type") not in _NO_BOUNDARIES
