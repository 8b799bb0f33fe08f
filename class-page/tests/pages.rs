//! Pages of a class, in the steps of a teacher and of students. The class itself is the real one.
#![allow(clippy::wildcard_enum_match_arm, reason = "what a test does not expect fails it")]

use framescope_challenge::{Case, Conversation, Ending, Failure, Script, Verdict};
use framescope_class::{
    Answer, Ask, Challenge, Class, ClassAddress, Code, Command, ConsoleId, Counts, Entry, Follow,
    FromStudent, FromTeacher, Key, Kind, Measured, Own, ParticipantId, Question, Recordings,
    Refused, Show, Step, Ticket, ToStudent, ToTeacher, Token, Told, ToldConsole, ToldProjector,
    Tried, decode, encode,
};
use framescope_class_page::effect::{Effect, Recorded, ToFrame};
use framescope_class_page::msg::{FromFrame, Msg, Place, StudentMsg, Tab, TeacherMsg};
use framescope_class_page::screen::{self, Answers, Press, Screen, next_press};
use framescope_class_page::state::{Connection, Role, State};
use framescope_class_page::{Entrance, update};
use framescope_framing::HeaderFormat;
use framescope_lab::{Command as LabCommand, FileReport, SavedFile, find_variant};
use framescope_page::text::{Language, Locale, Texts};
use framescope_record::{Bridge, Recording, Source};

const CONSOLE: ConsoleId = ConsoleId(1);
const TOKEN: Token = Token([9; 16]);
const CHALLENGE: Challenge = Challenge { port: 9530, header: HeaderFormat::LITTLE_SIGNED };

fn code() -> Code {
    "QKF TDN".parse().expect("it is a code")
}

fn page(fragment: &str, kept: [Option<String>; 2]) -> State {
    let locale = Locale::new(Language::English, Texts::default());
    let mut state =
        State::new(locale, Entrance::parse(fragment), kept, "192.168.1.20".to_owned(), [3; 16]);
    update(&mut state, Msg::Started);
    state
}

/// A class with a student's page and the teacher's pages, joined by hand.
struct Room {
    class: Class,
    student: State,
    console: State,
    projector: State,
}

impl Room {
    fn new() -> Self {
        let key = "0a".repeat(16);
        let mut room = Self {
            class: Class::new(),
            student: page("#QKFTDN", [None, None]),
            console: page(&format!("#key={key}"), [None, None]),
            projector: page("#projector", [None, Some(key)]),
        };
        room.class.apply(Entry::TakeOver(CONSOLE)).expect("anybody may take over");
        update(&mut room.student, Msg::Student(StudentMsg::Join));
        let number = room.student.number;
        let joins = update(&mut room.student, Msg::Opened(number));
        let [Effect::Send(join), ..] = &joins[..] else { panic!("{joins:?}") };
        let join: FromStudent = decode(join).expect("it joins");
        let token = Some(Token([3; 16]));
        assert_eq!(join, FromStudent::Join { code: code(), token, name: None });
        room.class.apply(Entry::Join { token: TOKEN, name: None }).expect("there is space");
        room.tell_student(&ToStudent::Joined { token: TOKEN, challenge: Some(CHALLENGE) });
        let lesson = Question::Lesson { variant: "4a".to_owned(), choices: 3 };
        let plan = vec![step(Some("4a"), Some(lesson)), step(None, Some(order()))];
        let entered = |console| ToTeacher::Entered {
            console,
            code: code(),
            addresses: vec![ClassAddress {
                typed: "192.168.1.20:9528".to_owned(),
                link: "http://192.168.1.20:9528/class.html".to_owned(),
                network: "wlan0".to_owned(),
            }],
            plan: plan.clone(),
            token: Some("secret-token".to_owned()),
            challenge: Some(CHALLENGE),
        };
        receive(&mut room.console, &entered(Some(CONSOLE)));
        receive(&mut room.projector, &entered(None));
        room.tell();
        room
    }

    fn tell_student(&mut self, message: &ToStudent) -> Vec<Effect> {
        receive(&mut self.student, message)
    }

    /// All pages are told what the relay would tell them.
    fn tell(&mut self) {
        let id = self.class.participant(&TOKEN).expect("it has joined");
        self.tell_student(&ToStudent::Told(Told::of(&self.class)));
        self.tell_student(&ToStudent::Own(Own::of(&self.class, id).expect("it has joined")));
        self.tell_student(&ToStudent::Counts(Counts::of(&self.class)));
        let console = ToldConsole::of(&self.class, CONSOLE);
        receive(&mut self.console, &ToTeacher::Console(console));
        let projector = ToldProjector::of(&self.class);
        receive(&mut self.projector, &ToTeacher::Projector(projector));
    }

