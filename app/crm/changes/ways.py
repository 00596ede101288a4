"""Where a relation leads, for linking two records: which record holds the link, and under which names."""

from dataclasses import dataclass

from app.shared.contract import Catalog, FieldSpec, ObjectSpec


@dataclass(frozen=True, slots=True)
class Way:
    """A relation of an object. `holder` is the object whose records hold the link or, of a join, both links.

    `near` is the holder's link to this record (None: this record is the holder), `far` its link to the other one
    (None: the other one is the holder).
    """

    relation: str
    holder: ObjectSpec
    near: FieldSpec | None
    far: FieldSpec | None

    @property
    def kind(self) -> FieldSpec | None:
        """Of a join: the choice that tells several links between the same two records apart, a contact's role."""
        return kind_of(self.holder) if self.holder.join else None

    @property
    def target(self) -> str:
        """The object of the other record."""
        return (self.far.target if self.far else self.holder.name) or ""


def kind_of(join: ObjectSpec) -> FieldSpec | None:
    return next((field for field in join.fields if field.type == "select"), None)


def find(catalog: Catalog, spec: ObjectSpec, relation: str) -> Way | None:
    """The relation of this name: a link field, a way back, or the way back of a join; None where there is none."""
    own = spec.field(relation)
    if own is not None:
        return Way(relation, spec, None, own) if own.type == "link" and not own.read_only else None
    back = catalog.inverse(spec.name, relation)
    if back is None or back[0].support:
        return None
    holder, near = back
    far = next((end for end in holder.ends if end.name != near.name), None)
    return Way(relation, holder, near, far)


def names(catalog: Catalog, spec: ObjectSpec) -> list[str]:
    """Every relation that records of this object can be linked over."""
    own = [field.name for field in spec.fields if field.type == "link" and not field.read_only]
    return own + [name for name, holder, _ in catalog.inverses(spec.name) if not holder.support]
