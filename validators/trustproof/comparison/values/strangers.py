"""
Who is taken for somebody else where a value is filled in.
"""

from __future__ import annotations

from trustproof.comparison.values.equal_samples import ACCOUNT
from trustproof.config.model import ThirdParty
from trustproof.model.query import texts
from trustproof.properties.question import Subject as Asked


def with_strangers(asked: Asked) -> Asked:
    """The same, for values to be filled in: an account that the policies name is no account of somebody else."""
    written = " ".join(
        str(text)
        for document in asked.documents
        for statement in document.policy.statements
        for text, _ in texts(statement)
    )
    named = ThirdParty("named", tuple(dict.fromkeys(ACCOUNT.findall(written))))
    config = asked.config._replace(third_parties=(*asked.config.third_parties, named))
    return asked._replace(config=config)
