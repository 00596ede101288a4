"""What every table shares."""

from sqlalchemy import BigInteger, Column, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite autoincrements only INTEGER; ids are never used again after a purge (sqlite_autoincrement).
BigId = BigInteger().with_variant(Integer, "sqlite")


def id_column(name: str = "id") -> Column[int]:
    return Column(name, BigId, primary_key=True, autoincrement=True)
