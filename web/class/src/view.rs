//! Shows the state: fills the elements of `www/class.html`.
//!
//! What comes in: what is on screen, as plain values. What goes out: texts, attributes and elements.
//!
//! May use: nothing.

mod board;
mod challenge;
mod list;
mod stream;

use framescope_browser::dom::{
    child, set_attribute, set_disabled, set_hidden, set_length, set_text, set_value,
};
use framescope_browser::{document, element};
use framescope_class::{Command, Next, Phase};
use framescope_class_page::msg::{Place, Tab};
use framescope_class_page::screen::{
    self, Answers, Asked, ConsoleBoard, ConsoleScreen, CountRow, Invitation, Join, Press, Revealed,
    Screen, Switch,
};
use framescope_class_page::state::{Role, State};
use framescope_page::text::Language;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use self::board::show_board;
use self::challenge::{show_challenge, show_recorded};
use self::list::fill;
use self::stream::{show_cut, show_stream};

/// The most bets that are dots on the projector. More are a bar.
const MAX_DOTS: usize = 60;

/// The view. It knows the language that the document is in.
pub(crate) struct View {
    language: Option<Language>,
    screen: &'static str,
}

impl View {
    pub(crate) const fn new() -> Self {
        Self { language: None, screen: "" }
    }

    pub(crate) fn render(&mut self, state: &State) {
        if self.language != Some(state.locale.language) {
            self.language = Some(state.locale.language);
            translate(state);
        }
        let body = document().body().expect("the document has a body");
        let role = match &state.role {
            Role::Student(_) => "student",
            Role::Console(_) => "console",
            Role::Projector(_) => "projector",
        };
        set_attribute(&body, "data-role", Some(role));
        let banner = screen::banner(state);
        let line: HtmlElement = element("banner");
        set_hidden(&line, banner.is_none());
        set_text(&line, banner.as_deref().unwrap_or_default());
        set_text(&element("join-line"), screen::join_line(state).as_deref().unwrap_or_default());
        set_text(
            &element("lesson-line"),
            screen::lesson_line(state).as_deref().unwrap_or_default(),
        );
        let screen = screen::screen(state);
        let name = name_of(&screen);
        set_attribute(&body, "data-screen", Some(name));
        match &screen {
            Screen::Join(join) => show_join(join),
            Screen::Waiting { heading, text } | Screen::Refused { heading, text } => {
                set_text(&element("heading"), heading);
                set_text(&element("text"), text);
            }
            Screen::Asked(asked) => show_asked(asked),
            Screen::Revealed(revealed) => show_revealed(revealed),
            Screen::Lab(_) => {}
            Screen::Challenge(challenge) => show_challenge(challenge),
            Screen::Board(board) => show_board(board),
            Screen::Invitation(invitation) => show_invitation(invitation),
            Screen::Console(console) => show_console(state, console),
        }
        show_switch(screen::switch(state));
        if self.screen != name {
            self.screen = name;
            if name == "join" {
                let first = if element::<HtmlInputElement>("code").value().is_empty() {
                    "code"
                } else {
                    "name"
                };
                // A field that cannot have the focus is still there to be clicked.
                let _ = element::<HtmlElement>(first).focus();
            }
        }
    }
}

const fn name_of(screen: &Screen) -> &'static str {
    match screen {
        Screen::Join(_) => "join",
        Screen::Waiting { .. } => "waiting",
        Screen::Asked(_) => "asked",
        Screen::Revealed(_) => "revealed",
        Screen::Lab(_) => "lab",
        Screen::Challenge(_) => "challenge",
        Screen::Board(_) => "board",
        Screen::Invitation(_) => "invitation",
        Screen::Console(_) => "console",
        Screen::Refused { .. } => "refused",
    }
}

/// Sets the texts that the markup names.
fn translate(state: &State) {
    let document = document();
    if let Some(root) = document.document_element() {
        set_attribute(&root, "lang", Some(state.locale.language.tag()));
    }
    for (attribute, target) in
        [("data-text", None), ("data-label", Some("aria-label")), ("data-title", Some("title"))]
    {
        let Ok(found) = document.query_selector_all(&format!("[{attribute}]")) else { continue };
        for at in 0..found.length() {
            let Some(named) = found.item(at).and_then(|node| node.dyn_into::<Element>().ok())
            else {
                continue;
            };
            let key = named.get_attribute(attribute).unwrap_or_default();
            let text = state.locale.text(&key);
            match target {
                None => set_text(&named, text),
                Some(target) => set_attribute(&named, target, Some(text)),
            }
        }
    }
}

