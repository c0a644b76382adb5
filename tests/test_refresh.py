"""What `course.py refresh` keeps of an executed notebook, and what it drops."""
import base64
from contextlib import contextmanager

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import portraits, refresh_notebooks
from tools.refresh_notebooks import VEIL, WIDGET, find, refresh, strip


def stripped(*outputs, **metadata):
    cell = new_code_cell("pass", execution_count=1, outputs=list(outputs))
    return strip(new_notebook(cells=[cell], metadata=metadata)).cells[0].outputs


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def test_progress_line_is_stored_as_read():
    [output] = stripped(stream("10%\r 50%"), stream("\r100%\ndone\n"))
    assert output.text == "100%\ndone\n"


def test_neighbouring_streams_are_joined_and_others_stay_in_order():
    figure = new_output("display_data", {"image/png": "", "text/plain": "<Figure>"})
    outputs = stripped(stream("a"), stream("b"), stream("!", "stderr"), figure, stream("c"))
    assert [output.get("text", "figure") for output in outputs] == ["ab", "!", "figure", "c"]


def test_live_widget_goes_where_its_picture_stays():
    [picture] = stripped(new_output("display_data", {WIDGET: {}, "image/png": "", "text/plain": ""}))
    assert set(picture.data) == {"image/png", "text/plain"}
    [alone] = stripped(new_output("display_data", {WIDGET: {}}))
    assert set(alone.data) == {WIDGET}


@pytest.mark.parametrize("browser", [True, False])
def test_a_widgets_picture_gives_way_to_its_portrait(monkeypatch, browser):
    @contextmanager
    def painter():
        yield (lambda held: f"the card of {held['kind']}".encode()) if browser else None

    monkeypatch.setattr(portraits, "painter", painter)
    shown = new_output("display_data", {portraits.PORTRAIT: {"kind": "counter"}, "image/png": "drawn", "text/plain": "what it says"},
                       metadata={"image/png": {"width": 700}})
    figure = new_output("display_data", {"image/png": "figure", "text/plain": "<Figure>"})
    notebook = new_notebook(cells=[new_code_cell("pass", outputs=[shown, figure])])
    portraits.replace_pictures(notebook)
    assert set(shown.data) == {"image/png", "text/plain"} and figure.data["image/png"] == "figure"
    said = base64.b64encode(b"the card of counter").decode() if browser else "drawn"
    assert shown.data["image/png"] == said
    assert shown.metadata["image/png"]["width"] == (portraits.WIDTH if browser else 700)


def test_error_keeps_its_message_and_no_paths():
    frames = ["----", "File /home/me/x.py, line 3", "ValueError: no"]
    [error] = stripped(new_output("error", ename="ValueError", evalue="no", traceback=frames))
    assert error.traceback == ["ValueError: no"]


def test_a_collapsed_output_begins_with_nothing_to_read():
    outputs = [stream("the answer is 13")]
    collapsed = new_code_cell("pass", execution_count=1, outputs=outputs, metadata={"jupyter": {"outputs_hidden": True}})
    veil, answer = strip(new_notebook(cells=[collapsed])).cells[0].outputs
    assert veil.data == {"image/png": VEIL} and answer.text == "the answer is 13"
    assert stripped(*outputs) == outputs


def test_volatile_metadata_goes():
    cell = new_code_cell("1", execution_count=1, metadata={"execution": {}, "tags": ["mine"]})
    notebook = strip(new_notebook(cells=[cell], metadata={
        "widgets": {}, "signature": "x", "kernelspec": {"name": "other", "display_name": "Other"},
        "language_info": {"name": "python", "version": "3.12.1"}}))
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python",
                       "name": "python3"},
        "language_info": {"name": "python"}}
    assert cell.metadata == {"tags": ["mine"]}
    assert cell.execution_count == 1


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(refresh_notebooks, "NOTEBOOKS", tmp_path)
    return tmp_path


def write(path, *sources):
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


def test_refreshing_twice_gives_the_same_bytes(folder):
    path = write(folder / "01_a.ipynb", "import os; print(len(os.listdir()))", "1 + 1")
    refresh(path)
    once = path.read_bytes()
    refresh(path)
    assert path.read_bytes() == once
    outputs = [cell.outputs[0] for cell in nbformat.read(path, 4).cells]
    assert outputs[0].text == "1\n"  # ran in its own folder, with nothing left beside it
    assert outputs[1].data["text/plain"] == "2"


def test_failing_notebook_is_left_as_it_was(folder):
    path = write(folder / "01_a.ipynb", "1 / 0")
    before = path.read_bytes()
    with pytest.raises(SystemExit, match="ZeroDivisionError"):
        refresh_notebooks.main([])
    assert path.read_bytes() == before
    assert list(folder.iterdir()) == [path]


def test_names_may_be_short(folder):
    first, second = write(folder / "01_a.ipynb"), write(folder / "02_b.ipynb")
    assert find([]) == [first, second]
    assert find(["02"]) == find(["02_b"]) == find(["notebooks/02_b.ipynb"]) == [second]
    with pytest.raises(SystemExit, match="No notebook called '03'"):
        find(["03"])
