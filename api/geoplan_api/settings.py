"""Settings of the service, one small class a concern; read from ``GEOPLAN_…`` variables or given as values.

Only the service has settings: library functions take arguments. A variable's name is the path to the field, joined by
two underscores: ``GEOPLAN_LIMITS__MAX_BODY_BYTES=1000000``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from geoplan.errors import Fault, InputError

__all__ = [
    "PRIVATE_FILES",
    "AnalysisSettings",
    "BackupSettings",
    "DataSettings",
    "JobSettings",
    "LimitSettings",
    "LogSettings",
    "MapSettings",
    "SecuritySettings",
    "Settings",
]

PRIVATE_FILES: Final = 0o077  # umask of everything that writes into the service's folder
Seconds = Annotated[float, Field(gt=0)]
_MOVED: Final = ("limit_s", "radius_m", "k", "new_sites")  # once set here; now the pack's


class _Concern(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSettings(_Concern):
    """Where the service reads and writes."""

    pack: Path | None = Field(default=None, description="City pack to serve; none means the demonstration city.")
    folder: Path | None = Field(
        default=None,
        description="Folder of the service's own files (register, jobs, caches); none means one for each pack in the "
        "user's data folder.",
    )
    register_url: str = Field(
        default="", description="SQLAlchemy URL of the register; empty means a SQLite file in the folder."
    )
    follow_s: Seconds = Field(
        default=2.0, description="How often to look whether another process changed the register."
    )
    warm: bool = Field(default=True, description="Prepare networks and the ready plan at start, in the background.")
    demo_nodes: int | None = Field(
        default=None, ge=500, description="Street nodes of the demonstration city; none means its default."
    )


class LimitSettings(_Concern):
    """Bounds on what one caller may ask for."""

    max_body_bytes: int = Field(default=1_000_000, gt=0, description="Largest body of an ordinary request.")
    max_upload_bytes: int = Field(default=20_000_000, gt=0, description="Largest register file or photo.")
    max_unpacked_bytes: int = Field(default=200_000_000, gt=0, description="Largest unpacked size of an .xlsx upload.")
    max_register_rows: int = Field(default=20_000, gt=0, description="Most rows of a register file.")
    reader_s: Seconds = Field(
        default=20.0, description="Longest time that reading one register file may take, seconds."
    )
    reader_bytes: int = Field(
        default=1_000_000_000, gt=0, description="Memory that reading one register file may take."
    )
    max_photo_pixels: int = Field(
        default=25_000_000, gt=0, description="Largest PNG or WebP photo, in pixels; a JPEG may have twice as many."
    )
    max_header_bytes: int = Field(default=32_768, ge=1024, description="Largest headers and address of a request.")
    header_s: Seconds = Field(default=10.0, description="Time for the headers of a request, seconds.")
    body_s: Seconds = Field(
        default=20.0, description="Time for the body of a request, seconds; larger ones have more by the next setting."
    )
    body_bytes_per_s: float = Field(
        default=8_000.0, gt=0, description="Slowest transfer of a body that is taken, bytes a second."
    )
    max_arriving: int = Field(default=1024, gt=0, description="Bodies in arrival at once, of all callers.")
    max_arriving_of_one: int = Field(default=64, gt=0, description="Bodies in arrival at once, of one address.")
    max_stations: int = Field(default=2000, gt=0, description="Most stations in one answer.")
    max_nearest: int = Field(default=20, gt=0, description="Most stations in a nearest answer.")
    max_limit_s: Seconds = Field(default=3600.0, description="Longest travel time that may be asked for.")
    max_new_sites: int = Field(default=5000, gt=0, description="Most new stations that a plan may ask for.")
    cache_bytes: int = Field(default=128_000_000, ge=0, description="Memory for cached answers and tiles.")
    public_per_minute: int = Field(
        default=600, ge=0, description="Requests a minute from one address; 0 means no limit."
    )
    login_per_minute: int = Field(default=10, gt=0, description="Sign-in attempts a minute from one address.")
    reports_per_hour: int = Field(default=10, gt=0, description="Public reports an hour from one address.")
    busy_requests: int = Field(default=256, gt=0, description="Requests in work at once before new ones get 503.")


class SecuritySettings(_Concern):
    """Who may come in, and from where."""

    cors_origins: tuple[str, ...] = Field(
        default=(), description="Origins of other sites whose pages may read the public answers."
    )
    embed_origins: tuple[str, ...] = Field(default=(), description="Sites that may show the public map in an iframe.")
    secure_cookies: bool | None = Field(
        default=None,
        description="Send cookies over HTTPS only; without a value wherever the service is not asked as localhost.",
    )
    session_s: Seconds = Field(default=12 * 3600.0, description="Longest life of a sign-in, seconds.")
    idle_s: Seconds = Field(default=3600.0, description="A sign-in that is not used for so long ends, seconds.")
    confirm_s: Seconds = Field(
        default=900.0,
        description="Accounts, keys and contacts ask for the password again where it was typed longer ago, seconds.",
    )
    second_factor: Literal["optional", "required"] = Field(
        default="optional", description="Whether staff may or must set up a second factor (TOTP)."
    )
    oidc_issuer: str = Field(
        default="",
        max_length=300,
        description="Address of an OpenID Connect provider for single sign-on; needs the extra 'oidc'.",
    )
    oidc_client_id: str = Field(default="", max_length=200, description="Name of this service at the provider.")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="Secret of this service at the provider.")
    oidc_claim: str = Field(
        default="preferred_username", max_length=60, description="Claim that names the account here."
    )
    public_url: str = Field(
        default="",
        max_length=300,
        pattern=r"^(https?://[^\s/]+(/[^\s]*[^\s/])?)?$",
        description="Address of the service as others write it, without a slash at the end; answers that hold "
        "addresses are cacheable by proxies only with it.",
    )
    plain_http: bool = Field(
        default=False,
        description="Listen beyond this machine without HTTPS: behind a proxy that adds it, or in a closed network.",
    )
    tls_certificate: Path | None = Field(default=None, description="Certificate chain (PEM), to serve HTTPS itself.")
    tls_key: Path | None = Field(default=None, description="Key of the certificate (PEM).")
    trust_forwarded_for: bool = Field(
        default=False, description="Take the caller's address from X-Forwarded-For: only behind a proxy that sets it."
    )
    trusted_hosts: tuple[str, ...] = Field(
        default=(), description="Host names that the service answers to; empty means any."
    )


class MapSettings(_Concern):
    """What is drawn around the data."""

    basemap: Literal["own", "tianditu"] = Field(
        default="own", description="Base map: the pack's own tiles, or 天地图 with your key."
    )
    tianditu_key: SecretStr = Field(default=SecretStr(""), description="Browser key (tk) of 天地图.")
    review_number: str = Field(
        default="", max_length=60, description="审图号 of the reviewed map; printed where given, never made up."
    )
    attribution: str = Field(default="", max_length=500, description="Added to the pack's own attribution.")

    @model_validator(mode="after")
    def _key_with_basemap(self) -> MapSettings:
        if self.basemap == "tianditu" and not self.tianditu_key.get_secret_value():
            raise ValueError("the base map 'tianditu' needs tianditu_key")
        return self


class AnalysisSettings(_Concern):
    """How figures are made; what they measure by is the pack's (``[defaults]`` of ``pack.toml``)."""

    plan_time_limit_s: Seconds = Field(default=30.0, description="Longest search for the ready plan.")
    small_count_workers: float = Field(
        default=10.0, ge=0, description="Public tiles and gaps do not show a cell with fewer workers than this."
    )

    @model_validator(mode="before")
    @classmethod
    def _measures_are_the_packs(cls, given: Any) -> Any:
        moved = [name for name in _MOVED if isinstance(given, dict) and name in given]
        if moved:
            names = ", ".join(f"GEOPLAN_ANALYSIS__{name.upper()}" for name in moved)
            raise ValueError(
                f"{names}: no longer set for the service; write {', '.join(moved)} under [defaults] in the city's "
                "pack.toml, where every answer reads it"
            )
        return given


