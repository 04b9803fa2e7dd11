"""Who signs in, and with which key a machine does: accounts and tokens are given, changed and closed."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from sizao.errors import SizaoError
from sizao.records import access, journal, quick
from sizao.records.models import Account, ApiToken, Area
from sizao.records.together import Together
from sizao.terms import Right, Role

PREFIX = "sizao_"  # lets a leaked key be recognised for what it is


class AccountExists(SizaoError):
    code = "account.exists"
    message = "There is already an account “{username}”. Choose another name, or change that account."


class NoSuchAccount(SizaoError):
    code = "account.not_found"
    message = "There is no account “{username}” in your jurisdiction. `sizao account list` shows those there are."


class AccountIsClosed(SizaoError):
    code = "account.closed"
    message = "The account “{username}” is closed. Open it again first with `sizao account change {username} --open`."


class UnknownArea(SizaoError):
    code = "account.unknown_area"
    message = "There is no area {area_code} in the register. Give a division code that is loaded, such as 13 or 130109."


class WeakPassword(SizaoError):
    code = "account.weak_password"
    message = "This password is refused: {reason} Choose another, or leave it out and have one made."


class NothingToChange(SizaoError):
    code = "account.nothing_to_change"
    message = "Nothing was given to change on “{username}”. Name a role, an area, a password or another field."


class TokenBeyondRole(SizaoError):
    code = "token.beyond_role"
    message = "“{username}” ({role}) does not hold {rights}, so a token cannot. It may carry: {allowed}."


class TokenNeedsFuture(SizaoError):
    code = "token.needs_future"
    message = "The token would end at {expires_at}, which has passed. Give a later moment."


class TokenRevoked(SizaoError):
    code = "token.revoked"
    message = "Token {token} of “{username}” is revoked already. Give a new one if it is needed."


class NoSuchToken(SizaoError):
    code = "token.not_found"
    message = (
        "There is no token {token} in your jurisdiction. `sizao account token list USERNAME` shows those there are."
    )


class TokenNotValid(SizaoError):
    code = "token.not_valid"
    message = "This token is not known, has expired or was revoked. Ask the administrator of your area for a new one."


@transaction.atomic
def give(
    *,
    username: str,
    role: Role,
    area_code: str,
    by: Account | None,
    now: datetime,
    display_name: str = "",
    password: str | None = None,
) -> tuple[Account, str]:
    """
    Give somebody an account, and return it with its password, which nothing keeps readable.

    Without `password` one is made. `by` is None when whoever runs the machine does it.
    Raise AccountExists, UnknownArea, WeakPassword, or the door's refusal when `by` may not.
    """
    _check_manager(by, area_code)
    if Account.objects.filter(username=username).exists():
        raise AccountExists(username=username)
    given = Account(username=username, display_name=display_name or username, role=role, area_code=area_code)
    secret = password or new_password()
    _set_password(given, secret)
    given.save(force_insert=True)
    journal.write("account.given", given, by=by, at=now, role=str(role))
    return given, secret


@transaction.atomic
def change(
    *,
    account: Account,
    by: Account | None,
    now: datetime,
    role: Role | None = None,
    area_code: str | None = None,
    display_name: str | None = None,
    password: str | None = None,
    is_active: bool | None = None,
) -> Account:
    """
    Change what is given of an account; the journal keeps what it was before.

    A smaller role takes effect on the account's tokens at once. Raise NothingToChange, UnknownArea,
    WeakPassword, or the door's refusal when `by` may not.
    """
    _check_manager(by, account.area_code)
    if area_code is not None:
        _check_manager(by, area_code)
    wanted = {"role": role, "area_code": area_code, "display_name": display_name, "is_active": is_active}
    was = {field: str(getattr(account, field)) for field, value in wanted.items() if value is not None}
    if not was and password is None:
        raise NothingToChange(username=account.username)
    for field in was:
        setattr(account, field, wanted[field])
    if password is not None:
        _set_password(account, password)
    account.save()
    journal.write("account.changed", account, by=by, at=now, was=was, password_changed=password is not None)
    return account


@transaction.atomic
def close(*, account: Account, by: Account | None, now: datetime) -> Account:
    """Close an account: nobody signs in with it any more, and its tokens end. Its lines in the journal stay."""
    _check_manager(by, account.area_code)
    if not account.is_active:
        raise AccountIsClosed(username=account.username)
    account.is_active = False
    account.save(update_fields=["is_active"])
    ended = account.api_tokens.filter(revoked_at__isnull=True).update(revoked_at=now)
    journal.write("account.closed", account, by=by, at=now, tokens_revoked=ended)
    return account


@transaction.atomic
def give_token(
    *,
    account: Account,
    label: str,
    rights: Iterable[Right],
    expires_at: datetime,
    by: Account | None,
    now: datetime,
) -> tuple[ApiToken, str]:
    """
    Give a machine a key, and return it with its secret, which is shown this once: only its SHA-256 is kept.

    `rights` is its scope, at most what the account's role holds. Raise TokenBeyondRole, TokenNeedsFuture,
    AccountIsClosed, or the door's refusal when `by` may not.
    """
    _check_manager(by, account.area_code)
    if not account.is_active:
        raise AccountIsClosed(username=account.username)
    if expires_at <= now:
        raise TokenNeedsFuture(expires_at=expires_at.isoformat(timespec="minutes"))
    scope = _scope(account, rights)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        account=account, digest=digest(secret), label=label, rights=scope, created_at=now, expires_at=expires_at
    )
    journal.write("token.given", account, by=by, at=now, token=token.pk, rights=scope)
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Account | None, now: datetime) -> ApiToken:
    """End a machine's key at once."""
    _check_manager(by, token.account.area_code)
    if token.revoked_at is not None:
        raise TokenRevoked(token=token.pk, username=token.account.username)
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    journal.write("token.revoked", token.account, by=by, at=now, token=token.pk)
    return token


