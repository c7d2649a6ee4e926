"""What the pages point at is there: links, paths, names, Python; and the site builds."""

from __future__ import annotations

import ast
import functools
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import uptake
import yaml
from conftest import PATIENCE, ROOT

HISTORY = "CHANGELOG.md"  # which names what has gone since
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for path in [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", HISTORY)),
        *sorted((ROOT / "docs").rglob("*.md")),
    ]
}
NOW = sorted(PAGES.keys() - {HISTORY})
# Where a path of a page may begin: at the root, or where the modules are.
STARTS = [ROOT, ROOT / "sim", ROOT / "sim" / "uptake", ROOT / "docs"]
FOLDERS = ("sim", "uptake", "configs", "tests", "docs", "experiments", "benchmarks")
OURS = (".py", ".vue", ".md", ".toml", ".cff", ".ipynb")  # endings that no file of a user has here


def blocks(page: str, language: str) -> list[str]:
    """Return the code of a page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGES[page], flags=re.MULTILINE | re.DOTALL)


def prose(page: str) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", PAGES[page], flags=re.MULTILINE | re.DOTALL)


def anchors(page: str) -> set[str]:
    """Return where a link can lead within a page: its headings, as GitHub and MkDocs name them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def paths(page: str) -> set[str]:
    """Return the files and folders of the project that a page names, but for its links."""
    text = re.sub(r"\]\([^)]*\)", "]", PAGES[page])
    named = re.findall(r"(?<![\w/.:{<-])((?:[\w.*-]+/)*[\w.*-]+/?)", text)
    return {
        name
        for name in (found.rstrip(".") for found in named)
        if name.endswith(OURS) or ("/" in name and name.split("/")[0] in FOLDERS)
    }


@functools.cache
def files() -> list[Path]:
    """Return all files of the project but those that are made."""
    kept = [ROOT / name for name in FOLDERS if (ROOT / name).is_dir()]
    return [*ROOT.glob("*.*"), *(path for folder in kept for path in folder.rglob("*"))]


def is_there(name: str) -> bool:
    """Tell whether the project has such a file or folder; a bare name may lie anywhere."""
    name = name.replace("NAME", "*")
    if any(any(start.glob(name)) for start in STARTS):
        return True
    return any(path.match(name) for path in files())


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    """A file that is there and, if the link has one, a heading in it."""
    for target in re.findall(r"\]\(([^)\s]+)[^)]*\)", prose(page)):
        if target.startswith(("https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        path = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path.relative_to(ROOT).as_posix()), target


@pytest.mark.parametrize("page", PAGES)
def test_no_line_within_a_formula_reads_as_an_item_of_a_list(page: str) -> None:
    """As one that begins with a plus would: Markdown cuts the formula there."""
    spans = re.findall(r"`[^`]+`", prose(page))
    assert [span for span in spans if re.search(r"\n\s*([-+*]|\d+\.) ", span)] == []


@pytest.mark.parametrize("page", NOW)
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    assert [name for name in sorted(paths(page)) if not is_there(name)] == []


@pytest.mark.parametrize("page", NOW)
def test_every_name_of_the_package_can_be_imported(page: str) -> None:
    """Such as ``uptake.results.open_sweep``, in sentences and in references."""
    for name in set(re.findall(r"(?:`|^::: )(uptake(?:\.\w+)+)", PAGES[page], flags=re.MULTILINE)):
        found: Any = uptake
        for i, part in enumerate(name.split(".")[1:], 2):
            if not hasattr(found, part):
                importlib.import_module(".".join(name.split(".")[:i]))
            found = getattr(found, part)


def test_a_contributor_finds_each_name_in_the_file_that_is_said() -> None:
    """Such as ``LEVERS`` in ``sim/uptake/model/levers.py``."""
    said = re.findall(r"`(\w+)`\s+in\s+`([\w/]+\.py)`", PAGES["CONTRIBUTING.md"])
    assert len(said) > 10
    for name, path in said:
        assert re.search(rf"\b{name}\b", (ROOT / path).read_text()), (name, path)


@pytest.mark.parametrize("page", NOW)
def test_python_on_a_page_compiles_and_imports_what_is_there(page: str) -> None:
    for block in blocks(page, "python"):
        tree = ast.parse(block)
        tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        exec(compile(tree, page, "exec"), {})


@pytest.mark.parametrize("page", NOW)
def test_every_target_of_make_that_a_page_names_is_there(page: str) -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert set(re.findall(r"`make ([\w-]+)", PAGES[page])) <= set(targets)


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == uptake.__version__
    assert citation["license"] == "MIT"


def test_hooks_before_a_commit_are_the_checks_of_make() -> None:
    """The same commands, so that what passes one passes the other."""
    recipe = (ROOT / "Makefile").read_text().split("\ncheck:")[1].split("\n\n")[0]
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    expected = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()[1:]]
    assert [hook["entry"] for hook in hooks] == expected


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site, built as ``make docs`` does it."""
    pytest.importorskip("mkdocstrings", reason="the extra docs is not installed")
    folder = tmp_path_factory.mktemp("site")
    asked = ["mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", *asked], cwd=ROOT,
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_needs_no_network(site: Path) -> None:
    """No page loads a script, a style or a picture from elsewhere."""
    for page in site.rglob("*.html"):
        loaded = re.findall(r'<(?:script|img|link)\b[^>]*?(?:src|href)="([^"]*)"', page.read_text())
        assert loaded
        assert not [one for one in loaded if "//" in one]


def test_the_reference_has_every_public_name(site: Path) -> None:
    page = (site / "reference" / "api.html").read_text()
    for name in getattr(uptake, "__all__", ()):
        assert re.search(rf'id="uptake\.(?:\w+\.)*{name}"', page), name


def test_every_page_can_be_searched(site: Path) -> None:
    found = json.loads((site / "search" / "search_index.json").read_text())["docs"]
    pages = {page.removeprefix("docs/") for page in PAGES if page.startswith("docs/")}
    assert {Path(entry["location"].partition("#")[0]).with_suffix(".md") for entry in found} == {
        Path(page) for page in pages
    }
