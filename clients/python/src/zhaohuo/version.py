"""The version of this package, that of the contract it is generated from."""

VERSION = "0.1.0"
