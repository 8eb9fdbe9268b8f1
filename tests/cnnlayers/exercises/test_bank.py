"""The bank as data: complete in both languages, true to the book's code, and without doubles."""

import re
import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from cnnlayers.exercises import _EXERCISES, faults
from cnnlayers.exercises.diagnosis import _answers
from cnnlayers.exercises.exercise import FunctionExercise
from cnnlayers.exercises.language import sections
from cnnlayers.exercises.values import same

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "src" / "cnnlayers" / "exercises"
FUNCTIONS = {name: e for name, e in _EXERCISES.items() if isinstance(e, FunctionExercise)}
FILES = sorted(path.stem for path in (SOURCES / "bank").glob("*.toml"))

# Two mistakes that the probes cannot tell apart, as far as calls fail or a yes or no goes.
TWINS = [
    {"backward-unpadded-input", "backward-no-pad"},
    {"check-alias", "check-epsilon"},
]
UNSEEN = {"backward-changes-cache"}  # changes an argument, and returns what is right

IDENTIFIERS = """
pad-identity pad-one-side pad-height-only pad-width-only pad-wrong-axes pad-all-axes
pad-edge-values pad-nonzero pad-twice pad-half step-no-bias step-bias-each step-mean step-flipped
step-transposed step-matmul step-first-channel step-per-channel step-not-scalar
step-bias-truncated forward-no-pad forward-pad-once forward-no-stride forward-stride-one-axis
forward-stride-window forward-window-short forward-size-no-plus-one forward-size-ceil
forward-size-stride-ignored forward-axes-swapped forward-no-bias forward-first-bias
forward-first-filter forward-first-channel forward-first-example forward-batch-summed
forward-flipped forward-transposed forward-mean forward-bias-each forward-relu forward-int
forward-cache-padded forward-cache-order forward-cache-short forward-no-cache pool-no-stride
pool-stride-is-f pool-swapped-f-stride pool-all-channels pool-mode-ignored pool-modes-swapped
pool-sum pool-min pool-from-zero pool-absolute pool-first-example pool-window-short
pool-size-no-plus-one pool-size-ceil pool-axes-swapped pool-pads pool-corner backward-assign-dA
backward-assign-dW backward-assign-db backward-flipped backward-no-stride backward-unpad-zero
backward-not-unpadded backward-crop-end backward-unpadded-input backward-db-mean backward-dW-mean
backward-db-per-example backward-db-all-filters backward-db-times-window backward-last-example
backward-first-example backward-first-filter backward-input-for-filter backward-bias-in-dA
backward-order backward-transposed backward-sign backward-changes-cache mask-values mask-index
mask-minimum mask-absolute mask-by-row mask-by-column mask-not-maximum mask-positive
mask-above-mean mask-whole spread-not-divided spread-by-height spread-by-width spread-by-sum
spread-squared spread-integer spread-swapped spread-one pool-backward-assign
pool-backward-no-stride pool-backward-stride-is-f pool-backward-mask-alone
pool-backward-mask-of-gradient pool-backward-values pool-backward-mask-all-channels
pool-backward-mask-whole-image pool-backward-not-divided pool-backward-divided-by-f
pool-backward-mode-ignored pool-backward-modes-swapped pool-backward-first-example
pool-backward-axes-swapped pool-backward-int relu-not-masked relu-mask-of-gradient
relu-times-input relu-negative-kept dense-not-transposed dense-no-bias dense-db-not-summed
dense-batch-mean softmax-overflow softmax-axis softmax-sign softmax-not-averaged
softmax-one-hot-missing softmax-log-zero check-one-sided check-no-half check-not-restored
check-ones check-alias check-float32 columns-channel-order columns-no-stride columns-size
col2im-assign train-sign train-not-averaged train-weights-zero train-same-batch train-stale-cache
"""


def test_known_identifiers_are_kept():
    known = {mistake.name for name in FILES for mistake in faults.mistakes(name)}
    assert set(IDENTIFIERS.split()) <= known
    assert len(known) >= 300


@pytest.mark.parametrize("name", FILES)
def test_every_mistake_has_its_four_sentences_in_both_languages(name):
    for mistake in faults.mistakes(name):
        assert mistake.section in sections(), mistake.name
        for language, other in (("en", "es"), ("es", "en")):
            sentences = mistake.sentences[language]
            assert len(sentences) == 4, mistake.name
            assert all(s and s[-1] in ".?)" for s in sentences), (mistake.name, sentences)
            assert set(sentences).isdisjoint(mistake.sentences[other]), mistake.name
            assert all(s.count("`") % 2 == 0 for s in sentences), mistake.name
        code = [re.findall(r"`[^`]+`", s) for s in mistake.sentences["en"]]
        spanish = [re.findall(r"`[^`]+`", s) for s in mistake.sentences["es"]]
        assert [len(c) for c in code] == [len(c) for c in spanish], mistake.name


