//! What a run says about the question of its lesson.

use framescope_lab::{Network, Variant};

use super::network::recorded_variant;
use crate::state::{LessonTexts, State};
use crate::text::Locale;

/// How a choice came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The run confirms it.
    Right,
    /// The run contradicts it.
    Wrong,
}

/// How the choice with this index came out in a run with this outcome. Only the user's own choice is called wrong.
#[must_use]
pub fn verdict(
    variant: &Variant,
    outcome: usize,
    prediction: Option<usize>,
    choice: usize,
) -> Option<Verdict> {
    let is_predicted = prediction == Some(choice);
    let is_right = if variant.varies {
        choice == variant.expected || (is_predicted && choice == outcome)
    } else {
        choice == outcome
    };
    if is_right {
        Some(Verdict::Right)
    } else {
        (is_predicted && choice != variant.expected).then_some(Verdict::Wrong)
    }
}

/// Whether the user's answer was right. `None` if there is no answer.
#[must_use]
pub fn verdict_text(
    locale: &Locale,
    variant: &Variant,
    texts: &LessonTexts,
    outcome: usize,
    prediction: Option<usize>,
) -> Option<String> {
    let prediction = prediction?;
    let is_expected = prediction == variant.expected;
    Some(if is_expected && (variant.varies || prediction == outcome) {
        locale.text("prediction-right").to_owned()
    } else if prediction == outcome {
        locale.text("prediction-this-time").to_owned()
    } else if is_expected {
        locale.text("prediction-own").to_owned()
    } else {
        locale.fill("prediction-wrong", &[("answer", &texts.choice(prediction))])
    })
}

/// The explanation of the lesson, if it is that of this outcome. Otherwise what the user can do to see the lesson's own.
#[must_use]
pub fn explanation(
    state: &State,
    variant: &Variant,
    texts: &LessonTexts,
    outcome: Option<usize>,
) -> String {
    let locale = &state.locale;
    let button = locale.text("recorded");
    let only_recorded = !has_own_wire(state) && recorded_variant(state).is_some();
    match outcome {
        Some(outcome) if variant.explains(outcome) => texts.explanation().to_owned(),
        Some(outcome) if only_recorded => {
            let outcome = texts.choice(outcome);
            locale.fill("outcome-other-recorded", &[("outcome", &outcome), ("button", &button)])
        }
        Some(outcome) => locale.fill("outcome-other", &[("outcome", &texts.choice(outcome))]),
        None if state.lab.was_stepped_in_vain() => locale.text("outcome-stepped").to_owned(),
        None if only_recorded => locale.fill("outcome-open-recorded", &[("button", &button)]),
        None => locale.text("outcome-open").to_owned(),
    }
}

/// Whether the next run has the wire of the lesson, as far as the last one tells.
fn has_own_wire(state: &State) -> bool {
    let has_wire = !matches!(state.lab.trace.network, Network::Loopback(_));
    has_wire && state.link.lessons.wire.is_none()
}

#[cfg(test)]
mod tests {
    use framescope_lab::NoWire;
    use framescope_record::Source;

    use super::*;
    use crate::state::{Link, Preferences, Theme};
    use crate::text::{Language, Locale, Notation, Texts};

    const PREFERENCES: Preferences = Preferences {
        theme: Theme::Light,
        projector: false,
        notation: Notation::Python,
        shortcuts: true,
    };

    /// What is said of a run of lesson 1b.
    fn said(link: &str, source: Source, network: Network, outcome: Option<usize>) -> String {
        let json = include_str!("../../../www/locales/en.json");
        let texts: std::collections::BTreeMap<String, String> = serde_json::from_str(json).unwrap();
        let locale = Locale::new(Language::English, texts.into_iter().collect());
        let mut state = State::new(locale, PREFERENCES, Link::parse(link));
        state.lab.variant = framescope_lab::find_variant("1b");
        state.lab.source = source;
        state.lab.trace.source = source;
        state.lab.trace.network = network;
        let variant = state.lab.variant.expect("it is there");
        let texts: Texts = [("explanation", "It tries again."), ("choice-1", "It raises")]
            .map(|(key, text)| (key.to_owned(), text.to_owned()))
            .into_iter()
            .collect();
        let texts = LessonTexts { variant: variant.name, language: Language::English, texts };
        explanation(&state, variant, &texts, outcome)
    }

