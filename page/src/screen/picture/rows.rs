//! The heights at which what happened is drawn. What is later is never higher.

/// A column in which labels must not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// The calls of the clients.
    LeftCalls,
    /// The states of the clients' kernel.
    LeftKernel,
    /// The segments.
    Wire,
    /// The states of the servers' kernel.
    RightKernel,
    /// The calls of the servers.
    RightCalls,
    /// Nothing is written.
    None,
}

/// The number of lanes with labels.
const LANES: usize = 5;

impl Lane {
    const fn index(self) -> Option<usize> {
        match self {
            Self::LeftCalls => Some(0),
            Self::LeftKernel => Some(1),
            Self::Wire => Some(2),
            Self::RightKernel => Some(3),
            Self::RightCalls => Some(4),
            Self::None => None,
        }
    }
}

/// What a row needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Need {
    /// The index of its event.
    pub(super) event: usize,
    /// Its time, in microseconds.
    pub(super) at: u64,
    /// Where its label is.
    pub(super) lane: Lane,
    /// The height of its label above the row.
    pub(super) above: f32,
    /// The height of its label below the row.
    pub(super) below: f32,
    /// The event of an earlier row, and how far this row is below it at least.
    pub(super) after: Option<(usize, f32)>,
}

/// The rows of a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rows {
    /// The height of each row.
    pub(super) at: Vec<f32>,
    /// The tears: the index of the row after each, and the height of its middle.
    pub(super) tears: Vec<(usize, f32)>,
    /// Where the rows and their labels end.
    pub(super) end: f32,
}

/// Rows that are further apart in time are parted by a tear, in microseconds.
pub(super) const BURST: u64 = 1000;
/// The height of a time below its row.
const TICK: f32 = 9.0;
/// The least distance of two rows.
const STEP: f32 = 2.0;

impl Rows {
    /// Places rows from `top` on, in their order. A tear is as high as `tear`.
    pub(super) fn place(needs: &[Need], top: f32, tear: f32) -> Self {
        let mut rows = Self { at: Vec::with_capacity(needs.len()), tears: Vec::new(), end: top };
        let mut free = [top; LANES];
        let mut last: Option<(f32, u64)> = None;
        for (index, need) in needs.iter().enumerate() {
            let mut y = top;
            if let Some((before, time)) = last {
                y = before + STEP;
                if need.at.saturating_sub(time) >= BURST {
                    let from = rows.end.max(before + STEP);
                    rows.tears.push((index, from + tear / 2.0));
                    y = from + tear;
                    free = [y; LANES];
                }
            }
            if let Some((after, distance)) = need.after
                && let Ok(earlier) = needs[..index].binary_search_by_key(&after, |need| need.event)
            {
                y = y.max(rows.at[earlier] + distance);
            }
            if let Some(lane) = need.lane.index() {
                y = y.max(free[lane] + need.above);
                free[lane] = y + need.below;
            }
            rows.end = rows.end.max(y + need.below.max(TICK));
            rows.at.push(y);
            last = Some((y, need.at));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: Need =
        Need { event: 0, at: 0, lane: Lane::Wire, above: 8.0, below: 10.0, after: None };

    #[test]
    fn labels_of_one_lane_do_not_overlap_and_those_of_others_may_share_a_height() {
        let needs = [LABEL, Need { lane: Lane::LeftCalls, ..LABEL }, LABEL];
        let rows = Rows::place(&needs, 0.0, 26.0);
        assert_eq!(rows.at, [8.0, 10.0, 26.0]);
        assert_eq!((rows.end, rows.tears.len()), (36.0, 0));
    }

    #[test]
    fn a_gap_in_time_is_a_tear_that_no_label_crosses() {
        let later = Need { event: 1, at: BURST, ..LABEL };
        let arrived =
            Need { event: 2, lane: Lane::None, below: 0.0, after: Some((1, 15.0)), ..later };
        let rows = Rows::place(&[LABEL, later, arrived], 0.0, 26.0);
        assert_eq!(rows.tears, [(1, 31.0)]);
        assert_eq!(rows.at, [8.0, 52.0, 67.0]);
    }
}