def test_every_exercise_has_title_section_and_stub_in_both_languages():
    for name in (*_EXERCISES, "find-the-fault"):
        about = faults.entry(name)
        assert about["section"] in sections(), name
        for part in ("title", "stub"):
            assert set(about[part]) == {"en", "es"}, (name, part)
            assert all(text.strip() for text in about[part].values()), (name, part)


@pytest.mark.parametrize("name", (*_EXERCISES, "find-the-fault"))
def test_every_exercise_has_two_hints_in_both_languages(name):
    hints = faults.entry(name)["hints"]
    assert set(hints) == {"en", "es"}
    for texts in hints.values():
        assert len(texts) == 2 and len(set(texts)) == 2
        assert all(text and text[-1] in ".?)" for text in texts), texts
        assert all(text.count("`") % 2 == 0 for text in texts), texts
    assert set(hints["en"]).isdisjoint(hints["es"])


def test_words_and_sections_are_there_in_both_languages():
    for file in ("words.toml", "sections.toml"):
        table = tomllib.loads((SOURCES / file).read_text("utf-8"))
        for key, texts in table.items():
            assert set(texts) == {"en", "es"}, (file, key)
    words = tomllib.loads((SOURCES / "words.toml").read_text("utf-8"))
    for key, texts in words.items():
        holes = [sorted(re.findall(r"{(\w+)", text)) for text in texts.values()]
        assert holes[0] == holes[1], key
    code = "".join(path.read_text("utf-8") for path in SOURCES.glob("*.py"))
    spoken = set(re.findall(r"""["']([a-z]+(?:-[a-zA-Z]+)*)["']""", code))
    built = ("relation-", "only-", "from-", "trait-", "remark-", "summary-")
    unused = [key for key in words if key not in spoken and not key.startswith(built)]
    assert unused == []
    traits = {t for e in FUNCTIONS.values() for probe in e.probes for t in probe.traits}
    assert {f"trait-{trait}" for trait in traits} <= set(words)


@pytest.mark.parametrize("language", ["en", "es"])
def test_sections_are_called_what_the_chapters_call_them(language):
    titles = {}
    for path in (ROOT / "chapters" / language).glob("*.qmd"):
        text = path.read_text("utf-8")
        headings = re.findall(r"^#+ (.*?) \{#(sec-[\w-]+)[^}]*\}", text, re.M)
        titles.update({label: [title, headings[0][0]] for title, label in headings})
    said = {label: texts[language] for label, texts in sections().items()}
    assert {label: titles.get(label) for label in said} == said


def answers(exercise, function):
    """What a function returns for each probe, without the cache, in the book's convention."""
    with np.errstate(all="ignore"):
        found = [_answers(exercise, function, p)[0] for p in exercise.probes if not p.advice]
    cached = "cache" in exercise.outputs
    return [a[0] if cached and isinstance(a, tuple) and len(a) == 2 else a for a in found]


def agree(some, others):
    return all(map(same, some, others))


@pytest.mark.filterwarnings(
    "ignore:Mean of empty slice", "ignore:invalid value", "ignore:.*encountered"
)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_two_mistakes_are_confused_on_the_probes(name):
    exercise = FUNCTIONS[name]
    right = answers(exercise, exercise.function)
    found = []
    for mistake in faults.mistakes(name):
        assert mistake.faults, mistake.name
        for fault in mistake.faults:
            function = faults.faulty_function(exercise.function, (fault,), "-7.0")
            shown = answers(exercise, function)
            if "cache" in mistake.name or mistake.name in UNSEEN:
                continue
            assert not agree(right, shown), (mistake.name, fault)
            found.append((mistake.name, shown))
    for (one, mine), (other, theirs) in combinations(found, 2):
        if one != other and agree(mine, theirs):
            assert {one, other} in TWINS


def test_a_fault_that_no_longer_fits_the_code_is_reported():
    with pytest.raises(faults.CannotApply, match="must stand once"):
        faults.with_faults("a = b + c", ["b - c -> c"])
    with pytest.raises(faults.CannotApply):
        faults.with_faults("a = b + b", ["b -> c"])
    assert faults.with_faults("a = b + c", ["b + c -> c", "a -> d"]) == "d = c"
