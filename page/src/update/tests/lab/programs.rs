//! Programs: what their panels show, and how they are typed, opened, saved and linked.

use framescope_lab::{Columns, Command, Until, find_variant};

use super::{Bench, CLIENT, NEXT_STEP, Page, SERVER, commands, typed_by_hand};
use crate::effect::Effect;
use crate::msg::{LabMsg, Msg};
use crate::screen::problem::problem_text;
use crate::screen::programs::{Mark, MarkKind, VariableRow, panel};
use crate::state::{Channel, Link, PrintedKind};
use crate::text::{Language, Locale};
use crate::update::tests::page_texts;

#[test]
fn the_panel_of_a_program_has_its_lines_variables_and_output() {
    let mut bench = Bench::with(&[SERVER, CLIENT]);
    while bench.page.state.lab.goes_on() {
        bench.lab(LabMsg::Step { program: 0, thread: None });
        if panel(&bench.page.state, 0).is_some_and(|panel| panel.state.starts_with('‖')) {
            break;
        }
    }
    let waits = panel(&bench.page.state, 0).expect("it is there");
    assert_eq!(waits.state, "‖ accept() · waits for a client");
    assert_eq!(
        waits.marks,
        [Mark { line: 5, kind: MarkKind::Waits, columns: Columns { from: 13, to: 28 } }]
    );
    let (name, value) = ("server", "<socket.socket fd=3>");
    let server = VariableRow { name, value, is_outer: false, is_new: true };
    assert_eq!(waits.variables, [server], "without modules");
    bench.lab(LabMsg::RunToggled);
    let ended = panel(&bench.page.state, 0).expect("it is there");
    assert_eq!((ended.state.as_str(), ended.printed.len()), ("ended", 1));
    assert_eq!(ended.printed[0].kind, PrintedKind::Stdout);
    assert!(panel(&bench.page.state, 2).is_none());
}

#[test]
fn in_a_function_its_variables_are_shown_before_those_of_the_module() {
    let text = "clients = {}\nlimit = 5\ndef greet(name, limit):\n    clients[name] = limit\n    input()\ngreet('ann', 3)\n";
    let mut bench = Bench::with(&[text]);
    bench.lab(LabMsg::RunToggled);
    let shown = panel(&bench.page.state, 0).expect("it is there");
    let rows = shown.variables.iter().map(|row| (row.name, row.value, row.is_outer));
    let rows: Vec<_> = rows.collect();
    assert_eq!(
        rows,
        [("name", "'ann'", false), ("limit", "3", false), ("clients", "{'ann': 3}", true)],
        "the module's limit is hidden by the function's"
    );
}

#[test]
fn a_traceback_is_shown_with_a_sentence_of_help() {
    let client = CLIENT.replace("9527", "8080");
    let mut bench = Bench::with(&[SERVER, &client]);
    bench.lab(LabMsg::RunToggled);
    let failed = panel(&bench.page.state, 1).expect("it is there");
    assert_eq!(failed.marks, [Mark::of_line(3, MarkKind::Failed)]);
    assert!(failed.printed.iter().all(|one| one.kind == PrintedKind::Stderr));
    assert_eq!(
        failed.help.as_deref(),
        Some("Nobody listens at port 8080; the server is bound to 9527.")
    );
    let mut bench = Bench::with(&["import socket\nsocket.socket().send('x')\n"]);
    bench.lab(LabMsg::RunToggled);
    let help = panel(&bench.page.state, 0).expect("it is there").help;
    assert_eq!(help.as_deref(), Some("Sockets carry bytes: write b\"...\", or text.encode()."));
}

#[test]
fn why_the_interpreter_has_stopped_a_program_is_said_in_the_users_language() {
    for (text, says) in [
        ("print('y' * (2 << 20))\n", "程序输出的内容超过了 1 MiB。"),
        ("x = []\nwhile True:\n    x.append('y' * 100_000)\n", "程序需要的内存超过了 32 MiB。"),
        (
            "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n",
            "页面里的 Python 在这里停下",
        ),
    ] {
        let mut bench = Bench::with(&[text]);
        bench.lab(LabMsg::RunToggled);
        let page = &mut bench.page.state;
        let texts = page_texts(Language::Chinese);
        page.locale = Locale::new(Language::Chinese, texts);
        let help = panel(page, 0).expect("it is there").help;
        assert!(help.as_deref().is_some_and(|help| help.starts_with(says)), "{text}: {help:?}");
    }
}

#[test]
fn input_asks_on_the_page_and_is_answered_there() {
    let mut bench = Bench::with(&["name = input('name: ')\nprint('hello', name)\n"]);
    bench.lab(LabMsg::RunToggled);
    assert!(panel(&bench.page.state, 0).is_some_and(|panel| panel.reads));
    assert_eq!(bench.page.printed(0), "name: ");
    bench.lab(LabMsg::Typed(0, Some("Ada".to_owned())));
    assert_eq!(bench.page.printed(0), "name: Adahello Ada\n");
    assert!(!panel(&bench.page.state, 0).is_some_and(|panel| panel.reads));
    assert_eq!(bench.lab(LabMsg::Typed(0, Some("late".to_owned()))), []);
}

#[test]
fn a_lesson_that_runs_reads_its_own_lines_and_one_that_is_stepped_asks() {
    let mut page = Page::alone("lesson=2a");
    page.lab(LabMsg::RunToggled);
    let played = commands(&page.lab(LabMsg::ChannelOpened(1)));
    let own = find_variant("2a").expect("it is there").experiment();
    assert_eq!(played, [Command::Load(own), Command::Play]);
    let mut page = Page::alone("lesson=2a");
    page.tell(NEXT_STEP);
    let stepped = commands(&page.lab(LabMsg::ChannelOpened(1)));
    assert_eq!(stepped, [Command::Load(typed_by_hand("2a")), Command::StepNext(Until::Call)]);
}

