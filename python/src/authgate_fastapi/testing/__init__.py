"""Stands in for the gateway in an app's own tests: signs tokens, sets headers, needs no network.

The pytest fixture `authgate` is in `authgate_fastapi.testing.plugin`.
"""

from .gateway import FakeGateway
from .signer import Signer

__all__ = ["FakeGateway", "Signer"]
