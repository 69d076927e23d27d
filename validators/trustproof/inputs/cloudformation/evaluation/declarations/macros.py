"""
What the macros inside a template may change.

A macro is given what stands beside its ``Fn::Transform``, with all that is in there, and may return anything in its
place. ``AWS::Include`` returns what it was given, with more beside it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-transform.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, TRANSFORM, variables_of
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy
from trustproof.inputs.reader import Doubt
from trustproof.model.policy import Path

INCLUDE = "AWS::Include"
#: What a macro beside the sections of a template may change, in words.
WHOLE_TEMPLATE = "anything in the template"
#: Types that say what users, groups and roles may do.
_ABOUT_HOLDERS = (*catalogue.HOLDERS, *catalogue.ATTACHED, catalogue.MEMBERSHIP)
#: Those of them that need not have a policy, and the properties that give them some.
_WITHOUT_A_DOCUMENT = (catalogue.USER, catalogue.GROUP, catalogue.PERMISSION_SET)
_HOLDING = (
    "Groups",
    "ManagedPolicyArns",
    "Policies",
    "CustomerManagedPolicyReferences",
    "InlinePolicy",
    "ManagedPolicies",
)
#: Attributes of a resource that say nothing of access.
_ASIDE = ("CreationPolicy", "DeletionPolicy", "Metadata", "UpdatePolicy", "UpdateReplacePolicy")
#: Properties, of types that are not IAM's, that say nothing of the access that others of the resource give.
_APART = (
    "Code",
    "Content",
    "Definition",
    "DefinitionBody",
    "DefinitionString",
    "DefinitionSubstitutions",
    "Environment",
    "InlineCode",
    "Layers",
)
#: Endings of properties that other resources see, by a reference or around a policy of theirs.
_SEEN = ("Name", "Names", "Path", "Configuration", "Options", "Policy")


class Macro(NamedTuple):
    """One ``Fn::Transform``."""

    #: Where the mapping stands that it is in.
    path: Path
    name: str

    @property
    def only_adds(self) -> bool:
        """Whether it leaves what it is given, and adds to it."""
        return self.name == INCLUDE

    def may(self, what: str) -> str:
        """What it may do, in words."""
        who = f"the macro {self.name}" if self.name else "a macro"
        where = "/".join(map(str, self.path)) or "the top"
        return f"{who} at {where} may {'add to' if self.only_adds else 'change'} {what}"


class Reach(NamedTuple):
    """
    What the macros of a template may change.
    """

    #: Without what they may change, as far as that has a form of its own: conditions, mappings, rules, outputs.
    data: Mapping[str, object]
    #: Why nothing can be proved of the template; empty where nothing stands in the way.
    doubt: str = ""
    #: The same for parts of it.
    doubts: tuple[Doubt, ...] = ()
    #: Resources that may become anything.
    open_resources: tuple[tuple[Path, str], ...] = ()

    def refused(self, malformed: Iterable[MalformedPolicy]) -> tuple[list[MalformedPolicy], list[tuple[Path, str]]]:
        """Of what AWS would refuse: what is wrong in any case, and what a macro may put right, with what is unread."""
        wrong: list[MalformedPolicy] = []
        left: list[tuple[Path, str]] = []
        for error in malformed:
            doubt = next((doubt for doubt in self.doubts if doubt.reaches(error.path)), None)
            if doubt is None:
                wrong.append(error)
            else:
                left.append((error.path, f"{error.message}, and {doubt.reason}"))
        return wrong, left


def reach_of(data: Mapping[str, object], may_hold: bool, prefix: Path) -> Reach:
    """
    What the macros inside a template may change.

    Args:
        data: the whole template.
        may_hold: whether its text looks as if it held any, which most do not.
        prefix: where it stands in the file.
    """
    macros = list(_macros(data, ())) if may_hold else []
    if not macros:
        return Reach(data)
    resources = _Resources(data, prefix)
    doubt = ""
    changed = dict(data)
    for macro in macros:
        section = macro.path[0] if macro.path else ""
        if section in ("Metadata", "Description"):
            continue
        if section == "Resources" and len(macro.path) == 1:
            resources.whole(macro)
        elif any(isinstance(step, str) and step.startswith(FOREACH) for step in macro.path):
            doubt = doubt or macro.may("what the loops of the template give")
        elif section == "Resources":
            resources.inside(macro)
        elif section in ("Conditions", "Mappings", "Outputs", "Rules"):
            changed[section] = _without(section, changed.get(section), macro)
        else:
            doubt = doubt or macro.may(f"the {section} of the template" if section else WHOLE_TEMPLATE)
    changed["Outputs"] = resources.outputs(changed.get("Outputs"))
    if "Outputs" not in data:
        del changed["Outputs"]
    return Reach(changed, doubt, resources.doubts(), tuple(resources.open_resources))


def macro_at_the_top(data: Mapping[str, object]) -> Macro | None:
    """The macro that stands beside the sections of a template; None where none does."""
    return _macro(data[TRANSFORM], ()) if TRANSFORM in data else None


def _macro(given: object, path: Path) -> Macro:
    name = given.get("Name") if isinstance(given, dict) else None
    return Macro(path, name if isinstance(name, str) else "")


def _macros(value: object, path: Path) -> Iterator[Macro]:
    if isinstance(value, dict):
        if TRANSFORM in value:
            yield _macro(value[TRANSFORM], path)
        for key, inner in value.items():
            if key != TRANSFORM:
                yield from _macros(inner, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _macros(item, (*path, index))


def _without(section: str, content: object, macro: Macro) -> object:
    """A section without what a macro may change in it: who asks for that is told that it is not known."""
    entries = dict(content) if isinstance(content, dict) else {}
    whole = len(macro.path) == 1
    if whole and macro.only_adds:
        return entries
    names = [name for name in entries if name != TRANSFORM] if whole else [macro.path[1]]
    for name in names:
        if section in ("Outputs", "Rules"):
            entries.pop(name, None)
        else:
            # The same where what is left over is read once more.
            given = macro.name.partition(" in ")[0] or "a macro"
            entries[name] = {TRANSFORM: {"Name": f"{given} in {section}/{name}"}}
    if whole and section == "Rules":
        entries.pop(TRANSFORM, None)
    return entries


class _Resources:
    """
    What macros may change in the resources of a template.
    """

    def __init__(self, data: Mapping[str, object], prefix: Path) -> None:
        section = data.get("Resources")
        self._resources = section if isinstance(section, dict) else {}
        self._prefix = prefix
        #: Resources that others may see something else of, with the reason.
        self._seen: dict[str, str] = {}
        self._doubts: list[Doubt] = []
        self.open_resources: list[tuple[Path, str]] = []

    def whole(self, macro: Macro) -> None:
        """One that is given all of them, which `section` speaks of; what it includes may be attached to anybody."""
        self._doubts.append(Doubt((*self._prefix, *macro.path, TRANSFORM), macro.may("the resources"), True))

    def inside(self, macro: Macro) -> None:
        """One inside a resource."""
        _, logical_id, *steps = macro.path
        logical_id = str(logical_id)
        type_ = self._type(logical_id)
        is_holders = type_ in _ABOUT_HOLDERS
        place: Path = (*self._prefix, "Resources", logical_id)
        reason = macro.may(f"the resource {logical_id}" if not steps else logical_id)
        if steps and steps[0] in _ASIDE:
            return
        if len(steps) > 1:
            key = str(steps[1])
            if key in _APART and not is_holders:
                self._doubts.append(Doubt((*self._prefix, *macro.path), reason, False))
                return
            if key.endswith(_SEEN):
                self._seen.setdefault(logical_id, reason)
        else:
            self._seen.setdefault(logical_id, reason)
        becomes_anything = not steps and (not macro.only_adds or not type_)
        if (becomes_anything and type_) or self._gives_all(logical_id, steps):
            self.open_resources.append((place, reason))
        self._doubts.append(Doubt(place, reason, becomes_anything or is_holders or type_ in catalogue.ROLE_MAKERS))

    def _gives_all(self, logical_id: str, steps: Sequence[object]) -> bool:
        """Whether an entity has no policy but by what a macro returns, so that nobody else speaks of the macro."""
        if len(steps) < 2 or steps[1] not in _HOLDING or self._type(logical_id) not in _WITHOUT_A_DOCUMENT:
            return False
        properties = self._resources[logical_id].get("Properties")
        return isinstance(properties, dict) and not (properties.keys() & {*_HOLDING}) - {steps[1]}

    def doubts(self) -> tuple[Doubt, ...]:
        """All there are: about resources that name one of which something else may be seen, too."""
        reasons = self._spread()
        for logical_id, reason in reasons.items():
            if logical_id not in self._seen:
                about_holders = self._type(logical_id) in _ABOUT_HOLDERS
                self._doubts.append(Doubt((*self._prefix, "Resources", logical_id), reason, about_holders))
        return tuple(dict.fromkeys(self._doubts))

    def outputs(self, content: object) -> object:
        """Outputs without those that say something of such a resource."""
        entries = content if isinstance(content, dict) else {}
        spread = self._spread()
        return {key: entry for key, entry in entries.items() if spread.keys().isdisjoint(_mentioned(entry))}

    def _spread(self) -> dict[str, str]:
        reasons = dict(self._seen)
        waiting = bool(reasons)
        while waiting:
            waiting = False
            for logical_id, resource in self._resources.items():
                if logical_id in reasons:
                    continue
                found = next((name for name in _mentioned(resource) if name in reasons), None)
                if found is not None:
                    reasons[logical_id] = reasons[found]
                    waiting = True
        return reasons

    def _type(self, logical_id: str) -> str:
        resource = self._resources.get(logical_id)
        found = resource.get("Type") if isinstance(resource, dict) else None
        return found if isinstance(found, str) else ""


def _mentioned(value: object) -> Iterator[str]:
    """The names that an expression refers to."""
    if isinstance(value, list):
        for item in value:
            yield from _mentioned(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner
            elif key == "Fn::GetAtt":
                parts = inner.split(".") if isinstance(inner, str) else inner
                yield from (str(part) for part in parts[:1]) if isinstance(parts, list) else ()
            elif key == "Fn::Sub":
                yield from (name.partition(".")[0] for name in variables_of(inner))
            yield from _mentioned(inner)
