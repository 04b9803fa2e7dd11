"""All tables as plain values, without what two runs may differ in: surrogate keys and the database's clock."""

import json
from collections.abc import Iterator

import psycopg
from django.apps import apps

from sizao.records.secrecy import SealedField, unseal

NOT_COMPARED = {"id", "written_at"}
# These columns hold surrogate keys inside a text; the rest of the row says the same.
KEYS_WITHIN = {"source_key"}
# Each database has a key of its own for tokens, and what is hashed with it; nobody's password is twice the same.
HASHED = {"key", "token", "mark", "password"}
HASHED_WITHIN = {"told": "digest", "settings": "windows"}


def normalised(address: str) -> dict[str, list[tuple]]:
    """Give the rows of every table in the order they were written, ids replaced by their place in that order."""
    with psycopg.connect(address) as connection:
        ranks = {model._meta.model_name: _ranks(connection, model) for model in _models()}
        return {model._meta.model_name: list(_rows(connection, model, ranks)) for model in _models()}


# What counts writes for screens that watch says nothing of an outbreak, and depends on who wrote at once.
LEFT_OUT = {"Area", "ChangeMark"}


def _models():
    return [model for model in apps.get_app_config("records").get_models() if model.__name__ not in LEFT_OUT]


def _ranks(connection, model) -> dict[int, int]:
    # Names of tables and columns come from the models, never from input.
    key = _key(model)
    ids = connection.execute(f"SELECT {key} FROM {model._meta.db_table} ORDER BY {key}").fetchall()  # noqa: S608
    return {row if len(row) > 1 else row[0]: rank for rank, row in enumerate(ids)}


def _key(model) -> str:
    """Name the columns of the primary key: several where rows lie in partitions."""
    return ", ".join(one.column for one in model._meta.pk_fields)


def _rows(connection, model, ranks) -> Iterator[tuple]:
    fields = [one for one in model._meta.concrete_fields if one.column not in NOT_COMPARED | KEYS_WITHIN | HASHED]
    columns = ", ".join(f'"{one.column}"' for one in fields)
    for row in connection.execute(f"SELECT {columns} FROM {model._meta.db_table} ORDER BY {_key(model)}"):  # noqa: S608
        values = dict(zip([one.column for one in fields], row, strict=True))
        _unseal(values, fields)
        _rank_foreign_keys(values, fields, ranks)
        _rank_other_keys(values, ranks)
        _leave_hashes_out(values)
        yield tuple(json.dumps(value, default=str, ensure_ascii=False, sort_keys=True) for value in values.values())


def _unseal(values, fields) -> None:
    """Open what is sealed: the same name sealed twice looks different."""
    for one in fields:
        if isinstance(one, SealedField) and values[one.column] is not None:
            values[one.column] = unseal(values[one.column], column=one.column_name)


def _rank_foreign_keys(values, fields, ranks) -> None:
    for one in fields:
        if one.is_relation and values[one.column] is not None:
            values[one.column] = ranks[one.related_model._meta.model_name][values[one.column]]


def _leave_hashes_out(values) -> None:
    for column, part in HASHED_WITHIN.items():
        if isinstance(values.get(column), dict):
            values[column] = {name: one for name, one in values[column].items() if name != part}


def _rank_other_keys(values, ranks) -> None:
    """Ids that no foreign key declares: what a task or a line is about, and lists of people and cases."""
    kind = values.get("subject_kind")
    if kind in ranks and values["subject_id"] in ranks[kind]:
        values["subject_id"] = ranks[kind][values["subject_id"]]
    if "facts" in values and "actor" in values:  # a line of the journal has no foreign keys
        for column in ("person", "outbreak"):
            values[f"{column}_id"] = ranks[column].get(values[f"{column}_id"])
    for column, of in (("people", "person"), ("cases", "case")):
        if column in values:
            values[column] = [ranks[of][one] for one in values[column]]
    if "party" in values:  # a household, or the negative id of a person alone
        values["party"] = values["party"] > 0
