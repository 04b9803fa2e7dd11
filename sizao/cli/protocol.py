"""`sizao protocol`: check the files of the library, look rules up. Needs no database."""

import sys
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click

from sizao.protocol import FaultyProtocol, Library, Value, rules_at, shipped
from sizao.protocol.check import check_texts
from sizao.protocol.faults import Fault


@click.group("protocol")
def command() -> None:
    """Check and show the rules of the authority."""


@command.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """
    Check editions, annexes and case definitions; without FILES, all that is shipped.

    Prints one sentence for each fault (file, line, key, what was allowed) and ends with exit code 1 when
    there is any. Given files are checked together with the shipped library.
    """
    try:
        library = shipped()
    except FaultyProtocol as faulty:
        _refuse(list(faulty.faults))
    faults = _check_files(files, library)
    if faults:
        _refuse(faults)
    click.echo(_summary(files, library))


@command.command("show")
@click.argument("keys", nargs=-1)
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The civil date.")
@click.option("--area", "area_code", default="", help="Division code; national rules without it.")
@click.option("--drill", is_flag=True, help="Apply annexes made for drills, too.")
def show(keys: tuple[str, ...], day: datetime, area_code: str, drill: bool) -> None:  # noqa: FBT001 — click passes it
    """
    Show rules in force on a day, each with its status, sources and document.

    KEYS are keys or beginnings of keys, such as contacts.close; without any, all rules are shown.
    """
    rules = rules_at(day.date(), area_code, drill=drill)
    shown = [value for key, value in rules.values.items() if not keys or key.startswith(keys)]
    if not shown:
        rules.value(keys[0])  # refuses, and says what was allowed
    for value in shown:
        click.echo(_line(value))


def _check_files(files: tuple[Path, ...], library: Library) -> list[Fault]:
    texts: list[tuple[str, str]] = []
    faults: list[Fault] = []
    for file in files:
        try:
            texts.append((str(file), file.read_text(encoding="utf-8")))
        except OSError as unreadable:
            faults.append(Fault(str(file), 0, "", f"cannot be read: {unreadable.strerror}."))
        except UnicodeDecodeError:
            faults.append(Fault(str(file), 0, "", "is not UTF-8 text. Save it as UTF-8."))
    return faults + check_texts(texts, library)


def _refuse(faults: list[Fault]) -> NoReturn:
    for fault in faults:
        click.echo(str(fault))
    click.echo(f"{_counted(len(faults), 'fault')} found. Mend the files and check again.", err=True)
    sys.exit(1)


def _summary(files: tuple[Path, ...], library: Library) -> str:
    if files:
        return f"No fault in {_counted(len(files), 'file')}, alone or with the shipped library."
    return (
        f"No fault: {_counted(len(library.editions), 'edition')}, {_counted(len(library.annexes), 'annex')}, "
        f"{_counted(len(library.definitions), 'set')} of case definitions, "
        f"{_counted(len(library.sources), 'source')}."
    )


def _counted(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("x") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _line(value: Value) -> str:
    unit = f" {value.unit}" if value.unit and value.value is not None else ""
    sources = f" {' '.join(value.sources)}" if value.sources else ""
    return f"{value.key} = {value.shown or 'not set'}{unit}  [{value.rests_on}{sources}; {value.origin}]"