    /// The teacher presses the violet button, and the class obeys.
    fn press(&mut self) {
        for effect in update(&mut self.console, Msg::Teacher(TeacherMsg::Next)) {
            let Effect::Send(message) = effect else { panic!("{effect:?}") };
            let entry = match decode(&message).expect("a console says what it may") {
                FromTeacher::Ask(Ask::Step(0)) => {
                    let question = Question::Lesson { variant: "4a".to_owned(), choices: 3 };
                    Entry::Ask(CONSOLE, question, Key::Measured { depends: None })
                }
                FromTeacher::Ask(Ask::Step(1)) => {
                    let right = Key::Answer(Answer::Order(vec![2, 0, 1]));
                    Entry::Ask(CONSOLE, order(), right)
                }
                FromTeacher::Command(command) => Entry::Command(CONSOLE, command),
                other => panic!("{other:?}"),
            };
            self.class.apply(entry).expect("the console presses what can be done");
        }
        self.tell();
    }

    /// The student does something, and what its page sends reaches the class.
    fn student(&mut self, msg: Msg) {
        for effect in update(&mut self.student, msg) {
            let Effect::Send(message) = effect else { panic!("{effect:?}") };
            let Some(FromStudent::Bet { question, vote, number, answer }) = decode(&message) else {
                panic!("a page that has joined bets");
            };
            let bet = Entry::Bet { token: TOKEN, question, vote, number, answer };
            let refused = self.class.apply(bet).err();
            self.tell_student(&ToStudent::Bet { question, number, refused });
        }
        self.tell();
    }
}

fn receive(state: &mut State, message: &impl serde::Serialize) -> Vec<Effect> {
    let number = state.number;
    update(state, Msg::Received(number, encode(message)))
}

fn step(lesson: Option<&str>, question: Option<Question>) -> Step {
    Step {
        title: String::new(),
        lesson: lesson.map(str::to_owned),
        question,
        minutes: None,
        note: String::new(),
    }
}

fn order() -> Question {
    let lines = ["b", "c", "a"].map(str::to_owned).to_vec();
    Question::Own { text: "In which order?".to_owned(), kind: Kind::Order(lines) }
}

fn console(state: &State) -> screen::ConsoleScreen {
    let Screen::Console(console) = screen::screen(state) else { panic!("it is a console") };
    *console
}

#[test]
fn a_question_goes_through_its_phases_by_the_violet_button_alone() {
    let mut room = Room::new();
    update(&mut room.console, Msg::Teacher(TeacherMsg::StepChosen(1)));
    room.press();
    let Screen::Asked(asked) = screen::screen(&room.student) else { panic!("it is asked") };
    assert_eq!(asked.answers, Answers::Order(["b", "c", "a"].map(str::to_owned).to_vec()));
    room.student(Msg::Student(StudentMsg::LineMoved(2, -2)));
    room.student(Msg::Student(StudentMsg::BetDraft));
    let Screen::Asked(asked) = screen::screen(&room.student) else { panic!("it is asked") };
    assert_eq!(asked.answers, Answers::Order(["a", "b", "c"].map(str::to_owned).to_vec()));
    assert_eq!(asked.progress, (1, 1));
    let open = console(&room.console);
    assert_eq!(open.phase, Some(framescope_class::Phase::Open));
    assert_eq!(open.counts.len(), 1, "the teacher sees the counts");
    assert_eq!((open.ruler, open.counts[0].is_right), (None, false), "and not what is right");
    room.press();
    let closed = console(&room.console);
    assert_eq!(closed.ruler.map(|ruler| ruler.right), Some(100));
    let next: Vec<_> = closed.controls.iter().map(|one| (one.press, one.is_next)).collect();
    let (again, reveal) = (Press::Command(Command::VoteAgain), Press::Command(Command::Reveal));
    assert_eq!(next, [(again, false), (reveal, true)]);
    assert!(matches!(screen::screen(&room.student), Screen::Asked(asked) if !asked.is_open));
    room.press();
    for state in [&room.student, &room.projector] {
        let Screen::Revealed(revealed) = screen::screen(state) else { panic!("it is revealed") };
        assert_eq!((revealed.rows[0].first, revealed.rows[0].is_right), (100, true));
        assert_eq!(revealed.rows[0].text, "a → b → c");
    }
    room.press();
    assert!(matches!(screen::screen(&room.student), Screen::Waiting { .. }));
}

