//! Medians, what they are compared with, and their bounds.

use std::collections::BTreeMap;

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    ReadsInPicture,
    ReadsInLists,
    LongestTask,
    ScrubPicture,
    ScrubLists,
    ScrollLists,
    ScrubLab,
    ScrubUnfoldedLab,
    FirstLoad,
    FirstLoadAtLesson,
    FirstPaint,
    FirstPaintAtLesson,
}

impl Row {
    const ALL: [Self; 12] = [
        Self::ReadsInPicture,
        Self::ReadsInLists,
        Self::LongestTask,
        Self::ScrubPicture,
        Self::ScrubLists,
        Self::ScrollLists,
        Self::ScrubLab,
        Self::ScrubUnfoldedLab,
        Self::FirstLoad,
        Self::FirstLoadAtLesson,
        Self::FirstPaint,
        Self::FirstPaintAtLesson,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::ReadsInPicture => "100,000 reads shown in the picture, ms",
            Self::ReadsInLists => "100,000 reads shown in the lists, ms",
            Self::LongestTask => "longest task of all scenes, ms",
            Self::ScrubPicture => "frame, scrub the picture of 100,000, p95 ms",
            Self::ScrubLists => "frame, scrub the lists of 100,000, p95 ms",
            Self::ScrollLists => "frame, scroll the lists of 100,000, p95 ms",
            Self::ScrubLab => "frame, scrub the lab, p95 ms",
            Self::ScrubUnfoldedLab => "frame, scrub the unfolded lab, p95 ms",
            Self::FirstLoad => "first load, bytes",
            Self::FirstLoadAtLesson => "first load at a lesson, bytes",
            Self::FirstPaint => "largest contentful paint, ms",
            Self::FirstPaintAtLesson => "largest contentful paint at a lesson, ms",
        }
    }

    /// The most that its value may be.
    const fn bound(self) -> Option<f64> {
        match self {
            Self::ReadsInPicture | Self::ReadsInLists => Some(2000.0),
            Self::LongestTask => Some(50.0),
            Self::ScrubPicture
            | Self::ScrubLists
            | Self::ScrollLists
            | Self::ScrubLab
            | Self::ScrubUnfoldedLab => Some(8.0),
            Self::FirstLoad | Self::FirstLoadAtLesson => Some(250_000.0),
            Self::FirstPaint | Self::FirstPaintAtLesson => None,
        }
    }

    /// The most that its value may be of the reference's.
    const fn ratio_bound(self) -> Option<f64> {
        match self {
            Self::ReadsInPicture | Self::ReadsInLists => Some(0.2),
            Self::LongestTask
            | Self::ScrubPicture
            | Self::ScrubLists
            | Self::ScrollLists
            | Self::ScrubLab
            | Self::ScrubUnfoldedLab
            | Self::FirstLoad
            | Self::FirstLoadAtLesson
            | Self::FirstPaint
            | Self::FirstPaintAtLesson => None,
        }
    }
}

/// Every value that was measured.
#[derive(Default)]
pub(crate) struct Report {
    values: BTreeMap<Row, Vec<f64>>,
    references: BTreeMap<Row, Vec<f64>>,
}

impl Report {
    pub(crate) fn add(&mut self, row: Row, value: f64) {
        self.values.entry(row).or_default().push(value);
    }

    /// Adds a value of what the row is compared with.
    pub(crate) fn add_reference(&mut self, row: Row, value: f64) {
        self.references.entry(row).or_default().push(value);
    }

    /// A line for each row.
    pub(crate) fn print(&self) {
        println!("{:<46} {:>9} {:>9} {:>6}  bound", "", "page", "reference", "ratio");
        for row in Row::ALL {
            let (Some(value), reference) = (self.value(row), self.reference(row)) else { continue };
            let column = |value: Option<f64>, decimals: usize| {
                value.map(|value| format!("{value:.decimals$}")).unwrap_or_default()
            };
            let (shown, reference) = (column(Some(value), 1), column(reference, 1));
            let ratio = column(self.ratio(row), 2);
            print!("{:<46} {shown:>9} {reference:>9} {ratio:>6}", row.name());
            let bounds = [
                row.bound().map(|most| most.to_string()),
                row.ratio_bound().map(|most| format!("{most} of the reference")),
            ];
            let bounds: Vec<String> = bounds.into_iter().flatten().collect();
            if !bounds.is_empty() {
                let verdict = if self.is_kept(row) { "ok" } else { "BROKEN" };
                print!("  {}: {verdict}", bounds.join(", "));
            }
            println!();
        }
    }

    pub(crate) fn keeps_bounds(&self) -> bool {
        Row::ALL.into_iter().all(|row| self.is_kept(row))
    }

    fn is_kept(&self, row: Row) -> bool {
        let is_under = |value: Option<f64>, most: Option<f64>| {
            most.is_none_or(|most| value.is_some_and(|value| value <= most))
        };
        is_under(self.value(row), row.bound()) && is_under(self.ratio(row), row.ratio_bound())
    }

    fn value(&self, row: Row) -> Option<f64> {
        median(self.values.get(&row)?)
    }

    fn reference(&self, row: Row) -> Option<f64> {
        median(self.references.get(&row)?)
    }

    fn ratio(&self, row: Row) -> Option<f64> {
        Some(self.value(row)? / self.reference(row)?)
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}
