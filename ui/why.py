"""Beside each number a "why?": the assumption behind it, and where it comes from."""

import streamlit as st

from ui import words

__all__ = ["STATISTICS", "WHY", "heading", "why"]

#: What is checked of a column, in words.
STATISTICS = {
    "mean": "average",
    "sd": "spread",
    "skew": "skew",
    "min": "smallest value",
    "max": "largest value",
    "zeros": "share of zeros",
    "dispersion": "spread beside the average",
}

WHY: dict[str, tuple[str, str]] = {
    "verdict": (
        "The question comes first: what each hypothesis answers, and whether they differ. Then what the data say about "
        "the claims that bear on it: those with an end among the question's columns, which are the exposure, the outcome "
        "and all that any hypothesis has after them. What is upstream of these is background to the question: two "
        "hypotheses compare on the question's columns given the rest, so how the rest is related has no part in it. Then "
        "which hypotheses no observation can separate, and which predicts better by more than chance (the number is the "
        "difference in elpd ± its error). Hypotheses with the same links and the same "
        "colliders imply exactly the same independences: they stand as one class (Markov equivalent) and are never "
        "ranked inside it; only an experiment, time order or an assumption that you declare separates them. Nothing "
        "here says that a hypothesis is true: all of them may be wrong.",
        "Verma & Pearl 1990; Sivula, Magnusson, Matamoros & Vehtari 2020",
    ),
    "shapes": (
        "Each family says how a column follows from its causes: in a straight line, with one strength for all, with the "
        "same spread everywhere, with tails of a known kind. What it leaves over is held against each of these: a curve "
        "in each cause and in the fit, products with the yes-or-no and category causes, the spread along the fit, and of "
        "counts how much they vary and how many zeros there are. A flag needs a p-value under 0.01, adjusted over the "
        "looks at one column, and a size that matters. What rests on a flagged family may be due to the family and not to "
        "the arrows. No light tails are flagged: they make intervals too wide and no conclusion wrong.",
        "Rao 1948; Dunn & Smyth 1996; Liu & Xie 2020; of counts Dean 1992 and van den Broek 1995",
    ),
    "identified": (
        "Whether an effect follows from what is observed is decided by the graph alone: by adjustment where a set of "
        "observed columns blocks every path that biases and none that carries the effect, through a front door, or by "
        "the general algorithm, which finds a formula whenever there is one. Where there is none, no number of rows "
        "helps. Instruments need a linear model, so they do not count as that.",
        "Pearl 2009; Shpitser & Pearl 2006; van der Zander, Liskiewicz & Textor 2019",
    ),
    "unfitted": (
        "A graph with unmeasured causes is not fitted; what follows from it is said all the same. Where the graph lets the "
        "effect be known, it is estimated as the graph says: by adjustment, through the front door, or by the formula. "
        "Else an instrument answers if effects are straight lines; few levels leave bounds, which hold whatever it is that "
        "nobody measured; and numbers leave the prior beside what the rows make of it. With b the slope that there would be "
        "with no unmeasured cause, and r the correlation that it leaves, the effect is b - (s / sx) r / sqrt(1 - r²): the "
        "rows tell b and the spreads s and sx, and nearly nothing of r, which may be anything from -1 to 1 beforehand. None "
        "of these hypotheses has a part in what all say together.",
        "Tian & Pearl 2002; Balke & Pearl 1997; Pearl 1995; the weights are derived in docs/statistics.md",
    ),
    "doubt": (
        "The variance of what is predicted, in parts that add up to all of it. Chance is how rows differ by "
        "themselves: more data do not shrink it. Unknown strengths shrink with more rows. Whose graph is right shrinks "
        "with an experiment that tells the graphs apart. Where hypotheses have the same graph, the curve or family that "
        "they differ in is a part of its own. A bar is as long as a standard deviation (±), against the widest of its "
        "kind. Hypotheses count by the probability of their class; graphs inside a class, which no observation can part, "
        "count alike, and hypotheses of one graph by their evidence.",
        "Law of total variance; Draper 1995",
    ),
    "next": (
        "Strengths: what each node's parameters carry of the difference's variance by themselves, and what is left of it "
        "if one part is measured once more, as exactly as the rows know it. Graphs: what an experiment on what is moved "
        "would show under each, half of its rows in either arm, each with its own spread of rows; and how far evidence "
        "and prediction would have grown with more rows. Curves: where they lie furthest apart against their doubt. All "
        "of it is expected, about, and under these hypotheses.",
        "Sobol 1993; Raiffa & Schlaifer 1961, preposterior analysis",
    ),
    "policy": (
        "A modified treatment policy: what a row is set to depends on what it was. Each hypothesis plays your rows twice, "
        "as they are and with the change, on the same draws and with the same noise, and the difference is shown. A column "
        "that says for whom is taken as it was before anything is done; what follows from the action cannot say so.",
        "Haneuse & Rotnitzky 2013; Díaz & van der Laan 2012",
    ),
    "choose": (
        "Every action is played under every hypothesis, on the same draws and rows; some draws choose, twice, and others "
        "say what the choice is worth, since the largest of many noisy numbers is large in part by its noise. On average: "
        "over draws, and over hypotheses by their probability. By its worst draws: the mean of the worst share of draws "
        "(CVaR), hypotheses by their probability. Safest: the largest loss over hypotheses is smallest, whatever their "
        "probability (minimax regret). What is lost is the mean under the action that is best if a hypothesis is right, "
        "less that under yours. Knowing who is right is worth what one expects to gain by acting on the right one (expected "
        "value of perfect information): more than that no experiment is worth. All of it holds among these hypotheses only.",
        "Savage 1951; Raiffa & Schlaifer 1961; Rockafellar & Uryasev 2000; Smith & Winkler 2006",
    ),
    "trial": (
        "A result of an experiment is one more observation, of units that are not among your rows: estimate and standard "
        "error against what each hypothesis, with all that it learnt from the rows, foresaw. Its strengths move towards "
        "the result, and its probability is multiplied by how likely the result was under it. So graphs that no "
        "observation can part get probabilities of their own. That holds if the experiment was about units like your "
        "rows, what was set was set for everybody in it, and several experiments are independent of each other: enter "
        "the same one once. An error of the estimate alone is counted; if you doubt that it carries over, give a larger "
        "one. They disagree where a hypothesis foresees a result so far off less than once in twenty, shared out over "
        "the experiments.",
        "Bayes; importance sampling: Vehtari et al. 2024; transport of experiments: Pearl & Bareinboim 2014",
    ),
    "counterfactual": (
        "First, what is special about this row is worked out from what was observed of it; then only what was set is "
        "changed; then the rest follows (abduction, action, prediction). So all that makes this row differ from its like "
        "stays with it. Where levels or counts are on the way, what was observed does not say it all: it is assumed that a "
        "row keeps its place among its like, and the range says what could be without that (a coupling of the two "
        "worlds, and bounds). Of somebody new nothing of the outcome was observed, so that the answer is a forecast.",
        "Pearl 2009, ch. 7; Tian & Pearl 2000",
    ),
    "ways": (
        "Directly: what would follow if the cause moved, and all that lies between stayed as it would have been without "
        "that. Through others: what is left of the total; the two add up to it. Each arrow out of the cause has its "
        "share: what would follow if the new value were seen along this arrow alone. Where a way parts again further on, "
        "a node would have to be under both values at once to tell the parts apart, which no data could show: no share "
        "stands there. All of it holds if the hypothesis is right, and has every cause that what lies between and the "
        "outcome have in common: a cause that is missing makes the parts wrong even where the total is right.",
        "Robins & Greenland 1992; Pearl 2001; Avin, Shpitser & Pearl 2005; VanderWeele 2015, ch. 2",
    ),
    "per_row": (
        "Of each row, what is known of it stays as it was observed, where the action does not reach it; what follows is "
        "averaged over all that is left open. So it is what to expect of a row like that one, not what would have "
        "happened to it: chance that the row itself had stands under “This one row”. Rows can only differ by "
        "what the hypothesis lets differ: a straight line does the same to everyone, a curve, a threshold, an effect that "
        "differs by another column and a chance do not.",
        "Hill 2011; Athey & Imbens 2016",
    ),
    "naive": (
        "Least squares on the same rows with errors that allow for unequal spread, two-stage least squares where a graph "
        "has an instrument, and boosted trees with their partial dependence. What each holds fixed is held against each "
        "graph: a common cause left out, a mediator or a collider held fixed. Where nothing is wrong with it by the graph, "
        "the two should agree.",
        "Cinelli, Forney & Pearl 2024; Friedman 2001; White 1980",
    ),
    "scope": (
        "The question's columns are the exposure, the outcome and all their descendants under any hypothesis. Given what "
        "is upstream of them, two hypotheses compare on the families of these columns alone: scores are sums over them, "
        "classes are those of the graphs with every arrow among the rest. All columns: the same over everything that is "
        "drawn, which also asks how the background is related.",
        "Conditional models: Lauritzen 1996, ch. 3; Markov equivalence: Verma & Pearl 1990",
    ),
    "sides": (
        "Each row asks one question, each column answers for one hypothesis. A bracket joins hypotheses that no "
        "observational data can separate; what belongs to the class is written once for all of them. Beside each "
        "question stands what is assumed in the answer.",
        "Gelman et al. 2020, Bayesian workflow",
    ),
    "class": (
        "Graphs with the same links and the same colliders imply exactly the same independences, so no observational "
        "data can tell them apart, however many rows there are. They stand as one class (Markov equivalence) and are "
        "never ranked inside it. Only an experiment, time order, or an assumption that you declare separates them.",
        "Verma & Pearl 1990; Andersson, Madigan & Perlman 1997",
    ),
    "elpd": (
        "How well a hypothesis predicts a row that it has not seen, summed over rows: each row is left out in turn "
        "(expected log predictive density, elpd; exact where there is a closed form, else Pareto-smoothed importance "
        "sampling). It speaks of prediction only: a graph that conditions on a common effect can predict best, and a "
        "superfluous arrow costs next to nothing. A difference under 4, or under twice its standard error, is no "
        "difference in prediction that these data can show.",
        "Vehtari, Gelman & Gabry 2017; Sivula, Magnusson, Matamoros & Vehtari 2020",
    ),
    "difference": (
        "The difference to the hypothesis that predicts best, row by row, so that what both have in common cancels. "
        "The error is that of the difference, not of the two numbers: what another sample of rows would change, and "
        "what other draws would change (Monte Carlo error) of the nodes in which the two differ; nodes that they share "
        "are fitted once and cancel exactly. Members of one class are tied: what is left between them comes from the "
        "assumed families and forms.",
        "Vehtari, Gelman & Gabry 2017; Sivula, Magnusson, Matamoros & Vehtari 2020",
    ),
    "evidence": (
        "How probable the whole data set is under the hypothesis before anything was fitted (log marginal "
        "likelihood), with its Monte Carlo error. It depends on the priors: the line below shows it with priors half and "
        "twice as wide. Where hypotheses change places between these, the evidence depends on the prior. Gaussian "
        "graphs of one class tie exactly. A column that another nearly determines has a prior scale t of its own.",
        "Geiger & Heckerman 2002; Kuipers, Moffa & Heckerman 2014; Meng & Wong 1996; Gronau et al. 2017",
    ),
    "bagged": (
        "The share of belief each class holds, if each was equally likely before and one of them is right: the mean of "
        "that share over 100 data sets of as many rows, drawn with replacement from yours. Where no hypothesis is quite "
        "right, the share on one set of rows runs to 0 or 1 for whichever the chance of the rows favours, and another "
        "sample could be as sure of another. The mean over resampled rows does not. So where it is well under the share "
        "on these rows, such as 0.7 beside over 0.99, these rows decide and not the world. The verdict speaks of this "
        "one. A class has it, never a member.",
        "Huggins & Miller 2023, Reproducible model selection using bagged posteriors",
    ),
    "probability": (
        "The share of belief each class holds after exactly these rows, if each was equally likely before and one of "
        "them is right. It says which of these, not whether any of these, and over-reacts when all are somewhat wrong: "
        "then read the line above. A class has it, never a member.",
        "Kass & Raftery 1995",
    ),
    "stacking": (
        "The mixture of the classes that would predict new rows best. It answers another question than the "
        "probability: a wrong hypothesis that helps the mixture gets weight.",
        "Yao, Vehtari, Simpson & Gelman 2018",
    ),
    "claims": (
        "Each missing arrow is a claim: these two are unrelated once its causes are known. The claim is tested on the "
        "data: the association left over, its 90 % interval, and a p-value adjusted for how many claims there are. "
        "Contradicted means adjusted p under 0.05 and an association over 0.1, and that it holds in two more looks: "
        "once what is known may act in any curve, and without the 1 % of rows that carry most of it. Not contradicted "
        "is not the same as supported.",
        "Pearl 2009, ch. 1; Shipley 2000; Benjamini & Hochberg 1995; Shah & Peters 2020",
    ),
    "looks": (
        "A cause that acts in a curve, differently by group, or through a few odd rows leaves an association over where "
        "no arrow is missing. So each denied link is looked at three times: in a line over all rows; after regressions "
        "that may bend, each row by all others; and in a line without the 1 % of rows that carry most. A link that one "
        "look finds and another does not is in doubt: the data say that something is missing, and not yet whether it "
        "is an arrow or a bend.",
        "Shah & Peters 2020, The hardness of conditional independence testing; Scheidegger, Hoerrmann & Buehlmann 2022",
    ),
    "checks": (
        "The fitted hypothesis generates data sets of your size; a statistic of the observed column that hardly any of "
        "them reaches is flagged (two-sided posterior predictive p under 0.01). The data are used twice, so this is a "
        "diagnostic and errs on the mild side.",
        "Gelman, Meng & Stern 1996; Gelman et al. 2020, Bayesian workflow",
    ),
    "effect": (
        "What would happen to the outcome if the exposure were set one unit higher, averaged over the rows, if this "
        "graph is right: what other causes contribute is held as the graph says. Each hypothesis has its own answer.",
        "Pearl 2009, ch. 3; Robins 1986 (g-formula)",
    ),
    "robustness": (
        "An unmeasured cause of both exposure and outcome can make an effect out of nothing. This says how strong one would "
        "have to be: the share of what the graph's own causes leave unexplained, of the exposure and of the outcome alike, "
        "that takes the effect to zero (robustness value), until its 95 % interval includes zero, or to what a rival says. "
        "One that is as strong as the strongest cause that you did measure is easy to believe in: what it would leave of "
        "the effect stands beside it (a benchmark). By least squares, given the exposure's causes in each graph, and the "
        "other causes of what lies between it and the outcome.",
        "Cinelli & Hazlett 2020, Making sense of sensitivity",
    ),
    "where": (
        "With separate priors the score of a graph is the sum over its nodes, so a difference is the sum over the "
        "nodes that the two explain differently. Nodes with the same causes in both cancel exactly.",
        "Heckerman, Geiger & Chickering 1995",
    ),
    "beside": (
        "An effect compares rows at two values of the exposure, so for each row there must be others with the same "
        "causes of the exposure at the other value. Where that has a chance under 2 % (of a rare value: under a tenth of "
        "its share), there is as good as nobody, and the model fills in what it cannot see; over 5 % of such rows are said, "
        "with the effect among the others. The second opinion trusts no single model: regressions that may bend, of the "
        "exposure and of the outcome, each row predicted by the others, put together so that the error of either alone "
        "does little harm (doubly robust for two values, partialling out for numbers). Where it is more than two joint "
        "errors away, the answer comes from the form of the model as much as from the data. Both take the graph as right: "
        "they say nothing of causes that nobody measured. That is what the robustness value is for: the share of what is "
        "left of exposure and outcome alike that an unmeasured cause must explain to take the effect to zero.",
        "Crump, Hotz, Imbens & Mitnik 2009; Robins, Rotnitzky & Zhao 1994; Chernozhukov et al. 2018; Hausman 1978; "
        "Cinelli & Hazlett 2020",
    ),
    "gates": (
        "Nothing is ranked or reported as an effect while a node's fit cannot be relied on. By sampling (NUTS): its "
        "chains agree (R-hat at most 1.01), there are enough effective draws (400 in bulk and tails) and nothing "
        "diverged. By weighted draws (importance sampling): no few draws carry the weights (Pareto k under 0.5) and "
        "1,000 effective ones are left. Both: leave-one-out is reliable in every row. Closed forms have nothing to "
        "fail.",
        "Vehtari, Gelman, Simpson, Carpenter & Buerkner 2021; Vehtari et al. 2024",
    ),
    "agreement": (
        "A hypothesis is fitted node by node, which is quick; its joint model, the one that is exported, has the same "
        "posterior, so what differs should be the chance of the draws alone. Each mean and spread is compared in units "
        "of that (Monte Carlo error). Among many numbers some exceed 2 by chance, so the bound grows with their number: "
        "all of them together pass it by chance once in a hundred confirmations. A mean that is off by over a tenth of "
        "its standard deviation is not called confirmed, whatever its error.",
        "Vehtari, Gelman, Simpson, Carpenter & Buerkner 2021; Bonferroni",
    ),
    "recovery": (
        "These data were generated by one of your hypotheses with parameters that are known. Fitted back, its 90 % "
        "intervals should hold about nine tenths of them. That shows that the fit works and that so many rows are "
        "enough; it says nothing about whether the hypothesis is right about the world.",
        "Talts, Betancourt, Simpson, Vehtari & Gelman 2018; Gelman et al. 2020, Bayesian workflow",
    ),
    "arrows": (
        "Width is the size of the standardised effect. Solid: the 90 % interval leaves zero out; dashed: it does not; "
        "grey: it carries nothing. Red and dotted: no arrow here, and yet the data show a link. The number is the "
        "effect in the units of the data: added to the effect's node (+), or the factor by which it, or its odds, is "
        "multiplied (×), for one more of the cause; for counts and skewed amounts for a doubling of it (per ×2). Hover "
        "for its interval.",
        "Posterior of each arrow under the hypothesis' own model",
    ),
}


def why(key: str, label: str = "why?") -> str:
    """Return the HTML of a small "why?" that opens the assumption and its source.

    It is plain HTML, so it opens without a rerun and stays open through one; ``why.js`` keeps it within the window
    and closes it at a click elsewhere or Escape.
    """
    text, source = WHY[key]
    return (
        f'<details class="wb-why" name="why"><summary>{words.html(label)}</summary>'
        f"<div>{words.html(text)}<br><em>{words.html(source)}</em></div></details>"
    )


def heading(text: str, key: str, label: str = "why?") -> None:
    """Draw a section's title with its "why?" beside it."""
    st.html(f'<div class="wb-section"><h3>{words.html(text)}</h3>{why(key, label)}</div>')
