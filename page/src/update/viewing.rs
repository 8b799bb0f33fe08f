//! Updates of the view: the cursor, the selection, the lanes and the lists.

use framescope_record::{Direction, Item, ItemKind};

use crate::effect::Effect;
use crate::msg::{Move, Unit};
use crate::screen::lists;
use crate::state::{CELL_WIDTHS, List, ListView, State, Tab, Viewport};

/// Shows the newest event of the connection that may be open, and follows it.
pub(super) fn show_current(state: &mut State) -> Vec<Effect> {
    let current = state.current().map_or(0, |current| current.number);
    if state.shown != current {
        state.shown = current;
        if state.tab == Tab::Live {
            state.problem = None;
        }
        clear_selection(state);
    }
    show_newest_moment(state)
}

/// Shows the connection with this number, at its newest event.
pub(super) fn show(state: &mut State, number: u32) -> Vec<Effect> {
    let is_kept = state.connections.iter().any(|connection| connection.number == number);
    if number == state.shown || !is_kept {
        return Vec::new();
    }
    state.shown = number;
    state.problem = None;
    clear_selection(state);
    show_newest_moment(state)
}

/// The user has chosen a tab.
pub(super) fn tab_chosen(state: &mut State, tab: Tab) -> Vec<Effect> {
    state.is_tab_chosen = true;
    choose_tab(state, tab)
}

/// Shows this tab, at its newest moment.
pub(super) fn choose_tab(state: &mut State, tab: Tab) -> Vec<Effect> {
    if tab == state.tab {
        return Vec::new();
    }
    state.tab = tab;
    state.problem = None;
    clear_selection(state);
    let mut effects = show_newest_moment(state);
    effects.push(Effect::SetFragment(state.fragment()));
    effects
}

/// Shows the newest event and follows it.
pub(super) fn show_newest_moment(state: &mut State) -> Vec<Effect> {
    state.follow = true;
    move_to_newest(state)
}

fn move_to_newest(state: &mut State) -> Vec<Effect> {
    state.cursor = None;
    show_end(state);
    stop_playing(state)
}

pub(super) fn clear_selection(state: &mut State) {
    state.pointed = None;
    state.selected = None;
}

/// Clears a selected message, because the messages have been decoded again and have other numbers.
pub(super) fn clear_selected_message(state: &mut State) {
    let is_message = |item: &Item| matches!(item.kind, ItemKind::Message(_));
    state.pointed = state.pointed.filter(|item| !is_message(item));
    state.selected = state.selected.filter(|item| !is_message(item));
    keep_in_view(state);
}

/// Call it after a change of the record. Shows the end if the newest event is followed, and keeps the
/// viewports within their axes.
pub(super) fn keep_in_view(state: &mut State) {
    if state.follow && state.cursor.is_none() {
        show_end(state);
    }
    for direction in [Direction::Received, Direction::Sent] {
        set_first(state, direction, state.viewport(direction).first);
    }
}

/// Moves the lanes and the lists to the end of the moment on screen.
pub(super) fn show_end(state: &mut State) {
    for direction in [Direction::Received, Direction::Sent] {
        set_first(state, direction, state.axis_end(direction));
    }
    for list in [List::Chunks, List::Messages, List::Ladder] {
        let rows = lists::rows(state, list);
        let view = list_view(state, list);
        view.first = rows.saturating_sub(view.rows);
    }
}

fn set_first(state: &mut State, direction: Direction, first: u64) {
    let Some(record) = state.record() else { return };
    let end = state.axis_end(direction);
    let viewport = Viewport { first, ..state.viewport(direction) };
    let first = viewport.within(record.stream(direction).start(), end).first;
    match direction {
        Direction::Received => state.received_first = first,
        Direction::Sent => state.sent_first = first,
    }
}

/// The user has scrolled the picture of the run.
pub(super) fn scroll_picture(state: &mut State, top: Option<f32>) -> Vec<Effect> {
    state.picture_top = top;
    Vec::new()
}

pub(super) fn resized(state: &mut State, width: u32) -> Vec<Effect> {
    // Lanes that are hidden have no width.
    if width > 0 {
        state.lanes_width = width;
        keep_in_view(state);
    }
    Vec::new()
}