class JobSettings(_Concern):
    """Long computations."""

    processes: int = Field(default=1, ge=1, le=64, description="Jobs that run at once on this machine.")
    time_limit_s: Seconds = Field(default=600.0, description="Longest time one job may run.")
    keep_days: float = Field(default=30.0, gt=0, description="Finished jobs are kept this long.")
    max_waiting: int = Field(default=100, ge=1, description="Jobs that may wait at once.")
    keep_warm: bool = Field(
        default=True,
        description="With data.warm: start a worker with the service, so that the first siting question finds the "
        "city loaded; it takes the city's memory once more.",
    )
    dask_address: str = Field(
        default="",
        max_length=300,
        description="Address of a Dask scheduler whose workers see the service's folder; empty runs jobs on this "
        "machine. Needs the extra 'dask'.",
    )


class LogSettings(_Concern):
    """What the service writes down of its work."""

    file: bool = Field(default=True, description="Write logs/service.log in the service's folder.")
    stderr: bool = Field(default=False, description="Write every line to standard error too, as containers want it.")
    max_bytes: int = Field(default=20_000_000, ge=10_000, description="The file is turned over at this size.")
    keep: int = Field(default=10, ge=1, le=1000, description="Turned-over files that are kept.")


class BackupSettings(_Concern):
    """Backups that the service makes by itself."""

    every_h: float = Field(default=0.0, ge=0, description="Hours between two backups; 0 makes none.")
    folder: Path | None = Field(
        default=None, description="Where they go: best another disk; without it backups/ in the service's folder."
    )
    keep: int = Field(default=14, ge=1, le=10_000, description="Backups that are kept; older ones are removed.")


class Settings(BaseSettings):
    """All settings of the service."""

    model_config = SettingsConfigDict(
        env_prefix="GEOPLAN_", env_nested_delimiter="__", frozen=True, extra="forbid", env_ignore_empty=True
    )

    data: DataSettings = DataSettings()
    limits: LimitSettings = LimitSettings()
    security: SecuritySettings = SecuritySettings()
    map: MapSettings = MapSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    jobs: JobSettings = JobSettings()
    log: LogSettings = LogSettings()
    backup: BackupSettings = BackupSettings()

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InputError([_fault(item) for item in error.errors()]) from None


def _fault(item: ErrorDetails) -> Fault:
    """Return what is wrong with one variable, by its name."""
    name = "__".join(str(part) for part in item["loc"])
    said = item["msg"].removeprefix("Value error, ")
    return Fault(said, field="" if said.startswith("GEOPLAN_") else f"GEOPLAN_{name.upper()}")