def holder(secret: str, *, now: datetime) -> Account:
    """
    Say whose token this is: the account, its rights narrowed to the token's scope.

    Raise TokenNotValid for any other secret, without saying whether it was ever one.
    """
    found = _at_the_door.served(digest(secret))
    if found is None or found[0] <= now:
        raise TokenNotValid
    account = quick.made(Account, found[2:])
    account.scope = frozenset(Right(right) for right in json.loads(found[1]))
    return account


def _holders(digests: Sequence[str]) -> list[tuple | None]:
    """Find the tokens that stand: when each ends, its rights, its account; None for any other."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS.format(account=quick.columns(Account, "a")), [list(digests)])
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    return [found.get(one) for one in digests]


# Asked with every request of every machine; together with those who stand at the door at this moment.
_HOLDERS = """
    SELECT t.digest, t.expires_at, t.rights::text, {account}
    FROM records_apitoken t JOIN records_account a ON a.id = t.account_id
    WHERE t.digest = ANY(%s::varchar[]) AND t.revoked_at IS NULL AND a.is_active
"""
_at_the_door = Together(_holders)


def find(username: str, *, by: Account | None) -> Account:
    """Find the account of this name in the manager's jurisdiction; `by` is None for whoever runs the machine."""
    found = Account.objects.filter(username=username).first()
    if found is None or (by is not None and not access.covers(by, found.area_code)):
        raise NoSuchAccount(username=username)
    return found


def find_token(number: int, *, by: Account | None) -> ApiToken:
    """Find a token by its number in the manager's jurisdiction."""
    found = ApiToken.objects.select_related("account").filter(pk=number).first()
    if found is None or (by is not None and not access.covers(by, found.account.area_code)):
        raise NoSuchToken(token=number)
    return found


