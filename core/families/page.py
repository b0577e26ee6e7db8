"""docs/families.md: a row a family, from what each says of itself; the words around it stand here.

``python -m core.families.page`` prints it.
"""

from core.families import FAMILIES, Family

__all__ = ["families_page"]

_BEFORE = """\
# Families

What a node can be made of, given its parents. `eta` is the linear predictor on the working scale of
the parents (standardised; positive parents by their logarithm, counts by log(1 + y), categories by a
zero-sum basis). Every prior below can be changed by name (`"priors"` of a node in the native JSON);
`slopes` means all arrows into the node, an arrow's own `"prior"` goes before it.

"""

_AFTER = """\
`relative` 1 means in units of the residual standard deviation: with these priors Normal and
LogNormal have a closed form, as has Table. `Constant` is no distribution: it is a number.
`OrderedNormal` is independent Normal restricted to increasing order: its density is (K - 1)! times
the product of theirs.

**t, the prior scale of a column** (Normal, LogNormal), makes its variance InverseGamma((p + 3)/2, t/2) and the
slopes that lead from it Normal(0, 1/sqrt t, relative). It is 1/2, hence the numbers in the table, unless another
compared column nearly determines this one: t = min(1/2, 4 / max s) with s the larger of r^2 / (1 - r^2) and
Omega_jk^2 / Omega_jj over the other columns j, r being the correlations of the compared columns of numbers on
their working scales over the rows used, Omega their matrix's inverse (from five rows a column on), and 0.000001
the least. So it is under 1/2 where an R2 exceeds 8/9, and rivals share it: graphs that nobody can tell apart keep
equal evidence, which holds for any t a column (BGe with a diagonal T). Binary columns and categories have 1/2.
With 1/2 everywhere a slope that is large against sigma is pulled in, and superfluous arrows are asked for in its
place; [strong.md](strong.md) has the numbers. At half, one and two times the prior scale every t is 4, 1 and 1/4
times itself. To say another t of a column: `"priors": {"t": {"distribution": "Constant", "value": 0.1}}`, which
keeps the closed form. Any column of numbers takes it, also one of another family, for the slopes that lead from it
to Normal and LogNormal children. Say the same in every rival: those that differ in a t do not tie, whatever their
arrows.

**Chosen unless you say otherwise**, from the data alone: a number is Normal; a positive number LogNormal
where it is right-skewed and its logarithm less so, else Normal; a share Beta; a count Poisson, or
NegativeBinomial where its variance is over 1.5 times its mean; yes or no and categories a Table where every
modelled column is discrete, else Bernoulli and Categorical; an ordered category OrderedLogit.

**An arrow's number** in tables and JSON is in the units of the child on its link's scale for one unit of
the parent on its working scale: the change of log mean for log links (of a zero-inflated count, of the count
where something can happen, and of the mean of all rows alike), of the log-odds of lying above any one cut
point for OrderedLogit, and of location and mean alike for SkewNormal. Pictures and the verdict turn it into
what the column "a change is said as" names: a factor where the scale is a logarithm, for a doubling of the
parent where the parent's working scale is one. A probit's slope has no such reading: it is said in standard
deviations of a hidden leaning towards yes.
"""


def families_page() -> str:
    """Return the whole page."""
    titles = ("family", "column", "link", "what it says", "a change is said as", "priors, by name")
    rows = [titles, *(_row(family) for family in FAMILIES.values())]
    table = [f"| {' | '.join(row)} |" for row in rows]
    table.insert(1, f"|{'---|' * len(titles)}")
    return f"{_BEFORE}{chr(10).join(table)}\n\n{_AFTER}"


def _row(family: Family) -> tuple[str, ...]:
    meanings = "; ".join(f"{'a factor of the ' if one.factor else ''}{one.of}" for one in family.meanings)
    return family.name, family.column, ", ".join(family.links), family.says, meanings, family.priors_said()


if __name__ == "__main__":
    print(families_page(), end="")
