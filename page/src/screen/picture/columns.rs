//! Where the columns of a picture are.

use crate::screen::drawing::{Anchor, Span};

/// The columns of one side: a program and its kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side {
    /// Where the labels of calls stand.
    pub calls: Span,
    /// The lifeline of the program.
    pub program: f32,
    /// The kernel, between the program and the wire.
    pub kernel: Span,
    /// The lifeline of the kernel: the end of its column at the wire.
    pub edge: f32,
    /// 1 if the wire is on its right, and -1 if it is on its left.
    pub toward_wire: f32,
}

impl Side {
    /// Where the label of a call begins or ends: next to its mark.
    pub(super) const fn label(&self) -> (f32, Anchor) {
        if self.toward_wire > 0.0 {
            (self.calls.to, Anchor::End)
        } else {
            (self.calls.from, Anchor::Start)
        }
    }
}

/// The columns of a picture, from left to right: time, the client's calls, the client's kernel, the wire, the server's
/// kernel, the server's calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Columns {
    /// The times. Of no width in a narrow picture.
    pub time: Span,
    /// The clients.
    pub left: Side,
    /// The wire between the kernels.
    pub wire: Span,
    /// The servers.
    pub right: Side,
    /// Whether a program and its kernel share one lifeline, because there is no space for two.
    pub is_narrow: bool,
}

/// The width of the mark of a call.
pub(super) const MARK: f32 = 12.0;
/// The smallest width with a lifeline for each program and each kernel.
const WIDE: f32 = 660.0;
/// The smallest width. A narrower picture is cut.
const MIN_WIDTH: f32 = 320.0;

impl Columns {
    /// The columns of a picture of this width.
    #[must_use]
    pub fn new(width: f32) -> Self {
        let width = width.max(MIN_WIDTH);
        let is_narrow = width < WIDE;
        let (time, calls, bar, kernel) = if is_narrow {
            (0.0, 84.0, 4.0, 24.0)
        } else {
            // What is left over goes to the wire, which needs 220.
            (68.0, 116.0, 14.0, ((width - 548.0) / 2.0).clamp(80.0, 124.0))
        };
        let time = Span::new(0.0, time);
        let left_calls = Span::new(time.to, time.to + calls);
        let left_kernel = Span::new(left_calls.to + bar, left_calls.to + bar + kernel);
        let right_calls = Span::new(width - calls, width);
        let right_kernel = Span::new(right_calls.from - bar - kernel, right_calls.from - bar);
        let program = |kernel: Span, toward_wire: f32| {
            if is_narrow {
                if toward_wire > 0.0 { kernel.to } else { kernel.from }
            } else if toward_wire > 0.0 {
                kernel.from - MARK / 2.0
            } else {
                kernel.to + MARK / 2.0
            }
        };
        Self {
            time,
            left: Side {
                calls: left_calls,
                program: program(left_kernel, 1.0),
                kernel: left_kernel,
                edge: left_kernel.to,
                toward_wire: 1.0,
            },
            wire: Span::new(left_kernel.to, right_kernel.from),
            right: Side {
                calls: right_calls,
                program: program(right_kernel, -1.0),
                kernel: right_kernel,
                edge: right_kernel.from,
                toward_wire: -1.0,
            },
            is_narrow,
        }
    }

    /// The columns of the clients, or of the servers.
    #[must_use]
    pub const fn side(&self, is_server: bool) -> &Side {
        if is_server { &self.right } else { &self.left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_next_to_each_other_and_fill_the_width() {
        for width in [320.0, 390.0, 659.0, 660.0, 800.0, 1400.0] {
            let columns = Columns::new(width);
            let spans = [
                columns.time,
                columns.left.calls,
                columns.left.kernel,
                columns.wire,
                columns.right.kernel,
                columns.right.calls,
            ];
            assert!(spans.iter().all(|span| span.width() >= 0.0), "{width}: {columns:?}");
            assert!(spans.windows(2).all(|two| two[0].to <= two[1].from), "{width}: {columns:?}");
            assert!(columns.wire.width() >= 90.0, "{width}: {columns:?}");
            assert!((columns.right.calls.to - width).abs() < 0.1);
        }
    }
}
