"""
Variables of the root module that nobody has given a value, and what is known of them all the same.
"""

from __future__ import annotations

from trustproof.inputs.terraform.values import Place, Unknown

#: The simple types. What is of another one, or of none that is known, has no name for it here.
STRING, NUMBER, BOOL = "string", "number", "bool"
#: The name of the workspace, which nobody knows before either; it is never empty.
WORKSPACE = "terraform.workspace"
#: Of what has been converted there and back, and is not what it was.
LOST = "lost"


class Variable(Unknown):
    """
    A variable of the root module without a value.

    Args:
        name: with ``var.``.
        kind: the simple type that the value has here, after conversions; empty where it may be of any.
        declared: the simple type that the value has where the variable is declared; empty where it may be of any,
            `LOST` where the value there does not say what it is here.
        is_nullable: whether it may be null.
    """

    __slots__ = ("declared", "is_nullable", "kind", "name")

    def __init__(
        self,
        name: str,
        place: Place | None = None,
        sensitive: bool = False,
        *,
        kind: str = "",
        declared: str | None = None,
        is_nullable: bool = True,
    ) -> None:
        super().__init__(place, sensitive)
        self.name: str = name
        self.kind: str = kind
        self.declared: str = kind if declared is None else declared
        self.is_nullable: bool = is_nullable

    @property
    def shown(self) -> str:
        """Its name."""
        return self.name

    def converted(self, kind: str) -> Variable:
        """The same as a value of a simple type: null stays null."""
        if kind == self.kind:
            return self
        # What has no type is one of the type that is wanted; a truth value may be written in several ways.
        declared = self.declared or (STRING if kind == BOOL else kind)
        if self.kind not in ("", STRING) and kind == declared:
            # Of "05" and "1" a number and a truth value are other texts when they come back.
            declared = LOST
        return Variable(
            self.name, self.place, self.sensitive, kind=kind, declared=declared, is_nullable=self.is_nullable
        )

    def __repr__(self) -> str:
        return f"Variable({self.name!r})"
