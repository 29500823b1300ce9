"""Settings shared by every edition. All state lies in ``ANJUAN_HOME``; the environment names nothing else but engines.

ANJUAN_HOME       folder of all state; default ``~/.anjuan``
ANJUAN_DATABASE   ``postgresql://user:password@host:port/name``; default: SQLite in ANJUAN_HOME
ANJUAN_STORE      where the store is; default: folder ``store`` in ANJUAN_HOME. Another folder (its work lies beside it,
                  in ``staging``, on the same file system), or ``s3://bucket/prefix?endpoint=…&region=…``,
                  credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; one installation writes to a store
ANJUAN_LOCK_DAYS  how far ahead the files of sealed objects are locked in a bucket with object lock, at most until their
                  retention ends; default 3650, not confirmed yet (待核实); renewed by ``anjuan store renew-locks``
ANJUAN_LOG        where the evidence log lies: a folder, or ``s3://bucket/prefix?endpoint=…``; default
                  ANJUAN_HOME/log
ANJUAN_PRACTICE   ``1`` while the archive is a practice one: every page says 演示
ANJUAN_LEGACY_KEEP_DAYS  days that a paper-first volume is kept at the agency before its transfer; default 365
                  (「一年」, unconfirmed)
ANJUAN_LOG_READERS  who may read the log's files over the network (/log/…): ``auditors`` (default, signed in) or
                  ``everyone``
ANJUAN_TSA_URL    address of a time-stamp authority (RFC 3161) for the day's root; default: the archive's own, which
                  says that it is
ANJUAN_TSA_ROOTS  file with that authority's root certificates, PEM; they go into the trust file
ANJUAN_SEAL_ROOTS  file with root certificates, PEM, whose owners vouch for electronic seals and signatures that come in
ANJUAN_PUBLIC_URL address that certificates print for verification; default http://127.0.0.1:8000. If it is https,
                  cookies are sent over TLS only
ANJUAN_SCHEDULE_CONSENT  ``require`` to put no retention table into force without the archive authority's consent;
                  default ``mark``: it is shown as not consented, not confirmed yet (待核实)
ANJUAN_FILING_FROM  ``accepted`` (default) or ``formed``: from which day the days to file a case run; not confirmed yet
                  (待核实)
ANJUAN_TRANSFER_DUE  month and day until which last year's volumes are handed over; default 03-31, not confirmed yet
                  (待核实)
ANJUAN_AGENCY_DAYS  days a volume may lie at the agency before it is overdue; default 395: a year and a month, not
                  confirmed yet (待核实)
ANJUAN_ESCALATE_DAYS  days overdue after which a notice goes to the supervisor; default 3, not confirmed yet (待核实)
ANJUAN_FIXITY_DAYS  days within which each object of each attached place is verified; default 90, not confirmed yet
                  (待核实); 0: only by hand
ANJUAN_FIXITY_OFFLINE_DAYS  the same for sets that are detached; default 365, not confirmed yet (待核实)
ANJUAN_COPY_WITHIN_HOURS  hours that copying and first verifying have before a missing copy is a fault; default 24
ANJUAN_REPLICATE_AUTO  ``0`` to copy only when somebody starts it; default ``1``: the worker keeps copies up to date
ANJUAN_REPAIR_AUTO  ``1`` to repair damage as soon as it is found; default ``0``: a person presses the button
ANJUAN_COPY_BYTES_PER_SECOND  limit of copying, a process; default 0, none
ANJUAN_SWEEP_BYTES_PER_SECOND  limit of sweeping, a process; default 0, none
ANJUAN_CAPACITY_MONTHS  months of room left at a place under which it is an alarm; default 6, not confirmed yet (待核实)
ANJUAN_LAN_ROOT   set by ``serve --lan``: the root certificate that phones of the office are to trust
ANJUAN_REUSE_DAYS  days within which a captured material may be taken over into another record; default 365, not
                  confirmed yet (待核实)
ANJUAN_SHEET_TENTHS_MM  thickness of a sheet in tenths of a millimetre; default 1, not confirmed yet (待核实)
ANJUAN_VOLUME_MM  how thick a proposed volume may be, in millimetres; default 40, not confirmed yet (待核实)
ANJUAN_RECEIPT_DAYS  days within which the receipt of a forwarded dossier is due; default 30, not confirmed yet (待核实)
ANJUAN_LINK_MINUTES  minutes within which a business system's link to a record is opened; default 5, not confirmed yet
                  (待核实)
ANJUAN_LINK_VIEW_MINUTES  minutes that such a link may be read once it is open; default 15, not confirmed yet (待核实)
ANJUAN_LINK_CLOSED  kinds of arrangement, by code, that are not shown in a business system's page; default
                  PERSON_DOSSIER, not confirmed yet (待核实)
ANJUAN_SELECTION_POWERS  how heavily use, risk and age weigh when volumes are selected for the workshop, each 0 to 3;
                  default 1,1,1, not confirmed yet (待核实)
ANJUAN_SAMPLING_LEVEL  inspection level of the acceptance sample (GB/T 2828.1): S-1 to S-4, I, II, III; default II, not
                  confirmed yet (待核实)
ANJUAN_SAMPLING_AQL  its acceptance quality limit in percent, as the table writes it; default 2.5, not confirmed yet
                  (待核实)
ANJUAN_SAMPLING_FACTOR  k: the sample is at least lot × k × problem rate; default 2, not confirmed yet (待核实)
ANJUAN_SAMPLING_PRIOR  how many volumes the house's rate weighs against an agency's own; default 50, not confirmed yet
                  (待核实)
ANJUAN_SAMPLING_FIRST_RATE  problem rate before anything is known, in percent; default 5, not confirmed yet (待核实)
ANJUAN_RECHECK_FACTOR  k of the re-check: its ratio is k × problem rate, at least 10 and at most 30 percent; default 2,
                  not confirmed yet (待核实)
ANJUAN_RECHECK_DAYS  days of acceptance by images that the re-check's problem rate looks back on; default 365, not
                  confirmed yet (待核实)
ANJUAN_SAMPLING_REDUCED  ``1`` to open reduced inspection; default ``0``: its tables are not verified yet (待核实)
ANJUAN_WATCH     folder with the watched folders of scanners, AGENCY/STAFF below it; default ANJUAN_HOME/watch
ANJUAN_SENDING_BYTES  the largest file that may come in pieces; default 4294967296
ANJUAN_SENDING_DAYS  days after which a file that was sent and never used is cleared; default 7, not confirmed (待核实)
ANJUAN_SPOOL_DAYS  days after which piles, images and sheets that were taken in, and files of print runs, are cleared
                  from the home; default 30, not confirmed (待核实)
ANJUAN_WEB_PROCESSES  processes that answer pages, some 250 MB each; default 2, 1 on a single processor. Two answer
                  twice as many questions; the pace at which one address may ask is kept by each for itself
ANJUAN_SAVED_QUESTIONS  questions that one person may keep; default 30, not confirmed (待核实)
ANJUAN_LEAVE_DAYS  the longest leave to read a restricted record, in days; default 30, not confirmed (待核实)
ANJUAN_EXPORT_ROWS  how many records each post may take out as a list at once, ``POST:ROWS`` divided by blanks; default
                  ``ARCHIVIST:5000 SUPERVISOR:5000 READING_DESK:500 FILER:500``, not confirmed (待核实)
ANJUAN_EXPORT_WHOLE  posts whose lists may say numbers of persons whole, divided by blanks; default ``SUPERVISOR``, not
                  confirmed (待核实)
ANJUAN_ALONG_POSTS  posts that may ask other archives, and through whose accounts others may ask here; default
                  ``READING_DESK ARCHIVIST SUPERVISOR``, not confirmed (待核实)
ANJUAN_RECONCILE_HOUR  hour of the day at which the search index is held against the records; default 2, not confirmed
                  (待核实); -1: only by hand
ANJUAN_ANSWERS    how questions put as sentences are answered: empty (default) not at all; ``passages``: with passages
                  of records; an address of chat completions (https, or http to this machine or a private address):
                  with an answer that a service composes from them as well
ANJUAN_ANSWERS_MODEL  the model that such a service is asked for
ANJUAN_ANSWERS_SECONDS  how long it is waited for, in seconds altogether; default 30
ANJUAN_ANSWERS_KEY  what it knows us by; default: the file ``answers.key`` of the home, if there is one
ANJUAN_SUBMIT_AGENCIES  codes of the agencies at which units and citizens may send cases in from outside (/submit/),
                  divided by blanks; ``*`` for all; default: all in a practice archive, none elsewhere (待核实)
ANJUAN_RATINGS_PER_HOUR  ratings of the service that one network address may give in an hour; default 10, not confirmed
                  (待核实)
ANJUAN_SUBMIT_STEPS  codes of the business steps that may be sent in so; default ``*``: all whose main form people or
                  employers seal or sign at the counter, not confirmed (待核实)
ANJUAN_SUBMIT_PER_HOUR  how often one network address may send in, an hour and process; default 30, not confirmed
                  (待核实)
ANJUAN_CLAMD     where a virus scanner listens that speaks ClamAV's protocol: ``host:port`` or ``unix:path``; default:
                  none, which the quarantine page says
ANJUAN_READ      which pages are read by machine: ``all`` (default: main forms, first and last pages first, the rest
                  after them), ``key`` (only those) or ``off``
ANJUAN_READERS   processes that read pages in one worker; default: one for each processor, at most four. Each takes
                  about 600 MB
ANJUAN_IIIF_ORIGINS  origins, such as ``https://example.invalid``, whose pages may read images and manifests (CORS),
                  divided by blanks; default: none. ``*`` is not taken
ANJUAN_VIEW_CACHE_MB  decoded pages that one process keeps for the viewer, in megabytes; default 256
ANJUAN_PRINT_POSTS  posts that may print a page from the viewer, divided by blanks; default ``READING_DESK ARCHIVIST``,
                  not confirmed yet (待核实)
ANJUAN_ACCEPT_UNKNOWN ``0`` to refuse files of formats not known or not for preservation; default ``1``: kept, flagged
"""

