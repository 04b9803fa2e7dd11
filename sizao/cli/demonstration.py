"""The accounts a newcomer may try, and the file that says how to sign in with them."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sizao.terms import Role


def give_accounts(*, folder: Path, now: datetime, places: Mapping[str, tuple[Role, ...]] | None = None) -> Path:
    """
    Give the demonstration accounts unless their file stands already; return that file.

    `places` says which roles there are where; left out, those of the shown outbreak.

    The file lists each account and the password they share. It is made for its owner alone, below the
    git-ignored folder of the installation; deleting it makes the next start give a new password.
    """
    from sizao.response import accounts

    path = folder / "demonstration-accounts.txt"
    if path.exists():
        return path
    given = accounts.demonstrate(by=None, now=now, places=places or accounts.DEMONSTRATION_PLACES)
    lines = [f"Password of all: {given.password}", ""]
    lines += [f"{account.username:32}{account.display_name} ({account.area_code})" for account in given.accounts]
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    temporary.rename(path)
    return path
