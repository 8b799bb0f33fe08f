//! The series: many runs of one experiment, and how often each outcome occurred.

use framescope_page::screen::wording::program_name;
use framescope_page::state::{ChunkSizes, SERIES, State};
use web_sys::{Element, HtmlButtonElement, HtmlElement};

use crate::browser::element;
use crate::view::dom::{child, set_attribute, set_disabled, set_hidden, set_length, set_text};
use crate::view::pool::{Pool, Pooled};

/// The most outcomes that have a separate bar. The others share one bar.
const BARS: usize = 12;

pub(super) struct SeriesPanel {
    panel: HtmlElement,
    run: HtmlButtonElement,
    runs: Element,
    problem: HtmlElement,
    state: Element,
    list: HtmlElement,
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
            panel: element("series"),
            run: element("series-run"),
            runs: element("runs"),
            problem: element("runs-problem"),
            state: element("series-state"),
            list: element("outcomes"),
            outcomes: Pool::new(element("outcomes"), "outcome-template"),
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        let lab = &state.lab;
        let locale = &state.locale;
        set_hidden(&self.panel, !state.has_series());
        set_hidden(&self.problem, lab.runs.is_some());
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("first", SERIES.start()), ("last", SERIES.end())];
        set_text(&self.problem, &locale.fill("runs-problem", &values));
        set_attribute(&self.runs, "aria-invalid", lab.runs.is_none().then_some("true"));
        set_disabled(&self.run, lab.runs.is_none() || !state.can_run_series());
        set_hidden(&self.list, lab.series.as_ref().is_none_or(|series| series.outcomes.is_empty()));
        self.outcomes.begin();
        let Some(series) = &lab.series else {
            self.outcomes.end();
            set_text(&self.state, "");
            return;
        };
        let done = series.done();
        let values: [(&str, &dyn std::fmt::Display); 2] = [("done", &done), ("runs", &series.runs)];
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
        set_length(&shown.share, "width", &format!("{percent}%"));
        set_text(&shown.count, &format!("{count} · {percent} %"));
    }
}

/// The chunk sizes as `10+5`. If several sides received bytes, each sum comes with the side's name.
fn sizes_text(state: &State, chunk_sizes: &ChunkSizes) -> String {
    let sum = |chunks: &[u32]| {
        let shown: Vec<String> = chunks.iter().take(16).map(u32::to_string).collect();
        shown.join("+") + if chunks.len() > 16 { "…" } else { "" }
    };
    match &chunk_sizes[..] {
        [] => "0".to_owned(),
        [(_, chunks)] => sum(chunks),
        several => {
            let named = several.iter().map(|(program, chunks)| {
                format!("{} {}", program_name(state, *program), sum(chunks))
            });
            named.collect::<Vec<_>>().join(" · ")
        }
    }
}
