"""How long does the site of a project with 1,000 metrics take, and how large are its pages?

The project's metrics are copied under new names until there are so many, with their simple metrics, texts, golden
cases and the demo's numbers. Then ``cx docs`` must take less than a tenth of the time of ``dbt docs generate``, in the
same run, the home page fewer than 400 KB, every metric's page fewer than 150 KB, and the home page must answer a search
within 100 ms in Chromium. Exit code 1 when one of them does not hold; the first does not; docs/decisions/0025 says why.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import yaml

from cxmetrics.definitions.expanded import expanded
from cxmetrics.definitions.project import Project
from programs import run_program

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
COPIED = (
    "metrics",
    "models",
    "macros",
    "seeds",
    "tests/dbt",
    "tests/metrics",
    "dbt_project.yml",
    ".dbtignore",
    "profiles.yml",
)
RATIO, HOME_KB, METRIC_KB, SEARCH_MS = 0.1, 400, 150, 100
# What somebody types, letter by letter; the slowest answer counts.
TYPED = "support reopen rate"
# The time from a key press to the next frame that is painted.
SEARCH = """
const [text, done] = arguments, box = document.getElementById("search");
box.value = text;
const started = performance.now();
box.dispatchEvent(new Event("input", {bubbles: true}));
requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now() - started);
  channel.port2.postMessage(null);
});
"""


def seconds(command: list[str], root: Path, environment: dict[str, str]) -> float:
    """Wall time of a command that must succeed."""
    started = time.monotonic()
    run_program(command, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def multiply(root: Path, published: Path, wanted: int) -> int:
    """Copy the metrics of the project in ``root`` until there are ``wanted``; how many there are then."""
    # In full: what follows from the name of a simple metric would not follow from that of its copy.
    full = {metric.source.path: expanded(metric) for metric in Project(root).metrics().values()}
    originals = sorted(full)
    copies = [(path, number) for number in range(1, wanted) for path in originals][: wanted - len(originals)]
    named = re.compile(rf"\b({'|'.join([*(path.stem for path in originals), *_copy_blocks(root, copies[-1][1])])})\b")
    for path, number in copies:
        for file in (path, path.with_suffix(".md"), root / "tests" / path.relative_to(root)):
            own = named if file == path else re.compile(rf"(?:(?<=metric: )|(?<=% docs )){path.stem}\b")
            text = own.sub(rf"\g<0>_{number}", full.get(file) or file.read_text("utf-8"))
            file.with_stem(f"{path.stem}_{number}").write_text(
                text.replace(" label: ", f" label: {number} ", 1), "utf-8"
            )
    with duckdb.connect(str(published)) as connection:
        connection.execute("create temp table copies (original varchar, name varchar)")
        names = [(path.stem, f"{path.stem}_{number}") for path, number in copies]
        connection.executemany("insert into copies values (?, ?)", names)
        connection.execute(
            "insert into metrics.metric_values select copies.name, columns(v.* exclude (metric))"
            " from metrics.metric_values as v inner join copies on v.metric = copies.original"
        )
    return len(originals) + len(copies)


def _copy_blocks(root: Path, times: int) -> set[str]:
    """Copy every simple metric so many times, beside itself; the names of the originals."""
    originals = set()
    for file in sorted(root.glob("models/marts/**/*.yml")):
        declared = yaml.safe_load(file.read_text("utf-8"))
        for model in declared.get("models", []):
            blocks = model.get("metrics", [])
            originals |= {block["name"] for block in blocks}
            model["metrics"] = blocks + [_copied(block, i) for i in range(1, times + 1) for block in blocks]
        file.write_text(yaml.safe_dump(declared, sort_keys=False), "utf-8")
    return originals


def _copied(block: dict[str, Any], number: int) -> dict[str, Any]:
    # Without an expression of its own, a block reads the column it is named after.
    read = {"expr": block["name"], **block, "name": f"{block['name']}_{number}"}
    return read | ({"label": f"{number} {block['label']}"} if "label" in block else {})


def slowest_search(home: Path) -> float:
    """Milliseconds of the slowest answer while TYPED is typed and deleted again: the median of five rounds."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    service = webdriver.ChromeService(executable_path=str(shutil.which("chromedriver")))
    typed = [TYPED[:end] for end in (*range(1, len(TYPED) + 1), *reversed(range(len(TYPED))))]
    with webdriver.Chrome(options=options, service=service) as driver:
        driver.get(home.as_uri())
        return statistics.median(max(driver.execute_async_script(SEARCH, text) for text in typed) for _ in range(5))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        root = folder / "project"
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / name, root / name)
        environment = os.environ | {
            "CX_WAREHOUSE": f"{folder}/warehouse",
            "DBT_TARGET_PATH": f"{folder}/target",
            "DBT_PROFILES_DIR": str(root),
        }
        cx, dbt = str(BIN / "cx"), str(BIN / "dbt")
        seconds([cx, "demo", "--customers", "500", "--out", f"{folder}/demo"], root, environment)
        seconds([cx, "build", "--raw", f"{folder}/demo"], root, environment)
        metrics = multiply(root, folder / "warehouse" / "cx.duckdb", wanted.metrics)
        # The first of each fills the caches of both: the parsed project, the file system.
        commands = [dbt, "docs", "generate"], [cx, "docs"]
        rounds = [[seconds(command, root, environment) for command in commands] for _ in range(1 + wanted.rounds)][1:]
        site = folder / "target" / "site"
        home = (site / "index.html").stat().st_size / 1024
        largest = max((site / "metrics").glob("*.html"), key=lambda page: page.stat().st_size)
        search = slowest_search(site / "index.html")
        page = largest.stat().st_size / 1024
    docs, ours = (statistics.median(column) for column in zip(*rounds, strict=True))
    for each in rounds:
        print(f"dbt docs generate {each[0]:6.1f} s   cx docs {each[1]:6.1f} s")
    found = [
        (f"cx docs / dbt docs generate, {metrics} metrics", ours / docs, RATIO, ""),
        ("home page", home, HOME_KB, " KB"),
        (f"largest metric page ({largest.stem})", page, METRIC_KB, " KB"),
        ("slowest answer of the search", search, SEARCH_MS, " ms"),
    ]
    for what, value, limit, unit in found:
        print(f"{what:58} {value:8.2f}{unit:3}  limit {limit:g}{unit}  {'ok' if value <= limit else 'OVER'}")
    return int(any(value > limit for _, value, limit, _ in found))


if __name__ == "__main__":
    sys.exit(main())
