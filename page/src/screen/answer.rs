//! What a run says about the question of its lesson.

use framescope_lab::{Network, Variant};

use super::network::recorded_variant;
use crate::state::{LessonTexts, State};

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
        state.lab.source = source;
        state.lab.trace.source = source;
        state.lab.trace.network = network;
        let variant = state.lab.variant.expect("the link names a lesson");
        let texts: Texts = [("explanation", "It tries again."), ("choice-1", "It raises")]
            .map(|(key, text)| (key.to_owned(), text.to_owned()))
            .into_iter()
            .collect();
        let texts = LessonTexts { variant: variant.name, language: Language::English, texts };
        explanation(&state, variant, &texts, outcome)
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
