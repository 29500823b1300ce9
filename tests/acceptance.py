"""The acceptance ledger: which line of the acceptance list is proven by which test (验收对照).

Tests name lines by ``@pytest.mark.acceptance("S3-W14")``. ``pytest --acceptance=FILE`` writes id, title, state and
tests: ``passed`` where the owning issue has proven the line (``owned`` in acceptance.toml), ``first`` where a thin
first form is proven, ``failed`` where a test of it failed, ``none`` where nothing proves it.
"""

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

LIST = Path(__file__).parent / "acceptance.toml"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--acceptance", metavar="FILE", help="write the acceptance table here")


class Recorder:
    """Collects outcomes by acceptance id, over all xdist workers, and writes the table."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        lines = tomllib.loads(LIST.read_text(encoding="utf-8"))
        self.titles: dict[str, str] = lines["titles"]
        self.owned = frozenset(lines["owned"])
        self.outcomes: dict[str, dict[str, bool]] = defaultdict(dict)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        known = set(self.titles)
        for item in items:
            for mark in item.iter_markers("acceptance"):
                unknown = set(mark.args) - known
                if unknown or not mark.args:
                    raise pytest.UsageError(f"{item.nodeid} names unknown acceptance ids {sorted(unknown)}")
                item.user_properties.append(("acceptance", " ".join(mark.args)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        ids = [name for key, said in report.user_properties if key == "acceptance" for name in str(said).split()]
        if report.when == "call" or report.outcome == "failed":
            for name in ids:
                kept = self.outcomes[name].get(report.nodeid, True)
                self.outcomes[name][report.nodeid] = kept and report.outcome == "passed"

    def pytest_sessionfinish(self) -> None:
        target = self.config.getoption("--acceptance", None)
        if not target or hasattr(self.config, "workerinput"):
            return
        rows = ["id\ttitle\tstate\ttests"]
        for name, title in self.titles.items():
            tests = self.outcomes.get(name, {})
            if not tests:
                state = "none"
            elif not all(tests.values()):
                state = "failed"
            else:
                state = "passed" if name in self.owned else "first"
            rows.append(f"{name}\t{title}\t{state}\t{' '.join(sorted(tests))}")
        path = Path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
