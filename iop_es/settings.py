"""The configuration, read once from the environment: every variable begins with IOP_ES_."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an installation decides for itself. Unset, it is a project folder with an embedded database."""

    model_config = SettingsConfigDict(env_prefix="IOP_ES_", frozen=True, extra="ignore")

    database_url: str | None = Field(default=None, description="A PostgreSQL server; unset, the embedded one.")
    migrate_url: str | None = Field(default=None, description="For migrate; unset, database_url.")
    backup_url: str | None = Field(default=None, description="For backup, whose login needs REPLICATION; the same.")
    schema_name: str = Field(default="iop", alias="IOP_ES_SCHEMA", pattern=r"^[a-z][a-z0-9_]{0,30}$")
    project: Path = Field(default_factory=Path.cwd, description="The folder of the embedded database's .iop-es/.")
    issuer: str | None = Field(default=None, description="Issuer of the tokens; unset, the development issuer.")
    audience: str = "iop-es"
    jwks_url: str | None = Field(default=None, description="Where the issuer's keys are.")
    root_key: Path | None = Field(
        default=None, description="The file of the house's root key; unset, .iop-es/root.key in the project."
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
