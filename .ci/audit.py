"""Known vulnerabilities of what the Action installs, by pip-audit: ``make audit``.

Exit 1 for a vulnerability. Where the advisory database cannot be asked it says so and exits 0,
but with ``--required``, which CI gives, 1.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PINS = Path(__file__).parent.parent / "action" / "constraints.txt"


def main() -> int:
    """Ask, and say what was answered."""
    asked = [sys.executable, "-m", "pip_audit", "--requirement", str(PINS), "--no-deps"]
    asked += ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, LookupError, TypeError):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"audit: the advisory database could not be asked: {last[:300]}")
        return int("--required" in sys.argv)
    bad = [(each, vuln) for each in found for vuln in each.get("vulns", ())]
    for each, vuln in bad:
        versions = ", ".join(vuln.get("fix_versions", ())) or "no version"
        print(f"{each['name']} {each['version']}: {vuln['id']}, mended in {versions}")
    print(f"audit: {len(found)} packages, {len(bad)} known vulnerabilities")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
