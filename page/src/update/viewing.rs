//! Moving through what was recorded: the cursor, the choice, the lanes and the lists.

use framescope_record::{Direction, Item, ItemKind};

use crate::effect::Effect;
use crate::msg::{Move, Unit};
use crate::screen::lists;
use crate::state::{CELL_WIDTHS, List, ListView, Model, Room, Viewport};

/// Shows the newest event of the connection that may be open and stays with it.
pub(super) fn show_current(model: &mut Model) -> Vec<Effect> {
    let current = model.current().map_or(0, |current| current.number);
    if model.shown != current {
        model.shown = current;
        model.file_problem = None;
        forget_choice(model);
    }
    show_newest_moment(model)
}

/// Shows another connection.
pub(super) fn show(model: &mut Model, number: u32) -> Vec<Effect> {
    let is_kept = model.connections.iter().any(|connection| connection.number == number);
    if number == model.shown || !is_kept {
        return Vec::new();
    }
    model.shown = number;
    model.file_problem = None;
    forget_choice(model);
    show_newest_moment(model)
}

/// Shows the other part of the page, at its newest moment.
pub(super) fn choose_room(model: &mut Model, room: Room) -> Vec<Effect> {
    if room == model.room {
        return Vec::new();
    }
    model.room = room;
    model.file_problem = None;
    forget_choice(model);
    let mut effects = show_newest_moment(model);
    effects.push(Effect::SetFragment(model.fragment()));
    effects
}

/// Shows the newest event and stays with it.
pub(super) fn show_newest_moment(model: &mut Model) -> Vec<Effect> {
    model.follow = true;
    to_newest(model)
}

fn to_newest(model: &mut Model) -> Vec<Effect> {
    model.cursor = None;
    show_end(model);
    stop_playing(model)
}

pub(super) fn forget_choice(model: &mut Model) {
    model.pointed = None;
    model.selected = None;
}

/// Messages have other numbers now; what was chosen by its number is chosen no more.
pub(super) fn forget_messages(model: &mut Model) {
    let is_message = |item: &Item| matches!(item.kind, ItemKind::Message(_));
    model.pointed = model.pointed.filter(|item| !is_message(item));
    model.selected = model.selected.filter(|item| !is_message(item));
    keep_in_view(model);
}

/// After a change: the end stays on screen where it is followed, and nothing runs off the axis.
pub(super) fn keep_in_view(model: &mut Model) {
    if model.follow && model.cursor.is_none() {
        show_end(model);
    }
    for direction in [Direction::Received, Direction::Sent] {
        set_first(model, direction, model.viewport(direction).first);
    }
}

/// Moves lanes and lists to the end of the moment on screen.
pub(super) fn show_end(model: &mut Model) {
    for direction in [Direction::Received, Direction::Sent] {
        set_first(model, direction, model.axis_end(direction));
    }
    for list in [List::Chunks, List::Messages, List::Returned, List::Ladder] {
        let rows = lists::rows(model, list);
        let view = list_view(model, list);
        view.first = rows.saturating_sub(view.rows);
    }
}

fn set_first(model: &mut Model, direction: Direction, first: u64) {
    let Some(record) = model.record() else { return };
    let end = model.axis_end(direction);
    let viewport = Viewport { first, ..model.viewport(direction) };
    let first = viewport.within(record.stream(direction).start(), end).first;
    match direction {
        Direction::Received => model.received_first = first,
        Direction::Sent => model.sent_first = first,
    }
}

pub(super) fn resized(model: &mut Model, width: u32) -> Vec<Effect> {
    model.lanes_width = width;
    keep_in_view(model);
    Vec::new()
}

pub(super) fn pan(model: &mut Model, direction: Direction, by: i64) -> Vec<Effect> {
    model.follow = false;
    let first = model.viewport(direction).first.saturating_add_signed(by);
    set_first(model, direction, first);
    Vec::new()
}

pub(super) fn pan_to(model: &mut Model, direction: Direction, share: f64) -> Vec<Effect> {
    let Some(record) = model.record() else { return Vec::new() };
    let start = record.stream(direction).start();
    let length = model.axis_end(direction).saturating_sub(start);
    // Streams that fit a page are far below 2^53 bytes, and the share is from 0 to 1.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "as said above"
    )]
    let at = start + (length as f64 * share.clamp(0.0, 1.0)) as u64;
    model.follow = false;
    set_first(model, direction, at.saturating_sub(model.viewport(direction).columns / 2));
    Vec::new()
}

