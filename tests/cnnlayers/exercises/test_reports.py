"""What a report says, in a terminal and in a notebook, in both languages."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from cnnlayers import loops
from cnnlayers.exercises import check, drawing, solutions, solutions_two
from cnnlayers.exercises.faults import mistakes
from tests.cnnlayers.exercises.anew.convolution import scattered, windows


def no_stride(**options):
    return check(
        "conv_forward",
        windows(steps=lambda s, f: (1, 1), sizes=lambda n, f, s, p: (n + 2 * p - f) // s + 1),
        **options,
    )


def test_it_says_first_what_the_function_computes_then_the_case_and_no_correction():
    text = str(no_stride(language="en"))
    lines = text.splitlines()
    assert lines[0] == "conv_forward: not right yet."
    assert lines[1] == "Your windows move one pixel at a time, whatever the stride says."
    assert lines[2] == "The smallest case found that shows it:"
    assert "h * stride" not in text and "Hint" not in text and "The book" not in text
    assert 'For a hint: check("conv_forward", …, hint=1).' in text
    assert "To read again: “The four corners”" in text


def test_hints_and_solution_come_when_asked_for():
    (known,) = [m for m in mistakes("conv_forward") if m.name == "forward-no-stride"]
    _, why, vague, plain = known.sentences["en"]
    report = no_stride(language="en")
    assert report.hints == (vague, plain)
    one, two = (str(no_stride(language="en", hint=hint)) for hint in (1, 2))
    assert why in one and vague in one and plain not in one
    assert why in two and vague in two and plain in two
    solution = str(no_stride(language="en", solution=True))
    assert "Yours behaves like   vert_start = h\n" in solution
    assert "The book has         vert_start = h * stride" in solution
    assert "for i in range(m):" in solution and '"""' not in solution
    assert "def conv_forward" in str(check("conv_forward", loops.conv_forward, solution=True))


def test_the_case_is_small_and_true():
    case = no_stride(language="en").case
    inputs = case.inputs
    assert inputs["A_prev"].size <= 4 and inputs["W"].size == 1
    assert case.output == "Z"
    Z, _ = loops.conv_forward(*inputs.values())
    assert np.array_equal(case.expected, Z)
    assert case.differs.tolist() == (case.got != Z).tolist() and case.differs.any()


@pytest.mark.parametrize(
    "name", ["conv_forward", "pool_forward", "conv_backward", "pool_backward", "zero_pad"]
)
def test_small_cases_stay_small(name):
    from cnnlayers.exercises.faults import faulty_function

    sizes = []
    for mistake in mistakes(name)[:20]:
        if "cache" in mistake.name or "SEEN" in mistake.faults[0]:
            continue
        function = faulty_function(getattr(loops, name), mistake.faults[:1])
        case = check(name, function).case
        sizes.append(sum(x.size for x in case.inputs.values() if isinstance(x, np.ndarray)))
    assert max(sizes) <= 40 and np.median(sizes) <= 12


def test_it_is_drawn_with_the_window_and_the_differences_marked_by_more_than_color():
    text = str(no_stride(language="en"))
    assert re.search(r"A_prev +W +b", text)
    assert re.search(r"\[-?\d", text), text
    assert re.search(r"Z, expected +Z, yours", text)
    assert "≠" in text.split("Z, yours")[1]
    assert "[ ] or a frame: what the first differing entry depends on; ≠ differs" in text


def test_padding_is_drawn():
    text = str(check("conv_forward", windows(pad=lambda p, s: 0), language="es"))
    assert "A_prev con su marco" in text and "pad = 1" in text


def test_windows_that_a_gradient_comes_from_are_marked():
    report = check("conv_backward", scattered(put="set"), language="en")
    assert report.case.output == "dA_prev"
    assert set(report.case.window) == {"dZ"}


class Checker(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []
        self.cells = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "td":
            self.cells.append([dict(attrs).get("class", ""), ""])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "td":
            self.cells[-1][1] += data


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_notebook_shows_it_as_html(language):
    report = no_stride(language=language, hint=2, solution=True)
    bundle = report._repr_mimebundle_()
    assert bundle["text/plain"] == str(report) == repr(report)
    assert bundle["text/html"] == report._repr_html_()
    checker = Checker()
    checker.feed(bundle["text/html"])
    checker.close()
    assert checker.open == []
    assert f'lang="{language}"' in report.html() and "<style>" not in report.html()
    assert "style=" not in report.html() and "<script" not in report.html()
    marked = [text for kind, text in checker.cells if "differs" in kind]
    assert marked and all(text.startswith("≠") for text in marked)
    assert any("window" in kind for kind, _ in checker.cells)
    assert "<code>h * stride</code>" in report.html()


def test_what_the_learner_wrote_is_escaped():
    def conv_forward(A_prev, W, b, hparameters):
        raise ValueError("<script>alert(1)</script>")

    report = check("conv_forward", conv_forward, language="en")
    assert "<script>" not in report._repr_html_() and "<script>alert" in str(report)


def test_languages_by_choice_and_by_locale(monkeypatch):
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda *_: (None, None))
    assert no_stride().language == "en"
    monkeypatch.setenv("LANG", "es_ES.UTF-8")
    assert no_stride().language == "es"
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert no_stride().language == "en"
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert no_stride().language == "en"
    assert no_stride(language="es").language == "es"
    monkeypatch.delenv("LC_ALL")
    monkeypatch.delenv("LANG")
    monkeypatch.setattr("locale.getlocale", lambda *_: ("Spanish_Spain", "1252"))
    assert no_stride().language == "es"
    with pytest.raises(ValueError, match="language must be 'en' or 'es', got 'fr'"):
        no_stride(language="fr")


