"""Who is calling."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from .errors import InvalidIdentity

_USER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class User:
    """The user of a request, as the gateway states it."""

    id: str
    email: Optional[str] = None
    email_verified: bool = False
    name: Optional[str] = None
    roles: tuple[str, ...] = ()
    session_id: Optional[str] = None
    """The public id of the session, which opens nothing."""
    auth_method: Optional[str] = None
    """How the session was proved: `password`, `password,totp`, `google` and so on. Not every JWT says it."""
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """All claims of the JWT, additional fields of the user among them. Empty where headers are read."""

    def __post_init__(self) -> None:
        if not _USER_ID.fullmatch(self.id):
            raise InvalidIdentity("the user id is not of the gateway's form")

    def has_role(self, *roles: str) -> bool:
        """Tells whether the user has at least one of these roles."""
        return any(role in self.roles for role in roles)


def split_roles(text: str) -> tuple[str, ...]:
    """Reads roles that are joined by commas."""
    return _without_blanks(text.split(","))


def _without_blanks(roles: Iterable[str]) -> tuple[str, ...]:
    return tuple(stripped for stripped in (role.strip() for role in roles) if stripped)