pub(super) fn pan(state: &mut State, direction: Direction, by: i64) -> Vec<Effect> {
    state.follow = false;
    let first = state.viewport(direction).first.saturating_add_signed(by);
    set_first(state, direction, first);
    Vec::new()
}

pub(super) fn pan_to(state: &mut State, direction: Direction, share: f64) -> Vec<Effect> {
    let Some(record) = state.record() else { return Vec::new() };
    let start = record.stream(direction).start();
    let length = state.axis_end(direction).saturating_sub(start);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a stream has far fewer than 2^53 bytes, and the share is from 0 to 1"
    )]
    let at = start + (length as f64 * share.clamp(0.0, 1.0)) as u64;
    state.follow = false;
    set_first(state, direction, at.saturating_sub(state.viewport(direction).columns / 2));
    Vec::new()
}

pub(super) fn zoom(state: &mut State, by: i32) -> Vec<Effect> {
    let last = CELL_WIDTHS.len() - 1;
    state.zoom = Some(state.zoom().saturating_add_signed(by.signum() as isize).min(last));
    keep_in_view(state);
    Vec::new()
}

pub(super) fn list_scrolled(state: &mut State, list: List, view: ListView) -> Vec<Effect> {
    let resized = list_view(state, list).rows != view.rows;
    let at_end = view.first + view.rows >= lists::rows(state, list);
    *list_view(state, list) = view;
    if resized {
        keep_in_view(state);
    } else if !at_end {
        state.follow = false;
    }
    Vec::new()
}

fn list_view(state: &mut State, list: List) -> &mut ListView {
    match list {
        List::Chunks => &mut state.chunk_list,
        List::Messages => &mut state.message_list,
        List::Ladder => &mut state.ladder_list,
    }
}

pub(super) fn select(state: &mut State, item: Option<Item>) -> Vec<Effect> {
    state.selected = item;
    show_selected(state);
    Vec::new()
}

/// Moves the lanes and the lists so that the selected item is on screen.
fn show_selected(state: &mut State) {
    let Some(provenance) = state.provenance(state.selected) else { return };
    state.follow = false;
    let direction = provenance.direction;
    let viewport = state.viewport(direction);
    let showing = viewport.showing(provenance.bytes.end.saturating_sub(1));
    set_first(state, direction, showing.showing(provenance.bytes.start).first);
    if direction == Direction::Sent {
        return;
    }
    let Some(record) = state.record() else { return };
    let stream = record.stream(direction);
    let chunks = stream.chunk_numbers().start;
    let end = state.moment().end(direction);
    let messages = stream.messages_until(end).start;
    show_row(&mut state.chunk_list, provenance.chunks.start - chunks);
    if !provenance.messages.is_empty() {
        show_row(&mut state.message_list, provenance.messages.start - messages);
    }
}

fn show_row(view: &mut ListView, row: usize) {
    let rows = view.rows.max(1);
    view.first = view.first.clamp((row + 1).saturating_sub(rows), row);
}

pub(super) fn move_selection(
    state: &mut State,
    direction: Direction,
    unit: Unit,
    by: Move,
) -> Vec<Effect> {
    let Some(record) = state.record() else { return Vec::new() };
    let moment = state.moment();
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
    let chosen = state.provenance(state.selected).filter(|chosen| chosen.direction == direction);
    let from = chosen.map(|chosen| match unit {
        Unit::Byte => chosen.bytes.start,
        Unit::Chunk => chosen.chunks.start as u64,
        Unit::Message => chosen.messages.start as u64,
    });
    let to = match (from, by) {
        // Without a selection, the first key press selects the first item, or going back, the last.
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
    select(state, Some(Item { direction, kind }))
}

pub(super) fn stop_playing(state: &mut State) -> Vec<Effect> {
    let was_playing = std::mem::replace(&mut state.playing, false);
    if was_playing { vec![Effect::Play(false)] } else { Vec::new() }
}

pub(super) fn toggle_follow(state: &mut State) -> Vec<Effect> {
    if state.follow {
        state.follow = false;
        return Vec::new();
    }
    state.follow = true;
    move_to_newest(state)
}