#[test]
fn between_a_third_and_two_thirds_the_violet_button_votes_again() {
    let mut room = Room::new();
    for who in 1..4 {
        let join = Entry::Join { token: Token([who; 16]), name: None };
        room.class.apply(join).expect("there is space");
    }
    let shows = Msg::Teacher(TeacherMsg::FrameShows(FromFrame::Place("4a".to_owned())));
    update(&mut room.console, shows);
    room.tell();
    let question = Question::Lesson { variant: "4a".to_owned(), choices: 3 };
    let ask = Entry::Ask(CONSOLE, question, Key::Measured { depends: None });
    room.class.apply(ask).expect("nothing else is asked");
    for (who, choice) in [(1, 0), (2, 0), (3, 2)] {
        let (token, answer) = (Token([who; 16]), Answer::Choice(choice));
        let vote = framescope_class::Vote::First;
        let bet = Entry::Bet { token, question: 0, vote, number: 1, answer };
        room.class.apply(bet).expect("it is open");
    }
    let measured = Measured { runs: vec![122, 0, 0], other: 78 };
    room.class.apply(Entry::Measured { question: 0, measured }).expect("it has three choices");
    room.tell();
    room.press();
    let Role::Console(page) = &room.console.role else { panic!("it is a console") };
    assert_eq!(next_press(page), Some(Press::Command(Command::VoteAgain)));
    room.press();
    room.student(Msg::Student(StudentMsg::Bet(Answer::Choice(0))));
    room.press();
    let Role::Console(page) = &room.console.role else { panic!("it is a console") };
    assert_eq!(next_press(page), Some(Press::Command(Command::Reveal)), "there is no third vote");
    room.press();
    let Screen::Revealed(revealed) = screen::screen(&room.student) else {
        panic!("it is revealed")
    };
    let rows: Vec<_> = revealed.rows.iter().map(|row| (row.first, row.second, row.runs)).collect();
    assert_eq!(
        rows,
        [
            (67, Some(100), Some(61)),
            (0, Some(0), Some(0)),
            (33, Some(0), Some(0)),
            (0, Some(0), Some(39))
        ]
    );
    assert!(revealed.rows[0].is_own && revealed.rows[0].is_right);
}

#[test]
fn a_student_s_page_shows_nothing_but_the_question_until_it_is_revealed() {
    let mut room = Room::new();
    for effect in room.tell_student(&ToStudent::Follow(Follow::Place("4a".to_owned()))) {
        assert_eq!(effect, Effect::Tell(ToFrame::Place("4a".to_owned())));
    }
    update(&mut room.student, Msg::Student(StudentMsg::PlaceChosen(Place::Alone)));
    assert!(matches!(screen::screen(&room.student), Screen::Lab(screen::Frame::Own)));
    update(
        &mut room.console,
        Msg::Teacher(TeacherMsg::FrameShows(FromFrame::Place("4a".to_owned()))),
    );
    room.press();
    for msg in [
        Msg::Student(StudentMsg::PlaceChosen(Place::Alone)),
        Msg::Student(StudentMsg::PlaceChosen(Place::Class)),
        Msg::FrameReady,
    ] {
        update(&mut room.student, msg);
        assert!(matches!(screen::screen(&room.student), Screen::Asked(_)), "no lab is on screen");
    }
}

#[test]
fn a_page_that_lost_its_connection_comes_back_as_the_same_and_sends_its_bet_again() {
    let mut room = Room::new();
    update(
        &mut room.console,
        Msg::Teacher(TeacherMsg::FrameShows(FromFrame::Place("4a".to_owned()))),
    );
    room.press();
    let sent = update(&mut room.student, Msg::Student(StudentMsg::Bet(Answer::Choice(1))));
    let number = room.student.number;
    let lost = update(&mut room.student, Msg::Closed(number));
    // The token is 9, and so a page waits 9/256 of 250 ms longer than the one whose token is 0.
    assert_eq!(lost, [Effect::RetryLater(258)], "not all pages of a class come back at once");
    assert!(screen::banner(&room.student).is_some());
    let [Effect::Open { number, .. }, ..] = update(&mut room.student, Msg::Retried)[..] else {
        panic!("it opens another");
    };
    let joins = update(&mut room.student, Msg::Opened(number));
    let [Effect::Send(join), ..] = &joins[..] else { panic!("{joins:?}") };
    let join: Option<FromStudent> = decode(join);
    assert_eq!(join, Some(FromStudent::Join { code: code(), token: Some(TOKEN), name: None }));
    let again = room.tell_student(&ToStudent::Joined { token: TOKEN, challenge: None });
    assert!(again.contains(&sent[0]), "the bet is sent again: {again:?}");
    assert!(screen::banner(&room.student).is_none());
}

