//! The time in its column, and where it is broken.

use super::folding::Shown;
use super::measures::LINE;
use super::resent::{self, Cause};
use super::scene::{self, What};
use super::sketch::Sketch;
use crate::screen::drawing::{Anchor, Figure, Point, Style, TEXT};
use crate::text::bytes::duration;
use crate::text::fit::text_width;

/// Draws the times of steps, and the tears between them.
pub(super) fn draw(sketch: &mut Sketch<'_>, shown: &Shown<'_>) {
    let columns = sketch.columns;
    for (index, y) in &shown.rows.tears {
        for x in
            [columns.left.program, columns.left.edge, columns.right.edge, columns.right.program]
        {
            let (low, high) = (Point::new(x - 5.0, y + 2.0), Point::new(x + 5.0, y - 2.0));
            sketch.draw(Figure::Line(low, high), Style::Tear);
        }
        draw_wait(sketch, shown, *index, *y);
    }
    if columns.is_narrow {
        return;
    }
    let (mut free, mut first) = (f32::MIN, 0);
    let mut last = String::new();
    for (index, step) in shown.steps.iter().enumerate() {
        let y = shown.rows.at[index];
        // What stays of the part that is folded has a time, if there is space.
        let has_clock = index == 0 || (index <= shown.kept && y >= free);
        let begins = has_clock || shown.rows.tears.iter().any(|(after, _)| *after == index);
        let x = columns.time.to;
        sketch.draw(Figure::Line(Point::new(x - 3.0, y), Point::new(x + 3.0, y)), Style::Lifeline);
        let since = format!("+{}", duration(step.at.saturating_sub(first)));
        let (text, style) = if begins {
            first = step.at;
            let clock = duration(step.at);
            // If the clock's digits do not tell it from the last one, the distance does.
            let text = if clock == last { since } else { clock.clone() };
            last = clock;
            (text, Style::Label)
        } else {
            (since, Style::Quiet)
        };
        if begins || (y >= free && step.at > first) {
            sketch.say(Point::new(x - 7.0, y), Anchor::End, &text, style);
            free = y + LINE;
        }
    }
}

/// Says why nothing happened before a step, if that is known.
fn draw_wait(sketch: &mut Sketch<'_>, shown: &Shown<'_>, index: usize, y: f32) {
    let (Some(step), Some(before)) =
        (shown.steps.get(index), shown.steps.get(index.wrapping_sub(1)))
    else {
        return;
    };
    let (state, waited) = (sketch.state, step.at - before.at);
    let time = duration(waited);
    let is_long = waited >= scene::STILL;
    let text = match step.what {
        What::Sent(_, history) if resent::cause(state, history) == Some(Cause::Timer) => {
            state.locale.fill("picture-wait-timer", &[("time", &time)])
        }
        What::Sent(_, history) if resent::cause(state, history) == Some(Cause::Gap) => {
            state.locale.fill("picture-wait-gap", &[("time", &time)])
        }
        What::Sent(_, history) if is_long && scene::is_new_ack(state, history) => {
            state.locale.fill("picture-wait-ack", &[("time", &time)])
        }
        What::Called(call)
            if is_long && state.lab.was_stepped && scene::stood_before(state, call) =>
        {
            state.locale.fill("picture-wait-step", &[("time", &time)])
        }
        What::Sent(..) => format!("⋯ {time}"),
        What::Called(_)
        | What::Returned(_)
        | What::State { .. }
        | What::Arrived(..)
        | What::Derived { .. }
        | What::Raised { .. } => return,
    };
    // The reason stands whole or not at all.
    let width = sketch.columns.wire.width() - 8.0;
    let text = if text_width(&text, TEXT) <= width { text } else { format!("⋯ {time}") };
    let at = Point::new(sketch.columns.wire.middle(), y);
    sketch.say(at, Anchor::Middle, &text, Style::Quiet);
}
