"""Tells a FastAPI app behind AuthGate who is calling.

app = FastAPI()
install(app, TrustedHeaders())

@app.get("/notes")
def notes(user: CurrentUser) -> list[str]: ...
"""

from .dependencies import CurrentUser, Identity, OptionalUser, current_user, install, optional_user, require_role
from .environment import from_environment
from .errors import ConfigurationError, ExpiredToken, InvalidIdentity, KeysUnavailable
from .headers import TrustedHeaders
from .keys import KeySet, SharedSecret
from .tokens import SignedTokens
from .user import User

__all__ = [
    "ConfigurationError",
    "CurrentUser",
    "ExpiredToken",
    "Identity",
    "InvalidIdentity",
    "KeySet",
    "KeysUnavailable",
    "OptionalUser",
    "SharedSecret",
    "SignedTokens",
    "TrustedHeaders",
    "User",
    "current_user",
    "from_environment",
    "install",
    "optional_user",
    "require_role",
]
