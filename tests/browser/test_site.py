"""The site, built from one lecture: opened from a file, with the network off, its widgets driven, its rules held.

It needs what `python3 course.py site` installs; CI's `course.py test` installs it too.
"""

import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import axe

pytest.importorskip("sphinx_book_theme", reason="the site's packages are not installed: python3 course.py site")

from babel.messages.pofile import read_po

from pages import catalogues, site


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The site of lecture 04."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "BUILD", folder)
        where = ["--repository", "someone/cnn", "--ref", "v1", "--lite", "lite/"]
        assert site.main(["04", "--to", str(folder / "html"), *where]) == 0
    shutil.rmtree(folder / "source")
    return folder / "html"


@pytest.fixture
def opened(browser, built):
    """Open a page of it: opened("index.html"); at the end nothing has failed, and nothing was asked for outside."""
    contexts, wrong = [], []

    def open_page(name, **options):
        contexts.append(browser.new_context(offline=True, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        if options.get("java_script_enabled", True):  # else scripts that were preloaded are let go
            page.on("requestfailed", lambda request: wrong.append(request.url))
        page.on("request", lambda one: None if one.url.startswith(("file:", "data:", "blob:")) else wrong.append(one.url))
        page.goto((built / name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


LECTURE = "lectures/04_convolution_2d.html"


def test_two_widgets_answer_the_hand(opened):
    page = opened(LECTURE)
    page.wait_for_selector(".cnn-live.is-live")
    assert page.locator(".cnn-live.is-live").count() == page.locator(".cnn-live").count() > 10
    question = page.locator(".cnn-question").first
    assert question.is_visible()
    page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true; }")
    widget = page.locator(".cnn-live:has(.output svg)").first
    says = widget.locator(".cnn-says").first
    output = widget.locator(".output svg")
    output.wait_for(state="visible")  # what was closed is drawn when it is opened
    before, box = says.inner_text(), output.bounding_box()
    output.click(position={"x": 0.8 * box["width"], "y": 0.8 * box["height"]})
    page.wait_for_function("([element, before]) => element.innerText !== before", arg=[says.element_handle(), before])
    field = question.locator("input").first
    field.focus()
    assert field.evaluate("(element) => element === document.activeElement")


def test_mathematics_is_set(opened):
    page = opened(LECTURE)
    page.wait_for_selector("mjx-container")
    assert page.locator("mjx-container").count() > 20


def test_mathematics_that_scrolls_is_reached_by_keys(opened):
    page = opened(LECTURE, viewport={"width": 320, "height": 800})
    page.wait_for_function("""() => {
      const wide = [...document.querySelectorAll("mjx-container[display]")].filter((one) => one.scrollWidth > one.clientWidth);
      return wide.length && wide.every((one) => one.tabIndex === 0);
    }""")


def test_widgets_follow_the_theme(opened):
    page = opened(LECTURE, color_scheme="dark")
    page.wait_for_selector(".cnn-live.is-live")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.wait_for_function("() => [...document.querySelectorAll('.cnn')].every((one) => one.dataset.theme === 'dark')")


def test_without_scripts_pictures_and_words_stand_there(opened):
    page = opened(LECTURE, java_script_enabled=False, color_scheme="dark")
    places = page.locator(".cnn-live")
    assert places.count() > 10
    for place in places.all():
        assert place.locator("img.cnn-stored[alt], div.cnn-stored").count() == 1
        assert place.locator(".cnn-stored").first.is_visible()
    page.locator("details:has(img.cnn-stored) img.cnn-stored").last.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert page.locator("html").get_attribute("data-theme") == "light"  # the one theme that needs no script
    image, words = (page.locator(f"details:has(.cnn-live) {kind}.cnn-stored").last for kind in ("img", "p"))
    assert page.locator("details:has(.cnn-live) > summary:visible").count() == 0  # nothing of it is folded away
    assert image.bounding_box()["height"] > 100 and words.bounding_box()["height"] > 10


def test_a_narrow_page_does_not_scroll_sideways(opened):
    page = opened(LECTURE, viewport={"width": 390, "height": 800})
    page.wait_for_selector(".cnn-live.is-live")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_each_page_has_its_rules(built):
    pages = [path for path in built.rglob("*.html") if "_static" not in path.parts]
    assert len(pages) > 5
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert text.count("Content-Security-Policy") == 1 and "default-src 'none'" in text, path


def test_a_page_s_own_files_are_few_and_small(opened, built):
    """What a reader loads who scrolls to the end: of each figure the rendition of his theme, of no widget the picture."""
    page, asked = opened("index.html"), []
    page.on("request", lambda one: asked.append(one.url) if one.url.startswith("file:") else None)
    page.goto((built / LECTURE).as_uri())
    page.wait_for_function("() => !document.querySelector('.cnn-live:not(.is-live)')")
    figures = page.evaluate("[...document.querySelectorAll('.cnn-figure')].map((one) => one.src)")
    early = {url for url in asked if "/pictures/" in url and url not in figures}  # these stood there until a widget lived
    page.evaluate("""async () => {
      for (const one of document.querySelectorAll("details")) one.open = true;
      for (const one of document.querySelectorAll("img")) {
        one.scrollIntoView();
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
      }
    }""")
    shown = "[...document.querySelectorAll('.cnn-figure')].filter((one) => one.offsetWidth)"
    page.wait_for_function(f"() => {shown}.length > 3 && {shown}.every((one) => one.naturalWidth)")
    files = {Path(unquote(urlsplit(url).path)) for url in asked if url not in early}
    own = [file for file in files if file.suffix == ".html" or file.parent.name in ("held", "pictures")]
    loaded, counted = sum(file.stat().st_size for file in own), site.own_bytes(built / LECTURE)
    assert len(own) > 4 and loaded <= counted < 1.01 * loaded  # every build counts every lecture's page so
    assert counted < site.LARGEST
    assert not [one for one in page.locator(".only-dark").all() if Path(one.get_attribute("src")).name in {file.name for file in own}]


def test_the_search_finds_pages_from_a_disk(opened, built):
    page = opened("search.html")
    page.goto((built / "search.html").as_uri() + "?q=stride")
    page.wait_for_selector("#search-results li a")
    page.wait_for_function("() => /found/.test(document.querySelector('.search-summary').textContent)")
    assert any("04_convolution_2d" in one.get_attribute("href") for one in page.locator("#search-results li a").all())


def test_the_reference_comes_from_the_docstrings(opened):
    page = opened("reference/operations.html")
    assert page.locator("dt#cnnlib\\.conv\\.conv2d").count() == 1


def test_code_leads_to_the_reference(opened, built):
    page = opened(LECTURE)
    links = page.locator("a.sphinx-codeautolink-a")
    leads = {re.search(r"reference/(.*)", one)[1] for one in links.evaluate_all("(all) => all.map((one) => one.href)")}
    wanted = {"operations.html#cnnlib.conv.conv2d", "widgets.html#cnnlib.widgets.SlideFilter2D",
              "data_and_pictures.html#cnnlib.figures.grid"}
    assert wanted <= leads
    for file, name in (one.split("#") for one in leads):
        assert f'id="{name}"' in (built / "reference" / file).read_text(encoding="utf-8")
    assert "underline" in links.first.evaluate("(one) => getComputedStyle(one).textDecorationLine")


def test_a_lecture_opens_elsewhere_by_links_that_ask_for_nothing(opened, built):
    page = opened(LECTURE)  # which sees that nothing outside is asked for
    page.locator(".dropdown-launch-buttons button").click()
    links = page.locator(".dropdown-launch-buttons a")
    links.first.wait_for(state="visible")
    assert dict(zip(links.all_inner_texts(), links.evaluate_all("(all) => all.map((one) => one.getAttribute('href'))"))) == {
        "JupyterLite": "../lite/lab/index.html?path=04_convolution_2d.ipynb",
        "Colab": "https://colab.research.google.com/github/someone/cnn/blob/gh-pages/colab/04_convolution_2d.ipynb",
        "Binder": "https://mybinder.org/v2/gh/someone/cnn/v1?urlpath=lab/tree/notebooks/04_convolution_2d.ipynb",
    }
    assert (built / "colab" / "04_convolution_2d.ipynb").is_file()
    assert opened("index.html").locator(".dropdown-launch-buttons").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened, theme):
    axe.needed()
    for name in (LECTURE, "index.html", "search.html", "reference/widgets.html"):
        page = opened(name, color_scheme=theme)
        axe.settled(page)
        assert axe.faults(page) == [], name


def test_axe_finds_what_is_planted(opened):
    axe.needed()
    page = opened("index.html")
    page.evaluate("document.querySelector('article').append(document.createElement('button'))")
    assert [one.split(":")[0] for one in axe.faults(page, "article")] == ["critical button-name"]


@pytest.mark.parametrize("path", sorted(catalogues.LOCALE.rglob("lectures/*.po")), ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_prose_is_what_the_catalogue_translates(path, tmp_path):
    catalogues.write_templates([catalogues.NOTEBOOKS / f"{path.stem}.ipynb"], tmp_path)
    with path.open("rb") as translated, (tmp_path / "templates" / "lectures" / f"{path.stem}.pot").open("rb") as now:
        assert {one.id for one in read_po(translated)} == {one.id for one in read_po(now)}


def test_a_lecture_in_german(browser, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "BUILD", tmp_path)
        assert site.main(["02", "--language", "de"]) == 0
    page = browser.new_page(color_scheme="light")
    page.goto((tmp_path / "html-de" / "lectures" / "02_local_and_shared.html").as_uri())
    page.wait_for_selector(".cnn-live.is-live")
    assert page.locator("html").get_attribute("lang") == "de"
    prose, cells = (catalogues.read(kind, "02_local_and_shared", "de") for kind in ("lectures", "cells"))
    assert page.locator("h1").first.inner_text().startswith(prose["Remove edges, share weights"])
    article = page.locator("article").inner_text()
    boxes, formulas = page.locator("blockquote:has(b)"), page.locator("mjx-container[display]")
    english = (catalogues.NOTEBOOKS / "02_local_and_shared.ipynb").read_text(encoding="utf-8")
    assert boxes.count() == english.count("About the slide.") > 0 and formulas.count() == english.count("$$") / 2 > 0
    assert all(text.startswith("Zur Folie.") for text in boxes.all_inner_texts())
    assert set(page.locator("article details:not(.cnn-stored *):has(> p) > summary").all_inner_texts()) == {"Antwort"}
    assert not [one for one in prose if len(one) > 40 and not set("*$`<[\\") & set(one) and one in article]
    assert any(one in page.locator(".cnn-question").first.inner_text() for one in cells.values())
    page.close()
