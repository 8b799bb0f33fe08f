//! Medians, and their ratios to the floor.

use std::collections::BTreeMap;

use crate::figure::Figure;
use crate::subject::Kind;

/// Every value that was measured.
pub(crate) struct Report {
    rows: Vec<(&'static str, Figure)>,
    values: BTreeMap<(&'static str, Figure, Kind), Vec<f64>>,
    /// In how many rounds a subject reached the time limit.
    timeouts: BTreeMap<(&'static str, Kind), usize>,
}

impl Report {
    pub(crate) const fn new() -> Self {
        Self { rows: Vec::new(), values: BTreeMap::new(), timeouts: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, row: &'static str, figure: Figure, kind: Kind, value: f64) {
        if !self.rows.contains(&(row, figure)) {
            self.rows.push((row, figure));
        }
        self.values.entry((row, figure, kind)).or_default().push(value);
    }

    pub(crate) fn timed_out(&mut self, row: &'static str, kind: Kind) {
        *self.timeouts.entry((row, kind)).or_default() += 1;
    }

    /// A line for each row and figure. After every figure, its ratio to the floor's.
    pub(crate) fn print(&self) {
        for (row, figure) in &self.rows {
            print!("{row:<24} {:<12}", figure.unit());
            let floor = self.median(row, *figure, Kind::Floor);
            let of_row = self.values.keys().filter(|(name, what, _)| name == row && what == figure);
            for (_, _, kind) in of_row {
                let Some(value) = self.median(row, *figure, *kind) else { continue };
                let name = kind.name();
                match floor.filter(|floor| *kind != Kind::Floor && *floor > 0.0) {
                    Some(floor) => print!("  {name} {value:>9.2} ({:>5.2})", value / floor),
                    None => print!("  {name} {value:>9.2}"),
                }
            }
            println!();
        }
        for ((row, kind), rounds) in &self.timeouts {
            println!(
                "{row:<24} {} reached the time limit in {rounds} rounds, which are not counted",
                kind.name()
            );
        }
    }

    fn median(&self, row: &'static str, figure: Figure, kind: Kind) -> Option<f64> {
        let mut values = self.values.get(&(row, figure, kind))?.clone();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }
}
