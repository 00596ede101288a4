"""The records of the reading tests. Orders only propose, so most tests can share them."""

import pytest

from tests.understanding.conftest import Desk, own_desk, shared_desk

__all__ = ["own_desk", "shared_desk"]


@pytest.fixture
def order_desk(shared_desk: Desk) -> Desk:
    """A desk at which nothing is applied: a proposal leaves the records as they are."""
    return shared_desk
