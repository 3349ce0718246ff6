"""From configuration and credentials to jobs and connectors of one customer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.calllog import CallLog
from connectors.contract import Capability, Connector, Direction, Files, Reader, Text, UseCase
from connectors.network import Network
from connectors.partner import Connection, Partner, SecretField, Source
from connectors.registry import UnknownConnector, archive_kind, partner, source
from connectors.texts import render
from connectors.ticketing import TICKETS
from connectors.tickets import ErpTerms
from connectors.wrappers import WithArchive
from console.config_coerce import coerce
from console.config_model import Config, Customer, ErpConfig, PartnerConfig
from console.credentials import Secrets, SecretSource, sources, variable
from console.errors import ConsoleError, MissingCredentials
from console.i18n import _, language
from console.names import credential_name

if TYPE_CHECKING:
    from connectors.limiter import Pausing
    from connectors.ticketing import TicketFlow, TicketSettings
    from connectors.tickets import ErpTicketSide, TicketSide
    from console.planner import Job

ERP = "erp"
ARCHIVE = "archive"
"""The key of the document archive: configured like a partner, read like an ERP."""
LIMITS = "limits.sqlite"
PRACTICE = "practice"
"""The environment of the sandboxes."""


class Connections:
    """What a customer's configuration leads to. Nothing is connected before the first call."""

    def __init__(
        self, config: Config, customer: Customer, secrets: Secrets, data: Path, log: CallLog
    ) -> None:
        self._config = config
        self._customer = customer
        self._secrets = secrets
        self._data = data
        self._log = log

    def reconfigure(self, config: Config, customer: Customer) -> None:
        """Take up a configuration that was written anew; what is connected stays as it is."""
        self._config, self._customer = config, customer

    def partner_keys(self) -> tuple[str, ...]:
        """The partners in use, in the order of the configuration."""
        partners = self._customer.partners.items()
        return tuple(key for key, config in partners if config.enabled and key != ARCHIVE)

    @property
    def practice(self) -> bool:
        """Whether everything is made up: all that is connected are sandboxes. Exports in a folder tell
        nothing about that, and of nobody it is not known."""
        erp = self._customer.erp
        found = [config.environment for config in self._customer.partners.values() if config.enabled]
        found += [erp.environment] if erp is not None and erp.url else []
        return bool(found) and all(environment == PRACTICE for environment in found)

    @property
    def has_archive(self) -> bool:
        """Whether a document archive is configured and switched on."""
        config = self._customer.partners.get(ARCHIVE)
        return config is not None and config.enabled

    def partner(self, key: str) -> Partner:
        """A partner in use. Raises ConsoleError for one that is unknown, not configured or switched off."""
        try:
            found = partner(key)
        except UnknownConnector as error:
            known = ", ".join(error.known)
            raise ConsoleError(
                _("There is no partner {key!r}.").format(key=key),
                _("Known partners: {known}.").format(known=known),
            ) from error
        if key not in self.partner_keys():
            table = f"[customers.{self._customer.key}.{key}]"
            raise ConsoleError(
                _("{partner} is not configured for {customer}.").format(
                    partner=found.name, customer=self._customer.key
                ),
                _("Add {table} to the configuration, or set enabled = true there.").format(table=table),
            )
        return found

    def partner_config(self, key: str) -> PartnerConfig:
        """The configuration of a partner in use. Raises ConsoleError."""
        self.partner(key)
        return self._customer.partners[key]

    def source_kind(self) -> Source:
        """The kind of ERP source that is configured. Raises ConsoleError."""
        config = self._erp()
        try:
            return source(config.source)
        except UnknownConnector as error:
            raise ConsoleError(
                _("There is no ERP source {key!r}.").format(key=config.source),
                _("Known sources: {known}.").format(known=", ".join(error.known)),
            ) from error

    def job(self, partner_key: str, use_case: str) -> Job:
        """A use case with its settings. Raises ConsoleError, ConfigError."""
        from console.planner import Job  # late: the engine is not needed to show what there is

        config = self.partner_config(partner_key)
        found = self.use_case(partner_key, use_case)
        at = self._config.at("customers", self._customer.key, partner_key, "use_cases", use_case)
        defaults = {**config.options, **self._customer.inherited}
        settings = coerce(found.settings, config.use_cases.get(use_case, {}), at, defaults=defaults)
        return Job(self._customer.key, partner_key, config.environment, found, settings)

    def use_case(self, partner_key: str, key: str) -> UseCase[Any]:
        """A use case of a partner. Raises ConsoleError."""
        partner_ = self.partner(partner_key)
        found = partner_.use_case(key)
        if found is None:
            known = ", ".join(use_case.key for use_case in partner_.use_cases)
            raise ConsoleError(
                _("{partner} has no use case {key!r}.").format(partner=partner_.name, key=key),
                _("Known use cases: {known}.").format(known=known),
            )
        return found

    def target_name(self, partner_key: str, key: str) -> str:
        """The name of the side that a use case writes: the partner's, or the ERP's. Raises ConsoleError."""
        if self.use_case(partner_key, key).direction is Direction.TO_ERP:
            return self._customer.erp_product or "ERP"
        return self.partner(partner_key).name

    def use_cases(self, partner_key: str) -> tuple[str, ...]:
        """The use cases in use: those that are configured, or all where none is."""
        configured = self.partner_config(partner_key).use_cases
        keys = tuple(use_case.key for use_case in self.partner(partner_key).use_cases)
        for key in configured:
            if key == TICKETS:
                self.ticket_flow(partner_key)
            else:
                self.use_case(partner_key, key)
        return tuple(key for key in keys if key in configured) if configured else keys

    def reads_erp(self, partner_keys: Iterable[str]) -> bool:
        """Whether one of these partners is kept in step with the ERP, and not just with itself."""
        used = [self.use_case(key, use_case) for key in partner_keys for use_case in self.use_cases(key)]
        outwards = any(use_case.direction is not Direction.WITHIN for use_case in used)
        return outwards or not used or any(map(self.has_tickets, partner_keys))

    def has_tickets(self, partner_key: str) -> bool:
        """Whether tickets are agreed with a partner: what may alert people is never on unasked."""
        return TICKETS in self.partner_config(partner_key).use_cases

    def ticket_flow(self, partner_key: str) -> TicketFlow:
        """The tickets of a partner. Raises ConsoleError where it has none."""
        partner_ = self.partner(partner_key)
        if partner_.tickets is None:
            raise ConsoleError(_("{partner} has no tickets.").format(partner=partner_.name))
        return partner_.tickets

    def ticket_settings(self, partner_key: str) -> TicketSettings:
        """What was agreed for the tickets of a partner. Raises ConsoleError, ConfigError."""
        flow, config = self.ticket_flow(partner_key), self.partner_config(partner_key)
        at = self._config.at("customers", self._customer.key, partner_key, "use_cases", TICKETS)
        defaults = {**flow.defaults, **self._customer.inherited}
        return coerce(flow.settings, config.use_cases.get(TICKETS, {}), at, defaults=defaults)

    def open_tickets(self, partner_key: str, pausing: Pausing | None = None) -> TicketSide:
        """The partner's side of its tickets. Raises ConsoleError."""
        flow = self.ticket_flow(partner_key)
        return flow.open(self._partner_connection(partner_key, None, pausing))

    def open_erp_tickets(self, partner_key: str, pausing: Pausing | None = None) -> ErpTicketSide:
        """The ERP's side of a partner's tickets. Raises ConsoleError, also where the source has none."""
        kind, settings = self.source_kind(), self.ticket_settings(partner_key)
        if kind.tickets is None:
            raise ConsoleError(
                _("The ERP source {source} has no tickets.").format(source=kind.name),
                _("Choose another source, or leave this use case out."),
            )
        user = self.ticket_flow(partner_key).user
        terms = ErpTerms(settings.source, frozenset(settings.categories.values()), user)
        return kind.tickets(self._erp_connection(pausing), terms)

    def open_source(self, pausing: Pausing | None = None) -> Reader[Any]:
        """The ERP, to read; ``pausing`` is told when the limiter waits long. Raises ConsoleError."""
        return self.source_kind().connect(self._erp_connection(pausing))

    def open_reading(self, needs: frozenset[Capability], pausing: Pausing | None = None) -> Reader[Any]:
        """What a use case reads: the ERP, beside it the archive where it needs one. Raises ConsoleError."""
        if Capability.ARCHIVE not in needs:
            return self.open_source(pausing)
        archive = self.open_archive(pausing)  # first: it complains before the ERP is opened
        return WithArchive(self.open_source(pausing), archive)

    def open_archive(self, pausing: Pausing | None = None) -> Reader[Any]:
        """The document archive beside the ERP. Raises ConsoleError."""
        kind, config = archive_kind(), self._archive()
        at = self._config.at("customers", self._customer.key, ARCHIVE)
        options = coerce(kind.options, config.options, at)
        if not config.url:
            raise ConsoleError(_("{partner} has no url in the configuration.").format(partner=kind.name))
        secrets = self.secrets(ARCHIVE, config.environment, kind.secrets)
        connection = self._connection(ARCHIVE, config, config.url, secrets, options)
        return kind.connect(dataclasses.replace(connection, pausing=pausing))

    def _archive(self) -> PartnerConfig:
        if not self.has_archive:
            raise ConsoleError(
                _("No document archive is configured for {customer}.").format(customer=self._customer.key),
                _("Add [customers.{customer}.archive] to the configuration.").format(
                    customer=self._customer.key
                ),
            )
        return self._customer.partners[ARCHIVE]

    def open_erp_target(self, pausing: Pausing | None = None) -> Connector:
        """The ERP, to write. Raises ConsoleError, also where this kind of source cannot."""
        kind = self.source_kind()
        if kind.writer is None:
            raise ConsoleError(
                _("The ERP source {source} takes nothing back.").format(source=kind.name),
                _("Choose another source, or leave this use case out."),
            )
        return kind.writer(self._erp_connection(pausing))

    def _erp_connection(self, pausing: Pausing | None) -> Connection:
        kind, config = self.source_kind(), self._erp()
        at = self._config.at("customers", self._customer.key, ERP)
        options = coerce(kind.options, config.options, at)
        url = str(config.folder) if config.folder is not None else config.url
        if not url:
            raise ConsoleError(_("The ERP has neither url nor folder in the configuration."))
        secrets = self.secrets(ERP, config.environment, kind.secrets)
        connection = self._connection(ERP, config, url, secrets, options)
        return dataclasses.replace(connection, pausing=pausing)

    def open_target(
        self, partner_key: str, files: Files | None = None, pausing: Pausing | None = None
    ) -> Connector:
        """A partner; ``files`` gives the bytes of the ERP's files. Raises ConsoleError."""
        return self.partner(partner_key).connect(self._partner_connection(partner_key, files, pausing))

    def _partner_connection(
        self, partner_key: str, files: Files | None, pausing: Pausing | None
    ) -> Connection:
        found, config = self.partner(partner_key), self.partner_config(partner_key)
        if not config.url:
            raise ConsoleError(_("{partner} has no url in the configuration.").format(partner=found.name))
        options = self.partner_options(partner_key)
        secrets = self.secrets(partner_key, config.environment, found.secrets)
        connection = self._connection(partner_key, config, config.url, secrets, options)
        used = frozenset(self.use_cases(partner_key))
        return dataclasses.replace(connection, files=files, pausing=pausing, use_cases=used)

    def partner_options(self, partner_key: str) -> Any:
        """The connection settings of a partner. Raises ConsoleError, ConfigError."""
        at = self._config.at("customers", self._customer.key, partner_key)
        return coerce(self.partner(partner_key).options, self.partner_config(partner_key).options, at)

    def agreed(self) -> dict[tuple[str, str], Any]:
        """The settings of every configured use case, by partner and use case. Raises ConsoleError."""
        return {
            (key, use_case): self._settings(key, use_case)
            for key in self.partner_keys()
            for use_case in self.partner_config(key).use_cases
        }

    def _settings(self, partner_key: str, use_case: str) -> Any:
        if use_case == TICKETS:
            return self.ticket_settings(partner_key)
        return self.job(partner_key, use_case).settings

    def secret_fields(self, key: str) -> tuple[tuple[SecretField, ...], str]:
        """The secrets that a partner (or ``erp``) wants, and the environment they belong to."""
        if key == ERP:
            return self.source_kind().secrets, self._erp().environment
        if key == ARCHIVE:
            return archive_kind().secrets, self._archive().environment
        return self.partner(key).secrets, self.partner_config(key).environment

    def secret_sources(self, key: str) -> Mapping[str, SecretSource]:
        """Where each secret of a partner (or ``erp``) comes from. Raises ConsoleError, KeyringError."""
        _fields, environment = self.secret_fields(key)
        return sources(self._secrets, self._customer.key, key, environment)

    def store_secret(self, key: str, field: str, value: str) -> None:
        """Keep one secret of a partner (or ``erp``). Raises ConsoleError, KeyringError."""
        _fields, environment = self.secret_fields(key)
        self._secrets.set(self._customer.key, key, environment, {field: value})

    def forget_secrets(self, key: str) -> None:
        """Remove what is stored for a partner (or ``erp``). Raises ConsoleError, KeyringError."""
        _fields, environment = self.secret_fields(key)
        self._secrets.forget(self._customer.key, key, environment)

    def ask_keyring(self) -> None:
        """Try whether the keyring answers; nothing is stored. Raises KeyringError."""
        self._secrets.key(self._customer.key)

    def secrets(self, key: str, environment: str, fields: tuple[SecretField, ...]) -> Mapping[str, str]:
        """The secrets of a connection. Raises MissingCredentials."""
        if not fields:
            return {}
        found = self._secrets.get(self._customer.key, key, environment)
        missing = [field for field in fields if field.required and not found.get(field.name)]
        if missing:
            names = ", ".join(f"{credential_name(key, field.name)} ({field.name})" for field in missing)
            first = missing[0]
            command = f"einzug credentials set {self._customer.key} {key}"
            raise MissingCredentials(
                _("Credentials are missing for {partner} ({environment}): {names}.").format(
                    partner=key, environment=environment, names=names
                ),
                _("Store them with: {command} (or set {variable}). {where}").format(
                    command=command,
                    variable=variable(self._customer.key, key, first.name),
                    where=render(Text(first.hint), language()),
                ),
                environment,
                tuple(field.name for field in missing),
            )
        return found

    def _erp(self) -> ErpConfig:
        if self._customer.erp is None:
            raise ConsoleError(
                _("No ERP is configured for {customer}.").format(customer=self._customer.key),
                _("Add [customers.{customer}.erp] to the configuration.").format(customer=self._customer.key),
            )
        return self._customer.erp

    def _connection(
        self, key: str, config: ErpConfig | PartnerConfig, url: str, secrets: Mapping[str, str], options: Any
    ) -> Connection:
        network = self._config.network
        return Connection(
            customer=self._customer.key,
            partner=key,
            environment=config.environment,
            url=url,
            secrets=secrets,
            options=options,
            network=Network(
                proxy=config.proxy or network.proxy or None,
                ca=config.ca or network.ca,
                timeout=network.timeout,
                deadline=network.deadline,
            ),
            log=self._log,
            limits_path=self._data / LIMITS,
        )
