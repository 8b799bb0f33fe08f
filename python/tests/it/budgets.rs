//! Hostile programs: each ends with a message, soon, and without more memory than it may have.

use std::time::{Duration, Instant};

use framescope_python::{Answer, Budget, Machine, Outcome, Program, Step, Stop, ThreadId};

/// How a program ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Budget(Budget),
    /// Outside of the subset.
    Refused,
    /// The class of the exception.
    Exception(String),
    Exit,
    /// It was not compiled.
    NotCompiled,
}

fn end_of(text: &str) -> End {
    let program =
        Program { file: "hostile.py".to_owned(), text: text.to_owned(), ..Program::default() };
    let Ok(mut machine) = Machine::new(&program) else { return End::NotCompiled };
    let mut threads = vec![ThreadId(0)];
    while machine.outcome().is_none() && !threads.is_empty() {
        let mut index = 0;
        while let Some(thread) = threads.get(index).copied() {
            match machine.resume(thread, Answer::Go) {
                Step::Started(new) => threads.push(new),
                Step::Ended => {
                    threads.remove(index);
                }
                Step::Line(_)
                | Step::Call { .. }
                | Step::Printed(_)
                | Step::Paused
                | Step::Input
                | Step::Waits(_) => index += 1,
            }
        }
    }
    match machine.outcome() {
        Some(Outcome::Exit(_)) | None => End::Exit,
        Some(Outcome::Exception(uncaught)) => End::Exception(uncaught.class.clone()),
        Some(Outcome::Stopped { stop: Stop::Budget(budget), .. }) => End::Budget(*budget),
        Some(Outcome::Stopped { stop: Stop::Refused(_), .. }) => End::Refused,
    }
}

/// A program of a time that nobody waits for would hang the test: this is far above what each needs, in a
/// debug build on a busy machine.
const FAR_TOO_LONG: Duration = Duration::from_mins(1);

fn check(text: &str, expected: &End) {
    let began = Instant::now();
    let found = end_of(text);
    let start: String = text.chars().take(200).collect();
    assert_eq!(&found, expected, "{start}");
    assert!(began.elapsed() < FAR_TOO_LONG, "{:?}: {start}", began.elapsed());
}

#[test]
fn what_needs_too_much_memory_ends_with_its_budget() {
    for text in [
        "b'a' * 10**12",
        "x = 'a' * 10**7\nwhile True: x += x",
        "x = [0]\nwhile True: x = x + x",
        "x = [0]\nwhile True: x += x",
        "x = ()\nwhile True: x += (1, x)",
        "x = []\nwhile True: x.append('abc' * 10)",
        "x = {}\ni = 0\nwhile True:\n    x[i] = i\n    i += 1",
        "x = set()\ni = 0\nwhile True:\n    x.add(i)\n    i += 1",
        "bytes(10**11)",
        "bytearray(10**11)",
        "[[]] * 10**9",
        "(1,) * 10**9",
        "'%999999999d' % 1",
        "f'{1:999999999}'",
        "'x'.ljust(10**10)",
        "'x'.zfill(10**10)",
        "'ab'.replace('', 'x' * 10**6 * 8) * 10",
        "list(range(10**9))",
        "max(i for i in range(10**12))",
        "sum(1 for i in range(10**12))",
        "10**10**9",
        "1 << 10**11",
        "def f():\n    while True: yield 'a' * 1000\nlist(f())",
        "', '.join(['x' * 10**6] * 100)",
        "(10**9).to_bytes(10**12, 'little')",
        "x = bytearray()\nwhile True: x += b'a' * 10**6",
        "class A: pass\nx = []\nwhile True: x.append(A())",
        "x = []\nwhile True: x.append(lambda: 0)",
        "x = []\nwhile True: x.append(Exception('a'))",
        "import struct\nstruct.pack('999999999s', b'')",
    ] {
        check(text, &End::Budget(Budget::Memory));
    }
}