fn show_join(join: &Join) {
    set_value(&element("code"), &join.code);
    set_value(&element("name"), &join.name);
    set_text(&element("mistake"), join.mistake.as_deref().unwrap_or_default());
    set_disabled(&element("join-go"), join.is_busy);
}

fn show_asked(asked: &Asked) {
    set_text(&element("question"), &asked.text);
    fill(&element("programs"), "program-template", &asked.programs, |div, program, _| {
        set_text(&child(div, "b"), &program.file);
        let width = program.lines.last().map_or(0, |(number, _)| number.to_string().len());
        let lines: Vec<String> =
            program.lines.iter().map(|(number, line)| format!("{number:>width$} {line}")).collect();
        set_text(&child(div, "pre"), &lines.join("\n"));
    });
    show_stream(asked.stream.as_ref());
    let choices = match &asked.answers {
        Answers::Choices(choices) => &choices[..],
        Answers::Number(_) | Answers::Order(_) => &[],
    };
    let takes_bets = asked.is_open && !asked.own.is_empty();
    fill(&element("choices"), "choice-template", choices, |button, choice, _| {
        set_attribute(button, "data-choice", Some(&choice.index.to_string()));
        set_attribute(button, "aria-checked", Some(if choice.is_bet { "true" } else { "false" }));
        set_attribute(button, "data-right", None);
        set_disabled(button, !takes_bets);
        set_text(&child(button, ".text"), &choice.text);
        let cut = choice.cut.as_ref();
        show_cut(&child(button, ".ways"), cut);
        set_text(&child(button, ".cut-text"), cut.map_or("", |cut| &cut.text));
        set_text(&child(button, ".count"), "");
    });
    let number: HtmlElement = element("number-form");
    set_hidden(&number, !matches!(asked.answers, Answers::Number(_)));
    if let Answers::Number(typed) = &asked.answers {
        set_value(&element("number"), typed);
        set_disabled(&element("number"), !takes_bets);
    }
    let lines = match &asked.answers {
        Answers::Order(lines) => &lines[..],
        Answers::Choices(_) | Answers::Number(_) => &[],
    };
    set_hidden(&element("order"), lines.is_empty());
    set_hidden(&element("order-go"), lines.is_empty() || !takes_bets);
    fill(&element("order"), "line-template", lines, |row, line, at| {
        set_text(&child(row, "code"), line);
        for (name, is_end) in [(".up", at == 0), (".down", at + 1 == lines.len())] {
            let button = child(row, name);
            set_attribute(&button, "data-line", Some(&at.to_string()));
            set_attribute(&button, "aria-label", Some(&format!("{} {line}", button.inner_text())));
            set_disabled(&button, is_end || !takes_bets);
        }
    });
    set_text(&element("own"), &asked.own);
    set_text(&element("voted"), &asked.voted);
    set_text(&element("hint"), &asked.hint);
    let (voted, joined) = asked.progress;
    let progress: Element = element("progress");
    set_attribute(&progress, "max", Some(&joined.max(1).to_string()));
    set_attribute(&progress, "value", Some(&voted.to_string()));
    // A small class sees each of its bets.
    let dots: Vec<bool> = (0..joined).map(|at| at < voted).take(MAX_DOTS + 1).collect();
    let dots = if dots.len() > MAX_DOTS { &[][..] } else { &dots };
    fill(&element("dots"), "part-template", dots, |dot, has_bet, _| {
        set_attribute(dot, "data-bet", has_bet.then_some(""));
    });
}

