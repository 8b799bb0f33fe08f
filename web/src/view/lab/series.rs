//! The series: many runs of one experiment, and how often each outcome occurred.

use framescope_lab::{ChunkSizes, Side};
use framescope_page::screen::wording::side_name;
use framescope_page::state::State;
use framescope_record::Source;
use web_sys::{Element, HtmlButtonElement, HtmlElement};

use crate::browser::element;
use crate::view::dom::{child, set_attribute, set_text};
use crate::view::pool::{Pool, Pooled};

/// The most outcomes that have a separate bar. The others share one bar.
const BARS: usize = 12;

pub(super) struct SeriesPanel {
    run: HtmlButtonElement,
    runs: Element,
    problem: HtmlElement,
    state: Element,
    outcomes: Pool<OutcomeElements>,
}

struct OutcomeElements {
    root: HtmlElement,
    sizes: Element,
    share: HtmlElement,
    count: Element,
}

impl Pooled for OutcomeElements {
    fn new(root: HtmlElement) -> Self {
        Self {
            sizes: child(&root, ".chunk-sizes").into(),
            share: child(&root, ".share"),
            count: child(&root, ".count").into(),
            root,
        }
    }

    fn root(&self) -> &HtmlElement {
        &self.root
    }
}

impl SeriesPanel {
    pub(super) fn new() -> Self {
        Self {
            run: element("series-run"),
            runs: element("runs"),
            problem: element("runs-problem"),
            state: element("series-state"),
            outcomes: Pool::new(element("outcomes"), "outcome-template"),
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        let lab = &state.lab;
        let locale = &state.locale;
        self.problem.set_hidden(lab.runs.is_some());
        set_attribute(&self.runs, "aria-invalid", lab.runs.is_none().then_some("true"));
        let is_running = lab.series.as_ref().is_some_and(|series| series.is_running);
        self.run.set_disabled(lab.runs.is_none() || lab.editor.is_some() || is_running);
        self.outcomes.begin();
        let Some(series) = &lab.series else {
            self.outcomes.end();
            set_text(&self.state, "");
            return;
        };
        let done = series.done();
        let source = match series.source {
            Source::Measured => locale.text("lab-measured"),
            Source::Simulated => locale.text("lab-simulated"),
        };
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("done", &done), ("runs", &series.runs), ("source", &source)];
        set_text(&self.state, &locale.fill("series-state", &values));
        for (sizes, count) in series.outcomes.iter().take(BARS) {
            self.bar(&sizes_text(state, sizes), *count, done);
        }
        let others: u16 = series.outcomes.iter().skip(BARS).map(|(_, count)| count).sum();
        if others > 0 {
            self.bar(locale.text("series-others"), others, done);
        }
        self.outcomes.end();
    }

    fn bar(&mut self, text: &str, count: u16, done: u16) {
        let shown = self.outcomes.next();
        let permille = u32::from(count) * 1000 / u32::from(done.max(1));
        let percent = format!("{}.{}", permille / 10, permille % 10);
        set_text(&shown.sizes, text);
        // A number and a unit are always a valid length.
        let _ = shown.share.style().set_property("width", &format!("{percent}%"));
        set_text(&shown.count, &format!("{count} · {percent} %"));
    }
}

/// The chunk sizes as `10+5`. If several sides received bytes, each sum comes with the side's name.
fn sizes_text(state: &State, chunk_sizes: &ChunkSizes) -> String {
    let sum = |chunks: &[u32]| {
        let shown: Vec<String> = chunks.iter().take(16).map(u32::to_string).collect();
        shown.join("+") + if chunks.len() > 16 { "…" } else { "" }
    };
    let sides: Vec<(Side, String)> =
        chunk_sizes.sides().map(|(side, chunks)| (side, sum(chunks))).collect();
    match &sides[..] {
        [] => "0".to_owned(),
        [(_, sum)] => sum.clone(),
        several => {
            let named =
                several.iter().map(|(side, sum)| format!("{} {sum}", side_name(state, *side)));
            named.collect::<Vec<_>>().join(" · ")
        }
    }
}
