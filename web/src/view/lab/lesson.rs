//! The current lesson: its question, its choices, and the answer.

use framescope_lab::{MAX_EVENTS, MAX_RUN_US, RunEnd, Until, variants};
use framescope_page::screen::answer::{Verdict, explanation, verdict, verdict_text};
use framescope_page::state::{OWN, State, WATCHED};
use framescope_page::text::Language;
use framescope_page::text::bytes::milliseconds;
use framescope_record::Source;
use web_sys::{Element, HtmlButtonElement, HtmlElement, HtmlOptionElement, HtmlSelectElement};

use crate::browser::element;
use crate::view::controls::{add_option, set_inert, set_pressed};
use crate::view::dom::{choose, set_attribute, set_disabled, set_hidden, set_text};
use crate::view::pool::Pool;

pub(super) struct LessonBar {
    language: Option<Language>,
    lesson: HtmlSelectElement,
    watched: HtmlOptionElement,
    run: Element,
    reset: Element,
    measured: HtmlButtonElement,
    simulated: Element,
    lines: Element,
    edit: Element,
    link: HtmlButtonElement,
    export: HtmlButtonElement,
    capture: HtmlElement,
    question: HtmlElement,
    choices: Pool<HtmlElement>,
    without_pauses: HtmlElement,
    answer: HtmlElement,
}

impl LessonBar {
    pub(super) fn new() -> Self {
        let lesson: HtmlSelectElement = element("lesson");
        for variant in variants() {
            add_option(&lesson, variant.name);
        }
        add_option(&lesson, OWN);
        let watched = add_option(&lesson, WATCHED);
        Self {
            language: None,
            lesson,
            watched,
            run: element("lab-run"),
            reset: element("lab-reset"),
            measured: element("lab-measured"),
            simulated: element("lab-simulated"),
            lines: element("lab-lines"),
            edit: element("lab-edit"),
            link: element("lab-link"),
            export: element("lab-export"),
            capture: element("lab-capture"),
            question: element("question"),
            choices: Pool::new(element("choices"), "choice-template"),
            without_pauses: element("without-pauses"),
            answer: element("answer"),
        }
    }

    pub(super) fn render(&mut self, state: &State) {
        let lab = &state.lab;
        self.render_titles(state);
        choose(&self.lesson, lab.name());
        set_hidden(&self.watched, !state.can_watch());
        let is_over = lab.is_over();
        set_inert(&self.run, is_over);
        let locale = &state.locale;
        let run = if lab.plays { locale.text("lab-pause") } else { locale.text("lab-run") };
        set_text(&self.run, run);
        set_inert(&self.reset, lab.trace.events.is_empty());
        set_disabled(&self.link, state.linked_moment().is_none());
        set_disabled(&self.export, lab.trace.events.is_empty());
        set_hidden(&self.capture, lab.timeline.segments().is_empty());
        set_disabled(&self.measured, !state.has_lab());
        set_pressed(&self.measured, lab.source == Source::Measured);
        set_disabled(&self.simulated, state.is_watching());
        set_pressed(&self.simulated, lab.source == Source::Simulated);
        set_pressed(&self.lines, lab.until == Until::Line);
        set_pressed(&self.edit, lab.editor.is_some());
        set_disabled(&self.edit, state.is_watching());
        self.render_prediction(state);
    }

    /// Looks up the titles of all lessons when the language has changed.
    fn render_titles(&mut self, state: &State) {
        let language = state.locale.language;
        if self.language != Some(language) {
            self.language = Some(language);
            let options = self.lesson.options();
            for (index, variant) in variants().enumerate() {
                let option = u32::try_from(index).ok().and_then(|index| options.item(index));
                if let Some(option) = option {
                    let key = format!("title-{}", variant.name);
                    let title = state.locale.text(&key);
                    set_text(&option, &format!("{} · {title}", variant.name));
                }
            }
            if let Some(own) = options.item(options.length() - 2) {
                set_text(&own, state.locale.text("lesson-own"));
            }
            set_text(&self.watched, state.locale.text("watched-programs"));
        }
    }

    fn render_prediction(&mut self, state: &State) {
        let (lab, locale) = (&state.lab, &state.locale);
        set_hidden(&self.without_pauses, !lab.should_run_without_pauses());
        let variant = lab.variant.filter(|_| lab.is_own);
        let lesson = variant.zip(lab.texts(locale.language));
        let question = match lesson {
            Some((_, texts)) => texts.question(),
            None if lab.experiment.watched => locale.text("watched-programs"),
            None if variant.is_none() => locale.text("own-programs"),
            None if lab.asked.is_some_and(|asked| asked.has_failed) => {
                locale.text("lesson-missing")
            }
            None => "",
        };
        set_text(&self.question, question);
        let is_decided = lab.is_decided();
        let outcome = if is_decided && !lab.is_cut_off() { lab.outcome() } else { None };
        self.choices.begin();
        let choices = lesson.into_iter().flat_map(|(_, texts)| texts.choices());
        for (index, choice) in choices.enumerate() {
            let shown = self.choices.next();
            set_text(shown, choice);
            set_attribute(shown, "data-choice", Some(&index.to_string()));
            set_pressed(shown, lab.prediction == Some(index));
            let verdict = outcome
                .zip(variant)
                .and_then(|(outcome, variant)| verdict(variant, outcome, lab.prediction, index));
            let verdict = verdict.map(|verdict| match verdict {
                Verdict::Right => "right",
                Verdict::Wrong => "wrong",
            });
            set_attribute(shown, "data-verdict", verdict);
        }
        self.choices.end();
        let mut sentences = Vec::new();
        if let Some((variant, texts)) = lesson {
            let said = |outcome| verdict_text(locale, variant, texts, outcome, lab.prediction);
            sentences.extend(outcome.and_then(said));
            if is_decided {
                sentences.push(explanation(state, variant, texts, outcome));
            }
        }
        if lesson.is_some()
            && is_decided
            && let Some(time) = lab.round_trip()
        {
            sentences.push(locale.fill("round-trip", &[("time", &milliseconds(time))]));
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
        let is_series = lab.series.as_ref().is_some_and(|series| series.is_running);
        set_hidden(&self.answer, sentences.is_empty() || is_series || lab.trace.events.is_empty());
        set_text(&self.answer, &sentences.join(" "));
    }
}
