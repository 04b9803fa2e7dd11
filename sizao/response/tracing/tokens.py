"""
Tokens: what stands in bulk presences in the place of people.

A token is a keyed hash of what a source knows somebody by; the key is the outbreak's own, so that tokens of two
outbreaks cannot be laid side by side, and destroying it makes them lead nowhere.
"""

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.db import transaction

from sizao.errors import SizaoError
from sizao.records import access
from sizao.records.models import Account, Outbreak, Person, TokenKey
from sizao.records.secrecy import blind_index
from sizao.terms import Right

KEY_BYTES = 32
LENGTH = 32  # hexadecimal digits: 128 bits, so that two people of a province do not share one by chance
_ID_NUMBER = re.compile(r"[0-9A-Z]{6,20}")  # of residents (15 or 18), passports and permits
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_NUMBER = re.compile(r"\S{1,40}")
_TOKEN = re.compile(rf"[0-9a-f]{{{LENGTH}}}")


class TokensDestroyed(SizaoError):
    code = "tokens.destroyed"
    message = (
        "The presences of {slug} and the key of their tokens were destroyed on {destroyed_at:%Y-%m-%d}. "
        "What comes now belongs to another outbreak; open one."
    )


def key_of(outbreak: Outbreak, *, now: datetime) -> bytes:
    """Give the key of an outbreak's tokens, made when it is first needed. Raise TokensDestroyed."""
    fresh = {"key": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(), "made_at": now}
    row, _ = TokenKey.objects.get_or_create(outbreak=outbreak, defaults=fresh)
    return _opened(row, outbreak)


@transaction.atomic
def make_key(*, outbreak: Outbreak, by: Account | None, now: datetime) -> None:
    """Make the key of an outbreak's tokens ahead of its first batch; it is made once. Raise TokensDestroyed."""
    if by is not None:
        access.require(by, Right.PRESENCE_SEND)
    key_of(outbreak, now=now)


def standing_key(outbreak: Outbreak) -> bytes | None:
    """Give the key of an outbreak's tokens; None while it has none. Raise TokensDestroyed."""
    row = TokenKey.objects.filter(outbreak=outbreak).first()
    return None if row is None else _opened(row, outbreak)


def _opened(row: TokenKey, outbreak: Outbreak) -> bytes:
    if row.key is None:
        raise TokensDestroyed(slug=outbreak.slug, destroyed_at=row.destroyed_at)
    return base64.b64decode(row.key)


def token_of(outbreak: Outbreak, person: Person) -> str:
    """Give the first of a person's tokens (id number, else phone, else register number); empty while there are none."""
    return next(iter(tokens_of(outbreak, person)), "")


def tokens_of(outbreak: Outbreak, person: Person) -> list[str]:
    """
    Give all tokens under which a person may stand, since sources know people by different things.

    Nothing while the outbreak has no key: then there are no presences either. Raise TokensDestroyed.
    """
    key = standing_key(outbreak)
    if key is None:
        return []
    return list(_tokens(key, person.id_number_index, person.phone_index, person.number))


def people_by_token(key: bytes, people: Iterable[tuple[int, str, str | None, str | None]]) -> Iterator[tuple[str, int]]:
    """
    Yield each token with the id of the person who bears it.

    `people` are rows of id, number, blind index of the id number and of the phone.
    """
    for pk, number, id_number, phone in people:
        for token in _tokens(key, id_number, phone, number):
            yield token, pk


def of_indices(key: bytes, id_number: str | None, phone: str | None) -> list[str]:
    """Give the tokens of somebody known by the blind indices of an id number, of a phone, or of both."""
    return [_hash(key, kind, index) for kind, index in (("id_number", id_number), ("phone", phone)) if index]


def mark_of(key: bytes, token: str) -> uuid.UUID:
    """Give the mark under which a token stands in the table of who bears it: a hash that the key alone leads to."""
    return uuid.UUID(bytes=hmac.digest(key, f"bearer\0{token}".encode(), hashlib.sha256)[:16])


def _tokens(key: bytes, id_number: str | None, phone: str | None, number: str) -> Iterator[str]:
    if id_number:
        yield _hash(key, "id_number", id_number)
    if phone:
        yield _hash(key, "phone", phone)
    yield _hash(key, "number", number)


def _hash(key: bytes, kind: str, value: str) -> str:
    return hmac.digest(key, f"{kind}\0{value}".encode(), hashlib.sha256).hex()[:LENGTH]


# --- At the door -------------------------------------------------------------------------------

# By what a source may know somebody; the first column that says anything in a row is taken.
IDENTITIES = ("token", "id_number", "phone", "number")


def maker(kind: str, key: bytes) -> Callable[[str], str | None]:
    """Give what turns one identity into its token, and what is none into None."""
    make = {"token": _as_it_is, "id_number": _of_id_number, "phone": _of_phone, "number": _of_number}[kind]
    return lambda text: make(key, text)


def id_number_index(text: str) -> str | None:
    """Give the blind index of an id number, typed in full width or not; None for what is none."""
    plain = re.sub(r"\s", "", text if text.isascii() else unicodedata.normalize("NFKC", text)).upper()
    return blind_index(plain, column="records_person.id_number") if _ID_NUMBER.fullmatch(plain) else None


def phone_index(text: str) -> str | None:
    """Give the blind index of a phone number, spaces and the country's own prefix aside; None for what is none."""
    plain = re.sub(r"[\s()-]", "", text).removeprefix("+86")
    return blind_index(plain, column="records_person.phone") if _PHONE.fullmatch(plain) else None


def _of_id_number(key: bytes, text: str) -> str | None:
    index = id_number_index(text)
    return index and _hash(key, "id_number", index)


def _of_phone(key: bytes, text: str) -> str | None:
    index = phone_index(text)
    return index and _hash(key, "phone", index)


def _of_number(key: bytes, text: str) -> str | None:
    plain = text.strip()
    return _hash(key, "number", plain) if _NUMBER.fullmatch(plain) else None


def _as_it_is(_: bytes, text: str) -> str | None:
    return text if _TOKEN.fullmatch(text) else None


def digest_of(key: bytes, content: bytes) -> str:
    """Give the keyed digest of a batch: says whether two are the same, and nothing of what they hold."""
    return hmac.digest(key, content, hashlib.sha256).hex()[:LENGTH]
