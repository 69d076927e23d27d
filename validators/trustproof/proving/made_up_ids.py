"""
Ids of accounts and organizations that somebody is told to copy: those that an input or the project says, and no others.
"""

from __future__ import annotations

from trustproof.config.model import Config
from trustproof.model.identity_memory import IdentityMemory
from trustproof.properties.neighbours import Neighbours
from trustproof.properties.question import Subject
from trustproof.properties.stated_ids import ID, stated_ids
from trustproof.results.result import Remedy, Undeclared

#: What is said in the place of an id that nobody has.
DECLARE = "declare in trustproof.toml which accounts and organizations are yours: [boundary]"


def made_up_ids(subject: Subject, remedy: object, undeclared: object) -> frozenset[str]:
    """
    The ids in a remedy, and in what is to be declared, that stand nowhere: a search made them up for its example.

    Args:
        subject: what the result is about, with all that is known around it.
        remedy: a `Remedy`; None where there is none.
        undeclared: an `Undeclared` for each of whom nobody has said whose they are.
    """
    if remedy is None and not undeclared:
        return frozenset()
    said, edits = (remedy.text, remedy.edits) if isinstance(remedy, Remedy) else ("", ())
    asked = undeclared if isinstance(undeclared, tuple) else ()
    offered = {one.ident for one in asked if isinstance(one, Undeclared) and ID.fullmatch(one.ident)}
    offered |= stated_ids((said, [edit.value for edit in edits]))
    offered -= {subject.account, subject.organization}
    if offered:
        # What the template and the project say as a whole is looked for last, and once for all policies.
        offered -= stated_ids([one for one in subject if not isinstance(one, (Neighbours, Config))])
        offered -= stated_ids([edit.before for edit in edits])
    if offered:
        offered -= subject.neighbours.stated_ids
    return frozenset(offered - _ids_of_project(subject.config)) if offered else frozenset()


#: What the configuration says that was looked through last: results are many, and it may be long.
_LOOKED_THROUGH = IdentityMemory[frozenset[str]](1)


def _ids_of_project(config: Config) -> frozenset[str]:
    """The ids that a configuration says, in its waivers too."""
    return _LOOKED_THROUGH.get(lambda: stated_ids(config), config)
