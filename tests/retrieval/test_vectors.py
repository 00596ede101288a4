"""Both vector engines behind their one interface."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.chatbot.retrieval.vectors import EdgeVectors, Point, QdrantVectors, Vectors, VectorsError, point_id

QDRANT = os.environ.get("TEST_QDRANT_URL", "")


def point(record: str, axis: int, **links: str) -> Point:
    vector = [0.0] * 8
    vector[axis] = 1.0
    return Point(record, 0, vector, {"notes": record, **links}, f"digest of {record}", 1)


def along(axis: int) -> list[float]:
    return point("", axis).vector


@pytest.fixture(params=["edge", pytest.param("server", marks=pytest.mark.outside)])
def vectors(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vectors]:
    if request.param == "edge":
        made: Vectors = EdgeVectors(tmp_path / "index", 8)
    elif QDRANT:
        made = QdrantVectors(QDRANT, "crm.parley-tests", 8)
    else:
        pytest.skip("RUNS WITHOUT A QDRANT SERVER: set TEST_QDRANT_URL to test over the wire")
    yield made
    made.delete()


def test_the_nearest_comes_first_and_links_narrow(vectors: Vectors):
    vectors.write([point("notes:1", 1, companies="companies:3"), point("notes:2", 2, companies="companies:4")], gone=[])
    assert [found.record for found in vectors.search(along(1), 5)] == ["notes:1", "notes:2"]
    assert [found.record for found in vectors.search(along(1), 5, {"companies": ["companies:4"]})] == ["notes:2"]


def test_what_is_known_and_what_is_gone(vectors: Vectors):
    vectors.write([point("notes:1", 1), point("notes:2", 2)], gone=[])
    assert vectors.known(["notes:1", "notes:9"]) == {"notes:1": ("digest of notes:1", 1)}
    vectors.write([], gone=[point_id("notes:1", 0)])
    assert vectors.count() == 1
    assert [found.record for found in vectors.search(along(1), 5)] == ["notes:2"]


def test_words_are_kept_where_a_chunk_carries_some(vectors: Vectors):
    vectors.write([replace(point("notes:1", 1), words="abcd"), point("notes:2", 2)], gone=[])
    assert vectors.words([("notes:1", 0), ("notes:2", 0), ("notes:9", 0)]) == [("notes:1", "abcd")]


def test_a_written_point_survives_a_new_start(tmp_path: Path):
    first = EdgeVectors(tmp_path / "index", 8)
    first.write([point("notes:1", 1)], gone=[])
    first.close()
    second = EdgeVectors(tmp_path / "index", 8)
    assert second.count() == 1
    second.close()


def test_the_embedded_engine_admits_one_at_a_time_and_says_so(tmp_path: Path):
    first = EdgeVectors(tmp_path / "index", 8)
    with pytest.raises(VectorsError, match="can't open"):
        EdgeVectors(tmp_path / "index", 8)
    first.close()


def test_a_server_that_is_away_is_said_to_be():
    with pytest.raises(VectorsError, match="Qdrant server"):
        QdrantVectors("http://127.0.0.1:9", "crm.away", 8)