@dataclass(frozen=True, slots=True)
class Demonstration:
    """The accounts that a newcomer may try: who they are, and the one password they were given with."""

    accounts: tuple[Account, ...]
    password: str


DESKS = (Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.ISOLATION_COORDINATOR, Role.AREA_OFFICER, Role.REPORTER)
# Two counties beside the province, so that a newcomer sees what a neighbour does not.
DEMONSTRATION_PLACES = {"13": tuple(Role), "130109": DESKS, "130581": DESKS}


@transaction.atomic
def demonstrate(
    *,
    by: Account | None,
    now: datetime,
    password: str | None = None,
    places: Mapping[str, tuple[Role, ...]] = DEMONSTRATION_PLACES,
) -> Demonstration:
    """
    Give the accounts of a demonstration that are missing: one for each role at each of its places.

    They share one password, made fresh for each installation, so that a newcomer can walk from desk to
    desk. An account that stands already gets this password too. Only for a replay or a drill.
    """
    secret = password or new_password()
    accounts = [
        _demonstrate_one(_area(area_code), role, secret, by=by, now=now)
        for area_code, roles in places.items()
        for role in roles
    ]
    return Demonstration(tuple(accounts), secret)


def _demonstrate_one(area: Area, role: Role, secret: str, *, by: Account | None, now: datetime) -> Account:
    username = str(role) if len(area.code) == 2 else f"{role}_{area.code}"
    standing = Account.objects.filter(username=username).first()
    if standing is None:
        title = f"{area.short_name}{role.zh}"
        return give(
            username=username, role=role, area_code=area.code, display_name=title, password=secret, by=by, now=now
        )[0]
    return change(account=standing, password=secret, is_active=True, by=by, now=now)


# --- Accounts of a replay ----------------------------------------------------------------------


@transaction.atomic
def give_closed(*, wanted: Iterable[tuple[str, Role, str, str]], by: Account | None, now: datetime) -> list[Account]:
    """
    Give closed accounts, for those in whose name a replay acts: (username, role, area, name shown).

    Nobody can sign in with one, no task is asked of it and no notice goes to it. Those there are stay as they are.
    """
    rows = {username: (role, area_code, shown) for username, role, area_code, shown in wanted}
    known = set(Account.objects.filter(username__in=rows).values_list("username", flat=True))
    made = []
    for username, (role, area_code, shown) in rows.items():
        if username not in known:
            one = Account(username=username, role=role, area_code=area_code, display_name=shown, is_active=False)
            one.set_unusable_password()
            made.append(one)
    Account.objects.bulk_create(made)
    journal.write_many([journal.line("account.given", one, by=by, at=now, role=one.role, closed=True) for one in made])
    return made


def new_password() -> str:
    """Make a password that can be read aloud: four groups of four letters and digits that look alike to nobody."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def digest(secret: str) -> str:
    """Give the SHA-256 of a token, by which it is found; a random secret of 256 bits needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _check_manager(by: Account | None, area_code: str) -> None:
    if by is not None:
        access.require(by, Right.ACCOUNT_MANAGE, area_code=area_code)
    _area(area_code)


def _area(code: str) -> Area:
    found = Area.objects.filter(code=code).first()
    if found is None:
        raise UnknownArea(area_code=code)
    return found


def _set_password(account: Account, password: str) -> None:
    try:
        validate_password(password, account)
    except ValidationError as refusal:
        raise WeakPassword(reason=" ".join(refusal.messages)) from refusal
    account.set_password(password)


def _scope(account: Account, rights: Iterable[Right]) -> list[str]:
    held = access.ROLE_RIGHTS[Role(account.role)]
    wanted = set(rights)
    if not wanted or wanted - held:
        raise TokenBeyondRole(
            username=account.username,
            role=Role(account.role),
            rights=", ".join(sorted(wanted - held)) or "no right at all",
            allowed=", ".join(sorted(held)),
        )
    return sorted(str(right) for right in wanted)
