"""The pytest fixture. In conftest.py: `pytest_plugins = ["authgate_fastapi.testing.plugin"]`."""

from collections.abc import Iterator

import pytest

from .gateway import FakeGateway


@pytest.fixture
def authgate() -> Iterator[FakeGateway]:
    """Stands in for the gateway during one test."""
    gateway = FakeGateway()
    yield gateway
    gateway.restore()
