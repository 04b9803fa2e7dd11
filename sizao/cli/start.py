"""Prepare what a single machine can choose for itself, then start Django."""

import base64
import os
import secrets
from pathlib import Path

import django

from sizao.adapters import postgres

NOWHERE = "postgresql://nobody@localhost:1/nothing"  # well formed, and nobody listens there
ROOT = Path(__file__).resolve().parent.parent.parent


def var_folder() -> Path:
    """Where this installation keeps its data: `SIZAO_VAR`, else the git-ignored folder `var`."""
    return Path(os.environ.get("SIZAO_VAR", ROOT / "var"))


def django_ready(*, database: bool = True) -> None:
    """
    Fill in missing settings (embedded database, keys of this machine) and start Django.

    Without `database` nothing is started and nothing can be asked of it: enough to read the tables'
    definitions and the addresses.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sizao.settings")
    _ensure_keys()
    given = os.environ.get("DATABASE_URL")
    if given and database:
        postgres.check(given)
    elif not given:
        os.environ["DATABASE_URL"] = postgres.start(var_folder() / "postgres") if database else NOWHERE
    django.setup()


def _ensure_keys() -> None:
    missing = [name for name in ("SIZAO_SECRET_KEY", "SIZAO_DATA_KEY") if not os.environ.get(name)]
    if not missing:
        return
    path = var_folder() / "keys"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        content = f"SIZAO_SECRET_KEY={secrets.token_urlsafe(50)}\nSIZAO_DATA_KEY={_fresh_key()}\n"
        # Written whole and for its owner alone; a key half written would make data unreadable later.
        temporary = path.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.write_text(content)
        temporary.rename(path)
    stored = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    for name in missing:
        os.environ[name] = stored[name]


def _fresh_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
