from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.office import Office, opened


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Office]:
    """One for the tests of a module, which leave its records as they are or don't mind."""
    with opened(tmp_path_factory.mktemp("office"), sqlite_template) as found:
        yield found