    #[test]
    fn a_choice_that_came_out_is_never_called_wrong() {
        use Verdict::{Right, Wrong};
        let lesson = |name| framescope_lab::find_variant(name).expect("it is there");
        let of = |name, outcome, prediction| -> Vec<_> {
            (0..4).map(|choice| verdict(lesson(name), outcome, Some(prediction), choice)).collect()
        };
        // Lesson 4a is about one chunk; who steps it in another order has other outcomes.
        assert_eq!(of("4a", 0, 0), [Some(Right), None, None, None]);
        assert_eq!(of("4a", 0, 2), [Some(Right), None, Some(Wrong), None]);
        assert_eq!(of("4a", 2, 2), [None, None, Some(Right), None]);
        assert_eq!(of("4a", 2, 0), [None, None, Some(Right), None], "it is the lesson's own");
        assert_eq!(of("4a", 2, 1), [None, Some(Wrong), Some(Right), None]);
        // Lesson 4c varies, and its last choice says so.
        assert_eq!(of("4c", 2, 2), [None, None, Some(Right), Some(Right)]);
        assert_eq!(of("4c", 2, 3), [None, None, None, Some(Right)]);
        assert_eq!(of("4c", 2, 0), [Some(Wrong), None, None, Some(Right)]);
    }

    #[test]
    fn the_sentence_about_an_answer_says_whether_it_is_that_of_the_lesson_or_of_the_run() {
        let json = include_str!("../../../www/locales/en.json");
        let texts: std::collections::BTreeMap<String, String> = serde_json::from_str(json).unwrap();
        let locale = Locale::new(Language::English, texts.into_iter().collect());
        let texts: Texts = [("choice-2".to_owned(), "2".to_owned())].into_iter().collect();
        let said = |name, outcome, prediction| {
            let variant = framescope_lab::find_variant(name).expect("it is there");
            let language = Language::English;
            let texts = LessonTexts { variant: variant.name, language, texts: texts.clone() };
            verdict_text(&locale, variant, &texts, outcome, prediction)
        };
        let right = Some("✓ Your answer was right.".to_owned());
        let this_time =
            Some("✓ This time, yes. But another run may give another result.".to_owned());
        let own = Some("✓ In the lesson's own order, yes.".to_owned());
        assert_eq!(said("4a", 0, None), None);
        assert_eq!(said("4a", 0, Some(0)), right);
        assert_eq!(said("4a", 2, Some(2)), this_time);
        assert_eq!(said("4a", 2, Some(0)), own);
        assert!(said("4a", 0, Some(1)).is_some_and(|said| said.starts_with('✕')));
        assert_eq!(said("4c", 0, Some(3)), right);
        assert_eq!(said("4c", 0, Some(0)), this_time);
    }

    #[test]
    fn a_run_without_a_wire_points_at_the_recorded_one() {
        let loopback = || Network::Loopback(NoWire::off());
        let open = "This run does not answer the question.";
        let without_wire = said("lesson=1b", Source::Measured, loopback(), None);
        assert_eq!(without_wire, format!("{open} “Recorded on Linux” shows one that does."));
        let other = said("lesson=1b", Source::Measured, loopback(), Some(0));
        assert_eq!(
            other,
            "This run gave another outcome: It raises. “Recorded on Linux” shows the lesson's own."
        );
        let changed = said("lesson=1b&wire=drop", Source::Simulated, Network::Wire, None);
        assert_eq!(changed, without_wire, "the next run has the same wire");
        for source in [Source::Measured, Source::Simulated] {
            let with_wire = said("lesson=1b", source, Network::Wire, None);
            assert_eq!(with_wire, format!("{open} Reset and Run."));
        }
    }
}