import os
import secrets
import urllib.parse
from pathlib import Path
from typing import Any

from anjuan import VERSION

PACKAGE = Path(__file__).parents[2]
ANJUAN_HOME = Path(os.environ.get("ANJUAN_HOME") or Path.home() / ".anjuan").expanduser().absolute()
ANJUAN_LOG_READERS = os.environ.get("ANJUAN_LOG_READERS", "auditors")
ANJUAN_TSA_URL = os.environ.get("ANJUAN_TSA_URL", "")
ANJUAN_TSA_ROOTS = os.environ.get("ANJUAN_TSA_ROOTS", "")
ANJUAN_SEAL_ROOTS = os.environ.get("ANJUAN_SEAL_ROOTS", "")
ANJUAN_LOG = os.environ.get("ANJUAN_LOG", "")
PRACTICE = os.environ.get("ANJUAN_PRACTICE", "1") == "1"
ANJUAN_LAN_ROOT = os.environ.get("ANJUAN_LAN_ROOT", "")
PUBLIC_URL = os.environ.get("ANJUAN_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")


def _session_key() -> str:
    """The key that signs sessions: made on first use, readable by its user only."""
    path = ANJUAN_HOME / "keys" / "session.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(48))
        try:
            os.link(partial, path)  # whoever links first wins; the loser reads the winner's key
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return path.read_text().strip()


