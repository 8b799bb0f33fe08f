//! Programs with a token or a character deleted, inserted, replaced or swapped.

use fastrand::Rng;

use crate::oracle::{Verdict, ours, python};

const PROGRAMS: [&str; 7] = [
    include_str!("programs/many_statements.py"),
    include_str!("programs/01-course-two-ports-server.py"),
    include_str!("programs/08-star-import-server.py"),
    include_str!("programs/10-json-header-server.py"),
    include_str!("programs/11-command-table-server.py"),
    include_str!("programs/13-thread-per-client-server.py"),
    include_str!("programs/14-select-two-clients-server.py"),
];

const TOKENS: &str = "( ) [ ] { } : , = == := . + - * ** / % if else elif for in not and or is def class return \
                      lambda try except finally with as while break continue pass del global nonlocal import from \
                      raise yield await async None True print x 1 0 \"a\" ' f'{x}' f'{ b'é' \\ ; @ -> ! $ ? （ ， “ é \
                      ... <> 0x 1a 007 match case _ #";
const SPACES: [&str; 4] = ["\n", "\n    ", "\t", " "];

fn cases() -> usize {
    std::env::var("FRAMESCOPE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(600)
}

/// Words, spaces, and single characters.
fn split(text: &str) -> Vec<String> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        ' ' => 1,
        _ => 2,
    };
    let mut tokens: Vec<String> = Vec::new();
    let mut before = 2;
    for c in text.chars() {
        match tokens.last_mut() {
            Some(last) if kind(c) == before && before != 2 => last.push(c),
            _ => tokens.push(c.to_string()),
        }
        before = kind(c);
    }
    tokens
}

fn mutated(rng: &mut Rng, text: &str) -> String {
    let pool: Vec<&str> = TOKENS.split_whitespace().chain(SPACES).collect();
    let mut tokens = split(text);
    for _ in 0..rng.usize(1..3) {
        let at = rng.usize(..tokens.len());
        match rng.u8(..5) {
            0 => {
                tokens.remove(at);
            }
            1 => tokens.insert(at, pool[rng.usize(..pool.len())].to_owned()),
            2 => pool[rng.usize(..pool.len())].clone_into(&mut tokens[at]),
            3 => {
                let other = rng.usize(..tokens.len());
                tokens.swap(at, other);
            }
            _ => {
                let mut letters: Vec<char> = tokens[at].chars().collect();
                letters.remove(rng.usize(..letters.len()));
                tokens[at] = letters.into_iter().collect();
            }
        }
        tokens.retain(|token| !token.is_empty());
        if tokens.is_empty() {
            tokens.push("x".to_owned());
        }
    }
    tokens.concat()
}

#[test]
fn what_cpython_rejects_is_rejected_at_the_same_line_and_nearly_always_with_the_same_words() {
    let mut rng = Rng::with_seed(11);
    let mut texts = Vec::new();
    for _ in 0..cases() {
        let program = PROGRAMS[rng.usize(..PROGRAMS.len())];
        texts.push(mutated(&mut rng, program));
    }
    let (mut rejected, mut same) = (0, 0);
    for (text, expected) in texts.iter().zip(python(&texts)) {
        let verdict = ours(text);
        let Some(expected) = expected else {
            assert!(
                !matches!(verdict, Verdict::Wrong(_)),
                "{verdict:?}, and python3 accepts\n{text}"
            );
            continue;
        };
        rejected += 1;
        let Verdict::Wrong(error) = verdict else {
            panic!("{verdict:?}, and python3 says {expected:?}\n{text}");
        };
        assert_eq!(error.2, expected.2, "{error:?} and {expected:?}\n{text}");
        if error == expected.clone().clamped() {
            same += 1;
        } else {
            println!("here {error:?}, python3 {expected:?}\n{text}\n---");
        }
    }
    println!("{same} of {rejected} errors are the same");
    assert!(rejected > texts.len() / 2);
    assert!(same * 100 >= rejected * 98, "{same} of {rejected}");
}
