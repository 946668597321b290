"""Widgets of the notebooks: a verifier, a judge's threshold, the precision dial, the ladder.

A widget lives as long as its kernel. So each is a table or a figure, too: that is what a page
shows, and what is committed.
"""

from hppt_lib.course.widgets.dial import precision_dial
from hppt_lib.course.widgets.ladder import judge_ladder
from hppt_lib.course.widgets.live import Live
from hppt_lib.course.widgets.threshold import judge_threshold
from hppt_lib.course.widgets.verifier import verifier_playground

__all__ = ["Live", "judge_ladder", "judge_threshold", "precision_dial", "verifier_playground"]
