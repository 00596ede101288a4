import pytest
from starlette.testclient import TestClient

from tests.accounts.layer import client_of, layer


@pytest.fixture
def client() -> TestClient:
    """A client of the identity layer alone, from another machine."""
    return client_of(layer())
