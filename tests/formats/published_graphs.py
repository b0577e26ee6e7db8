"""Twelve graphs that people have published, as facts: which node points at which, and what is marked.

They are those of the example menu of dagitty.net, retyped from the publications that it names as
plain lists of causes and effects. ``COUNTS`` are the numbers that DAGitty's own parser gives for its
menu (github.com/jtextor/dagitty at 7a65777, its JavaScript run in Node): nodes, arrows, arcs,
latents, exposures, outcomes, adjusted and selected nodes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A graph: its arrows as ``cause: effect effect``, lines separated by semicolons, and its marks."""

    syntax: str
    effects: str
    exposure: str
    outcome: str
    arcs: tuple[tuple[str, str], ...] = ()
    latent: tuple[str, ...] = ()
    adjusted: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()

    @property
    def arrows(self) -> set[tuple[str, str]]:
        """The arrows as (cause, effect)."""
        lines = (line.split(":") for line in self.effects.split(";"))
        return {(cause.strip(), effect) for cause, effects in lines for effect in effects.split()}

    @property
    def nodes(self) -> list[str]:
        """All names, in alphabetical order."""
        return sorted({name for pair in (*self.arrows, *self.arcs) for name in pair})


PUBLISHED = {
    "M-bias": Published(
        "bare",
        "E: D",
        "E",
        "D",
        arcs=(("D", "Z"), ("E", "Z")),
    ),
    "confounding triangle": Published(
        "bare",
        "A: E Z; B: D Z; E: D; Z: D E",
        "E",
        "D",
    ),
    "mediator": Published(
        "lists",
        "I: Y; X: I Y; Z: I X",
        "X",
        "Y",
    ),
    "many variables, few paths": Published(
        "lists",
        "1: E; 10: 9; 11: 10; 12: 11; 13: 12; 14: 13; 15: 14 D; 2: 1; 3: 2; 4: 3; 5: 4; 6: 5; 7: 6 E; 8: 7 D; "
        "9: 8; E: D",
        "E",
        "D",
    ),
    "Sebastiani 2005": Published(
        "lists",
        "ANXA2.12: ANXA2.11 ANXA2.13 ANXA2.5 ANXA2.7; ANXA2.13: ANXA2.11; ANXA2.7: ANXA2.11 ANXA2.5; ANXA2.8: "
        "ADCY9.8 ANXA2.13 BMP6 CAT ECE1.12 EDN1.3 EDNI1.6; BMP6: BMP6.10; BMP6.10: BMP6.11 BMP6.13; BMP6.11: "
        "BMP6.9; BMP6.13: BMP6.12 BMP6.9; BMP6.14: BMP6.12; CAT: MET.5; CSF2.3: CSF2.4; ECE1.12: ECE1.13; "
        "ECE1.13: SELP.17; EDN1.10: EDNI1.7; EDN1.3: ANXA2.12 EDNI1.7; EDN1.9: BMP6.14 EDN1.10 EDN1.3; "
        "EDNI1.6: EDN1.10 EDNI1.7; MET.5: MET.6 SELP.14 TGFBR3.7; MET.6: SELP.12; SELP.17: SELP.22; Stroke: "
        "ADCY9.8 BMP6.10 BMP6.11 BMP6.12 BMP6.13 CSF2.4 ECE1.12 ECE1.13 MET.5 MET.6 SELP.12 SELP.14 SELP.22 "
        "TGFBR3.10 TGFBR3.8; TGFBR3.10: TGFBR3.2 TGFBR3.9; TGFBR3.2: TGFBR3.9; TGFBR3.7: CSF2.3 TGFBR3.10; "
        "TGFBR3.8: TGFBR3.2 TGFBR3.9",
        "EDN1.3",
        "EDNI1.7",
    ),
    "Polzer 2012": Published(
        "matrix",
        "Age: Alcohol Caries Diabetes Hypertension Lipids Mortality Obesity Periodontitis Psychosocial "
        "Smoking Sport ToothLoss; Alcohol: Diabetes Hypertension Lipids Mortality Obesity Smoking ToothLoss; "
        "Caries: ToothLoss; Diabetes: Hypertension Lipids Mortality Periodontitis; Hypertension: Mortality; "
        "Lipids: Mortality; Obesity: Diabetes Hypertension Lipids Mortality Periodontitis; Periodontitis: "
        "ToothLoss; Psychosocial: Alcohol Caries Diabetes Hypertension Lipids Mortality Obesity Periodontitis "
        "Smoking Sport ToothLoss; Sex: Alcohol Caries Diabetes Hypertension Lipids Mortality Obesity "
        "Periodontitis Psychosocial Smoking Sport ToothLoss; Smoking: Diabetes Hypertension Mortality Obesity "
        "Periodontitis Sport ToothLoss; Sport: Diabetes Hypertension Lipids Mortality Obesity Periodontitis; "
        "ToothLoss: Mortality",
        "ToothLoss",
        "Mortality",
    ),
    "Schipf 2010": Published(
        "lists",
        "A: PA S TT U WC; PA: T2DM WC; S: T2DM TT; U: T2DM TT; WC: T2DM TT U",
        "TT",
        "T2DM",
    ),
    "Shrier 2008": Published(
        "lists",
        "Coach: FitnessLevel TeamMotivation; ConnectiveTissueDisorder: NeuromuscularFatigue TissueWeakness; "
        "ContactSport: IntraGameProprioception PreviousInjury; FitnessLevel: NeuromuscularFatigue "
        "PreGameProprioception; Genetics: ConnectiveTissueDisorder FitnessLevel NeuromuscularFatigue; "
        "IntraGameProprioception: Injury; NeuromuscularFatigue: Injury IntraGameProprioception; "
        "PreGameProprioception: WarmUpExercises; TeamMotivation: PreviousInjury WarmUpExercises; "
        "TissueWeakness: Injury; WarmUpExercises: IntraGameProprioception",
        "WarmUpExercises",
        "Injury",
    ),
    "Acid 1996": Published(
        "lists",
        "x1: x3 x4; x10: x12 x15; x11: x12; x12: x13; x14: x16; x15: x17 x18; x16: x17; x2: x3; x3: x5 x6; "
        "x4: x5; x5: x11 x7; x6: x14 x7; x7: x9; x8: x14 x15; x9: x10",
        "x3",
        "x15",
    ),
    "Thoemmes 2013": Published(
        "lists",
        "e0: x; e1: s1; e2: s2 y; e3: s3; e4: y; s1: s2 z; s2: s3 z2; s3: y; x: s1 y; y: z3",
        "x",
        "y",
        latent=("e0", "e1", "e3", "e4"),
        adjusted=("s2",),
    ),
    "van Kampen 2014": Published(
        "lists",
        "AFF: ALN APA CDR; AIS: AFF EGC SUS; ALN: APA DET FTW PER SUS; CDR: DET; EGC: HOS; FTW: DET EGC; PER: "
        "DET; SAN: AFF AIS ALN APA CDR; SUS: EGC FTW HOS",
        "SUS",
        "EGC",
    ),
    "Didelez 2010": Published(
        "dag",
        "Age: HRT Occ S TCI; HRT: TCI; Occ: Smo Thist; Smo: HRT TCI; TCI: S; Thist: TCI",
        "HRT",
        "TCI",
        adjusted=("Age", "Smo"),
        selected=("S",),
    ),
}

COUNTS = {
    "M-bias": (3, 1, 2, 0, 1, 1, 0, 0),
    "confounding triangle": (5, 7, 0, 0, 1, 1, 0, 0),
    "mediator": (4, 5, 0, 0, 1, 1, 0, 0),
    "many variables, few paths": (17, 19, 0, 0, 1, 1, 0, 0),
    "Sebastiani 2005": (36, 60, 0, 0, 1, 1, 0, 0),
    "Polzer 2012": (14, 69, 0, 0, 1, 1, 0, 0),
    "Schipf 2010": (7, 14, 0, 0, 1, 1, 0, 0),
    "Shrier 2008": (13, 19, 0, 0, 1, 1, 0, 0),
    "Acid 1996": (18, 22, 0, 0, 1, 1, 0, 0),
    "Thoemmes 2013": (13, 14, 0, 4, 1, 1, 1, 0),
    "van Kampen 2014": (12, 24, 0, 0, 1, 1, 0, 0),
    "Didelez 2010": (7, 11, 0, 0, 1, 1, 2, 1),
}
