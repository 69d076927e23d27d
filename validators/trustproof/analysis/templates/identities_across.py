"""
The identity policies of several templates, composed: what their users, groups and roles may do by all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from trustproof.analysis.templates.template import check_composed
from trustproof.config.model import Config
from trustproof.inputs.discovery.inputs import LINKING
from trustproof.inputs.linking import Part
from trustproof.model.document import Document
from trustproof.properties.base import Property
from trustproof.proving.cache import Proofs
from trustproof.results.result import Result


class ComposedFindings(NamedTuple):
    """
    What was found in one of several templates.
    """

    #: Each stands where the Allow statement stands that it is about.
    results: tuple[Result, ...]
    #: How many policies were asked about.
    policies: int


def check_joined(
    parts: Sequence[Part],
    ambiguous: Mapping[tuple[str, str], str],
    config: Config,
    properties: Sequence[Property],
    *,
    certify: bool = False,
    proofs: Proofs | None = None,
    controls: tuple[Document, ...] = (),
) -> list[ComposedFindings]:
    """
    Ask each property about the identity policies of templates that go to one account; an answer for each template.

    Args:
        controls: control policies, with what they are attached to.
        ambiguous: kind and name of what several templates of the account declare, to the reason to say.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
    """
    joined = LINKING.join(parts, ambiguous)
    results, about = check_composed(
        joined, config, properties, certify=certify, proofs=proofs or Proofs(), controls=controls
    )
    by_label: dict[str, list[Result]] = {part.label: [] for part in parts}
    for result in results:
        part, path = LINKING.at_home(result.path, parts)
        logical_id = result.logical_id.removeprefix(f"{part.label}/")
        resting = tuple((_called(name, part, parts), value) for name, value in result.at_defaults)
        shown = result.counterexample
        if shown is not None:
            called = {name.removeprefix(f"{part.label}/"): value for name, value in shown.parameters.items()}
            shown = shown._replace(parameters=called)
        at_home = partial(re.compile(rf"(?<![\w./:*@-]){re.escape(part.label)}/").sub, "")
        found = result._replace(
            template=part.template.name,
            logical_id=logical_id,
            path=path,
            at_defaults=resting,
            counterexample=shown,
            why=tuple(map(at_home, result.why)),
            reasons=tuple(map(at_home, result.reasons)),
            remedy=None if result.remedy is None else result.remedy._replace(text=at_home(result.remedy.text)),
        )
        by_label[part.label].append(found)
    asked = [LINKING.at_home(path, parts)[0].label for _, path in about]
    return [ComposedFindings(tuple(by_label[part.label]), asked.count(part.label)) for part in parts]


def _called(name: str, home: Part, parts: Sequence[Part]) -> str:
    """What a parameter of one of several templates is called where results about one of them stand."""
    if name.endswith(f" of {home.template.name}"):
        return name.removesuffix(f" of {home.template.name}")
    if name.startswith(f"{home.label}/"):
        return name.removeprefix(f"{home.label}/")
    # A stack is called by its path; the label of any other template stands nowhere else.
    of = next((one for one in parts if name.startswith(f"{one.label}/") and not one.template.stack), None)
    return name if of is None else f"{name.removeprefix(f'{of.label}/')} of {of.template.name}"
