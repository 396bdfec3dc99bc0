"""Reads the setting from environment variables.

They do not begin with `AUTHGATE_`, because the gateway refuses variables of that prefix that it does not know, and both
often share a file of variables.
"""

import os
from collections.abc import Mapping
from typing import Optional, Union

from .dependencies import Identity
from .errors import ConfigurationError
from .headers import TrustedHeaders
from .keys import KeySet, SharedSecret
from .tokens import SignedTokens


def from_environment(environment: Optional[Mapping[str, str]] = None) -> Identity:
    """Returns what `GATEWAY_IDENTITY` chooses: `headers` or `jwt`. There is no default."""
    variables = os.environ if environment is None else environment
    choice = variables.get("GATEWAY_IDENTITY", "")
    if choice == "headers":
        return TrustedHeaders(secret=variables.get("GATEWAY_SECRET") or None)
    if choice == "jwt":
        issuer = _required(variables, "GATEWAY_ISSUER")
        audience = [part.strip() for part in _required(variables, "GATEWAY_AUDIENCE").split(",")]
        header = variables.get("GATEWAY_HEADER") or "Authorization"
        return SignedTokens(issuer=issuer, audience=audience, keys=_keys(variables), header=header)
    raise ConfigurationError(f"GATEWAY_IDENTITY is headers or jwt, not {choice!r}")


def _keys(variables: Mapping[str, str]) -> Union[KeySet, SharedSecret, None]:
    secret, url = variables.get("GATEWAY_JWT_SECRET"), variables.get("GATEWAY_KEYS_URL")
    if secret and url:
        raise ConfigurationError("GATEWAY_JWT_SECRET and GATEWAY_KEYS_URL exclude each other")
    if secret:
        return SharedSecret(secret)
    return KeySet(url) if url else None


def _required(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "")
    if not value:
        raise ConfigurationError(f"{name} is needed where GATEWAY_IDENTITY is jwt")
    return value
