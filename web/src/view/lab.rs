//! The lab: the lesson, the programs with the kernel between them, what they returned, the ladder,
//! and many runs at once.
//!
//! May use: `browser`, `view`.

mod buffers;
mod flows;
mod ladder;
mod lesson;
mod programs;
mod returned;
mod series;

use framescope_page::state::State;

use self::buffers::Buffers;
use self::flows::Flows;
use self::ladder::Ladder;
use self::lesson::LessonBar;
use self::programs::Programs;
use self::returned::Returned;
use self::series::SeriesPanel;

pub(super) struct LabView {
    lesson: LessonBar,
    flows: Flows,
    programs: Programs,
    buffers: Buffers,
    returned: Returned,
    ladder: Ladder,
    series: SeriesPanel,
}

impl LabView {
    pub(super) fn new() -> Self {
        Self {
            lesson: LessonBar::new(),
            flows: Flows::new(),
            programs: Programs::new(),
            buffers: Buffers::new(),
            returned: Returned::new(),
            ladder: Ladder::new(),
            series: SeriesPanel::new(),
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        self.lesson.render(state);
        self.flows.render(state);
        self.programs.render(state);
        self.buffers.render(state);
        self.returned.render(state);
        self.ladder.render(state);
        self.series.render(state);
    }
}
