"""Works in JupyterLab as a reader does: `make lab`, a real browser, notebooks run from the menu.

  pip install playwright            # into any environment: it is no part of the kit's
  python -m tests.measure.lab_in_browser --out build/lab-looked-at

Needs Chromium (``--chromium`` names it). The checkout is copied first, so that nobody's own copies
in `notebooks/mine` are touched. Prints what it saw, a line each, and leaves pictures to look at:

- 02 run whole from the menu, with its progress and a figure; an exercise answered wrongly (the
  check names the mistake), then rightly; the verifier playground, light and dark;
- 03 run whole, and the judge's threshold moved;
- 06 as far as the precision dial, which is then turned;
- 05 until its first training draws its curve, then interrupted (``--training``; a slow machine
  may set HPPT_TIER=smoke).

A request to another host, an error on the page and a missing sight are complaints: exit status 1.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import ROOT

WINDOW = {"width": 1366, "height": 768}  # CSS pixels: a laptop's
LONGEST = 900  # seconds that a notebook may run

WRONG = '''def fewer_words(response: str, limit: int) -> bool:
    """Whether the response has fewer than `limit` words."""
    return len(response.split()) <= limit
'''
RIGHT = '''def fewer_words(response: str, limit: int) -> bool:
    """Whether the response has fewer than `limit` words."""
    words = [each for each in response.split() if any(char.isalnum() for char in each)]
    return len(words) < limit
'''


def main() -> None:
    """Start the lab, work in it, and end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/lab-looked-at"))
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--skip", nargs="*", default=[], choices=["02", "03", "06"])
    parser.add_argument("--training", action="store_true", help="also begin notebook 05")
    chosen = parser.parse_args()
    from playwright.sync_api import sync_playwright

    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hppt-lab-") as scratch, lab(Path(scratch)) as address:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chosen.chromium,
                # The network is off: no name has an address.
                args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
            )
            reader = Reader(browser.new_page(viewport=WINDOW), chosen.out)
            reader.arrive(address)
            if "02" not in chosen.skip:
                reader.verifiers()
            if "03" not in chosen.skip:
                reader.threshold()
            if "06" not in chosen.skip:
                reader.dial()
            if chosen.training:
                reader.training()
            browser.close()
    print("nothing to complain of" if not reader.bad else f"{reader.bad} complaints")
    sys.exit(bool(reader.bad))


@contextmanager
def lab(scratch: Path) -> Iterator[str]:
    """Run ``make lab`` in a copy of the checkout; yields the address that it opens a browser at."""
    copy, settings, opened = scratch / "kit", scratch / "settings", scratch / "opened"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    (copy / ".venv").mkdir()
    (copy / ".venv" / "bin").symlink_to(Path(sys.prefix) / "bin")
    for name in ("made", "installed"):  # the set-up is this environment's
        (copy / ".venv" / name).touch()
    settings.mkdir()
    if os.geteuid() == 0:  # Jupyter does not run as root unless it is told to
        allowed = {"ServerApp": {"allow_root": True}}
        (settings / "jupyter_server_config.json").write_text(json.dumps(allowed))
    browser = scratch / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}\n')
    browser.chmod(0o755)
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(copy),
        "BROWSER": f"{browser} %s",
        "JUPYTER_CONFIG_DIR": str(settings),
        "JUPYTERLAB_SETTINGS_DIR": str(settings / "user"),
        "JUPYTERLAB_WORKSPACES_DIR": str(settings / "workspaces"),
    }
    with (scratch / "log").open("w") as log:
        server = subprocess.Popen(
            ["make", "lab"],
            cwd=copy,
            env=surroundings,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        begun = time.monotonic()
        while not opened.exists():
            if server.poll() is not None or time.monotonic() - begun > 300:
                raise SystemExit((scratch / "log").read_text())
            time.sleep(0.5)
        time.sleep(1)
        print(f"make lab: a browser opens after {time.monotonic() - begun:.0f} s", flush=True)
        yield opened.read_text()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)


