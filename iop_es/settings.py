"""The configuration, read once from the environment: every variable begins with IOP_ES_."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.identity import LONGEST_SECONDS


class Settings(BaseSettings):
    """What an installation decides for itself. Unset, it is a project folder with an embedded database."""

    model_config = SettingsConfigDict(env_prefix="IOP_ES_", frozen=True, extra="ignore")

    database_url: str | None = Field(default=None, description="A PostgreSQL server; unset, the embedded one.")
    database_tls: Literal["verify-full", "url"] = Field(
        default="verify-full", description="Of a server on another machine; url: as the URL's sslmode says."
    )
    migrate_url: str | None = Field(default=None, description="For migrate; unset, database_url.")
    query_url: str | None = Field(
        default=None, description="For questions; unset, database_url, whose login must then be a member of iop_query."
    )
    temporary: bool = Field(
        default=False, description="The data are thrown away: what the server lacks is told at the start, not refused."
    )
    backup_url: str | None = Field(default=None, description="For backup, whose login needs REPLICATION; the same.")
    schema_name: str = Field(default="iop", alias="IOP_ES_SCHEMA", pattern=r"^[a-z][a-z0-9_]{0,30}$")
    project: Path = Field(default_factory=Path.cwd, description="The folder of the embedded database's .iop-es/.")
    issuer: str | None = Field(default=None, description="Issuer of the tokens; unset, the development issuer.")
    audience: str = "iop-es"
    jwks_url: str | None = Field(default=None, description="Where the issuer's keys are.")
    token_seconds: int = Field(
        default=LONGEST_SECONDS, ge=60, description="How long the issuer's tokens may be good; a longer one is refused."
    )
    requests_per_person: float = Field(
        default=50, ge=0, description="Requests a second of one person, ten seconds' worth at once; 0: no limit."
    )
    requests_per_address: float = Field(default=500, ge=0, description="The same of one address.")
    bad_tokens_per_address: float = Field(default=5, ge=0, description="The same of forged tokens.")
    origins: str = Field(
        default="", pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+,?)*$",
        description="Origins whose pages may ask the API, with commas between; unset, none.",
    )
    proxies: str = Field(
        default="127.0.0.1", description="Addresses of proxies that are believed whom they speak for, and if by https."
    )
    root_key: Path | None = Field(
        default=None, description="The file of the house's root key; unset, .iop-es/root.key in the project."
    )
    master_keys: Path | None = Field(
        default=None, description="The file of the master keys, which wrap the patients'; unset, beside the root key."
    )
    unsealed: bool = Field(
        default=False, description="Keep personal parts unencrypted: for a store without people, never for another."
    )
    retention_years: int = Field(
        default=6, ge=6, description="Years from the last service or discharge through which a record is kept; the law "
        "of your state may ask for more than the six of 45 CFR 164.316(b)(2)(i)."
    )
    retention_minor_years: int | None = Field(
        default=None, ge=0, description="Years after the 18th birthday through which a minor's record is kept, too; "
        "unset, no longer than another's. The law of your state, unverified."
    )
    log_key: Path | None = Field(
        default=None, description="The file of 32 bytes from which the log's key is made; unset, root_key."
    )
    witness: str | None = Field(
        default=None, description="Who cosigns the log: a URL (http, https), or a folder; unset, nobody."
    )
    witness_key: str | None = Field(
        default=None, description="The witness's verifier key, as it was told; unset, as the witness says."
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8020, ge=1, le=65535)
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(default=None, ge=1, le=65535, description="For scrapes of `project`; unset, none.")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
