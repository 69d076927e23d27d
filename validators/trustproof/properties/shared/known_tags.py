"""
The condition keys of tags that the resource of a policy is known to have.
"""

from __future__ import annotations

from trustproof.aws.tags import TAGS_OF_RESOURCES
from trustproof.model.query import mentioned_texts
from trustproof.properties.question import Subject


def tags_looked_at(subject: Subject) -> tuple[tuple[str, str], ...]:
    """
    The keys, lower-cased, of those tags of a resource that its policy, or what is around it, looks at, with the values
    that the template gives them.
    """
    if not (tags := subject.document.resource_tags):
        return ()
    asked = "\n".join(mentioned_texts(document.policy, True) for document in subject.documents)
    keys = ((family + key, value) for family in TAGS_OF_RESOURCES for key, value in tags)
    return tuple((key, value) for key, value in keys if "${" + key in asked)
