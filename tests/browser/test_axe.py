"""Each widget on a page of its own keeps nobody out, as far as axe-core can see: in light and dark."""

import pytest

import axe
import plain
from cnnlib import widgets
from widget_examples import make

KINDS = {name: (lambda name=name: make(name)) for name in widgets.__all__}
KINDS |= {f"LinkedView, {kind}": (lambda kind=kind: widgets.LinkedView(kind=kind)) for kind in ("full", "local", "shared")}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_serious_in_a_widget(browser, name, scheme):
    axe.needed()
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    plain.mount(page, KINDS[name]())
    assert axe.faults(page, ".cnn") == []
    page.close()
