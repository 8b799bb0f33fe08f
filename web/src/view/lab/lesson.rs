//! The current lesson: its question, its choices, and the answer.

use framescope_lab::{MAX_EVENTS, MAX_RUN_US, RunEnd, Texts, variants};
use framescope_page::state::{Series, State};
use framescope_page::text::Language;
use framescope_page::text::bytes::milliseconds;
use framescope_record::Source;
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlSelectElement};

use crate::browser::element;
use crate::view::controls::{add_option, set_inert, set_pressed};
use crate::view::dom::{set_attribute, set_text};
use crate::view::pool::Pool;

pub(super) struct LessonBar {
    language: Option<Language>,
    shown: Option<(&'static str, Language)>,
    texts: Option<Texts>,
    lesson: HtmlSelectElement,
    step: Element,
    run: Element,
    reset: Element,
    measured: HtmlButtonElement,
    simulated: Element,
    edit: Element,
    export: HtmlButtonElement,
    question: HtmlElement,
    choices: Pool<HtmlElement>,
    answer: HtmlElement,
}

impl LessonBar {
    pub(super) fn new() -> Self {
        let lesson: HtmlSelectElement = element("lesson");
        for variant in variants() {
            add_option(&lesson, variant.name);
        }
        Self {
            language: None,
            shown: None,
            texts: None,
            lesson,
            step: element("lab-step"),
            run: element("lab-run"),
            reset: element("lab-reset"),
            measured: element("lab-measured"),
            simulated: element("lab-simulated"),
            edit: element("lab-edit"),
            export: element("lab-export"),
            question: element("question"),
            choices: Pool::new(element("choices"), "choice-template"),
            answer: element("answer"),
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        let lab = &state.lab;
        self.render_titles(state);
        if self.lesson.value() != lab.variant.name {
            self.lesson.set_value(lab.variant.name);
        }
        let can_step = lab.editor.is_none() && !lab.is_over();
        let waits = lab.source == Source::Simulated && lab.is_at_rest();
        set_inert(&self.step, !can_step || (lab.next_side().is_none() && !waits));
        set_inert(&self.run, !can_step);
        set_inert(&self.reset, lab.trace.events.is_empty());
        self.export.set_disabled(lab.trace.events.is_empty());
        self.measured.set_disabled(!state.has_lab());
        set_pressed(&self.measured, lab.source == Source::Measured);
        set_pressed(&self.simulated, lab.source == Source::Simulated);
        set_pressed(&self.edit, lab.editor.is_some());
        self.render_prediction(state);
    }

    /// Looks up the titles of all lessons when the language has changed, and the texts of the current
    /// lesson when the lesson or the language has changed.
    fn render_titles(&mut self, state: &State) {
        let language = state.locale.language;
        if self.language != Some(language) {
            self.language = Some(language);
            let options = self.lesson.options();
            for (index, variant) in variants().enumerate() {
                let option = u32::try_from(index).ok().and_then(|index| options.item(index));
                if let Some(option) = option {
                    let title = Texts::of(variant, language.tag()).title;
                    set_text(&option, &format!("{} · {title}", variant.name));
                }
            }
        }
        let shown = (state.lab.variant.name, language);
        if self.shown != Some(shown) {
            self.shown = Some(shown);
            self.texts = Some(Texts::of(state.lab.variant, language.tag()));
        }
    }

    fn render_prediction(&mut self, state: &State) {
        let Some(texts) = &self.texts else { return };
        let lab = &state.lab;
        let locale = &state.locale;
        let question = if lab.is_own { texts.question } else { locale.text("own-programs") };
        set_text(&self.question, question);
        let is_decided = lab.trace.end.is_some() || (lab.is_at_rest() && !lab.is_cut_off());
        let outcome = lab.outcome().filter(|_| is_decided);
        self.choices.begin();
        for (index, choice) in texts.choices.iter().enumerate().filter(|_| lab.is_own) {
            let shown = self.choices.next();
            set_text(shown, choice);
            set_attribute(shown, "data-choice", Some(&index.to_string()));
            set_pressed(shown, lab.prediction == Some(index));
            let right = outcome == Some(index);
            let wrong = outcome.is_some() && !right && lab.prediction == Some(index);
            let verdict = if right { Some("right") } else { wrong.then_some("wrong") };
            set_attribute(shown, "data-verdict", verdict);
        }
        self.choices.end();
        let mut sentences = Vec::new();
        if let Some(outcome) = outcome {
            sentences.extend(lab.prediction.map(|prediction| {
                let choice = texts.choices.get(prediction).copied().unwrap_or_default();
                if prediction == outcome {
                    locale.text("prediction-right").to_owned()
                } else {
                    locale.fill("prediction-wrong", &[("answer", &choice)])
                }
            }));
        }
        match lab.trace.end {
            Some(RunEnd::RecordFull) => {
                sentences.push(locale.fill("end-full", &[("limit", &MAX_EVENTS)]));
            }
            Some(RunEnd::TimeOver) => {
                sentences.push(locale.fill("end-time", &[("limit", &(MAX_RUN_US / 60_000_000))]));
            }
            Some(RunEnd::Finished) | None => {}
        }
        let round_trip = if lab.is_own { lab.variant.round_trip(&lab.trace) } else { None };
        if let Some(time) = round_trip.filter(|_| is_decided) {
            sentences.push(locale.fill("round-trip", &[("time", &milliseconds(time))]));
        }
        if is_decided && lab.is_own {
            sentences.push(match outcome {
                Some(outcome) if outcome == lab.variant.expected => texts.explanation.to_owned(),
                Some(outcome) => {
                    let choice = texts.choices.get(outcome).copied().unwrap_or_default();
                    locale.fill("outcome-other", &[("outcome", &choice)])
                }
                None => locale.text("outcome-open").to_owned(),
            });
        }
        let is_series = lab.series.as_ref().is_some_and(|series: &Series| series.is_running);
        self.answer.set_hidden(sentences.is_empty() || is_series || lab.trace.events.is_empty());
        set_text(&self.answer, &sentences.join(" "));
    }
}
