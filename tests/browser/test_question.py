"""Question, driven in JupyterLab and Notebook 7: nothing is shown before an answer is committed."""

import pytest
from playwright.sync_api import expect

import plain
from cnnlib.questions import find
from cnnlib.widgets import Question

CELLS = (
    "from cnnlib.widgets import Question\nband = Question('02.band')\nband",
    "orders = Question('02.orders')\norders",
    "swap = Question('03.swap')\nswap",
)


def card(notebook, number):
    return notebook.page.locator(".cnn-question").nth(number)


def forget(notebook):
    """Every question as nobody has answered it."""
    for again in notebook.page.get_by_role("button", name="ask me again").all():
        if again.is_visible():
            notebook.click(again)


@pytest.fixture(scope="module")
def opened(server, open_notebook):
    notebook = open_notebook(server.write("question.ipynb", *CELLS))
    notebook.run_all()
    card(notebook, 2).wait_for()
    return notebook


@pytest.fixture
def lab(opened):
    yield opened
    forget(opened)
    assert opened.problems == []


def test_a_wrong_number_gets_to_hear_its_own_sentence(lab):
    band = card(lab, 0)
    expect(band.locator(".opened")).to_be_empty()
    expect(band.get_by_role("button", name="commit")).to_be_disabled()
    lab.keys("1", "5", "Enter", on=band.get_by_role("textbox"))
    expect(band.locator(".opened")).to_contain_text("You said 15. " + find("02.band").hears[(15,)])
    expect(band.locator(".opened")).to_contain_text("13. " + find("02.band").why)
    expect(band.get_by_role("textbox")).to_be_disabled()
    assert lab.python("band.answer") == [15]


def test_a_right_choice_is_told_so_and_locked(lab):
    swap, right = card(lab, 2), find("03.swap").right
    lab.click(swap.locator(".option", has_text=right))
    expect(swap.locator(".opened")).to_be_empty()
    lab.click(swap.get_by_role("button", name="commit"))
    expect(swap.locator(".opened")).to_contain_text("and so it is")
    expect(swap.locator(".option[data-state=right]")).to_contain_text(right)
    lab.click(swap.locator(".option", has_text="for both"))
    assert lab.python("swap.answer") == right


def test_keys_alone_choose_and_commit(lab):
    swap = card(lab, 2)
    lab.keys("Space", "ArrowDown", "Tab", "Enter", on=swap.get_by_role("radio").first)
    assert lab.python("swap.answer") == find("03.swap").choices[1]
    expect(swap.get_by_role("button", name="ask me again")).to_be_focused()


def test_what_is_no_number_is_not_committed(lab):
    orders = card(lab, 1)
    first, second, third = orders.get_by_role("textbox").all()
    lab.keys("1", "6", "Space", "b", "i", "l", "l", "i", "o", "n", on=first)
    lab.keys("m", "a", "n", "y", on=second)
    lab.keys("1", "0", "0", "Enter", on=third)
    expect(second).to_have_attribute("aria-invalid", "true")
    expect(orders.get_by_role("button", name="commit")).to_be_disabled()
    second.fill("50,000,000")
    lab.click(orders.get_by_role("button", name="commit"))
    assert lab.python("orders.answer") == [16e9, 5e7, 100]
    expect(orders.locator(".opened")).to_contain_text("and so it is")


def test_an_answer_is_there_when_the_cell_runs_again_and_in_a_new_kernel(lab):
    lab.keys("1", "3", "Enter", on=card(lab, 0).get_by_role("textbox"))
    assert lab.python("band.answer") == [13]
    lab.run_all()
    expect(card(lab, 0).locator(".opened")).to_contain_text("You said 13")
    lab.python("__import__('cnnlib.widgets.question.widget', fromlist=['x'])._COMMITTED.clear()")
    lab.run_all()  # Python has forgotten, as a new kernel has: the browser has not
    expect(card(lab, 0).locator(".opened")).to_contain_text("You said 13")
    assert lab.python("band.answer") == [13]


def test_a_screen_reader_hears_choices_and_verdict(lab):
    swap = card(lab, 2)
    expect(swap.get_by_role("radiogroup", name="your answer")).to_be_visible()
    lab.click(swap.locator(".option", has_text="for both"))
    lab.click(swap.get_by_role("button", name="commit"))
    expect(swap.get_by_role("radio", name="for both (your answer, wrong)")).to_be_checked()
    expect(swap.get_by_role("radio", name=f"{find('03.swap').right} (right)")).to_be_visible()
    expect(swap.get_by_role("status").filter(has_text="You said for both")).to_be_visible()


def test_notebook_7_by_finger_on_a_small_dark_screen(server, open_notebook):
    path, small = server.write("question_7.ipynb", *CELLS), {"width": 390, "height": 800}
    notebook = open_notebook(path, "notebook", theme="dark", viewport=small, has_touch=True)
    notebook.run_all()
    swap = card(notebook, 2)
    swap.wait_for()
    notebook.tap(swap.locator(".option").first)
    notebook.tap(swap.get_by_role("button", name="commit"))
    expect(swap.locator(".option[data-state=wrong]")).to_contain_text("for both")
    assert swap.get_attribute("data-theme") == "dark"
    assert swap.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    sizes = swap.locator("p, label, button, kbd").evaluate_all("all => all.map((e) => parseFloat(getComputedStyle(e).fontSize))")
    assert min(sizes) >= 12 and notebook.problems == []


def test_escape_takes_back_what_was_typed(browser):
    page = browser.new_page()
    root = plain.mount(page, Question("02.band"))
    box = root.get_by_role("textbox")
    for key in "12x":
        box.press(key)
    expect(box).to_have_attribute("aria-invalid", "true")
    box.press("Escape")
    expect(box).to_have_value("")
    expect(box).not_to_have_attribute("aria-invalid", "true")
    expect(root.get_by_role("button", name="commit")).to_be_disabled()
    box.press("7")
    expect(root.get_by_role("button", name="commit")).to_be_enabled()
    page.close()


def test_a_page_without_a_kernel_answers_all_the_same(browser):
    page = browser.new_page()
    root = plain.mount(page, Question("02.band"))
    root.get_by_role("textbox").fill("15")
    root.get_by_role("button", name="commit").click()
    expect(root.locator(".opened")).to_contain_text("15 is 5 units times 3 neighbours")
    page.close()
