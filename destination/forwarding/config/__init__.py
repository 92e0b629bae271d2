"""The configuration of a forwarder: a TOML file."""

from destination.forwarding.config.loading import ConfigError, line_of, load_config, where
from destination.forwarding.config.models import (
    AdminTable,
    DestinationTable,
    ForwardConfig,
    HttpTable,
    LogTable,
    MaxBehindTable,
    QueueTable,
)
from destination.forwarding.config.values import Address, WriteKey, read_address, read_network, read_secret

__all__ = [
    "Address",
    "AdminTable",
    "ConfigError",
    "DestinationTable",
    "ForwardConfig",
    "HttpTable",
    "LogTable",
    "MaxBehindTable",
    "QueueTable",
    "WriteKey",
    "line_of",
    "load_config",
    "read_address",
    "read_network",
    "read_secret",
    "where",
]