#[test]
fn a_wrong_code_can_be_corrected_and_a_reload_asks_for_nothing() {
    let mut state = page("", [None, None]);
    assert_eq!(update(&mut state, Msg::Student(StudentMsg::Join)), []);
    assert!(matches!(screen::screen(&state), Screen::Join(join) if join.mistake.is_some()));
    update(&mut state, Msg::Student(StudentMsg::CodeTyped("qkf-tdn".to_owned())));
    update(&mut state, Msg::Student(StudentMsg::NameTyped("a\u{202e}b".to_owned())));
    assert_eq!(update(&mut state, Msg::Student(StudentMsg::Join)), [], "no such name");
    update(&mut state, Msg::Student(StudentMsg::NameTyped(" 小明 ".to_owned())));
    assert!(matches!(
        update(&mut state, Msg::Student(StudentMsg::Join))[..],
        [Effect::Open { .. }, ..]
    ));
    receive(&mut state, &ToStudent::Refused(Refused::Code));
    assert!(matches!(screen::screen(&state), Screen::Join(join) if join.mistake.is_some()));
    let number = state.number;
    assert_eq!(update(&mut state, Msg::Closed(number)), [], "it waits for the student");
    update(&mut state, Msg::Student(StudentMsg::Join));
    let kept = receive(&mut state, &ToStudent::Joined { token: TOKEN, challenge: None });
    let [Effect::Keep(_, kept)] = &kept[..] else { panic!("{kept:?}") };
    let again = page("", [Some(kept.clone()), None]);
    assert_eq!(again.connection, Connection::Opening, "it comes back by itself");
    let other = page("#ABCDEF", [Some(kept.clone()), None]);
    assert_eq!(other.connection, Connection::Closed, "another class is joined by hand");
}

