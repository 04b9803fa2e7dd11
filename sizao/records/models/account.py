from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from sizao.terms import Right, Role


class AccountManager(BaseUserManager):
    use_in_migrations = True


class Account(AbstractBaseUser):
    """Somebody who signs in: one role, one jurisdiction. Their rights follow from `records.access`."""

    OPEN = {
        "id",
        "username",
        "password",
        "last_login",
        "display_name",
        "email",
        "role",
        "area_code",
        "is_active",
    }
    PERSONAL: set[str] = set()

    username = models.CharField(max_length=150, unique=True)
    display_name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=25, choices=Role.choices())
    area_code = models.CharField(max_length=12)
    is_active = models.BooleanField(default=True)

    objects = AccountManager()

    # What a token narrows the account to, for one request; None where the whole role holds.
    scope: frozenset[Right] | None = None

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name", "role", "area_code"]


class ApiToken(models.Model):
    """A machine's key: only its hash is kept; its rights are at most those of its account."""

    OPEN = {"id", "account", "digest", "label", "rights", "created_at", "expires_at", "revoked_at"}
    PERSONAL: set[str] = set()

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=100)
    rights = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
