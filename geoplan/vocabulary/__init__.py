"""The words of the project, each once: read from ``vocabulary.csv`` and ``station_fields.csv`` of ``geoplan_data``."""

from geoplan.vocabulary.fields import FIELD_BY_NAME, FIELDS, FieldSpec
from geoplan.vocabulary.words import Language, Term, group, label, labels

__all__ = ["FIELDS", "FIELD_BY_NAME", "FieldSpec", "Language", "Term", "group", "label", "labels"]
