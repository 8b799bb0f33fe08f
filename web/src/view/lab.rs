//! The view of the lab.
//!
//! What comes in: the page's state. What goes out: the elements of the lesson, the programs, the kernel
//! between them, the ladder, and the series.
//!
//! May use: `view`.

mod buffers;
mod flows;
mod ladder;
mod lesson;
mod lines;
mod picture;
mod programs;
mod series;
mod wire;

use framescope_page::screen::pace::{Part, Parts};
use framescope_page::state::State;

use self::buffers::Buffers;
use self::flows::Flows;
use self::ladder::Ladder;
use self::lesson::LessonBar;
use self::picture::PictureView;
use self::programs::Programs;
use self::series::SeriesPanel;
use self::wire::WireControls;

pub(super) struct LabView {
    lesson: LessonBar,
    flows: Flows,
    programs: Programs,
    picture: PictureView,
    buffers: Buffers,
    wire: WireControls,
    ladder: Ladder,
    series: SeriesPanel,
}

impl LabView {
    pub(super) fn new() -> Self {
        Self {
            lesson: LessonBar::new(),
            flows: Flows::new(),
            programs: Programs::new(),
            picture: PictureView::new(),
            buffers: Buffers::new(),
            wire: WireControls::new(),
            ladder: Ladder::new(),
            series: SeriesPanel::new(),
        }
    }

    pub(super) fn render_picture(&mut self, state: &State) {
        self.picture.render(state);
    }

    pub(super) fn render_flows(&mut self, state: &State) {
        self.flows.render(state);
    }

    /// Renders the lesson and the programs.
    pub(super) fn render_programs(&mut self, state: &State) {
        self.lesson.render(state);
        self.programs.render(state);
        self.wire.render(state);
    }

    /// Renders all that is below the picture and the bytes.
    pub(super) fn render_lists(&mut self, state: &State) {
        self.buffers.render(state);
        self.ladder.render(state);
        self.series.render(state);
    }

    /// Scrolls what the state scrolls. Call it when everything has been rendered.
    pub(super) fn settle(&mut self, parts: Parts) {
        if parts.has(Part::Picture) {
            self.picture.settle();
        }
        if parts.has(Part::Programs) {
            self.programs.settle();
        }
        if parts.has(Part::Lists) {
            self.ladder.settle();
        }
    }
}
