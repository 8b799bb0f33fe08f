//! The teacher's steps: when each was sent, and how long it took to every follower.

use std::cell::RefCell;
use std::time::Instant;

use tokio::sync::Notify;

/// When steps were sent, and their delays.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    sent: RefCell<Vec<Instant>>,
    /// In milliseconds.
    delays: RefCell<Vec<f64>>,
    added: Notify,
}

impl Steps {
    /// The next step is sent now. They are numbered from 0.
    pub(crate) fn begin(&self, number: usize) {
        let mut sent = self.sent.borrow_mut();
        assert_eq!(sent.len(), number, "steps come in order");
        sent.push(Instant::now());
    }

    /// A follower has this report.
    pub(crate) fn arrived(&self, report: &[u8]) {
        let number = report.first_chunk().map(|number| u64::from_le_bytes(*number));
        let index = number.and_then(|number| usize::try_from(number).ok());
        let sent = self.sent.borrow();
        if let Some(sent) = index.and_then(|index| sent.get(index)) {
            self.add(sent.elapsed().as_secs_f64() * 1000.0);
        }
    }

    pub(crate) fn add(&self, ms: f64) {
        self.delays.borrow_mut().push(ms);
        self.added.notify_one();
    }

    /// Waits until this many delays were added.
    pub(crate) async fn until(&self, count: usize) {
        while self.count() < count {
            self.added.notified().await;
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.delays.borrow().len()
    }

    /// The delay that this share of all is not longer than, in milliseconds. The share is in thousandths.
    pub(crate) fn quantile(&self, share: usize) -> f64 {
        let mut delays = self.delays.borrow().clone();
        delays.sort_by(f64::total_cmp);
        let last = delays.len().saturating_sub(1);
        delays.get(last * share / 1000).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn figures(&self) -> String {
        let [p50, p95, p99, max] = [500, 950, 990, 1000].map(|share| self.quantile(share));
        format!("p50_ms={p50:.1} p95_ms={p95:.1} p99_ms={p99:.1} max_ms={max:.1}")
    }
}

/// A report of this length. Its first eight bytes are the step's number.
pub(crate) fn report(number: usize, length: usize) -> Vec<u8> {
    let number = u64::try_from(number).expect("there are few steps");
    let mut report = vec![b'e'; length];
    report[..8].copy_from_slice(&number.to_le_bytes());
    report
}
