//! What holds of a class in any order of what happens: joins, bets, phases, take-overs, and any of it again.

use framescope_challenge::{Case, Failure, Reason};
use framescope_class::{
    Answer, Class, Command, ConsoleId, Counts, Entry, Export, Key, Kind, MAX_PEOPLE, Measured,
    Name, Own, ParticipantId, Phase, Question, Refused, Show, Token, Told, ToldConsole,
    ToldProjector, Tried, Vote,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const TEACHER: ConsoleId = ConsoleId(1);

fn token(number: u8) -> Token {
    Token([number; 16])
}

fn lesson() -> Question {
    Question::Lesson { variant: "4c".to_owned(), choices: 3 }
}

fn ask(depends: Option<u8>) -> Entry {
    Entry::Ask(TEACHER, lesson(), Key::Measured { depends })
}

fn command(command: Command) -> Entry {
    Entry::Command(TEACHER, command)
}

fn bet(participant: u8, question: u32, vote: Vote, number: u64, choice: u8) -> Entry {
    let answer = Answer::Choice(choice);
    Entry::Bet { token: token(participant), question, vote, number, answer }
}

fn failure() -> Failure {
    let (expected, came) = (b"hello".to_vec(), b"hel".to_vec());
    Failure { reason: Reason::ClosedEarly, at: 3, expected, came, message: Some(1), cuts: vec![2] }
}

fn vote() -> impl Strategy<Value = Vote> {
    prop_oneof![Just(Vote::First), Just(Vote::Second)]
}

/// Anything that can happen, among few participants, consoles and questions, so that it often concerns the same.
fn entry() -> impl Strategy<Value = Entry> {
    let joins = (0..4_u8, proptest::option::of("[a-z]{1,3}")).prop_map(|(who, name)| Entry::Join {
        token: token(who),
        name: name.map(|name| Name::new(&name).expect("letters are a name")),
    });
    let bets = (0..4_u8, 0..3_u32, vote(), 0..4_u64, 0..4_u8)
        .prop_map(|(who, question, vote, number, choice)| bet(who, question, vote, number, choice));
    let commands = prop_oneof![
        4 => Just(Command::Close),
        2 => Just(Command::VoteAgain),
        3 => Just(Command::Reveal),
        1 => Just(Command::PutAway),
        1 => (0..4_u32).prop_map(|id| Command::Hide(ParticipantId(id))),
        1 => (0..4_u32).prop_map(|id| Command::Unhide(ParticipantId(id))),
        1 => any::<bool>().prop_map(Command::ShowBoard),
    ];
    let commands =
        (1..3_u64, commands).prop_map(|(who, command)| Entry::Command(ConsoleId(who), command));
    let asks = (1..3_u64)
        .prop_map(|who| Entry::Ask(ConsoleId(who), lesson(), Key::Measured { depends: Some(2) }));
    let measured = (0..3_u32, vec(0..3_u32, 3), 0..3_u32).prop_map(|(question, runs, other)| {
        Entry::Measured { question, measured: Measured { runs, other } }
    });
    let verdicts = (0..4_u32, select(Case::ALL.to_vec()), any::<u64>(), any::<bool>()).prop_map(
        |(who, case, seed, is_passed)| {
            let failure = (!is_passed).then(failure);
            Entry::Tried(ParticipantId(who), Tried { case, seed, failure })
        },
    );
    let enters = (1..3_u64, proptest::option::of(1..3_u64)).prop_map(|(console, before)| {
        Entry::Enter { console: ConsoleId(console), before: before.map(ConsoleId) }
    });
    let shows = (1..3_u64, select(vec![Show::Run(vec![1]), Show::Part(vec![2])]))
        .prop_map(|(who, show)| Entry::Show(ConsoleId(who), show));
    prop_oneof![
        3 => joins,
        8 => bets,
        6 => commands,
        2 => asks,
        2 => measured,
        1 => verdicts,
        1 => (1..3_u64).prop_map(|who| Entry::TakeOver(ConsoleId(who))),
        1 => enters,
        1 => shows,
    ]
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    // The teacher is in charge, and three have joined: otherwise most entries are refused.
    vec(entry(), 0..60).prop_map(|entries| {
        let begin = [Entry::TakeOver(TEACHER), ask(Some(2))].into_iter();
        let join = |who| Entry::Join { token: token(who), name: None };
        begin.chain([0, 1, 2].map(join)).chain(entries).collect()
    })
}

fn played(entries: &[Entry]) -> Class {
    let mut class = Class::new();
    for entry in entries {
        let _ = class.apply(entry.clone());
    }
    class
}

/// The phases through which the question on screen went, with its number and vote.
fn phase(class: &Class) -> Option<(u32, Vote, Phase)> {
    Told::of(class).question.map(|told| (told.number, told.vote, told.phase))
}

proptest! {
    /// Before the reveal, what anybody but the console is told does not depend on what others bet, on what was measured, or
    /// on what is right.
    #[test]
    fn nothing_of_the_answer_is_told_before_the_reveal(entries in entries(), shift in 1..3_u8) {
        let mut class = Class::new();
        let mut other = Class::new();
        for entry in &entries {
            // In the other class everybody bets something else, nothing is measured, and something else is right.
            let changed = if let Entry::Bet { answer: Answer::Choice(choice), .. } = entry
                && *choice < 3
            {
                let mut changed = entry.clone();
                if let Entry::Bet { answer, .. } = &mut changed {
                    *answer = Answer::Choice((choice + shift) % 3);
                }
                Some(changed)
            } else if let Entry::Ask(who, question, _) = entry {
                Some(Entry::Ask(*who, question.clone(), Key::None))
            } else {
                Some(entry.clone()).filter(|entry| !matches!(entry, Entry::Measured { .. }))
            };
            let _ = class.apply(entry.clone());
            if let Some(changed) = changed {
                let _ = other.apply(changed);
            }
            let Some((_, _, phase)) = phase(&class) else { continue };
            if phase == Phase::Revealed {
                continue;
            }
            let told = Told::of(&class);
            prop_assert_eq!(told.question.as_ref().and_then(|question| question.result.as_ref()), None);
            prop_assert_eq!(told, Told::of(&other));
            prop_assert_eq!(Counts::of(&class), Counts::of(&other));
            prop_assert_eq!(ToldProjector::of(&class), ToldProjector::of(&other));
            prop_assert!(class.followed().is_none());
        }
    }

    #[test]
    fn an_entry_that_is_refused_changes_nothing(entries in entries()) {
        let mut class = Class::new();
        for entry in entries {
            let before = class.clone();
            if class.apply(entry).is_err() {
                prop_assert_eq!(&class, &before);
            }
        }
    }

    /// A bet that was taken and comes again, at once or at any time later, changes nothing.
    #[test]
    fn a_bet_that_comes_again_changes_nothing(entries in entries()) {
        let mut class = Class::new();
        let mut taken: Vec<Entry> = Vec::new();
        for entry in entries {
            let is_bet = matches!(entry, Entry::Bet { .. });
            if class.apply(entry.clone()).is_ok() && is_bet {
                taken.push(entry);
            }
            for bet in &taken {
                let before = class.clone();
                let _ = class.apply(bet.clone());
                prop_assert_eq!(&class, &before);
            }
        }
    }

    #[test]
    fn a_question_goes_from_phase_to_phase_and_never_back(entries in entries()) {
        let mut class = Class::new();
        let mut last = None;
        for entry in entries {
            let _ = class.apply(entry);
            let now = phase(&class);
            let order = |phase| match phase {
                Phase::Open => 0,
                Phase::Closed => 1,
                Phase::Revealed => 2,
            };
            if let (Some((number, vote, from)), Some((new, new_vote, to))) = (last, now) {
                let steps = order(to) - order(from);
                let is_same = (number, vote) == (new, new_vote);
                let is_again = number == new && vote < new_vote && (from, to) == (Phase::Closed, Phase::Open);
                let is_next = new == number + 1 && (to, new_vote) == (Phase::Open, Vote::First);
                prop_assert!(is_same && (0..=1).contains(&steps) || is_again || is_next);
            }
            last = now.or(last);
        }
    }

    /// All relays of a class have the same one, because they apply the same entries. Here: encoded and read again.
    #[test]
    fn the_same_entries_make_the_same_class(entries in entries()) {
        let copies = entries.iter().map(|entry| {
            let bytes = postcard::to_allocvec(entry).expect("each entry can be encoded");
            postcard::from_bytes(&bytes).expect("and read")
        });
        prop_assert_eq!(played(&copies.collect::<Vec<_>>()), played(&entries));
    }

    #[test]
    fn no_vote_has_more_bets_than_participants(entries in entries()) {
        let class = played(&entries);
        let Counts { joined, voted } = Counts::of(&class);
        prop_assert!(voted <= joined);
        let console = ToldConsole::of(&class, TEACHER);
        prop_assert_eq!(console.tally.map_or(0, |tally| tally.total()), voted);
        let have_bet = console.people.iter().filter(|person| person.has_bet).count();
        prop_assert_eq!(u32::try_from(have_bet), Ok(voted));
    }
}

/// A class with a teacher and this many participants.
fn class_of(participants: u8) -> Class {
    let mut class = Class::new();
    class.apply(Entry::TakeOver(TEACHER)).expect("anybody may take over");
    for who in 0..participants {
        class.apply(Entry::Join { token: token(who), name: None }).expect("there is space");
    }
    class
}

fn apply(class: &mut Class, entries: impl IntoIterator<Item = Entry>) {
    for entry in entries {
        class.apply(entry.clone()).unwrap_or_else(|refused| panic!("{entry:?}: {refused}"));
    }
}

#[test]
fn a_question_is_voted_on_twice_and_both_votes_are_shown_beside_what_was_measured() {
    let mut class = class_of(4);
    apply(&mut class, [ask(Some(2))]);
    apply(
        &mut class,
        [0, 0, 1, 2].into_iter().enumerate().map(|(who, choice)| {
            bet(u8::try_from(who).expect("it is small"), 0, Vote::First, 1, choice)
        }),
    );
    let measured = Measured { runs: vec![61, 39, 0], other: 1 };
    apply(&mut class, [Entry::Measured { question: 0, measured: measured.clone() }]);
    assert_eq!(
        ToldConsole::of(&class, TEACHER).result,
        None,
        "the console too is told when it is closed"
    );
    apply(&mut class, [command(Command::Close)]);
    let advice =
        ToldConsole::of(&class, TEACHER).advice.expect("there is a share of right answers");
    assert_eq!((advice.right, advice.next), (0.25, framescope_class::Next::Explain));
    apply(&mut class, [command(Command::VoteAgain)]);
    let late = class.apply(bet(3, 0, Vote::First, 9, 2));
    assert_eq!(late, Err(Refused::NotOpen), "the first vote is over");
    apply(&mut class, (0..3).map(|who| bet(who, 0, Vote::Second, 2, 2)));
    apply(&mut class, [command(Command::Close), command(Command::Reveal)]);
    let outcome = Told::of(&class).question.and_then(|told| told.result).expect("it is revealed");
    let counts =
        |tally: framescope_class::Tally| tally.counts.iter().map(|one| one.1).collect::<Vec<_>>();
    assert_eq!(counts(outcome.first), [2, 1, 1]);
    assert_eq!(outcome.second.map(counts), Some(vec![0, 0, 3]));
    assert_eq!((outcome.measured, outcome.right), (Some(measured), Some(Answer::Choice(2))));
    assert_eq!(class.apply(command(Command::VoteAgain)), Err(Refused::Phase));
}

#[test]
fn the_last_bet_counts_and_one_that_comes_late_does_not() {
    let mut class = class_of(1);
    apply(&mut class, [ask(None), bet(0, 0, Vote::First, 1, 0), bet(0, 0, Vote::First, 2, 1)]);
    assert_eq!(class.apply(bet(0, 0, Vote::First, 1, 0)), Err(Refused::Late));
    let own = Own::of(&class, ParticipantId(0)).expect("it has joined");
    assert_eq!((own.bets, own.last_number), ([Some(Answer::Choice(1)), None], 2));
    assert_eq!(class.apply(bet(0, 0, Vote::First, 3, 3)), Err(Refused::NoAnswer));
    assert_eq!(class.apply(bet(7, 0, Vote::First, 1, 0)), Err(Refused::Unknown));
}

#[test]
fn who_follows_sees_nothing_of_the_teacher_s_page_until_the_reveal() {
    let mut class = class_of(0);
    class
        .apply(Entry::Show(TEACHER, Show::Place("lesson=4c".to_owned())))
        .expect("the teacher is in charge");
    class
        .apply(Entry::Show(TEACHER, Show::Run(b"begin".to_vec())))
        .expect("the teacher is in charge");
    assert_eq!(class.followed().map(|shown| shown.parts.len()), Some(1));
    apply(&mut class, [ask(None)]);
    class
        .apply(Entry::Show(TEACHER, Show::Part(b"answer".to_vec())))
        .expect("the teacher is in charge");
    assert_eq!(class.followed(), None);
    apply(&mut class, [command(Command::Close)]);
    assert_eq!(class.followed(), None);
    apply(&mut class, [command(Command::Reveal)]);
    assert_eq!(class.followed().map(|shown| shown.parts.len()), Some(2));
}

#[test]
fn a_console_that_takes_over_is_alone_in_charge() {
    let mut class = class_of(0);
    let second = ConsoleId(2);
    assert_eq!(
        class.apply(Entry::Command(second, Command::ShowBoard(true))),
        Err(Refused::NotInCharge)
    );
    apply(&mut class, [Entry::TakeOver(second)]);
    assert!(!ToldConsole::of(&class, TEACHER).is_in_charge);
    assert_eq!(class.apply(ask(None)), Err(Refused::NotInCharge));
    assert_eq!(
        class.apply(Entry::Show(TEACHER, Show::Place(String::new()))),
        Err(Refused::NotInCharge)
    );
}

#[test]
fn a_hidden_name_is_on_no_board_and_cannot_be_replaced_by_its_owner() {
    let mut class = Class::new();
    let named = |name: &str| Entry::Join { token: token(0), name: Name::new(name).ok() };
    apply(&mut class, [Entry::TakeOver(TEACHER), named("rude"), command(Command::ShowBoard(true))]);
    let tried = Tried { case: Case::Stuck, seed: 7, failure: None };
    apply(&mut class, [Entry::Tried(ParticipantId(0), tried)]);
    apply(&mut class, [command(Command::Hide(ParticipantId(0))), named("ruder")]);
    let board = ToldProjector::of(&class).board.expect("it is shown");
    assert_eq!((board[0].name.as_ref(), &board[0].cases[..]), (None, &[(Case::Stuck, true)][..]));
    let own = Own::of(&class, ParticipantId(0)).expect("it has joined");
    assert_eq!(own.name.as_ref().map(Name::as_str), Some("rude"));
}

#[test]
fn a_program_tries_what_it_has_not_passed_and_what_is_passed_stays_so() {
    let mut class = class_of(2);
    let [one, other] = [0, 1].map(ParticipantId);
    let tried = |who, case, failure| Entry::Tried(who, Tried { case, seed: 1, failure });
    assert_eq!(class.next_case(one, None), Some(Case::Alone));
    apply(
        &mut class,
        [
            tried(one, Case::Alone, None),
            tried(one, Case::Stuck, Some(failure())),
            tried(one, Case::HeaderInPieces, None),
            tried(one, Case::HeaderInPieces, Some(failure())),
        ],
    );
    assert_eq!(class.next_case(one, None), Some(Case::Stuck));
    assert_eq!(class.next_case(one, Some(Case::Stuck)), Some(Case::ByteByByte));
    assert_eq!(class.next_case(one, Some(Case::EndInTheMiddle)), None, "the round is over");
    assert_eq!(class.next_case(other, None), Some(Case::Alone), "others have their own");
    let nobody = tried(ParticipantId(2), Case::Alone, None);
    assert_eq!(class.apply(nobody), Err(Refused::NoParticipant));
    let board = ToldConsole::of(&class, TEACHER).board;
    let cases = [(Case::Alone, true), (Case::Stuck, false), (Case::HeaderInPieces, true)];
    assert_eq!((board.len(), &board[0].cases[..]), (1, &cases[..]));
    assert_eq!(ToldProjector::of(&class).board, None, "a class may not want it to be seen");
}

#[test]
fn orders_and_numbers_are_counted_from_the_most_frequent_on() {
    let mut class = class_of(20);
    let kind = Kind::Order(vec!["recv(4)".to_owned(), "unpack".to_owned(), "recv(n)".to_owned()]);
    let question = Question::Own { text: "In which order?".to_owned(), kind };
    let right = Answer::Order(vec![0, 1, 2]);
    apply(&mut class, [Entry::Ask(TEACHER, question, Key::Answer(right.clone()))]);
    let order = |who, order: &[u8]| Entry::Bet {
        token: token(who),
        question: 0,
        vote: Vote::First,
        number: 1,
        answer: Answer::Order(order.to_vec()),
    };
    apply(&mut class, [order(0, &[2, 1, 0]), order(1, &[0, 1, 2]), order(2, &[0, 1, 2])]);
    for wrong in [&[0, 1][..], &[0, 1, 1], &[0, 1, 3], &[0, 1, 2, 3]] {
        assert_eq!(class.apply(order(3, wrong)), Err(Refused::NoAnswer), "{wrong:?}");
    }
    apply(&mut class, [command(Command::Close)]);
    let told = ToldConsole::of(&class, TEACHER);
    let first = told.tally.and_then(|tally| tally.counts.first().cloned());
    assert_eq!(first, Some((right.clone(), 2)));
    assert_eq!(told.result.and_then(|result| result.right), Some(right));

    let number = Question::Own { text: "How many?".to_owned(), kind: Kind::Number };
    let asked = Entry::Ask(TEACHER, number, Key::Answer(Answer::Number(3)));
    apply(&mut class, [command(Command::Reveal), asked]);
    apply(
        &mut class,
        (0..20).map(|who| Entry::Bet {
            token: token(who),
            question: 1,
            vote: Vote::First,
            number: 1,
            answer: Answer::Number(i64::from(who)),
        }),
    );
    let tally = ToldConsole::of(&class, TEACHER).tally.expect("it is open");
    assert_eq!((tally.counts.len(), tally.other, tally.total()), (12, 8, 20));
}

#[test]
fn what_is_kept_has_both_votes_and_names_only_if_asked_for() {
    let mut class = class_of(1);
    let named = Entry::Join { token: token(1), name: Name::new("=Mia").ok() };
    apply(
        &mut class,
        [named, ask(None), bet(0, 0, Vote::First, 1, 0), bet(1, 0, Vote::First, 1, 1)],
    );
    apply(&mut class, [command(Command::Close), command(Command::VoteAgain)]);
    apply(&mut class, [bet(1, 0, Vote::Second, 1, 0)]);
    let measured = Measured { runs: vec![5, 0, 0], other: 0 };
    apply(&mut class, [Entry::Measured { question: 0, measured }]);
    let tried = Tried { case: Case::HeaderInPieces, seed: 9, failure: Some(failure()) };
    apply(&mut class, [Entry::Tried(ParticipantId(1), tried)]);
    let rows = |with_names| {
        let table = Export::of(&class, with_names).csv();
        table.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        rows(true),
        [
            "\u{feff}participant,name,about,first,second,right",
            "1,,question 1: lesson 4c,1,,yes",
            "2,'=Mia,question 1: lesson 4c,2,1,yes",
            "2,'=Mia,\"case 3, seed 9\",,,no",
        ]
    );
    assert!(rows(false).iter().all(|row| !row.contains("Mia")));
}

#[test]
fn where_the_kernels_decide_it_depends_even_if_all_runs_were_alike() {
    let mut class = class_of(1);
    let measured = Measured { runs: vec![200, 0, 0], other: 0 };
    apply(&mut class, [ask(Some(2)), Entry::Measured { question: 0, measured: measured.clone() }]);
    apply(&mut class, [command(Command::Close), command(Command::Reveal)]);
    let right = |class: &Class| {
        let question = Told::of(class).question.expect("it is on screen");
        question.result.and_then(|result| result.right)
    };
    assert_eq!(right(&class), Some(Answer::Choice(2)));
    apply(&mut class, [ask(None), Entry::Measured { question: 1, measured }]);
    apply(&mut class, [command(Command::Close), command(Command::Reveal)]);
    assert_eq!(right(&class), Some(Answer::Choice(0)), "else the most frequent outcome is");
}

#[test]
fn a_console_lists_those_who_have_joined_last() {
    let mut class = Class::new();
    let all = u32::try_from(MAX_PEOPLE).expect("it is small") + 5;
    for number in 0..all {
        let mut token = [0; 16];
        token[..4].copy_from_slice(&number.to_le_bytes());
        apply(&mut class, [Entry::Join { token: Token(token), name: None }]);
    }
    let told = ToldConsole::of(&class, TEACHER);
    assert_eq!((told.counts.joined, told.people.len()), (all, MAX_PEOPLE));
    assert_eq!(told.people.first().map(|person| person.id), Some(ParticipantId(5)));
    assert_eq!(told.people.last().map(|person| person.id), Some(ParticipantId(all - 1)));
}

#[test]
fn a_console_that_enters_again_stays_in_charge_and_a_copy_takes_its_place() {
    let mut class = Class::new();
    let enter = |console, before: Option<u64>| Entry::Enter {
        console: ConsoleId(console),
        before: before.map(ConsoleId),
    };
    apply(&mut class, [enter(7, None), enter(7, None), enter(8, None)]);
    assert_eq!(class.console(), Some(ConsoleId(7)), "another one takes no charge by entering");
    apply(&mut class, [enter(9, Some(7)), enter(7, Some(6))]);
    assert_eq!(class.console(), Some(ConsoleId(9)), "its later copy does");
}
