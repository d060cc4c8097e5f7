"""What goes wrong, and when: each scenario is one fault of the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ghsync.sandbox.faults import FaultKind, FaultRule

ISSUES = 20
"""How many issues a client is asked to make."""
FIRST = 5
"""So many creates go well before the fault strikes."""

FAULTS: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "502": {"kind": FaultKind.STATUS, "status": 502},
        "503": {"kind": FaultKind.STATUS, "status": 503},
        "504": {"kind": FaultKind.STATUS, "status": 504},
        "timeout": {"kind": FaultKind.TIMEOUT},
        "reset": {"kind": FaultKind.RESET},
        "truncated": {"kind": FaultKind.TRUNCATED},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A fault that strikes ``times`` creates in a row; ``fault`` is "none" for the control."""

    fault: str
    committed: bool
    """Whether GitHub makes the issue before the answer fails."""
    times: int

    @property
    def name(self) -> str:
        """What the scenario's repository is called."""
        return f"{self.fault}-{'after' if self.committed else 'before'}-{self.times}"

    def rule(self, repo: str) -> FaultRule | None:
        """The fault, for the creates of one repository."""
        if self.fault == "none":
            return None
        values: dict[str, object] = {
            "method": "^POST$",
            "path": f"/repos/{repo}/issues$",
            "skip": FIRST,
            "times": self.times,
            "committed": self.committed,
            **FAULTS[self.fault],
        }
        return FaultRule(**values)  # type: ignore[arg-type]


CONTROL = Scenario(fault="none", committed=True, times=0)


def scenarios() -> tuple[Scenario, ...]:
    """The control and the whole matrix. An answer breaks off only where there is one."""
    return (
        CONTROL,
        *(
            Scenario(fault=fault, committed=committed, times=times)
            for fault in FAULTS
            for committed in (True, False)
            for times in (1, 3)
            if committed or fault != "truncated"
        ),
    )


def titles(count: int = ISSUES) -> tuple[str, ...]:
    """The titles of the issues that every client makes."""
    return tuple(f"Issue {number:02d}" for number in range(1, count + 1))
