//! Shows the board of the challenge, on the projector and on the console.

use framescope_browser::dom::{child, set_attribute, set_disabled, set_length, set_text};
use framescope_browser::element;
use framescope_class_page::screen::{Board, Mark};
use web_sys::{Element, HtmlElement};

use super::list::fill;

pub(super) fn show_board(board: &Board) {
    set_text(&element("board-heading"), &board.heading);
    set_text(&element("board-connect"), &board.connect);
    fill(&element("board-columns"), "column-template", &board.columns, |item, column, _| {
        set_text(&child(item, "b"), &column.number.to_string());
        set_text(&child(item, ".name"), &column.name);
        set_text(&child(item, ".passed-count"), &column.passed.to_string());
        set_text(&child(item, ".of-count"), &format!(" / {}", column.of));
        let of_all = |count: usize| format!("{}%", count * 100 / column.of.max(1));
        set_length(&child(item, ".passed"), "width", &of_all(column.passed));
        set_length(&child(item, ".failed"), "width", &of_all(column.failed));
    });
    fill(&element("board-rows"), "board-row-template", &board.rows, |item, row, _| {
        set_text(&child(item, ".name"), &row.name);
        fill(&child(item, ".marks"), "mark-template", &row.marks, |cell, (number, mark), _| {
            show_mark(cell, *mark);
            // On the console a click shows what crossed.
            set_disabled(cell, *mark != Mark::Failed);
            set_attribute(cell, "data-case", Some(&number.to_string()));
            set_attribute(cell, "data-participant", Some(&row.id.0.to_string()));
            set_attribute(
                cell,
                "aria-label",
                Some(&format!("{} {number} {}", row.name, sign(*mark))),
            );
        });
    });
    let more: HtmlElement = element("board-more");
    set_text(&more, board.more.as_deref().unwrap_or_default());
}

pub(super) fn show_mark(cell: &Element, mark: Mark) {
    let name = match mark {
        Mark::Passed => "passed",
        Mark::Failed => "failed",
        Mark::NotTried => "not-tried",
    };
    set_attribute(cell, "data-mark", Some(name));
    set_text(cell, sign(mark));
}

pub(super) const fn sign(mark: Mark) -> &'static str {
    match mark {
        Mark::Passed => "✓",
        Mark::Failed => "✕",
        Mark::NotTried => "·",
    }
}