class Reader:
    """A person in front of JupyterLab.

    Attributes:
        bad: how many things were not as they should be.
    """

    def __init__(self, page: Any, out: Path) -> None:
        self.page, self.out, self.bad = page, out, 0
        page.set_default_timeout(120_000)  # ms: this machine may be busy
        page.on("pageerror", lambda each: self._complain(f"page: {each}"))
        page.on("request", self._requested)

    def arrive(self, address: str) -> None:
        """Open what `make lab` opens: the folder with one's own copies."""
        self.page.goto(address)
        self.page.wait_for_url("**/lab/**")
        self.page.wait_for_selector(".jp-DirListing-item")
        asked = self.page.locator(".Toastify__toast button:text-is('No')")  # news of Jupyter?
        if asked.count():
            asked.first.click()
        self._shot("folder")

    def verifiers(self) -> None:
        """Run 02, answer an exercise wrongly and rightly, and use the playground."""
        self._open("02_verifiers.ipynb")
        self._run_all("02")
        self._see(".jp-OutputArea img", "02-figure")
        for name, code, expected in (
            ("wrongly", WRONG, "if you write `<=` for less than"),
            ("rightly", RIGHT, "Not covered by this check"),
        ):
            said = self._answer("def fewer_words", code, 'check("verifiers.fewer_words"')
            last = " ".join(said.splitlines()[-1:])
            print(f"exercise answered {name}: {last}", flush=True)
            self._shot(f"02-exercise-{name}")
            if expected not in said:
                self._complain(f"{expected!r} is not what the check says")
        self._to("verifier_playground(")
        form = self.page.locator(".jp-OutputArea-output .widget-vbox").first
        form.wait_for()
        form.locator("textarea").fill("Tea is hot, and it is good.")
        form.locator(":text('✗ failed')").first.wait_for()
        self._into_sight(form.locator(":text('loose')").last)
        self._shot("02-widget-light")
        form.locator("select").first.select_option(label="length_constraints:number_words (IFEval)")
        form.locator(".widget-html-content:has-text('words')").first.wait_for()
        self._theme("JupyterLab Dark")
        self._into_sight(form.locator(":text('loose')").last)
        self._shot("02-widget-dark")
        self._theme("JupyterLab Light")
        self._close()

    def threshold(self) -> None:
        """Run 03 and move the judge's threshold."""
        self._open("03_auditing_the_judge.ipynb")
        self._run_all("03")
        self._to("judge_threshold(")
        self._slide("Passes from", "03-widget", "ArrowLeft", 18)
        self._close()

    def dial(self) -> None:
        """Run 06 as far as the precision dial, and turn it."""
        self._open("06_reward_hacking.ipynb")
        cell = self._to("precision_dial(trained")
        cell.locator(".cm-content").click()
        self._menu("Run", "Run All Above Selected Cell")
        self.page.wait_for_timeout(2000)
        self._idle()
        cell = self._to("precision_dial(trained")
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        self._slide("Dial at", "06-widget", "ArrowRight", 3)
        self._close()

    def training(self) -> None:
        """Begin 05 and stop once its first training draws its curve."""
        self._open("05_hppt_training.ipynb")
        self._menu("Run", "Run All Cells")
        begun = time.monotonic()
        cell = self._to("figures.LiveCurve(")
        curve = cell.locator(".jp-OutputArea-output img").first
        curve.wait_for(timeout=LONGEST * 1000)
        self._into_sight(curve)
        waits = cell.locator(".jp-InputPrompt").inner_text()
        print(f"05: a curve after {time.monotonic() - begun:.0f} s; its cell: {waits}", flush=True)
        self._shot("05-training")
        self._menu("Kernel", "Interrupt Kernel")
        self._close()

    def _open(self, name: str) -> None:
        self.page.locator(f".jp-DirListing-item:has-text('{name}')").dblclick()
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.locator("text=Python 3 (ipykernel) | Idle").first.wait_for()
        self._idle()
        self._shot(f"{name[:2]}-opened")

    def _close(self) -> None:
        self._menu("Kernel", "Shut Down Kernel")
        self._menu("File", "Save Notebook")
        self._menu("File", "Close Tab")

    def _run_all(self, name: str) -> None:
        """Run all from the menu, and take a picture on the way."""
        begun = time.monotonic()
        self._menu("Run", "Run All Cells")
        self.page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='busy']")
        self.page.wait_for_timeout(4000)
        self.page.hover(".jp-Notebook-ExecutionIndicator")  # it tells how many cells have run
        self.page.wait_for_timeout(1500)
        self._shot(f"{name}-running")
        self._idle()
        print(f"{name}: all cells run in {time.monotonic() - begun:.0f} s", flush=True)

    def _idle(self) -> None:
        self.page.wait_for_selector(
            ".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=LONGEST * 1000
        )

    def _menu(self, menu: str, item: str) -> None:
        self.page.locator(f".lm-MenuBar-itemLabel:text-is('{menu}')").click()
        self.page.locator(f".lm-Menu-itemLabel:text-is('{item}')").first.click()

    def _theme(self, name: str) -> None:
        self.page.locator(".lm-MenuBar-itemLabel:text-is('Settings')").click()
        self.page.locator(".lm-Menu-itemLabel:text-is('Theme')").hover()
        self.page.locator(f".lm-Menu-itemLabel:text-is('{name}')").click()
        self.page.wait_for_timeout(2500)

    def _scroll(self, pixels: int | None) -> None:
        """Scroll the notebook by so many pixels; None: to its top."""
        self.page.evaluate(
            """pixels => {
                const all = [...document.querySelectorAll('.jp-WindowedPanel-outer')];
                const box = all.find(each => each.offsetParent !== null);
                box.scrollTop = pixels === null ? 0 : box.scrollTop + pixels;
            }""",
            pixels,
        )
        self.page.wait_for_timeout(250)

    def _to(self, text: str) -> Any:
        """Scroll until a cell with this code is there; cells far away are not drawn."""
        cell = self.page.locator(".jp-CodeCell", has_text=text)
        self._scroll(None)
        for _ in range(400):
            if cell.count():
                cell.first.scroll_into_view_if_needed()
                self.page.wait_for_timeout(500)
                return cell.first
            self._scroll(350)
        raise SystemExit(f"no cell with {text!r} was found")

    def _into_sight(self, found: Any) -> None:
        """Scroll something into the middle; twice, for what comes into sight is drawn and grows."""
        for _ in range(2):
            found.evaluate("each => each.scrollIntoView({block: 'center'})")
            self.page.wait_for_timeout(800)

    def _see(self, selector: str, shot: str) -> None:
        """Scroll to the first such output, and take its picture."""
        self._scroll(None)
        for _ in range(400):
            if self.page.locator(selector).count():
                self._into_sight(self.page.locator(selector).first)
                self._shot(shot)
                return
            self._scroll(350)
        self._complain(f"nothing to see: {selector}")

    def _answer(self, cell: str, code: str, check: str) -> str:
        """Write an answer over what stands in a cell, run it and its check; what the check says."""
        self._to(cell).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Shift+Enter")
        checked = self._to(check)
        checked.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_timeout(3000)
        self._idle()
        return str(checked.locator(".jp-OutputArea").inner_text()).strip()

    def _slide(self, words: str, shot: str, key: str, times: int) -> None:
        """Move the slider in sight by a key, and print what its widget says before and after."""
        slider = self.page.locator(".jp-OutputArea-output .noUi-handle").first
        slider.wait_for()
        said = self.page.locator(f".widget-html-content:has-text('{words}')").first
        before = said.inner_text()
        self._into_sight(said)
        self._shot(f"{shot}-before")
        slider.focus()
        for _ in range(times):
            slider.press(key)
        self.page.wait_for_function(
            "given => ![...document.querySelectorAll('.widget-html-content')]"
            ".some(each => each.innerText.trim() === given.trim())",
            arg=before,
        )
        self.page.wait_for_timeout(3000)
        print(f"slider moved: {before}\n    to: {said.inner_text()}", flush=True)
        self._shot(f"{shot}-after")

    def _shot(self, name: str) -> None:
        self.page.screenshot(path=str(self.out / f"{name}.png"))

    def _requested(self, request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1", "http://localhost", "file:", "data:")):
            if not request.url.startswith(("blob:", "ws://127.0.0.1", "ws://localhost")):
                self._complain(f"asks {request.url}")

    def _complain(self, what: str) -> None:
        self.bad += 1
        print(f"  {what}", flush=True)


if __name__ == "__main__":
    main()