fn show_revealed(revealed: &Revealed) {
    set_text(&element("revealed-question"), &revealed.text);
    set_text(&element("right"), revealed.right.as_deref().unwrap_or_default());
    set_hidden(&element("legend-votes"), !revealed.has_second);
    set_text(&element("runs"), revealed.runs.as_deref().unwrap_or_default());
    fill(&element("rows"), "row-template", &revealed.rows, |row, result, _| {
        let flag = |is_set: bool| is_set.then_some("");
        set_attribute(row, "data-right", flag(result.is_right));
        set_attribute(row, "data-own", flag(result.is_own));
        set_attribute(row, "data-second", flag(result.second.is_some()));
        set_text(&child(row, ".answer .text"), &result.text);
        show_cut(&child(row, ".answer .ways"), result.cut.as_ref());
        let share = match result.second {
            Some(second) => format!("{second} %\n{} %", result.first),
            None => format!("{} %", result.first),
        };
        set_text(&child(row, ".votes .share"), &share);
        // The bars take three quarters of their half, and the share stands at their end.
        let most = result.first.max(result.second.unwrap_or(0));
        let of_most = |share: u32| format!("{}%", share * 100 / most.max(1));
        set_length(&child(row, ".votes .bars"), "width", &format!("{}%", most * 3 / 4));
        set_length(&child(row, ".before"), "width", &of_most(result.first));
        set_length(&child(row, ".after"), "width", &of_most(result.second.unwrap_or(0)));
        let runs = result.runs.map_or_else(String::new, |runs| format!("{runs} %\n"));
        let share = child(row, ".measured .share");
        set_attribute(&share, "data-note", result.runs.is_none().then_some(""));
        set_text(&share, &(runs + &result.runs_text));
        let width = format!("{}%", result.runs.unwrap_or(0) * 3 / 4);
        set_length(&child(row, ".measured .bars"), "width", &width);
    });
    set_text(&element("why"), &revealed.why);
}

fn show_switch(switch: Option<Switch>) {
    set_hidden(&element("switch"), switch.is_none());
    let Some(Switch { place, has_challenge }) = switch else { return };
    set_hidden(&element("to-challenge"), !has_challenge);
    let places =
        [("follow", Place::Class), ("alone", Place::Alone), ("to-challenge", Place::Challenge)];
    for (id, leads_to) in places {
        set_pressed(id, place == leads_to);
    }
}

fn set_pressed(id: &str, is_pressed: bool) {
    set_attribute(&element(id), "aria-pressed", Some(if is_pressed { "true" } else { "false" }));
}

fn show_invitation(invitation: &Invitation) {
    let qr: Element = element("qr");
    let side = invitation.qr.side;
    set_attribute(&qr, "viewBox", Some(&format!("0 0 {side} {side}")));
    if let Some(path) = qr.first_element_child() {
        set_attribute(&path, "d", Some(&invitation.qr.path));
    }
    fill(&element("addresses"), "address-template", &invitation.addresses, |line, address, _| {
        set_text(&child(line, ".typed"), &address.0);
        set_text(&child(line, ".quiet"), &address.1);
    });
    set_text(&element("invitation-code"), &invitation.code);
    set_text(&element("joined"), &invitation.joined);
    fill(&element("names"), "name-template", &invitation.names, |item, name, _| {
        set_text(item, name);
    });
    set_text(&element("more"), invitation.more.as_deref().unwrap_or_default());
}

fn show_console(state: &State, console: &ConsoleScreen) {
    let body = document().body().expect("the document has a body");
    let center = if console.asked.is_some() {
        "asked"
    } else if console.revealed.is_some() {
        "revealed"
    } else {
        "lab"
    };
    set_attribute(&body, "data-center", Some(center));
    let tab = match console.tab {
        Tab::Lesson => "lesson",
        Tab::People => "people",
        Tab::Challenge => "challenge",
        Tab::Afterwards => "afterwards",
    };
    set_attribute(&body, "data-tab", Some(tab));
    for name in ["lesson", "people", "challenge", "afterwards"] {
        set_pressed(&format!("tab-{name}"), name == tab);
    }
    set_hidden(&element("charge"), console.charge.is_none());
    set_text(&element("charge-text"), console.charge.as_deref().unwrap_or_default());
    fill(&element("steps"), "step-template", &console.steps, |item, step, at| {
        let button = child(item, "button");
        set_attribute(&button, "data-step", Some(&at.to_string()));
        set_attribute(&button, "aria-current", step.is_current.then_some("step"));
        set_text(&child(item, ".title"), &step.title);
        set_text(&child(item, ".quiet"), &step.minutes);
    });
    set_text(&element("note"), &console.note);
    set_text(&element("headline"), &console.headline);
    show_ruler(console);
    if let Some(asked) = &console.asked {
        show_asked(asked);
        show_counts(console);
    }
    if let Some(revealed) = &console.revealed {
        show_revealed(revealed);
    }
    show_people(state, console);
    set_hidden(&element("tab-challenge"), console.board.is_none());
    if let Some(ConsoleBoard { board, is_projected }) = &console.board {
        show_board(board);
        element::<HtmlInputElement>("shows-board").set_checked(*is_projected);
    }
    set_disabled(&element("shows-board"), !console.is_in_charge);
    show_recorded(console.recorded.as_deref());
    show_phase(console.phase);
    set_pressed("invite", console.invites);
    set_disabled(&element("invite"), !console.is_in_charge);
    set_text(&element("refused"), console.refused.as_deref().unwrap_or_default());
    fill(&element("controls"), "control-template", &console.controls, |button, control, _| {
        let name = match control.press {
            Press::Ask => "ask",
            Press::Command(Command::Close) => "close",
            Press::Command(Command::VoteAgain) => "vote-again",
            Press::Command(Command::Reveal) => "reveal",
            Press::Command(_) => "put-away",
            Press::Step => "next",
        };
        set_attribute(button, "data-control", Some(name));
        set_attribute(button, "class", control.is_next.then_some("go"));
        set_text(button, &control.text);
    });
}

