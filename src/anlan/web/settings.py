"""Every setting, from the environment (docs/settings.md); NAME_FILE reads a secret from a file."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.management.utils import get_random_secret_key


def env(name: str, default: str = "") -> str:
    """NAME, or the content of the file that NAME_FILE points to."""
    file = os.environ.get(f"{name}_FILE")
    return Path(file).read_text().strip() if file else os.environ.get(name, default)


def env_bool(name: str, default: bool = False) -> bool:
    return env(name, str(default)).lower() in {"1", "true", "yes", "on"}


def env_int(name: str, default: int) -> int:
    return int(env(name, str(default)))


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


# Where a running Anlan keeps what it must not lose: database, files, archive, logs.
DATA_DIR = Path(env("ANLAN_DATA", "var")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def secret_key() -> str:
    """ANLAN_SECRET_KEY, or one made at the first start and kept beside the data."""
    given = env("ANLAN_SECRET_KEY")
    if given:
        return given
    path = DATA_DIR / "secret-key"
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(get_random_secret_key())
    except FileExistsError:
        pass
    return path.read_text().strip()


def database(url: str) -> dict[str, Any]:
    """Django's setting for `postgres://user:password@host:port/name`, or SQLite where empty."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "anlan.sqlite3",
            # Opening one and setting it up costs more than what most pages ask of it.
            "CONN_MAX_AGE": 600,
            "OPTIONS": {
                # A deferred transaction that turns into a write fails at once when another
                # writes; an immediate one waits its turn for up to `timeout` seconds.
                "transaction_mode": "IMMEDIATE",
                "timeout": env_int("ANLAN_DATABASE_WAIT_S", 20),
                # Mapped as far as SQLite can: each thread's connection reads the same memory.
                # FULL: what we have acknowledged survives a power cut, not only a crash.
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                    "PRAGMA cache_size=-32768; PRAGMA mmap_size=2147418112;"
                    "PRAGMA temp_store=MEMORY;"
                ),
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        # After the database was restarted, the pool's connections are dead: looked at before use.
        "CONN_HEALTH_CHECKS": True,
        # To compile a question costs more than what most of ours take, and so does weighing every
        # order of eight tables. In memory or on an SSD, reading out of order costs nearly the same.
        # DATABASE_URL may say otherwise.
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": 12},
            "options": "-c jit=off -c join_collapse_limit=6 -c random_page_cost=1.1",
            **dict(parse_qsl(parts.query)),
        },
    }


# Counters of all processes, added up by /metrics. Read by prometheus_client when it is imported.
METRICS_DIR = DATA_DIR / "metrics"
METRICS_DIR.mkdir(exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)
# Who may read /metrics and the details of /health besides this machine; empty: nobody else.
METRICS_TOKEN = env("ANLAN_METRICS_TOKEN")

DEBUG = env_bool("ANLAN_DEBUG")
SECRET_KEY = secret_key()
# The names that may be asked for; empty: this machine's own and any address (web/hosts.py).
HOSTS = env_list("ANLAN_HOSTS")
# Django's own list cannot say "any address"; web/hosts.py asks before Django is reached.
ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS = env_list("ANLAN_ORIGINS")
DATABASES = {"default": database(env("DATABASE_URL"))}
# A process beside each one with doors stores their readings. Tests turn it off: another process
# would not see their database.
READINGS_WRITER_APART = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The rooms, lowest first.
ROOMS = [
    "base",
    "places",
    "people",
    "work",
    "observe",
    "simulate",
    "warn",
    "prevent",
    "govern",
    "command",
    "enforce",
    "oversee",
    "web",
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "ninja",
    *[f"anlan.{room}" for room in ROOMS],
    # The reference city and its commands; without ANLAN_DEMO they refuse.
    "anlan.demo",
]

MIDDLEWARE = [
    "anlan.web.middleware.browser_policy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "anlan.web.middleware.chosen_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "anlan.web.middleware.refusals",
]