def test_both_languages_say_the_same_of_every_mistake():
    english, spanish = (no_stride(language=language) for language in ("en", "es"))
    assert english.mistakes == spanish.mistakes and english.section == spanish.section
    assert [part.kind for part in english.parts] == [part.kind for part in spanish.parts]


def test_a_report_stands_for_its_verdict():
    assert not no_stride()
    assert check("conv_forward", loops.conv_forward)
    assert check("conv_forward", loops.conv_forward, language="es").verdict == "right"


def test_wrong_requests():
    for hint in (-1, 3, "2"):
        with pytest.raises(ValueError, match="hint must be 0, 1 or 2"):
            check("zero_pad", loops.zero_pad, hint=hint)
    with pytest.raises(
        ValueError, match="there is no exercise 'conv_foward'; did you mean 'conv_forward'"
    ):
        check("conv_foward", loops.conv_forward)
    with pytest.raises(ValueError, match=r"exercises\(\) lists them"):
        check("qqq", 1)


def test_large_arrays_are_told_by_their_shapes():
    def conv_forward(A_prev, W, b, hparameters):
        Z, cache = loops.conv_forward(A_prev, W, b, hparameters)
        return (Z + 1 if A_prev.size > 100 else Z), cache

    report = check("conv_forward", conv_forward, language="en")
    assert "A_prev (2, 8, 5, 2)" in str(report)
    assert len(str(report).splitlines()) < 50


def test_boards_are_cut_to_what_is_marked():
    array = np.arange(2 * 3 * 3 * 4.0).reshape(2, 3, 3, 4)
    marks = np.zeros(array.shape, dtype=bool)
    marks[1, 2, 2, 3] = True
    drawn = drawing.boards("A_prev", array, differs=marks)
    assert len(drawn) == drawing.MOST and drawn[0].title == "A_prev[1, :, :, 3]"
    text = drawing.as_text(drawn)
    assert "≠71" in text and max(map(len, text.splitlines())) <= drawing.WIDTH
    assert (
        drawing.as_text(drawing.boards("dA_prev", np.zeros((1, 0, 0, 1)))).strip()
        == "dA_prev (1, 0, 0, 1)"
    )
    filters = drawing.boards("W", np.zeros((2, 2, 1, 2)))
    assert [board.title for board in filters] == ["W[:, :, 0, 0]", "W[:, :, 0, 1]"]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ("It takes more than four forward passes.", "It does not measure at two opposite")),
        ("es", ("Necesita más de cuatro pasadas hacia delante.", "No mide en dos puntos opuestos")),
    ],
)
def test_a_gradient_check_is_told_in_words_what_it_did_not_ask(language, sentences):
    def entry_by_entry(forward, backward, inputs, epsilon=1e-6):
        return solutions.gradient_check(forward, backward, inputs, epsilon)

    text = str(check("directional", entry_by_entry, language=language))
    assert all(sentence in text for sentence in sentences)
    assert "says_ok" not in text and "few_passes" not in text


def test_a_gradient_check_that_must_be_given_its_step_is_given_it():
    def right(forward, backward, inputs, epsilon):
        return solutions_two.directional_check(forward, backward, inputs, epsilon)

    assert check("directional", right).passed


def test_shapes_are_shown_where_they_alone_differ():
    report = check("conv_single_step", lambda a, W, b: np.tensordot(a, W, 3) + b, language="en")
    assert report.mistakes == ("step-not-scalar",)
    assert "Z, expected, ()" in str(report) and "Z, yours, (1, 1, 1)" in str(report)


def test_inputs_that_are_too_many_to_read_are_given_by_their_shapes():
    networks = (lambda parameters, X: (X[:, :3, 0, 0], None), lambda dZ, caches: {})
    text = str(check("without-relu", networks, language="en"))
    assert "X (2, 8, 8, 1)" in text and "W1[" not in text
