"""GitHub's OpenAPI as a judge: see README.md in this folder."""

from contract.openapi import ContractError, check
from contract.transport import ConformingTransport

__all__ = ["ConformingTransport", "ContractError", "check"]