#[test]
fn what_is_typed_is_checked_after_a_pause_and_a_problem_has_its_line_and_column() {
    let mut bench = Bench::new(Page::alone("lesson=own"));
    bench.lab(LabMsg::EditToggled);
    let effects = bench.lab(LabMsg::ProgramTyped(0, "import socket\nprint（1)\n".to_owned()));
    assert_eq!(effects, [Effect::CheckLater]);
    assert!(panel(&bench.page.state, 0).is_some_and(|panel| panel.problem.is_none()));
    bench.lab(LabMsg::TypingPaused);
    let shown = panel(&bench.page.state, 0).expect("it is there");
    let problem = shown.problem.expect("the text has a problem");
    assert_eq!((problem.line, problem.column), (2, 6));
    assert_eq!(problem.message, "invalid character '（' (U+FF08)");
    assert!(shown.help.is_some_and(|help| help.starts_with("（ is not a character of Python")));
    bench.lab(LabMsg::ProgramTyped(0, "print(1)\n".to_owned()));
    bench.lab(LabMsg::TypingPaused);
    assert!(panel(&bench.page.state, 0).is_some_and(|panel| panel.problem.is_none()));
    assert!(bench.page.state.lab.editor.is_some(), "the editor stays open");
    bench.lab(LabMsg::RunToggled);
    assert_eq!(bench.page.printed(0), "1\n", "and a run uses what is typed");
}

#[test]
fn a_text_that_is_too_long_stays_in_the_editor() {
    let mut bench = Bench::new(Page::alone("lesson=own"));
    bench.lab(LabMsg::EditToggled);
    let long = "#".repeat(50_000);
    bench.lab(LabMsg::ProgramTyped(0, long.clone()));
    bench.lab(LabMsg::RunToggled);
    let editor = bench.page.state.lab.editor.as_ref().expect("it is open");
    assert_eq!(editor.programs[0].text, long);
    assert!(bench.page.state.lab.trace.events.is_empty());
    assert_eq!(
        problem_text(&bench.page.state).as_deref(),
        Some("A program has at most 48 KiB of text.")
    );
}

#[test]
fn programs_are_added_removed_opened_and_saved() {
    let mut bench = Bench::new(Page::alone("lesson=own"));
    bench.lab(LabMsg::ProgramAdded);
    let files = |bench: &Bench| {
        let programs = bench.page.state.lab.experiment.programs.iter();
        programs.map(|program| program.file.clone()).collect::<Vec<_>>()
    };
    assert_eq!(files(&bench), ["server.py", "client.py", "client2.py"]);
    let (file, text) = ("mine.py".to_owned(), "print('mine')\n".to_owned());
    bench.lab(LabMsg::ProgramOpened { program: 2, file, text: text.clone() });
    assert_eq!(
        bench.lab(LabMsg::ProgramSaved(2)),
        [Effect::SaveProgram { name: "mine.py".to_owned(), text }]
    );
    bench.lab(LabMsg::ProgramRemoved(0));
    assert_eq!(files(&bench), ["client.py", "mine.py"]);
    bench.lab(LabMsg::ProgramRemoved(0));
    bench.lab(LabMsg::ProgramRemoved(0));
    assert_eq!(files(&bench), ["mine.py"], "one program is always left");
    bench.lab(LabMsg::ProgramsRestored);
    assert_eq!(files(&bench), ["server.py", "client.py"]);
}

#[test]
fn a_link_has_the_programs_that_were_edited() {
    let mut bench = Bench::new(Page::alone("lesson=4a"));
    bench.page.edit(&[SERVER, CLIENT]);
    let effects = bench.lab(LabMsg::EditToggled);
    assert!(!bench.page.state.lab.is_own && bench.page.state.lab.editor.is_none());
    let [Effect::SetFragment(link)] = &effects[..] else { panic!("{effects:?}") };
    let mut other = Bench::new(Page::alone(link));
    assert_eq!(other.page.state.lab.experiment.programs, bench.page.state.lab.experiment.programs);
    assert_eq!(other.page.state.lab.channel, Channel::Absent, "nothing runs before a step");
    other.lab(LabMsg::RunToggled);
    assert_eq!(other.page.printed(0), "got b'hello'\n");
    other.lab(LabMsg::LessonChosen("4a".into()));
    assert!(other.page.state.lab.is_own);
}

#[test]
fn the_programs_of_an_old_link_are_translated() {
    let mut page = Page::with(Link::parse("lesson=4a&program1=client.connect(ADDRESS)"));
    let effects = page.tell(Msg::Started);
    let old = vec![None, Some("client.connect(ADDRESS)".to_owned())];
    assert!(effects.contains(&Effect::TranslateLink("4a", old)));
    page.lab(LabMsg::LinkTranslated(vec![None, Some(CLIENT.to_owned())]));
    let programs = &page.state.lab.experiment.programs;
    let own = find_variant("4a").expect("it is there").experiment().programs;
    assert_eq!((&programs[0], programs[1].text.as_str()), (&own[0], CLIENT));
}

#[test]
fn a_panel_stays_on_its_side_while_its_text_is_typed() {
    let mut bench = Bench::new(Page::alone("lesson=own"));
    bench.lab(LabMsg::EditToggled);
    bench.lab(LabMsg::ProgramTyped(0, String::new()));
    bench.lab(LabMsg::TypingPaused);
    assert!(bench.page.state.lab.is_server(0));
    bench.lab(LabMsg::EditToggled);
    assert!(!bench.page.state.lab.is_server(0), "an empty program is no server");
}