ROOT_URLCONF = "anlan.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "anlan.web.context.shell",
                "anlan.demo.context.clock_controls",
            ],
            # Dates, chips and icons in every template without loading them (docs/design.md).
            "builtins": ["anlan.web.templatetags.anlan"],
        },
    },
]

NINJA_PAGINATION_CLASS = "anlan.base.paging.Paging"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
        "UserAttributeSimilarityValidator",
    )
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
# Failed sign-ins from one address before it is locked; an office shares one.
TRIES_PER_ADDRESS = env_int("ANLAN_TRIES_PER_ADDRESS", 20)
BEHIND_PROXY = env_bool("ANLAN_BEHIND_PROXY")
# The city's identity provider (OpenID Connect). Empty: passwords only.
OIDC_ISSUER = env("ANLAN_OIDC_ISSUER")
OIDC_CLIENT_ID = env("ANLAN_OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env("ANLAN_OIDC_CLIENT_SECRET")
OIDC_CLAIM = env("ANLAN_OIDC_CLAIM", "preferred_username")
OIDC_SCOPE = env("ANLAN_OIDC_SCOPE", "openid profile")
OIDC_LABEL = env("ANLAN_OIDC_LABEL", "统一身份认证")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # served from where they lie; nothing to collect
WHITENOISE_AUTOREFRESH = DEBUG
# Vite puts a hash of the content into these names: a browser may keep them for good.
WHITENOISE_IMMUTABLE_FILE_TEST = r"/web/build/assets/"

# What can be made again at any time: not backed up, may be deleted.
CACHE_DIR = DATA_DIR / "cache"
# Compiled kernels are kept beside their source. An installed service may not write there and has no
# home; without a folder the compiler refuses, so they go to what can be made again.
if not os.access(Path(__file__).parent.parent / "engines", os.W_OK):
    os.environ.setdefault("NUMBA_CACHE_DIR", str(CACHE_DIR / "numba"))

# Files that people hand in (proof, pictures). Served only through views that ask who may see them.
FILES_DIR = DATA_DIR / "files"
MAX_UPLOAD_BYTES = env_int("ANLAN_MAX_UPLOAD_MB", 20) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_UPLOAD_BYTES + 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# What a browser may do with our pages: only what comes from here, no script or style in the text
# of a page. Maps need workers and pictures that scripts made; a telephone button ends at `tel:`.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self' tel:; frame-ancestors 'none'"
)
# Proof needs the camera and the position; nothing else of the device is ours.
PERMISSIONS_POLICY = (
    "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=(), serial=()"
)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
HTTPS = env_bool("ANLAN_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS

# Doors. Empty or 0 turns one off.
WEB_HOST = env("ANLAN_WEB_HOST", "127.0.0.1")
WEB_PORT = env_int("ANLAN_WEB_PORT", 8000)
# Python makes one page at a time in a process; several share the port.
WEB_PROCESSES = env_int("ANLAN_WEB_PROCESSES", min(2 * (os.cpu_count() or 1), 6))
SL651_PORT = env_int("ANLAN_SL651_PORT", 8651)
MQTT_URL = env("ANLAN_MQTT")  # mqtt://user:password@host:1883
MQTT_SHARE = env_bool("ANLAN_MQTT_SHARE")  # several listeners on one subscription

# Folders with more fonts for documents (FangSong, SimHei), separated by colons.
FONTS_DIR = env("ANLAN_FONTS")

# How many days the depths by time of a forecast are kept, and all of its files.
FRAME_DAYS = env_int("ANLAN_FRAME_DAYS", 3)
RUN_DAYS = env_int("ANLAN_RUN_DAYS", 30)
# The scheduler of a Dask cluster for ensembles (tcp://host:8786); empty: this machine's cores.
DASK = env("ANLAN_DASK")

# Days to put a hazard right where no order says another day.
RECTIFY_DAYS = env_int("ANLAN_RECTIFY_DAYS", 15)

# The reference city on a scenario clock; only such a database lets its clock be moved.
DEMO = env_bool("ANLAN_DEMO")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "anlan.base.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env("ANLAN_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "httpx": {"level": "WARNING"},
        "distributed": {"level": "WARNING"},
    },
}
