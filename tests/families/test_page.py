"""docs/families.md tells the truth: every family, its links, and its priors with their numbers."""

import math
import re
from pathlib import Path

import pytest

from core.data.constants import assumed_constants
from core.families import FAMILIES
from core.families.priors import allowed_priors, default_priors

PAGE = Path(__file__).parents[2] / "docs" / "families.md"
ROWS = {
    cells[0]: cells[1:]
    for cells in (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    )
}


def test_the_page_has_every_family_and_no_other():
    assert set(ROWS) - {"family"} == set(FAMILIES)


@pytest.mark.parametrize("name", FAMILIES)
def test_links_and_priors_are_those_of_the_code(name):
    family = FAMILIES[name]
    _, links, _, meanings, said = ROWS[name]
    assert links == ", ".join(family.links)
    assert meanings == "; ".join(f"{'a factor of the ' if m.factor else ''}{m.of}" for m in family.meanings)
    written = ROWS["Normal"][4] if said == "as Normal" else said
    found = dict(part.strip().split(": ") for part in written.split(";"))
    priors = default_priors(name, family.links[0], assumed_constants("y", "real", 0.0, 2 * math.e), 1)
    assert set(found) == {key for key, _ in allowed_priors(priors)}
    named = {key.partition("[")[0]: prior for key, prior in priors}
    for key, text in found.items():
        prior = named[key]
        assert text.startswith(f"{prior.distribution}(")
        words = text[len(prior.distribution) + 1 : -1]
        if "p +" in words:
            continue  # depends on the number of parents: test_priors has its numbers
        plain = words.replace("log mean y", "1").replace("sqrt 2", str(math.sqrt(2)))
        numbers = [float(number) for number in re.findall(r"[\d.]+", plain)]
        expected = [value for number, value in prior.parameters if number != "relative"]
        shown = expected if len(expected) == len(numbers) else expected[-len(numbers) :]
        assert numbers == pytest.approx(shown), key
        assert ("relative" in words) == (dict(prior.parameters).get("relative") == 1.0)