# A thread keeps its connection: opening SQLite reads the whole schema, opening PostgreSQL starts a process with nothing
# in its memory, and either costs more than most questions do. A connection that died is found and opened anew.
_KEPT_CONNECTION = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}


# Our questions are short and many: to compile one (jit) or to call helpers for it takes longer than to answer it, and
# what is looked up lies in memory or on a disk without an arm. A common word is found on many pages: as long as their
# list fits (work_mem), no page has to be looked at again.
_SHORT_QUESTIONS = "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1 -c work_mem=64MB"


def _database() -> dict[str, Any]:
    address = os.environ.get("ANJUAN_DATABASE", "")
    if not address:
        return {
            **_KEPT_CONNECTION,
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": ANJUAN_HOME / "anjuan.db",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urllib.parse.urlsplit(address)
    options: dict[str, Any] = {"options": _SHORT_QUESTIONS, **dict(urllib.parse.parse_qsl(parts.query))}
    # After how many times PostgreSQL plans a statement worded once (`foundation.prepared`) no more; 0: always anew.
    options["prepare_threshold"] = int(options.get("prepare_threshold", 5)) or None
    return {
        **_KEPT_CONNECTION,
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": urllib.parse.unquote(parts.username or ""),
        "PASSWORD": urllib.parse.unquote(parts.password or ""),
        "HOST": parts.hostname or options.pop("host", ""),
        "PORT": parts.port or "",
        "OPTIONS": options,
    }


SECRET_KEY = _session_key()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *os.environ.get("ANJUAN_HOSTS", "").split()]
DATABASES = {"default": _database()}

