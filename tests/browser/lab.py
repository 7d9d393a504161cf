"""JupyterLab in a real browser: every notebook opens, runs all its cells without an error, and looks as it should.

The web pages made of the notebooks too, on a phone, a tablet, a desk and paper. Run by `make browser-test`, and not with the other
tests: it takes two minutes and needs Chromium and its driver. The screenshots go to exports/browser/, to be looked at.
"""

import base64
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

from cdip_analysis import export_reader, load_report
from cdip_analysis.pages import read_notebooks, write_pages

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = [*sorted(FOLDER.glob("*.ipynb")), *sorted(FOLDER.glob("how-to/*.ipynb"))]
PICTURES = ROOT / "exports" / "browser"
WIDTH, HEIGHT = 1400, 1000

SETTINGS = {
    # All cells are in the page, also those far below: pictures are taken of them.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
# The programs that run in the page, by their names in lab.js.
PROGRAM = r"(?ms)^// ([A-Z_]+): [^\n]*\n(.*?)(?=^// |\Z)"
JS = dict(re.findall(PROGRAM, (Path(__file__).parent / "lab.js").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a JupyterLab of our own, on copies of the notebooks, with a home and so with settings of no one else."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(FOLDER, home / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for name, settings in SETTINGS.items():
        path = home / f".jupyter/lab/user-settings/@jupyterlab/{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "MPLBACKEND"))}
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=ours", "--allow-root"),
    ]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=home / "notebooks", env=environment | {"HOME": str(home)}, stdout=log, stderr=log
        )
    try:
        for _ in range(240):
            assert server.poll() is None, (home / "log").read_text(encoding="utf-8")
            with socket.socket() as asked:
                if not asked.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/lab?token=ours"
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Headless Chromium with a profile of its own."""
    chromium = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("Chromium or its driver (chromedriver) is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for switch in [
        *("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "no-first-run", "disable-quic"),
        *("disable-background-networking", "disable-component-update", "disable-sync", f"window-size={WIDTH},{HEIGHT}"),
        f"user-data-dir={tmp_path_factory.mktemp('profile')}",
    ]:
        options.add_argument(f"--{switch}")
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    chrome.set_script_timeout(180)
    chrome.set_page_load_timeout(120)
    PICTURES.mkdir(parents=True, exist_ok=True)
    yield chrome
    chrome.quit()


@pytest.fixture(scope="module")
def page(browser: Any, lab: str) -> Any:
    """The browser on the start page of JupyterLab."""
    browser.get(lab)
    WebDriverWait(browser, 90).until(
        lambda chrome: chrome.execute_script("return !!(window.jupyterapp && document.querySelector('.jp-Launcher'))")
    )
    return browser


def look(page: Any, panel: Any, name: str) -> None:
    """Take pictures of figures, tables and cards; their words can be read and no table is wider than the screen."""
    assert page.execute_script(JS["FAINT"], panel) == []
    assert page.execute_script(JS["WIDE"], panel) == []
    for kind, where in {
        "figure": ".jp-RenderedImage img",
        "table": ".jp-OutputArea-output table",
        "card": ".jp-OutputArea-output div:has(> div > b)",
    }.items():
        for number, element in enumerate(panel.find_elements("css selector", where)[:3], 1):
            height = page.execute_script("return Math.ceil(arguments[0].getBoundingClientRect().height)", element)
            page.set_window_size(WIDTH, max(HEIGHT, height + 400))  # what is higher than the window would be cut off
            page.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            time.sleep(0.3)
            assert element.size["width"] > 100, name
            assert element.size["height"] > 20, name  # a table without rows is as high as its headings
            element.screenshot(str(PICTURES / f"{name}-{kind}-{number}.png"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_shows_its_outputs_in_both_themes(page: Any, path: Path) -> None:
    assert page.execute_async_script(JS["OPEN"], path.relative_to(FOLDER).as_posix()) is None
    panel = page.find_element("css selector", ".jp-NotebookPanel:not(.lm-mod-hidden)")
    cells = page.execute_async_script(JS["RUN_ALL"])
    assert isinstance(cells, list), cells
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [out for out in outputs if out["output_type"] == "error" or out.get("name") == "stderr"] == []
    assert [cell["execution_count"] for cell in cells] == [*range(1, len(cells) + 1)]
    figures = panel.find_elements("css selector", ".jp-RenderedImage img")
    assert len(figures) == path.read_text(encoding="utf-8").count('"image/png": "')
    for theme in ("Light", "Dark"):
        page.execute_async_script(JS["THEME"], f"JupyterLab {theme}")
        look(page, panel, f"{path.stem}-{theme.lower()}")


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The web pages, with the outputs as they are committed."""
    return write_pages(read_notebooks(ROOT / "notebooks"), ROOT / "notebooks", tmp_path_factory.mktemp("copies"))


def screen_of(browser: Any, width: int, *, phone: bool = False) -> None:
    view = {"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": phone}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", view)


@pytest.mark.parametrize(("screen", "width"), [("phone", 360), ("tablet", 768), ("desk", 1280)])
def test_web_pages_fit_the_screen_and_load_nothing(browser: Any, copies: list[Path], screen: str, width: int) -> None:
    screen_of(browser, width, phone=screen == "phone")
    for path in copies:
        browser.get(path.as_uri())
        loaded = "return performance.getEntriesByType('resource').map(r => r.name).filter(n => !n.startsWith('data:'))"
        assert browser.execute_script(loaded) == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, path.name
        assert browser.execute_script(JS["CUT"]) == [], path.name
        shown = "return [...document.querySelectorAll('.input')].filter(cell => cell.offsetParent).length"
        assert browser.execute_script(shown) == 0
        size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1}
        picture = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
        (PICTURES / f"{path.stem}-{screen}.png").write_bytes(base64.b64decode(picture["data"]))
        browser.find_element("id", "code").click()
        assert browser.execute_script(shown) > 0


