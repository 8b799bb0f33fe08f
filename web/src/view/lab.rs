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

use framescope_page::state::Model;

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

    pub(super) fn render(&mut self, model: &Model) {
        self.lesson.render(model);
        self.flows.render(model);
        self.programs.render(model);
        self.buffers.render(model);
        self.returned.render(model);
        self.ladder.render(model);
        self.series.render(model);
    }
}
