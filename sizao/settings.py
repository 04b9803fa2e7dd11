"""
What differs between installations, and nothing else. The environment is read here, once.

`sizao run`, `sizao manage` and the tests fill in what a single machine can choose for itself (an
embedded database, keys kept in a file only its owner reads); anywhere else a missing setting
stops the start.
"""

import base64
import os
from pathlib import Path

import psycopg.conninfo
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def _required(name: str) -> str:
    if value := os.environ.get(name):
        return value
    message = f"The setting {name} is missing. Start with `sizao run`, or set {name} in the environment."
    raise ImproperlyConfigured(message)


def _database(url: str) -> dict[str, object]:
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as fault:
        message = f"DATABASE_URL is not a PostgreSQL address ({fault}). Write postgresql://user@host/name."
        raise ImproperlyConfigured(message) from fault
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", "sizao"),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": 16, "timeout": 10},
            # What a screen sets against each other for 100,000 people should stay in memory (see `make bench`).
            "options": "-c work_mem=32MB",
        },
        "ATOMIC_REQUESTS": False,
    }


def _key(name: str) -> bytes:
    try:
        key = base64.b64decode(_required(name), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        message = f"{name} is not a key: it must be {KEY_BYTES} bytes in base64, those the data were written with."
        raise ImproperlyConfigured(message)
    return key


KEY_BYTES = 32
DEBUG = False
SECRET_KEY = _required("SIZAO_SECRET_KEY")
# 32 bytes, base64: the key of the encrypted personal fields and of their blind index.
PERSONAL_DATA_KEY = _key("SIZAO_DATA_KEY")
DATABASES = {"default": _database(_required("DATABASE_URL"))}
ALLOWED_HOSTS = os.environ.get("SIZAO_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("SIZAO_ORIGINS", "").split(",") if origin]
SECURE_COOKIES = os.environ.get("SIZAO_HTTPS", "") == "1"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "csp",
    "sizao.records",
    "sizao.web",  # before allauth, whose pages it shows in its own look
    "sizao.drill",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sizao.web.signing_in.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sizao.web.clock.ClockMiddleware",
    "sizao.web.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "sizao.urls"
WSGI_APPLICATION = "sizao.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sizao.web.shell.context",
            ],
        },
    },
]

AUTH_USER_MODEL = "records.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "sizao.web.signing_in.NoSignUp"  # accounts are given, never taken
# The sign-in page of an installation that only rehearses names its accounts; see `sizao run`.
DEMONSTRATION = os.environ.get("SIZAO_DEMO", "") == "1"
# Which data elements and organisation units of DHIS2 the figures are (docs/guide/daily-reports.md); none, no exchange.
DHIS2_MAPPING = os.environ.get("SIZAO_DHIS2_MAPPING", "")
# Where presences lie, a store for each outbreak.
PRESENCES_DIR = Path(os.environ.get("SIZAO_VAR", BASE_DIR / "var")) / "presences"
# What a drill came to, for its own pages; see `sizao drill`.
DRILL_REPORT = Path(os.environ.get("SIZAO_VAR", BASE_DIR / "var")) / "drill-report.json"
# Its counties, drawn where no boundaries ship with sizao.
DRILL_MAP = DRILL_REPORT.with_name("drill-map.geojson")
DEMONSTRATION_ACCOUNTS = Path(os.environ.get("SIZAO_VAR", BASE_DIR / "var")) / "demonstration-accounts.txt"
# Notices outside the pages; see docs/guide/notifications.md. None is sent where nothing is set.
NOTICE_SMTP = os.environ.get("SIZAO_SMTP", "")  # smtp://name:port or smtps://user:password@name
NOTICE_SENDER = os.environ.get("SIZAO_MAIL_FROM", "sizao@localhost")
NOTICE_ADDRESS = os.environ.get("SIZAO_ADDRESS", "http://127.0.0.1:8000").rstrip("/")  # where the pages are
NOTICE_WEBHOOK_HOSTS = [host for host in os.environ.get("SIZAO_WEBHOOK_HOSTS", "").split(",") if host]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "sizao" / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("SIZAO_TIME_ZONE", "Asia/Shanghai")  # the civil day of the jurisdiction

STATIC_URL = "/static/"
STATIC_ROOT = None  # served from where they lie; nothing is collected
# Front-end libraries by their own folders, so that MapLibre's worker keeps its plain file name.
STATICFILES_DIRS = [
    ("vendor/maplibre", BASE_DIR / "node_modules" / "maplibre-gl" / "dist"),
    ("vendor/echarts", BASE_DIR / "node_modules" / "echarts" / "dist"),
    ("vendor/cytoscape", BASE_DIR / "node_modules" / "cytoscape" / "dist"),
    ("vendor/cytoscape-dagre", BASE_DIR / "node_modules" / "cytoscape-dagre"),
    ("vendor/dagre", BASE_DIR / "node_modules" / "dagre" / "dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

# No external host is contacted for anything: the platform must work cut off from the network.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "style-src": [SELF, "'unsafe-inline'"],  # the chart and map libraries set style attributes
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # one shift
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