#[test]
fn what_never_ends_ends_with_its_budget() {
    for text in [
        "while True: pass",
        "while 1:\n    for i in range(10): i",
        "for i in range(10**12): pass",
        "x = [1]\nfor i in x:\n    x.append(1)\n    if len(x) > 9: del x[:5]; break\nwhile x: pass",
        "def f():\n    while True: yield 1\nfor i in f(): pass",
        "def f():\n    while True: yield 0\nany(f())",
        "x = 'a' * 10**6\nwhile True: x.find('b' * 1000)",
        "x = list(range(10**5))\nwhile True: x.sort()",
        "x = list(range(10**5))\nwhile True: -1 in x",
        "def f():\n    try:\n        while True: pass\n    except BaseException:\n        f()\nf()",
        "x = b'a' * 10**6\nwhile True: x == b'a' * 10**6",
        "while True:\n    try: raise ValueError\n    except ValueError: pass",
        "x = 10**4000\nwhile True: x * x % 7",
        "x = 3\nwhile True: x = x * x",
        "pow(3, 10**3000, 10**3000)\nwhile True: pass",
    ] {
        check(text, &End::Budget(Budget::OperationsBetweenCalls));
    }
}

#[test]
fn other_budgets_have_their_own_messages() {
    check("while True: print('x' * 1000)", &End::Budget(Budget::Output));
    check(
        "import threading\ne = threading.Event()\nwhile True: threading.Thread(target=e.wait).start()",
        &End::Budget(Budget::Threads),
    );
}

#[test]
fn what_python_ends_ends_as_in_python() {
    let recursion = || End::Exception("RecursionError".to_owned());
    check("def f(): f()\nf()", &recursion());
    check("f = lambda: f()\nf()", &recursion());
    check("x = []\nfor i in range(100000): x = [x]\nprint(x)", &recursion());
    check("x = []\nfor i in range(100000): x = [x]\nx == [x]", &recursion());
    check("x = []\nx.append(x)\nprint(x)", &End::Exit);
    check("x = {}\nx['x'] = x\nprint(x)", &End::Exit);
    check("print(10**5000)", &End::Exception("ValueError".to_owned()));
    check("int('9' * 5000)", &End::Exception("ValueError".to_owned()));
}

#[test]
fn values_that_are_deep_in_each_other_are_dropped() {
    for text in [
        "x = []\nfor i in range(100000): x = [x]",
        "x = ()\nfor i in range(100000): x = (x,)",
        "x = {}\nfor i in range(30000): x = {0: x}",
        "class A: pass\nx = A()\nfor i in range(30000):\n    y = A()\n    y.x = x\n    x = y",
        "x = iter([])\nfor i in range(30000): x = enumerate(x)",
        "x = iter([])\nfor i in range(30000): x = map(len, x)",
        "x = None\nfor i in range(30000): x = slice(x)",
        "def f(g): return lambda: g\nx = 0\nfor i in range(30000): x = f(x)",
        "def f(g):\n    yield g\nx = 0\nfor i in range(10000):\n    x = f(x)\n    next(x)",
        "x = []\nfor i in range(30000): x = [x].append",
        "e = None\nfor i in range(10000):\n    try:\n        try:\n            if e: raise e\n            1/0\n        except Exception as a:\n            raise ValueError(a)\n    except Exception as b:\n        e = b",
        "class A: pass\nfor i in range(5000):\n    class A(A): pass",
        "a = []\nb = [a]\na.append(b)\ndef f(): return f\nclass C: pass\nc = C()\nc.c = c",
    ] {
        check(text, &End::Exit);
    }
}

#[test]
fn a_text_that_nests_too_deep_is_not_compiled() {
    let many = 100_000;
    for text in [
        "(".repeat(many),
        "(".repeat(many) + "1" + &")".repeat(many),
        "[".repeat(many) + &"]".repeat(many),
        "-".repeat(many) + "1",
        "not ".repeat(many) + "1",
        "1+".repeat(many) + "1",
        "a.".repeat(many) + "b",
        "f()".to_owned() + &"()".repeat(many),
        "lambda: ".repeat(many) + "1",
        "1 if 1 else ".repeat(many) + "1",
        "2**".repeat(many) + "2",
        "a".to_owned() + &"[0]".repeat(many),
        (0..many / 100).map(|depth| " ".repeat(depth) + "if 1:\n").collect(),
    ] {
        check(&text, &End::NotCompiled);
    }
}

#[test]
fn a_comprehension_that_keeps_nothing_ends_with_its_budget() {
    for text in [
        "[i for i in range(10**12) if i < 0]",
        "[i for i in range(10**12) for j in () if i]",
        "any(i for i in range(10**12) if i < 0)",
        "{i: i for i in range(10**12) if i > 0 if i < 0}",
    ] {
        check(text, &End::Budget(Budget::OperationsBetweenCalls));
    }
}
