"""Hand and Python change the same thing at once: whoever comes first, page and Python end with the same.

The messages cross on their way in whatever order they do; tests/js/life.test.mjs draws all orders of them.
"""

import pytest

from benchmarks.widgets import HANDS

PAUSES = (0, 8, 20, 45, 90, 130)  # milliseconds from the one to the other: before the hand is heard, and after

# Press keys on the widget and let Python set what they change, by turns and at once; return what the page has then.
MEET = """async ([where, keys, pauses, settings]) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const heard = document.querySelector(where);
    const pause = (time) => new Promise((done) => setTimeout(done, time));
    let turn = 0;
    const hand = () => {
        const key = keys[turn % keys.length];
        heard.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    };
    const python = () => kernel.requestExecute({ code: settings[turn % settings.length], store_history: false }).done;
    for (const time of pauses) {
        for (const first of [hand, python]) {
            const done = first();
            await pause(time);
            await Promise.all([done, first === hand ? python() : hand()]);
            turn += 1;
        }
    }
    await driver.agree();
    await driver.painted();
}"""


@pytest.fixture(scope="module")
def notebook(open_notebook, server):
    cells = [hand.cell.replace("\nw = ", f"\n{hand.widget.lower()} = ").removesuffix("\nw") + f"\n{hand.widget.lower()}"
             for hand in HANDS]
    notebook = open_notebook(server.write("agreement.ipynb", PLAIN, *cells))
    notebook.run_all()
    yield notebook
    assert notebook.problems == []


def shown(notebook, hand):
    """The state of a widget as the page has it; of bytes their number and a sum."""
    return notebook.page.evaluate(
        """(id) => {
            const model = driver.models().find((one) => one.get("_anywidget_id").endsWith(id));
            const NOT_OURS = /^_(view|model|anywidget|esm|css|dom)|^(layout|tooltip|tabbable)$/;
            const plain = (value) => {
                if (Array.isArray(value)) return value.map(plain);
                if (value === null || typeof value !== "object") return value;
                if (!(value.buffer instanceof ArrayBuffer)) {
                    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
                }
                const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
                return [bytes.length, bytes.reduce((sum, one, i) => (sum + one * (i % 251 + 1)) % 65521, 0)];
            };
            const own = Object.entries(model.attributes).filter(([name]) => !NOT_OURS.test(name));
            return plain(Object.fromEntries(own));
        }""",
        f".{hand.widget}",
    )


PLAIN = """
def plain(value):
    if isinstance(value, (bytes, memoryview)):
        return [len(value), sum(one * (i % 251 + 1) for i, one in enumerate(bytes(value))) % 65521]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value
"""


def held(notebook, hand, names):
    """The same as Python has it."""
    return notebook.python(f"plain({hand.widget.lower()}.get_state({names!r}))")


@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.widget)
def test_page_and_python_end_with_the_same(notebook, hand):
    focus = notebook.page.locator(f"{hand.root} {hand.focus}").first
    focus.scroll_into_view_if_needed()
    before = shown(notebook, hand)
    notebook.keys(hand.keys[0], on=focus)
    notebook.agree()
    after = shown(notebook, hand)
    names = [name for name in after if after[name] != before[name]]
    assert names, "the key changes something"
    widget = hand.widget.lower()
    if hand.widget == "DigitPad":
        settings = [f"from cnnlib.widgets.digit_pad import example; {widget}.drawing = example({n})" for n in (2, 5)]
    else:
        chosen = [name for name in names if not name.startswith("_")]
        settings = [f"with {widget}.hold_trait_notifications():\n"
                    + "\n".join(f"    {widget}.{name} = {values[name]!r}" for name in chosen)
                    for values in (before, after)]
    notebook.page.evaluate(MEET, [f"{hand.root} {hand.focus}", hand.keys, PAUSES, settings])
    if hand.widget == "DigitPad":
        notebook.page.locator(f"{hand.root}:not([aria-busy])").wait_for()
    now = held(notebook, hand, list(after))
    assert now == shown(notebook, hand)
    # And it goes on: the next key is heard.
    notebook.keys(*hand.keys, on=focus)
    assert held(notebook, hand, list(after)) == shown(notebook, hand)
