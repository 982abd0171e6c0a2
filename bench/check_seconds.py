"""How long do the checks of this project take? More than a second of CPU time is too long to wait for after every edit.

Exit code 1 when they take longer.
"""

import sys
import time
from pathlib import Path

from cxmetrics.checks import CHECKS, run
from cxmetrics.definitions.project import Project

LIMIT = 1.0


def main() -> int:
    started = time.process_time()
    run(Project(Path(__file__).resolve().parent.parent))
    taken = time.process_time() - started
    print(f"{len(CHECKS)} checks: {taken:.2f} CPU seconds, limit {LIMIT:.2f}")
    return int(taken > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
