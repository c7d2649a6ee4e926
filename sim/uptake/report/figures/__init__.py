"""Tables to figures. Never runs the model."""

from uptake.report.figures.calibration import Learnt, Predicted, learnt, pages, predicted
from uptake.report.figures.comparison import axis_effects, curves_by_point, heat_map
from uptake.report.figures.episodes import (
    Adoption,
    Alike,
    Base,
    Panel,
    adoption_curve,
    draw_adoption,
    draw_shares,
    effects,
    legend_below,
    small_multiples,
    who_joins,
)
from uptake.report.figures.observed import Seen, draw_across, legend, seen_of
from uptake.report.figures.skill import Pit, skill

__all__ = [
    "Adoption",
    "Alike",
    "Base",
    "Learnt",
    "Panel",
    "Pit",
    "Predicted",
    "Seen",
    "adoption_curve",
    "axis_effects",
    "curves_by_point",
    "draw_across",
    "draw_adoption",
    "draw_shares",
    "effects",
    "heat_map",
    "learnt",
    "legend",
    "legend_below",
    "pages",
    "predicted",
    "seen_of",
    "skill",
    "small_multiples",
    "who_joins",
]
