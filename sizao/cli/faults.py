"""What happens to a machine, not to a rule, told in one sentence like any refusal."""

import errno

from sizao.errors import SizaoError

# States of PostgreSQL: no room left; a table or column that is not there.
NO_SPACE, OTHER_TABLES = "53100", ("42P01", "42703")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DiskFull(SizaoError):
    code = "machine.disk_full"
    message = (
        "The disk is full: {reason}. What was begun is undone or will be passed over next time; free some space and "
        "run the command again."
    )


class DatabaseLost(SizaoError):
    code = "machine.database_lost"
    message = (
        "The database does not answer: {reason}. What was not finished is undone. Check that the server of "
        "DATABASE_URL runs (without that setting sizao starts its own), and run the command again."
    )


class NotPrepared(SizaoError):
    code = "machine.not_prepared"
    message = (
        "The database is not prepared for this version of sizao: {reason}. Run `sizao load`, or `sizao manage migrate` "
        "where no scenario is wanted."
    )


class BetweenVersions(SizaoError):
    code = "machine.between_versions"
    message = (
        "The tables of this database stand between two versions of sizao, and this one cannot go on from there. Run "
        "`sizao manage migrate` with the version that made them and then its newest of 22 November 2026, or begin with "
        "an empty folder SIZAO_VAR."
    )


class NotPermitted(SizaoError):
    code = "machine.not_permitted"
    message = "{path} may not be used ({reason}). Give this user the right to it, or choose another place."


class WrongSetting(SizaoError):
    code = "machine.wrong_setting"
    message = "{reason} Correct the setting and run the command again."


def refusal_of(fault: Exception) -> SizaoError | None:
    """Tell a fault of the machine as a refusal; None for anything else, which is a defect and shows its trace."""
    if isinstance(fault, SizaoError):
        return fault
    if isinstance(fault, OSError):
        return _of_files(fault)
    return _of_django(fault)


def _of_files(fault: OSError) -> SizaoError | None:
    if fault.errno in FULL:
        return DiskFull(reason=" ".join(str(part) for part in (fault.filename, fault.strerror) if part))
    if isinstance(fault, PermissionError):
        return NotPermitted(path=fault.filename or "A file", reason=fault.strerror)
    return None


def _of_django(fault: Exception) -> SizaoError | None:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management.base import CommandError
    from django.db import InterfaceError, OperationalError, ProgrammingError

    if isinstance(fault, ImproperlyConfigured):
        return WrongSetting(reason=str(fault))
    if isinstance(fault, CommandError) and "Conflicting migrations" in str(fault):
        return BetweenVersions()
    if not isinstance(fault, OperationalError | InterfaceError | ProgrammingError):
        return None
    state = getattr(fault.__cause__, "sqlstate", None)
    reason = (str(fault).strip() or "the connection is closed").splitlines()[0].rstrip(".")
    if isinstance(fault, ProgrammingError):
        return NotPrepared(reason=reason) if state in OTHER_TABLES else None
    return DiskFull(reason=reason) if state == NO_SPACE else DatabaseLost(reason=reason)