/// The phases are stops, and the controls beside them lead from one to the next.
fn show_phase(phase: Option<Phase>) {
    set_hidden(&element("phases"), phase.is_none());
    let stops = [("open", Phase::Open), ("closed", Phase::Closed), ("revealed", Phase::Revealed)];
    for (name, stop) in stops {
        let is_here = phase == Some(stop);
        set_attribute(
            &element(&format!("phase-{name}")),
            "aria-current",
            is_here.then_some("step"),
        );
    }
}

fn show_ruler(console: &ConsoleScreen) {
    set_hidden(&element("ruler"), console.ruler.is_none() || console.asked.is_none());
    let Some(ruler) = console.ruler else { return };
    let (from, to) = match ruler.next {
        Next::Explain => (0, 350),
        Next::Talk => (350, 700),
        Next::GoOn => (700, 1000),
    };
    let zone: Element = element("ruler-zone");
    set_attribute(&zone, "x", Some(&from.to_string()));
    set_attribute(&zone, "width", Some(&(to - from).to_string()));
    let mark = format!("translate({} 0)", ruler.right * 10);
    set_attribute(&element("ruler-mark"), "transform", Some(&mark));
}

/// The counts, beside the choices. For numbers and orders, in their place.
fn show_counts(console: &ConsoleScreen) {
    let most = console.counts.iter().map(|row| row.count).max().unwrap_or(0).max(1);
    fill(&element("choices"), "choice-template", &console.counts, |row, answer, _| {
        let CountRow { text, count, share, is_right } = answer;
        set_attribute(row, "data-choice", None);
        set_attribute(row, "aria-checked", Some("false"));
        set_attribute(row, "data-right", is_right.then_some(""));
        set_disabled(row, true);
        set_text(&child(row, ".text"), text);
        show_cut(&child(row, ".ways"), None);
        set_text(&child(row, ".cut-text"), "");
        set_length(&child(row, ".bar"), "width", &format!("{}%", count * 100 / most));
        set_text(&child(row, ".count"), &format!("{count} · {share} %"));
    });
    set_hidden(&element("number-form"), true);
    set_hidden(&element("order"), true);
}

fn show_people(state: &State, console: &ConsoleScreen) {
    set_text(&element("people-count"), &console.crowd);
    fill(&element("people-list"), "person-template", &console.people, |item, person, _| {
        set_attribute(item, "data-bet", person.has_bet.then_some(""));
        set_text(&child(item, ".name"), &person.name);
        let button = child(item, "button");
        set_hidden(&button, person.is_hidden.is_none() || !console.is_in_charge);
        let id = person.id.0.to_string();
        let is_hidden = person.is_hidden == Some(true);
        set_attribute(&button, "data-hide", (!is_hidden).then_some(&*id));
        set_attribute(&button, "data-unhide", is_hidden.then_some(&*id));
        let text =
            if is_hidden { state.locale.text("show-name") } else { state.locale.text("hide-name") };
        set_text(&button, text);
    });
    let grants: HtmlInputElement = element("grants");
    if grants.checked() != console.grants_runs {
        grants.set_checked(console.grants_runs);
    }
    set_disabled(&grants, !console.is_in_charge);
}
