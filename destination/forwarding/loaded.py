"""A configuration with the instances that it describes, and which changes of it need no restart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from destination.forwarding.config import ConfigError, ForwardConfig
from destination.forwarding.masks import Masks, redactor_of
from destination.runtime import Instance


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration with the instances of its enabled destinations.

    Attributes:
        config: The configuration.
        instances: The instances by the names of their destinations.

    Example:
        >>> config = ForwardConfig.model_validate({"destinations": [{"name": "shop", "slug": "actions-absmartly"}]})
        >>> loaded = Loaded(config, {})
        >>> loaded.routes(), loaded.changes_from(loaded)
        ({'shop': None}, ['shop loaded'])
    """

    config: ForwardConfig
    instances: Mapping[str, Instance[Any]]

    def masks(self) -> Masks:
        """Returns what masks the secrets of the configuration and of all settings."""
        own = redactor_of(self.config.secrets)
        return Masks([own, *(instance.redactor for instance in self.instances.values())])

    def routes(self) -> dict[str, frozenset[str] | None]:
        """Returns the write keys whose events reach each destination; None: all."""
        return {one.name: self.config.keys_of(one.name) for one in self.config.enabled}

    def keys(self) -> dict[str, frozenset[str] | None]:
        """Returns the destinations that the events of each write key reach; None: all."""
        return {
            key.value.get_secret_value(): None if key.destinations is None else frozenset(key.destinations)
            for key in self.config.http.write_keys
        }

    def changes_from(self, before: "Loaded") -> list[str]:
        """Returns what is different from an earlier configuration, in words.

        Raises:
            ConfigError: Something changed that needs a restart.
        """
        fixed = [name for name, was, now in _fixed(before.config, self.config) if was != now]
        if fixed:
            raise ConfigError(f"{self.config.path}: {', '.join(fixed)} changed, which needs a restart")
        return list(_changes(before.config, self.config))


def _fixed(before: ForwardConfig, now: ForwardConfig) -> Iterator[tuple[str, object, object]]:
    """The parts that are in use from the start to the end of a process."""
    for table in ("http", "queue", "admin", "log"):
        was, new = getattr(before, table), getattr(now, table)
        if was is None or new is None:
            yield table, was, new
            continue
        for key in type(new).model_fields:
            if (table, key) != ("http", "write_keys"):
                yield f"{table}.{key}", getattr(was, key), getattr(new, key)


def _changes(before: ForwardConfig, now: ForwardConfig) -> Iterator[str]:
    if before.http.write_keys != now.http.write_keys:
        yield "write keys"
    was, new = ({one.name for one in config.enabled} for config in (before, now))
    for what, names in (("added", new - was), ("removed", was - new), ("loaded", was & new)):
        for name in sorted(names):
            yield f"{name} {what}"