INSTALLED_APPS = [
    "anjuan.bridges.exchange",
    "anjuan.desks.rulebook",
    "anjuan.desks.certificates",
    "anjuan.desks.linkage",
    "anjuan.desks.holdings",
    "anjuan.desks.workshop",
    "anjuan.desks.training",
    "anjuan.desks.transfer",
    "anjuan.desks.inspection",
    "anjuan.desks.filing",
    "anjuan.desks.review",
    "anjuan.desks.intake",
    "anjuan.facilities.answers",
    "anjuan.facilities.search",
    "anjuan.facilities.viewer",
    "anjuan.facilities.assurance",
    "anjuan.facilities.reading",
    "anjuan.facilities.progress",
    "anjuan.facilities.workload",
    "anjuan.facilities.evidence",
    "anjuan.facilities.sealing",
    "anjuan.facilities.lives",
    "anjuan.facilities.copies",
    "anjuan.facilities.corrections",
    "anjuan.facilities.notices",
    "anjuan.facilities.jobs",
    "anjuan.facilities.numbering",
    "anjuan.facilities.stacks",
    "anjuan.facilities.printing",
    "anjuan.facilities.signing",
    "anjuan.facilities.formats",
    "anjuan.facilities.repository",
    "anjuan.facilities.screening",
    "anjuan.facilities.secrecy",
    "anjuan.facilities.business",
    "anjuan.facilities.drafts",
    "anjuan.facilities.condition",
    "anjuan.records",
    "anjuan.foundation.web",
    "anjuan.foundation.accounts",
    "anjuan.foundation.ledger",
    "anjuan.foundation.schedule",
    "anjuan.foundation.journal",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "anjuan.foundation.web.middleware.BodyMiddleware",  # before anything reads the body
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "anjuan.foundation.accounts.middleware.ActorMiddleware",
    "anjuan.foundation.web.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "anjuan.config.urls"
WSGI_APPLICATION = "anjuan.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "anjuan.foundation.web.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "anjuan.foundation.web.templatetags.web",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_URL = "accounts:log_in"
LOGIN_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
# Behind a proxy that ends TLS, forms come from this origin and not from the one we see.
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("https://") else []
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "style-src": ["'self'", "'unsafe-inline'"],  # OpenSeadragon places its controls with inline styles
        "script-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

CSRF_FAILURE_VIEW = "anjuan.foundation.web.views.csrf_failure"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"  # shown and calendar time; stored time is UTC
LANGUAGE_COOKIE_NAME = "anjuan_language"

# The version stands in the address, so that a browser never shows the last version's look on this one.
STATIC_URL = f"/static/{VERSION}/"
STATIC_ROOT = None  # served from the rooms' own folders; nothing is collected
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

# How long a paper-first volume is kept at the agency before it may be applied for (S3-W2, S3-N1 「一年」); unconfirmed.
ANJUAN_LEGACY_KEEP_DAYS = int(os.environ.get("ANJUAN_LEGACY_KEEP_DAYS", "365"))

FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 500
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Facilities do not import one another: whoever draws a page is told here who opens its bytes, verified.
ANJUAN_OPEN_CONTENT = "anjuan.facilities.repository.queries.open_verified"

# Which tables stand in the journal row by row: journal is beneath all rooms and knows none of them.
ANJUAN_KEPT_ROWS = "anjuan.config.kept.KEPT"

# What a job's rooms know of it: all kinds of job, and the task that does one chunk.
ANJUAN_JOB_KINDS = "anjuan.config.jobs.KINDS"
ANJUAN_JOB_CHUNK = "anjuan.facilities.jobs.tasks.run_chunk"

# Sheets, volumes and receipts: the house's own figures until the office confirms them (待核实).
ANJUAN_SHEET_TENTHS_MM = int(os.environ.get("ANJUAN_SHEET_TENTHS_MM", "1"))
ANJUAN_VOLUME_MM = int(os.environ.get("ANJUAN_VOLUME_MM", "40"))
ANJUAN_LINK_MINUTES = int(os.environ.get("ANJUAN_LINK_MINUTES", "5"))
ANJUAN_LINK_VIEW_MINUTES = int(os.environ.get("ANJUAN_LINK_VIEW_MINUTES", "15"))
ANJUAN_LINK_CLOSED = tuple(os.environ.get("ANJUAN_LINK_CLOSED", "PERSON_DOSSIER").split())
ANJUAN_RECEIPT_DAYS = int(os.environ.get("ANJUAN_RECEIPT_DAYS", "30"))
# Days after which what is overdue goes to the supervisor: the house's own figure until the office confirms it (待核实).
ANJUAN_SCHEDULE_CONSENT = os.environ.get("ANJUAN_SCHEDULE_CONSENT", "mark")
ANJUAN_FILING_FROM = os.environ.get("ANJUAN_FILING_FROM", "accepted")
ANJUAN_TRANSFER_DUE = os.environ.get("ANJUAN_TRANSFER_DUE", "03-31")
ANJUAN_AGENCY_DAYS = int(os.environ.get("ANJUAN_AGENCY_DAYS", "395"))
ANJUAN_ESCALATE_DAYS = int(os.environ.get("ANJUAN_ESCALATE_DAYS", "3"))

# Copies and fixity. Intervals and months are the house's own until the office confirms them (待核实).
ANJUAN_FIXITY_DAYS = int(os.environ.get("ANJUAN_FIXITY_DAYS", "90"))
ANJUAN_FIXITY_OFFLINE_DAYS = int(os.environ.get("ANJUAN_FIXITY_OFFLINE_DAYS", "365"))
ANJUAN_COPY_WITHIN_HOURS = int(os.environ.get("ANJUAN_COPY_WITHIN_HOURS", "24"))
ANJUAN_REPLICATE_AUTO = os.environ.get("ANJUAN_REPLICATE_AUTO", "1") == "1"
ANJUAN_REPAIR_AUTO = os.environ.get("ANJUAN_REPAIR_AUTO", "0") == "1"
ANJUAN_COPY_BYTES_PER_SECOND = int(os.environ.get("ANJUAN_COPY_BYTES_PER_SECOND", "0"))
ANJUAN_SWEEP_BYTES_PER_SECOND = int(os.environ.get("ANJUAN_SWEEP_BYTES_PER_SECOND", "0"))
ANJUAN_CAPACITY_MONTHS = int(os.environ.get("ANJUAN_CAPACITY_MONTHS", "6"))
ANJUAN_REUSE_DAYS = int(os.environ.get("ANJUAN_REUSE_DAYS", "365"))

# Pages without a picture of their own are drawn in the font that the printed forms use.
ANJUAN_PAGE_FONT = str(PACKAGE / "facilities" / "printing" / "fonts" / "NotoSansCJKsc-Regular.otf")
ANJUAN_STORE = os.environ.get("ANJUAN_STORE", "")
ANJUAN_READ = os.environ.get("ANJUAN_READ", "all")
# Origins whose pages may read images; a bare * would let every page on the network read what its reader may see.
ANJUAN_IIIF_ORIGINS = tuple(
    origin.rstrip("/") for origin in os.environ.get("ANJUAN_IIIF_ORIGINS", "").split() if "*" not in origin
)
ANJUAN_VIEW_CACHE_MB = int(os.environ.get("ANJUAN_VIEW_CACHE_MB", "256"))
# Who may print a page: the house's own figure until the office confirms it (待核实).
ANJUAN_PRINT_POSTS = tuple(os.environ.get("ANJUAN_PRINT_POSTS", "READING_DESK ARCHIVIST").split())
ANJUAN_READERS = int(os.environ.get("ANJUAN_READERS", "0"))
ANJUAN_LOCK_DAYS = int(os.environ.get("ANJUAN_LOCK_DAYS", "3650"))
ANJUAN_SELECTION_POWERS = os.environ.get("ANJUAN_SELECTION_POWERS", "1,1,1")
# The acceptance sample: the house's own figures until the office confirms them (待核实).
ANJUAN_SAMPLING_LEVEL = os.environ.get("ANJUAN_SAMPLING_LEVEL", "II")
ANJUAN_SAMPLING_AQL = os.environ.get("ANJUAN_SAMPLING_AQL", "2.5")
ANJUAN_SAMPLING_FACTOR = os.environ.get("ANJUAN_SAMPLING_FACTOR", "2")
ANJUAN_SAMPLING_PRIOR = int(os.environ.get("ANJUAN_SAMPLING_PRIOR", "50"))
ANJUAN_SAMPLING_FIRST_RATE = os.environ.get("ANJUAN_SAMPLING_FIRST_RATE", "5")
ANJUAN_RECHECK_FACTOR = os.environ.get("ANJUAN_RECHECK_FACTOR", "2")
ANJUAN_RECHECK_DAYS = int(os.environ.get("ANJUAN_RECHECK_DAYS", "365"))
ANJUAN_RATINGS_PER_HOUR = int(os.environ.get("ANJUAN_RATINGS_PER_HOUR", "10"))
ANJUAN_SAMPLING_REDUCED = os.environ.get("ANJUAN_SAMPLING_REDUCED", "0") == "1"
ANJUAN_WATCH = os.environ.get("ANJUAN_WATCH", "")
ANJUAN_SENDING_BYTES = int(os.environ.get("ANJUAN_SENDING_BYTES", str(4 << 30)))
ANJUAN_SENDING_DAYS = int(os.environ.get("ANJUAN_SENDING_DAYS", "7"))
ANJUAN_WEB_PROCESSES = max(1, int(os.environ.get("ANJUAN_WEB_PROCESSES", "2" if (os.cpu_count() or 1) > 1 else "1")))
ANJUAN_LEAVE_DAYS = int(os.environ.get("ANJUAN_LEAVE_DAYS", "30"))
ANJUAN_SAVED_QUESTIONS = int(os.environ.get("ANJUAN_SAVED_QUESTIONS", "30"))
ANJUAN_EXPORT_ROWS = os.environ.get("ANJUAN_EXPORT_ROWS", "ARCHIVIST:5000 SUPERVISOR:5000 READING_DESK:500 FILER:500")
ANJUAN_EXPORT_WHOLE = tuple(os.environ.get("ANJUAN_EXPORT_WHOLE", "SUPERVISOR").split())
# Who may ask other archives, and through whose accounts others may ask here: until the office confirms it (待核实).
ANJUAN_ALONG_POSTS = tuple(os.environ.get("ANJUAN_ALONG_POSTS", "READING_DESK ARCHIVIST SUPERVISOR").split())
ANJUAN_RECONCILE_HOUR = int(os.environ.get("ANJUAN_RECONCILE_HOUR", "2"))
ANJUAN_ANSWERS = os.environ.get("ANJUAN_ANSWERS", "").strip()
ANJUAN_ANSWERS_MODEL = os.environ.get("ANJUAN_ANSWERS_MODEL", "")
ANJUAN_ANSWERS_SECONDS = float(os.environ.get("ANJUAN_ANSWERS_SECONDS", "30"))
ANJUAN_ANSWERS_KEY = os.environ.get("ANJUAN_ANSWERS_KEY", "")
ANJUAN_SPOOL_DAYS = int(os.environ.get("ANJUAN_SPOOL_DAYS", "30"))
# Who may send in from outside: the house's own figures until the office confirms them (待核实).
ANJUAN_SUBMIT_AGENCIES = tuple(os.environ.get("ANJUAN_SUBMIT_AGENCIES", "*" if PRACTICE else "").split())
ANJUAN_SUBMIT_STEPS = tuple(os.environ.get("ANJUAN_SUBMIT_STEPS", "*").split())
ANJUAN_SUBMIT_PER_HOUR = int(os.environ.get("ANJUAN_SUBMIT_PER_HOUR", "30"))
ANJUAN_CLAMD = os.environ.get("ANJUAN_CLAMD", "")
ANJUAN_ACCEPT_UNKNOWN = os.environ.get("ANJUAN_ACCEPT_UNKNOWN", "1") == "1"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "anjuan.foundation.web.faults.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