#[test]
fn the_class_sees_what_the_lab_of_the_teacher_shows() {
    let mut room = Room::new();
    assert!(matches!(screen::screen(&room.projector), Screen::Invitation(_)));
    let place = FromFrame::Place("4a".to_owned());
    assert_eq!(
        update(&mut room.console, Msg::Teacher(TeacherMsg::FrameShows(place))),
        [],
        "the way in is on screen"
    );
    let experiment = find_variant("4a").expect("the lesson is there").experiment();
    let load = LabCommand::Load(experiment).encode();
    let shown = update(
        &mut room.console,
        Msg::Teacher(TeacherMsg::FrameShows(FromFrame::Run(Source::Measured, load))),
    );
    let shown: Vec<Show> = shown
        .into_iter()
        .map(|effect| match effect {
            Effect::Send(message) => match decode(&message) {
                Some(FromTeacher::Show(show)) => show,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        })
        .collect();
    let [Show::Place(place), Show::Run(head)] = &shown[..] else { panic!("{shown:?}") };
    assert_eq!(place, "4a");
    assert!(matches!(FileReport::decode(head), Some(FileReport::Head(..))));
    let follow = |number, part: &[u8]| Follow::Part { run: 1, number, part: part.to_vec() };
    {
        let state = &mut room.projector;
        receive(state, &ToTeacher::Follow(follow(0, head)));
        receive(state, &ToTeacher::Follow(follow(1, b"report")));
        receive(state, &ToTeacher::Follow(Follow::Place("4a 3".to_owned())));
        assert!(matches!(screen::screen(state), Screen::Lab(_)));
        assert_eq!(
            update(state, Msg::FrameReady),
            [
                ToFrame::Run(head.clone()),
                ToFrame::Report(b"report".to_vec()),
                ToFrame::Place("4a 3".to_owned())
            ]
            .map(Effect::Tell)
        );
    }
    let hides = update(&mut room.console, Msg::Teacher(TeacherMsg::InvitationToggled));
    let [Effect::Send(message)] = &hides[..] else { panic!("{hides:?}") };
    assert_eq!(decode(message), Some(FromTeacher::Show(Show::Place(String::new()))));
    receive(&mut room.projector, &ToTeacher::Follow(Follow::Place(String::new())));
    assert!(matches!(screen::screen(&room.projector), Screen::Invitation(_)));
}

#[test]
fn a_console_that_lost_its_charge_can_only_watch() {
    let mut room = Room::new();
    room.class.apply(Entry::TakeOver(ConsoleId(2))).expect("anybody may take over");
    room.tell();
    let watching = console(&room.console);
    assert!(!watching.is_in_charge && watching.charge.is_some() && watching.controls.is_empty());
    assert_eq!(update(&mut room.console, Msg::Teacher(TeacherMsg::Next)), []);
    let takes = update(&mut room.console, Msg::Teacher(TeacherMsg::TakeOver));
    let [Effect::Send(message)] = &takes[..] else { panic!("{takes:?}") };
    assert_eq!(decode(message), Some(FromTeacher::TakeOver));
    update(&mut room.console, Msg::Teacher(TeacherMsg::TabChosen(Tab::Afterwards)));
    assert_eq!(console(&room.console).tab, Tab::Afterwards);
}

#[test]
fn no_message_of_anybody_stops_a_page() {
    let mut room = Room::new();
    for garbage in [&b""[..], b"\xff\xff\xff\xff", &[0; 100], &[7; 3]] {
        for state in [&mut room.student, &mut room.console, &mut room.projector] {
            let number = state.number;
            update(state, Msg::Received(number, garbage.to_vec()));
            let _ = screen::screen(state);
        }
    }
    let stray = Follow::Part { run: 3, number: 7, part: b"late".to_vec() };
    assert_eq!(room.tell_student(&ToStudent::Follow(stray)), [], "a part without a beginning");
}

/// What is found of a program that answers so, and then closes.
fn failure(case: Case, seed: u64, answer: &[u8]) -> Failure {
    let mut conversation = Conversation::new(case, seed, CHALLENGE.header);
    let verdict = conversation.take(answer);
    match verdict.unwrap_or_else(|| conversation.end(Ending::Closed)) {
        Verdict::Failed(failure) => failure,
        Verdict::Passed => panic!("it must fail"),
    }
}

fn recording(end: &str) -> Recording {
    let bridge = Bridge {
        target: String::new(),
        recv: 1024,
        delay_ms: 0,
        nodelay: true,
        header: CHALLENGE.header,
    };
    Recording::new(bridge, Vec::new(), end.to_owned()).expect("it is in bounds")
}

#[test]
fn a_student_sees_what_to_connect_to_and_where_a_case_went_wrong() {
    let mut room = Room::new();
    let go = Msg::Student(StudentMsg::PlaceChosen(Place::Challenge));
    update(&mut room.student, go);
    let on_screen = |room: &Room| match screen::screen(&room.student) {
        Screen::Challenge(challenge) => *challenge,
        other => panic!("{other:?}"),
    };
    let begin = on_screen(&room);
    let ticket = Ticket::new(ParticipantId(0), &TOKEN).to_string();
    assert_eq!((&*begin.connect, &begin.ticket), ("192.168.1.20:9530", &ticket));
    assert_eq!(
        begin.command,
        format!("python3 challenge_client.py --host 192.168.1.20 --port 9530 --hello {ticket}")
    );
    assert!(begin.cases.iter().all(|(_, mark, _)| *mark == screen::Mark::NotTried));

    let script = Script::new(Case::HeaderInPieces, 7, CHALLENGE.header);
    let failure = failure(Case::HeaderInPieces, 7, &script.answers[..6]);
    let tried = Tried { case: Case::HeaderInPieces, seed: 7, failure: Some(failure) };
    room.class.apply(Entry::Tried(ParticipantId(0), tried)).expect("there is space");
    room.tell();
    let seen = on_screen(&room);
    assert_eq!(seen.mark, screen::Mark::Failed);
    let failed = seen.failed.expect("it has failed");
    assert_eq!(failed.again, "framescope challenge --case 3 --seed 7");
    let [sent, expected, came] = &failed.rows;
    let texts =
        |row: &screen::ByteRow| row.cells.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>();
    assert_eq!((sent.cells.len(), texts(sent)), (10, texts(expected)));
    assert_eq!(texts(came)[..6], texts(sent)[..6], "these came");
    assert!(texts(came)[6..].iter().all(String::is_empty), "and these did not");
    let here = sent.cells.iter().position(|cell| cell.is_here);
    assert_eq!(here, Some(6), "the first that is missing");
    let begins: Vec<_> = (1..10).filter(|at| sent.cells[*at].begins_chunk).collect();
    assert!(begins.len() == 1 && begins[0] < 4, "the header was cut: {begins:?}");

    let again = update(&mut room.student, Msg::Student(StudentMsg::TryNext));
    assert_eq!(again, [Effect::Send(encode(&FromStudent::TryNext(Case::HeaderInPieces)))]);
    assert!(on_screen(&room).next.is_some());
    let asks = update(&mut room.student, Msg::Student(StudentMsg::RecordingsShown));
    assert_eq!(asks, [Effect::Send(encode(&FromStudent::Recordings(Case::HeaderInPieces)))]);
    let (failed, right) = (recording("failed"), recording("right"));
    let recordings = Recordings { case: Case::HeaderInPieces, seed: 7, failed, right };
    room.tell_student(&ToStudent::Recordings(Some(Box::new(recordings))));
    assert!(on_screen(&room).shows_recordings);
    for which in [Recorded::Failed, Recorded::Right] {
        let told = update(&mut room.student, Msg::RecordedReady(which));
        let [Effect::TellRecorded(to, head)] = &told[..] else { panic!("{told:?}") };
        let Some(FileReport::Head(file, 0)) = FileReport::decode(head) else { panic!("{told:?}") };
        let SavedFile::Recording(shown) = *file else { panic!("it is a recording") };
        assert_eq!((*to, &*shown.end), (which, ["failed", "right"][which as usize]));
    }
    update(&mut room.student, Msg::RecordingsClosed);
    assert!(!on_screen(&room).shows_recordings);
    room.tell_student(&ToStudent::Recordings(None));
    assert_eq!(on_screen(&room).next.as_deref(), Some("no-recordings"), "another relay has them");

    let passed = Tried { case: Case::HeaderInPieces, seed: 8, failure: None };
    room.class.apply(Entry::Tried(ParticipantId(0), passed)).expect("there is space");
    room.tell();
    let seen = on_screen(&room);
    assert_eq!((seen.mark, seen.failed, seen.next), (screen::Mark::Passed, None, None));
}

#[test]
fn whatever_a_program_answers_its_page_can_show() {
    let mut room = Room::new();
    update(&mut room.student, Msg::Student(StudentMsg::PlaceChosen(Place::Challenge)));
    for case in Case::ALL {
        let script = Script::new(case, 3, CHALLENGE.header);
        let too_much = [&script.answers[..], b"and what is no answer, but many bytes"].concat();
        let one_short = &script.answers[..script.answers.len() - 1];
        for answer in [&b""[..], b"?", one_short, &too_much] {
            let failure = failure(case, 3, answer);
            let at = failure.at;
            let tried = Tried { case, seed: 3, failure: Some(failure) };
            room.class.apply(Entry::Tried(ParticipantId(0), tried)).expect("there is space");
            room.tell();
            update(&mut room.student, Msg::Student(StudentMsg::CaseChosen(case)));
            let Screen::Challenge(challenge) = screen::screen(&room.student) else {
                panic!("it is on screen")
            };
            let failed = challenge.failed.expect("it has failed");
            let lengths = failed.rows.each_ref().map(|row| row.cells.len());
            assert!(
                lengths[0] > 0 && lengths[0] <= 10 && lengths == [lengths[0]; 3],
                "{lengths:?}"
            );
            let here = failed.rows[2].cells.iter().filter(|cell| cell.is_here).count();
            assert_eq!(here, 1, "{case:?}, byte {at}");
        }
    }
}

#[test]
fn the_board_is_on_the_projector_if_the_teacher_wants_it() {
    let mut room = Room::new();
    let tried = |case, failure| Entry::Tried(ParticipantId(0), Tried { case, seed: 1, failure });
    let failure = failure(Case::Stuck, 1, b"?");
    room.class.apply(tried(Case::Alone, None)).expect("there is space");
    room.class.apply(tried(Case::Stuck, Some(failure))).expect("there is space");
    room.tell();
    assert!(matches!(screen::screen(&room.projector), Screen::Invitation(_)));
    room.class
        .apply(Entry::Command(CONSOLE, Command::ShowBoard(true)))
        .expect("this console is in charge");
    room.tell();
    let Screen::Board(board) = screen::screen(&room.projector) else { panic!("it is shown") };
    assert_eq!((board.columns.len(), board.rows.len()), (10, 1));
    assert_eq!(board.connect, "192.168.1.20:9530");
    let counts: Vec<_> =
        board.columns.iter().map(|column| (column.passed, column.failed)).take(3).collect();
    assert_eq!(counts, [(1, 0), (0, 1), (0, 0)]);
    let Screen::Console(console) = screen::screen(&room.console) else { panic!("it is one") };
    assert_eq!(console.board, Some(screen::ConsoleBoard { board, is_projected: true }));
}

#[test]
fn a_page_that_nobody_ever_answers_says_that_there_may_be_no_class() {
    let mut state = page("#QKFTDN", [None, None]);
    update(&mut state, Msg::Student(StudentMsg::Join));
    let mut said = Vec::new();
    for _ in 0..4 {
        let number = state.number;
        update(&mut state, Msg::Closed(number));
        said.push(screen::banner(&state).expect("the connection is lost"));
        update(&mut state, Msg::Retried);
    }
    assert_eq!(said, ["lost", "lost", "no-class", "no-class"]);
}

#[test]
fn a_number_is_read_in_any_digits_and_what_is_none_is_said() {
    let mut room = Room::new();
    let question = Question::Own { text: "How many?".to_owned(), kind: Kind::Number };
    let ask = Entry::Ask(CONSOLE, question, Key::Answer(Answer::Number(4)));
    room.class.apply(ask).expect("this console is in charge");
    room.tell();
    let own = |room: &Room| match screen::screen(&room.student) {
        Screen::Asked(asked) => asked.own,
        other => panic!("{other:?}"),
    };
    let bet = |room: &mut Room, typed: &str| {
        update(&mut room.student, Msg::Student(StudentMsg::NumberTyped(typed.to_owned())));
        update(&mut room.student, Msg::Student(StudentMsg::BetDraft))
    };
    assert_eq!(own(&room), "no-bet-number");
    for typed in ["", "1e3", "4.0", "99999999999999999999"] {
        assert_eq!(bet(&mut room, typed), []);
        assert_eq!(own(&room), "no-number", "{typed}");
    }
    let sent = bet(&mut room, " －４ ");
    let [Effect::Send(message)] = &sent[..] else { panic!("{sent:?}") };
    let said: Option<FromStudent> = decode(message);
    assert!(matches!(said, Some(FromStudent::Bet { answer: Answer::Number(-4), .. })), "{said:?}");
}

#[test]
fn after_a_reload_the_lines_are_as_they_were_bet() {
    let mut room = Room::new();
    let right = Key::Answer(Answer::Order(vec![2, 0, 1]));
    room.class.apply(Entry::Ask(CONSOLE, order(), right)).expect("this console is in charge");
    let answer = Answer::Order(vec![1, 2, 0]);
    let bet = Entry::Bet {
        token: TOKEN,
        question: 0,
        vote: framescope_class::Vote::First,
        number: 1,
        answer,
    };
    room.class.apply(bet).expect("it is open");
    room.student = page("#QKFTDN", [None, None]);
    update(&mut room.student, Msg::Student(StudentMsg::Join));
    room.tell_student(&ToStudent::Joined { token: TOKEN, challenge: None });
    room.tell();
    let Role::Student(student) = &room.student.role else { panic!("it is a student") };
    assert_eq!(student.draft.order, [1, 2, 0]);
}

#[test]
fn a_student_s_own_lab_begins_at_the_teacher_s_lesson() {
    let mut room = Room::new();
    assert_eq!(screen::own_lesson(&room.student), "lesson=4a");
    room.tell_student(&ToStudent::Follow(Follow::Place("5a 12".to_owned())));
    assert_eq!(screen::own_lesson(&room.student), "lesson=5a");
}

#[test]
fn a_lesson_about_cuts_shows_its_stream_and_where_each_choice_cuts_it() {
    let mut room = Room::new();
    update(&mut room.console, Msg::Teacher(TeacherMsg::StepChosen(0)));
    room.press();
    let Screen::Asked(before) = screen::screen(&room.student) else { panic!("it is asked") };
    assert_eq!(before.stream, None, "its texts have not come");
    let lesson = find_variant("4a").expect("it is there");
    let texts = lesson.texts("en");
    let choices =
        (1..).zip(texts.choices).map(|(number, text)| (format!("choice-{number}"), *text));
    let programs = ["server.py", "client.py"].map(|file| {
        let mut programs = lesson.experiment().programs.into_iter();
        let program = programs.find(|program| program.file == file).expect("it is there");
        (file.to_owned(), program.text)
    });
    let texts: Texts = choices.map(|(key, text)| (key, text.to_owned())).chain(programs).collect();
    update(&mut room.student, Msg::LessonArrived("4a", Language::English, Some(texts)));
    let Screen::Asked(asked) = screen::screen(&room.student) else { panic!("it is asked") };
    let stream = asked.stream.expect("its texts are there");
    let bytes: Vec<_> = stream.sends.iter().map(|(bytes, _)| &**bytes).collect();
    assert_eq!(bytes, ["hello"; 3]);
    let Answers::Choices(choices) = asked.answers else { panic!("it has choices") };
    let lengths = |choice: &screen::Choice| -> Vec<Vec<usize>> {
        let cut = choice.cut.as_ref().expect("each says where it cuts");
        let length = |piece: &screen::Piece| piece.parts.iter().map(|(_, length)| length).sum();
        cut.ways.iter().map(|way| way.iter().map(length).collect()).collect()
    };
    let cuts: Vec<_> = choices.iter().map(lengths).collect();
    assert_eq!(cuts, [vec![vec![15]], vec![vec![5, 10], vec![10, 5]], vec![vec![5, 5, 5]]]);
}

#[test]
fn a_page_too_many_comes_in_when_another_is_gone() {
    let mut room = Room::new();
    room.tell_student(&ToStudent::Refused(Refused::TooMany));
    for _ in 0..2 {
        let number = room.student.number;
        let retry = update(&mut room.student, Msg::Closed(number));
        assert!(matches!(retry[..], [Effect::RetryLater(_)]), "{retry:?}");
        assert!(matches!(screen::screen(&room.student), Screen::Refused { .. }));
        let opens = update(&mut room.student, Msg::Retried);
        assert!(matches!(opens[..], [Effect::Open { .. }, ..]), "{opens:?}");
    }
    room.tell_student(&ToStudent::Joined { token: TOKEN, challenge: None });
    room.tell();
    assert!(matches!(screen::screen(&room.student), Screen::Waiting { .. }));
}

#[test]
fn what_a_console_shows_while_it_has_no_relay_is_shown_again() {
    let mut room = Room::new();
    let frame = |what| Msg::Teacher(TeacherMsg::FrameShows(what));
    let experiment = find_variant("4a").expect("the lesson is there").experiment();
    let load = LabCommand::Load(experiment).encode();
    update(&mut room.console, frame(FromFrame::Run(Source::Measured, load)));
    update(&mut room.console, frame(FromFrame::Report(b"before".to_vec())));
    let number = room.console.number;
    update(&mut room.console, Msg::Closed(number));
    update(&mut room.console, frame(FromFrame::Report(b"meanwhile".to_vec())));
    update(&mut room.console, frame(FromFrame::Place("4a 2".to_owned())));
    update(&mut room.console, Msg::Retried);
    let told = ToTeacher::Console(ToldConsole::of(&room.class, CONSOLE));
    let shown = |effects: Vec<Effect>| -> Vec<Show> {
        let show = |effect| match effect {
            Effect::Send(message) => match decode(&message) {
                Some(FromTeacher::Show(show)) => show,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        effects.into_iter().map(show).collect()
    };
    let again = shown(receive(&mut room.console, &told));
    let [Show::Run(_), Show::Part(before), Show::Part(meanwhile), Show::Place(place)] = &again[..]
    else {
        panic!("{again:?}")
    };
    assert_eq!((&**before, &**meanwhile, &**place), (&b"before"[..], &b"meanwhile"[..], "4a 2"));
    assert_eq!(shown(receive(&mut room.console, &told)), [], "once");
}

#[test]
fn a_relay_that_says_nothing_when_it_is_asked_is_gone() {
    let mut room = Room::new();
    let number = room.student.number;
    let again = Effect::CheckLater(number, 10_000);
    let check = |room: &mut Room| update(&mut room.student, Msg::Checked(number));
    assert_eq!(check(&mut room), std::slice::from_ref(&again), "something has come");
    let [Effect::Send(ask), later] = &check(&mut room)[..] else { panic!("it asks") };
    assert_eq!((decode(ask), later), (Some(FromStudent::AreYouThere), &again));
    room.tell_student(&ToStudent::Here);
    assert_eq!(check(&mut room), std::slice::from_ref(&again));
    assert_eq!(check(&mut room).len(), 2, "it asks");
    let gone = check(&mut room);
    assert!(matches!(gone[..], [Effect::RetryLater(_)]), "{gone:?}");
    assert!(screen::banner(&room.student).is_some());
    assert_eq!(check(&mut room), [], "another one is opened soon");
    // One that does not even open is given up too.
    update(&mut room.student, Msg::Retried);
    let number = room.student.number;
    let gone = update(&mut room.student, Msg::Checked(number));
    assert!(matches!(gone[..], [Effect::RetryLater(_)]), "{gone:?}");
}
