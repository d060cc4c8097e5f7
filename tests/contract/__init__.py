"""GitHub's OpenAPI as a judge: see README.md in this folder."""

from tests.contract.openapi import ContractError, check
from tests.contract.transport import ConformingTransport

__all__ = ["ConformingTransport", "ContractError", "check"]