def test_every_word_of_the_tables_is_on_paper(browser: Any, copies: list[Path]) -> None:
    screen_of(browser, WIDTH)
    for path in copies:
        browser.get(path.as_uri())
        cells = browser.execute_script("return [...document.querySelectorAll('td, th')].map(cell => cell.innerText)")
        printed = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
        with pdfplumber.open(io.BytesIO(printed)) as pdf:
            read = " ".join(page.extract_text() for page in pdf.pages)
        words = re.compile("[A-Za-z]{2,}")
        assert {*words.findall(" ".join(cells))} - {*words.findall(read)} == set(), path.name


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_reader(load_report(), tmp_path_factory.mktemp("reader") / "reader.html")


def test_a_click_on_fifty_values_lights_up_their_words(browser: Any, reader: Path) -> None:
    screen_of(browser, 1600)
    browser.get(reader.as_uri())
    links = browser.execute_script(
        "return [...document.querySelectorAll('#tables td[id] > a')].map(a => a.parentNode.id)"
    )
    for name in links[:: len(links) // 50][:50]:
        link = browser.find_element("css selector", f"[id='{name}'] > a")
        browser.execute_script("arguments[0].click()", link)
        lit = browser.execute_script(
            "const m = document.querySelector('mark:target'); return m && getComputedStyle(m).backgroundColor"
        )
        assert lit not in (None, "rgba(0, 0, 0, 0)"), name
        seen = "const r = document.querySelector('mark:target').getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight"
        assert browser.execute_script(seen), name
        assert browser.execute_script("return scrollY") == 0, (
            "the page stays where it is, and each side scrolls by itself"
        )
    browser.save_screenshot(str(PICTURES / "reader-lit.png"))


def test_filters_hide_the_rows_of_other_actions_and_kinds(browser: Any, reader: Path) -> None:
    browser.get(reader.as_uri())
    shown = "return [...document.querySelectorAll(arguments[0])].filter(row => row.offsetParent).length"
    everything = browser.execute_script(shown, "#commitments tbody tr")
    browser.execute_script("document.getElementById('action-1.3').click()")
    of_action = browser.execute_script(shown, "#commitments tbody tr[data-action='1.3']")
    assert browser.execute_script(shown, "#commitments tbody tr[data-action='2.1']") == 0 < of_action < everything
    browser.execute_script("document.getElementById('commitments-announcement').click()")
    assert 0 < browser.execute_script(shown, "#commitments tbody tr[data-action]") < of_action


@pytest.mark.parametrize(
    ("screen", "width", "scheme"), [("phone", 360, "light"), ("desk", 1600, "dark"), ("desk", 1600, "light")]
)
def test_reader_fits_the_screen_and_is_legible(
    browser: Any, reader: Path, screen: str, width: int, scheme: str
) -> None:
    screen_of(browser, width, phone=screen == "phone")
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    browser.get(f"{reader.as_uri()}#commitment-28")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.execute_script(JS["FAINT"], browser.find_element("css selector", "body"))[:3] == []
    browser.save_screenshot(str(PICTURES / f"reader-{screen}-{scheme}.png"))
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
