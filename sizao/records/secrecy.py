"""
Personal fields, encrypted at rest, and the blind index that finds an exact value without reading it.

AES-GCM with the table and column as associated data: a value moved to another column does not open.
"""

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from sizao.errors import SizaoError

NONCE_BYTES = 12


class CannotRead(SizaoError):
    code = "secrecy.cannot_read"
    message = (
        "A personal field of {column} cannot be opened with the key of this installation. "
        "Check SIZAO_DATA_KEY: it must be the key the data were written with."
    )


@lru_cache(maxsize=1)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(value: str, *, column: str) -> str:
    """Encrypt one value for one column."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = _cipher(settings.PERSONAL_DATA_KEY).encrypt(nonce, value.encode(), column.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(stored: str, *, column: str) -> str:
    """Open a value that was sealed for this column; raise `CannotRead` for any other."""
    raw = base64.b64decode(stored)
    try:
        opened = _cipher(settings.PERSONAL_DATA_KEY).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], column.encode())
    except InvalidTag as fault:
        raise CannotRead(column=column) from fault
    return opened.decode()


def blind_index(value: str, *, column: str) -> str:
    """Give the keyed hash under which an exact value is found again."""
    key = hmac.digest(settings.PERSONAL_DATA_KEY, b"blind-index", hashlib.sha256)
    return hmac.digest(key, f"{column}\0{value.strip()}".encode(), hashlib.sha256).hex()[:32]


class SealedField(models.TextField):
    """Text that is encrypted in the table and plain in Python. Unknown is NULL."""

    @property
    def column_name(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_prep_value(self, value):
        return None if value is None else seal(value, column=self.column_name)

    def from_db_value(self, value, expression, connection):
        return None if value is None else unseal(value, column=self.column_name)