pub(super) fn zoom(model: &mut Model, by: i32) -> Vec<Effect> {
    let last = CELL_WIDTHS.len() - 1;
    model.zoom = model.zoom.saturating_add_signed(by.signum() as isize).min(last);
    keep_in_view(model);
    Vec::new()
}

pub(super) fn list_scrolled(model: &mut Model, list: List, view: ListView) -> Vec<Effect> {
    let resized = list_view(model, list).rows != view.rows;
    let at_end = view.first + view.rows >= lists::rows(model, list);
    *list_view(model, list) = view;
    if resized {
        keep_in_view(model);
    } else if !at_end {
        model.follow = false;
    }
    Vec::new()
}

fn list_view(model: &mut Model, list: List) -> &mut ListView {
    match list {
        List::Chunks => &mut model.chunk_list,
        List::Messages => &mut model.message_list,
        List::Returned => &mut model.returned_list,
        List::Ladder => &mut model.ladder_list,
    }
}

pub(super) fn select(model: &mut Model, item: Option<Item>) -> Vec<Effect> {
    model.selected = item;
    show_selected(model);
    Vec::new()
}

/// Brings what is chosen onto the screen, in the lanes and in the lists.
fn show_selected(model: &mut Model) {
    let Some(provenance) = model.provenance(model.selected) else { return };
    model.follow = false;
    let direction = provenance.direction;
    let viewport = model.viewport(direction);
    let showing = viewport.showing(provenance.bytes.end.saturating_sub(1));
    set_first(model, direction, showing.showing(provenance.bytes.start).first);
    if direction == Direction::Sent {
        return;
    }
    let Some(record) = model.record() else { return };
    let stream = record.stream(direction);
    let chunks = stream.chunk_numbers().start;
    let end = model.moment().end(direction);
    let messages = stream.messages_until(end).start;
    show_row(&mut model.chunk_list, provenance.chunks.start - chunks);
    if !provenance.messages.is_empty() {
        show_row(&mut model.message_list, provenance.messages.start - messages);
    }
}

fn show_row(view: &mut ListView, row: usize) {
    let rows = view.rows.max(1);
    view.first = view.first.clamp((row + 1).saturating_sub(rows), row);
}

pub(super) fn move_selection(
    model: &mut Model,
    direction: Direction,
    unit: Unit,
    by: Move,
) -> Vec<Effect> {
    let Some(record) = model.record() else { return Vec::new() };
    let moment = model.moment();
    let stream = record.stream(direction);
    let end = moment.end(direction);
    let numbers = match unit {
        Unit::Byte => stream.start()..end,
        Unit::Chunk => stream.chunk_numbers().start as u64..moment.chunks(direction) as u64,
        Unit::Message => {
            let whole = stream.messages_until(end);
            whole.start as u64..whole.end as u64
        }
    };
    if numbers.is_empty() {
        return Vec::new();
    }
    let chosen = model.provenance(model.selected).filter(|chosen| chosen.direction == direction);
    let from = chosen.map(|chosen| match unit {
        Unit::Byte => chosen.bytes.start,
        Unit::Chunk => chosen.chunks.start as u64,
        Unit::Message => chosen.messages.start as u64,
    });
    let to = match (from, by) {
        // The first key press chooses where one would begin to read.
        (None, Move::By(1..)) => numbers.start,
        (None, Move::By(_)) => numbers.end - 1,
        (from, by) => by.apply(from.unwrap_or(numbers.start), numbers.start, numbers.end - 1),
    };
    let number = usize::try_from(to).unwrap_or(usize::MAX);
    let kind = match unit {
        Unit::Byte => ItemKind::Byte(to),
        Unit::Chunk => ItemKind::Chunk(number),
        Unit::Message => ItemKind::Message(number),
    };
    select(model, Some(Item { direction, kind }))
}

pub(super) fn stop_playing(model: &mut Model) -> Vec<Effect> {
    let was_playing = std::mem::replace(&mut model.playing, false);
    if was_playing { vec![Effect::Play(false)] } else { Vec::new() }
}

pub(super) fn toggle_follow(model: &mut Model) -> Vec<Effect> {
    if model.follow {
        model.follow = false;
        return Vec::new();
    }
    model.follow = true;
    to_newest(model)
}
